import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchDeleteImageCommand, DeleteRepositoryCommand, ECRClient, GetDownloadUrlForLayerCommand, PutImageCommand, PutLifecyclePolicyCommand,
} from '@aws-sdk/client-ecr';
import { complete, content, createRepository, digestOf, http, login, MIB, noise, pushContent, pushV2, putManifest, sendPart, startUpload, uploadLayer } from './layers-support';
import { multiArch } from './oci-layout';
import { clientOf, DAY, expireAny, NOW, refusal } from './support';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';

let data: string;
const running = new Map<Emulator, ECRClient>();

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'drydock-layers-'));
});

afterEach(async () => {
  for (const emulator of [...running.keys()]) {
    await stop(emulator);
  }
  rmSync(data, { recursive: true, force: true });
});

async function start(options: EmulatorOptions = {}): Promise<{ emulator: Emulator; client: ECRClient }> {
  const emulator = await startEmulator({ data, ...options });
  const client = clientOf(emulator);
  running.set(emulator, client);
  return { emulator, client };
}

async function stop(emulator: Emulator): Promise<void> {
  running.get(emulator)?.destroy();
  running.delete(emulator);
  await emulator.stop();
}

const blobs = () => readdirSync(join(data, 'blobs', 'sha256')).map((hex) => `sha256:${hex}`).sort();
const uploads = () => readdirSync(join(data, 'uploads'));
const blobFile = (digest: string) => join(data, 'blobs', digest.replace(':', '/'));

async function download(client: ECRClient, layerDigest: string, repositoryName = 'app'): Promise<Buffer> {
  return (await http((await client.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }))).downloadUrl!)).body;
}

describe('a restart', () => {
  test('keeps layers, images, tokens and download URLs', async () => {
    const first = await start({ now: NOW });
    await createRepository(first.client);
    const image = content('a', [noise('a', 2 * MIB)]);
    await pushContent(first.client, image, 'v1');
    const headers = await login(first.client);
    const { downloadUrl } = await first.client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest: digestOf(image.layers[0]) }));
    await stop(first.emulator);

    const second = await start();
    expect(digestOf(await download(second.client, digestOf(image.layers[0])))).toBe(digestOf(image.layers[0]));
    expect((await http(`${second.emulator.endpoint}/v2/app/manifests/v1`, { headers })).body.toString()).toBe(image.manifest);
    const old = new URL(downloadUrl!);
    expect((await http(`${second.emulator.endpoint}${old.pathname}${old.search}`)).body.equals(image.layers[0])).toBe(true);
  });

  test('keeps uploads: they go on where they were, through either door', async () => {
    const first = await start({ now: NOW });
    await createRepository(first.client);
    const bytes = noise('a', 5 * MIB + 1000);
    const uploadId = await startUpload(first.client);
    await sendPart(first.client, uploadId, 0, bytes.subarray(0, 5 * MIB));
    await stop(first.emulator);

    const second = await start();
    expect((await refusal(sendPart(second.client, uploadId, 0, bytes.subarray(0, 5 * MIB)))).error).toMatchObject({ lastValidByteReceived: 5 * MIB - 1 });
    const url = `${second.emulator.endpoint}/v2/app/blobs/uploads/${uploadId}`;
    expect((await http(url, { method: 'PATCH', headers: await login(second.client), body: bytes.subarray(5 * MIB) })).headers.range).toBe(`0-${bytes.length - 1}`);
    expect((await complete(second.client, uploadId, digestOf(bytes))).layerDigest).toBe(digestOf(bytes));
    expect(uploads()).toEqual([]);
  });

  test('removes what nobody refers to', async () => {
    const first = await start({ now: NOW });
    await createRepository(first.client);
    const layer = await uploadLayer(first.client, noise('a', 100));
    await stop(first.emulator);
    writeFileSync(join(data, 'uploads', 'left.part'), 'x');
    writeFileSync(blobFile(digestOf('orphan')), 'orphan');
    await start();
    expect([blobs(), uploads()]).toEqual([[layer], []]);
  });

  test('cuts off what was not accepted when the process died in the middle of a part', async () => {
    const first = await start({ now: NOW });
    await createRepository(first.client);
    const bytes = noise('a', 6 * MIB);
    const uploadId = await startUpload(first.client);
    await sendPart(first.client, uploadId, 0, bytes.subarray(0, 5 * MIB));
    await stop(first.emulator);
    appendFileSync(join(data, 'uploads', uploadId), 'half of the next part, as it was on its way');
    const { client } = await start();
    await sendPart(client, uploadId, 5 * MIB, bytes.subarray(5 * MIB, 5 * MIB + 10));
    await complete(client, uploadId, digestOf(bytes.subarray(0, 5 * MIB + 10)));
    expect(statSync(blobFile(digestOf(bytes.subarray(0, 5 * MIB + 10)))).size).toBe(5 * MIB + 10);
  });

  test.each<[string, (file: string) => void]>([
    ['missing', (file) => rmSync(file)],
    ['shorter than it was', (file) => truncateSync(file, 50)],
  ])('refuses a directory in which a layer is %s, and names the file', async (_, damage) => {
    const first = await start({ now: NOW });
    await createRepository(first.client);
    const layer = await uploadLayer(first.client, noise('a', 100));
    await stop(first.emulator);
    damage(blobFile(layer));
    await expect(start()).rejects.toMatchObject({ code: 'DD-EMULATOR-004', message: expect.stringContaining(blobFile(layer)) });
    expect(existsSync(join(data, 'lock'))).toBe(false);
  });
});

