import {
  BatchCheckLayerAvailabilityCommand, BatchGetImageCommand, CompleteLayerUploadCommand, DescribeImagesCommand, GetDownloadUrlForLayerCommand, InitiateLayerUploadCommand,
  ListImageReferrersCommand, PutImageCommand, UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { Connection } from './client';
import { isImageAlreadyExists, isImageNotFound, isLayerAlreadyExists, isNetworkFailure, isServerFault } from './errors';
import { LayerPart } from './layer-part';
import { RepositoryAddress } from './registry';
import { Budget } from './retry';
import { batches } from '../lists';

/** The most that one batch call takes. */
const BATCH = 100;
const REFERRERS_PAGE = 50;
/** A part may take long on a slow line, and ECR long to put a layer together. */
const DATA_TIMEOUT_MILLIS = 300_000;

export interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

export interface StoredImage {
  readonly imageDigest: string;
  readonly imageManifest: string;
  readonly imageManifestMediaType?: string;
  /** Where it was asked for by tag. */
  readonly imageTag?: string;
}

export interface FailedImage {
  readonly imageId: ImageId;
  readonly failureCode: string;
  readonly failureReason: string;
}

/** What DescribeImages says of an image; it does not count as a pull. */
export interface DescribedImage {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly imageStatus: string;
}

export interface Referrer {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType?: string;
}

export type LayerAvailability = 'AVAILABLE' | 'UNAVAILABLE' | 'ARCHIVED';

export interface PutImageInput {
  readonly imageManifest: string;
  readonly imageManifestMediaType: string;
  readonly imageDigest: string;
  readonly imageTag?: string;
}

/** Manifests and layers of one repository, within the budget of one run. Batch calls give back their failures; nobody drops them. */
export class ImageData {
  constructor(private readonly connection: Connection, private readonly budget: Budget, private readonly address: RepositoryAddress) {}

  /** Manifests as they are stored. Counts as a pull. */
  public async getImages(imageIds: readonly ImageId[], acceptedMediaTypes: readonly string[]): Promise<{ images: StoredImage[]; failures: FailedImage[] }> {
    const images: StoredImage[] = [];
    const failures: FailedImage[] = [];
    for (const batch of batches(imageIds, BATCH)) {
      const answer = await this.budget.call('ecr:BatchGetImage', (abortSignal) => this.connection.ecr.send(new BatchGetImageCommand({
        ...this.address, imageIds: batch, acceptedMediaTypes: [...acceptedMediaTypes],
      }), { abortSignal }));
      for (const { imageId, imageManifest, imageManifestMediaType } of answer.images ?? []) {
        images.push({ imageDigest: imageId?.imageDigest ?? '', imageManifest: imageManifest ?? '', ...(imageManifestMediaType ? { imageManifestMediaType } : {}), ...(imageId?.imageTag ? { imageTag: imageId.imageTag } : {}) });
      }
      for (const { imageId, failureCode, failureReason } of answer.failures ?? []) {
        failures.push({ imageId: imageId ?? {}, failureCode: failureCode ?? '', failureReason: failureReason ?? '' });
      }
    }
    return { images, failures };
  }

  /** All of these images; one that is missing fails the call with ImageNotFoundException. */
  public async describeImages(imageIds: readonly ImageId[]): Promise<DescribedImage[]> {
    const images: DescribedImage[] = [];
    for (const batch of batches(imageIds, BATCH)) {
      const { imageDetails } = await this.budget.call('ecr:DescribeImages', (abortSignal) => this.connection.ecr.send(new DescribeImagesCommand({
        ...this.address, imageIds: batch,
      }), { abortSignal }));
      for (const { imageDigest, imageTags = [], imageStatus = 'ACTIVE' } of imageDetails ?? []) {
        images.push({ imageDigest: imageDigest ?? '', imageTags, imageStatus });
      }
    }
    return images;
  }

  /** Undefined when there is no such image. */
  public async describeImage(imageId: ImageId): Promise<DescribedImage | undefined> {
    try {
      return (await this.describeImages([imageId]))[0];
    } catch (error) {
      if (isImageNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  public async referrers(imageDigest: string): Promise<Referrer[]> {
    const found: Referrer[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.budget.call('ecr:ListImageReferrers', (abortSignal) => this.connection.ecr.send(new ListImageReferrersCommand({
        ...this.address, subjectId: { imageDigest }, maxResults: REFERRERS_PAGE, ...(nextToken === undefined ? {} : { nextToken }),
      }), { abortSignal }));
      for (const { digest, mediaType, size, artifactType } of page.referrers ?? []) {
        found.push({ digest: digest ?? '', mediaType: mediaType ?? '', size: size ?? 0, ...(artifactType ? { artifactType } : {}) });
      }
      nextToken = page.nextToken || undefined;
    } while (nextToken !== undefined);
    return found;
  }

  /** Where a layer can be fetched with a plain GET, for an hour. */
  public async downloadUrl(layerDigest: string): Promise<string> {
    const { downloadUrl } = await this.budget.call('ecr:GetDownloadUrlForLayer', (abortSignal) =>
      this.connection.ecr.send(new GetDownloadUrlForLayerCommand({ ...this.address, layerDigest }), { abortSignal }));
    return downloadUrl ?? '';
  }

  public async checkLayers(layerDigests: readonly string[]): Promise<Map<string, LayerAvailability>> {
    const found = new Map<string, LayerAvailability>();
    for (const batch of batches(layerDigests, BATCH)) {
      const { layers } = await this.budget.call('ecr:BatchCheckLayerAvailability', (abortSignal) => this.connection.ecr.send(new BatchCheckLayerAvailabilityCommand({
        ...this.address, layerDigests: batch,
      }), { abortSignal }));
      for (const { layerDigest, layerAvailability } of layers ?? []) {
        if (layerDigest !== undefined) {
          found.set(layerDigest, layerAvailability as LayerAvailability);
        }
      }
    }
    return found;
  }

  public async initiateUpload(): Promise<{ uploadId: string; partSize: number }> {
    const { uploadId, partSize } = await this.budget.call('ecr:InitiateLayerUpload', (abortSignal) =>
      this.connection.ecr.send(new InitiateLayerUploadCommand({ ...this.address }), { abortSignal }));
    return { uploadId: uploadId ?? '', partSize: Number(partSize ?? 0) };
  }

  /**
   * Sends a part, or what is left of it from byte `from` of the part on. `firstByte` is where in the layer the part begins. The call is repeated
   * while it fails for reasons that may pass; a part that had arrived then meets InvalidLayerPartException, which says so.
   */
  public async uploadPart(uploadId: string, part: LayerPart, firstByte: number, from = 0): Promise<void> {
    const range = { uploadId, partFirstByte: firstByte + from, partLastByte: firstByte + part.length - 1 };
    const body = part.body({ ...this.address, ...range }, from);
    await this.budget.call('ecr:UploadLayerPart', (abortSignal) => {
      const command = new UploadLayerPartCommand({ ...this.address, ...range, layerPartBlob: new Uint8Array(0) });
      // The part is the body already; the serializer would make it from the bytes, by way of two more copies.
      command.middlewareStack.add((next) => (args) => {
        (args.request as { body?: unknown }).body = body;
        return next(args);
      }, { step: 'build', priority: 'high', name: 'drydockLayerPart' });
      return this.connection.ecr.send(command, { abortSignal, requestTimeout: DATA_TIMEOUT_MILLIS });
    });
  }

  /** Whether the layer is new; that somebody else has completed it is as good, since ECR has verified the digest by then. */
  public async completeUpload(uploadId: string, layerDigest: string): Promise<boolean> {
    try {
      await this.budget.call('ecr:CompleteLayerUpload', (abortSignal) => this.connection.ecr.send(new CompleteLayerUploadCommand({
        ...this.address, uploadId, layerDigests: [layerDigest],
      }), { abortSignal, requestTimeout: DATA_TIMEOUT_MILLIS }));
      return true;
    } catch (error) {
      if (isLayerAlreadyExists(error)) {
        return false;
      }
      throw error;
    }
  }

  /**
   * Whether something was put: with false, this manifest was there already, with this tag if there is one. What is there at the second attempt was put by
   * the first, whose answer was lost.
   */
  public async putImage(input: PutImageInput): Promise<boolean> {
    let lost = false;
    try {
      await this.budget.call('ecr:PutImage', async (abortSignal) => {
        try {
          return await this.connection.ecr.send(new PutImageCommand({ ...this.address, ...input }), { abortSignal });
        } catch (error) {
          lost ||= isNetworkFailure(error) || isServerFault(error);
          throw error;
        }
      });
      return true;
    } catch (error) {
      if (isImageAlreadyExists(error)) {
        return lost;
      }
      throw error;
    }
  }
}
