import { cosignTags } from './cosign';
import { DirectoryFiles, FileSet, TarFiles } from './file-set';
import { RandomAccess } from './random-access';
import { ImageSource, Reading, StoredManifest, TaggedReferrer } from './types';
import { isDrydockError } from '../errors';
import { copyError } from '../images/codes';
import { hexOf, isDigest } from '../images/digest';
import { Descriptor, IndexManifest, MAX_MANIFEST_BYTES, parseManifest } from '../images/manifest';
import { OCI_INDEX } from '../images/media-types';
import { splitName } from '../images/reference';
import { digestOf, utf8 } from '../registry/client';

const REF_NAME = 'org.opencontainers.image.ref.name';
/** What containerd writes beside it: the name in full. */
const FULL_NAME = 'io.containerd.image.name';

export interface LayoutOptions {
  /** Tag, name or digest of the image; not needed where there is one image only. */
  readonly reference?: string;
}

/** An OCI image layout in a directory. */
export function layoutDirectorySource(directory: string, { reference }: LayoutOptions = {}): ImageSource {
  return new LayoutSource(new DirectoryFiles(directory), reference);
}

/** An OCI image layout in a tar archive. */
export function layoutSource(archive: RandomAccess, { reference }: LayoutOptions = {}): ImageSource {
  return new LayoutSource(new TarFiles(archive), reference);
}

const blobPath = (digest: string) => `blobs/sha256/${hexOf(digest)}`;

