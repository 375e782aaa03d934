import { actionMatches, REPOSITORY_ACTIONS } from './actions';
import { conditionKey, principalValues, stable } from './compare';
import { AccessPolicy, ConditionBlock, listOf, Statement } from './model';

/** Whom a change is about. */
export interface Who {
  /** `AWS`, `Service`, `Federated` or `CanonicalUser`. */
  readonly kind: string;
  /** An account id, an ARN, a service, or `*` for everybody. */
  readonly value: string;
  /** With `*`: everybody but these (`NotPrincipal`). */
  readonly except?: readonly string[];
}

/** What a policy says about somebody and an action. */
export interface Access {
  /** `silent`: neither allowed nor denied here; an IAM policy of the owner's account may allow it. */
  readonly says: 'denies' | 'silent' | 'allows';
  /** One of these conditions has to hold for the Allow; none listed: it holds always. */
  readonly when: readonly ConditionBlock[];
  /** Each of these conditions denies. */
  readonly unless: readonly ConditionBlock[];
}

export interface AccessChange {
  readonly who: Who;
  /** `differs` when the conditions changed and neither side is known to contain the other. */
  readonly change: 'gains' | 'loses' | 'differs';
  /** `ecr:...`, in the order of the alphabet. */
  readonly actions: readonly string[];
  readonly before: Access;
  readonly after: Access;
}

const ALWAYS = stable(undefined);

/**
 * Who gains or loses which action on a repository when its policy becomes another one (`undefined`: there is none). Only what the policy itself says:
 * in the owner's account an IAM policy may allow the same, and a principal of another account needs one besides.
 *
 * Everybody who is named on either side is looked at; what follows already from a change for everybody, or for the account, is not said again.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function accessChanges(before: AccessPolicy | undefined, after: AccessPolicy | undefined): AccessChange[] {
  const sides = [before?.Statement ?? [], after?.Statement ?? []];
  const everyone = new Map(sides.flat().flatMap(namedIn).map((who) => [stable(who), who]));
  const changes = new Map<string, AccessChange>();
  for (const [key, who] of [...everyone].sort(byFirst)) {
    for (const action of REPOSITORY_ACTIONS.map((name) => `ecr:${name}`)) {
      const [was, is] = sides.map((statements) => accessOf(statements, who, action));
      const change = changeBetween(was, is);
      if (change !== undefined) {
        const group = stable([key, was, is]);
        changes.set(group, { who, change, actions: [...changes.get(group)?.actions ?? [], action], before: was, after: is });
      }
    }
  }
  const all = [...changes.values()];
  return all.map((change) => ({ ...change, actions: change.actions.filter((action) => !all.some((wider) => isImplied(change, wider, action))) }))
    .filter(({ actions }) => actions.length > 0);
}

function namedIn(statement: Statement): Who[] {
  return statement.NotPrincipal === undefined
    ? principalValues(statement.Principal)
    : [{ kind: 'AWS', value: '*', except: principalValues(statement.NotPrincipal).map(({ value }) => value).sort() }];
}

function accessOf(statements: readonly Statement[], who: Who, action: string): Access {
  const applying = statements.filter((statement) => coversAction(statement, action) && namedIn(statement).some((named) => contains(named, who)));
  const allows = conditionsOf(applying.filter(({ Effect }) => Effect === 'Allow'));
  const denies = conditionsOf(applying.filter(({ Effect }) => Effect === 'Deny'));
  if (denies.has(ALWAYS)) {
    return { says: 'denies', when: [], unless: [] };
  }
  return { says: allows.size === 0 ? 'silent' : 'allows', when: allows.has(ALWAYS) ? [] : [...allows.values()], unless: [...denies.values()] };
}

/** Different conditions, in a fixed order. */
function conditionsOf(statements: readonly Statement[]): ReadonlyMap<string, ConditionBlock> {
  return new Map(statements.map(({ Condition }): [string, ConditionBlock] => [stable(conditionKey(Condition)), Condition ?? {}]).sort(byFirst));
}

function coversAction(statement: Statement, action: string): boolean {
  const matches = (patterns: Statement['Action']) => listOf(patterns).some((pattern) => typeof pattern === 'string' && actionMatches(pattern, action));
  return statement.NotAction === undefined ? matches(statement.Action) : !matches(statement.NotAction);
}

/** Whether what is said of the first is said of the second, too: of everybody, or of an account and so of its users and roles. */
function contains(wide: Who, narrow: Who): boolean {
  const { except } = wide;
  if (wide.kind === 'AWS' && wide.value === '*') {
    return except === undefined
      || (narrow.except === undefined ? narrow.value !== '*' && !except.includes(narrow.value) : except.every((value) => narrow.except!.includes(value)));
  }
  return wide.kind === narrow.kind && narrow.except === undefined
    && (wide.value === narrow.value || (/^\d{12}$/.test(wide.value) && narrow.value.split(':')[4] === wide.value));
}

function changeBetween(was: Access, is: Access): AccessChange['change'] | undefined {
  const [isWider, isNarrower] = [includes(is, was), includes(was, is)];
  return isWider && isNarrower ? undefined : isWider ? 'gains' : isNarrower ? 'loses' : 'differs';
}

/** Whether the first lets through all that the second lets through, as far as that shows without knowing what the conditions mean. */
function includes(wide: Access, narrow: Access): boolean {
  if (narrow.says === 'denies' || wide.says === 'denies') {
    return narrow.says === 'denies';
  }
  const allows = narrow.says === 'silent' || (wide.says === 'allows' && (wide.when.length === 0 || (narrow.when.length > 0 && isSubset(narrow.when, wide.when))));
  return allows && isSubset(wide.unless, narrow.unless);
}

function isSubset(some: readonly ConditionBlock[], all: readonly ConditionBlock[]): boolean {
  const keys = new Set(all.map((condition) => stable(conditionKey(condition))));
  return some.every((condition) => keys.has(stable(conditionKey(condition))));
}

/** Whether the same happens to somebody who contains the one of the change. */
function isImplied(change: AccessChange, wider: AccessChange, action: string): boolean {
  return contains(wider.who, change.who) && stable(wider.who) !== stable(change.who)
    && wider.actions.includes(action) && stable([wider.before, wider.after]) === stable([change.before, change.after]);
}

function byFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
