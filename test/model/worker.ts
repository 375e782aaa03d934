import * as fc from 'fast-check';
import { Answers } from './answers';
import { sequences } from './arbitraries';
import { Coverage } from './coverage';
import { runSequence } from './run';

/** The argument that makes this program a worker. */
export const WORKER = 'worker';

/** Message to a worker: which of the sequences of a seed are its own. */
export interface Share {
  readonly seed: number;
  readonly runs: number;
  readonly workers: number;
  readonly worker: number;
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'done'; readonly done: number; readonly laws: Coverage['laws']; readonly events: Coverage['events'] }
  | { readonly kind: 'broken'; readonly index: number };

async function work({ seed, runs, workers, worker }: Share, tell: (message: FromWorker) => void): Promise<void> {
  const answers = await Answers.start();
  const coverage = new Coverage();
  let index = -1;
  let done = 0;
  const all = fc.sample(sequences, { seed, numRuns: runs });
  for (const sequence of all) {
    index += 1;
    if (index % workers !== worker) {
      continue;
    }
    try {
      await runSequence(sequence, answers, coverage);
    } catch {
      tell({ kind: 'broken', index });
      break;
    }
    done += 1;
    if (done % 50 === 0) {
      tell({ kind: 'progress', done });
    }
  }
  tell({ kind: 'done', done, laws: coverage.laws, events: coverage.events });
  await answers.stop();
}

export function workWhenTold(): void {
  process.once('message', (share: Share) => {
    void work(share, (message) => process.send?.(message)).then(() => process.disconnect());
  });
}
