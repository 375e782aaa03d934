import { DesiredApp, DesiredResource, textOf, unresolvedIn } from './desired';
import { isObject } from '../assembly/intrinsics';
import { LIFECYCLE_POLICY_TYPE, PREVIEW_GATE_TYPE, REPOSITORY_POLICY_TYPE, REPOSITORY_TYPE } from '../resources';

export const NATIVE_TYPE = 'AWS::ECR::Repository';
export const TEMPLATE_TYPE = 'AWS::ECR::RepositoryCreationTemplate';

/** A resource that makes a repository, whichever kind it is. */
export interface DeclaredRepository {
  readonly resource: DesiredResource;
  readonly isNative: boolean;
  /** Absent where it is generated or not known. */
  readonly repositoryName?: string;
  /** Whether the template gives a name; a native repository without one gets a generated one. */
  readonly isNamed: boolean;
  readonly imageTagMutability?: string;
  readonly exclusionFilters?: readonly string[];
  readonly scanOnPush?: boolean;
  readonly encryption: { readonly encryptionType: string; readonly kmsKey?: unknown };
  readonly tags: ReadonlyMap<string, string>;
  /** Whether it stays when it leaves the template. */
  readonly isRetained: boolean;
  readonly isRetainedOnReplace: boolean;
  readonly emptyOnDelete: boolean;
  readonly existing: 'fail' | 'adopt';
}

export function isRepository({ type }: Pick<DesiredResource, 'type'>): boolean {
  return type === NATIVE_TYPE || type === REPOSITORY_TYPE;
}

export function declaredRepository(resource: DesiredResource): DeclaredRepository {
  const { properties, type } = resource;
  const isNative = type === NATIVE_TYPE;
  const scanning = properties.ImageScanningConfiguration;
  const scan = isObject(scanning) ? scanning[isNative ? 'ScanOnPush' : 'scanOnPush'] : undefined;
  const encryption = isObject(properties.EncryptionConfiguration) ? properties.EncryptionConfiguration : {};
  const key = encryption[isNative ? 'KmsKey' : 'kmsKey'];
  const filters = properties.ImageTagMutabilityExclusionFilters;
  // Our handler makes these the defaults; CloudFormation leaves ECR's at creation, and what there is in an update.
  const defaults = isNative ? {} : { imageTagMutability: 'MUTABLE', scanOnPush: false };
  const retains = (policy: string) => policy.startsWith('Retain');
  return {
    resource,
    isNative,
    repositoryName: textOf(resource, 'RepositoryName'),
    isNamed: properties.RepositoryName !== undefined,
    ...defaults,
    ...(textOf(resource, 'ImageTagMutability') !== undefined && { imageTagMutability: textOf(resource, 'ImageTagMutability') }),
    ...(Array.isArray(filters) && { exclusionFilters: filters.map((filter) => filterText(filter)) }),
    ...(scan !== undefined && { scanOnPush: isTrue(scan) }),
    encryption: { encryptionType: String(encryption[isNative ? 'EncryptionType' : 'encryptionType'] ?? 'AES256'), ...(key !== undefined && { kmsKey: key }) },
    tags: new Map((Array.isArray(properties.Tags) ? properties.Tags : []).filter(isObject).map(({ Key, Value }) => [String(Key), textOrJson(Value)])),
    isRetained: isNative ? retains(resource.deletionPolicy) : retains(resource.deletionPolicy) || properties.RemovalPolicy !== 'destroy',
    isRetainedOnReplace: isNative ? retains(resource.updateReplacePolicy) : retains(resource.updateReplacePolicy) || properties.RemovalPolicy !== 'destroy',
    emptyOnDelete: isTrue(properties.EmptyOnDelete),
    existing: properties.ExistingRepository === 'adopt' ? 'adopt' : 'fail',
  };
}

/** Everything that one repository gets from the app. */
export interface DeclaredFor {
  readonly key: string;
  readonly repositories: DeclaredRepository[];
  readonly policies: DesiredResource[];
  readonly lifecyclePolicies: DesiredResource[];
  readonly gates: DesiredResource[];
}

/**
 * What the app says, by repository. `nameOf` gives the name under which a repository that has none in the template is known; a resource whose repository
 * nobody can name stands alone.
 */
export function declaredByRepository(app: DesiredApp, nameOf: (resource: DesiredResource) => string | undefined = () => undefined): ReadonlyMap<string, DeclaredFor> {
  const all = new Map<string, DeclaredFor>();
  const of = (key: string) => {
    const found = all.get(key) ?? { key, repositories: [], policies: [], lifecyclePolicies: [], gates: [] };
    all.set(key, found);
    return found;
  };
  for (const resource of app.stacks.flatMap(({ resources }) => resources)) {
    const name = textOf(resource, 'RepositoryName') ?? nameOf(resource);
    const registry = textOf(resource, 'RegistryId') ?? resource.account ?? '*';
    const key = name === undefined ? logicalKey(resource, gatedLogicalId(resource) ?? resource.at.logicalId) : `${registry}/${resource.region ?? '*'}/${name}`;
    if (isRepository(resource)) {
      of(key).repositories.push(declaredRepository(resource));
    } else if (resource.type === REPOSITORY_POLICY_TYPE) {
      of(key).policies.push(resource);
    } else if (resource.type === LIFECYCLE_POLICY_TYPE) {
      of(key).lifecyclePolicies.push(resource);
    } else if (resource.type === PREVIEW_GATE_TYPE) {
      of(key).gates.push(resource);
    }
  }
  return all;
}

/** Where there is no name: the resource itself. */
export function logicalKey({ stackId }: Pick<DesiredResource, 'stackId'>, logicalId: string): string {
  return `${stackId}#${logicalId}`;
}

function gatedLogicalId(resource: DesiredResource): string | undefined {
  return resource.type === PREVIEW_GATE_TYPE ? textOf(resource, 'RepositoryLogicalId') : undefined;
}

/** The lifecycle policy text of a native repository or a creation template, as far as it is known: a text, or undefined with the reason. */
export function nativeLifecycleText(resource: DesiredResource): { readonly isThere: boolean; readonly text?: string } {
  const value = resource.type === NATIVE_TYPE
    ? (resource.properties.LifecyclePolicy as { LifecyclePolicyText?: unknown } | undefined)?.LifecyclePolicyText
    : resource.properties.LifecyclePolicy;
  const pointer = resource.type === NATIVE_TYPE ? '/LifecyclePolicy/LifecyclePolicyText' : '/LifecyclePolicy';
  if (value === undefined) {
    return { isThere: resource.properties.LifecyclePolicy !== undefined };
  }
  return { isThere: true, ...(unresolvedIn(resource, pointer) === undefined && { text: typeof value === 'string' ? value : JSON.stringify(value) }) };
}

export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

export function textOrJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value) ?? 'undefined';
}

function filterText(filter: unknown): string {
  const { ImageTagMutabilityExclusionFilterValue: native, filter: ours } = isObject(filter) ? filter : {};
  return textOrJson(native ?? ours ?? filter);
}
