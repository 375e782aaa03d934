import { isKnown, isRecord, listOf } from './model';

/** What is wrong in a condition: where below `Condition`, and why. */
export interface ConditionFault {
  readonly pointer: string;
  readonly what: string;
  readonly value: unknown;
  readonly fix: string;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS = new Set([
  'StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike',
  'NumericEquals', 'NumericNotEquals', 'NumericLessThan', 'NumericLessThanEquals', 'NumericGreaterThan', 'NumericGreaterThanEquals',
  'DateEquals', 'DateNotEquals', 'DateLessThan', 'DateLessThanEquals', 'DateGreaterThan', 'DateGreaterThanEquals',
  'Bool', 'BinaryEquals', 'IpAddress', 'NotIpAddress', 'ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike', 'Null',
].map((operator) => operator.toLowerCase()));

/** Condition keys that say on whose behalf a service acts, in lower case. */
export const SOURCE_KEYS: ReadonlySet<string> = new Set(['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid', 'aws:sourceorgpaths']);

/** Everything in a condition that IAM would not read. Values that only the deployment knows are passed over. */
export function conditionFaults(condition: unknown): ConditionFault[] {
  if (condition === undefined || !isKnown(condition)) {
    return [];
  }
  if (!isRecord(condition)) {
    return [{ pointer: '', what: 'has a condition that is not an object.', value: condition, fix: 'Write {"StringEquals": {"aws:PrincipalOrgID": "o-..."}}.' }];
  }
  return Object.entries(condition).filter(([operator]) => isKnown(operator)).flatMap(([operator, keys]) => blockFaults(operator, keys));
}

function blockFaults(operator: string, keys: unknown): ConditionFault[] {
  const pointer = `/${escape(operator)}`;
  const name = operator.toLowerCase().replace(/^for(?:allvalues|anyvalue):/, '').replace(/(?<!^null)ifexists$/, '');
  const faults: ConditionFault[] = OPERATORS.has(name) ? [] : [{
    pointer, what: `has the condition operator ${JSON.stringify(operator)}, which IAM does not have.`, value: operator, fix: 'Use for example StringEquals or ArnLike.',
  }];
  if (!isKnown(keys)) {
    return faults;
  }
  if (!isRecord(keys)) {
    return [...faults, { pointer, what: `has no condition keys under ${JSON.stringify(operator)}.`, value: keys, fix: 'Write {"aws:SourceAccount": "123456789012"} there.' }];
  }
  for (const [key, values] of Object.entries(keys)) {
    const wrong = listOf(values).filter(isKnown).filter((value) => !['string', 'number', 'boolean'].includes(typeof value));
    if (wrong.length > 0) {
      faults.push({
        pointer: `${pointer}/${escape(key)}`, what: `compares ${key} with what is not text, a number or a boolean.`, value: wrong[0], fix: 'Write one value or a list of values.',
      });
    }
  }
  return faults;
}

/** The condition keys in lower case; `undefined` when only the deployment knows them all. */
export function conditionKeys(condition: unknown): readonly string[] | undefined {
  if (!isRecord(condition)) {
    return [];
  }
  const blocks = Object.values(condition);
  const keys = blocks.flatMap((block) => isRecord(block) ? Object.keys(block) : []);
  return [condition, ...blocks, ...keys].every(isKnown) ? keys.map((key) => key.toLowerCase()) : undefined;
}

/** A name within a JSON pointer (RFC 6901). */
export function escape(name: string): string {
  return name.replace(/~/g, '~0').replace(/\//g, '~1');
}
