import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(__dirname, '..', '..');
export const bin = join(root, 'bin', 'drydock');

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  json(): any;
}

/** Runs the bundled command line, as a user does. */
export function drydock(args: readonly string[], input?: string, environment: Readonly<Record<string, string>> = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', input, maxBuffer: 256 * 1024 * 1024, env: { ...process.env, ...environment } });
  return { status, stdout, stderr, json: () => JSON.parse(stdout) };
}

/** A directory for the files of one test file, and a way to put JSON there. */
export function workspace(): { file(name: string, content: unknown): string; path(name: string): string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-test-'));
  const path = (name: string) => join(directory, name);
  return {
    path,
    file: (name, content) => {
      writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content));
      return path(name);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
