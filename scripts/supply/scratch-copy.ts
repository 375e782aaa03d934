import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './contents';

/** Copies the sources as they are now, changes included; nothing that is built, nothing that is installed. */
export function copySources(target: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  for (const file of listed.toString('utf8').split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(ROOT, file), join(target, file), { verbatimSymlinks: true });
  }
}

/** Copies installed packages; a copy, because esbuild follows links to where they lead. */
export function copyPackages(target: string, packages: readonly string[]): void {
  for (const path of packages) {
    cpSync(join(ROOT, path), join(target, path), { recursive: true, filter: (source) => !source.endsWith('.map') && !source.endsWith('.d.ts') });
  }
}

/** All that is installed: linked where the file system can do that, for there are tens of thousands of files. */
export function copyInstalled(target: string): void {
  const from = join(ROOT, 'node_modules');
  const linked = spawnSync('cp', ['-al', from, target], { stdio: 'ignore' });
  if (linked.status !== 0) {
    execFileSync('cp', ['-a', from, target]);
  }
}
