import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { bytesOf, Content, Descriptor, sha256 } from './images';
import { closeLater, desk, failure, from, serve } from './support';
import { dockerArchiveSource, ecrSource, fileReader, layoutDirectorySource, layoutSource } from '../../src/copy';
import { TarIndex } from '../../src/copy/tar-index';
import { parsePlatform } from '../../src/images/platform';

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'drydock-copy-'));
  closeLater(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

type File = { readonly name: string; readonly content?: Buffer | string; readonly linkname?: string };

async function tar(files: readonly File[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, content = '', linkname } of files) {
    archive.entry(linkname === undefined ? { name } : { name, type: 'symlink', linkname }, linkname === undefined ? content : undefined as never);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function tarFile(files: readonly File[]): Promise<string> {
  const path = join(directory(), 'image.tar');
  writeFileSync(path, await tar(files));
  return path;
}

/** The files of an OCI layout. */
function layoutFiles(content: Content, entries: readonly (Descriptor & { annotations?: object })[]): File[] {
  const blobs = [...[...content.blobs].map(([digest, bytes]) => [digest, bytes] as const), ...[...content.manifests.values()].map(({ digest, text }) => [digest, text] as const)];
  return [
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests: entries }) },
    ...blobs.map(([digest, bytes]) => ({ name: `blobs/sha256/${digest.slice(7)}`, content: bytes })),
  ];
}

function write(files: readonly File[]): string {
  const path = directory();
  mkdirSync(join(path, 'blobs', 'sha256'), { recursive: true });
  files.forEach(({ name, content = '' }) => writeFileSync(join(path, name), content));
  return path;
}

const named = (descriptor: Descriptor, name: string) => ({ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } });

describe('an OCI layout', () => {
  const content = new Content();
  const { index, arm64 } = content.multi('app', [5_000, 70_000]);
  const sbom = content.referrer(index, 'sbom');
  const signature = content.image('signature', [50]);
  const other = content.image('other', [60]);
  const files = layoutFiles(content, [named(index, '1.2'), named(other, 'docker.io/library/other:x'), sbom, named(signature, `sha256-${index.digest.slice(7)}.sig`)]);

  test.each(['directory', 'archive'])('is copied from a %s, with referrers and signatures', async (kind) => {
    const { create, copy, manifest } = await desk();
    await create('app');
    const source = kind === 'directory' ? layoutDirectorySource(write(files), { reference: '1.2' }) : layoutSource(await fileReader(await tarFile(files)), { reference: '1.2' });
    const tag = `sha256-${index.digest.slice(7)}.sig`;
    expect(await copy(source, 'app')).toMatchObject({
      finished: true, digest: index.digest, referrers: expect.arrayContaining([sbom.digest, signature.digest]), put: { tags: ['latest'], referrerTags: [tag] },
    });
    expect(await manifest('app', { imageTag: tag })).toBe(content.manifests.get(signature.digest)?.text);
    expect(await manifest('app', { imageDigest: sbom.digest })).toBe(content.manifests.get(sbom.digest)?.text);
  });

  test('is cut to a platform, or copied without what belongs to it', async () => {
    const { create, copy, describe: list } = await desk();
    await create('app');
    const source = () => layoutDirectorySource(write(files), { reference: '1.2' });
    expect(await copy(source(), 'app', { platforms: [parsePlatform('linux/arm64')], referrers: false })).toMatchObject({ digest: arm64.digest, sourceDigest: index.digest });
    expect((await list('app')).map(({ imageDigest }) => imageDigest)).toEqual([arm64.digest]);
    expect((await failure(copy(source(), 'app', { platforms: [parsePlatform('linux/s390x')] }))).code).toBe('DD-COPY-006');
  });

  test('names its images when the choice is not clear', async () => {
    const { create, copy } = await desk();
    await create('app');
    const path = write(files);
    expect(await failure(copy(layoutDirectorySource(path), 'app'))).toMatchObject({ code: 'DD-COPY-028', message: expect.stringMatching(/2 images.*1\.2, docker.io\/library\/other:x/) });
    expect((await failure(copy(layoutDirectorySource(path, { reference: 'nosuch' }), 'app'))).code).toBe('DD-COPY-028');
    expect(await copy(layoutDirectorySource(path, { reference: 'x' }), 'app')).toMatchObject({ digest: other.digest });
    expect(await copy(layoutDirectorySource(path, { reference: arm64.digest }), 'app')).toMatchObject({ digest: arm64.digest });
  });

  test.each<[string, (all: File[]) => File[], string]>([
    ['no oci-layout', (all) => all.slice(1), 'DD-COPY-027'],
    ['no index.json', (all) => all.filter(({ name }) => name !== 'index.json'), 'DD-COPY-027'],
    ['an index.json that is no JSON', (all) => all.map((file) => (file.name === 'index.json' ? { ...file, content: '{' } : file)), 'DD-COPY-004'],
    ['a blob that is cut short', (all) => all.map((file) => (Buffer.isBuffer(file.content) && file.content.length === 70_000 ? { ...file, content: file.content.subarray(9) } : file)), 'DD-COPY-024'],
    ['a blob with other bytes', (all) => all.map((file) => (Buffer.isBuffer(file.content) && file.content.length === 70_000 ? { ...file, content: Buffer.alloc(70_000) } : file)), 'DD-COPY-024'],
    ['a manifest with other bytes', (all) => all.map((file) => (file.name.endsWith(index.digest.slice(7)) ? { ...file, content: '{}' } : file)), 'DD-COPY-024'],
    ['a layer that is missing', (all) => all.filter(({ content: bytes }) => !(Buffer.isBuffer(bytes) && bytes.length === 70_000)), 'DD-COPY-020'],
  ])('with %s is refused and nothing is tagged', async (_, spoil, code) => {
    const { create, copy, describe: list } = await desk();
    await create('app');
    expect((await failure(copy(layoutDirectorySource(write(spoil(files)), { reference: '1.2' }), 'app'))).code).toBe(code);
    expect((await list('app')).some(({ imageTags }) => imageTags !== undefined)).toBe(false);
  });

  test('that is not there is told by name', async () => {
    const { create, copy } = await desk();
    await create('app');
    expect(await failure(copy(layoutDirectorySource('/nowhere/layout'), 'app'))).toMatchObject({ code: 'DD-COPY-027', message: expect.stringContaining('/nowhere/layout') });
  });
});

