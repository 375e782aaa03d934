import { sha256Hex } from '../../digest';
import { isObject } from '../properties';

/** What CloudFormation adds, and what belongs to the function, are no properties of the resource. */
export function hashOfProperties({ ServiceToken: _token, ServiceTimeout: _timeout, ...properties }: Readonly<Record<string, unknown>>): string {
  return sha256Hex(JSON.stringify(sorted(properties))).slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return isObject(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value;
}
