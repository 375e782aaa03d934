import { BatchDeleteImageCommand } from '@aws-sdk/client-ecr';
import { FailedImage, ImageId } from './images-data';
import { Registry, RepositoryAddress } from './registry';

/** The most that one call takes. */
export const DELETE_BATCH = 100;

export interface DeletedImages {
  /** As ECR names them: an image that went with its tags, once for each tag. */
  readonly deleted: readonly ImageId[];
  readonly failures: readonly FailedImage[];
}

/**
 * Deletes images by digest, or takes tags away: with the last tag the image goes, too. At most a hundred at a time. What fails comes back; nobody drops it. A
 * call whose answer was lost is repeated, and then finds some of the images gone: `ImageNotFound` is what was wanted.
 */
export async function deleteImages(registry: Registry, address: RepositoryAddress, imageIds: readonly ImageId[]): Promise<DeletedImages> {
  const answer = await registry.budget.call('ecr:BatchDeleteImage', (abortSignal) =>
    registry.connection.ecr.send(new BatchDeleteImageCommand({ ...address, imageIds: [...imageIds] }), { abortSignal }));
  return {
    deleted: answer.imageIds ?? [],
    failures: (answer.failures ?? []).map(({ imageId, failureCode, failureReason }) => ({
      imageId: imageId ?? {}, failureCode: failureCode ?? '', failureReason: failureReason ?? '',
    })),
  };
}
