import { createHash } from 'node:crypto';
import { TarFiles } from './file-set';
import { RandomAccess } from './random-access';
import { ImageSource, Reading, StoredManifest } from './types';
import { isDrydockError } from '../errors';
import { copyError } from '../images/codes';
import { isDigest } from '../images/digest';
import { Descriptor } from '../images/manifest';
import { DOCKER_CONFIG, DOCKER_IMAGE, DOCKER_LAYER, OCI_CONFIG, OCI_IMAGE, OCI_LAYER } from '../images/media-types';
import { formatReference, parseReference } from '../images/reference';
import { digestOf } from '../registry/client';

const MAX_JSON_BYTES = 8 * 1_048_576;

interface Listed {
  readonly Config: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Layers: readonly string[];
}

interface Built {
  readonly manifest: StoredManifest;
  /** Where in the archive a blob is. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * An image as `docker save` writes it. The archive has no manifest; one is made, always the same for the same archive. Layers go as they are: mostly
 * plain tar, whose digests the config knows.
 * @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
export function dockerArchiveSource(archive: RandomAccess, { reference }: { readonly reference?: string } = {}): ImageSource {
  const files = new TarFiles(archive);
  const reader = new ArchiveReader(files, reference);
  const name = `docker-archive:${archive.name}${reference === undefined ? '' : `:${reference}`}`;
  return {
    name,
    manifest: async (reading, digest) => {
      const { manifest } = await reader.image(reading);
      return digest === undefined || digest === manifest.digest ? manifest : undefined;
    },
    blob: async (reading, { digest }, offset) => {
      const path = (await reader.image(reading)).paths.get(digest);
      const stream = path === undefined ? undefined : await files.stream(path, offset, reading.signal);
      if (stream === undefined) {
        throw copyError('DD-COPY-020', name, `The archive does not have ${digest}.`, undefined, { value: digest });
      }
      return stream;
    },
    referrers: async () => [],
    close: () => files.close(),
  };
}

class ArchiveReader {
  private built: Promise<Built> | undefined;

  constructor(private readonly files: TarFiles, private readonly reference: string | undefined) {}

  public image(reading: Reading): Promise<Built> {
    this.built ??= this.build(reading);
    return this.built;
  }

  private async build({ signal }: Reading): Promise<Built> {
    const listed = this.choose(await this.list(signal));
    const config = await this.files.read(listed.Config, MAX_JSON_BYTES, signal);
    if (config === undefined) {
      throw this.broken(`there is no ${JSON.stringify(listed.Config)}, which manifest.json names`);
    }
    const diffIds = this.diffIds(config, listed);
    const paths = new Map([[digestOf(config), listed.Config]]);
    const layers: (Descriptor & { compression: string })[] = [];
    for (const [i, path] of listed.Layers.entries()) {
      const size = await this.files.sizeOf(path, signal);
      if (size === undefined) {
        throw this.broken(`there is no ${JSON.stringify(path)}, which manifest.json names`);
      }
      const compression = compressionOf(await this.files.head(path, 4, signal));
      const digest = compression === '' ? diffIds[i] : await this.compressedDigest(path, signal);
      paths.set(digest, path);
      layers.push({ mediaType: '', digest, size, foreign: false, compression });
    }
    // Docker's own types know no zstd.
    const oci = layers.some(({ compression }) => compression === 'zstd');
    const typeOf = (compression: string) => (oci ? `${OCI_LAYER}${compression === '' ? '' : `+${compression}`}` : `${DOCKER_LAYER}${compression === '' ? '' : `.${compression}`}`);
    const mediaType = oci ? OCI_IMAGE : DOCKER_IMAGE;
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: oci ? OCI_CONFIG : DOCKER_CONFIG, size: config.length, digest: digestOf(config) },
      layers: layers.map(({ digest, size, compression }) => ({ mediaType: typeOf(compression), size, digest })),
    });
    return { manifest: { digest: digestOf(Buffer.from(text)), mediaType, text }, paths };
  }

  private async list(signal: AbortSignal): Promise<Listed[]> {
    const bytes = await this.files.read('manifest.json', MAX_JSON_BYTES, signal);
    if (bytes === undefined) {
      throw this.broken('there is no manifest.json', await this.files.sizeOf('index.json', signal) === undefined
        ? 'Give a file as `docker save` writes it.' : 'It is an OCI layout: name it oci:FILE.');
    }
    let list: unknown;
    try {
      list = JSON.parse(bytes.toString());
    } catch (error) {
      throw this.broken(`manifest.json is not JSON (${(error as Error).message})`);
    }
    if (!Array.isArray(list) || list.length === 0 || !list.every(isListed)) {
      throw this.broken('manifest.json does not list images with Config and Layers');
    }
    return list;
  }

  private choose(list: readonly Listed[]): Listed {
    const { reference } = this;
    const found = reference === undefined ? list : list.filter(({ RepoTags }) => (RepoTags ?? []).some((tag) => sameImage(tag, reference)));
    if (found.length === 1) {
      return found[0];
    }
    const names = list.flatMap(({ RepoTags }) => RepoTags ?? []).slice(0, 20);
    throw copyError('DD-COPY-028', this.files.name, reference === undefined ? `The archive holds ${list.length} images.` : `The archive has no image ${JSON.stringify(reference)}.`,
      names.length === 0 ? 'Its images have no names: leave the name out where there is one image.' : `It has ${names.join(', ')}.`, { value: reference });
  }

  private diffIds(config: Buffer, { Layers }: Listed): string[] {
    let ids: unknown;
    try {
      ids = (JSON.parse(config.toString()) as { rootfs?: { diff_ids?: unknown } }).rootfs?.diff_ids ?? [];
    } catch (error) {
      throw this.broken(`the config of the image is not JSON (${(error as Error).message})`);
    }
    if (!Array.isArray(ids) || ids.length !== Layers.length || !ids.every(isDigest)) {
      throw this.broken(`the config of the image knows ${Array.isArray(ids) ? ids.length : 'no'} layers, and manifest.json names ${Layers.length}`);
    }
    return ids;
  }

  /** Newer archives name a file by its digest; else it is read for it, once. The copy verifies it either way. */
  private async compressedDigest(path: string, signal: AbortSignal): Promise<string> {
    const named = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (named !== undefined) {
      return `sha256:${named}`;
    }
    const hash = createHash('sha256');
    for await (const chunk of await this.files.stream(path, 0, signal) ?? []) {
      hash.update(chunk);
    }
    return `sha256:${hash.digest('hex')}`;
  }

  private broken(what: string, fix = 'Write it again with `docker save`.'): Error {
    return copyError('DD-COPY-027', this.files.name, `The archive cannot be read: ${what}.`, fix);
  }
}

function isListed(value: unknown): value is Listed {
  const { Config, Layers, RepoTags } = (value ?? {}) as Partial<Record<keyof Listed, unknown>>;
  const texts = (list: unknown) => Array.isArray(list) && list.every((one) => typeof one === 'string');
  return typeof Config === 'string' && texts(Layers) && (RepoTags === undefined || RepoTags === null || texts(RepoTags));
}

/** `busybox:latest` and `docker.io/library/busybox` are one. */
function sameImage(tag: string, reference: string): boolean {
  try {
    return formatReference(parseReference(tag)) === formatReference(parseReference(reference));
  } catch (error) {
    if (isDrydockError(error)) {
      return tag === reference;
    }
    throw error;
  }
}

function compressionOf(head: Buffer): '' | 'gzip' | 'zstd' {
  return head[0] === 0x1f && head[1] === 0x8b ? 'gzip' : head.length >= 4 && head.readUInt32BE(0) === 0x28b52ffd ? 'zstd' : '';
}
