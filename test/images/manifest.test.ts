import { parseManifest } from '../../src/images/manifest';
import { DOCKER_IMAGE, OCI_IMAGE, OCI_INDEX } from '../../src/images/media-types';

const D = `sha256:${'a'.repeat(64)}`;
const layer = (more: object = {}) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: D, size: 10, ...more });
const image = (more: object = {}) => ({ schemaVersion: 2, mediaType: OCI_IMAGE, config: layer({ mediaType: 'application/vnd.oci.image.config.v1+json' }), layers: [layer()], ...more });
const index = (more: object = {}) => ({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_IMAGE, digest: D, size: 5, platform: { os: 'linux', architecture: 'arm64' } }], ...more });
const parse = (document: unknown, type?: string) => parseManifest(typeof document === 'string' ? document : JSON.stringify(document), type, 'it');

test('an image, an index and an artifact say what they are', () => {
  expect(parse(image())).toMatchObject({ kind: 'image', artifactType: 'application/vnd.oci.image.config.v1+json', layers: [{ digest: D, foreign: false }] });
  expect(parse(index())).toMatchObject({ kind: 'index', manifests: [{ platform: { os: 'linux', architecture: 'arm64' } }] });
  expect(parse(image({ artifactType: 'application/x.sbom', subject: { mediaType: OCI_IMAGE, digest: D, size: 5 } }))).toMatchObject({ artifactType: 'application/x.sbom', subject: { digest: D } });
});

test('a manifest without a type of its own is taken for what came with it, or for what it looks like', () => {
  expect(parse(image({ mediaType: undefined }), `${DOCKER_IMAGE}; charset=utf-8`)).toMatchObject({ mediaType: DOCKER_IMAGE });
  expect(parse(image({ mediaType: undefined }), 'application/octet-stream')).toMatchObject({ mediaType: OCI_IMAGE });
  expect(parse(index({ mediaType: undefined }))).toMatchObject({ mediaType: OCI_INDEX });
});

test.each<[string, unknown, string | undefined, RegExp]>([
  ['no JSON', '{', undefined, /DD-COPY-004.*not JSON/], ['a list', [], undefined, /DD-COPY-004.*no JSON object/], ['nothing known', { schemaVersion: 2 }, undefined, /DD-COPY-005/],
  ['another type than it came with', image(), OCI_INDEX, /DD-COPY-004.*says .*manifest.* and came as .*index/], ['an image and an index', image({ manifests: [] }), undefined, /DD-COPY-004.*both/],
  ['an index and an image', index({ layers: [] }), undefined, /DD-COPY-004.*both/], ['schema 1', { schemaVersion: 1, fsLayers: [] }, undefined, /DD-COPY-005.*schema 1/],
  ['a type that ECR does not take', { schemaVersion: 2, mediaType: 'application/x', layers: [] }, undefined, /DD-COPY-005.*application\/x/], ['schema 3', image({ schemaVersion: 3 }), undefined, /schemaVersion is 3/],
  ['no config', image({ config: undefined }), undefined, /config is no object/], ['layers that are no list', image({ layers: {} }), undefined, /layers is no list/],
  ['a digest that climbs', image({ layers: [layer({ digest: '../../etc/passwd' })] }), undefined, /layers\[0\]\.digest .*passwd/], ['a negative size', image({ layers: [layer({ size: -1 })] }), undefined, /layers\[0\]\.size -1/],
  ['a size beyond numbers', image({ layers: [layer({ size: 1e300 })] }), undefined, /layers\[0\]\.size/], ['a size as text', image({ layers: [layer({ size: '10' })] }), undefined, /layers\[0\]\.size "10"/],
  ['no media type of a layer', image({ layers: [layer({ mediaType: undefined })] }), undefined, /layers\[0\]\.mediaType/], ['too many layers', image({ layers: Array.from({ length: 5_000 }, () => layer()) }), undefined, /5000 entries/],
  ['too many characters', ' '.repeat(4_194_305), undefined, /4194305 characters/],
])('%s is refused', (_, document, type, words) => {
  expect(() => parse(document, type)).toThrow(words);
});

test('a layer is foreign when its type and its URLs say so', () => {
  const foreign = { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', urls: ['https://mcr.example/x'] };
  const parsed = parse(image({ layers: [layer(foreign), layer({ ...foreign, urls: [] }), layer({ urls: ['https://elsewhere.example'] })] }));
  expect(parsed.kind === 'image' && parsed.layers.map((one) => one.foreign)).toEqual([true, false, false]);
});
