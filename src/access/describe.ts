import { actionMatches, REPOSITORY_ACTIONS } from './actions';
import { conditionKey, principalValues, stable } from './compare';
import { isImpliedBy } from './condition-order';
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
const ACTIONS = REPOSITORY_ACTIONS.map((action) => `ecr:${action}`);

/** A statement with its principals and actions told one by one. */
interface Grant {
  readonly statement: Statement;
  readonly named: readonly Who[];
  readonly actions: ReadonlySet<string>;
  readonly condition: string;
}

/**
 * Who gains or loses which action on a repository when its policy becomes another one (`undefined`: there is none). Only what the policy itself says:
 * in the owner's account an IAM policy may allow the same, and a principal of another account needs one besides.
 *
 * Everybody who is named on either side is looked at; what follows already from a change for everybody, or for the account, is not said again.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function accessChanges(before: AccessPolicy | undefined, after: AccessPolicy | undefined): AccessChange[] {
  const sides = [before, after].map((policy) => (policy?.Statement ?? []).map(grantOf));
  const everyone = new Map(sides.flat().flatMap(({ named }) => named).map((who) => [stable(who), who]));
  const byOutcome = new Map<string, AccessChange[]>();
  for (const [, who] of [...everyone].sort(byFirst)) {
    const [earlier, later] = sides.map((grants) => grants.filter(({ named }) => named.some((one) => contains(one, who))));
    const groups = new Map<string, AccessChange>();
    for (const action of ACTIONS) {
      const [was, is] = [accessTo(action, earlier), accessTo(action, later)];
      const change = changeBetween(was, is);
      if (change !== undefined) {
        const outcome = stable([was, is]);
        groups.set(outcome, { who, change, actions: [...groups.get(outcome)?.actions ?? [], action], before: was, after: is });
      }
    }
    groups.forEach((change, outcome) => byOutcome.set(outcome, [...byOutcome.get(outcome) ?? [], change]));
  }
  return [...byOutcome.values()].flatMap(withoutImplied).sort((a, b) => byFirst([stable(a.who)], [stable(b.who)]));
}

function grantOf(statement: Statement): Grant {
  const { Principal, NotPrincipal, Action, NotAction } = statement;
  const matches = (action: string) => listOf(NotAction ?? Action).some((pattern) => typeof pattern === 'string' && actionMatches(pattern, action));
  return {
    statement,
    named: NotPrincipal === undefined
      ? principalValues(Principal)
      : [{ kind: 'AWS', value: '*', except: principalValues(NotPrincipal).map(({ value }) => value).sort() }],
    actions: new Set(ACTIONS.filter((action) => matches(action) === (NotAction === undefined))),
    condition: stable(conditionKey(statement.Condition)),
  };
}

function accessTo(action: string, grants: readonly Grant[]): Access {
  const applying = grants.filter(({ actions }) => actions.has(action));
  const allows = conditionsOf(applying, 'Allow');
  const denies = conditionsOf(applying, 'Deny');
  if (denies.has(ALWAYS)) {
    return { says: 'denies', when: [], unless: [] };
  }
  return { says: allows.size === 0 ? 'silent' : 'allows', when: allows.has(ALWAYS) ? [] : [...allows.values()], unless: [...denies.values()] };
}

/** Different conditions, in a fixed order. */
function conditionsOf(grants: readonly Grant[], effect: string): ReadonlyMap<string, ConditionBlock> {
  return new Map(grants.filter(({ statement }) => statement.Effect === effect)
    .map(({ condition, statement }): [string, ConditionBlock] => [condition, statement.Condition ?? {}]).sort(byFirst));
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
  const allows = narrow.says === 'silent' || (wide.says === 'allows' && (wide.when.length === 0 || (narrow.when.length > 0 && areWithin(narrow.when, wide.when))));
  return allows && areWithin(wide.unless, narrow.unless);
}

/** Whether each condition lets through no more than one of the others. */
function areWithin(some: readonly ConditionBlock[], all: readonly ConditionBlock[]): boolean {
  return some.every((condition) => all.some((other) => isImpliedBy(other, condition)));
}

/** Of changes with one outcome those that do not follow from another one: the same happens to somebody who contains theirs. */
function withoutImplied(changes: readonly AccessChange[]): AccessChange[] {
  return changes.flatMap((change) => {
    const wider = changes.filter((other) => other !== change && contains(other.who, change.who));
    const actions = change.actions.filter((action) => !wider.some((other) => other.actions.includes(action)));
    return actions.length === 0 ? [] : [{ ...change, actions }];
  });
}

function byFirst([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
