import { isObject } from './intrinsics';

/** `{{resolve:ssm:/name}}`, `{{resolve:ssm:/name:3}}`, `{{resolve:secretsmanager:...}}`: what CloudFormation fills in on the way. */
const REFERENCE = /\{\{resolve:([a-z-]+):([^}]*)\}\}/g;

/** Fills in SSM parameters whose values are known; the others are left as they stand and told to `onUnknown`. */
export function fillDynamicReferences<T>(value: T, ssm: Readonly<Record<string, string>>, onUnknown: (reference: string) => void): T {
  const fill = (part: unknown): unknown => {
    if (typeof part === 'string') {
      return part.includes('{{resolve:') ? part.replace(REFERENCE, (reference, service: string, rest: string) => {
        const known = service.startsWith('ssm') ? ssm[rest.replace(/:\d+$/, '')] : undefined;
        if (known === undefined) {
          onUnknown(reference);
        }
        return known ?? reference;
      }) : part;
    }
    return Array.isArray(part) ? part.map(fill) : isObject(part) ? Object.fromEntries(Object.entries(part).map(([k, v]) => [k, fill(v)])) : part;
  };
  return fill(value) as T;
}
