import { Problem } from '../errors';
import { LifecycleCode } from './codes';
import { Rule } from './model';

/** A rule with its place in the document, highest priority first in every list of them. */
export interface PlacedRule {
  readonly rule: Rule;
  readonly pointer: string;
  /** List entries as patterns, see `patternOf`. */
  readonly patterns: readonly string[];
}

export function warning(code: LifecycleCode, pointer: string, message: string, value: unknown, fix: string): Problem {
  return { code, pointer, message, ...(value === undefined ? {} : { value }), fix };
}
