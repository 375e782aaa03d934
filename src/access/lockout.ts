import { actionMatches } from './actions';
import { AccessPolicy, isRecord, listOf, Statement } from './model';

export interface LockOutCaller {
  readonly accountId: string;
  /** ARN of the caller; when unknown, any principal of the account is meant. */
  readonly principalArn?: string;
}

export interface LockOut {
  readonly lockedOut: boolean;
  /** The statement that does it. */
  readonly statement?: Statement;
  /** False when the statement has conditions, or may leave out the caller, so that it may not apply. */
  readonly certain: boolean;
}

const SET = 'ecr:SetRepositoryPolicy';

type Reach = 'yes' | 'maybe' | 'no';

/**
 * Whether the policy denies its own change to the caller. The owner's access does not come from the repository policy, so only an explicit Deny can
 * take it away.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html (force)
 */
export function locksOut(policy: AccessPolicy, caller: LockOutCaller): LockOut {
  const denying = policy.Statement.filter((statement) => statement.Effect === 'Deny' && coversSet(statement))
    .map((statement) => ({ statement, reach: isConditional(statement) ? weaker(reachOf(statement, caller)) : reachOf(statement, caller) }));
  const worst = denying.find(({ reach }) => reach === 'yes') ?? denying.find(({ reach }) => reach === 'maybe');
  return { lockedOut: worst !== undefined, statement: worst?.statement, certain: worst?.reach === 'yes' };
}

function coversSet(statement: Statement): boolean {
  const matches = (patterns: Statement['Action']) => listOf(patterns).some((pattern) => typeof pattern === 'string' && actionMatches(pattern, SET));
  return statement.NotAction !== undefined ? !matches(statement.NotAction) : matches(statement.Action);
}

function isConditional({ Condition }: Statement): boolean {
  return isRecord(Condition) ? Object.values(Condition).some((block) => !isRecord(block) || Object.keys(block).length > 0) : Condition !== undefined;
}

function weaker(reach: Reach): Reach {
  return reach === 'yes' ? 'maybe' : reach;
}

function reachOf(statement: Statement, caller: LockOutCaller): Reach {
  return statement.NotPrincipal === undefined ? reachOfPrincipal(statement.Principal, caller) : reachBeside(statement.NotPrincipal, caller);
}

/** A principal element that names the caller, his account or everybody. */
function reachOfPrincipal(principal: unknown, caller: LockOutCaller): Reach {
  const values = awsValues(principal);
  if (values.some((value) => value === '*' || accountOfRoot(value) === caller.accountId || isCaller(value, caller))) {
    return 'yes';
  }
  return caller.principalArn === undefined && values.some((value) => accountOfArn(value) === caller.accountId) ? 'maybe' : 'no';
}

/**
 * Everybody but the named. An account named there stands for its root user only: its users and roles have to be named too, and for a role the session.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function reachBeside(notPrincipal: unknown, caller: LockOutCaller): Reach {
  const values = awsValues(notPrincipal);
  const isRoot = caller.principalArn !== undefined && accountOfRoot(caller.principalArn) === caller.accountId;
  if (values.some((value) => value === '*' || value === caller.principalArn || (isRoot && accountOfRoot(value) === caller.accountId))) {
    return 'no';
  }
  const isMaybeNamed = caller.principalArn === undefined
    ? values.some((value) => accountOfRoot(value) === caller.accountId || accountOfArn(value) === caller.accountId)
    : values.some((value) => isCaller(value, caller));
  return isMaybeNamed ? 'maybe' : 'yes';
}

function awsValues(principal: unknown): string[] {
  if (!isRecord(principal)) {
    return principal === '*' ? ['*'] : [];
  }
  return listOf(principal.AWS as string | string[] | undefined).filter((value) => typeof value === 'string');
}

/** The caller's own ARN, or the role that his session is of. */
export function isCaller(value: string, { principalArn }: LockOutCaller): boolean {
  const session = /^(arn:[^:]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(principalArn ?? '');
  return value === principalArn
    || (session !== null && value.startsWith(`${session[1]}:iam::${session[2]}:role/`) && value.split('/').pop() === session[3]);
}

function accountOfRoot(value: string): string | undefined {
  const match = /^(\d{12})$|^arn:[^:]+:iam::(\d{12}):root$/.exec(value);
  return match?.[1] ?? match?.[2];
}

function accountOfArn(value: string): string | undefined {
  return value.split(':')[4];
}
