import type { Repository } from '@aws-sdk/client-ecr';
import { isIndexType } from '../../lifecycle/columns';
import { ImageDetail, Timestamp } from '../../lifecycle/model';
import { RepositorySettings } from '../../lifecycle/registry-state';
import { epochMillis, isoText } from '../../lifecycle/time';

/** An image as an inventory has it: the members that we know, in one order, times as text. Findings of scans are not among them. */
export function imageDetail(image: ImageDetail): ImageDetail {
  const { imageTags = [] } = image;
  return {
    ...text(image, 'registryId'),
    ...text(image, 'repositoryName'),
    imageDigest: image.imageDigest,
    ...(imageTags.length > 0 && { imageTags: [...imageTags].sort() }),
    ...(image.imageSizeInBytes !== undefined && { imageSizeInBytes: image.imageSizeInBytes }),
    imagePushedAt: timeText(image.imagePushedAt),
    ...text(image, 'imageManifestMediaType'),
    ...text(image, 'artifactMediaType'),
    ...time(image, 'lastRecordedPullTime'),
    ...text(image, 'subjectManifestDigest'),
    ...(image.imageStatus !== undefined && { imageStatus: image.imageStatus }),
    ...time(image, 'lastArchivedAt'),
    ...time(image, 'lastActivatedAt'),
  };
}

/** A repository as DescribeRepositories gives it. */
export function repositorySettings(repository: Repository): RepositorySettings {
  const { imageTagMutabilityExclusionFilters: filters, encryptionConfiguration: encryption } = repository;
  return {
    repositoryName: repository.repositoryName ?? '',
    ...(repository.registryId !== undefined && { registryId: repository.registryId }),
    ...(repository.repositoryArn !== undefined && { repositoryArn: repository.repositoryArn }),
    ...(repository.repositoryUri !== undefined && { repositoryUri: repository.repositoryUri }),
    ...(repository.createdAt !== undefined && { createdAt: timeText(repository.createdAt) }),
    ...(repository.imageTagMutability !== undefined && { imageTagMutability: repository.imageTagMutability }),
    ...(filters && filters.length > 0 && { imageTagMutabilityExclusionFilters: filters.map(({ filterType, filter }) => ({ filterType: filterType ?? 'WILDCARD', filter: filter ?? '' })) }),
    ...(repository.imageScanningConfiguration && { imageScanningConfiguration: { scanOnPush: repository.imageScanningConfiguration.scanOnPush ?? false } }),
    ...(encryption?.encryptionType !== undefined && {
      encryptionConfiguration: { encryptionType: encryption.encryptionType, ...(encryption.kmsKey !== undefined && { kmsKey: encryption.kmsKey }) },
    }),
  };
}

/** Indexes that can be pulled: archived ones cannot. */
export function indexesOf(images: readonly ImageDetail[]): string[] {
  return images.filter(({ imageManifestMediaType, imageStatus = 'ACTIVE' }) => isIndexType(imageManifestMediaType) && imageStatus === 'ACTIVE').map(({ imageDigest }) => imageDigest);
}

function timeText(value: Timestamp): string {
  return isoText(epochMillis(value));
}

function text<K extends 'registryId' | 'repositoryName' | 'imageManifestMediaType' | 'artifactMediaType' | 'subjectManifestDigest'>(image: ImageDetail, name: K): { [P in K]?: string } {
  return image[name] === undefined ? {} : { [name]: image[name] } as { [P in K]?: string };
}

function time<K extends 'lastRecordedPullTime' | 'lastArchivedAt' | 'lastActivatedAt'>(image: ImageDetail, name: K): { [P in K]?: string } {
  const value = image[name];
  return value === undefined ? {} : { [name]: timeText(value) } as { [P in K]?: string };
}
