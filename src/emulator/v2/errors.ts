import { EcrError } from '../ecr-error';
import { Reply } from '../server';

/** An error of the registry protocol. @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
export class V2Error extends Error {
  constructor(
    public readonly code: string, public readonly statusCode: number, message: string, public readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** What the errors of the API are called here; the texts are the same. */
const NAMES: Readonly<Record<string, readonly [string, number]>> = {
  RepositoryNotFoundException: ['NAME_UNKNOWN', 404],
  ImageNotFoundException: ['MANIFEST_UNKNOWN', 404],
  LayersNotFoundException: ['MANIFEST_BLOB_UNKNOWN', 404],
  ReferencedImagesNotFoundException: ['MANIFEST_BLOB_UNKNOWN', 404],
  ImageTagAlreadyExistsException: ['TAG_INVALID', 400],
  ImageDigestDoesNotMatchException: ['DIGEST_INVALID', 400],
  InvalidLayerException: ['DIGEST_INVALID', 400],
  UploadNotFoundException: ['BLOB_UPLOAD_UNKNOWN', 404],
  EmptyUploadException: ['BLOB_UPLOAD_INVALID', 400],
  LayerPartTooSmallException: ['BLOB_UPLOAD_INVALID', 400],
  LimitExceededException: ['DENIED', 403],
  AccessDeniedException: ['DENIED', 403],
  ThrottlingException: ['TOOMANYREQUESTS', 429],
  InvalidParameterException: ['MANIFEST_INVALID', 400],
  ServerException: ['UNKNOWN', 500],
};

export function v2ErrorOf(error: EcrError): V2Error {
  const [code, statusCode] = NAMES[error.type] ?? [error.type, error.statusCode];
  return new V2Error(code, statusCode, error.message, error.headers);
}

export function errorReply({ code, statusCode, message, headers }: V2Error): Reply {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ errors: [{ code, message }] }) };
}

export const unsupported = (what: string) => new V2Error('UNSUPPORTED', 405, `The operation is unsupported: ${what}`);
