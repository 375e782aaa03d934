import {
  emptyUpload, invalidLayer, invalidLayerPart, invalidParameter, layerAlreadyExists, layerInaccessible, layerPartTooSmall, layersNotFound,
  limitExceeded, uploadNotFound,
} from '../ecr-error';
import { Context, Operation, Output, placeOf, repositoryOf } from './context';
import { DIGEST_PATTERN, isDigest } from './image-ids';
import { keepUpload, newUpload, endUpload } from '../content/upload-changes';
import { downloadPath } from '../download-url';
import { UploadRecord } from '../registry/records';
import { Repository, RepositoryView } from '../registry/repository';

/** What InitiateLayerUpload asks for. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const PART_BYTES = 10 * 1024 * 1024;

export const batchCheckLayerAvailability: Operation<'BatchCheckLayerAvailability'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const layers: Output[] = [];
  const failures: Output[] = [];
  for (const layerDigest of new Set(input.layerDigests)) {
    if (layerDigest === '') {
      failures.push({ layerDigest, failureCode: 'MissingLayerDigest', failureReason: 'Invalid request parameters: layer digest cannot be empty' });
    } else if (!isDigest(layerDigest)) {
      failures.push({
        layerDigest, failureCode: 'InvalidLayerDigest', failureReason: `Invalid request parameters: layer digest should satisfy the regex '${DIGEST_PATTERN}'`,
      });
    } else {
      layers.push(describeLayer(repository, layerDigest));
    }
  }
  return { layers, failures };
};

export type LayerAvailability = 'AVAILABLE' | 'UNAVAILABLE' | 'ARCHIVED';

/** A layer is in the archive when every image that lists it is. */
export function availabilityOf(repository: RepositoryView, layerDigest: string): LayerAvailability {
  if (!repository.layers.has(layerDigest)) {
    return 'UNAVAILABLE';
  }
  const users = [...repository.usersOf(layerDigest).keys()];
  return users.length > 0 && users.every((digest) => repository.images.get(digest)?.imageStatus !== 'ACTIVE') ? 'ARCHIVED' : 'AVAILABLE';
}

function describeLayer(repository: RepositoryView, layerDigest: string): Output {
  const layer = repository.layers.get(layerDigest);
  const layerAvailability = availabilityOf(repository, layerDigest);
  const mediaType = [...repository.usersOf(layerDigest).values()].find((blob) => blob.mediaType !== undefined)?.mediaType;
  return {
    layerDigest,
    layerAvailability,
    ...(layer && { layerSize: layer.layerSize, ...(mediaType !== undefined && { mediaType }) }),
  };
}

export const initiateLayerUpload: Operation<'InitiateLayerUpload'> = (input, context) => {
  repositoryOf(context, input);
  const { uploadId } = newUpload(context, input.repositoryName);
  return { uploadId, partSize: PART_BYTES };
};

export const uploadLayerPart: Operation<'UploadLayerPart'> = async (input, context) => {
  const { uploadId, partFirstByte, partLastByte, layerPartBlob, repositoryName } = input;
  const place = placeOf(context, input);
  const { upload: found } = uploadOf(context, input);
  return context.uploads.exclusively(found, async () => {
    const upload = uploadOf(context, input).upload;
    const refuse = (reason: string) => invalidLayerPart(place, uploadId, upload.received - 1, reason);
    if (partFirstByte !== upload.received) {
      throw refuse(`The part must begin at byte ${upload.received}, not at ${partFirstByte}`);
    }
    if (partLastByte - partFirstByte + 1 !== layerPartBlob.size) {
      throw refuse(`The part has ${layerPartBlob.size} bytes, not those from ${partFirstByte} to ${partLastByte}`);
    }
    checkUploadQuotas(context, upload, layerPartBlob.size);
    await context.uploads.accept(upload, layerPartBlob);
    // The repository, or the upload, may have gone in the meantime.
    uploadOf(context, input);
    context.registry.commit({
      kind: 'upload',
      repositoryName,
      upload: {
        uploadId,
        touchedAt: context.now,
        received: upload.received + layerPartBlob.size,
        parts: upload.parts + 1,
        earlierPartShort: upload.earlierPartShort || upload.lastPartShort,
        lastPartShort: layerPartBlob.size < context.settings.quotas.minLayerPartBytes,
      },
    });
    return { ...place, uploadId, lastByteReceived: partLastByte };
  });
};

