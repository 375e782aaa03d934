import { Invoke } from './functions';
import { FOREIGN, LoadWorld, REPOSITORY, Statement } from './world';
import { sameStatement } from '../../src/access/compare';
import { AccessPolicy } from '../../src/access/model';
import { normalisedText } from '../../src/access/render';

export interface Figures {
  deployments: number;
  mostAtOnce: number;
  /** Events that had something to write, and writes that were sent. */
  changes: number;
  writes: number;
  calls: number;
  seconds: number;
  answers: { SUCCESS: number; FAILED: number };
  fired: number;
  staleReads: number;
  /** What must not be. */
  violations: string[];
}

/** A stack with one statement. */
interface Stack {
  readonly name: string;
  statement: Statement;
}

const POLICY_TEXT_MAX = 10_240;
const statementOf = (sid: string, version: number): Statement => ({ Sid: sid, Effect: 'Allow', Principal: '*', Action: version === 1 ? 'ecr:ListImages' : 'ecr:DescribeImages' });
const sidOf = (index: number) => `S${index.toString(36)}`;

/** How many statements of ours ECR takes beside the foreign ones. */
export function room(): number {
  let count = 0;
  while (normalisedText({ Version: '2012-10-17', Statement: [...FOREIGN, ...Array.from({ length: count + 1 }, () => statementOf('Szzz', 2))] } as unknown as AccessPolicy).length <= POLICY_TEXT_MAX) {
    count += 1;
  }
  return count;
}

/**
 * Stacks put their statements into one policy and take them out again, as many at once as it holds. In every round some are created, some of those that are there change theirs and
 * others take theirs out, all at the same time; then what is there must be what is wanted, and in the end what was there before.
 */
export async function runScenario(world: LoadWorld, invoke: (index: number) => Invoke, options: { readonly stacks: number; readonly most?: number }): Promise<Figures> {
  const began = performance.now();
  const most = Math.min(options.most ?? Infinity, room());
  const before = world.policy.text;
  const figures: Figures = {
    deployments: 0, mostAtOnce: 0, changes: 0, writes: 0, calls: 0, seconds: 0, answers: { SUCCESS: 0, FAILED: 0 }, fired: 0, staleReads: 0, violations: [],
  };
  const waiting: Stack[] = Array.from({ length: options.stacks }, (_, index) => ({ name: `stack-${index}`, statement: statementOf(sidOf(index), 1) }));
  let living: Stack[] = [];
  let deliveries = 0;

  const deliver = (type: 'Create' | 'Update' | 'Delete', stack: Stack, previous?: Statement) => {
    world.statusOf.set(`arn:aws:cloudformation:us-east-1:123456789012:stack/${stack.name}/1`, `${type.toUpperCase()}_IN_PROGRESS`);
    return invoke(deliveries++)(world.event(type, stack.name, { now: [stack.statement], ...(previous && { before: [previous] }) }));
  };
  const round = async (name: string, created: readonly Stack[], updated: readonly Stack[], deleted: readonly Stack[]) => {
    const events = created.length + updated.length + deleted.length;
    figures.deployments += events;
    figures.mostAtOnce = Math.max(figures.mostAtOnce, events);
    await Promise.all([
      ...created.map((stack) => deliver('Create', stack)),
      ...updated.map((stack) => {
        const previous = stack.statement;
        stack.statement = statementOf(previous.Sid!, 2);
        return deliver('Update', stack, previous);
      }),
      ...deleted.map((stack) => deliver('Delete', stack)),
    ]);
    living = [...living.filter((stack) => !deleted.includes(stack)), ...created];
    figures.violations.push(...differences(world, living.map(({ statement }) => statement)).map((what) => `${name}: ${what}`));
  };

  for (let number = 1; waiting.length > 0; number += 1) {
    // Half of the room first, so that later rounds find some.
    const fit = number === 1 ? Math.ceil(most / 2) : most - living.length;
    const untouched = living.filter(({ statement }) => sameStatement(statement as never, statementOf(statement.Sid!, 1) as never));
    const half = Math.ceil(untouched.length / 2);
    const rest = living.filter((stack) => !untouched.includes(stack));
    await round(`round ${number}`, waiting.splice(0, fit), untouched.slice(0, half), [...untouched.slice(half), ...rest]);
  }
  await round('deletion of all', [], [], living);

  figures.changes = figures.deployments;
  figures.writes = (world.emulator.calls.SetRepositoryPolicy ?? 0) + (world.emulator.calls.DeleteRepositoryPolicy ?? 0);
  figures.calls = Object.values(world.emulator.calls).reduce((sum, count) => sum + count, 0);
  figures.fired = world.emulator.faults.fired();
  figures.staleReads = world.emulator.faults.counts.reduce((sum, { staleReads = 0 }) => sum + staleReads, 0);
  figures.seconds = (performance.now() - began) / 1000;
  figures.violations.push(...answersOf(world, figures));
  if (world.policy.text !== before) {
    figures.violations.push(`At the end the policy of ${REPOSITORY} is not what it was before: ${world.policy.text}`);
  }
  return figures;
}

/** Every event has one answer, and it is SUCCESS. */
function answersOf(world: LoadWorld, figures: Figures): string[] {
  const byRequest = new Map<string, number>();
  for (const { requestId, status } of world.answers) {
    byRequest.set(requestId, (byRequest.get(requestId) ?? 0) + 1);
    figures.answers[status as 'SUCCESS' | 'FAILED'] += 1;
  }
  return [
    ...[...byRequest].filter(([, count]) => count !== 1).map(([requestId, count]) => `${requestId} was answered ${count} times`),
    ...(byRequest.size === figures.deployments ? [] : [`${figures.deployments - byRequest.size} deployments were not answered`]),
    ...world.answers.filter(({ status }) => status !== 'SUCCESS').map(({ requestId, reason }) => `${requestId} failed: ${reason}`),
  ];
}

/** Statements that are lost, left over, or say something else. */
function differences(world: LoadWorld, wanted: readonly Statement[]): string[] {
  const present = world.policy.statements;
  const isThere = (one: Statement, among: readonly Statement[]) => among.some((other) => one.Sid === other.Sid && sameStatement(one as never, other as never));
  const all = [...FOREIGN, ...wanted];
  return [
    ...all.filter((one) => !isThere(one, present)).map((one) => `lost: ${one.Sid ?? 'a foreign statement'}`),
    ...present.filter((one) => !isThere(one, all)).map((one) => `left over: ${one.Sid ?? JSON.stringify(one)}`),
    ...present.filter((one, place) => one.Sid !== undefined && present.findIndex(({ Sid }) => Sid === one.Sid) < place).map(({ Sid }) => `there twice: ${Sid}`),
  ];
}
