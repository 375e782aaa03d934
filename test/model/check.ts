import * as fc from 'fast-check';
import { Answers } from './answers';
import { sequences } from './arbitraries';
import { Coverage } from './coverage';
import { Law, Violation } from './laws';
import type { Mutation } from './mutation';
import { runSequence } from './run';
import { Sequence } from './sequence';

export interface CheckOptions {
  readonly runs: number;
  readonly seed: number;
  /** Of a counterexample, to run it alone. */
  readonly path?: string;
  /** Whether a counterexample is made smaller. @default true, without a path */
  readonly shrinks?: boolean;
  /** Shrinking ends then, with what it has found. */
  readonly maxMillis?: number;
  readonly mutation?: Mutation;
  readonly onRun?: (count: number) => void;
}

export interface Checked {
  readonly runs: number;
  readonly coverage: Coverage;
  readonly millis: number;
  readonly failure?: { readonly sequence: Sequence; readonly law?: Law; readonly message: string; readonly path: string; readonly shrinks: number };
}

/** Runs random sequences until a law is broken, or all have held. */
export async function check({ runs, seed, path, onRun, mutation, maxMillis, shrinks = path === undefined }: CheckOptions): Promise<Checked> {
  const answers = await Answers.start();
  const coverage = new Coverage();
  const began = performance.now();
  let count = 0;
  try {
    const details = await fc.check(fc.asyncProperty(sequences, async (sequence) => {
      await runSequence(sequence, answers, coverage, mutation);
      count += 1;
      onRun?.(count);
    }), {
      numRuns: runs, seed, endOnFailure: !shrinks, ...path === undefined ? {} : { path }, ...maxMillis === undefined ? {} : { interruptAfterTimeLimit: maxMillis },
    });
    return {
      runs: details.numRuns, coverage, millis: performance.now() - began,
      ...details.failed ? {
        failure: {
          sequence: details.counterexample![0], law: details.errorInstance instanceof Violation ? details.errorInstance.law : undefined, message: String((details.errorInstance as Error)?.message ?? details.errorInstance), path: details.counterexamplePath ?? '', shrinks: details.numShrinks,
        },
      } : {},
    };
  } finally {
    await answers.stop();
  }
}
