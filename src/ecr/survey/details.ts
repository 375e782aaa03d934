import type { Repository } from '@aws-sdk/client-ecr';
import { isIndexType } from '../../images/media-types';
import { ImageDetail, Timestamp, RepositorySettings } from '../../lifecycle/model';
import { epochMillis, isoText } from '../../lifecycle/time';

const IN_ORDER = [
  'registryId', 'repositoryName', 'imageDigest', 'imageTags', 'imageSizeInBytes', 'imagePushedAt', 'imageManifestMediaType', 'artifactMediaType', 'lastRecordedPullTime',
  'subjectManifestDigest', 'imageStatus', 'lastArchivedAt', 'lastActivatedAt',
] as const;

/**
 * An image as an inventory has it: the members that we know, in one order, times as text. Findings of scans are not among them. Written with a loop: there
 * may be a million.
 */
export function imageDetail(image: ImageDetail): ImageDetail {
  const detail: Record<string, unknown> = {};
  for (const name of IN_ORDER) {
    const value = image[name];
    if (value === undefined) {
      continue;
    }
    if (value instanceof Date) {
      detail[name] = timeText(value);
    } else if (typeof value !== 'object') {
      detail[name] = value;
    } else if (value.length > 0) {
      detail[name] = value.length === 1 ? value : [...value].sort();
    }
  }
  return detail as unknown as ImageDetail;
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
