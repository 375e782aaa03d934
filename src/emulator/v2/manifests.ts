import type { V2Handler, V2Request } from './door';
import { V2Error } from './errors';
import { isDigestReference } from './route';
import { EcrError } from '../ecr-error';
import { InputOf, OPERATIONS } from '../model/operations';
import { validateInput } from '../model/validate';
import { isFrozen } from '../mutability';
import { batchDeleteImage, inaccessible, recordPull } from '../operations/batch';
import { repositoryOf } from '../operations/context';
import { findImage } from '../operations/image-ids';
import { digestOf, putImage } from '../operations/put-image';
import { ImageRecord } from '../registry/records';
import { Repository } from '../registry/repository';
import { Reply } from '../server';

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const MANIFEST_LIMIT = 4_194_304;

const idOf = (reference: string) => (isDigestReference(reference) ? { imageDigest: reference } : { imageTag: reference });

function imageOf({ call, context }: V2Request): { readonly repository: Repository; readonly image: ImageRecord; readonly manifest: string } {
  const repository = repositoryOf(context, call);
  const imageId = idOf(call.reference!);
  const found = findImage(repository, imageId);
  const failed = 'failure' in found ? found.failure : inaccessible(repository, found.image, imageId);
  if (failed || 'failure' in found) {
    throw new V2Error('MANIFEST_UNKNOWN', 404, failed!.failureReason);
  }
  return { repository, image: found.image, manifest: repository.manifestOf(found.image.imageDigest)! };
}

function manifestReply(image: ImageRecord, manifest: string): Reply {
  return {
    statusCode: 200,
    headers: { 'content-type': image.imageManifestMediaType!, 'docker-content-digest': image.imageDigest, 'etag': `"${image.imageDigest}"` },
    body: Buffer.from(manifest, 'utf8'),
  };
}

/** Looks, and is no pull. */
export const headManifest: V2Handler = (request) => {
  const { image, manifest } = imageOf(request);
  return manifestReply(image, manifest);
};

export const getManifest: V2Handler = (request) => {
  const { repository, image, manifest } = imageOf(request);
  recordPull(request.context, repository, image);
  const reply = manifestReply(image, manifest);
  const { fault } = request;
  return {
    ...reply,
    ...(fault && 'corrupt' in fault && { body: (reply.body as Buffer).map((byte) => 255 - byte) as Buffer }),
    ...(fault && 'disconnect' in fault && { cutAfter: fault.afterBytes }),
  };
};

export const putManifest: V2Handler = async ({ call, request, context, body }) => {
  const reference = call.reference!;
  repositoryOf(context, call);
  const imageManifest = await textOf(body);
  const imageManifestMediaType = request.headers['content-type']?.split(';')[0].trim();
  const id = idOf(reference);
  const tag = id.imageTag;
  const input = { repositoryName: call.repositoryName, imageManifest, imageManifestMediaType, ...id };
  let imageDigest: string;
  try {
    const { image } = await putImage(validateInput(OPERATIONS.PutImage, input) as InputOf<'PutImage'>, context) as unknown as PutOutput;
    imageDigest = image.imageId.imageDigest;
  } catch (error) {
    mustBePresent(error);
    imageDigest = digestOf(imageManifest, undefined);
    const repository = repositoryOf(context, call);
    // Clients report that a push of what is there already fails too. @see https://github.com/aws/containers-roadmap/issues/2380
    if (tag !== undefined && isFrozen(repository.record, tag)) {
      throw new V2Error('TAG_INVALID', 400,
        `The image tag '${tag}' already exists in the '${call.repositoryName}' repository and cannot be overwritten because the tag is immutable.`);
    }
  }
  const subject = repositoryOf(context, call).images.get(imageDigest)?.subjectManifestDigest;
  return {
    statusCode: 201,
    headers: {
      'location': `/v2/${call.repositoryName}/manifests/${imageDigest}`,
      'docker-content-digest': imageDigest,
      ...(subject !== undefined && { 'oci-subject': subject }),
    },
    body: '',
  };
};

interface PutOutput {
  readonly image: { readonly imageId: { readonly imageDigest: string } };
}

/** That an image is there already is no error in this protocol. */
function mustBePresent(error: unknown): void {
  if (error instanceof EcrError && error.type === 'ImageAlreadyExistsException') {
    return;
  }
  if (error instanceof EcrError && error.type === 'InvalidParameterException' && error.message.includes('\'imageTag\'')) {
    throw new V2Error('TAG_INVALID', 400, error.message);
  }
  throw error;
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MANIFEST_LIMIT) {
      throw new V2Error('SIZE_INVALID', 413, `A manifest has at most ${MANIFEST_LIMIT} bytes`, { connection: 'close' });
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new V2Error('MANIFEST_INVALID', 400, 'The manifest is not UTF-8');
  }
}

/** As BatchDeleteImage: a tag goes, and the image with its last one; a digest goes with all its tags. */
export const deleteManifest: V2Handler = async ({ call, context }) => {
  const { failures } = await batchDeleteImage({ repositoryName: call.repositoryName, imageIds: [idOf(call.reference!)] }, context) as unknown as DeleteOutput;
  const [failed] = failures;
  if (failed) {
    throw failed.failureCode === 'ImageReferencedByManifestList'
      ? new V2Error('DENIED', 403, failed.failureReason) : new V2Error('MANIFEST_UNKNOWN', 404, failed.failureReason);
  }
  return { statusCode: 202, headers: {}, body: '' };
};

interface DeleteOutput {
  readonly failures: readonly { readonly failureCode: string; readonly failureReason: string }[];
}
