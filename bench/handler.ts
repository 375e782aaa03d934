/**
 * Prints the size of the handler's bundle and the time it takes to load, beside the bare SDK clients bundled in the same way. Times are medians over
 * fresh processes, taken in turn in this run. Options: --rounds N (31), --check exits 1 above the budgets.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, BuildOptions } from 'esbuild';

/** See bench/README.md. */
const BUDGET = { minifiedBytes: 350_000, loadRatio: 1.3 };

const root = join(__dirname, '..');
const rounds = Number(option('--rounds') ?? 31);

interface Candidate {
  readonly name: string;
  readonly files: readonly string[];
  readonly times: number[];
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-'));
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { handler: options } = require('../scripts/bundle') as { handler: BuildOptions };
    const handler = ['index.js', 'dispatch.js'].map((name) => join(directory, name));
    await build({ ...options, entryPoints: ['src/handlers/drydock.lambda.ts'], external: ['./dispatch'], outfile: handler[0] });
    // The clients of ECS and Lambda are a file of their own, loaded by gates only that look for images in use.
    await build({ ...options, entryPoints: ['src/handlers/dispatch.ts'], external: ['./in-use'], outfile: handler[1] });
    const candidates: Candidate[] = [
      { name: 'handler', files: handler, times: [] },
      { name: 'SDK client of ECR', files: [await bare(options, directory, ['ecr'])], times: [] },
      { name: 'SDK clients of ECR and CloudFormation', files: [await bare(options, directory, ['ecr', 'cloudformation'])], times: [] },
    ];
    for (let round = 0; round < rounds + 2; round += 1) {
      for (const { files, times } of candidates) {
        const time = load(files[0]);
        // The first rounds fill the file cache.
        if (round >= 2) {
          times.push(time);
        }
      }
    }
    report(candidates);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The clients with the commands that the handler uses, and nothing else. */
async function bare(options: BuildOptions, directory: string, services: readonly string[]): Promise<string> {
  const ecr = [
    'CreateRepository', 'DeleteLifecyclePolicy', 'DeleteRepository', 'DeleteRepositoryPolicy', 'DescribeImages', 'DescribeRepositories', 'GetLifecyclePolicy',
    'GetLifecyclePolicyPreview', 'GetRepositoryPolicy', 'ListTagsForResource', 'PutImageScanningConfiguration', 'PutImageTagMutability', 'PutLifecyclePolicy',
    'SetRepositoryPolicy', 'StartLifecyclePolicyPreview', 'TagResource', 'UntagResource',
  ];
  const names = { ecr: ['ECRClient', ...ecr.map((name) => `${name}Command`)], cloudformation: ['CloudFormationClient', 'DescribeStacksCommand', 'DescribeStackResourceCommand'] };
  const entry = services.map((service) => `export { ${names[service as keyof typeof names].join(', ')} } from '@aws-sdk/client-${service}';`).join('\n');
  const outfile = join(directory, `${services.join('-')}.js`);
  const source = join(directory, `${services.join('-')}.ts`);
  writeFileSync(source, entry);
  await build({ ...options, entryPoints: [source], outfile, nodePaths: [join(root, 'node_modules')] });
  return outfile;
}

/** Milliseconds that a fresh process needs to load the file. */
function load(file: string): number {
  const code = 'const s = process.hrtime.bigint(); require(process.argv[1]); process.stdout.write(String(Number(process.hrtime.bigint() - s) / 1e6))';
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code, file], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${file} could not be loaded: ${stderr}`);
  }
  return Number(stdout);
}

function report(candidates: readonly Candidate[]): void {
  const rows = candidates.map(({ name, files, times }) => {
    const contents = files.map((file) => readFileSync(file));
    const bytes = contents.reduce((sum, content) => sum + content.length, 0);
    return { name, bytes, gzip: contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0), millis: median(times) };
  });
  const [handler, ecr] = rows;
  console.log(`${'bundle'.padEnd(40)}${'minified'.padStart(12)}${'gzip'.padStart(12)}${'load, median'.padStart(16)}${'ratio'.padStart(8)}`);
  for (const { name, bytes, gzip, millis } of rows) {
    console.log(`${name.padEnd(40)}${kb(bytes).padStart(12)}${kb(gzip).padStart(12)}${`${millis.toFixed(1)} ms`.padStart(16)}${(millis / ecr.millis).toFixed(2).padStart(8)}`);
  }
  const ratio = handler.millis / ecr.millis;
  console.log(`\n${rounds} processes each. Budgets: ${kb(BUDGET.minifiedBytes)} minified, ${BUDGET.loadRatio} times the load of the ECR client alone.`);
  if (process.argv.includes('--check') && (handler.bytes > BUDGET.minifiedBytes || ratio > BUDGET.loadRatio)) {
    process.exitCode = 1;
  }
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

main().catch((error: Error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
