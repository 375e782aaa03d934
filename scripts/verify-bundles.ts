/**
 * Bundles the sources twice, each in a directory of its own, with another name, another home, another language and another time zone, and compares every
 * byte: with each other and with what lies in assets/. Usage: npm run verify:bundles
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetFiles } from './supply/checksums';
import { readContents, ROOT } from './supply/contents';
import { copyPackages, copySources } from './supply/scratch-copy';

const BUILDS = [
  { directory: 'a', env: { TZ: 'Pacific/Kiritimati', LANG: 'C', LC_ALL: 'C' } },
  { directory: join('another one, of a much longer name', 'node_modules.old', 'cdk-drydock'), env: { TZ: 'America/Anchorage', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } },
];

async function main(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'drydock-bundles-'));
  try {
    const { read } = await readContents();
    const needed = [...read, 'node_modules/esbuild', ...platformPackages()];
    const builds = BUILDS.map(({ directory, env }, index) => {
      const target = join(scratch, directory);
      const home = join(scratch, `home-${index}`);
      mkdirSync(home, { recursive: true });
      copySources(target);
      copyPackages(target, needed);
      execFileSync(process.execPath, [join(target, 'scripts', 'bundle.js')], { cwd: home, env: { PATH: process.env.PATH, HOME: home, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
      return digests(target);
    });
    report(builds, existsSync(join(ROOT, 'assets')) ? digests(ROOT) : new Map());
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function report([first, second]: readonly ReadonlyMap<string, string>[], here: ReadonlyMap<string, string>): void {
  let differences = 0;
  for (const file of [...new Set([...first.keys(), ...second.keys(), ...here.keys()])].sort()) {
    const problem = first.get(file) !== second.get(file) ? 'the two builds differ' : here.get(file) !== first.get(file) ? 'this checkout has another one: run npx projen bundle' : undefined;
    differences += problem === undefined ? 0 : 1;
    console.log(`${first.get(file) ?? '(not built)'.padEnd(64)}  ${file}${problem === undefined ? '' : `: ${problem}`}`);
  }
  console.log(differences === 0 ? `${first.size} files, byte for byte the same in two builds and in this checkout.` : `${differences} of ${first.size} files differ.`);
  process.exitCode = differences === 0 && first.size > 0 ? 0 : 1;
}

const digests = (root: string): ReadonlyMap<string, string> =>
  new Map(assetFiles(root).map(({ file, bytes }) => [file, createHash('sha256').update(bytes).digest('hex')]));

/** esbuild's executable is in a package of its own, one a platform. */
const platformPackages = (): string[] => readdirSync(join(ROOT, 'node_modules', '@esbuild')).map((name) => `node_modules/@esbuild/${name}`);

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