test('an emulator that is killed in the middle of pushes has every part and layer that it had answered', async () => {
  const script = join(__dirname, 'killed-emulator.ts');
  const child = spawn(process.execPath, ['-r', 'ts-node/register/transpile-only', script, data], {
    stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TS_NODE_PROJECT: join(__dirname, '..', '..', 'tsconfig.dev.json') },
  });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))));
  const client = clientOf({ endpoint: `http://127.0.0.1:${port}` } as Emulator);
  await createRepository(client);
  const [whole, half] = [noise('whole', MIB), noise('half', 6 * MIB)];
  const layer = await uploadLayer(client, whole);
  const uploadId = await startUpload(client);
  await sendPart(client, uploadId, 0, half.subarray(0, 5 * MIB));
  const onItsWay = refusal(sendPart(client, uploadId, 5 * MIB, half.subarray(5 * MIB)));
  child.kill('SIGKILL');
  await exited;
  await onItsWay.catch(() => undefined);
  client.destroy();

  const second = await start();
  const { received } = second.emulator.state.repository('app')!.uploads.get(uploadId)!;
  if (received === 5 * MIB) {
    await sendPart(second.client, uploadId, 5 * MIB, half.subarray(5 * MIB));
  }
  await complete(second.client, uploadId, digestOf(half));
  expect(blobs()).toEqual([layer, digestOf(half)].sort());
});

