import * as fc from 'fast-check';
import { sequences } from './arbitraries';

const SEED = 11;
const COUNT = 40;

test('a worker and the replay of a counterexample draw the same sequence for a seed and a place', () => {
  const drawn = fc.sample(sequences, { seed: SEED, numRuns: COUNT });
  for (const place of [0, 1, 7, COUNT - 1]) {
    const { counterexample } = fc.check(fc.property(sequences, () => false), { seed: SEED, path: String(place), endOnFailure: true });
    expect(counterexample).toEqual([drawn[place]]);
  }
});

test('how many sequences are run does not change which they are', () => {
  const few = fc.sample(sequences, { seed: SEED, numRuns: COUNT });
  expect(fc.sample(sequences, { seed: SEED, numRuns: 3 * COUNT }).slice(0, COUNT)).toEqual(few);
});

test('a counterexample is the sequence that a run of all would have met there', () => {
  const seen: unknown[] = [];
  fc.check(fc.property(sequences, (sequence) => void seen.push(sequence)), { seed: SEED, numRuns: COUNT });
  expect(seen).toEqual(fc.sample(sequences, { seed: SEED, numRuns: COUNT }));
});
