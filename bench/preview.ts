/**
 * Many repositories read through the embedded ECR, every call of which takes a while: wall time beside calls x latency / calls at a time, and peak
 * memory. `drydock preview` of an app with a lifecycle policy for each repository, and `drydock snapshot` of all of them; each in a process of its own, the
 * registry in another. Options: --repositories 1000, --images 200, --latency 20, --concurrency 8, --only snapshot|preview, --check exits 1 above the budgets.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** See bench/README.md. */
const BUDGET = { ratio: 1.3, memoryMegabytes: 600 };

const root = join(__dirname, '..');
const drydock = join(root, 'bin', 'drydock');
const repositories = count('--repositories', 1_000);
const images = count('--images', 200);
const latency = count('--latency', 20);
const concurrency = count('--concurrency', 8);
const only = option('--only');

interface Measured {
  readonly name: string;
  readonly calls: number;
  readonly seconds: number;
  /** Of the processor, which a busy machine does not give at once. */
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

async function main(): Promise<void> {
  if (!existsSync(join(root, 'assets', 'cli', 'drydock.js'))) {
    throw new Error('The command line is not bundled: run `npx projen bundle`.');
  }
  const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-'));
  try {
    const seed = join(directory, 'seed.json');
    writeFileSync(seed, JSON.stringify(inventory()));
    const app = join(directory, 'cdk.out');
    synthesize(app);
    const registry = await startRegistry(seed);
    try {
      const rows: Measured[] = [];
      if (only !== 'preview') {
        rows.push(await measure('snapshot', registry.endpoint, ['snapshot', '--all', '--out', join(directory, 'out.json'), '--concurrency', String(concurrency)]));
      }
      if (only !== 'snapshot') {
        rows.push(await measure('preview', registry.endpoint, ['preview', '--app', app, '--format', 'json', '--out', join(directory, 'plan.json'), '--concurrency', String(concurrency)]));
      }
      report(rows);
    } finally {
      registry.stop();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const nameOf = (n: number) => `team-${n % 10}/service-${String(n).padStart(5, '0')}`;
const policy = (keep: number) => JSON.stringify({
  rules: [
    { rulePriority: 1, selection: { tagStatus: 'tagged', tagPatternList: ['prod*'], countType: 'imageCountMoreThan', countNumber: 10 }, action: { type: 'expire' } },
    { rulePriority: 2, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: keep }, action: { type: 'expire' } },
  ],
});

/** Images of all ages, one in ten with a tag of production; a third of the repositories has a policy already. */
function inventory(): object {
  const now = Date.now();
  return {
    repositories: Array.from({ length: repositories }, (_, n) => ({ repositoryName: nameOf(n), ...(n % 3 === 0 && { lifecyclePolicyText: policy(150) }) })),
    imageDetails: Array.from({ length: repositories * images }, (_, i) => ({
      repositoryName: nameOf(Math.floor(i / images)),
      imageDigest: `sha256:${createHash('sha256').update(String(i)).digest('hex')}`,
      imageTags: [i % 10 === 0 ? `prod-${i}` : `build-${i}`],
      imageSizeInBytes: 50_000_000 + i,
      imagePushedAt: new Date(now - (i % images) * 3_600_000 * 6).toISOString(),
      imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
    })),
  };
}

/** What `cdk synth` writes for an app of plain repositories, a hundred to a stack. */
function synthesize(directory: string): void {
  mkdirSync(directory);
  const artifacts: Record<string, object> = {};
  for (let first = 0; first < repositories; first += 100) {
    const stack = `Stack${first / 100}`;
    const numbers = Array.from({ length: Math.min(100, repositories - first) }, (_, i) => first + i);
    const resources = Object.fromEntries(numbers.map((n) => [`Repo${n}`, {
      Type: 'AWS::ECR::Repository',
      Properties: { RepositoryName: nameOf(n), LifecyclePolicy: { LifecyclePolicyText: policy(100) } },
      Metadata: { 'aws:cdk:path': `${stack}/Repo${n}/Resource` },
    }]));
    writeFileSync(join(directory, `${stack}.template.json`), JSON.stringify({ Resources: resources }));
    artifacts[stack] = { type: 'aws:cloudformation:stack', environment: 'aws://123456789012/us-east-1', properties: { templateFile: `${stack}.template.json` }, displayName: stack };
  }
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '48.0.0', artifacts }));
}

async function startRegistry(seed: string): Promise<{ readonly endpoint: string; stop(): void }> {
  const child = spawn(process.execPath, [drydock, 'emulator', '--seed', seed, '--latency', String(latency)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve((JSON.parse(String(chunk)) as { endpoint: string }).endpoint));
    child.once('exit', (code) => reject(new Error(`The registry ended with ${code}.`)));
  });
  return { endpoint, stop: () => child.kill() };
}

/** Calls as the registry counts them, memory as the process itself knows it at its end. */
async function measure(name: string, endpoint: string, args: readonly string[]): Promise<Measured> {
  const before = await callsAt(endpoint);
  const began = performance.now();
  const code = `process.on('exit', () => { const u = process.resourceUsage(); require('node:fs').writeSync(3, u.maxRSS + ' ' + (u.userCPUTime + u.systemCPUTime)); }); require(${JSON.stringify(drydock)})`;
  const { status, stderr, output } = spawnSync(process.execPath, ['-e', code, ...args], {
    encoding: 'utf8', maxBuffer: 512 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('AWS_'))), AWS_ENDPOINT_URL: endpoint },
  });
  const seconds = (performance.now() - began) / 1000;
  if (![0, 2].includes(status ?? -1)) {
    throw new Error(`${name} ended with ${status}: ${stderr}`);
  }
  const [kilobytes, microseconds] = String(output[3]).split(' ').map(Number);
  return { name, calls: await callsAt(endpoint) - before, seconds, cpuSeconds: microseconds / 1e6, megabytes: kilobytes / 1024 };
}

async function callsAt(endpoint: string): Promise<number> {
  const { calls } = await (await fetch(`${endpoint}/_drydock/calls`)).json() as { calls: Record<string, number> };
  return Object.values(calls).reduce((sum, made) => sum + made, 0);
}

function report(rows: readonly Measured[]): void {
  console.log(`${repositories} repositories with ${images} images each, ${latency} ms a call, ${concurrency} calls at a time\n`);
  console.log(`${'command'.padEnd(12)}${'calls'.padStart(10)}${'at best'.padStart(12)}${'measured'.padStart(12)}${'ratio'.padStart(8)}${'processor'.padStart(12)}${'peak memory'.padStart(14)}`);
  let within = true;
  for (const { name, calls, seconds, cpuSeconds, megabytes } of rows) {
    const best = calls * latency / 1000 / concurrency;
    within &&= seconds / best <= BUDGET.ratio && megabytes <= BUDGET.memoryMegabytes;
    console.log(`${name.padEnd(12)}${String(calls).padStart(10)}${`${best.toFixed(1)} s`.padStart(12)}${`${seconds.toFixed(1)} s`.padStart(12)}${(seconds / best).toFixed(2).padStart(8)}${`${cpuSeconds.toFixed(1)} s`.padStart(12)}${`${megabytes.toFixed(0)} MB`.padStart(14)}`);
  }
  console.log(`\nBudgets: ${BUDGET.ratio} times calls x latency / calls at a time, ${BUDGET.memoryMegabytes} MB.`);
  if (process.argv.includes('--check') && !within) {
    process.exitCode = 1;
  }
}

function count(name: string, otherwise: number): number {
  const value = Number(option(name) ?? otherwise);
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`${name} must be a whole number from 1.`);
  }
  return value;
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

main().catch((error: Error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
