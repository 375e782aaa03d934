import { isKnown, isRecord, listOf } from './model';

/** One line of a condition, taken apart. Several lines must all hold. */
export interface ConditionTerm {
  /** As it is written, `ForAnyValue:StringLike`. */
  readonly operator: string;
  /** The operator alone in lower case, `stringlike`. */
  readonly base: string;
  readonly set?: 'forallvalues' | 'foranyvalue';
  /** Holds also for requests that do not have the key. */
  readonly ifExists: boolean;
  /** As it is written. */
  readonly key: string;
  readonly values: readonly string[];
}

/** The terms of a condition; undefined where it is not written as IAM has it, or holds what only the deployment knows. */
export function conditionTerms(condition: unknown): ConditionTerm[] | undefined {
  if (condition === undefined) {
    return [];
  }
  const terms: ConditionTerm[] = [];
  if (!isRecord(condition) || !isKnown(condition)) {
    return undefined;
  }
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isRecord(keys) || !isKnown(keys) || !isKnown(operator)) {
      return undefined;
    }
    for (const [key, values] of Object.entries(keys)) {
      const all = listOf(values as string | readonly string[]) as readonly unknown[];
      if (!isKnown(key) || !all.every((value) => ['string', 'number', 'boolean'].includes(typeof value) && isKnown(value))) {
        return undefined;
      }
      terms.push({ ...parseOperator(operator), key, values: [...new Set(all.map(String))].sort() });
    }
  }
  return terms;
}

function parseOperator(operator: string): Pick<ConditionTerm, 'operator' | 'base' | 'set' | 'ifExists'> {
  const [, set, rest] = /^(?:(forallvalues|foranyvalue):)?(.*)$/.exec(operator.toLowerCase())!;
  const ifExists = rest.endsWith('ifexists') && rest !== 'nullifexists';
  return { operator, base: ifExists ? rest.slice(0, -'ifexists'.length) : rest, ...(set === undefined ? {} : { set: set as ConditionTerm['set'] }), ifExists };
}

/** Operators that hold when no value fits: more values let fewer requests through. */
export function isNegated({ base }: Pick<ConditionTerm, 'base'>): boolean {
  return /^(?:string|numeric|date|arn)not|^notipaddress$/.test(base);
}
