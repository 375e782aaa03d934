import { blob, flag, integer, list, Members, oneOf, required, structure, StructureOf, text } from './shapes';

/** What an operation takes, and which of its members exclude each other. */
export interface OperationModel<M = Members> {
  readonly input: M;
  /** Pairs of members that may not be given together. */
  readonly exclusive?: readonly (readonly [string, string])[];
}

const registryId = text({ pattern: '[0-9]{12}' });
const repositoryName = text({
  min: 2,
  max: 256,
  pattern: '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*',
});
const imageId = structure({ imageDigest: text(), imageTag: text({ min: 1, max: 300 }) });
const imageIds = list(imageId, { min: 1, max: 100 });
const lifecyclePolicyText = text({ min: 100, max: 30_720 });
const nextToken = text();
const principalArn = text({ max: 200, pattern: 'arn:aws[a-zA-Z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+' });
const maxResults = integer({ min: 1, max: 1000 });
const tagStatus = oneOf('TAGGED', 'UNTAGGED', 'ANY');
const imageStatus = oneOf('ACTIVE', 'ARCHIVED', 'ACTIVATING', 'ANY');
const imageTagMutability = oneOf('MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION');
const imageTagMutabilityExclusionFilters = list(
  structure({
    filterType: required(oneOf('WILDCARD')),
    filter: required(text({ min: 1, max: 128, pattern: '^[0-9a-zA-Z._*-]{1,128}$' })),
  }),
  { min: 1, max: 5 },
);
const imageScanningConfiguration = structure({ scanOnPush: flag });
const encryptionConfiguration = structure({
  encryptionType: required(oneOf('AES256', 'KMS', 'KMS_DSSE')),
  kmsKey: text({ min: 1, max: 2048 }),
});
const tags = list(structure({ Key: required(text()), Value: required(text()) }));

