import { isAccessDenied, isTooManyTags } from '../../ecr/errors';

/** A digest in the 43 characters of base64url: a tag's value has 256. */
export function packDigest(digest: string): string {
  return Buffer.from(digest.slice('sha256:'.length), 'hex').toString('base64url');
}

export function unpackDigest(text: string): string {
  return `sha256:${Buffer.from(text, 'base64url').toString('hex')}`;
}

/** Repositories of other accounts rarely allow their tags to be touched: the work itself does not fail for that. */
export async function unlessRefused<T>(act: () => Promise<T>, refused: (error: Error) => void): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!isAccessDenied(error) && !isTooManyTags(error)) {
      throw error;
    }
    refused(error as Error);
    return undefined;
  }
}
