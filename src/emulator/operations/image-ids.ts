import { ImageIdentifier } from '../ecr-error';
import { ImageRecord } from '../registry/records';
import { RepositoryView } from '../registry/repository';

/** Failure codes of the batch operations that this emulator gives. */
export type ImageFailureCode =
  | 'InvalidImageDigest'
  | 'InvalidImageTag'
  | 'ImageTagDoesNotMatchDigest'
  | 'ImageNotFound'
  | 'MissingDigestAndTag'
  | 'ImageReferencedByManifestList'
  | 'ImageInaccessible';

export interface ImageFailure {
  readonly imageId: ImageIdentifier;
  readonly failureCode: ImageFailureCode;
  readonly failureReason: string;
}

export type Found = { readonly image: ImageRecord } | { readonly failure: ImageFailure };

const DIGEST = '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+';
const TAG = '[a-zA-Z0-9-_.]+';
const WHOLE_DIGEST = new RegExp(`^${DIGEST}$`);
const WHOLE_TAG = new RegExp(`^${TAG}$`);

export const isDigest = (value: string) => WHOLE_DIGEST.test(value);
export const isTag = (value: string) => WHOLE_TAG.test(value);
export { DIGEST as DIGEST_PATTERN, TAG as TAG_PATTERN };

/** The image that an id names, or why there is none. */
export function findImage(repository: RepositoryView, imageId: ImageIdentifier): Found {
  const { imageDigest, imageTag } = imageId;
  const fail = (failureCode: ImageFailureCode, failureReason: string): Found => ({ failure: { imageId, failureCode, failureReason } });
  if (imageDigest === undefined && imageTag === undefined) {
    return fail('MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null');
  }
  if (imageDigest !== undefined && !isDigest(imageDigest)) {
    return fail('InvalidImageDigest', `Invalid request parameters: image digest should satisfy the regex '${DIGEST}'`);
  }
  if (imageTag !== undefined && !isTag(imageTag)) {
    return fail('InvalidImageTag', `Invalid request parameters: image tag should satisfy the regex '${TAG}'`);
  }
  const tagged = imageTag === undefined ? undefined : repository.tagged(imageTag);
  const image = imageDigest === undefined ? tagged : repository.images.get(imageDigest);
  if (!image || (imageTag !== undefined && !tagged)) {
    return fail('ImageNotFound', 'Requested image not found');
  }
  if (tagged && tagged.imageDigest !== image.imageDigest) {
    return fail('ImageTagDoesNotMatchDigest', 'Requested image digest and tag do not belong to the same image');
  }
  return { image };
}

/** Each id once. */
export function distinctIds(imageIds: readonly ImageIdentifier[]): readonly ImageIdentifier[] {
  return [...new Map(imageIds.map((id) => [JSON.stringify([id.imageDigest, id.imageTag]), id])).values()];
}