describe('a docker archive', () => {
  const layers = [bytesOf('one', 30_000), bytesOf('two', 512)];
  const diffIds = layers.map(sha256);
  const config = JSON.stringify({ os: 'linux', architecture: 'arm64', rootfs: { type: 'layers', diff_ids: [diffIds[0], diffIds[1], diffIds[0]] } });
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  const list = (more: object = {}) => JSON.stringify([{ Config: configName, RepoTags: ['busybox:1.2'], Layers: ['a/layer.tar', 'b/layer.tar', 'c/layer.tar'], ...more }]);
  /** As docker wrote it for ten years: a layer that comes twice is a link. */
  const old: File[] = [
    { name: 'a/layer.tar', content: layers[0] }, { name: 'b/layer.tar', content: layers[1] }, { name: 'c/layer.tar', linkname: '../a/layer.tar' },
    { name: configName, content: config }, { name: 'manifest.json', content: list() },
  ];
  const open = async (files: readonly File[], reference?: string) => dockerArchiveSource(await fileReader(await tarFile(files)), { reference });

  test('gets a manifest, always the same, with its layers as they are', async () => {
    const { create, copy, manifest } = await desk();
    await create('app');
    const first = await copy(await open(old), 'app');
    expect(first).toMatchObject({ finished: true, moved: { blobs: 3 } });
    const stored = JSON.parse(await manifest('app', { imageTag: 'latest' }) ?? '{}') as { layers: Descriptor[]; config: Descriptor };
    expect(stored.config).toMatchObject({ digest: sha256(config), mediaType: 'application/vnd.docker.container.image.v1+json' });
    expect(stored.layers).toEqual([0, 1, 0].map((i) => ({ mediaType: 'application/vnd.docker.image.rootfs.diff.tar', size: layers[i].length, digest: diffIds[i] })));
    expect(await copy(await open([...old].reverse(), 'docker.io/library/busybox:1.2'), 'app')).toMatchObject({ finished: true, moved: { blobs: 0, manifests: 0 } });
  });

  test('with compressed layers under their digests is copied as it is', async () => {
    const zipped = layers.map((layer) => gzipSync(layer));
    const names = zipped.map((layer) => `blobs/sha256/${sha256(layer).slice(7)}`);
    const { create, copy, manifest } = await desk();
    await create('app');
    await copy(await open([
      ...zipped.map((content, i) => ({ name: names[i], content })), { name: configName, content: config }, { name: 'manifest.json', content: list({ Layers: [names[0], names[1], names[0]] }) },
    ]), 'app');
    const stored = JSON.parse(await manifest('app', { imageTag: 'latest' }) ?? '{}') as { layers: Descriptor[] };
    expect(stored.layers[1]).toEqual({ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: zipped[1].length, digest: sha256(zipped[1]) });
  });

  test('for another platform than is wanted is refused', async () => {
    const { create, copy } = await desk();
    await create('app');
    expect(await failure(copy(await open(old), 'app', { platforms: [parsePlatform('linux/amd64')] }))).toMatchObject({ code: 'DD-COPY-006', message: expect.stringContaining('linux/arm64') });
    expect(await copy(await open(old), 'app', { platforms: [parsePlatform('linux/arm64')] })).toMatchObject({ finished: true });
  });

  test.each<[string, File[], string | undefined, string]>([
    ['no manifest.json', old.slice(0, 4), undefined, 'DD-COPY-027'],
    ['a manifest.json that lists nothing', [...old.slice(0, 4), { name: 'manifest.json', content: '[]' }], undefined, 'DD-COPY-027'],
    ['a layer that is not in it', old.slice(1), undefined, 'DD-COPY-027'],
    ['a path that leads out', [...old.slice(0, 4), { name: 'manifest.json', content: list({ Config: '../../etc/passwd' }) }], undefined, 'DD-COPY-027'],
    ['fewer layers than its config knows', [...old.slice(0, 4), { name: 'manifest.json', content: list({ Layers: ['a/layer.tar'] }) }], undefined, 'DD-COPY-027'],
    ['a layer with other bytes than its config knows', [{ name: 'a/layer.tar', content: Buffer.alloc(30_000) }, ...old.slice(1)], undefined, 'DD-COPY-024'],
    ['another name than was asked for', old, 'alpine:1.2', 'DD-COPY-028'],
  ])('with %s is refused', async (_, files, reference, code) => {
    const { create, copy, describe: images } = await desk();
    await create('app');
    expect((await failure(copy(await open(files, reference), 'app'))).code).toBe(code);
    expect(await images('app')).toEqual([]);
  });

  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['compressed', (bytes) => gzipSync(bytes), 'DD-COPY-029'], ['cut short', (bytes) => bytes.subarray(0, 20_000), 'DD-COPY-027'], ['no archive', () => Buffer.from('hello '.repeat(500)), 'DD-COPY-027'],
    ['empty', () => Buffer.alloc(0), 'DD-COPY-027'], ['damaged', (bytes) => Buffer.concat([bytes.subarray(0, 30_720), Buffer.alloc(512, 7), bytes.subarray(31_232)]), 'DD-COPY-027'],
  ])('that is %s says so', async (_, spoil, code) => {
    const path = join(directory(), 'x.tar');
    writeFileSync(path, spoil(await tar(old)));
    const { create, copy } = await desk();
    await create('app');
    expect(await failure(copy(dockerArchiveSource(await fileReader(path)), 'app'))).toMatchObject({ code, message: expect.stringContaining(path) });
  });

  test('that is not there is told by name', async () => {
    expect(await failure(fileReader('/nowhere/x.tar'))).toMatchObject({ code: 'DD-COPY-027', message: expect.stringContaining('ENOENT') });
  });
});

