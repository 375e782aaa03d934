import { isObject } from '../assembly/intrinsics';

/** CloudFormation gives every number and boolean of a custom resource as a string. */
export function scalarsToStrings(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(scalarsToStrings);
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, scalarsToStrings(v)]));
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
