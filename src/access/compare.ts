import { AccessPolicy, isRecord, listOf, Principal, Statement } from './model';

/** What a document without `Version` is read as. In it policy variables (`${...}`) are plain text. */
export const DEFAULT_VERSION = '2008-10-17';

/**
 * Whether two statements say the same to IAM: the case of actions, condition operators and condition keys, lists of one, order and repetition do not
 * matter, an account id is its root ARN, `"*"` is `{"AWS": "*"}`, numbers and booleans are their texts. `Resource: "*"` is no Resource, as in ECR.
 * Sids are compared to the letter.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function sameStatement(a: Statement, b: Statement): boolean {
  return statementKey(a) === statementKey(b);
}

/** The same for documents. The order and repetition of statements do not matter; `Version` only where policy variables occur; `Id` never. */
export function samePolicy(a: AccessPolicy, b: AccessPolicy): boolean {
  return policyKey(a) === policyKey(b);
}

/** A text that is equal exactly for statements that say the same. */
export function statementKey(statement: Statement): string {
  const {
    Sid, Effect, Principal: principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition, ...others
  } = statement as Statement & Record<string, unknown>;
  return stable({
    Sid,
    Effect,
    Principal: principalKey(principal),
    NotPrincipal: principalKey(NotPrincipal),
    Action: actionKey(Action),
    NotAction: actionKey(NotAction),
    Resource: listOf(Resource).every((resource) => resource === '*') ? undefined : setOf(Resource),
    NotResource: setOf(NotResource),
    Condition: conditionKey(Condition),
    others: Object.keys(others).length === 0 ? undefined : others,
  });
}

/** A text that is equal exactly for conditions that hold for the same requests. */
export function conditionKey(condition: unknown): unknown {
  if (!isRecord(condition)) {
    return condition;
  }
  // Two spellings of one key are two constraints that must both hold, so they stay apart.
  const constraints: unknown[] = Object.entries(condition).flatMap(([operator, keys]) => isRecord(keys)
    ? Object.entries(keys).map(([key, values]) => [operator.toLowerCase(), key.toLowerCase(), setOf(values, asText)])
    : [[operator.toLowerCase(), keys]]);
  // An empty block is no condition.
  return constraints.length === 0 ? undefined : unique(constraints);
}

/** Whether policy variables occur in the statement; they are replaced since version 2012-10-17 of the policy language. */
export function usesVariables(statement: Statement): boolean {
  return /\$\{/.test(stable([statement.Condition, statement.Resource, statement.NotResource]));
}

function policyKey(policy: AccessPolicy): string {
  const version = policy.Statement.some(usesVariables) ? policy.Version ?? DEFAULT_VERSION : '';
  return stable([unique(policy.Statement.map(statementKey)), version]);
}

const ACCOUNT_ROOT = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;

function principalKey(principal: Principal | undefined): unknown {
  return principal === '*' || isRecord(principal) ? unique(principals(principal)) : principal;
}

function principals(principal: unknown): (readonly [kind: string, value: unknown])[] {
  if (!isRecord(principal)) {
    return principal === '*' ? [['AWS', '*']] : [];
  }
  return Object.entries(principal).flatMap(([kind, values]) => listOf(values)
    .map((value) => [kind, kind === 'AWS' && typeof value === 'string' ? value.replace(ACCOUNT_ROOT, '$1') : value] as const));
}

export interface PrincipalValue {
  readonly kind: string;
  readonly value: string;
}

/** The principals of an element one by one, an account always as its id. */
export function principalValues(principal: unknown): PrincipalValue[] {
  return principals(principal).map(([kind, value]) => ({ kind, value: typeof value === 'string' ? value : stable(value) }));
}

function actionKey(actions: unknown): unknown {
  return setOf(actions, (action) => typeof action === 'string' ? action.toLowerCase() : action);
}

function asText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** One value or many as a sorted list of different texts. */
function setOf(values: unknown, normalised: (value: unknown) => unknown = (value) => value): unknown {
  return values === undefined ? undefined : unique(listOf(values).map(normalised));
}

function unique(values: readonly unknown[]): string[] {
  return [...new Set(values.map(stable))].sort();
}

/** JSON with sorted members. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => isRecord(member)
    ? Object.fromEntries(Object.keys(member).sort().map((key) => [key, member[key]]))
    : member) ?? 'undefined';
}
