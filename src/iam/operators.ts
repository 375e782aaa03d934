import { Holds } from './model';
import { arnMatches, holds, matches, plain } from './patterns';
import { networkCovers } from '../access/condition-order';

type Compare = (pattern: string, value: string) => Holds;

const EQUALS: Compare = (pattern, value) => holds(plain(pattern) === plain(value));
const EQUALS_IGNORING_CASE: Compare = (pattern, value) => holds(plain(pattern).toLowerCase() === plain(value).toLowerCase());
const LIKE: Compare = (pattern, value) => holds(matches(pattern, value));
const ARN: Compare = (pattern, value) => holds(arnMatches(pattern, value));

const ordered = (toNumber: (text: string) => number, test: (a: number, b: number) => boolean): Compare => (pattern, value) => {
  const [wanted, given] = [toNumber(plain(pattern)), toNumber(plain(value))];
  return holds(!Number.isNaN(wanted) && !Number.isNaN(given) && test(given, wanted));
};
const NUMBER = (text: string) => text.trim() === '' ? NaN : Number(text);
/** ISO 8601, or seconds since 1970. */
const DATE = (text: string) => /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);

const IP: Compare = (pattern, value) => {
  const isV4 = [pattern, value].every((text) => /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/.test(text));
  return isV4 || pattern === value ? holds(networkCovers(pattern, value)) : 'unknown';
};

/** What makes a value fit; the operators with Not in their name hold where it does not. */
const COMPARISONS: Readonly<Record<string, Compare>> = {
  stringequals: EQUALS,
  stringnotequals: EQUALS,
  stringequalsignorecase: EQUALS_IGNORING_CASE,
  stringnotequalsignorecase: EQUALS_IGNORING_CASE,
  stringlike: LIKE,
  stringnotlike: LIKE,
  arnequals: ARN,
  arnnotequals: ARN,
  arnlike: ARN,
  arnnotlike: ARN,
  bool: EQUALS_IGNORING_CASE,
  binaryequals: EQUALS,
  ipaddress: IP,
  notipaddress: IP,
  ...orderings('numeric', NUMBER),
  ...orderings('date', DATE),
};

function orderings(kind: string, toNumber: (text: string) => number): Record<string, Compare> {
  const equal = ordered(toNumber, (a, b) => a === b);
  return {
    [`${kind}equals`]: equal,
    [`${kind}notequals`]: equal,
    [`${kind}lessthan`]: ordered(toNumber, (a, b) => a < b),
    [`${kind}lessthanequals`]: ordered(toNumber, (a, b) => a <= b),
    [`${kind}greaterthan`]: ordered(toNumber, (a, b) => a > b),
    [`${kind}greaterthanequals`]: ordered(toNumber, (a, b) => a >= b),
  };
}

/** Operators in lower case, without set operator and IfExists. */
export function isOperator(base: string): boolean {
  return base === 'null' || Object.hasOwn(COMPARISONS, base);
}

/** Whether a value of the request fits one of the condition, the Not of the operator left out. */
export function compareValues(base: string, pattern: string, value: string): Holds {
  return COMPARISONS[base](pattern, value);
}
