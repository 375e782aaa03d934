import { invalidParameter } from './ecr-error';

export const INDEX_TYPES = {
  docker: 'application/vnd.docker.distribution.manifest.list.v2+json',
  oci: 'application/vnd.oci.image.index.v1+json',
} as const;

const IMAGE_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
]);
const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

export interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly mediaType?: string;
}

/** What ECR takes from a manifest. */
export interface ParsedManifest {
  readonly mediaType: string;
  readonly artifactMediaType?: string;
  readonly subject?: string;
  /** Of an index: the manifests it lists. */
  readonly children?: readonly string[];
  /** Config and layers that must be in the repository; foreign layers are not. */
  readonly blobs: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html */
export function parseManifest(manifest: string, declaredType: string | undefined): ParsedManifest {
  const document = parseJson(manifest);
  const ownType = document.mediaType;
  if (ownType !== undefined && typeof ownType !== 'string') {
    throw invalidManifest('mediaType must be a string');
  }
  // @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html : required when the manifest does not say it.
  const mediaType = declaredType ?? ownType ?? (document.schemaVersion === 1 ? SCHEMA_1 : undefined);
  if (mediaType === undefined) {
    throw invalidParameter('imageManifestMediaType', 'It must be given when the manifest has no mediaType');
  }
  if (ownType !== undefined && ownType !== mediaType) {
    throw invalidParameter('imageManifestMediaType', `It must equal the mediaType of the manifest, ${ownType}`);
  }
  if (mediaType === INDEX_TYPES.docker || mediaType === INDEX_TYPES.oci) {
    return { ...common(document, mediaType), children: descriptors(document, 'manifests').map(({ digest }) => digest), blobs: [] };
  }
  if (IMAGE_TYPES.has(mediaType)) {
    return parseImage(document, mediaType);
  }
  if (mediaType === SCHEMA_1) {
    return { mediaType, blobs: schema1Layers(document) };
  }
  throw invalidParameter('imageManifestMediaType', `Unsupported manifest media type ${mediaType}`);
}

function parseImage(document: Json, mediaType: string): ParsedManifest {
  if (document.schemaVersion !== 2) {
    throw invalidManifest('schemaVersion must be 2');
  }
  const config = descriptor(document.config, 'config');
  const layers = descriptors(document, 'layers').filter((layer) => !layer.foreign);
  const parsed = common(document, mediaType);
  return {
    ...parsed,
    // The config's type stands for the kind of artifact where the manifest names none.
    artifactMediaType: parsed.artifactMediaType ?? config.mediaType,
    blobs: unique([config, ...layers]),
  };
}

function common(document: Json, mediaType: string): Omit<ParsedManifest, 'blobs'> {
  return {
    mediaType,
    ...(typeof document.artifactType === 'string' && document.artifactType !== '' ? { artifactMediaType: document.artifactType } : {}),
    ...(document.subject === undefined || document.subject === null ? {} : { subject: descriptor(document.subject, 'subject').digest }),
    ...(isObject(document.annotations) ? { annotations: strings(document.annotations) } : {}),
  };
}

function schema1Layers(document: Json): Descriptor[] {
  if (!Array.isArray(document.fsLayers)) {
    throw invalidManifest('fsLayers must be a list');
  }
  return unique(document.fsLayers.map((layer: unknown, i) => {
    const digest = isObject(layer) ? layer.blobSum : undefined;
    if (typeof digest !== 'string' || !DIGEST.test(digest)) {
      throw invalidManifest(`fsLayers[${i}].blobSum must be a digest`);
    }
    return { digest, size: 0 };
  }));
}

type Json = Readonly<Record<string, unknown>>;

const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-fA-F0-9]{32,}$/;

function descriptors(document: Json, name: 'manifests' | 'layers') {
  const values = document[name];
  if (!Array.isArray(values)) {
    throw invalidManifest(`${name} must be a list`);
  }
  return values.map((value: unknown, i) => descriptor(value, `${name}[${i}]`));
}

function descriptor(value: unknown, place: string): Descriptor & { readonly mediaType?: string; readonly foreign: boolean } {
  if (!isObject(value) || typeof value.digest !== 'string' || !DIGEST.test(value.digest)) {
    throw invalidManifest(`${place} must have a digest`);
  }
  const { digest, size, mediaType, urls } = value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalidManifest(`${place} must have a size`);
  }
  return {
    digest,
    size,
    ...(typeof mediaType === 'string' ? { mediaType } : {}),
    foreign: (Array.isArray(urls) && urls.length > 0) || (typeof mediaType === 'string' && /nondistributable|foreign/.test(mediaType)),
  };
}

function unique(blobs: readonly Descriptor[]): Descriptor[] {
  return [...new Map(blobs.map(({ digest, size, mediaType }) => [digest, { digest, size, ...(mediaType !== undefined && { mediaType }) }])).values()];
}

function strings(object: Json): Record<string, string> {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function parseJson(manifest: string): Json {
  let document: unknown;
  try {
    document = JSON.parse(manifest);
  } catch {
    throw invalidManifest('Invalid JSON syntax');
  }
  if (!isObject(document)) {
    throw invalidManifest('The manifest must be a JSON object');
  }
  return document;
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const invalidManifest = (reason: string) => invalidParameter('imageManifest', reason);
