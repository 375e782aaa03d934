import { check } from './check';

const SEED = 5;
const RUNS = 40;

test(`${RUNS} random sequences of deployments, failures, rollbacks, faults and actions of others break no law`, async () => {
  const { failure, coverage } = await check({ runs: RUNS, seed: SEED });
  expect(failure && `${failure.message}\n--seed ${SEED} --path ${failure.path}\n${JSON.stringify(failure.sequence)}`).toBeUndefined();
  // A law that nothing has put to the test has not held.
  expect(['a', 'b', 'c', 'e', 'f', 'g', 'h', 'i', 'j'].filter((law) => (coverage.laws[law] ?? 0) < 5)).toEqual([]);
}, 300_000);
