import { ImageIdentifier } from '../ecr-error';
import { Context, Operation, Output, repositoryOf } from './context';
import { distinctIds, findImage, ImageFailure } from './image-ids';
import { isExcludedFromPullTimes } from './pull-time';
import { ImageRecord } from '../registry/records';
import { Repository } from '../registry/repository';

export const batchGetImage: Operation<'BatchGetImage'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const images: Output[] = [];
  const failures: ImageFailure[] = [];
  for (const imageId of distinctIds(input.imageIds)) {
    const found = findImage(repository, imageId);
    const failure = 'failure' in found ? found.failure : inaccessible(repository, found.image, imageId);
    if (failure || 'failure' in found) {
      failures.push(failure!);
      continue;
    }
    const { image } = found;
    recordPull(context, repository, image);
    images.push({
      registryId: context.registry.accountId,
      repositoryName: input.repositoryName,
      imageId: { imageDigest: image.imageDigest, ...(imageId.imageTag !== undefined && { imageTag: imageId.imageTag }) },
      imageManifest: repository.manifestOf(image.imageDigest),
      imageManifestMediaType: image.imageManifestMediaType,
    });
  }
  return { images, failures };
};

export function recordPull(context: Context, repository: Repository, image: ImageRecord): void {
  if (!isExcludedFromPullTimes(context)) {
    context.registry.putImage(repository, { ...image, lastRecordedPullTime: Math.max(context.now, image.lastRecordedPullTime ?? 0) });
  }
}

/** Why an image that is there cannot be pulled. */
export function inaccessible(repository: Repository, image: ImageRecord, imageId: ImageIdentifier): ImageFailure | undefined {
  if (image.imageStatus !== 'ACTIVE') {
    return {
      imageId,
      failureCode: 'ImageInaccessible',
      failureReason: image.imageStatus === 'ARCHIVED'
        ? 'The image is archived; restore it before it can be pulled'
        : 'The image is being restored from the archive',
    };
  }
  if (repository.manifestOf(image.imageDigest) === undefined) {
    return {
      imageId,
      failureCode: 'ImageInaccessible',
      failureReason: `DD-EMULATOR-102: this image came from a seed, which has no manifests, and no other bytes have the digest ${image.imageDigest}. ` +
        'Push the image to the emulator to pull it',
    };
  }
  return undefined;
}

export const batchDeleteImage: Operation<'BatchDeleteImage'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const deleted: ImageIdentifier[] = [];
  const failures: ImageFailure[] = [];
  const ids = distinctIds(input.imageIds);
  // An index that goes in this very call still holds its children: they can go in a later one.
  const held = heldAtStart(repository, ids);
  for (const imageId of ids) {
    const found = findImage(repository, imageId);
    if ('failure' in found) {
      failures.push(found.failure);
      continue;
    }
    const { image } = found;
    const { imageTag } = imageId;
    const losesTagOnly = imageTag !== undefined && image.imageTags.length > 1;
    const parents = losesTagOnly ? undefined : held.get(image.imageDigest);
    if (parents) {
      failures.push({
        imageId: imageId.imageDigest === undefined ? { imageDigest: image.imageDigest, imageTag } : imageId,
        failureCode: 'ImageReferencedByManifestList',
        failureReason: `Requested image referenced by manifest list: [${parents.join(', ')}]`,
      });
    } else if (imageTag !== undefined) {
      removeTag(context, repository, image, imageTag);
      deleted.push({ imageDigest: image.imageDigest, imageTag });
    } else {
      context.registry.deleteImage(repository, image.imageDigest);
      deleted.push(...(image.imageTags.length === 0
        ? [{ imageDigest: image.imageDigest }]
        : image.imageTags.map((tag) => ({ imageDigest: image.imageDigest, imageTag: tag }))));
    }
  }
  return { imageIds: deleted, failures };
};

function heldAtStart(repository: Repository, ids: readonly ImageIdentifier[]): ReadonlyMap<string, readonly string[]> {
  const held = new Map<string, readonly string[]>();
  for (const id of ids) {
    const found = findImage(repository, id);
    const parents = 'image' in found ? repository.parentsOf(found.image.imageDigest) : [];
    if ('image' in found && parents.length > 0) {
      held.set(found.image.imageDigest, parents);
    }
  }
  return held;
}

/** An image does not outlive its last tag. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html */
function removeTag(context: Context, repository: Repository, image: ImageRecord, imageTag: string): void {
  const imageTags = image.imageTags.filter((tag) => tag !== imageTag);
  if (imageTags.length === 0) {
    context.registry.deleteImage(repository, image.imageDigest);
  } else {
    context.registry.putImage(repository, { ...image, imageTags });
  }
}
