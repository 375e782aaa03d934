/**
 * What manifests and blobs are called.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html
 */
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
export const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';
const DOCKER_SCHEMA_1: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v1+prettyjws',
]);

/** Everything that is asked for when a manifest is. */
export const MANIFEST_TYPES: readonly string[] = [OCI_INDEX, DOCKER_LIST, OCI_IMAGE, DOCKER_IMAGE];

export const isIndexType = (mediaType: string | undefined): boolean => mediaType === OCI_INDEX || mediaType === DOCKER_LIST;
export const isImageType = (mediaType: string): boolean => mediaType === OCI_IMAGE || mediaType === DOCKER_IMAGE;
export const isSchema1Type = (mediaType: string): boolean => DOCKER_SCHEMA_1.has(mediaType);
export const isManifestType = (mediaType: string): boolean => isIndexType(mediaType) || isImageType(mediaType);

/** Layers that a registry need not hold: base layers of Windows, and what the specification once called non-distributable. */
export function isForeignType(mediaType: string): boolean {
  return mediaType.startsWith('application/vnd.oci.image.layer.nondistributable.') || mediaType.startsWith('application/vnd.docker.image.rootfs.foreign.');
}

/** A media type without its parameters (`; charset=utf-8`). */
export function bareType(contentType: string | undefined): string | undefined {
  return contentType === undefined ? undefined : contentType.split(';')[0].trim().toLowerCase() || undefined;
}
