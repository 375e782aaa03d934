import { Tokens } from './tokens';

export const LAYERS_PREFIX = '/layers/';
/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html : URLs of Amazon S3 that hold for an hour. */
const VALID_SECONDS = 3600;

export interface SignedLayer {
  readonly repositoryName: string;
  readonly layerDigest: string;
}

export type Refusal = 'AccessDenied' | 'SignatureDoesNotMatch' | 'Expired';

/** An address that needs no other credentials than the signature in it; its parameters are named as those of Amazon S3. */
export function downloadPath(tokens: Tokens, repositoryName: string, layerDigest: string, now: number): string {
  const path = `${LAYERS_PREFIX}${repositoryName}/${layerDigest}`;
  const date = new Date(now).toISOString().replace(/[-:]|\.[0-9]{3}/g, '');
  const query = new URLSearchParams({ 'X-Amz-Date': date, 'X-Amz-Expires': String(VALID_SECONDS), 'X-Amz-SignedHeaders': 'host' });
  query.set('X-Amz-Signature', tokens.signature('layer', [path, date, VALID_SECONDS]));
  return `${path}?${query.toString()}`;
}

/** Which layer a signed address is of, or why it is none. */
export function readDownloadPath(tokens: Tokens, path: string, query: URLSearchParams, now: number): SignedLayer | Refusal {
  const [, repositoryName, layerDigest] = /^\/layers\/(.+)\/([^/]+)$/.exec(path) ?? [];
  const [date, expires, signature] = ['X-Amz-Date', 'X-Amz-Expires', 'X-Amz-Signature'].map((name) => query.get(name));
  if (repositoryName === undefined || date === null || expires === null || signature === null) {
    return 'AccessDenied';
  }
  if (!tokens.isSignature(signature, 'layer', [path, date, Number(expires)])) {
    return 'SignatureDoesNotMatch';
  }
  const signedAt = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..)Z$/, '$1-$2-$3:$4:$5Z'));
  return now > signedAt + Number(expires) * 1000 ? 'Expired' : { repositoryName, layerDigest };
}