function checkUploadQuotas(context: Context, upload: UploadRecord, size: number): void {
  const { layerParts, layerBytes } = context.settings.quotas;
  if (upload.parts >= layerParts) {
    throw limitExceeded('parts of a layer', layerParts);
  }
  if (upload.received + size > layerBytes) {
    throw limitExceeded('bytes of a layer', layerBytes);
  }
}

export const completeLayerUpload: Operation<'CompleteLayerUpload'> = async (input, context) => {
  const { uploadId } = input;
  const place = placeOf(context, input);
  const { upload: found } = uploadOf(context, input);
  // Other algorithms are other names of the same bytes, which nobody verifies.
  const expected = input.layerDigests.filter((digest) => digest.startsWith('sha256:'));
  if (expected.length === 0) {
    throw invalidParameter('layerDigests', 'At least one digest must be sha256');
  }
  return context.uploads.exclusively(found, async () => {
    const { upload } = uploadOf(context, input);
    if (upload.received > 0 && upload.earlierPartShort) {
      throw layerPartTooSmall(place, uploadId, context.settings.quotas.minLayerPartBytes);
    }
    const { layerDigest, existed } = await finishUpload(context, input, expected);
    if (existed) {
      throw layerAlreadyExists(place, layerDigest);
    }
    return { ...place, uploadId, layerDigest };
  });
};

/** Makes a layer of an upload whose digest is what it should be. The caller keeps others away from the upload. */
export async function finishUpload(
  context: Context, input: NamedUpload, expected: readonly string[],
): Promise<{ readonly layerDigest: string; readonly existed: boolean }> {
  const { repositoryName, uploadId } = input;
  const { upload } = uploadOf(context, input);
  if (upload.received === 0) {
    throw emptyUpload(placeOf(context, input), uploadId);
  }
  const layerDigest = await context.uploads.digestOf(upload);
  if (expected.some((digest) => digest.toLowerCase() !== layerDigest)) {
    endUpload(context, repositoryName, uploadId);
    throw invalidLayer(placeOf(context, input), uploadId, layerDigest, expected);
  }
  await context.uploads.seal(upload);
  const existed = uploadOf(context, input).repository.layers.has(layerDigest);
  if (existed) {
    endUpload(context, repositoryName, uploadId);
  } else {
    keepUpload(context, repositoryName, upload, layerDigest);
  }
  return { layerDigest, existed };
}

interface NamedUpload {
  readonly registryId?: string;
  readonly repositoryName: string;
  readonly uploadId: string;
}

export const getDownloadUrlForLayer: Operation<'GetDownloadUrlForLayer'> = (input, context) => {
  const repository = repositoryOf(context, input);
  const { layerDigest, repositoryName } = input;
  const place = placeOf(context, input);
  if (!repository.layers.has(layerDigest)) {
    throw layersNotFound(place, [layerDigest], 'requested');
  }
  if (repository.unreferencedLayers.has(layerDigest) || availabilityOf(repository, layerDigest) === 'ARCHIVED') {
    throw layerInaccessible(place, layerDigest, repository.unreferencedLayers.has(layerDigest)
      ? 'it is not associated with an image; such layers may be cleaned up at any time' : 'every image that lists it is archived');
  }
  return { downloadUrl: `${context.endpoint}${downloadPath(context.tokens, repositoryName, layerDigest, context.now)}`, layerDigest };
};

function uploadOf(context: Context, input: NamedUpload): { readonly repository: Repository; readonly upload: UploadRecord } {
  const repository = repositoryOf(context, input);
  const upload = repository.uploads.get(input.uploadId);
  if (!upload) {
    throw uploadNotFound(placeOf(context, input), input.uploadId);
  }
  return { repository, upload };
}

