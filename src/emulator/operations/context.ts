import type { Principal } from '../../iam/directory';
import { Caller } from '../caller';
import { BlobStore } from '../content/blob-store';
import { Uploads } from '../content/uploads';
import { EcrError, repositoryNotFound } from '../ecr-error';
import { InputOf, OperationName } from '../model/operations';
import { Settings } from '../options';
import { Previews } from '../preview';
import { registryHost, Registry, repositoryArn } from '../registry/registry';
import { Repository } from '../registry/repository';
import { Tokens } from '../tokens';

/** What an operation works with. `now` is the same from the beginning of a call to its end. */
export interface Context {
  readonly registry: Registry;
  readonly settings: Settings;
  readonly tokens: Tokens;
  readonly previews: Previews;
  readonly blobs: BlobStore;
  readonly uploads: Uploads;
  readonly caller: Caller;
  /** Who the caller is, where the emulator was told. */
  readonly principal?: Principal;
  /** How the caller reaches the emulator: `http://127.0.0.1:<port>`, or another name for it. */
  readonly endpoint: string;
  readonly now: number;
}

export type Output = Readonly<Record<string, unknown>>;

/** Performs one operation on an input that has passed the checks. */
export type Operation<O extends OperationName> = (input: InputOf<O>, context: Context) => Output | Promise<Output>;

interface Addressed {
  readonly registryId?: string;
  readonly repositoryName: string;
}

/** How every answer about a repository begins. */
export function placeOf(context: Context, input: Addressed): { readonly registryId: string; readonly repositoryName: string } {
  return { registryId: input.registryId ?? context.registry.accountId, repositoryName: input.repositoryName };
}

/** The repository that an input names. A registry of another account has none: this emulator holds one registry. */
export function repositoryOf(context: Context, input: Addressed): Repository {
  const place = placeOf(context, input);
  const repository = place.registryId === context.registry.accountId ? context.registry.repository(place.repositoryName) : undefined;
  if (!repository) {
    throw repositoryNotFound(place);
  }
  return repository;
}

/** Refuses a registry-wide call on a registry of another account. */
export function requireOwnRegistry(context: Context, operation: string, registryId: string | undefined, repositoryName = '*'): void {
  if (registryId !== undefined && registryId !== context.registry.accountId) {
    const resource = repositoryArn({ accountId: registryId, region: context.registry.region }, repositoryName);
    throw new EcrError('AccessDeniedException',
      `User: arn:aws:iam::${context.caller.accountId}:root is not authorized to perform: ecr:${operation} on resource: ${resource} ` +
      `because no resource-based policy allows the ecr:${operation} action`);
  }
}

/** A repository as ECR describes it. */
export function describeRepository({ registry }: Context, { record }: Repository): Output {
  return {
    repositoryArn: repositoryArn(registry, record.repositoryName),
    registryId: registry.accountId,
    repositoryName: record.repositoryName,
    repositoryUri: `${registryHost(registry)}/${record.repositoryName}`,
    createdAt: record.createdAt / 1000,
    imageTagMutability: record.imageTagMutability,
    ...(record.imageTagMutabilityExclusionFilters && { imageTagMutabilityExclusionFilters: record.imageTagMutabilityExclusionFilters }),
    imageScanningConfiguration: { scanOnPush: record.scanOnPush },
    encryptionConfiguration: record.encryptionConfiguration,
  };
}
