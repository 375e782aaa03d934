import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { Descriptor, parseManifest } from '../../src/images/manifest';
import { OCI_IMAGE, OCI_INDEX } from '../../src/images/media-types';
import { blobsOf, CopyContent, planCopy, putOrder } from '../../src/images/plan';
import { parsePlatform } from '../../src/images/platform';
import { ManifestNode, selectPlatforms } from '../../src/images/select-platforms';

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function node(document: object): ManifestNode {
  const text = JSON.stringify(document);
  const manifest = parseManifest(text, undefined, 'test');
  return { digest: sha256(text), mediaType: manifest.mediaType, text, manifest };
}

const blob = (name: string | number, size = 10) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256(String(name)), size });
const entry = ({ digest, text, mediaType }: ManifestNode, more: object = {}) => ({ mediaType, digest, size: text.length, ...more });
const image = (layers: readonly object[], more: object = {}) => node({ schemaVersion: 2, mediaType: OCI_IMAGE, config: blob(`config ${JSON.stringify([layers, more])}`, 3), layers, ...more });
const index = (entries: readonly object[], more: object = {}) => node({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries, ...more });
const mapOf = (nodes: readonly ManifestNode[]) => new Map(nodes.map((one) => [one.digest, one]));

/** A tree of images and indexes over few blobs, with referrers at any of them, and any part of it present. */
const contents = fc.record({
  images: fc.array(fc.array(fc.record({ name: fc.integer({ min: 0, max: 6 }), size: fc.integer({ min: 1, max: 4 }) }), { maxLength: 4 }), { minLength: 1, maxLength: 5 }),
  nested: fc.boolean(),
  referrers: fc.array(fc.nat(10), { maxLength: 4 }),
  tags: fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c'), { maxLength: 3 }),
  present: fc.infiniteStream(fc.boolean()),
}).map(({ images, nested, referrers, tags, present }) => {
  // One size for one digest.
  const leaves = images.map((layers, i) => image(layers.map(({ name }) => blob(name, name * 100 + 1)), { annotations: { i: String(i) } }));
  const inner = nested ? [index(leaves.slice(0, 2).map((one) => entry(one)))] : [];
  const root = index([...inner, ...leaves].map((one) => entry(one)));
  const tree = [...leaves, ...inner, root];
  const belonging: ManifestNode[] = [];
  for (const at of referrers) {
    const all = [...tree, ...belonging];
    belonging.push(image([blob(`sbom ${belonging.length}`, 7)], { subject: entry(all[at % all.length]) }));
  }
  const nodes = mapOf([...tree, ...belonging]);
  const content: CopyContent = {
    root: root.digest, referrers: belonging.map(({ digest }) => digest), nodes, tags,
    referrerTags: belonging.slice(0, 1).map(({ digest }) => ({ tag: 'sig', digest })),
  };
  const chance = present[Symbol.iterator]();
  const some = (digests: Iterable<string>) => new Set([...digests].filter(() => chance.next().value === true));
  const manifests = some(nodes.keys());
  const blobs = some([...nodes.values()].flatMap((one) => blobsOf(one).map(({ digest }) => digest)));
  const tagged = new Map(tags.filter(() => chance.next().value === true).map((tag) => [tag, chance.next().value ? root.digest : leaves[0].digest]));
  return { content, presence: { manifests, blobs, tags: tagged } };
});

test('children come before their index, subjects before their referrers, and nothing comes twice', () => {
  fc.assert(fc.property(contents, ({ content, presence }) => {
    const order = planCopy(content, presence).manifests.map(({ digest }) => digest);
    expect(new Set(order).size).toBe(order.length);
    for (const { digest, manifest } of content.nodes.values()) {
      const before = [...manifest.kind === 'index' ? manifest.manifests : [], ...manifest.subject ? [manifest.subject] : []];
      for (const one of before) {
        if (order.includes(digest) && order.includes(one.digest)) {
          expect(order.indexOf(one.digest)).toBeLessThan(order.indexOf(digest));
        }
      }
    }
  }));
});

