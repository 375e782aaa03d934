import { createHash, Hash } from 'node:crypto';
import { PartPool } from './part-pool';
import { resumedBlob } from './resumed-blob';
import { ImageSource, Reading, UploadState } from './types';
import { isInvalidLayer, isInvalidLayerPart, isUploadNotFound, lastValidByteOf } from '../ecr/errors';
import { ImageData } from '../ecr/images-data';
import { LayerPart } from '../ecr/layer-part';
import { copyError } from '../images/codes';
import { Descriptor } from '../images/manifest';
import { backoff, pause } from '../registry/persist';

const MIB = 1_048_576;
/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
export const MAX_LAYER_BYTES = 52_000 * MIB;
const MAX_PARTS = 4_200;
/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UploadLayerPart.html */
const MAX_PART_BYTES = 20 * MIB;
const DEFAULT_PART_BYTES = 10 * MIB;
/** Of all parts but the last. */
const MIN_PART_BYTES = 5 * MIB;
const MAX_STALLS = 4;
/** How often a layer may begin anew because ECR has lost its upload. */
const MAX_RESTARTS = 3;

/** Bytes of a part: what ECR asks for, and more only where a layer would else have too many parts. */
export function partSizeFor(size: number, asked: number): number {
  const usual = asked > 0 && asked <= MAX_PART_BYTES ? asked : DEFAULT_PART_BYTES;
  return Math.max(usual, Math.min(MAX_PART_BYTES, Math.ceil(size / MAX_PARTS)));
}

/** Memory that a layer takes while it moves: the part that is sent, and the next one that is filled meanwhile. */
export function memoryFor(size: number, partSize = partSizeFor(size, DEFAULT_PART_BYTES)): number {
  return size <= partSize ? LayerPart.memoryFor(size) : 2 * LayerPart.memoryFor(partSize);
}

interface UploadContext {
  readonly source: ImageSource;
  readonly reading: Reading;
  readonly target: ImageData;
  readonly targetName: string;
  readonly parts: PartPool;
  readonly onBytes: (digest: string, bytes: number) => void;
}

/** ECR is at another byte than we are: the layer goes on from there. */
class Rewind extends Error {}

/** One layer on its way. Parts go one after another, as ECR wants them; while one is sent, the next is read. */
export class LayerUpload {
  private upload: { readonly uploadId: string; readonly partSize: number } | undefined;
  /** First byte that ECR has not acknowledged. */
  private nextByte = 0;
  /** Whether some of it was sent by an earlier call. */
  private continued = false;

  constructor(private readonly context: UploadContext, private readonly blob: Descriptor, resume?: UploadState) {
    if (resume !== undefined && resume.nextByte <= blob.size) {
      this.upload = { uploadId: resume.uploadId, partSize: resume.partSize };
      this.nextByte = resume.nextByte;
      this.continued = true;
    }
  }

  /** How the next call goes on; undefined when nothing has arrived. */
  public get state(): UploadState | undefined {
    return this.upload === undefined || this.nextByte === 0 ? undefined : { digest: this.blob.digest, ...this.upload, nextByte: this.nextByte };
  }

