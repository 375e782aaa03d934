import { copyError } from './codes';
import { isDigest } from './digest';
import { bareType, isForeignType, isImageType, isIndexType, isSchema1Type, OCI_IMAGE, OCI_INDEX } from './media-types';
import { Platform } from './platform';

/** The largest manifest that PutImage takes. */
export const MAX_MANIFEST_BYTES = 4_194_304;
/** More than any image has; a bound for what strangers serve. */
export const MAX_ENTRIES = 4_096;

/** What one manifest says of another, or of a blob. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Kept elsewhere (`urls`): ECR does not hold it. */
  readonly foreign: boolean;
}

export interface IndexManifest {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly manifests: readonly Descriptor[];
}

export interface ImageManifest {
  readonly kind: 'image';
  readonly mediaType: string;
  /** What kind of artifact: its artifactType, or the type of its config. */
  readonly artifactType: string;
  readonly subject?: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export type Manifest = IndexManifest | ImageManifest;

/** Types that say nothing about a manifest. */
const UNTOLD: ReadonlySet<string> = new Set(['application/json', 'application/octet-stream', 'binary/octet-stream', 'text/plain']);

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a manifest. `declaredType` is what came with it (a Content-Type, a descriptor). What could be read in two ways is refused.
 * @see https://github.com/opencontainers/distribution-spec/security/advisories/GHSA-mc8v-mgrf-8f4m
 */
export function parseManifest(text: string, declaredType: string | undefined, pointer: string): Manifest {
  const fail = (what: string, value?: unknown) => copyError('DD-COPY-004', pointer, `The manifest cannot be read: ${what}.`, undefined, { value });
  if (text.length > MAX_MANIFEST_BYTES) {
    throw fail(`it has ${text.length} characters, and ECR takes ${MAX_MANIFEST_BYTES}`);
  }
  const document = readJson(text, fail);
  const mediaType = mediaTypeOf(document, declaredType, pointer, fail);
  if (document.schemaVersion !== 2) {
    throw fail(`schemaVersion is ${JSON.stringify(document.schemaVersion)}, not 2`, document.schemaVersion);
  }
  const common = {
    mediaType,
    ...(document.subject === undefined || document.subject === null ? {} : { subject: descriptorOf(document.subject, 'subject', fail) }),
  };
  const artifactType = typeof document.artifactType === 'string' && document.artifactType !== '' ? document.artifactType : undefined;
  if (isIndexType(mediaType)) {
    if (document.layers !== undefined || document.config !== undefined) {
      throw fail('it is both an index and an image');
    }
    return { kind: 'index', ...common, ...(artifactType === undefined ? {} : { artifactType }), manifests: descriptorsOf(document, 'manifests', fail) };
  }
  if (document.manifests !== undefined) {
    throw fail('it is both an image and an index');
  }
  const config = descriptorOf(document.config, 'config', fail);
  return { kind: 'image', ...common, artifactType: artifactType ?? config.mediaType, config, layers: descriptorsOf(document, 'layers', fail) };
}

function mediaTypeOf(document: Json, declared: string | undefined, pointer: string, fail: Fail): string {
  const own = document.mediaType;
  if (own !== undefined && typeof own !== 'string') {
    throw fail('mediaType is no text', own);
  }
  const given = bareType(declared);
  const told = given === undefined || UNTOLD.has(given) ? undefined : given;
  if (own !== undefined && told !== undefined && own !== told) {
    throw fail(`it says ${own} of itself, and came as ${told}`, own);
  }
  const guessed = Array.isArray(document.manifests) ? OCI_INDEX : Array.isArray(document.layers) ? OCI_IMAGE : undefined;
  const mediaType = told ?? own ?? (document.schemaVersion === 2 ? guessed : undefined);
  if (document.schemaVersion === 1 || (mediaType !== undefined && isSchema1Type(mediaType))) {
    throw copyError('DD-COPY-005', pointer, 'The manifest is of schema 1, which has been out of use since 2017 and whose bytes change on the way.',
      'Push the image again with a current tool, or pull it with one and copy that.', { value: mediaType });
  }
  if (mediaType === undefined || !(isIndexType(mediaType) || isImageType(mediaType))) {
    throw copyError('DD-COPY-005', pointer, mediaType === undefined ? 'The document is neither an image nor an index.' : `ECR takes no manifest of the type ${mediaType}.`,
      'Copy an image, an index or an artifact with an OCI or Docker manifest.', { value: mediaType });
  }
  return mediaType;
}

type Fail = (what: string, value?: unknown) => Error;

function readJson(text: string, fail: Fail): Json {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw fail(`it is not JSON (${(error as Error).message})`);
  }
  if (!isObject(document)) {
    throw fail('it is no JSON object');
  }
  return document;
}

function descriptorsOf(document: Json, name: 'manifests' | 'layers', fail: Fail): Descriptor[] {
  const list = document[name];
  if (!Array.isArray(list)) {
    throw fail(`${name} is no list`, list);
  }
  if (list.length > MAX_ENTRIES) {
    throw fail(`${name} has ${list.length} entries, more than ${MAX_ENTRIES}`);
  }
  return list.map((value: unknown, i) => descriptorOf(value, `${name}[${i}]`, fail));
}

function descriptorOf(value: unknown, place: string, fail: Fail): Descriptor {
  if (!isObject(value)) {
    throw fail(`${place} is no object`, value);
  }
  const { mediaType, digest, size, artifactType, urls } = value;
  if (typeof mediaType !== 'string' || mediaType === '') {
    throw fail(`${place}.mediaType is missing`, mediaType);
  }
  if (!isDigest(digest)) {
    throw fail(`${place}.digest ${JSON.stringify(digest)} is no sha256 digest`, digest);
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw fail(`${place}.size ${JSON.stringify(size)} is no number of bytes`, size);
  }
  const platform = platformOf(value.platform);
  return {
    mediaType,
    digest,
    size,
    ...(platform === undefined ? {} : { platform }),
    ...(typeof artifactType === 'string' && artifactType !== '' ? { artifactType } : {}),
    ...(isObject(value.annotations) ? { annotations: strings(value.annotations) } : {}),
    foreign: isForeignType(mediaType) && Array.isArray(urls) && urls.length > 0,
  };
}

/** Whatever an image or an index says of a platform; what is no platform is none. */
export function platformOf(value: unknown): Platform | undefined {
  if (!isObject(value) || typeof value.os !== 'string' || typeof value.architecture !== 'string' || value.os === '' || value.architecture === '') {
    return undefined;
  }
  const { os, architecture, variant } = value;
  const osVersion = value['os.version'];
  return {
    os, architecture,
    ...(typeof variant === 'string' && variant !== '' ? { variant } : {}),
    ...(typeof osVersion === 'string' && osVersion !== '' ? { osVersion } : {}),
  };
}

function strings(object: Json): Record<string, string> {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