test('names of any length and kind are found in what GNU tar writes', async () => {
  const path = directory();
  const long = `${'d'.repeat(90)}/${'f'.repeat(120)}`;
  mkdirSync(join(path, 'd'.repeat(90)));
  writeFileSync(join(path, long), 'long');
  writeFileSync(join(path, 'grün'), 'umlaut');
  symlinkSync('grün', join(path, 'link'));
  symlinkSync('loop', join(path, 'loop'));
  for (const format of ['gnu', 'posix', 'ustar']) {
    const file = join(directory(), 'x.tar');
    execFileSync('tar', ['-C', path, `--format=${format}`, '-cf', file, './grün', 'link', 'loop', ...(format === 'ustar' ? [] : [long])]);
    const reader = await fileReader(file);
    const signal = new AbortController().signal;
    const index = await TarIndex.read(reader, signal);
    const text = async (name: string) => {
      const span = index.find(name);
      return span && (await reader.read(span.offset, span.size, signal)).toString();
    };
    expect(await Promise.all(['grün', './link', 'loop', 'nosuch'].map(text))).toEqual(['umlaut', 'umlaut', undefined, undefined]);
    expect(await text(long)).toBe(format === 'ustar' ? undefined : 'long');
    await reader.close();
  }
});

describe('referrers', () => {
  const content = new Content();
  const { index, amd64 } = content.multi('app', [500], 'latest');
  const sbom = content.referrer(index, 'sbom');
  const ofSbom = content.referrer(sbom, 'signature of the SBOM');
  const ofChild = content.referrer(amd64, 'signature of a platform');
  const cosign = content.image('cosign', [40], { tag: `sha256-${index.digest.slice(7)}.sig` });
  const all = [sbom, ofSbom, ofChild, cosign].map(({ digest }) => digest);

  test.each([[true, 'by the API'], [false, 'by the tag that stands in for it']])('of everything and of each other come along, found %s (%s)', async (referrersApi) => {
    const served = new Content();
    [...content.manifests].forEach(([digest, manifest]) => served.manifests.set(digest, manifest));
    [...content.blobs].forEach(([digest, bytes]) => served.blobs.set(digest, bytes));
    [...content.tags].forEach(([tag, digest]) => served.tags.set(tag, digest));
    if (!referrersApi) {
      for (const [subject, referrer] of [[index, sbom], [sbom, ofSbom], [amd64, ofChild]]) {
        served.index([{ ...referrer, artifactType: 'application/vnd.example.sbom.v1' }], { tag: `sha256-${subject.digest.slice(7)}` });
      }
    }
    const { create, copy, describe: list } = await desk();
    await create('app');
    const outcome = await copy(from(await serve(served, undefined, { referrersApi })), 'app');
    expect(outcome).toMatchObject({ finished: true, digest: index.digest });
    expect(outcome.finished && [...outcome.referrers].sort()).toEqual([...all].sort());
    expect((await list('app')).map(({ imageDigest }) => imageDigest)).toEqual(expect.arrayContaining(all));
  });

  test('go from one repository of ECR to another, and stay behind when they are not wanted', async () => {
    const { create, copy, connection, manifest, describe: list, taken } = await desk();
    await create('first');
    await create('second');
    await create('third');
    await copy(from(await serve(content)), 'first');
    const source = () => ecrSource(connection, { repositoryName: 'first', reference: 'latest' });
    taken();
    const outcome = await copy(source(), 'second');
    expect(outcome).toMatchObject({ finished: true, digest: index.digest });
    expect(outcome.finished && [...outcome.referrers].sort()).toEqual([...all].sort());
    expect(await manifest('second', { imageTag: 'latest' })).toBe(content.manifests.get(index.digest)?.text);
    expect(await copy(source(), 'third', { referrers: false })).toMatchObject({ referrers: [] });
    expect((await list('third')).map(({ imageDigest }) => imageDigest)).not.toEqual(expect.arrayContaining([sbom.digest]));
    taken();
    expect(await copy(source(), 'second')).toMatchObject({ moved: { blobs: 0, manifests: 0 }, put: { tags: [] } });
    expect(taken().filter((operation) => /Upload|Put|Layer/.test(operation))).toEqual([]);
  });

  test('a child without its blobs at the source, and a repository that is not there, have their code', async () => {
    const { create, copy, connection } = await desk({ allowMissingLayers: true });
    await create('app');
    expect((await failure(copy(ecrSource(connection, { repositoryName: 'nowhere', reference: 'x' }), 'app'))).code).toBe('DD-COPY-020');
    expect((await failure(copy(ecrSource(connection, { repositoryName: 'app', reference: 'x' }), 'app'))).code).toBe('DD-COPY-020');
  });
});

