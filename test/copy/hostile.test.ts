import { gzipSync } from 'node:zlib';
import { Content, Descriptor, sha256 } from './images';
import { Script } from './scripted-registry';
import { closeLater, desk, failure, from, serve } from './support';
import { ecrSource } from '../../src/copy';
import { ImageData } from '../../src/ecr/images-data';
import { OCI_IMAGE, OCI_INDEX, OCI_LAYER } from '../../src/images/media-types';

async function copying(content: Content, script?: Script, more: object = {}) {
  const registry = await serve(content, script);
  const { create, copy, describe: list } = await desk();
  await create('app');
  return { registry, list, run: () => copy(from(registry), 'app', { referrers: false, ...more }) };
}

/** A registry whose image is what the test says, with the code that a copy of it fails with, and nothing put. */
async function codeOf(content: Content, script?: Script, more: object = {}): Promise<string> {
  const { run, list } = await copying(content, script, more);
  const { code } = await failure(run());
  expect(await list('app')).toEqual([]);
  return code;
}

describe('an index', () => {
  test('that lists the same thousand times, in each of five levels, is walked in no time', async () => {
    const content = new Content();
    let below: Descriptor = content.image('app', [100], { extra: {} });
    const platform = { os: 'linux', architecture: 'amd64' };
    for (let level = 0; level < 5; level++) {
      below = content.index(Array.from({ length: 1_000 }, () => (level === 0 ? { ...below, platform } : below)), level === 4 ? { tag: 'latest' } : {});
    }
    const { run, registry } = await copying(content);
    expect(await run()).toMatchObject({ finished: true });
    expect(registry.requests.filter(({ path }) => path.includes('/manifests/'))).toHaveLength(6);
    const cut = await copying(content, undefined, { platforms: [platform] });
    expect(await cut.run()).toMatchObject({ finished: true });
    const { code } = await failure((await copying(content, undefined, { platforms: [{ os: 'plan9', architecture: 'mips' }] })).run());
    expect(code).toBe('DD-COPY-006');
  });

  test('deeper than five levels is refused', async () => {
    const content = new Content();
    let below: Descriptor = content.image('app', [100]);
    for (let level = 0; level < 7; level++) {
      below = content.index([below], level === 6 ? { tag: 'latest' } : {});
    }
    expect(await codeOf(content)).toBe('DD-COPY-007');
  });

  test('cannot list itself: its bytes are not what the digest says', async () => {
    const content = new Content();
    const listed = sha256('itself');
    const index = content.index([{ mediaType: OCI_INDEX, digest: listed, size: 300 }], { tag: 'latest' });
    content.manifests.set(listed, { ...content.manifests.get(index.digest) as never as { mediaType: string; text: string }, digest: listed });
    expect(await codeOf(content)).toBe('DD-COPY-024');
  });

  test.each([[100_000, 'DD-COPY-026'], [20_000, 'DD-COPY-004']])('of %i children is refused', async (children, code) => {
    const content = new Content();
    content.index(Array.from({ length: children }, (_, i) => ({ mediaType: OCI_IMAGE, digest: sha256(`${i}`), size: 300 })), { tag: 'latest' });
    expect(await codeOf(content)).toBe(code);
  });

  test('of more manifests than any image has is refused before all of them are read', async () => {
    const content = new Content();
    const config = content.blob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
    const children = Array.from({ length: 2_100 }, (_, i) => content.manifest({ schemaVersion: 2, mediaType: OCI_IMAGE, config, layers: [], annotations: { i: `${i}` } } as never));
    content.index(children.slice(0, 900).concat(content.index(children.slice(900, 1_500)), content.index(children.slice(1_500))), { tag: 'latest' });
    expect(await codeOf(content)).toBe('DD-COPY-007');
  });

  test.each<[string, (image: Descriptor) => Descriptor[]]>([
    ['as an index, which it is not', (image) => [{ ...image, mediaType: OCI_INDEX }]],
    ['once as an image and once as an index', (image) => [image, { ...image, mediaType: OCI_INDEX }]],
  ])('that lists an image %s is refused', async (_, entries) => {
    const content = new Content();
    content.index(entries(content.image('app', [100])), { tag: 'latest' });
    expect(await codeOf(content)).toBe('DD-COPY-004');
  });
});

test.each<[string, object, string | undefined]>([
  ['that is image and index at once', { manifests: [] }, undefined], ['that says index and comes as an image', { mediaType: OCI_INDEX }, OCI_IMAGE], ['that comes as an index and says image', {}, OCI_INDEX],
])('a manifest %s is refused', async (_, extra, served) => {
  const content = new Content();
  const { digest } = content.image('app', [100], { tag: 'latest', extra });
  if (served !== undefined) {
    content.manifests.set(digest, { ...content.manifests.get(digest) as never as { digest: string; text: string }, mediaType: served });
  }
  expect(await codeOf(content)).toBe('DD-COPY-004');
});

