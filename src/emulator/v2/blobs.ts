import type { V2Handler, V2Request } from './door';
import { V2Error } from './errors';
import { downloadPath } from '../download-url';
import { layerReply } from '../layer-reply';
import { repositoryOf } from '../operations/context';
import { availabilityOf } from '../operations/layers';
import { LayerRecord } from '../registry/records';

function layerOf({ call, context }: V2Request): LayerRecord {
  const repository = repositoryOf(context, call);
  const layer = repository.layers.get(call.digest!);
  if (!layer || availabilityOf(repository, call.digest!) !== 'AVAILABLE') {
    throw new V2Error('BLOB_UNKNOWN', 404, `The layer with digest '${call.digest}' is not available in the repository with name '${call.repositoryName}'`);
  }
  return layer;
}

export const headBlob: V2Handler = (request) => {
  const layer = layerOf(request);
  return layerReply(request.context.blobs, layer, { ...request.request, headers: {} }, undefined, { 'docker-content-digest': layer.layerDigest });
};

/** Sends clients on to the address that GetDownloadUrlForLayer gives, as ECR sends them to Amazon S3. */
export const getBlob: V2Handler = (request) => {
  const { context, call, fault } = request;
  const layer = layerOf(request);
  const headers = { 'docker-content-digest': layer.layerDigest };
  if (fault) {
    return layerReply(context.blobs, layer, request.request, fault, headers);
  }
  return {
    statusCode: 307,
    headers: { ...headers, location: `${context.endpoint}${downloadPath(context.tokens, call.repositoryName, layer.layerDigest, context.now)}` },
    body: '',
  };
};
