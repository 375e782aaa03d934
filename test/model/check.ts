import * as fc from 'fast-check';
import { Answers } from './answers';
import { sequences } from './arbitraries';
import { Coverage } from './coverage';
import { runSequence } from './run';
import { Sequence } from './sequence';

export interface CheckOptions {
  readonly runs: number;
  readonly seed: number;
  /** Of a counterexample, to run it alone. */
  readonly path?: string;
  /** Whether a counterexample is made smaller. @default true, without a path */
  readonly shrinks?: boolean;
  readonly onRun?: (count: number) => void;
}

export interface Checked {
  readonly runs: number;
  readonly coverage: Coverage;
  readonly millis: number;
  readonly failure?: { readonly sequence: Sequence; readonly message: string; readonly path: string; readonly shrinks: number };
}

/** Runs random sequences until a law is broken, or all have held. */
export async function check({ runs, seed, path, onRun, shrinks = path === undefined }: CheckOptions): Promise<Checked> {
  const answers = await Answers.start();
  const coverage = new Coverage();
  const began = performance.now();
  let count = 0;
  try {
    const details = await fc.check(fc.asyncProperty(sequences, async (sequence) => {
      await runSequence(sequence, answers, coverage);
      count += 1;
      onRun?.(count);
    }), { numRuns: runs, seed, ...path === undefined ? {} : { path, endOnFailure: !shrinks } });
    return {
      runs: details.numRuns, coverage, millis: performance.now() - began,
      ...details.failed ? {
        failure: {
          sequence: details.counterexample![0], message: String((details.errorInstance as Error)?.message ?? details.errorInstance), path: details.counterexamplePath ?? '', shrinks: details.numShrinks,
        },
      } : {},
    };
  } finally {
    await answers.stop();
  }
}
