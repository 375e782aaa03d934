/** HTTP codes that differ from 400, the code of every error that ECR models itself. */
const STATUS_CODES: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  UnrecognizedClientException: 403,
  UnknownOperationException: 404,
  RequestEntityTooLargeException: 413,
  ServerException: 500,
  InternalFailure: 500,
  ServiceUnavailableException: 503,
};

/** An error as ECR answers it: a type that SDKs turn into an exception class, a text, and for a few types further members. */
export class EcrError extends Error {
  public readonly name = 'EcrError';
  public readonly statusCode: number;
  public readonly members: Readonly<Record<string, unknown>>;
  public readonly headers: Readonly<Record<string, string>>;

  constructor(
    public readonly type: string,
    message: string,
    options: {
      readonly statusCode?: number;
      readonly members?: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.statusCode = options.statusCode ?? STATUS_CODES[type] ?? 400;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }

  /** The body: `__type` in it, because botocore does not read the `x-amzn-errortype` header. */
  public body(): Record<string, unknown> {
    return { __type: this.type, message: this.message, ...this.members };
  }
}

/** The one frame of ECR's parameter errors. */
export function invalidParameter(member: string, reason: string): EcrError {
  return new EcrError('InvalidParameterException', `Invalid parameter at '${member}' failed to satisfy constraint: '${reason}'`);
}

interface Place {
  readonly repositoryName: string;
  readonly registryId: string;
}

const inRegistry = (place: Place) => `with name '${place.repositoryName}' in the registry with id '${place.registryId}'`;

export const repositoryNotFound = (place: Place) =>
  new EcrError('RepositoryNotFoundException',
    `The repository with name '${place.repositoryName}' does not exist in the registry with id '${place.registryId}'`);

export const repositoryAlreadyExists = (place: Place) =>
  new EcrError('RepositoryAlreadyExistsException',
    `The repository with name '${place.repositoryName}' already exists in the registry with id '${place.registryId}'`);

export const repositoryNotEmpty = (place: Place) =>
  new EcrError('RepositoryNotEmptyException',
    `The repository with name '${place.repositoryName}' in registry with id '${place.registryId}' cannot be deleted because it still contains images`);

export const repositoryPolicyNotFound = (place: Place) =>
  new EcrError('RepositoryPolicyNotFoundException', `Repository policy does not exist for the repository ${inRegistry(place)}`);

export const lifecyclePolicyNotFound = (place: Place) =>
  new EcrError('LifecyclePolicyNotFoundException', `Lifecycle policy does not exist for the repository ${inRegistry(place)}`);

export const previewNotFound = (place: Place) =>
  new EcrError('LifecyclePolicyPreviewNotFoundException', `Lifecycle policy preview does not exist for the repository ${inRegistry(place)}`);

export const previewInProgress = (place: Place) =>
  new EcrError('LifecyclePolicyPreviewInProgressException',
    `The lifecycle policy preview for the repository ${inRegistry(place)} is in progress. Wait for it to complete before starting another.`);

export interface ImageIdentifier {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

export const imageNotFound = (place: Place, id: ImageIdentifier) =>
  new EcrError('ImageNotFoundException',
    `The image with imageId {imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'} does not exist within the repository ${inRegistry(place)}`);

export const imageAlreadyExists = (place: Place, id: ImageIdentifier) =>
  new EcrError('ImageAlreadyExistsException',
    `Image with digest '${id.imageDigest}' and tag '${id.imageTag ?? 'null'}' already exists in the repository with name '${place.repositoryName}' ` +
    `in registry with id '${place.registryId}'`);

export const imageTagAlreadyExists = (place: Place, imageTag: string) =>
  new EcrError('ImageTagAlreadyExistsException',
    `The image tag '${imageTag}' already exists in the '${place.repositoryName}' repository and cannot be overwritten because the repository is immutable.`);

export const layersNotFound = (place: Place, digests: readonly string[], use: 'required for pushing image' | 'requested' = 'required for pushing image') =>
  new EcrError('LayersNotFoundException', use === 'requested'
    ? `The layer with digest '${digests.join(', ')}' does not exist in the repository ${inRegistry(place)}`
    : `Layers with digests '[${digests.join(', ')}]' ${use} into repository ${inRegistry(place)} do not exist`);

export const layerInaccessible = (place: Place, digest: string, why: string) =>
  new EcrError('LayerInaccessibleException', `The layer with digest '${digest}' in the repository ${inRegistry(place)} is not available: ${why}`);

export const layerAlreadyExists = (place: Place, digest: string) =>
  new EcrError('LayerAlreadyExistsException', `The layer with digest '${digest}' already exists in the repository ${inRegistry(place)}`);

const theUpload = (place: Place, uploadId: string) => `The layer upload '${uploadId}' in the repository ${inRegistry(place)}`;

export const uploadNotFound = (place: Place, uploadId: string) => new EcrError('UploadNotFoundException', `${theUpload(place, uploadId)} does not exist`);

export const emptyUpload = (place: Place, uploadId: string) => new EcrError('EmptyUploadException', `${theUpload(place, uploadId)} has no parts`);

export const layerPartTooSmall = (place: Place, uploadId: string, least: number) =>
  new EcrError('LayerPartTooSmallException', `${theUpload(place, uploadId)} has a part besides the last one that is smaller than ${least} bytes`);

export const invalidLayer = (place: Place, uploadId: string, digest: string, expected: readonly string[]) =>
  new EcrError('InvalidLayerException', `${theUpload(place, uploadId)} has the digest ${digest}, not ${expected.join(', ')}`);

/** Carries where the upload goes on. */
export const invalidLayerPart = (place: Place, uploadId: string, lastValidByteReceived: number, reason: string) =>
  new EcrError('InvalidLayerPartException', `${theUpload(place, uploadId)} cannot take the part: ${reason}`, {
    members: { registryId: place.registryId, repositoryName: place.repositoryName, uploadId, lastValidByteReceived },
  });

export const referencedImagesNotFound = (place: Place, digests: readonly string[]) =>
  new EcrError('ReferencedImagesNotFoundException',
    `Images with digests '[${digests.join(', ')}]' required for pushing image into repository ${inRegistry(place)} do not exist`);

export const limitExceeded = (what: string, limit: number) =>
  new EcrError('LimitExceededException', `The limit of ${limit} ${what} has been reached`);
