/**
 * A plain app with the L2 repository. The one line with `PreviewGate` is all that cdk-drydock adds.
 *
 * `first` is how the app was deployed; `careless` changes the rules so that the production image goes; `corrected` does what was meant. Both changes also add
 * a new repository.
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { PreviewGate } from 'cdk-drydock';

const rules: Record<string, ecr.LifecycleRule[]> = {
  first: [{ description: 'leftovers of builds', tagPatternList: ['build-*'], maxImageAge: Duration.days(365) }],
  careless: [{ description: 'keep the last 100 images', maxImageCount: 100 }],
  corrected: [{ description: 'leftovers of builds', tagPatternList: ['build-*'], maxImageAge: Duration.days(240) }],
};

export function gateNative(chosen?: string, outdir?: string): App {
  const app = new App({ outdir });
  const variant = chosen ?? app.node.tryGetContext('variant') ?? 'first';
  const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  new ecr.Repository(stack, 'Api', { repositoryName: 'shop/api', lifecycleRules: rules[variant] });
  if (variant !== 'first') {
    new ecr.Repository(stack, 'Worker', { lifecycleRules: [{ maxImageCount: 50 }] });
  }
  PreviewGate.protect(app); // the one line
  return app;
}

if (require.main === module) {
  const [variant, outdir] = process.argv.slice(2);
  gateNative(variant, outdir).synth();
}