test('a layer that ECR hands out is read on after a cut, and from a new URL when the old one has expired', async () => {
  const content = new Content();
  const { digest } = content.image('app', [3_000_000], { tag: 'latest' });
  const { create, copy, connection } = await desk({
    intercept: ({ operation, phase, number }) => (operation !== 'DownloadLayer' || phase !== 'before' ? undefined
      : number === 1 ? { disconnect: true, afterBytes: 1_000_000 } : number === 2 ? { error: { type: 'AccessDenied', message: 'Request has expired', statusCode: 403 } } : undefined),
  });
  await create('first');
  await create('second');
  await copy(from(await serve(content)), 'first');
  expect(await copy(ecrSource(connection, { repositoryName: 'first', reference: digest }), 'second')).toMatchObject({ finished: true, digest });
});

test('wrong bytes from where ECR keeps its layers are noticed', async () => {
  const content = new Content();
  content.image('app', [3_000], { tag: 'latest' });
  const { create, copy, connection, describe: list } = await desk({ intercept: ({ operation, phase }) => (operation === 'DownloadLayer' && phase === 'before' ? { corrupt: true } : undefined) });
  await create('first');
  await create('second');
  await copy(from(await serve(content)), 'first');
  expect((await failure(copy(ecrSource(connection, { repositoryName: 'first', reference: 'latest' }), 'second'))).code).toBe('DD-COPY-024');
  expect(await list('second')).toEqual([]);
});
