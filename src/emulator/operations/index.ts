import { getAuthorizationToken } from './authorization';
import { batchDeleteImage, batchGetImage } from './batch';
import { Context, Operation, Output } from './context';
import { describeImages, listImageReferrers, listImages } from './images';
import { batchCheckLayerAvailability, completeLayerUpload, getDownloadUrlForLayer, initiateLayerUpload, uploadLayerPart } from './layers';
import { deleteLifecyclePolicy, getLifecyclePolicy, getLifecyclePolicyPreview, putLifecyclePolicy, startLifecyclePolicyPreview } from './lifecycle';
import { deregisterPullTimeUpdateExclusion, listPullTimeUpdateExclusions, registerPullTimeUpdateExclusion } from './pull-time';
import { putImage } from './put-image';
import { createRepository, deleteRepository, describeRepositories, putImageScanningConfiguration, putImageTagMutability } from './repositories';
import { deleteRepositoryPolicy, getRepositoryPolicy, setRepositoryPolicy } from './repository-policy';
import { listTagsForResource, tagResource, untagResource } from './resource-tags';
import { updateImageStorageClass } from './storage-class';
import { OperationName } from '../model/operations';

const HANDLERS: { readonly [O in OperationName]: Operation<O> } = {
  BatchCheckLayerAvailability: batchCheckLayerAvailability,
  BatchDeleteImage: batchDeleteImage,
  BatchGetImage: batchGetImage,
  CompleteLayerUpload: completeLayerUpload,
  CreateRepository: createRepository,
  DeleteLifecyclePolicy: deleteLifecyclePolicy,
  DeleteRepository: deleteRepository,
  DeleteRepositoryPolicy: deleteRepositoryPolicy,
  DeregisterPullTimeUpdateExclusion: deregisterPullTimeUpdateExclusion,
  DescribeImages: describeImages,
  DescribeRepositories: describeRepositories,
  GetAuthorizationToken: getAuthorizationToken,
  GetDownloadUrlForLayer: getDownloadUrlForLayer,
  GetLifecyclePolicy: getLifecyclePolicy,
  GetLifecyclePolicyPreview: getLifecyclePolicyPreview,
  GetRepositoryPolicy: getRepositoryPolicy,
  InitiateLayerUpload: initiateLayerUpload,
  ListImageReferrers: listImageReferrers,
  ListImages: listImages,
  ListPullTimeUpdateExclusions: listPullTimeUpdateExclusions,
  ListTagsForResource: listTagsForResource,
  PutImage: putImage,
  PutImageScanningConfiguration: putImageScanningConfiguration,
  PutImageTagMutability: putImageTagMutability,
  PutLifecyclePolicy: putLifecyclePolicy,
  RegisterPullTimeUpdateExclusion: registerPullTimeUpdateExclusion,
  SetRepositoryPolicy: setRepositoryPolicy,
  StartLifecyclePolicyPreview: startLifecyclePolicyPreview,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateImageStorageClass: updateImageStorageClass,
  UploadLayerPart: uploadLayerPart,
};

/** Performs an operation on an input that has passed its checks. */
export function perform(operation: OperationName, input: Readonly<Record<string, unknown>>, context: Context): Output | Promise<Output> {
  return (HANDLERS[operation] as (checked: unknown, within: Context) => Output | Promise<Output>)(input, context);
}
