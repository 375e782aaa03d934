/**
 * A release gives the tag `prod` to what `candidate` stands for when it is deployed, runs it, and then clears away what pull requests have left: images for two
 * architectures, as CI pushes them.
 *
 * The variants: a first release that only shows what it would delete, a second one that deletes, and a third one that fails and is rolled back.
 */
import { App, aws_ecs as ecs, CfnOutput, Stack } from 'aws-cdk-lib';
import { CleanupMode, ImageCleanup, ImageSelection, ImageTag, Refresh, Repository } from 'cdk-drydock';

export function promotion(chosen?: string, outdir?: string): App {
  const app = new App({ outdir });
  const release = chosen ?? app.node.tryGetContext('release') ?? 'first';
  const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  const refresh = Refresh.onChange(release);
  const repository = Repository.fromRepositoryName(stack, 'Repository', 'shop/web');

  const prod = new ImageTag(stack, 'Prod', { repository, imageTag: 'prod', sourceImageTag: 'candidate', refresh });
  const task = new ecs.FargateTaskDefinition(stack, 'Task');
  task.addContainer('Web', { image: ecs.ContainerImage.fromEcrRepository(repository, prod.imageDigest) });

  const cleanup = new ImageCleanup(stack, 'PullRequests', {
    repository,
    selections: [ImageSelection.tagsMatching(['pr-*'])],
    mode: release === 'first' ? CleanupMode.DRY_RUN : CleanupMode.DELETE,
    refresh,
  });
  cleanup.node.addDependency(task);

  new CfnOutput(stack, 'ProdDigest', { value: prod.imageDigest });
  new CfnOutput(stack, 'DigestBefore', { value: prod.previousDigest });
  new CfnOutput(stack, 'Cleaned', { value: cleanup.summary });
  return app;
}

if (require.main === module) {
  const [release, outdir] = process.argv.slice(2);
  promotion(release, outdir).synth();
}
