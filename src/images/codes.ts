import { DrydockError } from '../errors';

/** Every code of reading and copying images; docs/errors.md has one entry for each. */
export const COPY_CODES = {
  'DD-COPY-001': 'The text is no reference to an image',
  'DD-COPY-002': 'The digest cannot be used',
  'DD-COPY-003': 'The platform cannot be read',
  'DD-COPY-004': 'The manifest cannot be read',
  'DD-COPY-005': 'The kind of manifest is not supported',
  'DD-COPY-006': 'The image has no such platform',
  'DD-COPY-007': 'The image has too many parts',
  'DD-COPY-020': 'The source does not have the image',
  'DD-COPY-021': 'The source refuses access',
  'DD-COPY-022': 'The source limits how often it is read',
  'DD-COPY-023': 'The source cannot be reached or keeps failing',
  'DD-COPY-024': 'The source served other bytes than it said',
  'DD-COPY-025': 'The source redirects to where nobody should follow',
  'DD-COPY-026': 'The source does not answer as a registry does',
  'DD-COPY-027': 'The image file cannot be read',
  'DD-COPY-028': 'The file holds several images, or not this one',
  'DD-COPY-029': 'The file is compressed',
  'DD-COPY-030': 'There is no path to where ECR keeps its layers',
  'DD-COPY-031': 'The image is archived at the source',
  'DD-COPY-032': 'The source wants its credentials sent to somebody else',
  'DD-COPY-040': 'The destination repository does not exist',
  'DD-COPY-041': 'The destination refuses access',
  'DD-COPY-042': 'The tag is immutable and belongs to another image',
  'DD-COPY-043': 'A layer has a size that ECR does not take',
  'DD-COPY-044': 'A limit of the destination is reached',
  'DD-COPY-045': 'The destination refuses the manifest',
  'DD-COPY-046': 'ECR received other bytes than were to be copied',
  'DD-COPY-047': 'The key of the destination cannot be used',
  'DD-COPY-048': 'The destination keeps failing',
  'DD-COPY-049': 'Time was up before the image was copied',
  'DD-COPY-060': 'The credentials for the registry cannot be read',
} as const;

export type CopyCode = keyof typeof COPY_CODES;

interface Details {
  readonly value?: unknown;
  readonly cause?: unknown;
  readonly awsMessage?: string;
}

/** `pointer` is what it is about: a reference, a digest, a file. */
export function copyError(code: CopyCode, pointer: string, message: string, fix?: string, { value, cause, awsMessage }: Details = {}): DrydockError {
  return new DrydockError({
    code, pointer, message, ...(fix === undefined ? {} : { fix }), ...(value === undefined ? {} : { value }), ...(awsMessage === undefined ? {} : { awsMessage }),
  }, cause === undefined ? {} : { cause });
}