test('what is missing is planned, and what is present is not', () => {
  fc.assert(fc.property(contents, ({ content, presence }) => {
    const plan = planCopy(content, presence);
    const missing = [...content.nodes.values()].filter(({ digest }) => !presence.manifests.has(digest));
    expect(new Set(plan.manifests.map(({ digest }) => digest))).toEqual(new Set(missing.map(({ digest }) => digest)));
    const needed = new Set(missing.flatMap((one) => blobsOf(one).map(({ digest }) => digest)).filter((digest) => !presence.blobs.has(digest)));
    expect(plan.blobs.map(({ digest }) => digest).sort()).toEqual([...needed].sort());
    expect(plan.tags).toEqual(content.tags.filter((tag) => presence.tags.get(tag) !== content.root));
    expect(plan.manifests.length + plan.present.manifests).toBe(content.nodes.size);
  }));
});

test('the largest blobs come first', () => {
  fc.assert(fc.property(contents, ({ content, presence }) => {
    const sizes = planCopy(content, presence).blobs.map(({ size }) => size);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  }));
});

test('a layer that is kept elsewhere does not move', () => {
  const foreign = { ...blob('windows'), mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', urls: ['https://mcr.example/x'] };
  const one = image([foreign, blob('own')]);
  const plan = planCopy({ root: one.digest, referrers: [], referrerTags: [], tags: [], nodes: mapOf([one]) }, { manifests: new Set(), blobs: new Set(), tags: new Map() });
  expect(plan.blobs.map(({ digest }) => digest)).not.toContain(foreign.digest);
  expect(plan.blobs).toHaveLength(2);
});

describe('an index cut to platforms', () => {
  const amd64 = image([blob('amd')]);
  const arm64 = image([blob('arm')]);
  const v7 = image([blob('v7')]);
  const attests = (of: ManifestNode) => image([blob(`attestation ${of.digest}`)]);
  const attested = (of: ManifestNode) => entry(attests(of), {
    platform: { os: 'unknown', architecture: 'unknown' }, annotations: { 'vnd.docker.reference.digest': of.digest, 'vnd.docker.reference.type': 'attestation-manifest' },
  });
  const entries = [
    entry(amd64, { platform: { os: 'linux', architecture: 'amd64' } }), entry(arm64, { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }),
    entry(v7, { platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }), attested(amd64), attested(arm64), attested(v7),
  ];
  const root = index(entries, { annotations: { kept: 'yes' } });
  const nodes = mapOf([root, amd64, arm64, v7]);
  const select = (...platforms: string[]) => selectPlatforms(root, nodes, platforms.map(parsePlatform), sha256);

  test('to one platform is that image, as it is', () => {
    expect(select('linux/arm64')).toEqual({ root: arm64.digest, made: [] });
  });

  test('to several is the same document with fewer entries, attestations with their images', () => {
    const { root: digest, made } = select('linux/arm64', 'linux/amd64');
    expect(made.map((one) => one.digest)).toEqual([digest]);
    expect(sha256(made[0].text)).toBe(digest);
    expect(JSON.parse(made[0].text)).toEqual({ ...JSON.parse(root.text), manifests: [entries[0], entries[1], entries[3], entries[4]] });
    expect(parseManifest(made[0].text, undefined, 'made')).toEqual(made[0].manifest);
  });

  test('to all that it has is itself', () => {
    expect(select('linux/arm64', 'linux/amd64', 'linux/arm')).toEqual({ root: root.digest, made: [] });
  });

  test('to one that it has not is refused, with those that it has', () => {
    expect(() => select('linux/arm64', 'linux/s390x')).toThrow(/DD-COPY-006.*not for linux\/s390x.*linux\/amd64, linux\/arm64\/v8, linux\/arm\/v7/s);
  });

  test('goes into indexes that it lists', () => {
    const inner = index(entries.slice(0, 2));
    const outer = index([entry(inner), entries[2]]);
    const all = mapOf([outer, inner, amd64, arm64, v7]);
    const { root: digest, made } = selectPlatforms(outer, all, [parsePlatform('linux/amd64'), parsePlatform('linux/arm')], sha256);
    expect(made).toHaveLength(2);
    const [newInner, newOuter] = made;
    expect(newOuter.digest).toBe(digest);
    const listed = (JSON.parse(newOuter.text) as { manifests: Descriptor[] }).manifests;
    expect(listed[0]).toMatchObject({ digest: newInner.digest, size: Buffer.byteLength(newInner.text) });
    const order = putOrder({ root: digest, referrers: [], nodes: new Map([...all, ...mapOf(made)]) });
    expect(order.map((one) => one.digest)).toEqual([amd64.digest, newInner.digest, v7.digest, digest]);
  });
});