const layerDigest = text({ min: 0, max: 1000 });
const uploadId = text({ pattern: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}' });
const partByte = integer({ min: 0 });
/** Of a part before it is encoded. */
export const PART_LIMIT = 20_971_520;

const repository = { registryId, repositoryName: required(repositoryName) };

function operation<M extends Members>(input: M, exclusive?: OperationModel['exclusive']): OperationModel<M> {
  return { input, exclusive };
}

/** The operations that the emulator performs. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html */
export const OPERATIONS = {
  BatchCheckLayerAvailability: operation({ ...repository, layerDigests: required(list(layerDigest, { min: 1, max: 100 })) }),
  BatchDeleteImage: operation({ ...repository, imageIds: required(imageIds) }),
  BatchGetImage: operation({ ...repository, imageIds: required(imageIds), acceptedMediaTypes: list(text(), { min: 1, max: 100 }) }),
  CompleteLayerUpload: operation({
    ...repository,
    uploadId: required(uploadId),
    layerDigests: required(list(text({ pattern: '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+' }), { min: 1, max: 100 })),
  }),
  CreateRepository: operation({
    ...repository,
    tags,
    imageTagMutability,
    imageTagMutabilityExclusionFilters,
    imageScanningConfiguration,
    encryptionConfiguration,
  }),
  DeleteLifecyclePolicy: operation(repository),
  DeleteRepository: operation({ ...repository, force: flag }),
  DeleteRepositoryPolicy: operation(repository),
  DeregisterPullTimeUpdateExclusion: operation({ principalArn: required(principalArn) }),
  DescribeImages: operation(
    { ...repository, imageIds, nextToken, maxResults, filter: structure({ tagStatus, imageStatus }) },
    [['imageIds', 'nextToken'], ['imageIds', 'maxResults']],
  ),
  DescribeRepositories: operation(
    { registryId, repositoryNames: list(repositoryName, { min: 1, max: 100 }), nextToken, maxResults },
    [['repositoryNames', 'nextToken'], ['repositoryNames', 'maxResults']],
  ),
  GetAuthorizationToken: operation({ registryIds: list(registryId, { min: 1, max: 10 }) }),
  GetDownloadUrlForLayer: operation({ ...repository, layerDigest: required(text({ pattern: '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+' })) }),
  GetLifecyclePolicy: operation(repository),
  GetLifecyclePolicyPreview: operation(
    { ...repository, imageIds, nextToken, maxResults: integer({ min: 1, max: 100 }), filter: structure({ tagStatus }) },
    [['imageIds', 'nextToken'], ['imageIds', 'maxResults']],
  ),
  GetRepositoryPolicy: operation(repository),
  InitiateLayerUpload: operation(repository),
  ListImageReferrers: operation({
    ...repository,
    subjectId: required(structure({ imageDigest: required(text()) })),
    filter: structure({ artifactTypes: list(text({ min: 1, max: 255 }), { min: 0, max: 5 }), artifactStatus: imageStatus }),
    nextToken,
    maxResults: integer({ min: 1, max: 50 }),
  }),
  ListImages: operation({ ...repository, nextToken, maxResults, filter: structure({ tagStatus, imageStatus }) }),
  ListPullTimeUpdateExclusions: operation({ nextToken, maxResults: integer({ min: 1, max: 100 }) }),
  ListTagsForResource: operation({ resourceArn: required(text()) }),
  PutImage: operation({
    ...repository,
    imageManifest: required(text({ min: 1, max: 4_194_304 })),
    imageManifestMediaType: text(),
    imageTag: text({ min: 1, max: 300 }),
    imageDigest: text(),
  }),
  PutImageScanningConfiguration: operation({ ...repository, imageScanningConfiguration: required(imageScanningConfiguration) }),
  PutImageTagMutability: operation({
    ...repository,
    imageTagMutability: required(imageTagMutability),
    imageTagMutabilityExclusionFilters,
  }),
  PutLifecyclePolicy: operation({ ...repository, lifecyclePolicyText: required(lifecyclePolicyText) }),
  RegisterPullTimeUpdateExclusion: operation({ principalArn: required(principalArn) }),
  SetRepositoryPolicy: operation({ ...repository, policyText: required(text({ min: 0, max: 10_240 })), force: flag }),
  StartLifecyclePolicyPreview: operation({ ...repository, lifecyclePolicyText }),
  TagResource: operation({ resourceArn: required(text()), tags: required(tags) }),
  UntagResource: operation({ resourceArn: required(text()), tagKeys: required(list(text())) }),
  UpdateImageStorageClass: operation({
    ...repository,
    imageId: required(imageId),
    targetStorageClass: required(oneOf('STANDARD', 'ARCHIVE')),
  }),
  UploadLayerPart: operation({
    ...repository,
    uploadId: required(uploadId),
    partFirstByte: required(partByte),
    partLastByte: required(partByte),
    layerPartBlob: required(blob(PART_LIMIT)),
  }),
};

export type OperationName = keyof typeof OPERATIONS;
/** What an operation receives once its input has passed the checks. */
export type InputOf<O extends OperationName> = StructureOf<(typeof OPERATIONS)[O]['input']>;

export function isOperation(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}

/** Operations that ECR has and this emulator does not (yet). */
export const UNSUPPORTED_OPERATIONS: ReadonlySet<string> = new Set([
  'BatchGetRepositoryScanningConfiguration', 'CreatePullThroughCacheRule',
  'CreateRepositoryCreationTemplate', 'DeletePullThroughCacheRule', 'DeleteRegistryPolicy', 'DeleteRepositoryCreationTemplate',
  'DeleteSigningConfiguration', 'DescribeImageReplicationStatus', 'DescribeImageScanFindings',
  'DescribeImageSigningStatus', 'DescribePullThroughCacheRules', 'DescribeRegistry', 'DescribeReplicationBackfillResults',
  'DescribeRepositoryCreationTemplates', 'GetAccountSetting', 'GetRegistryPolicy',
  'GetRegistryScanningConfiguration', 'GetSigningConfiguration',
  'ListReplicationBackfills', 'PutAccountSetting', 'PutRegistryPolicy', 'PutRegistryScanningConfiguration',
  'PutReplicationConfiguration', 'PutSigningConfiguration', 'StartImageScan',
  'StartReplicationBackfill', 'StopReplicationBackfill', 'UpdatePullThroughCacheRule', 'UpdateRepositoryCreationTemplate',
  'ValidatePullThroughCacheRule',
]);
