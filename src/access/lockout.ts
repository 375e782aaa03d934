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
  /** False when the statement has conditions, so that it may not apply. */
  readonly certain: boolean;
}

const SET = 'ecr:SetRepositoryPolicy';

/**
 * Whether the policy denies its own change to the caller. The owner's access does not come from the repository policy, so only an explicit Deny can
 * take it away.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html (force)
 */
export function locksOut(policy: AccessPolicy, caller: LockOutCaller): LockOut {
  const denying = policy.Statement.filter((statement) => statement.Effect === 'Deny' && coversSet(statement) && reaches(statement, caller));
  const certain = denying.find((statement) => !isRecord(statement.Condition) || Object.keys(statement.Condition).length === 0);
  const statement = certain ?? denying[0];
  return { lockedOut: statement !== undefined, statement, certain: certain !== undefined };
}

function coversSet(statement: Statement): boolean {
  const matches = (patterns: Statement['Action']) => listOf(patterns).some((pattern) => typeof pattern === 'string' && actionMatches(pattern, SET));
  return statement.NotAction !== undefined ? !matches(statement.NotAction) : matches(statement.Action);
}

function reaches(statement: Statement, caller: LockOutCaller): boolean {
  if (statement.NotPrincipal !== undefined) {
    return !names(statement.NotPrincipal, caller, false);
  }
  return names(statement.Principal, caller, true);
}

/** Whether the principal element names the caller; `wide` also when the caller's own ARN is not known and the account's principals are named. */
function names(principal: Statement['Principal'], caller: LockOutCaller, wide: boolean): boolean {
  if (!isRecord(principal)) {
    return principal === '*';
  }
  return listOf(principal.AWS as string | string[] | undefined).some((value) => {
    if (typeof value !== 'string') {
      return false;
    }
    const account = /^(\d{12})$|^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(value);
    if (account) {
      return (account[1] ?? account[2]) === caller.accountId;
    }
    return value === '*' || value === caller.principalArn || (wide && caller.principalArn === undefined && value.split(':')[4] === caller.accountId);
  });
}
