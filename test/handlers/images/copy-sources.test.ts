import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { pack } from 'tar-stream';
import { hex, imageWorld, NAME, tagged } from './support';
import { loginIn } from '../../../src/handlers/images/registry-secret';
import { IMAGE_COPY_TYPE } from '../../../src/image-resources';
import { Content, sha256 } from '../../copy/images';
import { scriptedRegistry } from '../../copy/scripted-registry';
import { haveMoto, Moto, startMoto } from '../../moto';
import { Properties, World } from '../support';

if (!haveMoto) {
  test.skip('moto_server is not installed: copies from files in S3, and with logins in Secrets Manager, are not tried', () => undefined);
}

const copyOf = (source: Properties, more: Properties = {}): Properties => ({
  RepositoryName: NAME, Source: source, ImageTags: ['1.0'], Referrers: true, RemovalPolicy: 'retain', TimeoutSeconds: 900, ...more,
});

/** Files as one tar. */
async function tarOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of Object.entries(files)) {
    tar.entry({ name }, bytes);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function layoutOf(content: Content, root: string): Record<string, string | Buffer> {
  const stored = content.manifests.get(root) as { mediaType: string; text: string };
  return {
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [{ mediaType: stored.mediaType, digest: root, size: Buffer.byteLength(stored.text) }] }),
    ...Object.fromEntries([...content.blobs].map(([digest, bytes]) => [`blobs/sha256/${hex(digest)}`, bytes])),
    ...Object.fromEntries([...content.manifests].map(([digest, { text }]) => [`blobs/sha256/${hex(digest)}`, text])),
  };
}