  public async run(): Promise<void> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        await this.attempt();
        return;
      } catch (error) {
        if (isUploadNotFound(error)) {
          // Expired, or completed by an attempt whose answer was lost.
          if ((await this.context.target.checkLayers([this.blob.digest])).get(this.blob.digest) === 'AVAILABLE') {
            return;
          }
          this.upload = undefined;
          this.acknowledge(0);
        } else if (isInvalidLayer(error) && this.continued) {
          // What was sent by another call is not what we thought.
          this.continued = false;
          this.upload = undefined;
          this.acknowledge(0);
        } else if (!(error instanceof Rewind)) {
          throw error;
        }
        if (restarts === MAX_RESTARTS) {
          throw copyError('DD-COPY-048', this.context.targetName, `ECR loses the upload of ${this.blob.digest} again and again.`, 'Copy again later.', { cause: error });
        }
        this.context.reading.log('warn', 'The upload of a layer goes on from another byte.', { digest: this.blob.digest, nextByte: this.nextByte });
      }
    }
  }

  private async attempt(): Promise<void> {
    const { source, reading, target, parts } = this.context;
    const { blob } = this;
    if (this.upload === undefined) {
      const { uploadId, partSize } = await target.initiateUpload();
      this.upload = { uploadId, partSize: partSizeFor(blob.size, partSize) };
    }
    const { uploadId, partSize } = this.upload;
    // What another call has sent is not here to be hashed; ECR verifies the whole layer.
    const hash = this.nextByte === 0 ? createHash('sha256') : undefined;
    let sending: Promise<LayerPart> | undefined;
    let firstByte = this.nextByte;
    const capacity = Math.min(partSize, Math.max(1, blob.size - firstByte));
    let part = parts.take(capacity);
    let spare: LayerPart | undefined;
    try {
      for await (const chunk of resumedBlob(source, reading, blob, firstByte)) {
        hash?.update(chunk);
        for (let at = 0; at < chunk.length;) {
          at += part.append(at === 0 ? chunk : chunk.subarray(at));
          if (part.full) {
            spare = await sending;
            sending = this.send(uploadId, part, firstByte);
            sending.catch(() => undefined);
            firstByte += part.length;
            part = spare ?? parts.take(capacity);
            spare = undefined;
            part.reset();
          }
        }
      }
      this.verify(hash);
      spare = await sending;
      sending = undefined;
      if (part.length > 0) {
        await this.send(uploadId, part, firstByte);
      }
    } catch (error) {
      // What is still being sent must have ended before anything else is done with this upload. Its failure comes first.
      await sending;
      throw error;
    }
    if (capacity === partSize) {
      [part, ...(spare === undefined ? [] : [spare])].forEach((one) => parts.give(one));
    }
    await target.completeUpload(uploadId, blob.digest);
  }

  /** Sends a part, or what ECR does not have of it yet. */
  private async send(uploadId: string, part: LayerPart, firstByte: number): Promise<LayerPart> {
    let from = 0;
    for (let stalls = 0; from < part.length;) {
      try {
        await this.context.target.uploadPart(uploadId, part, firstByte, from);
        break;
      } catch (error) {
        const last = isInvalidLayerPart(error) ? lastValidByteOf(error) : undefined;
        if (last === undefined) {
          throw error;
        }
        const next = last + 1;
        if (next === firstByte + from && stalls < MAX_STALLS) {
          // It wants just this part: an attempt whose answer was lost may still be under way.
          stalls += 1;
          await pause(backoff(this.context.reading.retry, stalls), this.context.reading.signal);
        } else if (next > firstByte + from && this.mayFollow(next, firstByte + part.length)) {
          from = next - firstByte;
        } else {
          throw this.rewind(next, firstByte + part.length, error);
        }
      }
    }
    this.acknowledge(firstByte + part.length);
    return part;
  }

  /** Whether the rest of a part can be a part: nothing, the end of the layer, or large enough. */
  private mayFollow(next: number, end: number): boolean {
    return next === end || (next < end && (end === this.blob.size || end - next >= MIN_PART_BYTES));
  }

  /** ECR has lost what it had, or would be left with a part that is too small; where it has what we did not send, all begins anew. */
  private rewind(next: number, sent: number, cause: unknown): Rewind {
    if (next >= sent || next <= 0) {
      this.upload = undefined;
    }
    this.acknowledge(this.upload === undefined ? 0 : next);
    return new Rewind(cause instanceof Error ? cause.message : undefined, { cause });
  }

  private acknowledge(nextByte: number): void {
    this.context.onBytes(this.blob.digest, nextByte - this.nextByte);
    this.nextByte = nextByte;
  }

  private verify(hash: Hash | undefined): void {
    const digest = hash === undefined ? this.blob.digest : `sha256:${hash.digest('hex')}`;
    if (digest !== this.blob.digest) {
      throw copyError('DD-COPY-024', this.context.source.name, `The layer ${this.blob.digest} came with bytes that have the digest ${digest}.`,
        'The source is broken, or something in between changes what it serves. Nothing was tagged.', { value: digest });
    }
  }
}
