using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdkDrydock;

namespace Shop;

/// <summary>
/// A team takes its grown repository <c>shop/api</c> into a stack, gives it retention, and lets the staging account pull.
/// </summary>
/// <remarks>
/// The careless variant keeps "the last 100 images": the image that production still runs is older than that. The corrected one says first what must stay.
/// </remarks>
internal static class Program
{
    private static ILifecycleRule[] Rules(object variant) => "careless".Equals(variant)
        ?
        [
            new LifecycleRule { Description = "keep the last 100 images", MaxImageCount = 100 },
        ]
        :
        [
            new LifecycleRule { Description = "what runs", TagPatternList = ["production"], Protect = true },
            new LifecycleRule { Description = "supported releases", TagPatternList = ["*.*.*"], MaxImageCount = 150 },
            new LifecycleRule { Description = "leftovers of builds", TagPatternList = ["build-*"], MaxImageAge = Duration.Days(180) },
        ];

    public static void Main()
    {
        var app = new App();
        var stack = new Stack(app, "Shop", new StackProps
        {
            Env = new Amazon.CDK.Environment { Account = "123456789012", Region = "us-east-1" },
        });
        var repository = new Repository(stack, "Api", new RepositoryProps
        {
            RepositoryName = "shop/api",
            Existing = ExistingRepository.ADOPT,
            ImageScanOnPush = true,
            LifecycleRules = Rules(app.Node.TryGetContext("variant")),
            PreviewGate = PreviewGate.Of(new PreviewGateOptions
            {
                MaxExpiringImages = 300,
                ProtectPulledWithin = Duration.Days(30),
            }),
        });
        repository.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Sid = "StagingPulls",
            Principals = [new AccountPrincipal("210987654321")],
            Actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        }));
        _ = new CfnOutput(stack, "RepositoryUri", new CfnOutputProps { Value = repository.RepositoryUri });
        app.Synth();
    }
}