test('nothing is ever fetched from the URLs of a layer, and one that is no base layer of Windows comes from its registry', async () => {
  const elsewhere = await serve(new Content());
  const content = new Content();
  const urls = [`http://${elsewhere.host}/v2/app/blobs/x`, 'http://169.254.169.254/latest/meta-data/'];
  const foreign = { ...content.blob(Buffer.from('base'), 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'), urls };
  const plain = { ...content.blob(Buffer.from('layer'), OCI_LAYER), urls };
  content.image('app', [], { tag: 'latest', extra: { layers: [foreign, plain] } });
  const { registry, run } = await copying(content);
  const outcome = await failure(run()).catch(() => undefined);
  expect(elsewhere.requests).toEqual([]);
  expect(registry.requests.some(({ path }) => path.endsWith(`/blobs/${plain.digest}`))).toBe(true);
  expect(registry.requests.some(({ path }) => path.endsWith(`/blobs/${foreign.digest}`))).toBe(false);
  expect(outcome).toBeUndefined();
});

test.each(['manifests', 'blobs'])('%s that come compressed although nobody asked for it are not blown up, and not believed', async (kind) => {
  const content = new Content();
  content.image('app', [100], { tag: 'latest' });
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  expect(await codeOf(content, ({ path, headers }, response) => {
    expect(headers['accept-encoding']).toBe('identity');
    if (!path.includes(`/${kind}/`)) {
      return undefined;
    }
    response.writeHead(200, { 'content-type': OCI_IMAGE, 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb);
    return true;
  })).toBe(kind === 'manifests' ? 'DD-COPY-004' : 'DD-COPY-024');
});

test.each<[string, string, number, string]>([
  ['a manifest shorter than its length says', 'manifests', 50, 'DD-COPY-023'], ['a layer cut off by its length', 'blobs', -50, 'DD-COPY-023'],
  ['a manifest cut off by its length', 'manifests', -50, 'DD-COPY-004'],
])('%s is not taken for whole', async (_, kind, more, code) => {
  const content = new Content();
  content.image('app', [1_000], { tag: 'latest' });
  const retry = { retryBaseMillis: 1, retryMaxMillis: 2, transientWindowMillis: 30, accessDeniedWindowMillis: 0 };
  expect(await codeOf(content, ({ path }, response) => {
    const name = path.split('/').at(-1) as string;
    const bytes = kind === 'manifests' ? Buffer.from(content.manifests.get(content.tags.get(name) ?? name)?.text ?? '') : content.blobs.get(name) as Buffer;
    if (!path.includes(`/${kind}/`)) {
      return undefined;
    }
    // Written as it is: Node's server would not lie about a length.
    const head = `HTTP/1.1 200 OK\r\ncontent-type: ${OCI_IMAGE}\r\ncontent-length: ${bytes.length + more}\r\nconnection: close\r\n\r\n`;
    response.socket?.end(Buffer.concat([Buffer.from(head), bytes]));
    return true;
  }, { retry })).toBe(code);
});

test.each(['sha256:../../../etc/passwd', '../../../v2/other/manifests/latest', `sha256:${'a'.repeat(63)}/`, `sha512:${'a'.repeat(128)}`, `sha256:${'A'.repeat(64)}`, `${sha256('x')}?a=b`,
  `${sha256('x')}\r\nx: y`])(
  'the digest %j is no digest, and nobody is asked for it', async (digest) => {
    const content = new Content();
    content.index([{ mediaType: OCI_IMAGE, digest, size: 10 }], { tag: 'latest' });
    const { registry, run } = await copying(content);
    expect((await failure(run())).code).toBe('DD-COPY-004');
    expect(registry.requests.map(({ path }) => path)).toEqual(['/v2/app/manifests/latest']);
  });

describe('an ECR that lies about where its layers are', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each([
    ['http://169.254.169.254/latest/meta-data/iam/security-credentials/', 'DD-COPY-025'], ['https://[::ffff:a9fe:a9fe]/x', 'DD-COPY-025'], ['file:///etc/passwd', 'DD-COPY-025'], ['ftp://ecr.example/x', 'DD-COPY-025'], ['nowhere', 'DD-COPY-026'],
  ])('is not followed to %s', async (url, code) => {
    const content = new Content();
    const { digest } = content.image('app', [300], { tag: 'latest' });
    const { create, copy, connection } = await desk();
    await create('first');
    await create('second');
    await copy(from(await serve(content)), 'first');
    jest.spyOn(ImageData.prototype, 'downloadUrl').mockResolvedValue(url);
    expect((await failure(copy(ecrSource(connection, { repositoryName: 'first', reference: digest }), 'second'))).code).toBe(code);
  });

  test.each(['http://10.0.0.1/x', 'https://127.0.0.1:1/x', 'https://localhost:1/x'])('cannot send a function of Lambda to %s', async (url) => {
    const content = new Content();
    const { digest } = content.image('app', [300], { tag: 'latest' });
    const { create, copy, connection } = await desk();
    await create('first');
    await copy(from(await serve(content)), 'first');
    jest.spyOn(ImageData.prototype, 'downloadUrl').mockResolvedValue(url);
    // As AWS is: asked by TLS.
    const source = ecrSource({ ...connection, isPlainEcr: false }, { repositoryName: 'first', reference: digest });
    closeLater(() => source.close());
    const patience = { retryBaseMillis: 1, retryMaxMillis: 2, transientWindowMillis: 20, accessDeniedWindowMillis: 0 };
    const reading = { signal: new AbortController().signal, elapsed: () => 0, log: () => undefined, retry: patience };
    const layer = { mediaType: OCI_LAYER, digest: [...content.blobs.keys()][0], size: 300 };
    expect((await failure(source.blob(reading, layer as never, 0))).code).toBe('DD-COPY-025');
  });
});
