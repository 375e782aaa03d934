import { copyError } from './codes';

const SHA256 = /^sha256:[0-9a-f]{64}$/;
/** @see https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
const ANY_DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

/** Whether the text is a digest that ECR and this library verify: SHA-256 in lower-case hex. */
export function isDigest(text: unknown): text is string {
  return typeof text === 'string' && SHA256.test(text);
}

/** The text itself, if it is a digest. */
export function checkDigest(text: unknown, pointer: string): string {
  if (isDigest(text)) {
    return text;
  }
  if (typeof text === 'string' && ANY_DIGEST.test(text) && !text.toLowerCase().startsWith('sha256:')) {
    throw copyError('DD-COPY-002', pointer, `${JSON.stringify(text)} is a digest of another algorithm than sha256, the only one that ECR verifies.`, 'Push the image with sha256 digests.', { value: text });
  }
  throw copyError('DD-COPY-002', pointer, `${JSON.stringify(text)} is not a digest.`, 'Write sha256: and 64 hexadecimal digits in lower case.', { value: text });
}

/** The 64 hexadecimal digits. */
export function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
