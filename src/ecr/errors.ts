/** Errors of AWS, told apart by their typed names, never by words in their messages. */
function named(...names: readonly string[]): (error: unknown) => boolean {
  return (error) => error instanceof Error && names.includes(error.name);
}

export const isRepositoryNotFound = named('RepositoryNotFoundException');
export const isRepositoryPolicyNotFound = named('RepositoryPolicyNotFoundException');
export const isLifecyclePolicyNotFound = named('LifecyclePolicyNotFoundException');
export const isPreviewNotFound = named('LifecyclePolicyPreviewNotFoundException');
export const isPreviewInProgress = named('LifecyclePolicyPreviewInProgressException');
export const isRepositoryAlreadyExists = named('RepositoryAlreadyExistsException');
export const isRepositoryNotEmpty = named('RepositoryNotEmptyException');
export const isInvalidParameter = named('InvalidParameterException');
export const isTooManyTags = named('TooManyTagsException');
export const isImageNotFound = named('ImageNotFoundException');
export const isImageAlreadyExists = named('ImageAlreadyExistsException');
export const isImageTagAlreadyExists = named('ImageTagAlreadyExistsException');
export const isImageDigestMismatch = named('ImageDigestDoesNotMatchException');
export const isLayerAlreadyExists = named('LayerAlreadyExistsException');
export const isLayersNotFound = named('LayersNotFoundException');
export const isReferencedImagesNotFound = named('ReferencedImagesNotFoundException');
export const isUploadNotFound = named('UploadNotFoundException');
export const isInvalidLayer = named('InvalidLayerException');
export const isInvalidLayerPart = named('InvalidLayerPartException');
export const isLimitExceeded = named('LimitExceededException');
export const isKmsFailure = named('KmsException');
/** Secrets Manager has a version of this token with another value. */
export const isVersionAlreadyExists = named('ResourceExistsException');
/** S3; a HEAD has no body that could say more than "NotFound". */
export const isObjectNotFound = named('NoSuchKey', 'NotFound', 'NoSuchBucket');
export const isPreconditionFailed = named('PreconditionFailed');
export const isExecutionAlreadyExists = named('ExecutionAlreadyExists');
/** CloudFormation has no type of its own for "no such stack or resource": its query API says ValidationError. */
export const isStackOrResourceNotFound = named('ValidationError');

/** The last two: S3's answer to a HEAD has no body, so the SDK names the error by its status. */
export const isAccessDenied = named('AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation', 'NotAuthorized', 'Forbidden', '403');

const hasThrottleName = named(
  'ThrottlingException', 'Throttling', 'ThrottledException', 'TooManyRequestsException', 'RequestLimitExceeded', 'RequestThrottled',
  'RequestThrottledException', 'SlowDown', 'PriorRequestNotComplete',
);

export function isThrottle(error: unknown): boolean {
  return hasThrottleName(error) || statusOf(error) === 429;
}

/**
 * Nothing came back, or not all of it: whether the call took effect is unknown. There are many codes for that; what they share is that
 * the request went out (the SDK counts the attempts) and no status came back.
 */
export function isNetworkFailure(error: unknown): boolean {
  const attempts = error instanceof Error ? (error as { $metadata?: { attempts?: number } }).$metadata?.attempts : undefined;
  return attempts !== undefined && statusOf(error) === undefined && !isCredentialsFailure(error);
}

const isCredentialsFailure = named('CredentialsProviderError');

export function isServerFault(error: unknown): boolean {
  return (statusOf(error) ?? 0) >= 500 || (error instanceof Error && (error as { $fault?: string }).$fault === 'server');
}

/** The service read our clock as wrong; the SDK has set it right from the answer. */
const isClockSkew = named('RequestTimeTooSkewed', 'RequestExpired', 'InvalidSignatureException', 'SignatureDoesNotMatch', 'AuthFailure');

/** Whether the same call may succeed later, whatever it is about. */
export function isTransient(error: unknown): boolean {
  return isThrottle(error) || isServerFault(error) || isNetworkFailure(error) || isClockSkew(error) || isBrokenAnswer(error);
}

/** A success whose body could not be read. */
function isBrokenAnswer(error: unknown): boolean {
  const status = statusOf(error);
  return error instanceof SyntaxError || (status !== undefined && status >= 200 && status < 300);
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error ? (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode : undefined;
}

/** Up to which byte an upload is good, where ECR refused a part for being another than the next; -1 for an upload without a byte. */
export function lastValidByteOf(error: unknown): number | undefined {
  const last = (error as { lastValidByteReceived?: unknown }).lastValidByteReceived;
  return last === undefined || last === null || !Number.isSafeInteger(Number(last)) ? undefined : Number(last);
}

const OPERATION = Symbol.for('cdk-drydock.operation');

/** Notes on an error which call it came from, as the name of the IAM action. */
export function withOperation<T>(error: T, operation: string): T {
  if (error instanceof Error && !(OPERATION in error)) {
    Object.defineProperty(error, OPERATION, { value: operation, enumerable: false });
  }
  return error;
}

export function operationOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as { [OPERATION]?: string })[OPERATION] : undefined;
}
