import { createHash } from 'node:crypto';
import { createHandler } from '../../../src/handlers/images/dispatch';
import { NOW, World, WorldOptions } from '../support';

export const NAME = 'shop/web';
export const URI = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web';

/** A registry and the function of images. */
export function imageWorld(options: WorldOptions = {}): Promise<World> {
  return World.start({ now: NOW, seed: { repositories: [{ repositoryName: NAME }], imageDetails: [] }, ...options, createHandler });
}

export const hex = (digest: string) => digest.slice('sha256:'.length);
export const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export interface Pushed {
  readonly imageDigest: string;
  readonly manifest: string;
}

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

export interface PushOptions {
  readonly tags?: readonly string[];
  readonly repositoryName?: string;
}

async function put(world: World, manifest: string, imageManifestMediaType: string, { tags = [], repositoryName = NAME }: PushOptions): Promise<Pushed> {
  for (const imageTag of tags.length === 0 ? [undefined] : tags) {
    await world.foreign('PutImage', { repositoryName, imageManifest: manifest, imageManifestMediaType, ...(imageTag === undefined ? {} : { imageTag }) });
  }
  return { imageDigest: sha256(manifest), manifest };
}

export interface ImageOptions extends PushOptions {
  /** The digest of the image that it is about. */
  readonly subject?: string;
  /** Whether the bytes of its configuration are there, so that it can be copied. */
  readonly stored?: boolean;
}

/** Somebody pushes an image whose content is a name. */
export async function push(world: World, content: string, { subject, stored = false, ...options }: ImageOptions = {}): Promise<Pushed> {
  if (stored) {
    await store(world, content, options.repositoryName ?? NAME);
  }
  return put(world, JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_IMAGE,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(content), size: content.length },
    layers: [],
    ...(subject === undefined ? {} : { artifactType: 'application/vnd.example.signature', subject: { mediaType: OCI_IMAGE, digest: subject, size: 1 } }),
  }), OCI_IMAGE, options);
}

async function store(world: World, content: string, repositoryName: string): Promise<void> {
  const { uploadId } = await world.foreign('InitiateLayerUpload', { repositoryName });
  await world.foreign('UploadLayerPart', {
    repositoryName, uploadId, partFirstByte: 0, partLastByte: content.length - 1, layerPartBlob: Buffer.from(content).toString('base64'),
  });
  await world.foreign('CompleteLayerUpload', { repositoryName, uploadId, layerDigests: [sha256(content)] });
}

/** Somebody pushes an index of images that are there. */
export function pushIndex(world: World, children: readonly Pushed[], options: PushOptions = {}): Promise<Pushed> {
  return put(world, JSON.stringify({
    schemaVersion: 2, mediaType: OCI_INDEX, manifests: children.map(({ imageDigest, manifest }) => ({ mediaType: OCI_IMAGE, digest: imageDigest, size: manifest.length })),
  }), OCI_INDEX, options);
}

/** The digest that a tag stands for. */
export function tagged(world: World, imageTag: string, repositoryName = NAME): string | undefined {
  return world.emulator.inventory(repositoryName).imageDetails.find((image) => image.imageTags?.includes(imageTag))?.imageDigest;
}

export function digests(world: World, repositoryName = NAME): string[] {
  return world.emulator.inventory(repositoryName).imageDetails.map(({ imageDigest }) => imageDigest).sort();
}
