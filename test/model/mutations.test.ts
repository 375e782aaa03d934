import { tryMutation } from './mutate';
import { MUTATIONS } from './mutations';

const SEED = 1;
const RUNS = 60;

/** One of every kind: a handler that does too much, too little, the wrong thing in a rollback, asks nobody, and answers wrongly. `--mutate` tries all. */
const SAMPLE = [
  'statements of others are dropped when a policy is set',
  'statements stay when their policy is deleted',
  'a rollback answers and does nothing',
  'the gate is never asked',
  'an answer is sent twice',
];

test.each(SAMPLE)('a law is broken when %s', async (name) => {
  const mutation = MUTATIONS.find((one) => one.name === name)!;
  const { isFound, failure, runs } = await tryMutation(mutation, { runs: RUNS, seed: SEED, shrinks: false });
  expect(isFound ? 'found' : `after ${runs} sequences: ${failure?.message ?? 'no law is broken'}`).toBe('found');
}, 600_000);

test('every planted mistake has a name of its own', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});
