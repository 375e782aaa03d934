/**
 * A team takes its grown repository `shop/api` into a stack, gives it retention, and lets the staging account pull.
 *
 * The careless variant keeps "the last 100 images": the image that production still runs is older than that. The corrected one says first what
 * must stay.
 */
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ExistingRepository, LifecycleRule, PreviewGate, Repository } from 'cdk-drydock';

const careless: LifecycleRule[] = [
  { description: 'keep the last 100 images', maxImageCount: 100 },
];

const corrected: LifecycleRule[] = [
  { description: 'what runs', tagPatternList: ['production'], protect: true },
  { description: 'supported releases', tagPatternList: ['*.*.*'], maxImageCount: 150 },
  { description: 'leftovers of builds', tagPatternList: ['build-*'], maxImageAge: Duration.days(180) },
];

export function retention(chosen?: string, outdir?: string): App {
  const app = new App({ outdir });
  const variant = chosen ?? app.node.tryGetContext('variant') ?? 'corrected';
  const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  const repository = new Repository(stack, 'Api', {
    repositoryName: 'shop/api',
    existing: ExistingRepository.ADOPT,
    imageScanOnPush: true,
    lifecycleRules: variant === 'careless' ? careless : corrected,
    previewGate: PreviewGate.of({ maxExpiringImages: 300, protectPulledWithin: Duration.days(30) }),
  });
  repository.addToResourcePolicy(new PolicyStatement({
    sid: 'StagingPulls',
    principals: [new AccountPrincipal('210987654321')],
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  }));
  new CfnOutput(stack, 'RepositoryUri', { value: repository.repositoryUri });
  return app;
}

if (require.main === module) {
  const [variant, outdir] = process.argv.slice(2);
  retention(variant, outdir).synth();
}
