import { parallel } from '../lists';
import { targetError } from './target-errors';
import { isImageNotFound } from '../ecr/errors';
import { DescribedImage, ImageData, ImageId } from '../ecr/images-data';
import { RepositoryAddress } from '../ecr/registry';
import { CopyContent, Presence, putOrder, uniqueBlobs } from '../images/plan';

const CONCURRENCY = 6;

/**
 * What the destination has of a copy. Asked by DescribeImages and not by BatchGetImage, which would count as a pull. An archived image counts as not
 * there: putting it restores it.
 */
export async function findPresent(target: ImageData, address: RepositoryAddress, content: CopyContent): Promise<Presence> {
  try {
    const tags = new Map<string, string>();
    const manifests = new Set<string>();
    const note = (image: DescribedImage | undefined) => {
      if (image !== undefined && image.imageStatus !== 'ARCHIVED') {
        manifests.add(image.imageDigest);
      }
    };
    await parallel([...new Set([...content.tags, ...content.referrerTags.map(({ tag }) => tag)])], CONCURRENCY, async (imageTag) => {
      const image = await target.describeImage({ imageTag });
      note(image);
      if (image !== undefined) {
        tags.set(imageTag, image.imageDigest);
      }
    });
    const order = putOrder(content);
    const below = new Set(putOrder({ ...content, referrers: [] }).map(({ digest }) => digest));
    const beside = order.map(({ digest }) => digest).filter((digest) => !below.has(digest));
    if (!manifests.has(content.root)) {
      note(await target.describeImage({ imageDigest: content.root }));
    }
    // An index that is there has its children: ECR removes none that an index lists.
    const isThere = manifests.has(content.root);
    const unknown = isThere ? [] : [...below].filter((digest) => digest !== content.root);
    if (isThere) {
      below.forEach((digest) => manifests.add(digest));
    }
    (await describeAll(target, [...unknown, ...beside].map((imageDigest) => ({ imageDigest })))).forEach(note);
    const missing = order.filter(({ digest }) => !manifests.has(digest));
    const layers = await target.checkLayers(uniqueBlobs(missing).map(({ digest }) => digest));
    // Those of an archived image are there, and come back with it.
    const blobs = new Set([...layers].filter(([, availability]) => availability !== 'UNAVAILABLE').map(([digest]) => digest));
    return { manifests, blobs, tags };
  } catch (error) {
    throw targetError(error, address);
  }
}

/** All at once where all are there; one that is missing fails such a call, and then each is asked for. */
async function describeAll(target: ImageData, imageIds: readonly ImageId[]): Promise<(DescribedImage | undefined)[]> {
  if (imageIds.length > 1) {
    try {
      return await target.describeImages(imageIds);
    } catch (error) {
      if (!isImageNotFound(error)) {
        throw error;
      }
    }
  }
  return parallel(imageIds, CONCURRENCY, (imageId) => target.describeImage(imageId));
}
