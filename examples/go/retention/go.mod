module example.com/shop/retention

go 1.25

require (
	github.com/aws/aws-cdk-go/awscdk/v2 v2.257.0
	github.com/aws/jsii-runtime-go v1.140.0
	github.com/cdk-drydock/cdk-drydock-go/cdkdrydock v0.0.0
)
