"""A team takes its grown repository ``shop/api`` into a stack, gives it retention, and lets the staging account pull.

The careless variant keeps "the last 100 images": the image that production still runs is older than that. The corrected one says first what must stay.
"""
from aws_cdk import App, CfnOutput, Duration, Environment, Stack, aws_iam as iam
from cdk_drydock import ExistingRepository, LifecycleRule, PreviewGate, Repository

CARELESS = [
    LifecycleRule(description="keep the last 100 images", max_image_count=100),
]

CORRECTED = [
    LifecycleRule(description="what runs", tag_pattern_list=["production"], protect=True),
    LifecycleRule(description="supported releases", tag_pattern_list=["*.*.*"], max_image_count=150),
    LifecycleRule(description="leftovers of builds", tag_pattern_list=["build-*"], max_image_age=Duration.days(180)),
]

app = App()
variant = app.node.try_get_context("variant") or "corrected"
stack = Stack(app, "Shop", env=Environment(account="123456789012", region="us-east-1"))
repository = Repository(
    stack,
    "Api",
    repository_name="shop/api",
    existing=ExistingRepository.ADOPT,
    image_scan_on_push=True,
    lifecycle_rules=CARELESS if variant == "careless" else CORRECTED,
    preview_gate=PreviewGate.of(max_expiring_images=300, protect_pulled_within=Duration.days(30)),
)
repository.add_to_resource_policy(
    iam.PolicyStatement(
        sid="StagingPulls",
        principals=[iam.AccountPrincipal("210987654321")],
        actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    )
)
CfnOutput(stack, "RepositoryUri", value=repository.repository_uri)
app.synth()
