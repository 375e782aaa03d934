import { sameStatement } from './compare';
import { AccessPolicy, isRecord, listOf, Statement } from './model';
import { normalisedText, POLICY_TEXT_MAX } from './render';
import { Problem } from '../errors';

export interface MergeInput {
  /** What the repository has now. */
  readonly current?: AccessPolicy;
  /** The statements that shall be there; each has a Sid. */
  readonly ours: readonly Statement[];
  /** Sids that were ours before; the ones that are not in `ours` go. */
  readonly previousSids: readonly string[];
}

export interface MergeResult {
  /** The document to set; `undefined` when nothing is left and the policy is to be deleted. */
  readonly policy?: AccessPolicy;
  /** Whether it says something else than the present one. */
  readonly changed: boolean;
  /** Why it must not be set. */
  readonly conflicts: readonly Problem[];
}

/**
 * Puts our statements among everybody else's. Theirs stay, to the letter and in place; ours replace what had their Sid. A Sid that was not ours before
 * and stands over another statement is somebody else's: a conflict. Statements without a Sid are never ours.
 */
export function mergeStatements({ current, ours, previousSids }: MergeInput): MergeResult {
  const wanted = new Map(ours.map((statement) => [statement.Sid!, statement]));
  const mine = new Set(previousSids);
  const conflicts: Problem[] = [];
  const placed = new Set<string>();
  const statements: Statement[] = [];
  for (const [index, statement] of (current?.Statement ?? []).entries()) {
    const sid = statement.Sid;
    const next = sid === undefined ? undefined : wanted.get(sid);
    if (sid === undefined || (next === undefined && !mine.has(sid))) {
      statements.push(statement);
    } else if (next === undefined) {
      // Ours once, not any more.
    } else if (!mine.has(sid) && !sameStatement(statement, next)) {
      statements.push(statement);
      conflicts.push({
        code: 'DD-ACCESS-015',
        pointer: `/Statement/${index}`,
        message: `The repository policy has a statement ${JSON.stringify(sid)} of somebody else, with other content.`,
        value: statement,
        fix: 'Choose another sid for the statement, or remove the one that is there.',
      });
      placed.add(sid);
    } else if (!placed.has(sid)) {
      statements.push(sameStatement(statement, next) ? statement : next);
      placed.add(sid);
    }
    // A further statement of the same Sid was ours as well: the first place is enough.
  }
  statements.push(...ours.filter((statement) => !placed.has(statement.Sid!)));
  const policy: AccessPolicy | undefined = statements.length === 0 ? undefined : { Version: '2012-10-17', ...current, Statement: statements };
  const changed = !sameList(current?.Statement ?? [], statements);
  if (changed && policy) {
    conflicts.push(...cannotBeSet(policy, wanted));
  }
  return { policy, changed, conflicts };
}

function cannotBeSet(policy: AccessPolicy, ours: ReadonlyMap<string, Statement>): Problem[] {
  const problems: Problem[] = [];
  for (const [index, statement] of policy.Statement.entries()) {
    const ids = deletedPrincipals(statement);
    if (ids.length > 0 && !(statement.Sid !== undefined && ours.has(statement.Sid))) {
      problems.push({
        code: 'DD-ACCESS-016',
        pointer: `/Statement/${index}`,
        message: `The statement ${JSON.stringify(statement.Sid ?? `number ${index + 1}`)} of somebody else names ${ids.join(', ')}: a role or user that was deleted. ECR does not take the policy back with it.`,
        value: statement,
        fix: 'Its owner has to remove the principal or the statement; it is not removed here.',
      });
    }
  }
  const length = normalisedText(policy).length;
  if (length > POLICY_TEXT_MAX) {
    problems.push({
      code: 'DD-ACCESS-012',
      pointer: '',
      message: `With the statements that are there already the policy would have ${length} characters; ECR stores ${POLICY_TEXT_MAX}.`,
      value: length,
      fix: 'Join statements, use fewer principals (an account instead of its roles), or remove statements.',
    });
  }
  return problems;
}

/** Unique ids (`AROA...`, `AIDA...`) that IAM shows in place of the ARN of a deleted role or user. */
export function deletedPrincipals(statement: Statement): string[] {
  return [statement.Principal, statement.NotPrincipal].flatMap((principal) => isRecord(principal) ? listOf(principal.AWS as string | string[]) : [])
    .filter((value): value is string => typeof value === 'string' && /^A(?:ROA|IDA)[A-Z0-9]{12,}$/.test(value));
}

function sameList(a: readonly Statement[], b: readonly Statement[]): boolean {
  return a.length === b.length && a.every((statement, index) => statement === b[index]);
}
