/**
 * All tests, in a copy of the sources, with the lowest supported and the newest aws-cdk-lib, on this Node and on a newer one.
 * Usage: npm run test:compat [-- --leg lowest-cdk|newest-cdk|lowest-cdk-node-24|newest-cdk-node-24] [--quick] [-- PATTERN ...]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './supply/contents';
import { copyInstalled, copySources } from './supply/scratch-copy';

const NEWEST = ['aws-cdk-lib@2.276.0', 'constructs@10.8.1'];
/** The npm package `node` fetches the one of the platform by a script; so does nobody here. */
const PLATFORM_NODE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const NEWER_NODE = '24';
/** One of every room that meets the CDK, the SDK or Node. */
const QUICK = ['test/constructs/repository', 'test/constructs/preview-gate', 'test/lifecycle/evaluate', 'test/assembly', 'test/emulator/protocol', 'test/handlers/protocol', 'test/boundaries'];

interface Leg {
  readonly name: string;
  readonly install: readonly string[];
  readonly node?: string;
}

const LEGS: readonly Leg[] = [
  { name: 'lowest-cdk', install: [] },
  { name: 'newest-cdk', install: NEWEST },
  { name: 'lowest-cdk-node-24', install: [], node: NEWER_NODE },
  { name: 'newest-cdk-node-24', install: NEWEST, node: NEWER_NODE },
];

interface Result {
  readonly leg: string;
  readonly versions: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
}

function main(): void {
  const args = process.argv.slice(2);
  const chosen = args.includes('--leg') ? args[args.indexOf('--leg') + 1] : undefined;
  const legs = chosen === undefined ? LEGS : LEGS.filter(({ name }) => name === chosen);
  if (legs.length === 0) {
    throw new Error(`There is no leg ${chosen}: there are ${LEGS.map(({ name }) => name).join(', ')}.`);
  }
  const patterns = args.filter((argument, index) => !argument.startsWith('--') && args[index - 1] !== '--leg');
  const results = legs.map((leg) => run(leg, patterns.length > 0 ? patterns : args.includes('--quick') ? QUICK : []));
  results.flatMap(({ leg, failures }) => failures.map((failure) => `${leg}: ${failure}`)).forEach((line) => console.log(line));
  console.log(`\n${'leg'.padEnd(22)}${'versions'.padEnd(52)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}`);
  for (const { leg, versions, passed, failed, skipped } of results) {
    console.log(`${leg.padEnd(22)}${versions.padEnd(52)}${String(passed).padStart(8)}${String(failed).padStart(8)}${String(skipped).padStart(9)}`);
  }
  process.exitCode = results.every(({ passed, failed }) => passed > 0 && failed === 0) ? 0 : 1;
}

/** Never in the working tree: what is installed there stays as the lock file says. */
function run(leg: Leg, patterns: readonly string[]): Result {
  const scratch = mkdtempSync(join(tmpdir(), 'drydock-compat-'));
  const target = join(scratch, 'cdk-drydock');
  try {
    copySources(target);
    copyInstalled(target);
    if (leg.install.length > 0) {
      npm(target, ['install', '--no-save', '--no-package-lock', '--force', ...leg.install]);
    }
    const node = leg.node === undefined ? process.execPath : newerNode(join(scratch, 'node'), leg.node);
    // Newer versions of aws-cdk-lib validate every template at synth, which takes five times as long; one test wants it and sets this itself.
    const shared = join(ROOT, '..', 'shared');
    const env = { DRYDOCK_INVENTORIES: join(shared, 'inventories'), DRYDOCK_VECTORS: join(shared, 'vectors'), ...process.env, CDK_VALIDATION: 'false', PATH: `${join(node, '..')}:${process.env.PATH}`, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
    execFileSync(node, ['scripts/bundle.js'], { cwd: target, env, stdio: ['ignore', 'ignore', 'inherit'] });
    const report = join(scratch, 'report.json');
    console.log(`--- ${leg.name}`);
    spawnSync(node, ['node_modules/jest/bin/jest.js', '-i', '--json', '--outputFile', report, ...patterns], { cwd: target, env, stdio: ['ignore', 'ignore', 'inherit'] });
    return { leg: leg.name, versions: versionsOf(target, node), ...countsOf(report) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function newerNode(directory: string, version: string): string {
  execFileSync('mkdir', ['-p', directory]);
  npm(directory, ['install', '--prefix', directory, `${PLATFORM_NODE}@${version}`]);
  return join(directory, 'node_modules', PLATFORM_NODE, 'bin', 'node');
}

function versionsOf(target: string, node: string): string {
  const version = (name: string) => (JSON.parse(readFileSync(join(target, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
  return `aws-cdk-lib ${version('aws-cdk-lib')}, constructs ${version('constructs')}, Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1)}`;
}

function countsOf(report: string): Pick<Result, 'passed' | 'failed' | 'skipped' | 'failures'> {
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    numPassedTests: number; numFailedTests: number; numPendingTests: number; numRuntimeErrorTestSuites: number;
    testResults: { name: string; message: string; assertionResults: { status: string; fullName: string }[] }[];
  };
  const failures = testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => `${name.replace(/^.*\/(?=test\/)/, '')}: ${fullName}`);
    return failed.length > 0 || message === '' || assertionResults.length > 0 ? failed : [`${name.replace(/^.*\/(?=test\/)/, '')} did not run: ${message.slice(0, 300)}`];
  });
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, skipped: numPendingTests, failures };
}

const npm = (cwd: string, args: readonly string[]): void => {
  execFileSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
};

try {
  main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
