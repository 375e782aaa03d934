import { AccessPolicy, isRecord, listOf, Principal, Statement } from './model';

/**
 * Whether two statements say the same to IAM: the case of actions and condition keys, lists of one, order and repetition do not matter, an account id is its
 * root ARN, `"*"` is `{"AWS": "*"}`, numbers and booleans are their texts. `Resource: "*"` is no Resource, as in ECR. Sids are compared to the letter.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function sameStatement(a: Statement, b: Statement): boolean {
  return statementKey(a) === statementKey(b);
}

/** The same for documents. The order of statements does not matter; `Version` only where policy variables (`${...}`) occur; `Id` never. */
export function samePolicy(a: AccessPolicy, b: AccessPolicy): boolean {
  return policyKey(a) === policyKey(b);
}

/** A text that is equal exactly for statements that say the same. */
export function statementKey(statement: Statement): string {
  const { Sid, Effect, Principal: principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition, ...others } = statement as Statement & Record<string, unknown>;
  return stable({
    Sid,
    Effect,
    Principal: principalKey(principal),
    NotPrincipal: principalKey(NotPrincipal),
    Action: actionKey(Action),
    NotAction: actionKey(NotAction),
    Resource: listOf(Resource).every((resource) => resource === '*') ? undefined : textSet(Resource),
    NotResource: textSet(NotResource),
    Condition: conditionKey(Condition),
    others: Object.keys(others).length === 0 ? undefined : others,
  });
}

function policyKey(policy: AccessPolicy): string {
  const keys = policy.Statement.map(statementKey).sort();
  const variables = policy.Statement.some((statement) => /\$\{/.test(JSON.stringify(statement)));
  return JSON.stringify([keys, variables ? policy.Version ?? '2008-10-17' : '']);
}

const ACCOUNT_ROOT = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;

function principalKey(principal: Principal | undefined): unknown {
  if (!isRecord(principal)) {
    return principal === '*' ? { AWS: ['*'] } : principal;
  }
  return Object.fromEntries(Object.entries(principal).map(([kind, values]) => [
    kind, unique(listOf(values as string | string[]).map((value) => kind === 'AWS' && typeof value === 'string' ? value.replace(ACCOUNT_ROOT, '$1') : value)),
  ]));
}

function actionKey(actions: Statement['Action']): unknown {
  return actions === undefined ? undefined : unique(listOf(actions).map((action) => typeof action === 'string' ? action.toLowerCase() : action));
}

function textSet(values: Statement['Resource']): unknown {
  return values === undefined ? undefined : unique(listOf(values));
}

function conditionKey(condition: unknown): unknown {
  if (!isRecord(condition)) {
    return condition;
  }
  const entries: [string, unknown][] = [];
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isRecord(keys)) {
      entries.push([operator.toLowerCase(), keys]);
      continue;
    }
    for (const [key, values] of Object.entries(keys)) {
      entries.push([`${operator.toLowerCase()} ${key.toLowerCase()}`, unique(listOf(values as string | string[]).map((value) => isRecord(value) ? value : String(value)))]);
    }
  }
  // An empty block is no condition; two spellings of one key are two constraints that must both hold, so they stay apart.
  return entries.length === 0 ? undefined : entries.map((entry) => stable(entry)).sort();
}

function unique(values: readonly unknown[]): unknown[] {
  return [...new Set(values.map(stable))].sort();
}

/** JSON with sorted members. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => isRecord(member)
    ? Object.fromEntries(Object.keys(member).sort().map((key) => [key, member[key]]))
    : member) ?? 'undefined';
}
