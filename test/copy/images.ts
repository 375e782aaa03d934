import { createHash, randomFillSync } from 'node:crypto';
import { DOCKER_IMAGE, DOCKER_LIST, OCI_CONFIG, OCI_IMAGE, OCI_INDEX, OCI_LAYER } from '../../src/images/media-types';

export const sha256 = (bytes: Uint8Array | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Bytes that nobody has guessed, always the same for one name. */
export function bytesOf(name: string, size: number): Buffer {
  const out = Buffer.alloc(size);
  let block = createHash('sha512').update(name).digest();
  for (let at = 0; at < size; at += block.copy(out, at)) {
    block = at % 1_048_576 === 0 ? createHash('sha512').update(block).digest() : block;
  }
  return out;
}

export const randomBytesOf = (size: number): Buffer => randomFillSync(Buffer.allocUnsafe(size));

export interface Stored {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [member: string]: unknown;
}

interface ImageOptions {
  readonly tag?: string;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly extra?: object;
  readonly docker?: boolean;
}

/** What a registry would hold: blobs, manifests, tags. */
export class Content {
  public readonly blobs = new Map<string, Buffer>();
  public readonly manifests = new Map<string, Stored>();
  public readonly tags = new Map<string, string>();

  public blob(bytes: Buffer, mediaType: string): Descriptor {
    const digest = sha256(bytes);
    this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  public manifest(document: { readonly mediaType: string }, tag?: string): Descriptor {
    const text = JSON.stringify(document, undefined, 2);
    const digest = sha256(text);
    this.manifests.set(digest, { digest, mediaType: document.mediaType, text });
    if (tag !== undefined) {
      this.tags.set(tag, digest);
    }
    return { mediaType: document.mediaType, digest, size: Buffer.byteLength(text) };
  }

  /** An image of layers with these sizes. */
  public image(name: string, layers: readonly (number | Buffer)[], options: ImageOptions = {}): Descriptor {
    const { platform = { os: 'linux', architecture: 'amd64' }, docker = false } = options;
    const layerType = docker ? 'application/vnd.docker.image.rootfs.diff.tar.gzip' : OCI_LAYER;
    const described = layers.map((layer, i) => this.blob(typeof layer === 'number' ? bytesOf(`${name} ${i}`, layer) : layer, layerType));
    const config = this.blob(Buffer.from(JSON.stringify({ ...platform, rootfs: { type: 'layers', diff_ids: described.map(({ digest }) => digest) }, history: name })),
      docker ? 'application/vnd.docker.container.image.v1+json' : OCI_CONFIG);
    return this.manifest({ schemaVersion: 2, mediaType: docker ? DOCKER_IMAGE : OCI_IMAGE, config, layers: described, ...options.extra } as never, options.tag);
  }

  public index(entries: readonly Descriptor[], options: { tag?: string; extra?: object; docker?: boolean } = {}): Descriptor {
    return this.manifest({ schemaVersion: 2, mediaType: options.docker ? DOCKER_LIST : OCI_INDEX, manifests: entries, ...options.extra } as never, options.tag);
  }

  /** A signature, an SBOM: a manifest with a subject. */
  public referrer(subject: Descriptor, name: string, artifactType = 'application/vnd.example.sbom.v1', tag?: string): Descriptor {
    const layer = this.blob(Buffer.from(`${name} about ${subject.digest}`), 'application/vnd.example.sbom.v1+json');
    const config = this.blob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
    return this.manifest({ schemaVersion: 2, mediaType: OCI_IMAGE, artifactType, config, layers: [layer], subject } as never, tag);
  }

  /** An index as buildkit makes it: two platforms, and an attestation for each. */
  public multi(name: string, layers: readonly number[], tag?: string): { index: Descriptor; amd64: Descriptor; arm64: Descriptor; attestations: Descriptor[] } {
    const amd64 = this.image(`${name} amd64`, layers, { platform: { os: 'linux', architecture: 'amd64' } });
    const arm64 = this.image(`${name} arm64`, layers, { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } });
    const attestations = [amd64, arm64].map((image) => this.image(`${name} attestation of ${image.digest}`, [300], { platform: { os: 'unknown', architecture: 'unknown' } }));
    const index = this.index([
      { ...amd64, platform: { os: 'linux', architecture: 'amd64' } },
      { ...arm64, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      ...attestations.map((attestation, i) => ({
        ...attestation,
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: { 'vnd.docker.reference.digest': [amd64, arm64][i].digest, 'vnd.docker.reference.type': 'attestation-manifest' },
      })),
    ], { tag });
    return { index, amd64, arm64, attestations };
  }
}
