import { NATIVE_TYPE, TEMPLATE_TYPE } from './declared';
import { DesiredResource, unresolvedIn, UnresolvedValue } from './desired';
import { AccessPolicy, isRecord, Statement } from '../access/model';
import { parsePolicy, toPolicy } from '../access/parse';
import { REPOSITORY_POLICY_TYPE } from '../resources';

/** The repository policy, or the statements for one, that a resource writes. */
export interface PolicyIn {
  /** What in it only the deployment knows. */
  readonly unresolved: readonly UnresolvedValue[];
  /** A pointer into the policy (`/Statement/0/Action`) as one below the resource's properties. */
  place(pointer: string): string;
  /** Undefined where the whole is known at deployment only. Throws DD-ACCESS-001. */
  read(): AccessPolicy | undefined;
}

/** Undefined where the resource writes none. */
export function policyIn(resource: DesiredResource): PolicyIn | undefined {
  const { properties, type } = resource;
  const name = type === NATIVE_TYPE ? 'RepositoryPolicyText' : type === TEMPLATE_TYPE ? 'RepositoryPolicy' : type === REPOSITORY_POLICY_TYPE ? 'Statements' : undefined;
  const value = name === undefined ? undefined : properties[name];
  if (name === undefined || value === undefined) {
    return undefined;
  }
  const at = `/${name}`;
  const ours = type === REPOSITORY_POLICY_TYPE;
  return {
    // Ours are the list itself.
    place: (pointer) => ours ? pointer.replace(/^\/Statement(?=\/|$)/, at) : `${at}${pointer}`,
    unresolved: resource.unresolved.filter(({ pointer }) => pointer === at || pointer.startsWith(`${at}/`)),
    read: () => {
      if (resource.unresolved.some(({ pointer }) => pointer === at) || (typeof value === 'string' && unresolvedIn(resource, at) !== undefined)) {
        return undefined;
      }
      if (ours) {
        return { Version: '2012-10-17', Statement: (Array.isArray(value) ? value : [value]).filter(isRecord) as unknown as Statement[] };
      }
      return typeof value === 'string' ? parsePolicy(value) : toPolicy(value);
    },
  };
}
