import { isKnownKey } from './keys';
import { Holds, RequestContext } from './model';
import { patternCovers } from '../lifecycle/match';

/** Stand for the characters `*` and `?` themselves, where a pattern or a text has them as such. */
const LITERAL: Readonly<Record<string, string>> = { '*': '\uE02A', '?': '\uE03F', '$': '$' };
const VERSION_WITH_VARIABLES = '2012-10-17';

/** A text of a policy with its variables replaced, or why that cannot be done. `absent`: the request does not have what a variable names. */
export type Resolved = { readonly pattern: string } | { readonly absent: string } | { readonly unknown: string };

/**
 * Replaces policy variables: `${aws:PrincipalAccount}`, with a default `${aws:PrincipalTag/team, 'blue'}`, and `${*}`, `${?}`, `${$}` for the characters
 * themselves. Before version 2012-10-17 of the policy language they are plain text.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function resolveVariables(text: string, version: string | undefined, context: RequestContext): Resolved {
  if (version !== VERSION_WITH_VARIABLES || !text.includes('${')) {
    return { pattern: text };
  }
  let failure: Resolved | undefined;
  const pattern = text.replace(/\$\{([^}]*)\}/g, (whole, inside: string) => {
    if (Object.hasOwn(LITERAL, inside)) {
      return LITERAL[inside];
    }
    const [, key, , fallback] = /^\s*([^,'\s]+)\s*(,\s*'([^']*)'\s*)?$/.exec(inside) ?? [];
    const values = context.get((key ?? '').toLowerCase());
    if (values?.length === 1) {
      return literal(values[0]);
    }
    if (key === undefined || (values === undefined && !isKnownKey(key)) || (values?.length ?? 0) > 1) {
      failure = { unknown: `the policy variable ${whole}` };
    } else if (fallback === undefined) {
      failure ??= { absent: key };
    }
    return literal(fallback ?? '');
  });
  return failure ?? { pattern };
}

/** A text in which `*` and `?` stand for themselves. */
export function literal(text: string): string {
  return text.replace(/[*?]/g, (character) => LITERAL[character]);
}

/** What `literal` has marked as plain text again. */
export function plain(text: string): string {
  return text.replace(/\uE02A/g, '*').replace(/\uE03F/g, '?');
}

/** Whether a pattern (`*` any run, `?` one character) matches all of a text. A `*` in the text stands for whatever a list may hold: only a `*` takes it in. */
export function matches(pattern: string, text: string): boolean {
  return /[*?]/.test(pattern) ? patternCovers(pattern, text, '?') : pattern === text;
}

/** The six parts of an ARN are matched one by one. */
export function arnMatches(pattern: string, arn: string): boolean {
  const [wide, narrow] = [partsOf(pattern), partsOf(arn)];
  return wide !== undefined && narrow !== undefined && wide.every((part, i) => matches(part, narrow[i]));
}

function partsOf(arn: string): string[] | undefined {
  const parts = arn.split(':');
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

/** The first that is `no`, else `unknown` if one is, else `yes`. */
export function all(values: readonly Holds[]): Holds {
  return values.includes('no') ? 'no' : values.includes('unknown') ? 'unknown' : 'yes';
}

export function any(values: readonly Holds[]): Holds {
  return values.includes('yes') ? 'yes' : values.includes('unknown') ? 'unknown' : 'no';
}

export const not = (value: Holds): Holds => value === 'unknown' ? value : value === 'yes' ? 'no' : 'yes';
export const holds = (value: boolean): Holds => value ? 'yes' : 'no';
