/**
 * `npm run test:consumer`: what somebody does who has never seen this repository. A project elsewhere, the tarball, the ten lines of the README, `cdk synth`,
 * a rehearsal; every step timed. The tarball is packed from lib/ as it is; `-- --tarball FILE` takes another one.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { run, ToolFailure } from './languages/run';
import { Scratch } from './languages/scratch';
import { differences, templatesOf } from './languages/templates';
import { filesBelow } from './supply/checksums';

const root = join(__dirname, '..');
const CLI = 'aws-cdk@2.1148.1';
const problems: string[] = [];

function main(): boolean {
  const scratch = new Scratch();
  try {
    const folder = scratch.folder('consumer');
    // Names of this repository's npm run must not reach a project elsewhere.
    const foreign = Object.keys(process.env).filter((name) => /^(?:npm_|INIT_CWD$|CDK_|NODE_OPTIONS$|NODE_PATH$)/.test(name));
    const env = { ...Object.fromEntries(foreign.map((name) => [name, undefined])), ...scratch.env, CDK_DISABLE_CLI_TELEMETRY: 'true' };
    const step = (what: string, command: string, ...args: string[]): string => {
      const { seconds, stdout } = run(command, args, { cwd: folder, env });
      console.log(`${seconds.toFixed(1).padStart(7)} s  ${what}`);
      return stdout;
    };
    const tarball = resolve(parseArgs({ options: { tarball: { type: 'string' } } }).values.tarball ?? packed(scratch));

    step('npm init', 'npm', 'init', '--yes');
    step('npm install cdk-drydock aws-cdk-lib constructs', 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', tarball, 'aws-cdk-lib', 'constructs');
    installed(folder);
    step('npm install --save-dev aws-cdk typescript', 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-dev', CLI, 'typescript@~6.0.3', '@types/node@^20');

    writeFileSync(join(folder, 'app.ts'), tenLines());
    writeFileSync(join(folder, 'app.mjs'), tenLines());
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { target: 'ES2022', module: 'node16', strict: true, skipLibCheck: false, types: ['node'] }, files: ['app.ts'] }));
    typed(() => step('tsc --strict, types of libraries included', 'npx', '--no-install', 'tsc'));
    writeFileSync(join(folder, 'names.mjs'), `${NAMES}\n`);
    console.log(`           ${step('import { ... } from an ES module', 'node', 'names.mjs').trim()}`);

    step('cdk synth', 'npx', '--no-install', 'cdk', 'synth', '--quiet', '--no-notices', '--app', 'node app.js');
    step('cdk synth of an ES module', 'npx', '--no-install', 'cdk', 'synth', '--quiet', '--no-notices', '--app', 'node app.mjs', '--output', 'esm.out');
    problems.push(...differences(templatesOf(join(folder, 'cdk.out')), templatesOf(join(folder, 'esm.out'))).map((line) => `as an ES module: ${line}`));

    // A small registry of the consumer's own: the repository that the ten lines refer to.
    writeFileSync(join(folder, 'inventory.json'), JSON.stringify(INVENTORY));
    const rehearsal = step('drydock rehearse', 'npx', '--no-install', 'drydock', 'rehearse', '--app', 'cdk.out', '--seed', 'inventory.json', '--now', '2026-01-31T12:00:00Z');
    if (!/CREATE_COMPLETE\s+Custom::DrydockLifecyclePolicy/.test(rehearsal)) {
      problems.push(`the rehearsal has not created the lifecycle policy:\n${rehearsal}`);
    }
    console.log(rehearsal.trim().split('\n').slice(-6).map((line) => `           ${line}`).join('\n'));
    problems.forEach((problem) => console.log(`! ${problem}`));
    return problems.length === 0;
  } finally {
    scratch.remove();
  }
}

/** `npm pack` into a folder of the run: nothing is written into the working tree. */
function packed(scratch: Scratch): string {
  const into = scratch.folder('packed');
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into], { cwd: root, env: scratch.env });
  const file = readdirSync(into).find((name) => name.endsWith('.tgz'))!;
  cpSync(join(into, file), join(into, 'cdk-drydock.tgz'));
  return join(into, 'cdk-drydock.tgz');
}

function installed(folder: string): void {
  const modules = join(folder, 'node_modules');
  const packages = filesBelow(modules).filter((file) => file.endsWith('package.json')).map((file) => JSON.parse(readFileSync(file, 'utf8')) as { name?: string; scripts?: Record<string, string> });
  const running = packages.filter(({ scripts }) => ['preinstall', 'install', 'postinstall'].some((name) => scripts?.[name] !== undefined)).map(({ name }) => name);
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  const megabytes = (below: string) => `${(filesBelow(below).reduce((sum, file) => sum + readFileSync(file).length, 0) / 1e6).toFixed(1)} MB`;
  console.log(`           node_modules: ${names.join(', ')}; cdk-drydock ${megabytes(join(modules, 'cdk-drydock'))} of ${megabytes(modules)}`);
  problems.push(...running.map((name) => `${name} has an installation script`), ...names.includes('esbuild') ? ['esbuild was installed'] : []);
}

/** The first block of the README that makes an app. */
function tenLines(): string {
  const block = /^## Ten lines\n+```ts[^\n]*\n(?<code>.*?)^```$/ms.exec(readFileSync(join(root, 'README.md'), 'utf8'));
  if (!block?.groups?.code.includes('new App()')) {
    throw new Error('README.md has no app below "Ten lines".');
  }
  return block.groups.code;
}

/** What is wrong in types of others is said, and is not ours to mend. */
function typed(compile: () => void): void {
  try {
    compile();
  } catch (error) {
    const lines = error instanceof ToolFailure ? error.output.split('\n').filter((line) => line.includes('error TS')) : [];
    const theirs = lines.filter((line) => /node_modules\/(?!cdk-drydock\/)/.test(line.split('(')[0]));
    if (lines.length === 0) {
      throw error;
    }
    console.log(`           tsc: ${theirs.length} errors in types of other packages`);
    problems.push(...lines.filter((line) => !theirs.includes(line)));
  }
}

const NAMES = `import { createRequire } from 'node:module';
import * as names from 'cdk-drydock';
const missing = Object.keys(createRequire(import.meta.url)('cdk-drydock')).filter((name) => !(name in names));
if (missing.length > 0) throw new Error('not named in an ES module: ' + missing.join(', '));
console.log(Object.keys(names).length + ' names');`;

const INVENTORY = {
  repositories: [{ repositoryName: 'shop/api', registryId: '123456789012' }],
  imageDetails: ['production', '1.0.0', 'build-1a2b3c4'].map((tag, index) => ({
    registryId: '123456789012', repositoryName: 'shop/api', imageDigest: `sha256:${String(index + 1).repeat(64)}`, imageTags: [tag], imageSizeInBytes: 46_000_000,
    imagePushedAt: `2026-01-${20 + index}T10:00:00Z`, imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json', imageStatus: 'ACTIVE',
  })),
};

try {
  process.exitCode = main() ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
