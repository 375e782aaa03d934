import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestName } from './model';
import { patternOf } from './titles';

/** What came of one test; one of a table of `each` counts by itself. */
export interface TestOutcome {
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly millis: number;
  /** Of the first failure, without colours. */
  readonly message: string;
}

export interface JestRun {
  /** By test asked for, in that order; empty where there was none of the name. */
  readonly outcomes: readonly (readonly TestOutcome[])[];
  /** Files that could not be run at all. */
  readonly broken: readonly string[];
}

export interface JestOptions {
  readonly testTimeoutMillis?: number;
  /** After that jest is ended. */
  readonly limitMillis: number;
}

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly duration?: number | null; readonly failureMessages: readonly string[] }[];
  }[];
}

/** Runs these tests and no others, in a process of its own. */
export async function runJest(root: string, names: readonly TestName[], { testTimeoutMillis, limitMillis }: JestOptions): Promise<JestRun> {
  const files = [...new Set(names.map(({ file }) => file))];
  const directory = mkdtempSync(join(tmpdir(), 'drydock-trust-jest-'));
  const report = join(directory, 'report.json');
  try {
    const output = await jest(root, [
      '-i', '--silent', '--forceExit', '--json', `--outputFile=${report}`,
      ...(testTimeoutMillis === undefined ? [] : [`--testTimeout=${testTimeoutMillis}`]),
      '-t', [...new Set(names.map(patternOf))].join('|'), '--runTestsByPath', ...files,
    ], limitMillis);
    if (!existsSync(report)) {
      return { outcomes: names.map(() => []), broken: [output.slice(-600)] };
    }
    return read(JSON.parse(readFileSync(report, 'utf8')) as JestReport, root, names);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function read({ testResults }: JestReport, root: string, names: readonly TestName[]): JestRun {
  const outcomes = names.map((name) => {
    const pattern = new RegExp(patternOf(name), 's');
    const results = testResults.find((one) => one.name === join(root, name.file))?.assertionResults ?? [];
    return results.filter(({ fullName }) => pattern.test(fullName)).map(({ fullName, status, duration, failureMessages: [message = ''] }): TestOutcome => ({
      title: fullName, status: status === 'passed' || status === 'failed' ? status : 'skipped', millis: duration ?? 0, message: plain(message),
    }));
  });
  const broken = testResults.filter(({ assertionResults }) => assertionResults.length === 0).map(({ message }) => plain(message));
  return { outcomes, broken };
}

function jest(root: string, parameters: readonly string[], limitMillis: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...parameters], {
      cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FORCE_COLOR: '0', CI: 'true' },
    });
    let output = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMillis);
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { output += chunk; });
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve(output);
    });
  });
}

function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
