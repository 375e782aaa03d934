import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { content, Content, digestOf, noise } from './layers-support';
import { DOCKER_IMAGE, DOCKER_LIST, OCI_IMAGE, OCI_INDEX } from './support';

export interface MultiArch {
  readonly index: string;
  readonly digest: string;
  readonly images: readonly Content[];
}

/** Tools look into layers: they must be what they say they are. */
export const layer = (name: string, length = 2000): Buffer => gzipSync(noise(name, length));

/** Two platforms that share a layer, and an attestation about the first, as buildx writes it. */
export function multiArch(name: string, largest = 2000): MultiArch {
  const shared = layer(`${name} shared`);
  const amd64 = content(`${name} amd64`, [shared, layer(`${name} amd64`, largest)]);
  const arm64 = content(`${name} arm64`, [shared, layer(`${name} arm64`)]);
  const attestation = content(`${name} attestation`, [Buffer.from(JSON.stringify({ predicateType: 'https://slsa.dev/provenance/v0.2', subject: amd64.digest }))]);
  const statement = attestation.manifest.replace('application/vnd.oci.image.layer.v1.tar+gzip', 'application/vnd.in-toto+json');
  const images = [amd64, arm64, { ...attestation, manifest: statement, digest: digestOf(statement) }];
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      { ...descriptor(images[0].manifest, OCI_IMAGE), platform: { architecture: 'amd64', os: 'linux' } },
      { ...descriptor(images[1].manifest, OCI_IMAGE), platform: { architecture: 'arm64', os: 'linux', variant: 'v8' } },
      {
        ...descriptor(images[2].manifest, OCI_IMAGE),
        annotations: { 'vnd.docker.reference.digest': amd64.digest, 'vnd.docker.reference.type': 'attestation-manifest' },
        platform: { architecture: 'unknown', os: 'unknown' },
      },
    ],
  }, undefined, 2);
  return { index, digest: digestOf(index), images };
}

/** The same in the media types of Docker, without an attestation. */
export function dockerMultiArch(name: string): MultiArch {
  const images = ['amd64', 'arm64'].map((architecture) => {
    const image = content(`${name} ${architecture}`, [layer(`${name} ${architecture}`)]);
    const manifest = image.manifest.replace(OCI_IMAGE, DOCKER_IMAGE)
      .replace('application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json')
      .replace('application/vnd.oci.image.layer.v1.tar+gzip', 'application/vnd.docker.image.rootfs.diff.tar.gzip');
    return { ...image, manifest, digest: digestOf(manifest) };
  });
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: DOCKER_LIST,
    manifests: images.map(({ manifest }, i) => ({ ...descriptor(manifest, DOCKER_IMAGE), platform: { architecture: ['amd64', 'arm64'][i], os: 'linux' } })),
  });
  return { index, digest: digestOf(index), images };
}

/** An artifact about an image: a signature, an SBOM. */
export function referrer(name: string, subject: { readonly digest: string; readonly size: number; readonly mediaType: string }, artifactType: string): Content {
  return content(name, [Buffer.from(`${name} of ${subject.digest}`)], { artifactType, subject, annotations: { 'org.example.name': name } });
}

export const descriptor = (manifest: string, mediaType: string) => ({ mediaType, digest: digestOf(manifest), size: Buffer.byteLength(manifest) });

/** Writes what tools read as `dir:<directory>`, in which any media type may be. */
export function writeDirectory(directory: string, { index, images }: MultiArch): void {
  mkdirSync(directory, { recursive: true });
  const hex = (bytes: Buffer | string) => digestOf(bytes).slice('sha256:'.length);
  for (const { manifest, config, layers } of images) {
    writeFileSync(join(directory, `${hex(manifest)}.manifest.json`), manifest);
    [config, ...layers].forEach((bytes) => writeFileSync(join(directory, hex(bytes)), bytes));
  }
  writeFileSync(join(directory, 'manifest.json'), index);
  writeFileSync(join(directory, 'version'), 'Directory Transport Version: 1.1\n');
}

/** Writes an OCI layout that tools read as `oci:<directory>:<tag>`. */
export function writeLayout(directory: string, { index, images }: MultiArch, tag: string): void {
  const blobs = join(directory, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const write = (bytes: Buffer | string) => writeFileSync(join(blobs, digestOf(bytes).slice('sha256:'.length)), bytes);
  images.forEach(({ manifest, config, layers }) => [manifest, config, ...layers].forEach(write));
  write(index);
  writeFileSync(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(join(directory, 'index.json'), JSON.stringify({
    schemaVersion: 2,
    manifests: [{ ...descriptor(index, (JSON.parse(index) as { mediaType: string }).mediaType), annotations: { 'org.opencontainers.image.ref.name': tag } }],
  }));
}
