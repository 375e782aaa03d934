import { ImageDetail, Inventory, InventoryRepository } from '../lifecycle/model';
import { isoText } from '../lifecycle/time';
import { ImageRecord } from './registry/records';
import { RegistryView } from './registry/registry';
import { RepositoryView } from './registry/repository';
import { epochSeconds } from './time';

/** The present state in the form that `seed` takes. Manifests are not part of it. */
export function inventoryOf(registry: RegistryView, repositories: readonly RepositoryView[]): Inventory {
  return {
    repositories: repositories.map((repository) => settingsOf(registry.accountId, repository)),
    imageDetails: repositories.flatMap((repository) =>
      [...repository.images.values()].map((image) => detailOf(registry.accountId, repository, image, isoText))),
    manifestChildren: Object.fromEntries(repositories.flatMap(childrenOf)),
  };
}

/** One repository as the evaluator reads it fastest: times as numbers. */
export function evaluationInventory(registry: RegistryView, repository: RepositoryView): Inventory {
  return {
    imageDetails: [...repository.images.values()].map((image) => detailOf(registry.accountId, repository, image, epochSeconds)),
    manifestChildren: Object.fromEntries(childrenOf(repository)),
  };
}

function detailOf(registryId: string, { record }: RepositoryView, image: ImageRecord, time: (milliseconds: number) => string | number): ImageDetail {
  const optional = (name: 'lastRecordedPullTime' | 'lastArchivedAt' | 'lastActivatedAt') =>
    image[name] === undefined ? {} : { [name]: time(image[name]) };
  return {
    registryId,
    repositoryName: record.repositoryName,
    imageDigest: image.imageDigest,
    ...(image.imageTags.length > 0 && { imageTags: image.imageTags }),
    ...(image.imageSizeInBytes !== undefined && { imageSizeInBytes: image.imageSizeInBytes }),
    imagePushedAt: time(image.imagePushedAt),
    ...(image.imageManifestMediaType !== undefined && { imageManifestMediaType: image.imageManifestMediaType }),
    ...(image.artifactMediaType !== undefined && { artifactMediaType: image.artifactMediaType }),
    ...optional('lastRecordedPullTime'),
    ...(image.subjectManifestDigest !== undefined && { subjectManifestDigest: image.subjectManifestDigest }),
    imageStatus: image.imageStatus,
    ...optional('lastArchivedAt'),
    ...optional('lastActivatedAt'),
  };
}

function settingsOf(registryId: string, { record }: RepositoryView): InventoryRepository {
  return {
    repositoryName: record.repositoryName,
    registryId,
    imageTagMutability: record.imageTagMutability,
    ...(record.imageTagMutabilityExclusionFilters && { imageTagMutabilityExclusionFilters: record.imageTagMutabilityExclusionFilters }),
    imageScanningConfiguration: { scanOnPush: record.scanOnPush },
    encryptionConfiguration: record.encryptionConfiguration,
    ...(record.tags.length > 0 && { tags: record.tags }),
    ...(record.lifecycle && { lifecyclePolicyText: record.lifecycle.text }),
    ...(record.repositoryPolicyText !== undefined && { repositoryPolicyText: record.repositoryPolicyText }),
  };
}

const childrenOf = (repository: RepositoryView) =>
  [...repository.images.values()].flatMap((image) => (image.children ? [[image.imageDigest, image.children] as const] : []));
