import { sha256Hex } from '../digest';
import { CustomResourceEvent } from './protocol';
import { RepositoryAddress } from '../ecr/registry';

/** Whose something is: the resource (`claim`), the very request, and for people the stack's name. */
export interface Identity {
  readonly claim: string;
  readonly request: string;
  readonly stackName: string;
}

export type Origin = 'created' | 'adopted';

export interface Owner extends Identity {
  readonly origin: Origin;
}

/** Where the stack is. */
export interface Home {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

export type Kind =
  | 'repository-policy' | 'lifecycle-policy' | 'lifecycle-policy-preview' | 'preview-gate'
  | 'image-copy' | 'image-tag' | 'image-digest' | 'image-cleanup' | 'registry-credentials';

export function identityOf({ StackId, LogicalResourceId, RequestId }: CustomResourceEvent): Identity {
  return {
    claim: sha256Hex(`${StackId}|${LogicalResourceId}`).slice(0, 32),
    request: sha256Hex(RequestId).slice(0, 16),
    stackName: StackId.split(':').slice(5).join(':').split('/')[1] ?? '-',
  };
}

/** arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/ID */
export function homeOf(stackId: string): Home {
  const [, partition, , region, accountId] = stackId.split(':');
  return { partition, region, accountId };
}

export function formatOwner({ origin, claim, request, stackName }: Owner): string {
  return `${origin} ${claim} ${request} ${stackName}`;
}

export function parseOwner(value: string | undefined): Owner | undefined {
  const [, origin, claim, request, stackName] = /^(created|adopted) ([0-9a-f]{32}) ([0-9a-f]{16}) (\S+)$/.exec(value ?? '') ?? [];
  return origin === undefined ? undefined : { origin: origin as Origin, claim, request, stackName };
}

/**
 * Derived from the properties alone, so that it never drifts; another repository is another id, which CloudFormation takes for a
 * replacement. The own account is `-`, written or not.
 */
export function physicalIdOf(kind: Kind, { repositoryName, registryId }: RepositoryAddress, logicalId: string): string {
  return `drydock:${kind}:${registryId ?? '-'}:${repositoryName}:${logicalId}`;
}

/** The repository that a physical id names, for the Delete of a resource whose properties do not say it. */
export function addressInPhysicalId(physicalId: string): RepositoryAddress | undefined {
  const [, registryId, repositoryName] = /^drydock:[a-z-]+:(-|\d{12}):([^:]+):[^:]+$/.exec(physicalId) ?? [];
  return repositoryName === undefined ? undefined : { repositoryName, ...(registryId === '-' ? {} : { registryId }) };
}

export function repositoryArn(home: Home, { repositoryName, registryId }: RepositoryAddress): string {
  return `arn:${home.partition}:ecr:${home.region}:${registryId ?? home.accountId}:repository/${repositoryName}`;
}