test('stopping in the middle of an upload ends it there; the next emulator goes on', async () => {
  const first = await start({ now: NOW });
  await createRepository(first.client);
  const headers = await login(first.client);
  const bytes = noise('a', 3 * MIB);
  const { headers: { location } } = await http(`${first.emulator.endpoint}/v2/app/blobs/uploads/`, { method: 'POST', headers });
  const broken = new Promise((resolve) => {
    const request = httpRequest(`${first.emulator.endpoint}${location}`, { method: 'PATCH', headers: { ...headers, 'content-length': String(bytes.length) } });
    request.on('error', resolve);
    request.write(bytes.subarray(0, 2 * MIB));
  });
  while (first.emulator.calls['v2:PatchBlob'] === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await stop(first.emulator);
  await broken;

  const second = await start();
  const url = `${second.emulator.endpoint}${location}`;
  const { received } = [...second.emulator.state.repository('app')!.uploads.values()][0];
  expect((await http(`${url}?digest=${digestOf(bytes)}`, { method: 'PUT', headers, body: bytes.subarray(received) })).status).toBe(201);
  expect(blobs()).toEqual([digestOf(bytes)]);
});

describe('bytes', () => {
  test('are on the disk once, by their digest, however many repositories have them', async () => {
    const { client } = await start({ now: NOW });
    for (const repositoryName of ['app', 'other']) {
      await createRepository(client, repositoryName);
      await uploadLayer(client, noise('a', 1000), repositoryName);
    }
    expect(blobs()).toEqual([digestOf(noise('a', 1000))]);
    expect(readFileSync(blobFile(blobs()[0])).equals(noise('a', 1000))).toBe(true);
    await client.send(new DeleteRepositoryCommand({ repositoryName: 'other' }));
    expect(blobs()).toHaveLength(1);
    await client.send(new DeleteRepositoryCommand({ repositoryName: 'app' }));
    expect(blobs()).toEqual([]);
  });

  test('go with the last image that lists them, those of others stay', async () => {
    const { client } = await start({ now: NOW });
    await createRepository(client);
    const shared = noise('shared', 100);
    const [a, b] = [content('a', [shared, noise('only a', 100)]), content('b', [shared])];
    await pushContent(client, a);
    await pushContent(client, b);
    const remove = (imageDigest: string) => client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [{ imageDigest }] }));
    await remove(a.digest);
    expect(blobs()).toEqual([digestOf(shared), digestOf(b.config)].sort());
    expect(digestOf(await download(client, digestOf(shared)))).toBe(digestOf(shared));
    await remove(b.digest);
    expect(blobs()).toEqual([]);
  });

  test('go when a lifecycle policy expires the image', async () => {
    const { client, emulator } = await start({ now: NOW });
    await createRepository(client);
    await pushContent(client, content('old'));
    emulator.clock.advance(1000);
    const kept = content('new');
    await pushContent(client, kept);
    await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }));
    emulator.clock.advance(DAY);
    expect(blobs()).toEqual([digestOf(kept.config), digestOf(kept.layers[0])].sort());
  });

  test('of a multi-architecture image go step by step: the index first, its children afterwards', async () => {
    const { client, emulator } = await start({ now: NOW });
    await createRepository(client);
    const headers = await login(client);
    const image = multiArch('app');
    for (const child of image.images) {
      await pushV2(emulator.endpoint, headers, child);
    }
    expect((await putManifest(emulator.endpoint, headers, image.index, 'v1')).status).toBe(201);
    const remove = async (...digests: string[]) => {
      const { failures, imageIds } = await client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: digests.map((imageDigest) => ({ imageDigest })) }));
      return [imageIds!.length, failures!.map(({ failureCode }) => failureCode)];
    };
    const children = image.images.map(({ digest }) => digest);
    expect(await remove(...children)).toEqual([0, ['ImageReferencedByManifestList', 'ImageReferencedByManifestList', 'ImageReferencedByManifestList']]);
    expect(await remove(image.digest)).toEqual([1, []]);
    expect(await remove(...children)).toEqual([3, []]);
    expect(blobs()).toEqual([]);
  });

  test('of everything go with the repository when it is emptied on deletion, uploads too', async () => {
    const { client, emulator } = await start({ now: NOW });
    await createRepository(client);
    const headers = await login(client);
    const image = multiArch('app');
    for (const child of image.images) {
      await pushV2(emulator.endpoint, headers, child);
    }
    await putManifest(emulator.endpoint, headers, image.index, 'v1');
    await uploadLayer(client, noise('loose', 10));
    const uploadId = await startUpload(client);
    await sendPart(client, uploadId, 0, noise('half', 10));
    expect((await refusal(client.send(new DeleteRepositoryCommand({ repositoryName: 'app' })))).name).toBe('RepositoryNotEmptyException');
    await client.send(new DeleteRepositoryCommand({ repositoryName: 'app', force: true }));
    expect([blobs(), uploads()]).toEqual([[], []]);
  });

  test('that are being read are read to their end, though their image goes', async () => {
    const { client } = await start({ now: NOW });
    await createRepository(client);
    const image = content('a', [noise('a', 8 * MIB)]);
    await pushContent(client, image);
    const { downloadUrl } = await client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest: digestOf(image.layers[0]) }));
    const response = await fetch(downloadUrl!);
    await client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [{ imageDigest: image.digest }] }));
    expect(digestOf(Buffer.from(await response.arrayBuffer()))).toBe(digestOf(image.layers[0]));
  });

  test('of refused and expired uploads go', async () => {
    const { client, emulator } = await start({ now: NOW });
    await createRepository(client);
    const wrong = await startUpload(client);
    await sendPart(client, wrong, 0, noise('a', 10));
    await refusal(complete(client, wrong, digestOf('b')));
    expect(uploads()).toEqual([]);
    const idle = await startUpload(client);
    await sendPart(client, idle, 0, noise('a', 10));
    expect(uploads()).toEqual([idle]);
    emulator.clock.advance(DAY);
    expect(uploads()).toEqual([]);
  });

  test('without a data directory are in a temporary one that goes with the emulator', async () => {
    const mine = () => readdirSync(tmpdir()).filter((name) => name.startsWith('drydock-emulator-'));
    const before = new Set(mine());
    const emulator = await startEmulator({});
    const client = clientOf(emulator);
    await createRepository(client);
    await uploadLayer(client, noise('a', 10));
    const [directory] = mine().filter((name) => !before.has(name) && existsSync(join(tmpdir(), name, 'blobs', 'sha256', digestOf(noise('a', 10)).slice(7))));
    expect(directory).toBeDefined();
    client.destroy();
    await emulator.stop();
    expect(existsSync(join(tmpdir(), directory))).toBe(false);
  });

  test('of a seeded image that is pushed after all make it pullable', async () => {
    const image = content('seeded');
    const { client } = await start({
      now: NOW, seed: { imageDetails: [{ repositoryName: 'app', imageDigest: image.digest, imageTags: ['v1'], imagePushedAt: NOW }] },
    });
    expect((await refusal(client.send(new PutImageCommand({ repositoryName: 'app', imageManifest: image.manifest, imageTag: 'v1' })))).name).toBe('LayersNotFoundException');
    await Promise.all([image.config, ...image.layers].map((bytes) => uploadLayer(client, bytes)));
    expect((await refusal(client.send(new PutImageCommand({ repositoryName: 'app', imageManifest: image.manifest, imageTag: 'v1' })))).name).toBe('ImageAlreadyExistsException');
    expect(digestOf(await download(client, digestOf(image.layers[0])))).toBe(digestOf(image.layers[0]));
  });
});