(haveMoto ? describe : describe.skip)('a copy', () => {
  let moto: Moto;
  let world: World;
  beforeAll(async () => {
    moto = await startMoto();
    await fetch(`${moto.endpoint}/files`, { method: 'PUT', headers: s3Headers });
  });
  afterAll(() => moto.stop());
  beforeEach(async () => {
    world = await imageWorld({ allowMissingLayers: false, endpoints: { s3: moto.endpoint, secretsManager: moto.endpoint } });
  });
  const s3Headers = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260131/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0' };
  const upload = async (key: string, body: Buffer) => {
    const response = await fetch(`${moto.endpoint}/files/${key}`, { method: 'PUT', body: new Uint8Array(body), headers: s3Headers });
    expect(response.status).toBe(200);
  };

  test('of an OCI layout in S3 has every platform, byte for byte', async () => {
    const content = new Content();
    const { index } = content.multi('app', [100_000, 2_000]);
    await upload('layout.tar', await tarOf(layoutOf(content, index.digest)));
    const { status, reason, data } = await world.create(IMAGE_COPY_TYPE, copyOf({ Type: 'oci-layout', Bucket: 'files', Key: 'layout.tar' }));
    expect([status, reason]).toEqual(['SUCCESS', '']);
    expect([data.DigestHex, tagged(world, '1.0')]).toEqual([hex(index.digest), index.digest]);
    expect(world.emulator.inventory(NAME).imageDetails).toHaveLength(5);
  });

  test('of what docker save wrote is an image with the layers of the archive', async () => {
    const layer = await tarOf({ 'hello.txt': 'hello' });
    const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [sha256(layer)] }, config: {} });
    const name = `${hex(sha256(config))}.json`;
    await upload('saved.tar', await tarOf({ 'manifest.json': JSON.stringify([{ Config: name, RepoTags: ['app:1.0'], Layers: ['a/layer.tar'] }]), [name]: config, 'a/layer.tar': layer }));
    const { status, reason } = await world.create(IMAGE_COPY_TYPE, copyOf({ Type: 'docker-archive', Bucket: 'files', Key: 'saved.tar', Image: 'app:1.0' }));
    expect([status, reason]).toEqual(['SUCCESS', '']);
    expect(world.callsOf('CompleteLayerUpload').flatMap(({ layerDigests }) => layerDigests)).toContain(sha256(config));
  });

  test.each<[string, () => Promise<Properties>, RegExp]>([
    ['an object that is not there', async () => ({ Type: 'oci-layout', Bucket: 'files', Key: 'none.tar' }), /^DD-COPY-027 at s3:\/\/files\/none\.tar/],
    ['a file that is no tar', async () => (await upload('noise', Buffer.alloc(4_096, 7)), { Type: 'oci-layout', Bucket: 'files', Key: 'noise' }), /^DD-COPY-02[789]/],
    ['an empty file', async () => (await upload('empty', Buffer.alloc(0)), { Type: 'docker-archive', Bucket: 'files', Key: 'empty' }), /^DD-COPY-02[78]/],
    ['a name that leads out of the archive', async () => {
      const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [sha256('x')] } });
      await upload('evil', await tarOf({ 'manifest.json': JSON.stringify([{ Config: 'c.json', RepoTags: ['app:1.0'], Layers: ['../../etc/passwd'] }]), 'c.json': config }));
      return { Type: 'docker-archive', Bucket: 'files', Key: 'evil' };
    }, /^DD-COPY-02[78]/],
  ])('of %s fails by its code and puts nothing', async (_, source, code) => {
    const { status, reason } = await world.create(IMAGE_COPY_TYPE, copyOf(await source()));
    expect([status, reason]).toEqual(['FAILED', expect.stringMatching(code)]);
    expect(world.emulator.inventory(NAME).imageDetails).toEqual([]);
  });

  describe('from a registry with a login', () => {
    const PASSWORD = 'hunter2-and-more';
    let front: Server;
    let host: string;
    let content: Content;
    let secrets = 0;
    const secret = async (SecretString: string) => (await moto.call('secretsmanager.CreateSecret', { Name: `login-${secrets += 1}`, SecretString })).ARN as string;

    /** In front of a registry: asks for user name and password. */
    beforeEach(async () => {
      content = new Content();
      content.image('private', [1_000], { tag: '1.0' });
      const registry = await scriptedRegistry(content);
      const expected = `Basic ${Buffer.from(`robot:${PASSWORD}`).toString('base64')}`;
      front = createServer(async (request, response) => {
        if (request.headers.authorization !== expected) {
          response.writeHead(401, { 'www-authenticate': 'Basic realm="private"' }).end();
          return;
        }
        const answer = await fetch(`http://${registry.host}${request.url}`, { method: request.method });
        const body = Buffer.from(await answer.arrayBuffer());
        response.writeHead(answer.status, { ...Object.fromEntries([...answer.headers].filter(([name]) => /^(content-type|docker-content-digest)$/.test(name))), 'content-length': body.length }).end(body);
      });
      front.on('close', () => void registry.stop());
      await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
      host = `127.0.0.1:${(front.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      front.closeAllConnections();
      front.close();
    });
    const registrySourceOf = (arn: string) => ({ Type: 'registry', Reference: `${host}/app:1.0`, CredentialsSecretArn: arn });

    test.each<[string, () => string]>([
      ['user name and password', () => JSON.stringify({ username: 'robot', password: PASSWORD })],
      ['a docker configuration', () => JSON.stringify({ auths: { [host]: { auth: Buffer.from(`robot:${PASSWORD}`).toString('base64') } } })],
    ])('of %s reads it when it copies; neither log nor answer holds it', async (_, text) => {
      const arn = await secret(text());
      const { status, reason, bytes } = await world.create(IMAGE_COPY_TYPE, copyOf(registrySourceOf(arn)));
      expect([status, reason]).toEqual(['SUCCESS', '']);
      expect(tagged(world, '1.0')).toBe(content.tags.get('1.0'));
      expect(`${world.lines.join('\n')}${bytes}`).not.toMatch(new RegExp(`${PASSWORD}|${Buffer.from(`robot:${PASSWORD}`).toString('base64')}`));
    });

    test('that is wrong is refused by the registry, and the refusal does not quote it', async () => {
      const arn = await secret(JSON.stringify({ username: 'robot', password: `${PASSWORD}-wrong` }));
      const { status, reason } = await world.create(IMAGE_COPY_TYPE, copyOf(registrySourceOf(arn)));
      expect([status, reason]).toEqual(['FAILED', expect.stringMatching(/^DD-COPY-021/)]);
      expect(`${world.lines.join('\n')}${reason}`).not.toContain(PASSWORD);
    });

    test('of a secret that is not there, or holds something else, says which secret', async () => {
      const gone = await world.create(IMAGE_COPY_TYPE, copyOf(registrySourceOf('arn:aws:secretsmanager:us-east-1:123456789012:secret:gone-AbCdEf')));
      expect(gone.reason).toMatch(/^DD-HANDLER-008 at secretsmanager:GetSecretValue: ResourceNotFoundException/);
      const arn = await secret(`{"user":"robot","pass":"${PASSWORD}"}`);
      const odd = await world.create(IMAGE_COPY_TYPE, copyOf(registrySourceOf(arn)));
      expect(odd.reason).toMatch(/^DD-COPY-060 at arn:aws:secretsmanager.*it has no username and password/);
      expect(odd.reason).not.toContain(PASSWORD);
    });
  });
});

describe('a login in a secret', () => {
  const auth = (text: string) => Buffer.from(text).toString('base64');
  test.each<[string, string, object]>([
    ['{"username":"u","password":"p:q"}', 'ghcr.io', { username: 'u', password: 'p:q' }],
    [`{"auths":{"ghcr.io":{"auth":"${auth('u:p:q')}"}}}`, 'ghcr.io', { username: 'u', password: 'p:q' }],
    [`{"auths":{"https://ghcr.io/v2/":{"auth":"${auth('u:p')}"}}}`, 'ghcr.io', { username: 'u', password: 'p' }],
    [`{"auths":{"https://index.docker.io/v1/":{"auth":"${auth('u:p')}"}}}`, 'docker.io', { username: 'u', password: 'p' }],
    ['{"auths":{"r.example":{"username":"u","password":"p"}}}', 'r.example', { username: 'u', password: 'p' }],
    ['{"auths":{"r.example":{"identitytoken":"t"}}}', 'r.example', { identityToken: 't' }],
  ])('%s is one for %s', (text, host, login) => {
    expect(loginIn(text, host, 'arn')).toEqual(login);
  });

  test.each([
    ['nothing like JSON', 'is not JSON'], ['"text"', 'no JSON object'], ['[]', 'no JSON object'], ['{}', 'no username and password'], ['{"username":"u"}', 'no username and password'],
    ['{"auths":{}}', 'auths are empty'], ['{"auths":{"other.example":{"auth":"x"}}}', 'for other.example'], ['{"auths":{"ghcr.io":{"auth":"bm9jb2xvbg=="}}}', 'not the base64 of NAME:PASSWORD'],
  ])('%s is none, and says why', (text, why) => {
    expect(() => loginIn(text, 'ghcr.io', 'arn')).toThrow(why);
  });
});
