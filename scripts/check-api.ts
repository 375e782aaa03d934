/**
 * Compares the API with that of the last release, and fails when something breaks that the next version does not announce.
 * Usage: npm run check:api [-- --against TAG]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latestRelease, refusal } from './api-policy';

const ROOT = join(__dirname, '..');

function main(): number {
  const flag = process.argv.indexOf('--against');
  const tag = flag >= 0 ? process.argv[flag + 1] : latestRelease(git('tag', '--list', 'v*', '--merged', 'HEAD').split('\n'));
  if (tag === undefined) {
    console.log('There is no release yet: the API promises nothing so far.');
    return 0;
  }
  if (!existsSync(join(ROOT, '.jsii'))) {
    throw new Error('.jsii is missing: run npx projen compile.');
  }
  const scratch = mkdtempSync(join(tmpdir(), 'drydock-api-'));
  const released = join(scratch, 'released');
  try {
    git('worktree', 'add', '--detach', released, tag);
    symlinkSync(join(ROOT, 'node_modules'), join(released, 'node_modules'));
    execFileSync('npx', ['jsii', '--silence-warnings=reserved-word'], { cwd: released, stdio: ['ignore', 'ignore', 'inherit'] });
    // Everything counts, also what is experimental: before 1.0 all of it is.
    const diff = spawnSync('npx', ['jsii-diff', released, ROOT, '--keys', '--error-on', 'all', '--ignore-file', '.compatignore'], { cwd: ROOT, encoding: 'utf8' });
    process.stdout.write(diff.stdout);
    if (diff.status !== 0 && !/\[[A-Za-z-]+:[^\]]+\]|IMPROPER|ERR/.test(`${diff.stdout}${diff.stderr}`)) {
      throw new Error(`jsii-diff failed: ${diff.stderr}`);
    }
    process.stderr.write(diff.stderr);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const problem = refusal({ breaking: diff.status !== 0, released: tag.replace(/^v/, ''), version, messages: git('log', '-z', '--format=%B', `${tag}..HEAD`).split('\0') });
    console.log(problem ?? (diff.status === 0 ? `Nothing breaks since ${tag}.` : `Something breaks since ${tag}, and the next version says so.`));
    return problem === undefined ? 0 : 1;
  } finally {
    spawnSync('git', ['worktree', 'remove', '--force', released], { cwd: ROOT });
    rmSync(scratch, { recursive: true, force: true });
  }
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

try {
  process.exitCode = main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