/** @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
class LayoutSource implements ImageSource {
  public readonly name: string;
  private layout: Promise<IndexManifest> | undefined;
  private subjects: Promise<Map<string, Descriptor[]>> | undefined;

  constructor(private readonly files: FileSet, private readonly reference: string | undefined) {
    this.name = `oci:${files.name}${reference === undefined ? '' : isDigest(reference) ? `@${reference}` : `:${reference}`}`;
  }

  public async manifest(reading: Reading, digest?: string): Promise<StoredManifest | undefined> {
    const entry = digest === undefined ? await this.chosen(reading) : { digest, mediaType: '' };
    const bytes = await this.files.read(blobPath(entry.digest), MAX_MANIFEST_BYTES, reading.signal);
    if (bytes === undefined) {
      return undefined;
    }
    if (digestOf(bytes) !== entry.digest) {
      throw copyError('DD-COPY-024', this.name, `${blobPath(entry.digest)} has bytes with the digest ${digestOf(bytes)}.`, 'The layout is damaged: export the image again.', { value: entry.digest });
    }
    return { digest: entry.digest, mediaType: entry.mediaType, text: utf8(bytes, this.name) };
  }

  public async blob(reading: Reading, { digest, size }: Descriptor, offset: number): Promise<AsyncIterable<Uint8Array>> {
    const path = blobPath(digest);
    const found = await this.files.sizeOf(path, reading.signal);
    const stream = found === size ? await this.files.stream(path, offset, reading.signal) : undefined;
    if (stream === undefined) {
      throw found === undefined
        ? copyError('DD-COPY-020', this.name, `The layout does not have the layer ${digest} that the image names.`, 'Export the image again with all its layers.', { value: digest })
        : copyError('DD-COPY-024', this.name, `${path} has ${found} bytes, and the image says ${size}.`, 'The layout is damaged: export the image again.', { value: found });
    }
    return stream;
  }

  public async referrers(reading: Reading, digest: string): Promise<readonly Descriptor[]> {
    this.subjects ??= this.readSubjects(reading);
    const fallback = (await this.read(reading)).manifests.find((entry) => entry.annotations?.[REF_NAME] === `sha256-${hexOf(digest)}`);
    const stored = fallback && await this.manifest(reading, fallback.digest);
    const index = stored && parseManifest(stored.text, fallback.mediaType, this.name);
    return [...(await this.subjects).get(digest) ?? [], ...(index?.kind === 'index' ? index.manifests : [])];
  }

  public async taggedReferrers(reading: Reading, digests: readonly string[]): Promise<readonly TaggedReferrer[]> {
    const tags = new Set(digests.flatMap(cosignTags));
    const found: TaggedReferrer[] = [];
    for (const entry of (await this.read(reading)).manifests) {
      const tag = entry.annotations?.[REF_NAME] ?? '';
      const manifest = tags.has(tag) ? await this.manifest(reading, entry.digest) : undefined;
      if (manifest !== undefined) {
        found.push({ tag, manifest: { ...manifest, mediaType: entry.mediaType } });
      }
    }
    return found;
  }

  public close(): Promise<void> {
    return this.files.close();
  }

  private read(reading: Reading): Promise<IndexManifest> {
    this.layout ??= this.readLayout(reading);
    return this.layout;
  }

  private async readLayout({ signal }: Reading): Promise<IndexManifest> {
    const bytes = await this.files.read('index.json', MAX_MANIFEST_BYTES, signal);
    const version = await this.files.read('oci-layout', 4_096, signal);
    if (bytes === undefined || version === undefined) {
      throw copyError('DD-COPY-027', this.name, `There is no ${bytes === undefined ? 'index.json' : 'oci-layout'}: this is no OCI image layout.`,
        'Give what `skopeo copy ... oci:DIRECTORY` or `docker buildx build --output type=oci` writes; for `docker save`, docker-archive:FILE.');
    }
    const manifest = parseManifest(utf8(bytes, this.name), OCI_INDEX, `${this.name} index.json`);
    return manifest as IndexManifest;
  }

  private async chosen(reading: Reading): Promise<{ digest: string; mediaType: string }> {
    const { manifests } = await this.read(reading);
    const { reference } = this;
    if (reference !== undefined && isDigest(reference)) {
      return { digest: reference, mediaType: manifests.find(({ digest }) => digest === reference)?.mediaType ?? '' };
    }
    const own = manifests.length > 1 ? await this.standingAlone(reading, manifests) : manifests;
    const images = reference === undefined ? own : manifests.filter((entry) => isCalled(entry, reference));
    const digests = [...new Set(images.map(({ digest }) => digest))];
    if (digests.length === 1) {
      return images[0];
    }
    const names = own.map((entry) => entry.annotations?.[REF_NAME] ?? entry.digest).slice(0, 20);
    throw copyError('DD-COPY-028', this.name, reference === undefined ? `The layout holds ${digests.length} images.`
      : digests.length === 0 ? `The layout has no image ${JSON.stringify(reference)}.` : `The layout has ${digests.length} images of the name ${JSON.stringify(reference)}.`,
    names.length === 0 ? undefined : `Choose one by its tag or digest: ${names.join(', ')}.`, { value: reference });
  }

  /** Signatures and the like stand in index.json beside the image that they are about. */
  private async standingAlone(reading: Reading, manifests: readonly Descriptor[]): Promise<Descriptor[]> {
    this.subjects ??= this.readSubjects(reading);
    const about = new Set([...(await this.subjects).values()].flat().map(({ digest }) => digest));
    return manifests.filter(({ digest, annotations }) => !about.has(digest) && !/^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/.test(annotations?.[REF_NAME] ?? ''));
  }

  /** What index.json lists that has a subject. What cannot be read is not the image that was asked for. */
  private async readSubjects(reading: Reading): Promise<Map<string, Descriptor[]>> {
    const found = new Map<string, Descriptor[]>();
    for (const entry of (await this.read(reading)).manifests) {
      const stored = await this.manifest(reading, entry.digest);
      const subject = stored && subjectOf(stored.text, entry.mediaType);
      if (subject !== undefined) {
        found.set(subject, [...found.get(subject) ?? [], entry]);
      }
    }
    return found;
  }
}

function isCalled({ annotations }: Descriptor, reference: string): boolean {
  const name = annotations?.[REF_NAME];
  return name === reference || annotations?.[FULL_NAME] === reference || (name !== undefined && splitName(name).tag === reference);
}

function subjectOf(text: string, mediaType: string): string | undefined {
  try {
    return parseManifest(text, mediaType, 'index.json').subject?.digest;
  } catch (error) {
    if (isDrydockError(error)) {
      return undefined;
    }
    throw error;
  }
}
