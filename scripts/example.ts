/** Synthesizes every variant of an example into .demo/<variant>; one that tells a story deploys them, too. */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { App } from 'aws-cdk-lib';
import { access } from '../examples/access/app';
import { bootstrapRepository } from '../examples/bootstrap-repository/app';
import { gateNative } from '../examples/gate-native/app';
import { pinImage } from '../examples/pin-image/app';
import { pinImageStory } from '../examples/pin-image/story';
import { promotion } from '../examples/promotion/app';
import { promotionStory } from '../examples/promotion/story';
import { retention } from '../examples/typescript/retention/app';

interface Example {
  readonly build: (variant: string, outdir: string) => App;
  readonly variants: readonly string[];
  readonly story?: (work: string, print: (line: string) => void) => Promise<readonly { readonly ok: boolean }[]>;
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  'retention': { build: retention, variants: ['careless', 'corrected'] },
  'bootstrap-repository': { build: bootstrapRepository, variants: ['careless', 'corrected'] },
  'access': { build: access, variants: ['deployed', 'proposed'] },
  'pin-image': { build: pinImage, variants: ['first', 'second', 'third'], story: pinImageStory },
  'promotion': { build: promotion, variants: ['first', 'second', 'third'], story: promotionStory },
  'gate-native': { build: gateNative, variants: ['first', 'careless', 'corrected'] },
};

const [name = ''] = process.argv.slice(2);
if (!Object.hasOwn(EXAMPLES, name)) {
  console.error(`Name one of the examples: ${Object.keys(EXAMPLES).join(', ')}.`);
  process.exitCode = 1;
} else {
  const root = join(__dirname, '..');
  for (const variant of EXAMPLES[name].variants) {
    const outdir = join(root, '.demo', variant);
    rmSync(outdir, { recursive: true, force: true });
    EXAMPLES[name].build(variant, outdir).synth();
    console.log(relative(root, outdir));
  }
  void EXAMPLES[name].story?.(join(root, '.demo'), (line) => console.log(line)).then((deployments) => {
    process.exitCode = deployments.every(({ ok }) => ok) ? 0 : 1;
  });
}
