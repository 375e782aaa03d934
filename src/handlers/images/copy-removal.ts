import { isRepositoryNotFound } from '../../ecr/errors';
import { DELETE_BATCH, deleteImages } from '../../ecr/image-deletion';
import { FailedImage } from '../../ecr/images-data';
import { RepositoryAddress } from '../../ecr/registry';
import { isIndexType } from '../../images/media-types';
import type { ImageDetail } from '../../lifecycle/model';
import { Run } from '../run';
import { copyFailure } from './copy-failure';
import { removeTag } from './retag';

/** An index in an index in an index is as deep as anybody has seen. */
const ROUNDS = 5;

/**
 * Removes images that a copy has put, unless something else uses them: another tag, an index that stays, or, for what is about another image (a signature, an
 * SBOM), that image itself. `ours`: tags of the copy and what they stand for; on an image that stays they are taken away, unless it would go with its last.
 */
export async function removeCopied(run: Run, address: RepositoryAddress, candidates: readonly string[], ours: ReadonlyMap<string, string>): Promise<void> {
  const images = await describe(run, address, candidates);
  const isOwn = ({ imageDigest }: ImageDetail, tag: string) => ours.get(tag) === imageDigest || candidates.some((digest) => isReferrerTag(tag, digest));
  const isUsed = (image: ImageDetail) => (image.imageTags ?? []).some((tag) => !isOwn(image, tag));
  const used = images.filter(isUsed);
  const free = images.filter((image) => !isUsed(image));
  const about = free.filter(({ subjectManifestDigest: subject }) => subject !== undefined);
  const held = await remove(run, address, free.filter((image) => !about.includes(image)));
  const stays = new Set([...used, ...held].map(({ imageDigest }) => imageDigest));
  const orphans = await withoutSubject(run, address, about, stays);
  const heldToo = await remove(run, address, orphans);
  for (const image of [...used, ...held, ...heldToo]) {
    for (const tag of (image.imageTags ?? []).filter((one) => ours.get(one) === image.imageDigest)) {
      const removal = await removeTag(run, address, tag, image.imageDigest, false);
      run.log.info(removal === 'removed' ? 'The tag has been removed; something else uses the image.' : 'Something else uses the image; it is left as it is.', {
        repositoryName: address.repositoryName, imageTag: tag, imageDigest: image.imageDigest,
      });
    }
  }
}

/** `sha256-HEX.sig` and the like: by these tags signatures are found of which the registry does not know whose they are. */
function isReferrerTag(tag: string, digest: string): boolean {
  const stem = digest.replace(':', '-');
  return tag === stem || tag.startsWith(`${stem}.`);
}

/** Those whose subject is gone, or goes; what is about an image that stays, stays. */
async function withoutSubject(run: Run, address: RepositoryAddress, images: readonly ImageDetail[], stays: ReadonlySet<string>): Promise<ImageDetail[]> {
  const gone: ImageDetail[] = [];
  for (const image of images) {
    const subject = image.subjectManifestDigest as string;
    const isAmongThem = images.some(({ imageDigest }) => imageDigest === subject);
    if (!stays.has(subject) && (isAmongThem || await run.images.describeImage(address, { imageDigest: subject }) === undefined)) {
      gone.push(image);
    }
  }
  return gone;
}

async function describe(run: Run, address: RepositoryAddress, digests: readonly string[]): Promise<ImageDetail[]> {
  const found: ImageDetail[] = [];
  for (const imageDigest of new Set(digests)) {
    const image = await run.images.describeImage(address, { imageDigest });
    if (image !== undefined) {
      found.push(image);
    }
  }
  return found;
}

/** Indexes first, then what they hold. Gives back those that an index still holds. */
async function remove(run: Run, address: RepositoryAddress, images: readonly ImageDetail[]): Promise<ImageDetail[]> {
  let pending = [...images].sort((a, b) => rank(a) - rank(b));
  for (let round = 1; round <= ROUNDS && pending.length > 0; round += 1) {
    const held = new Set<string>();
    const refused: FailedImage[] = [];
    for (const part of [pending.filter((image) => rank(image) === 0), pending.filter((image) => rank(image) === 1)]) {
      for (let at = 0; at < part.length; at += DELETE_BATCH) {
        const { deleted, failures } = await deleteImages(run.registry, address, part.slice(at, at + DELETE_BATCH).map(({ imageDigest }) => ({ imageDigest })));
        for (const { imageDigest } of deleted) {
          run.log.info('The image has been deleted.', { repositoryName: address.repositoryName, imageDigest });
        }
        failures.filter(({ failureCode }) => failureCode === 'ImageReferencedByManifestList').forEach(({ imageId }) => held.add(imageId.imageDigest ?? ''));
        refused.push(...failures.filter(({ failureCode }) => !['ImageReferencedByManifestList', 'ImageNotFound'].includes(failureCode)));
      }
    }
    if (refused.length > 0) {
      const [{ imageId, failureCode, failureReason }] = refused;
      throw copyFailure('DD-IMAGE-503', 'RepositoryName', `ECR did not delete ${refused.length} images of ${address.repositoryName}: ${imageId.imageDigest}: ${failureCode}: ${failureReason}.`);
    }
    const still = pending.filter(({ imageDigest }) => held.has(imageDigest));
    if (still.length === pending.length) {
      break;
    }
    pending = still;
  }
  for (const { imageDigest } of pending) {
    run.log.info('An index holds the image; it is left as it is.', { repositoryName: address.repositoryName, imageDigest });
  }
  return pending;
}

function rank({ imageManifestMediaType }: ImageDetail): number {
  return isIndexType(imageManifestMediaType) ? 0 : 1;
}

/** Whether there is a repository to remove something from. */
export async function isThere(run: Run, address: RepositoryAddress, imageTag: string): Promise<boolean> {
  try {
    await run.images.describeImage(address, { imageTag });
    return true;
  } catch (error) {
    if (isRepositoryNotFound(error)) {
      return false;
    }
    throw error;
  }
}
