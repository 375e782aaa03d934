import { AccessCode } from '../access/codes';
import { sameStatement } from '../access/compare';
import { mergeStatements } from '../access/merge';
import { AccessPolicy, Statement } from '../access/model';
import { parsePolicy } from '../access/parse';
import { isInvalidParameter } from '../ecr/errors';
import { RepositoryAddress } from '../ecr/registry';
import { DrydockError } from '../errors';
import { failure } from './codes';
import { namesUserOrRole, sameButForLostPrincipals } from './principals';
import { Run } from './run';
import { Settling } from './settling';

export interface StatementChange {
  readonly address: RepositoryAddress;
  /** What this resource wants in the policy. */
  readonly ours: readonly Statement[];
  /** What it had there before. */
  readonly previous: readonly Statement[];
  readonly allowLockOut: boolean;
  /** Taking back what this very event did: nothing is removed then that is not exactly what it added. */
  readonly isUndo: boolean;
}

const SID_TAKEN: AccessCode = 'DD-ACCESS-015';
const OVERWRITTEN_MAX = 100;

/**
 * Brings our statements into the policy of a repository, or out of it, and leaves everybody else's.
 *
 * ECR has no conditional write: whoever sets the policy overwrites what came in since he read it. So each write is made as soon as possible after its
 * read, is followed by a pause longer than that window, and by another read (see Settling); if something of ours is missing then, another writer of
 * this kind was at it, and the round is played again. Both end up in the policy.
 */
export async function convergeStatements(run: Run, change: StatementChange): Promise<void> {
  const { address, ours, allowLockOut } = change;
  const refusals = new Refusals(run, change);
  const settling = new Settling(run);
  const isCreation = !change.isUndo && run.event.RequestType === 'Create';
  // The event may come once more when it has failed already. Asked before the policy is read: nothing slow should be between that and the write.
  const isOvertaken = isCreation && await run.direction() === 'rolling-back';
  let failingSince: number | undefined;
  let failures = 0;
  let isNoted = false;
  let isWritten = false;
  let wasOverwritten = false;
  for (let overwritten = 0; overwritten < OVERWRITTEN_MAX;) {
    const text = await settling.timed(() => run.registry.getRepositoryPolicy(address));
    const readAt = run.budget.now();
    const current = text === undefined ? undefined : parsePolicy(text);
    const { policy, changed } = await merge(run, change, current);
    if (!changed) {
      if (!isWritten || settling.isOver(current)) {
        return;
      }
      wasOverwritten = true;
      if (!await settling.pauseIfTime()) {
        return;
      }
      continue;
    }
    if (wasOverwritten) {
      // The more often, the further apart the writers come back: each needs a moment in which nobody else has read and not yet set.
      wasOverwritten = false;
      await run.budget.wait(Math.random() * run.timing.settleJitterMillis * 2 ** Math.min(overwritten, 6));
      overwritten += 1;
      continue;
    }
    if (isOvertaken) {
      throw overtaken(address.repositoryName);
    }
    if (!isNoted) {
      isNoted = true;
      noteUndo(run, change, current);
    } else if (isCreation) {
      // Waiting for a principal, or for other writers, takes a while.
      await run.mustStillGoForward(() => overtaken(address.repositoryName));
    }
    if (run.budget.now() - readAt > run.timing.staleAfterMillis) {
      continue;
    }
    try {
      isWritten = true;
      settling.sent(policy);
      await settling.timed(() => policy === undefined
        ? run.registry.deleteRepositoryPolicy(address)
        : run.registry.setRepositoryPolicy(address, JSON.stringify(policy), allowLockOut && ours.length > 0));
      failingSince = undefined;
      failures = 0;
    } catch (error) {
      failingSince ??= readAt;
      failures += 1;
      if (isInvalidParameter(error)) {
        await refusals.pauseOrThrow(error);
      } else if (run.budget.mayPass(error, failingSince)) {
        await run.budget.wait(run.budget.backoff(failures), error);
      } else {
        throw error;
      }
      continue;
    }
    await settling.pause();
    wasOverwritten = true;
  }
  throw failure('DD-HANDLER-202', 'Statements', `The policy of ${address.repositoryName} was overwritten ${OVERWRITTEN_MAX} times while this resource wrote it.`, {
    fix: 'See in CloudTrail who calls SetRepositoryPolicy on the repository again and again.',
  });
}

