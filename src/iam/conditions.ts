import { isKnownKey, MULTIVALUED_KEYS } from './keys';
import { Holds, RequestContext } from './model';
import { compareValues, isOperator } from './operators';
import { all, any, holds, literal, not, Resolved, resolveVariables } from './patterns';
import { conditionTerms, ConditionTerm, isNegated } from '../access/condition-terms';

/** Whether a condition holds, and if that cannot be told, why. */
export interface ConditionResult {
  readonly holds: Holds;
  readonly unknown?: string;
}

/**
 * Evaluates a Condition element. Every line must hold; the values of a line are alternatives.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function evaluateCondition(condition: unknown, version: string | undefined, context: RequestContext): ConditionResult {
  const terms = conditionTerms(condition);
  if (terms === undefined) {
    return { holds: 'unknown', unknown: 'a condition that is not written as IAM has it' };
  }
  const results = terms.map((term) => evaluateTerm(term, version, context));
  const outcome = all(results.map((result) => result.holds));
  return outcome === 'unknown' ? { holds: outcome, unknown: results.find((result) => result.holds === 'unknown')?.unknown } : { holds: outcome };
}

function evaluateTerm(term: ConditionTerm, version: string | undefined, context: RequestContext): ConditionResult {
  const key = term.key.toLowerCase();
  const values = context.get(key);
  if (!isOperator(term.base)) {
    return { holds: 'unknown', unknown: `the condition operator ${term.operator}` };
  }
  if (values === undefined && !isKnownKey(key)) {
    return { holds: 'unknown', unknown: `the condition key ${term.key}` };
  }
  if (term.base === 'null') {
    const wanted = term.values.map((value) => /^true$/i.test(value));
    return { holds: holds(wanted.some((isAbsent) => isAbsent === (values === undefined || values.length === 0))) };
  }
  if (values === undefined || values.length === 0) {
    return { holds: holds(ofAbsentKey(term)) };
  }
  if (term.set === undefined && (values.length > 1 || MULTIVALUED_KEYS.has(key))) {
    return { holds: 'unknown', unknown: `${term.operator} on ${term.key}, which has several values: it takes ForAllValues or ForAnyValue` };
  }
  const patterns = term.values.map((value) => resolveVariables(value, version, context));
  const each = values.map((value) => ofValue(term, patterns, value));
  const outcome = term.set === 'foranyvalue' ? any(each) : all(each);
  return outcome === 'unknown' ? { holds: outcome, unknown: unknownOf(term, patterns) } : { holds: outcome };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html */
function ofAbsentKey(term: ConditionTerm): boolean {
  return term.set === 'forallvalues' || term.ifExists || (isNegated(term) && term.set === undefined);
}

/** One value of the request against all values of the condition. */
function ofValue(term: ConditionTerm, patterns: readonly Resolved[], value: string): Holds {
  const fits = any(patterns.map((resolved) => 'unknown' in resolved ? 'unknown' : 'absent' in resolved ? 'no' : compareValues(term.base, resolved.pattern, literal(value))));
  return isNegated(term) ? not(fits) : fits;
}

function unknownOf(term: ConditionTerm, patterns: readonly Resolved[]): string {
  const resolved = patterns.find((pattern) => 'unknown' in pattern);
  return resolved !== undefined && 'unknown' in resolved ? resolved.unknown : `${term.operator} with the values of ${term.key}`;
}
