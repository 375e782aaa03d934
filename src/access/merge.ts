import { DEFAULT_VERSION, sameStatement, usesVariables } from './compare';
import { AccessPolicy, isRecord, listOf, Statement } from './model';
import { normalisedText, POLICY_TEXT_MAX } from './render';
import { Problem } from '../errors';

export interface MergeInput {
  /** What the repository has now. */
  readonly current?: AccessPolicy;
  /** The statements that shall be there; each has a Sid of its own. */
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

/** The version of the policy language that knows policy variables. */
const VERSION_WITH_VARIABLES = '2012-10-17';

/**
 * Puts our statements among everybody else's. Theirs stay, to the letter and in place; ours replace what had their Sid. A Sid that was not ours before
 * and stands over another statement is somebody else's: a conflict. Statements without a Sid are never ours.
 *
 * ECR lets statements share a Sid, we never write one twice. So of several different statements under a Sid of ours all but one are somebody else's,
 * and unless one says what ours shall say, nobody can tell which: a conflict as well, and all of them stay.
 */
export function mergeStatements({ current, ours, previousSids }: MergeInput): MergeResult {
  const present = current?.Statement ?? [];
  const { wanted, problems: conflicts } = bySid(ours);
  const mine = new Set(previousSids.filter((sid) => sid !== ''));
  const kept = new Set<Statement>(present);
  const replacements = new Map<Statement, Statement>();

  for (const sid of new Set([...wanted.keys(), ...mine])) {
    const next = wanted.get(sid);
    const found = present.filter((statement) => statement.Sid === sid);
    const settled = next !== undefined && found.some((statement) => sameStatement(statement, next));
    const isAmbiguous = found.some((statement) => !sameStatement(statement, found[0]));
    if (found.length === 0 || (settled && (mine.has(sid) || !isAmbiguous))) {
      continue;
    }
    if (!mine.has(sid)) {
      conflicts.push(taken(sid, present, found.find((statement) => !sameStatement(statement, next!))!));
    } else if (isAmbiguous) {
      conflicts.push(ambiguous(sid, present, found, next !== undefined));
    } else {
      found.slice(next === undefined ? 0 : 1).forEach((statement) => kept.delete(statement));
      if (next !== undefined) {
        replacements.set(found[0], next);
      }
    }
  }

  const sids = new Set(present.map(({ Sid }) => Sid));
  const statements = [
    ...present.filter((statement) => kept.has(statement)).map((statement) => replacements.get(statement) ?? statement),
    ...[...wanted].filter(([sid]) => !sids.has(sid)).map(([, statement]) => statement),
  ];
  const foreign = statements.filter((statement) => kept.has(statement));
  const version = versionFor(current, [...wanted.values()], foreign, conflicts);
  const policy: AccessPolicy | undefined = statements.length === 0 ? undefined : { ...current, ...version, Statement: statements };
  const changed = statements.length !== present.length || statements.some((statement, index) => statement !== present[index])
    || (policy !== undefined && policy.Version !== current?.Version);
  if (changed && policy) {
    conflicts.push(...cannotBeSet(policy, foreign.filter((statement) => statement.Sid === undefined || !wanted.has(statement.Sid))));
  }
  return { policy, changed, conflicts };
}

function bySid(ours: readonly Statement[]): { readonly wanted: ReadonlyMap<string, Statement>; readonly problems: Problem[] } {
  const wanted = new Map<string, Statement>();
  const problems: Problem[] = [];
  ours.forEach((statement, index) => {
    const { Sid } = statement;
    if (typeof Sid !== 'string' || Sid === '') {
      problems.push({
        code: 'DD-ACCESS-021',
        pointer: `/Statement/${index}/Sid`,
        message: 'The statement has no Sid; without one nobody could tell later that it is ours.',
        value: statement,
        fix: 'Give it a Sid.',
      });
    } else if (!wanted.has(Sid)) {
      wanted.set(Sid, statement);
    } else if (!sameStatement(statement, wanted.get(Sid)!)) {
      problems.push({
        code: 'DD-ACCESS-009',
        pointer: `/Statement/${index}/Sid`,
        message: `Two different statements have the Sid ${JSON.stringify(Sid)}.`,
        value: Sid,
        fix: 'Give each statement its own Sid.',
      });
    }
  });
  return { wanted, problems };
}

function taken(sid: string, present: readonly Statement[], statement: Statement): Problem {
  return {
    code: 'DD-ACCESS-015',
    pointer: `/Statement/${present.indexOf(statement)}`,
    message: `The repository policy has a statement ${JSON.stringify(sid)} of somebody else, with other content.`,
    value: statement,
    fix: 'Choose another sid for the statement, or remove the one that is there.',
  };
}

function ambiguous(sid: string, present: readonly Statement[], found: readonly Statement[], isWanted: boolean): Problem {
  return {
    code: isWanted ? 'DD-ACCESS-015' : 'DD-ACCESS-018',
    pointer: `/Statement/${present.indexOf(found[1])}`,
    message: `The repository policy has ${found.length} statements ${JSON.stringify(sid)} that differ; which of them is ours cannot be told, so none is touched.`,
    value: found[1],
    fix: 'Give the statement that is somebody else\'s another Sid.',
  };
}

/**
 * The `Version` of the result. A document of the older version takes policy variables literally, so it moves on when ours have some; that changes
 * nothing for the others unless `${` occurs in them.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
 */
function versionFor(
  current: AccessPolicy | undefined, ours: readonly Statement[], foreign: readonly Statement[], conflicts: Problem[],
): { readonly Version?: string } {
  if (current === undefined) {
    return { Version: VERSION_WITH_VARIABLES };
  }
  if ((current.Version ?? DEFAULT_VERSION) !== DEFAULT_VERSION || !ours.some(usesVariables)) {
    return {};
  }
  const literal = foreign.find((statement) => usesVariables(statement) && !ours.some((one) => sameStatement(one, statement)));
  if (literal !== undefined) {
    conflicts.push({
      code: 'DD-ACCESS-019',
      pointer: '/Version',
      message: `Our statements have policy variables, which take effect with Version ${VERSION_WITH_VARIABLES} only; that would change the ${nameOf(literal, current.Statement)} of somebody else.`,
      value: current.Version,
      fix: `Write the statement without \${...}, or let the owner of the policy change its Version to ${VERSION_WITH_VARIABLES}.`,
    });
    return {};
  }
  return { Version: VERSION_WITH_VARIABLES };
}

function cannotBeSet(policy: AccessPolicy, foreign: readonly Statement[]): Problem[] {
  const problems: Problem[] = [];
  for (const statement of foreign) {
    const ids = deletedPrincipals(statement);
    if (ids.length > 0) {
      problems.push({
        code: 'DD-ACCESS-016',
        pointer: `/Statement/${policy.Statement.indexOf(statement)}`,
        message: `The ${nameOf(statement, policy.Statement)} of somebody else names ${ids.join(', ')}: a role or user that was deleted.`
          + ' ECR does not take the policy back with it.',
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
    .filter((value): value is string => typeof value === 'string' && UNIQUE_ID.test(value));
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
export const UNIQUE_ID = /^A(?:ROA|IDA)[A-Z0-9]{12,}$/;

function nameOf(statement: Statement, statements: readonly Statement[]): string {
  return `statement ${statement.Sid === undefined ? `number ${statements.indexOf(statement) + 1}` : JSON.stringify(statement.Sid)}`;
}
