import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Finding } from './session';
import { Order, Outcome } from './worker';

export interface HostOptions {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  readonly input?: Buffer;
}

export interface TargetResult extends Outcome {
  readonly target: string;
  readonly peakBytes: number;
}

/** Longer than any input may take, however busy the machine is. */
const LIMIT_MILLIS = 10_000;
const HEAP_MEGABYTES = 512;
const MOST_BYTES = 1_536 * 1_048_576;
const INPUT_BYTES = 4 * 1_048_576;
const WATCH_MILLIS = 50;

/** Runs a target in a thread that can be ended, and goes on behind an input that ends it. Meant for a process of its own: the memory is the process's. */
export async function runTarget({ target, seed, seconds, input }: HostOptions): Promise<TargetResult> {
  const until = Date.now() + seconds * 1000;
  const findings: Finding[] = [];
  let total: Omit<Outcome, 'findings'> = { tried: 0, kept: 0, slowest: undefined };
  for (let turn = 0; turn === 0 || (Date.now() < until && input === undefined); turn += 1) {
    const outcome = await runWorker(target, seed + turn * 1_000_003, Math.max(500, until - Date.now()), input);
    findings.push(...outcome.findings);
    total = { tried: total.tried + outcome.tried, kept: Math.max(total.kept, outcome.kept), slowest: outcome.slowest ?? total.slowest };
    if (outcome.complete) {
      break;
    }
  }
  return { target, ...total, findings, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

function runWorker(target: string, seed: number, millis: number, input: Buffer | undefined): Promise<Outcome & { readonly complete: boolean }> {
  const bytes = new SharedArrayBuffer(INPUT_BYTES);
  const state = new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT);
  const told = new Float64Array(state);
  const order: Order = { target, seed, millis, bytes, state, ...(input && { input }) };
  const worker = new Worker(join(__dirname, 'worker.js'), { workerData: order, resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES } });
  return new Promise((resolve) => {
    const stopped = (kind: Finding['kind'], message: string) => {
      clearInterval(watch);
      const current = Buffer.from(new Uint8Array(bytes, 0, Math.min(INPUT_BYTES, told[0])).slice());
      void worker.terminate().then(() => resolve({ tried: told[2], kept: 0, slowest: undefined, findings: [{ target, kind, message, input: current }], complete: false }));
    };
    const watch = setInterval(() => {
      if (told[1] > 0 && Date.now() - told[1] > LIMIT_MILLIS) {
        stopped('hang', `no end within ${LIMIT_MILLIS / 1000} s`);
      } else if (process.memoryUsage.rss() > MOST_BYTES) {
        stopped('memory', `more than ${MOST_BYTES / 1_048_576} MiB`);
      }
    }, WATCH_MILLIS);
    worker.once('message', (outcome: Outcome) => {
      clearInterval(watch);
      // Structured clones of buffers are plain arrays.
      const findings = outcome.findings.map((finding) => ({ ...finding, input: Buffer.from(finding.input) }));
      const slowest = outcome.slowest && { ...outcome.slowest, input: Buffer.from(outcome.slowest.input) };
      void worker.terminate().then(() => resolve({ ...outcome, findings, slowest, complete: true }));
    });
    worker.once('error', (error: NodeJS.ErrnoException) => {
      stopped(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash', `${error.name}: ${error.message}\n${error.stack?.split('\n').slice(1, 3).join('\n') ?? ''}`);
    });
  });
}

/** As a program: the order as JSON, the result as JSON. */
if (require.main === module) {
  const options = JSON.parse(process.argv[2]) as Omit<HostOptions, 'input'> & { readonly input?: string };
  void runTarget({ ...options, input: options.input === undefined ? undefined : Buffer.from(options.input, 'base64') }).then((result) => {
    process.stdout.write(JSON.stringify(result, (_, value: unknown) => value), () => process.exit(0));
  });
}
