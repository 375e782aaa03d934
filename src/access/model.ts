/**
 * A repository policy as ECR stores it. Pure data.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */

export type OneOrMany<T> = T | readonly T[];

/** `"*"`, or principals by kind. In a template a value may also be an intrinsic function. */
export type Principal = string | Readonly<Partial<Record<'AWS' | 'Service' | 'Federated' | 'CanonicalUser', OneOrMany<string>>>>;

export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, OneOrMany<string | number | boolean>>>>>;

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Principal;
  readonly NotPrincipal?: Principal;
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  readonly Condition?: ConditionBlock;
}

export interface AccessPolicy {
  /** `2008-10-17` when omitted. */
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: readonly Statement[];
}

export function listOf<T>(value: OneOrMany<T> | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value as readonly T[] : [value as T];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deeper than any policy document goes; cyclic objects are deeper still. */
const DEPTH_MAX = 16;

/** Whether a value nests deeper than a policy can, so that it is safe to walk otherwise. */
export function isTooDeep(value: unknown, allowed: number = DEPTH_MAX): boolean {
  return typeof value === 'object' && value !== null
    && (allowed === 0 || Object.values(value).some((member) => isTooDeep(member, allowed - 1)));
}

/** False for what only the deployment knows: an intrinsic function, or text that holds a token. */
export function isKnown(value: unknown): boolean {
  if (typeof value === 'string') {
    return !/[$#]\{Token\[/.test(value);
  }
  return !(isRecord(value) && Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::')));
}
