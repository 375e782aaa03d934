import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { createInstrumenter } from 'istanbul-lib-instrument';

const ROOT = join(__dirname, '..', '..');
/** Ignored by git. */
export const OUTPUT = join(ROOT, '.fuzz');
/** As far below the root as the bundles are that are shipped: they look for files of the package from there. */
export const PROGRAMS = join(OUTPUT, 'programs');

/** The targets as plain JavaScript, in which src/ counts what is reached. */
export async function bundleTargets(): Promise<void> {
  const instrumenter = createInstrumenter({ esModules: true });
  await build({
    entryPoints: ['host', 'worker'].map((name) => join(__dirname, `${name}.ts`)),
    outdir: PROGRAMS,
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [{
      name: 'count',
      setup: ({ onLoad }) => onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
        const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'ts', format: 'esm', target: 'node20' });
        return { contents: instrumenter.instrumentSync(code, path), loader: 'js' };
      }),
    }],
  });
}
