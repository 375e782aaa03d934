import { spawn } from 'node:child_process';
import { bin } from './support';

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** No credentials, Region or endpoints of whoever runs the tests. */
export function bareEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))), AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent', ...more };
}

/** The bundled command line in a process of its own, while this one goes on: an emulator may live here. */
export function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): { readonly ended: Promise<Ended>; kill(signal: NodeJS.Signals): void } {
  const child = spawn(process.execPath, [bin, ...args], { env: bareEnvironment(environment), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => { output.stdout += chunk; });
  child.stderr.on('data', (chunk) => { output.stderr += chunk; });
  return {
    kill: (signal) => { child.kill(signal); },
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve({ status, signal, ...output }));
    }),
  };
}
