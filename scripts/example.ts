/** Synthesizes every variant of an example into .demo/<variant>. */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { App } from 'aws-cdk-lib';
import { access } from '../examples/access/app';
import { bootstrapRepository } from '../examples/bootstrap-repository/app';
import { gateNative } from '../examples/gate-native/app';
import { retention } from '../examples/retention/app';

const EXAMPLES: Readonly<Record<string, { build: (variant: string, outdir: string) => App; variants: readonly string[] }>> = {
  'retention': { build: retention, variants: ['careless', 'corrected'] },
  'bootstrap-repository': { build: bootstrapRepository, variants: ['careless', 'corrected'] },
  'access': { build: access, variants: ['deployed', 'proposed'] },
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
}
