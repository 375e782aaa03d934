import { check, Checked } from './check';
import type { Mutation } from './mutation';

export interface Verdict {
  readonly mutation: Mutation;
  /** A law that it says it breaks is broken. */
  readonly isFound: boolean;
  readonly failure?: Checked['failure'];
  readonly runs: number;
}

export interface MutateOptions {
  readonly runs: number;
  readonly seed: number;
  readonly shrinks: boolean;
  /** For making a counterexample smaller. */
  readonly maxMillis?: number;
}

/** Runs sequences with a planted mistake until a law says so. */
export async function tryMutation(mutation: Mutation, options: MutateOptions): Promise<Verdict> {
  const { seed, shrinks, maxMillis } = options;
  const { failure: first, runs } = await check({ runs: options.runs, seed, mutation, shrinks: false });
  // Time is for making it smaller only: a machine that is busy with other things finds the same.
  const shrunk = first !== undefined && shrinks ? await check({ runs, seed, mutation, path: first.path, shrinks, maxMillis }) : undefined;
  const failure = shrunk?.failure ?? first;
  return { mutation, isFound: failure?.law !== undefined && mutation.breaks.includes(failure.law), failure, runs };
}

export function textOf({ mutation, isFound, failure, runs }: Verdict): string {
  const head = `${isFound ? 'found    ' : 'NOT FOUND'}  ${mutation.name}`;
  if (failure === undefined) {
    return `${head}\n           ${runs} sequences, and no law is broken`;
  }
  const { start, app, steps } = failure.sequence;
  return [
    head,
    `           after ${runs} sequences and ${failure.shrinks} shrinks, path ${failure.path}`,
    ...failure.message.split('\n').map((line) => `           ${line}`),
    `           ${JSON.stringify({ start, app: withoutEmpty(app), steps })}`,
  ].join('\n');
}

function withoutEmpty(app: object): object {
  return Object.fromEntries(Object.entries(app).filter(([, slots]) => Object.keys(slots as object).length > 0));
}
