import { Gathered } from './gather';
import { LayerUpload, MAX_LAYER_BYTES } from './layer-upload';
import { moveBlobs } from './move-blobs';
import { Pace } from './pace';
import { PartPool } from './part-pool';
import { Tally } from './tally';
import { repositoryText, targetError } from './target-errors';
import { CopyOptions, CopyProgress, Reading, UploadState } from './types';
import { isImageTagAlreadyExists, isLayersNotFound } from '../ecr/errors';
import { ImageData } from '../ecr/images-data';
import { Budget, isTimeIsUp } from '../ecr/retry';
import { copyError } from '../images/codes';
import { Descriptor } from '../images/manifest';
import { blobsOf, CopyPlan, Presence } from '../images/plan';
import { ManifestNode } from '../images/select-platforms';

const CONCURRENCY = 6;

/** Carries a plan out. */
export class CopyRun {
  private readonly uploads = new Map<string, LayerUpload>();
  private readonly completed = new Set<string>();
  private readonly parts = new PartPool();
  private readonly pace: Pace;
  private readonly target: ImageData;

  constructor(
    private readonly options: CopyOptions,
    private readonly reading: Reading,
    private readonly budget: Budget,
    private readonly tally: Tally,
    private readonly progress: (event: CopyProgress) => void,
    private readonly abort: () => void,
  ) {
    this.pace = new Pace(budget);
    this.target = new ImageData(options.destination.connection, budget, options.destination.address);
  }

  /** Layers that are half there: those of this call, and those that it has not come to. */
  public get uploadStates(): UploadState[] {
    const mine = [...this.uploads.values()].flatMap(({ state }) => (state === undefined ? [] : [state]));
    const earlier = (this.options.resume?.uploads ?? []).filter(({ digest }) => !this.uploads.has(digest) && !this.completed.has(digest));
    return [...mine, ...earlier];
  }

  public async execute(plan: CopyPlan, present: Presence, { content }: Gathered): Promise<void> {
    this.checkSizes(plan);
    await this.move(plan.blobs);
    // Alone, the image and its first tag are one call. With referrers it stays untagged until they are there too.
    const last = plan.manifests[plan.manifests.length - 1];
    const together = last?.digest === content.root && plan.referrerTags.length === 0 && plan.tags.length > 0 ? plan.tags[0] : undefined;
    for (const node of plan.manifests) {
      await this.put(node, present, node === last && together !== undefined ? { tag: together, kind: 'tags' } : undefined);
    }
    for (const { tag, digest } of plan.referrerTags) {
      await this.put(content.nodes.get(digest) as ManifestNode, present, { tag, kind: 'referrerTags' });
    }
    for (const tag of plan.tags.filter((one) => one !== together)) {
      await this.put(content.nodes.get(content.root) as ManifestNode, present, { tag, kind: 'tags' });
    }
  }

  private async move(blobs: readonly Descriptor[]): Promise<void> {
    await moveBlobs(blobs, {
      concurrency: this.options.concurrency ?? CONCURRENCY,
      memoryBytes: this.options.memoryBytes,
      abort: this.abort,
      onSmallOnly: () => this.parts.clear(),
      move: async (blob) => {
        const upload = new LayerUpload({
          source: this.options.source,
          reading: this.reading,
          target: this.target,
          targetName: repositoryText(this.options.destination.address),
          parts: this.parts,
          onBytes: (digest, bytes) => {
            this.tally.bytes(bytes);
            this.progress({ kind: 'bytes', digest, bytes });
          },
        }, blob, this.options.resume?.uploads.find(({ digest }) => digest === blob.digest));
        this.uploads.set(blob.digest, upload);
        try {
          await upload.run();
        } catch (error) {
          throw this.reading.signal.aborted ? error : targetError(error, this.options.destination.address);
        }
        this.uploads.delete(blob.digest);
        this.completed.add(blob.digest);
        this.tally.blob();
        this.progress({ kind: 'blob', digest: blob.digest, size: blob.size });
      },
    });
  }

  private async put(node: ManifestNode, present: Presence, named: { readonly tag: string; readonly kind: 'tags' | 'referrerTags' } | undefined): Promise<void> {
    const isNew = !present.manifests.has(node.digest);
    const note = () => {
      if (isNew) {
        this.tally.manifest(node.digest);
      }
      if (named !== undefined) {
        this.tally.tag(named.tag, named.kind, present.tags.get(named.tag));
      }
    };
    try {
      if (await this.putWithLayers(node, named?.tag)) {
        note();
      }
    } catch (error) {
      if (isTimeIsUp(error)) {
        // The call may have been under way. What it was to put was not there before.
        note();
      }
      if (named !== undefined && isImageTagAlreadyExists(error)) {
        await this.sameOrRefuse(named.tag, node.digest, error);
      } else {
        throw targetError(error, this.options.destination.address);
      }
    }
    if (isNew) {
      this.progress({ kind: 'manifest', digest: node.digest });
    }
    if (named !== undefined) {
      this.progress({ kind: 'tag', tag: named.tag });
    }
  }

  /** A layer that no image needs yet may be collected by ECR at any time; then it is moved again, once. */
  private async putWithLayers(node: ManifestNode, imageTag: string | undefined): Promise<boolean> {
    const input = { imageManifest: node.text, imageManifestMediaType: node.mediaType, imageDigest: node.digest, ...(imageTag === undefined ? {} : { imageTag }) };
    try {
      await this.pace.turn();
      return await this.target.putImage(input);
    } catch (error) {
      if (!isLayersNotFound(error)) {
        throw error;
      }
      const blobs = blobsOf(node);
      const there = await this.target.checkLayers(blobs.map(({ digest }) => digest));
      await this.move(blobs.filter(({ digest }, i) => there.get(digest) !== 'AVAILABLE' && blobs.findIndex((one) => one.digest === digest) === i));
      await this.pace.turn();
      return this.target.putImage(input);
    }
  }

  private async sameOrRefuse(tag: string, digest: string, cause: unknown): Promise<void> {
    const there = await this.target.describeImage({ imageTag: tag }).catch(() => undefined);
    if (there?.imageDigest === digest) {
      return;
    }
    this.budget.check(cause);
    throw copyError('DD-COPY-042', repositoryText(this.options.destination.address),
      `The tag ${tag} is immutable and points to ${there?.imageDigest ?? 'another image'}; it was to point to ${digest}.`,
      'Choose a tag that is not used yet, delete the old one, or make the tag mutable.', { value: tag, cause, awsMessage: cause instanceof Error ? cause.message : undefined });
  }

  private checkSizes({ blobs }: CopyPlan): void {
    const bad = blobs.find(({ size }) => size > MAX_LAYER_BYTES || size === 0);
    if (bad !== undefined) {
      throw copyError('DD-COPY-043', bad.digest, bad.size === 0 ? 'A layer of no bytes cannot be put to ECR through its API.'
        : `A layer has ${bad.size} bytes, and ECR takes ${MAX_LAYER_BYTES} (52,000 MiB).`, bad.size === 0 ? 'Build the image without it.' : 'Spread its files over several layers.', { value: bad.size });
    }
  }
}
