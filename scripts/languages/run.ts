/** Runs other people's tools: quietly while they work, in full when they fail. */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export interface RunOptions {
  readonly cwd?: string;
  /** On top of the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Minutes until the command is stopped. */
  readonly minutes?: number;
}

export interface Ran {
  readonly seconds: number;
  readonly stdout: string;
}

/** What a tool said when it failed, its last lines first in mind: a compiler's pages of progress are no help. */
export class ToolFailure extends Error {
  constructor(public readonly command: string, public readonly output: string) {
    super(`${command}\n${output.trim().split('\n').slice(-40).map((line) => `    ${line}`).join('\n')}`);
    this.name = 'ToolFailure';
  }
}

export function run(command: string, args: readonly string[], { cwd, env, minutes = 15 }: RunOptions = {}): Ran {
  const start = performance.now();
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, timeout: minutes * 60_000, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) {
    const end = error?.message ?? (signal ? `stopped by ${signal}` : `exit code ${status}`);
    throw new ToolFailure([command, ...args].join(' '), `${stdout ?? ''}${stderr ?? ''}\n${end}`);
  }
  return { seconds: (performance.now() - start) / 1000, stdout };
}

/** First line of what `command` says of its version; undefined where it is not installed. */
export function versionOf(command: string, ...args: string[]): string | undefined {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  return error !== undefined || status !== 0 ? undefined : `${stdout}${stderr}`.trim().split('\n')[0];
}
