import { sha256Hex } from '../../digest';
import { isImageTagAlreadyExists } from '../../ecr/errors';
import { deleteImages } from '../../ecr/image-deletion';
import { ImageData } from '../../ecr/images-data';
import { RepositoryAddress } from '../../ecr/registry';
import { MANIFEST_TYPES } from '../../images/media-types';
import { Run } from '../run';
import { imageFailure } from './failure';
import { lookUp } from './find-image';

/** Puts a tag on an image of the same repository: the very bytes of its manifest again. Reading them counts as a pull of the image. */
export async function putTag(run: Run, address: RepositoryAddress, imageTag: string, imageDigest: string): Promise<void> {
  const data = new ImageData(run.connection, run.budget, address);
  const { images: [image], failures: [failed] } = await data.getImages([{ imageDigest }], MANIFEST_TYPES);
  if (image === undefined) {
    throw imageFailure('DD-IMAGE-203', 'SourceImageDigest', `ECR does not give the manifest of ${imageDigest}: ${failed?.failureCode}: ${failed?.failureReason}.`, { value: imageDigest });
  }
  const { imageManifest, imageManifestMediaType } = image;
  if (`sha256:${sha256Hex(imageManifest)}` !== imageDigest) {
    throw imageFailure('DD-IMAGE-203', 'SourceImageDigest', `ECR gave other bytes than those of ${imageDigest}.`, { value: imageDigest, fix: 'Deploy again.' });
  }
  try {
    await data.putImage({ imageManifest, imageManifestMediaType: imageManifestMediaType ?? mediaTypeOf(imageManifest), imageDigest, imageTag });
  } catch (error) {
    if (isImageTagAlreadyExists(error)) {
      throw imageFailure('DD-IMAGE-201', 'ImageTag', `The tag ${JSON.stringify(imageTag)} of ${address.repositoryName} is immutable and stands for another image.`, {
        value: imageTag, fix: 'Use a new tag for each image, or exclude this one from immutability (IMMUTABLE_WITH_EXCLUSION and an exclusion filter).', cause: error,
      });
    }
    throw error;
  }
}

export type Removal = 'removed' | 'absent' | 'moved' | 'last-tag' | 'held';

/**
 * Takes a tag away if it still stands for the image. The last tag of an image takes the image with it, so it stays unless `alsoLast`.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
 */
export async function removeTag(run: Run, address: RepositoryAddress, imageTag: string, imageDigest: string, alsoLast: boolean): Promise<Removal> {
  const image = await lookUp(run, address, { imageTag });
  if (image === undefined) {
    return 'absent';
  }
  if (image.imageDigest !== imageDigest) {
    return 'moved';
  }
  if ((image.imageTags ?? []).length < 2 && !alsoLast) {
    return 'last-tag';
  }
  // By the tag alone: what happens to the image's other tags when both are given is not documented.
  const { failures: [failed] } = await deleteImages(run.registry, address, [{ imageTag }]);
  switch (failed?.failureCode) {
    case undefined: return 'removed';
    case 'ImageNotFound': return 'absent';
    case 'ImageReferencedByManifestList': return 'held';
    default: throw imageFailure('DD-IMAGE-204', 'ImageTag', `ECR does not take the tag ${JSON.stringify(imageTag)} away: ${failed.failureCode}: ${failed.failureReason}.`, { value: imageTag });
  }
}

function mediaTypeOf(manifest: string): string {
  return String((JSON.parse(manifest) as { mediaType?: unknown }).mediaType);
}
