// A team takes its grown repository shop/api into a stack, gives it retention, and lets the staging account pull.
//
// The careless variant keeps "the last 100 images": the image that production still runs is older than that. The corrected one says first what must stay.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-drydock/cdk-drydock-go/cdkdrydock"
)

func rules(variant interface{}) *[]*cdkdrydock.LifecycleRule {
	if variant == "careless" {
		return &[]*cdkdrydock.LifecycleRule{
			{Description: jsii.String("keep the last 100 images"), MaxImageCount: jsii.Number(100)},
		}
	}
	return &[]*cdkdrydock.LifecycleRule{
		{Description: jsii.String("what runs"), TagPatternList: jsii.Strings("production"), Protect: jsii.Bool(true)},
		{Description: jsii.String("supported releases"), TagPatternList: jsii.Strings("*.*.*"), MaxImageCount: jsii.Number(150)},
		{
			Description:    jsii.String("leftovers of builds"),
			TagPatternList: jsii.Strings("build-*"),
			MaxImageAge:    awscdk.Duration_Days(jsii.Number(180)),
		},
	}
}

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("123456789012"), Region: jsii.String("us-east-1")},
	})
	repository := cdkdrydock.NewRepository(stack, jsii.String("Api"), &cdkdrydock.RepositoryProps{
		RepositoryName:  jsii.String("shop/api"),
		Existing:        cdkdrydock.ExistingRepository_ADOPT,
		ImageScanOnPush: jsii.Bool(true),
		LifecycleRules:  rules(app.Node().TryGetContext(jsii.String("variant"))),
		PreviewGate: cdkdrydock.PreviewGate_Of(&cdkdrydock.PreviewGateOptions{
			MaxExpiringImages:   jsii.Number(300),
			ProtectPulledWithin: awscdk.Duration_Days(jsii.Number(30)),
		}),
	})
	repository.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("StagingPulls"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAccountPrincipal("210987654321")},
		Actions:    jsii.Strings("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
	}))
	awscdk.NewCfnOutput(stack, jsii.String("RepositoryUri"), &awscdk.CfnOutputProps{Value: repository.RepositoryUri()})
	app.Synth(nil)
}
