import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { Content, Descriptor, Stored } from './images';
import { closeLater, desk, failure } from './support';
import { registrySource } from '../../src/copy';

/** What is not installed is skipped by name. */
const have = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const withRegistry = have('docker-registry') ? test : test.skip;
const withBoth = have('docker-registry') && have('skopeo') ? test : test.skip;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Debian's docker-registry, with what is pushed to it. */
async function dockerRegistry(htpasswd?: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-registry-'));
  const port = await freePort();
  const auth = htpasswd === undefined ? '' : `auth:\n  htpasswd:\n    realm: here\n    path: ${join(directory, 'htpasswd')}\n`;
  writeFileSync(join(directory, 'htpasswd'), htpasswd ?? '');
  const settings = `log:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: ${directory}/data\nhttp:\n  addr: 127.0.0.1:${port}\n`;
  writeFileSync(join(directory, 'config.yml'), `version: 0.1\n${settings}${auth}`);
  const process: ChildProcess = spawn('docker-registry', ['serve', join(directory, 'config.yml')], { stdio: 'ignore' });
  closeLater(async () => {
    await new Promise((resolve) => {
      process.once('exit', resolve);
      process.kill();
    });
    rmSync(directory, { recursive: true, force: true });
  });
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await fetch(`http://127.0.0.1:${port}/v2/`).then(({ status }) => status < 500, () => false)) {
      return `127.0.0.1:${port}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('docker-registry does not start.');
}

async function push(host: string, content: Content, headers: Record<string, string> = {}): Promise<void> {
  for (const [digest, bytes] of content.blobs) {
    const started = await fetch(`http://${host}/v2/app/blobs/uploads/`, { method: 'POST', headers });
    const where = new URL(started.headers.get('location') ?? '', `http://${host}`);
    where.searchParams.set('digest', digest);
    expect((await fetch(where, { method: 'PUT', headers: { ...headers, 'content-type': 'application/octet-stream' }, body: new Uint8Array(bytes) })).status).toBe(201);
  }
  const named = [...content.manifests].map(([digest, manifest]) => ({ name: digest, manifest }));
  const tagged = [...content.tags].map(([tag, digest]) => ({ name: tag, manifest: content.manifests.get(digest) as Stored }));
  for (const { name, manifest } of [...named, ...tagged]) {
    const put = await fetch(`http://${host}/v2/app/manifests/${name}`, { method: 'PUT', headers: { ...headers, 'content-type': manifest.mediaType }, body: manifest.text });
    expect(put.status).toBe(201);
  }
}

const source = (host: string, more: object = {}) => registrySource({ host, repository: 'app', reference: 'latest', plainHttp: true, ...more });

/** Docker's own types: an index, and a signature as cosign stores it, since this registry knows no referrers. */
function signedImage(): { content: Content; index: Descriptor; signature: Descriptor } {
  const content = new Content();
  const images = ['amd64', 'arm64'].map((architecture) => content.image(`app ${architecture}`, [11 * 1_048_576, 2_000], { platform: { os: 'linux', architecture }, docker: true }));
  const index = content.index(images.map((image, i) => ({ ...image, platform: { os: 'linux', architecture: ['amd64', 'arm64'][i] } })), { tag: 'latest', docker: true });
  const signature = content.image('signature', [70], { tag: `sha256-${index.digest.slice(7)}.sig` });
  return { content, index, signature };
}

withRegistry('an image of a real docker-registry is copied byte for byte, with the signature that cosign left there', async () => {
  const { content, index, signature } = signedImage();
  const host = await dockerRegistry();
  await push(host, content);
  const { create, copy, manifest } = await desk();
  await create('app');
  expect(await copy(source(host), 'app')).toMatchObject({ finished: true, digest: index.digest, referrers: [signature.digest] });
  expect(await manifest('app', { imageTag: 'latest' })).toBe(content.manifests.get(index.digest)?.text);
  expect(await manifest('app', { imageTag: `sha256-${index.digest.slice(7)}.sig` })).toBe(content.manifests.get(signature.digest)?.text);
  expect(await copy(source(host), 'app')).toMatchObject({ moved: { blobs: 0, bytes: 0, manifests: 0 } });
});

withRegistry('a real docker-registry that wants a password is told one, and a wrong one has a code', async () => {
  const { content, index } = signedImage();
  // user: me, password: secret
  const host = await dockerRegistry('me:$2y$05$AqtQ0Hgr2ORO9K0zMnNnTO/H7lrtY3o5aHlnFLK.rxFkR3nIrBPgi\n');
  const credentials = { username: 'me', password: 'secret' };
  const accepted = await fetch(`http://${host}/v2/`, { headers: { authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` } });
  expect(accepted.status).toBe(200);
  await push(host, content, { authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` });
  const { create, copy } = await desk();
  await create('app');
  expect(await copy(source(host, { credentials }), 'app')).toMatchObject({ finished: true, digest: index.digest });
  expect((await failure(copy(source(host), 'app'))).code).toBe('DD-COPY-021');
  expect((await failure(copy(source(host, { credentials: { username: 'me', password: 'no' } }), 'app'))).code).toBe('DD-COPY-021');
});

withBoth('skopeo reads from ECR what was copied there, byte for byte what it reads from the source', async () => {
  const { content } = signedImage();
  const host = await dockerRegistry();
  await push(host, content);
  const { create, copy, connection, emulator } = await desk();
  await create('app');
  await create('second');
  await copy(source(host), 'app');
  const { authorizationData } = await connection.ecr.send(new GetAuthorizationTokenCommand({}));
  const login = Buffer.from(authorizationData?.[0].authorizationToken ?? '', 'base64').toString();
  const registry = new URL(emulator.endpoint).host;
  const inspect = (at: string, ...more: string[]) => new Promise<string>((resolve, reject) => {
    const child = spawn('skopeo', ['inspect', '--raw', '--tls-verify=false', ...more, `docker://${at}:latest`]);
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    child.on('close', (status) => (status === 0 ? resolve(text) : reject(new Error(`skopeo: ${status}`))));
  });
  const raw = await inspect(`${registry}/app`, '--creds', login);
  expect(raw).toBe(await inspect(`${host}/app`));
  // And by the other door: from ECR's registry protocol to its API.
  const credentials = { username: 'AWS', password: login.slice(4) };
  expect(await copy(registrySource({ host: registry, repository: 'app', reference: 'latest', plainHttp: true, credentials }), 'second')).toMatchObject({ finished: true });
  expect(await inspect(`${registry}/second`, '--creds', login)).toBe(raw);
});