function overtaken(repositoryName: string): Error {
  return failure('DD-HANDLER-304', 'Statements', `The stack began to roll back before the statements were in the policy of ${repositoryName}; nothing is left of them.`);
}

async function merge(run: Run, change: StatementChange, current: AccessPolicy | undefined): Promise<{ policy?: AccessPolicy; changed: boolean }> {
  const { ours, previous, address } = change;
  const kept = previous.filter(({ Sid }) => ours.some((statement) => statement.Sid === Sid)).map(({ Sid }) => Sid as string);
  const previousSids = [...kept, ...await removable(run, change, current)];
  const merged = mergeStatements({ current, ours: [...ours], previousSids });
  if (merged.conflicts.length === 0) {
    return merged;
  }
  const taken = merged.conflicts.filter(({ code }) => code === SID_TAKEN).map(({ value }) => (value as Statement).Sid as string);
  if (taken.length < merged.conflicts.length || run.event.RequestType !== 'Update' || await run.direction() !== 'rolling-back') {
    throw new DrydockError(merged.conflicts, { heading: `The policy of ${address.repositoryName} was left as it is:` });
  }
  run.log.warn('Statements of somebody else have taken the place of ours; the rollback leaves them.', { repositoryName: address.repositoryName, sids: taken });
  return merge(run, { ...change, ours: ours.filter(({ Sid }) => !taken.includes(Sid as string)) }, current);
}

/**
 * Sids of statements that are to go. What stands under such a Sid is not always ours: an update that failed because the Sid was taken is rolled
 * back with properties that name it.
 */
async function removable(run: Run, { ours, previous, isUndo, address }: StatementChange, current: AccessPolicy | undefined): Promise<string[]> {
  const sids: string[] = [];
  for (const statement of previous.filter(({ Sid }) => !ours.some((one) => one.Sid === Sid))) {
    const found = statementsOf(current).filter(({ Sid }) => Sid === statement.Sid);
    if (found.every((one) => sameButForLostPrincipals(one, statement))) {
      sids.push(statement.Sid as string);
    } else if (!isUndo && await run.direction() === 'forward') {
      run.log.warn('A statement of ours was changed by somebody else; it is removed all the same.', { repositoryName: address.repositoryName, sids: [statement.Sid as string] });
      sids.push(statement.Sid as string);
    } else {
      run.log.warn('A statement with a Sid of ours says something else; it is left alone.', { repositoryName: address.repositoryName, sids: [statement.Sid as string] });
    }
  }
  return sids;
}

/** A failed creation is not deleted by CloudFormation: what it added goes again, and what it replaced comes back. */
function noteUndo(run: Run, { address, ours, isUndo }: StatementChange, current: AccessPolicy | undefined): void {
  if (isUndo || run.event.RequestType === 'Delete') {
    return;
  }
  const sids = new Set(ours.map(({ Sid }) => Sid));
  const before = statementsOf(current).filter(({ Sid }) => Sid !== undefined && sids.has(Sid));
  const added = ours.filter((statement) => !before.some((one) => sameStatement(one, statement)));
  run.undo.push((undoRun) => convergeStatements(undoRun, { address, ours: before, previous: added, allowLockOut: false, isUndo: true }));
}

/** ECR refuses a policy whose principals it cannot find, for good or for now, with the error that it has for every malformed policy. */
class Refusals {
  private since: number | undefined;

  constructor(private readonly run: Run, private readonly change: StatementChange) {}

  /** Waits where a principal may only be too new. */
  public async pauseOrThrow(error: unknown): Promise<void> {
    const { ours, address } = this.change;
    const { budget, timing } = this.run;
    if (!ours.some(namesUserOrRole)) {
      throw error;
    }
    this.since ??= budget.now();
    if (budget.now() - this.since >= timing.principalWindowMillis) {
      throw failure('DD-HANDLER-201', 'Statements',
        `ECR refused the statements for ${Math.round(timing.principalWindowMillis / 1000)} seconds: ${(error as Error).message}. Most often a role or user that they name does not exist.`, {
          fix: 'See whether every principal exists in its account, and whether that account has this Region enabled.', cause: error,
        });
    }
    this.run.log.info('ECR does not know a principal (yet); the statements are tried again.', { repositoryName: address.repositoryName, sids: ours.map(({ Sid }) => Sid as string) });
    await budget.wait(timing.principalRetryMillis, error);
  }
}

function statementsOf(policy: AccessPolicy | undefined): readonly Statement[] {
  return policy?.Statement ?? [];
}
