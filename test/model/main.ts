import { fork } from 'node:child_process';
import { Command } from 'commander';
import { check } from './check';
import { Coverage } from './coverage';
import { LAWS } from './laws';
import { textOf, tryMutation } from './mutate';
import { MUTATIONS } from './mutations';
import { FromWorker, Share, WORKER, workWhenTold } from './worker';

const PROGRAM = new Command('test:model')
  .description('Random sequences of deployments, failures, rollbacks, faults and actions of others; every law is checked after every step')
  .option('--runs <count>', 'sequences', '1000')
  .option('--seed <number>', 'where the sequences come from')
  .option('--path <path>', 'of a counterexample: runs that one alone, with --seed')
  .option('--workers <count>', 'processes', '2')
  .option('--mutate [words]', 'plants mistakes into the handlers, or those with these words in their name, and shows that each is found');

/** For each planted mistake: time to make its counterexample smaller. */
const MUTATION_MILLIS = 20_000;

interface Options {
  readonly runs: string;
  readonly seed?: string;
  readonly path?: string;
  readonly workers: string;
  readonly mutate?: true | string;
}

async function main(): Promise<void> {
  const options = PROGRAM.parse().opts<Options>();
  const seed = options.seed === undefined ? Math.floor(Date.now() / 1000) % 1_000_000_000 : Number(options.seed);
  const runs = Number(options.runs);
  if (options.mutate !== undefined) {
    return mutate(options.mutate === true ? '' : options.mutate, runs, seed);
  }
  const began = Date.now();
  console.log(`seed ${seed}, ${runs} sequences`);
  const coverage = new Coverage();
  const { done, broken } = options.path === undefined ? await inWorkers({ seed, runs, workers: Number(options.workers) }, coverage) : { done: 1, broken: Number(options.path.split(':')[0]) };
  const minutes = (Date.now() - began) / 60_000;
  console.log('\nlaw                                                                                     checked');
  Object.entries(LAWS).forEach(([law, says]) => console.log(`${law}  ${says.padEnd(82)} ${String(coverage.laws[law] ?? 0).padStart(9)}`));
  console.log('');
  Object.entries(coverage.events).sort().forEach(([what, times]) => console.log(`${what.padEnd(85)} ${String(times).padStart(9)}`));
  console.log(`\n${done} sequences in ${minutes.toFixed(1)} minutes, ${Math.round(done / minutes)} a minute; violations: ${broken === undefined ? 0 : 1}`);
  if (broken === undefined) {
    return;
  }
  process.exitCode = 1;
  const { failure } = await check({ runs: broken + 1, seed, path: options.path ?? String(broken), shrinks: options.path === undefined });
  if (failure === undefined) {
    console.log(`Sequence ${broken} failed in its worker and does not fail alone. Time must have come into it: say so, with the seed.`);
    return;
  }
  console.log(`${failure.message}\n${JSON.stringify(failure.sequence, undefined, 1)}\nReproduce: npm run test:model -- --seed ${seed} --path ${failure.path}`);
}

/** A planted mistake that no law notices is a failure. */
async function mutate(words: string, runs: number, seed: number): Promise<void> {
  const chosen = MUTATIONS.filter(({ name }) => name.includes(words));
  let found = 0;
  for (const mutation of chosen) {
    const verdict = await tryMutation(mutation, { runs, seed, shrinks: true, maxMillis: MUTATION_MILLIS });
    console.log(textOf(verdict));
    found += verdict.isFound ? 1 : 0;
  }
  console.log(`\nseed ${seed}: ${found} of ${chosen.length} planted mistakes found`);
  process.exitCode = found === chosen.length && found > 0 ? 0 : 1;
}

/** Each takes every so-manieth of the seed's sequences. The first that broke a law, by its place among them. */
async function inWorkers({ seed, runs, workers }: Omit<Share, 'worker'>, coverage: Coverage): Promise<{ done: number; broken?: number }> {
  let broken: number | undefined;
  const counts = await Promise.all(Array.from({ length: workers }, (_, worker) => new Promise<number>((resolve, reject) => {
    let done = 0;
    const child = fork(__filename, [WORKER]);
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'broken') {
        broken = Math.min(broken ?? Infinity, message.index);
      } else {
        done = message.done;
        if (message.kind === 'done') {
          coverage.add(message);
        }
      }
    });
    child.on('error', reject);
    child.on('exit', (code) => code === 0 ? resolve(done) : reject(new Error(`A worker ended with ${code}.`)));
    child.send({ seed, runs, workers, worker } satisfies Share);
  })));
  return { done: counts.reduce((sum, one) => sum + one, 0), broken };
}

void (process.argv[2] === WORKER ? workWhenTold() : main());
