import type { V2Handler, V2Request } from './door';
import { V2Error } from './errors';
import { mustBeDigest } from './route';
import { endUpload, newUpload } from '../content/upload-changes';
import { limitExceeded, uploadNotFound } from '../ecr-error';
import { placeOf, repositoryOf } from '../operations/context';
import { availabilityOf, finishUpload } from '../operations/layers';
import { UploadRecord } from '../registry/records';
import { Repository } from '../registry/repository';
import { Reply } from '../server';

/** Begins an upload; takes a whole blob at once; or finds that another repository has it. */
export const startBlobUpload: V2Handler = async (request) => {
  const { call, context } = request;
  const repository = repositoryOf(context, call);
  if (call.mount !== undefined && mounted(request, repository, mustBeDigest(call.mount))) {
    return created(call.repositoryName, call.mount);
  }
  const upload = newUpload(context, call.repositoryName);
  return call.digest === undefined || call.mount !== undefined
    ? progress(call.repositoryName, upload, 202)
    : putWhole(request, upload.uploadId, mustBeDigest(call.digest));
};

/**
 * Within one registry, between repositories with the same encryption. Where ECR would want it switched on, it is.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
 */
function mounted({ call, context }: V2Request, target: Repository, digest: string): boolean {
  if (availabilityOf(target, digest) === 'AVAILABLE') {
    return true;
  }
  const sources = call.from === undefined ? context.registry.repositories() : [context.registry.repository(call.from)];
  const encryption = ({ record }: Repository) => JSON.stringify([record.encryptionConfiguration.encryptionType, record.encryptionConfiguration.kmsKey]);
  const source = sources.find((one) => one && availabilityOf(one, digest) === 'AVAILABLE' && encryption(one) === encryption(target));
  const layer = source?.layers.get(digest);
  if (!layer || target.layers.has(digest)) {
    return false;
  }
  context.registry.commit({ kind: 'layer', repositoryName: call.repositoryName, layer: { ...layer, addedAt: context.now } });
  return true;
}

export const patchBlob: V2Handler = async (request) => {
  const upload = await takeIn(request, request.call.uploadId!);
  return progress(request.call.repositoryName, upload, 202);
};

export const putBlob: V2Handler = (request) => putWhole(request, request.call.uploadId!, mustBeDigest(request.call.digest));

async function putWhole(request: V2Request, uploadId: string, digest: string): Promise<Reply> {
  const { call, context } = request;
  const upload = await takeIn(request, uploadId);
  await context.uploads.exclusively(upload, () => finishUpload(context, { repositoryName: call.repositoryName, uploadId }, [digest]));
  return created(call.repositoryName, digest);
}

/** Puts the request's body behind what the upload has. What came before a connection broke off stays: the client asks how much it is and goes on. */
async function takeIn(request: V2Request, uploadId: string): Promise<UploadRecord> {
  const { context, body, call } = request;
  const begin = uploadOf(request, uploadId);
  const firstByte = firstByteOf(request, begin);
  const incoming = await context.uploads.receive(begin, firstByte);
  const { layerBytes } = context.settings.quotas;
  try {
    let broken: { readonly cause: unknown } | undefined;
    try {
      for await (const chunk of body) {
        if (firstByte + incoming.size + chunk.length > layerBytes) {
          throw limitExceeded('bytes of a layer', layerBytes);
        }
        await incoming.write(chunk);
      }
    } catch (cause) {
      broken = { cause };
    }
    const upload = await context.uploads.exclusively(begin, async () => {
      const now = uploadOf(request, uploadId);
      if (now.received !== firstByte) {
        throw outOfOrder(call.repositoryName, now);
      }
      await context.uploads.accept(now, incoming);
      uploadOf(request, uploadId);
      const further: UploadRecord = { ...now, touchedAt: context.now, received: now.received + incoming.size };
      context.registry.commit({ kind: 'upload', repositoryName: call.repositoryName, upload: further });
      return further;
    });
    if (broken) {
      throw broken.cause;
    }
    return upload;
  } finally {
    await incoming.discard();
  }
}

function firstByteOf({ request, call }: V2Request, upload: UploadRecord): number {
  const header = request.headers['content-range'];
  if (header === undefined) {
    return upload.received;
  }
  // `0-99` in the specification; some clients write `bytes 0-99/*`.
  const [, first, last] = /^(?:bytes[ =])?([0-9]+)-([0-9]+)(?:\/.*)?$/.exec(header) ?? [];
  const length = request.headers['content-length'];
  const fits = length === undefined || Number(last) - Number(first) + 1 === Number(length);
  if (first === undefined || !fits) {
    throw new V2Error('BLOB_UPLOAD_INVALID', 400, `Content-Range: ${header} does not describe ${length ?? 'the'} bytes`);
  }
  if (Number(first) !== upload.received) {
    throw outOfOrder(call.repositoryName, upload);
  }
  return upload.received;
}

export const getBlobUpload: V2Handler = (request) => progress(request.call.repositoryName, uploadOf(request, request.call.uploadId!), 204);

export const cancelBlobUpload: V2Handler = (request) => {
  const { uploadId } = uploadOf(request, request.call.uploadId!);
  endUpload(request.context, request.call.repositoryName, uploadId);
  return { statusCode: 204, headers: {}, body: '' };
};

function uploadOf({ call, context }: V2Request, uploadId: string): UploadRecord {
  const upload = repositoryOf(context, call).uploads.get(uploadId);
  if (!upload) {
    throw uploadNotFound(placeOf(context, call), uploadId);
  }
  return upload;
}

const progressHeaders = (repositoryName: string, { uploadId, received }: UploadRecord) => ({
  'location': `/v2/${repositoryName}/blobs/uploads/${uploadId}`,
  'range': `0-${Math.max(received - 1, 0)}`,
  'docker-upload-uuid': uploadId,
});

const progress = (repositoryName: string, upload: UploadRecord, statusCode: 202 | 204): Reply =>
  ({ statusCode, headers: progressHeaders(repositoryName, upload), body: '' });

const outOfOrder = (repositoryName: string, upload: UploadRecord) => new V2Error('RANGE_INVALID', 416,
  `The upload has ${upload.received} bytes and goes on there`, progressHeaders(repositoryName, upload));

const created = (repositoryName: string, digest: string): Reply =>
  ({ statusCode: 201, headers: { 'location': `/v2/${repositoryName}/blobs/${digest}`, 'docker-content-digest': digest }, body: '' });
