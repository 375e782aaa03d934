import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage';
import { Finding, Session, Slowest } from './session';
import { targetOf } from './targets';

/** What a worker is told. */
export interface Order {
  readonly target: string;
  readonly seed: number;
  readonly millis: number;
  /** The input that is being tried: its bytes. */
  readonly bytes: SharedArrayBuffer;
  /** [length of the input, when it was begun, how many were tried]. */
  readonly state: SharedArrayBuffer;
  /** Only this, in place of looking for others. */
  readonly input?: Uint8Array;
}

export interface Outcome {
  readonly tried: number;
  readonly kept: number;
  readonly findings: readonly Finding[];
  readonly slowest: Slowest | undefined;
}

async function main({ target: name, seed, millis, bytes, state, input }: Order): Promise<void> {
  const shown = new Uint8Array(bytes);
  const told = new Float64Array(state);
  const given = targetOf(name);
  const target = input === undefined ? given : { ...given, seeds: () => [Buffer.from(input)], run: given.run, open: given.open, close: given.close };
  const session = new Session(target, seed, {
    coverage: new Coverage(),
    onInput: (one) => {
      shown.set(one.subarray(0, shown.length));
      told[0] = one.length;
      told[1] = Date.now();
      told[2] += 1;
    },
  });
  const until = Date.now() + millis;
  await session.begin();
  while (input === undefined && Date.now() < until) {
    await session.step();
  }
  const outcome: Outcome = { slowest: await session.slowest(), tried: session.tried, kept: session.kept, findings: [...session.findings.values()] };
  told[1] = Infinity;
  await session.end();
  parentPort!.postMessage(outcome);
}

void main(workerData as Order);
