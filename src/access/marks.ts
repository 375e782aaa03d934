import { conditionKeys, SOURCE_KEYS } from './conditions';
import { AccessChange } from './describe';

/**
 * What a reader should be shown first. `public`: everybody, without a condition. `cross-account`: an account other than the owner's.
 * `service-without-source`: a service for any of its customers.
 */
export type AccessMark = 'public' | 'cross-account' | 'service-without-source';

/** Marks the access that a change gives, or takes. Nothing is `cross-account` where the account of the owner is not known. */
export function marksOf({ who, change, before, after }: AccessChange, owner: { readonly registryId?: string } = {}): AccessMark[] {
  const { says, when } = change === 'loses' ? before : after;
  if (says !== 'allows') {
    return [];
  }
  const marks: AccessMark[] = [];
  if (who.kind === 'AWS' && who.value === '*' && when.length === 0) {
    marks.push('public');
  }
  const account = who.kind === 'AWS' ? accountOf(who.value) : undefined;
  if (account !== undefined && owner.registryId !== undefined && account !== owner.registryId) {
    marks.push('cross-account');
  }
  // Where only the deployment knows the keys, nothing is claimed.
  if (who.kind === 'Service' && (when.length === 0 || when.some((condition) => conditionKeys(condition)?.every((key) => !SOURCE_KEYS.has(key))))) {
    marks.push('service-without-source');
  }
  return marks;
}

function accountOf(principal: string): string | undefined {
  return /^\d{12}$/.test(principal) ? principal : /^arn:[^:]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1];
}
