import { conditionKey, stable } from './compare';
import { conditionTerms, ConditionTerm, isNegated } from './condition-terms';
import { ConditionBlock } from './model';
import { patternCovers } from '../lifecycle/match';

/**
 * Whether every request that fulfils the narrow condition fulfils the wide one too, as far as that shows without asking: fewer terms, more values, a
 * pattern that matches a value, a network around an address. False where it cannot be told.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function isImpliedBy(wide: ConditionBlock, narrow: ConditionBlock): boolean {
  if (stable(conditionKey(wide)) === stable(conditionKey(narrow))) {
    return true;
  }
  const [wideTerms, narrowTerms] = [conditionTerms(wide), conditionTerms(narrow)];
  return wideTerms !== undefined && narrowTerms !== undefined
    && wideTerms.every((term) => narrowTerms.some((other) => follows(term, other)));
}

function follows(wide: ConditionTerm, narrow: ConditionTerm): boolean {
  if (wide.key.toLowerCase() !== narrow.key.toLowerCase() || wide.set !== narrow.set || (narrow.ifExists && !wide.ifExists)) {
    return false;
  }
  // A term without values holds never, or always when it is negated; nothing is concluded from one.
  if (wide.values.length === 0 || narrow.values.length === 0) {
    return false;
  }
  const fits = comparison(wide.base, narrow.base);
  if (fits === undefined) {
    return false;
  }
  return isNegated(wide)
    ? wide.values.every((excluded) => narrow.values.some((value) => fits(value, excluded)))
    : narrow.values.every((value) => wide.values.some((one) => fits(one, value)));
}

type Fits = (wide: string, narrow: string) => boolean;

const EQUAL: Fits = (wide, narrow) => wide === narrow;

/** How a value of the one operator lies within a value of the other; undefined: the operators have nothing to do with each other. */
function comparison(wide: string, narrow: string): Fits | undefined {
  const [a, b] = [canonical(wide), canonical(narrow)];
  if (a === b) {
    return a === 'stringlike' || a === 'stringnotlike' ? textCovers : a.startsWith('arn') ? arnCovers : a.endsWith('ipaddress') ? networkCovers : EQUAL;
  }
  // The text of StringEquals is no pattern: only one without wildcards is what a pattern makes of it.
  if (a === 'stringlike' && b === 'stringequals') {
    return (one, value) => !/[*?]/.test(value) && textCovers(one, value);
  }
  if (a === 'stringnotequals' && b === 'stringnotlike') {
    return (pattern, excluded) => !/[*?]/.test(excluded) && textCovers(pattern, excluded);
  }
  return undefined;
}

/** ArnEquals and ArnLike are one operator. */
function canonical(base: string): string {
  return base.replace(/^arn(not)?equals$/, 'arn$1like');
}

/** Whether the first pattern matches all that the second matches. */
function textCovers(wide: string, narrow: string): boolean {
  // Policy variables become any text, so they are compared as they stand.
  if (wide === narrow || /\$\{/.test(wide + narrow)) {
    return wide === narrow;
  }
  return patternCovers(wide, narrow, '?');
}

/** The six parts of an ARN are matched one by one. */
function arnCovers(wide: string, narrow: string): boolean {
  const parts = (arn: string) => {
    const all = arn.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const [a, b] = [parts(wide), parts(narrow)];
  return wide === narrow || (wide.split(':').length >= 6 && narrow.split(':').length >= 6 && a.every((part, i) => textCovers(part, b[i])));
}

export function networkCovers(wide: string, narrow: string): boolean {
  const [a, b] = [network(wide), network(narrow)];
  return wide === narrow || (a !== undefined && b !== undefined && a.prefix <= b.prefix && a.address === mask(b.address, a.prefix));
}

/** IPv4 only; other networks are equal or not. */
function network(text: string): { readonly address: number; readonly prefix: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null || match.slice(1, 5).some((octet) => Number(octet) > 255) || Number(match[5] ?? 32) > 32) {
    return undefined;
  }
  const prefix = Number(match[5] ?? 32);
  return { prefix, address: mask(match.slice(1, 5).reduce((sum, octet) => sum * 256 + Number(octet), 0), prefix) };
}

function mask(address: number, prefix: number): number {
  return Math.floor(address / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
}
