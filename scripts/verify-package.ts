/**
 * Packs the npm tarball and looks into it; then again from the same sources, compiled in a directory of another name, and compares byte for byte; then
 * installs it where there is no network. Usage: npm run verify:package [-- --once]
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from './supply/checksums';
import { ROOT } from './supply/contents';
import { copyInstalled, copySources } from './supply/scratch-copy';
import { Entry, readTarball, tarballProblems } from './supply/tarball';

async function main(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'drydock-package-'));
  try {
    if (!existsSync(join(ROOT, 'lib', 'index.js'))) {
      throw new Error('lib/ is not compiled: run npx projen compile.');
    }
    const tarball = pack(ROOT, join(scratch, 'first'));
    const entries = await readTarball(tarball);
    const problems = tarballProblems(entries);
    console.log(`${entries.length} files, ${kilobytes(readFileSync(tarball).length)} packed, ${kilobytes(entries.reduce((sum, { bytes }) => sum + bytes.length, 0))} unpacked, SHA-256 ${sha256(readFileSync(tarball))}`);
    problems.push(...await differences(tarball, pack(ROOT, join(scratch, 'second')), 'packed again'));
    if (!process.argv.includes('--once')) {
      problems.push(...await differences(tarball, rebuild(join(scratch, 'of another name', 'cdk-drydock')), 'compiled in another directory'));
    }
    problems.push(...install(join(scratch, 'consumer'), tarball, entries));
    problems.forEach((problem) => console.log(`! ${problem}`));
    console.log(problems.length === 0 ? 'Nothing is in the package that does not belong there.' : `${problems.length} problems.`);
    process.exitCode = problems.length === 0 ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function pack(directory: string, into: string): string {
  mkdirSync(into, { recursive: true });
  // What `prepare` would do has been done, and is compared.
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into], directory);
  return join(into, readdirSync(into).find((file) => file.endsWith('.tgz'))!);
}

function rebuild(directory: string): string {
  copySources(directory);
  copyInstalled(directory);
  run(process.execPath, ['scripts/bundle.js'], directory);
  run('npx', ['projen', 'supply'], directory);
  run('npx', ['jsii', '--silence-warnings=reserved-word'], directory);
  return pack(directory, join(directory, 'dist'));
}

async function differences(first: string, second: string, how: string): Promise<string[]> {
  const [one, other] = [new Map((await readTarball(first)).map(toPair)), new Map((await readTarball(second)).map(toPair))];
  const files = [...new Set([...one.keys(), ...other.keys()])].filter((file) => one.get(file) !== other.get(file));
  const same = readFileSync(first).equals(readFileSync(second));
  console.log(`${how}: ${same ? 'the same bytes' : `${files.length} files differ`}`);
  return same ? [] : [`${how}: another tarball${files.length === 0 ? '' : `, in ${files.slice(0, 10).join(', ')}`}`];
}

const toPair = ({ file, bytes }: Entry): [string, string] => [file, sha256(bytes)];

/** Its peers aside, nothing else may be needed, and nothing may run: `prepare` would fail for want of scripts/. */
function install(directory: string, tarball: string, entries: readonly Entry[]): string[] {
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), '{"name":"consumer","version":"1.0.0","private":true}\n');
  run('npm', ['install', '--offline', '--omit=peer', '--legacy-peer-deps', '--no-audit', '--no-fund', '--silent', tarball], directory);
  const installed = readdirSync(join(directory, 'node_modules')).filter((name) => !name.startsWith('.'));
  const home = join(directory, 'node_modules', 'cdk-drydock');
  const changed = entries.filter(({ file, bytes }) => !readFileSync(join(home, file)).equals(bytes)).map(({ file }) => file);
  const added = filesBelow(home).length - entries.length;
  const version = run(process.execPath, [join(home, 'bin', 'drydock'), '--version'], directory).trim();
  console.log(`installed without network: ${installed.join(', ')}; drydock --version: ${version}`);
  return [
    ...installed.length === 1 ? [] : [`an installation brings ${installed.join(', ')}`],
    ...changed.length === 0 && added === 0 ? [] : [`an installation changed files: ${changed.join(', ')} (${added} added)`],
  ];
}

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024, env: { ...process.env, npm_config_update_notifier: 'false' } });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KB`;

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
