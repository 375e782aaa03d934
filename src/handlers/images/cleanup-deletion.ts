import { isImageNotFound } from '../../ecr/errors';
import { DELETE_BATCH, deleteImages } from '../../ecr/image-deletion';
import { FailedImage } from '../../ecr/images-data';
import { RepositoryAddress } from '../../ecr/registry';
import { isTimeIsUp } from '../../ecr/retry';
import { isIndex } from '../../images/cleanup/graph';
import { DoomedImage } from '../../images/cleanup/model';
import type { ImageDetail } from '../../lifecycle/model';
import { Run } from '../run';

export interface Deletion {
  readonly deleted: readonly string[];
  /** Held by an index that stays, or following an image that stays. */
  readonly held: readonly string[];
  /** Tagged by somebody since the plan was made. */
  readonly changed: readonly string[];
  readonly failed: readonly { readonly digest: string; readonly code: string; readonly reason: string }[];
  /** Not tried any more: time was up. */
  readonly left: readonly string[];
}

/**
 * Deletes the images of a plan in waves: indexes before what they list, what follows an image after it. An index that goes in a call still holds its images
 * during that call, and what holds an image may not be known before, so what ECR says is held is tried again for as long as anything goes.
 */
export class CleanupDeletion {
  private readonly pending: Map<string, DoomedImage>;
  private readonly gone = new Set<string>();
  private readonly held = new Set<string>();
  private readonly changed: string[] = [];
  private readonly failed: { digest: string; code: string; reason: string }[] = [];

  constructor(private readonly run: Run, private readonly address: RepositoryAddress, doomed: readonly DoomedImage[]) {
    this.pending = new Map(doomed.map((one) => [one.image.imageDigest, one]));
  }

  public async perform(): Promise<Deletion> {
    let isTimeUp = false;
    try {
      while (await this.wave()) {
        // Until a wave gets nowhere.
      }
    } catch (error) {
      if (!isTimeIsUp(error)) {
        throw error;
      }
      isTimeUp = true;
    }
    const rest = [...this.pending.keys()];
    return {
      deleted: [...this.gone], changed: this.changed, failed: this.failed,
      held: isTimeUp ? rest.filter((digest) => this.held.has(digest)) : rest,
      left: isTimeUp ? rest.filter((digest) => !this.held.has(digest)) : [],
    };
  }

  /** Whether anything came of it. */
  private async wave(): Promise<boolean> {
    const before = this.pending.size;
    for (const wanted of [true, false]) {
      const ready = [...this.pending.values()].filter(({ image, follows }) => isIndex(image) === wanted && (follows === undefined || this.gone.has(follows)));
      for (let i = 0; i < ready.length; i += DELETE_BATCH) {
        await this.batch(ready.slice(i, i + DELETE_BATCH));
      }
    }
    return this.pending.size < before && this.pending.size > 0;
  }

  private async batch(doomed: readonly DoomedImage[]): Promise<void> {
    const same = await this.unchanged(doomed.map(({ image }) => image));
    if (same.length === 0) {
      return;
    }
    const { deleted, failures } = await deleteImages(this.run.registry, this.address, same.map((imageDigest) => ({ imageDigest })));
    deleted.forEach(({ imageDigest }) => this.settle(imageDigest ?? '', this.gone));
    failures.forEach((failure) => this.refused(failure));
  }

  private refused({ imageId: { imageDigest = '' }, failureCode, failureReason }: FailedImage): void {
    switch (failureCode) {
      case 'ImageNotFound': return this.settle(imageDigest, this.gone);
      case 'ImageReferencedByManifestList': return void this.held.add(imageDigest);
      default:
        this.pending.delete(imageDigest);
        this.failed.push({ digest: imageDigest, code: failureCode, reason: failureReason });
    }
  }

  private settle(digest: string, where: Set<string>): void {
    this.pending.delete(digest);
    this.held.delete(digest);
    where.add(digest);
  }

  /** Somebody may have given an image a tag since: it is not what was judged any more, and stays. */
  private async unchanged(images: readonly ImageDetail[]): Promise<string[]> {
    const present = new Map((await this.describe(images)).map((image) => [image.imageDigest, tagsOf(image)]));
    return images.flatMap(({ imageDigest, imageTags }) => {
      const tags = present.get(imageDigest);
      if (tags === undefined) {
        this.settle(imageDigest, this.gone);
        return [];
      }
      if (tags !== tagsOf({ imageTags })) {
        this.pending.delete(imageDigest);
        this.changed.push(imageDigest);
        return [];
      }
      return [imageDigest];
    });
  }

  /** One that is missing fails the whole call. */
  private async describe(images: readonly ImageDetail[]): Promise<ImageDetail[]> {
    try {
      return await this.run.images.describeThese(this.address, images.map(({ imageDigest }) => ({ imageDigest })));
    } catch (error) {
      if (!isImageNotFound(error)) {
        throw error;
      }
    }
    const found: ImageDetail[] = [];
    for (const { imageDigest } of images) {
      found.push(...[await this.run.images.describeImage(this.address, { imageDigest })].filter((image) => image !== undefined));
    }
    return found;
  }
}

function tagsOf({ imageTags = [] }: Pick<ImageDetail, 'imageTags'>): string {
  return [...imageTags].sort().join(' ');
}
