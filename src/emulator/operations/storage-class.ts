import { EcrError, imageNotFound, invalidParameter } from '../ecr-error';
import { archived, restored, restoring } from '../storage-class';
import { Operation, placeOf, repositoryOf } from './context';
import { findImage } from './image-ids';

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html */
export const updateImageStorageClass: Operation<'UpdateImageStorageClass'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const place = placeOf(context, input);
  const found = findImage(repository, input.imageId);
  if ('failure' in found) {
    if (['ImageNotFound', 'ImageTagDoesNotMatchDigest'].includes(found.failure.failureCode)) {
      throw imageNotFound(place, input.imageId);
    }
    throw invalidParameter('imageId', found.failure.failureReason);
  }
  const { image } = found;
  const unsupported = (why: string) => new EcrError('ImageStorageClassUpdateNotSupportedException',
    `The storage class of the image ${image.imageDigest} cannot be changed to ${input.targetStorageClass}: ${why}`);

  if (input.targetStorageClass === 'ARCHIVE') {
    if (image.imageStatus !== 'ACTIVE') {
      throw unsupported(image.imageStatus === 'ARCHIVED' ? 'it is archived already' : 'it is being restored');
    }
    const parents = repository.parentsOf(image.imageDigest).filter((digest) => repository.images.get(digest)?.imageStatus !== 'ARCHIVED');
    if (parents.length > 0) {
      throw unsupported(`it is referenced by manifest list: [${parents.join(', ')}], which must be archived first`);
    }
    context.registry.putImage(repository, archived(image, context.now));
  } else {
    if (image.imageStatus !== 'ARCHIVED') {
      throw unsupported(image.imageStatus === 'ACTIVE' ? 'it is in standard storage already' : 'it is being restored already');
    }
    const { restoreMs } = context.settings;
    context.registry.putImage(repository, restoreMs === 0 ? restored(image, context.now) : restoring(image, context.now + restoreMs));
  }
  const { imageStatus } = repository.images.get(image.imageDigest)!;
  const { imageTag } = input.imageId;
  return { ...place, imageId: { imageDigest: image.imageDigest, ...(imageTag !== undefined && { imageTag }) }, imageStatus };
};
