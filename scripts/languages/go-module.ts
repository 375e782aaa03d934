/** The Go package is source code: what makes it a package is that it compiles, with its dependencies as a user would get them. */
import { cpSync } from 'node:fs';
import { run, ToolFailure } from './run';
import { Scratch } from './scratch';

/**
 * Compiles the generated module in a copy.
 *
 * @returns what had to be done otherwise than a user would
 */
export function checkGo(module: string, scratch: Scratch): string[] {
  const copy = scratch.folder('go-check');
  cpSync(module, copy, { recursive: true });
  const notes = resolveModules(copy, scratch);
  run('go', ['build', './...'], { cwd: copy, env: scratch.env, minutes: 20 });
  run('go', ['vet', './...'], { cwd: copy, env: scratch.env, minutes: 20 });
  return notes;
}

/**
 * `go mod tidy`. Some module proxies refuse single versions that others have; then the newest one that the proxy lists takes its place, and is named.
 */
export function resolveModules(folder: string, scratch: Scratch): string[] {
  const notes: string[] = [];
  for (;;) {
    try {
      run('go', ['mod', 'tidy'], { cwd: folder, env: scratch.env });
      return notes;
    } catch (error) {
      const refused = error instanceof ToolFailure ? /go: (\S+)@(v\S+): reading \S+: (?:403|404|410) /.exec(error.output) : null;
      if (refused === null || notes.length > 5) {
        throw error;
      }
      const [, path, version] = refused;
      const listed = run('go', ['list', '-m', '-versions', path], { cwd: scratch.root, env: scratch.env }).stdout.trim().split(' ').slice(1);
      const newest = listed.at(-1);
      if (newest === undefined || newest === version) {
        throw error;
      }
      run('go', ['mod', 'edit', `-replace=${path}@${version}=${path}@${newest}`], { cwd: folder, env: scratch.env });
      notes.push(`the module proxy refuses ${path} ${version}; ${newest} took its place`);
    }
  }
}
