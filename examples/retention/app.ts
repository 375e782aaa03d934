/**
 * A team takes its grown repository `shop/api` into a stack and gives it retention.
 *
 * The careless variant keeps "the last 100 images": the image that production still runs is older than that. The corrected one says first what
 * must stay.
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { ExistingRepository, LifecycleRule, Repository } from 'cdk-drydock';

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
  new Repository(stack, 'Api', {
    repositoryName: 'shop/api',
    existing: ExistingRepository.ADOPT,
    imageScanOnPush: true,
    lifecycleRules: variant === 'careless' ? careless : corrected,
  });
  return app;
}

if (require.main === module) {
  const [variant, outdir] = process.argv.slice(2);
  retention(variant, outdir).synth();
}
