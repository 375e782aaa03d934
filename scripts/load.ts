/**
 * Deployments of repository-policy statements onto one repository, many at the same time, against the embedded ECR: no statement may be lost.
 * `npm run test:load -- --deployments 200 --latency 20 --processes 10 --faults docs/faults/bad-day.json`
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { inProcess, inProcessOfItsOwn } from '../test/load/functions';
import { room, runScenario } from '../test/load/scenario';
import { LoadWorld } from '../test/load/world';

const options = new Command('test:load')
  .option('--deployments <number>', 'stacks, each of which is created and deleted; every second one is updated too', '200')
  .option('--repository-policies <number>', 'the same')
  .option('--at-once <number>', 'statements in the policy at the same time, at most as many as ECR stores')
  .option('--processes <number>', 'every so-many-eth deployment runs the shipped bundle in a process of its own (0: none)', '20')
  .option('--latency <ms>', 'of every call', '10')
  .option('--faults <file>', 'script of faults')
  .parse().opts<Record<'deployments' | 'processes' | 'latency', string> & { repositoryPolicies?: string; atOnce?: string; faults?: string }>();

async function main(): Promise<void> {
  const world = await LoadWorld.start({ latencyMs: Number(options.latency), faults: options.faults === undefined ? undefined : JSON.parse(readFileSync(options.faults, 'utf8')) });
  const every = Number(options.processes);
  const here = inProcess(world);
  const elsewhere = inProcessOfItsOwn(world);
  let processes = 0;
  const invoke = (index: number) => {
    const isElsewhere = every > 0 && index % every === every - 1;
    processes += isElsewhere ? 1 : 0;
    return isElsewhere ? elsewhere : here;
  };
  const stacks = Number(options.repositoryPolicies ?? options.deployments);
  console.log(`${stacks} stacks, each with a statement of its own, onto one repository that none of them owns; ECR's 10,240 characters hold ${room()} such statements at once.`);
  const figures = await runScenario(world, invoke, { stacks, ...(options.atOnce !== undefined && { most: Number(options.atOnce) }) });
  const lost = figures.violations.filter((violation) => / lost: /.test(violation)).length;
  console.log([
    ['deployments', `${figures.deployments} (creations, updates, deletions), up to ${figures.mostAtOnce} at the same time, ${processes} in processes of their own`],
    ['duration', `${figures.seconds.toFixed(1)} s`],
    ['calls', String(figures.calls)],
    ['writes', `${figures.writes}, of which ${Math.max(0, figures.writes - figures.changes)} because another writer or a fault came in between`],
    ['answers', `${figures.answers.SUCCESS} SUCCESS, ${figures.answers.FAILED} FAILED`],
    ['faults', options.faults === undefined ? 'none' : `${figures.fired}, ${figures.staleReads} stale reads`],
    ['lost statements', String(lost)],
  ].map(([name, value]) => `  ${name.padEnd(16)} ${value}`).join('\n'));
  figures.violations.forEach((violation) => console.log(`  ! ${violation}`));
  await world.stop();
  process.exitCode = figures.violations.length === 0 ? 0 : 1;
}

void main();
