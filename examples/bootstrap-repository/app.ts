/**
 * The repository that `cdk bootstrap` made for image assets grows without end, and no stack of the app owns it. The app gives it retention all the same.
 *
 * The careless variant expires what is older than 30 days, and with it the image of a service that was last deployed months ago. The corrected one
 * archives what nobody pulled for 90 days: an archived image comes back.
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { TagStatus } from 'aws-cdk-lib/aws-ecr';
import { LifecyclePolicy, LifecycleRule, Repository } from 'cdk-drydock';

const careless: LifecycleRule[] = [
  { description: 'old assets', maxImageAge: Duration.days(30) },
];

const corrected: LifecycleRule[] = [
  { description: 'assets that nothing pulls any more', maxTimeSinceLastPull: Duration.days(90) },
  { description: 'a year in the archive is enough', tagStatus: TagStatus.ANY, maxTimeInArchive: Duration.days(365) },
];

export function bootstrapRepository(chosen?: string, outdir?: string): App {
  const app = new App({ outdir });
  const variant = chosen ?? app.node.tryGetContext('variant') ?? 'corrected';
  const stack = new Stack(app, 'AssetRetention', { env: { account: '123456789012', region: 'us-east-1' } });
  const repository = Repository.fromRepositoryName(
    stack, 'Assets', `cdk-hnb659fds-container-assets-${stack.account}-${stack.region}`,
  );
  new LifecyclePolicy(stack, 'Retention', { repository, rules: variant === 'careless' ? careless : corrected });
  return app;
}

if (require.main === module) {
  const [variant, outdir] = process.argv.slice(2);
  bootstrapRepository(variant, outdir).synth();
}
