import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchDeleteImageCommand, BatchGetImageCommand, CreateRepositoryCommand, DeleteRepositoryCommand, DescribeImagesCommand, ECRClient,
  GetLifecyclePolicyPreviewCommand,
  PutLifecyclePolicyCommand, SetRepositoryPolicyCommand, StartLifecyclePolicyPreviewCommand, TagResourceCommand, UpdateImageStorageClassCommand,
} from '@aws-sdk/client-ecr';
import { ACCOUNT, ageDays, clientOf, DAY, expireAny, image, imageManifest, indexManifest, NOW, push, sha256 } from './support';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { Journal } from '../../src/emulator/journal';

let data: string;
const running = new Map<Emulator, ECRClient>();

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'drydock-data-'));
});

afterEach(async () => {
  for (const emulator of [...running.keys()]) {
    await stop(emulator);
  }
  rmSync(data, { recursive: true, force: true });
});

async function start(options: EmulatorOptions = {}): Promise<{ emulator: Emulator; client: ECRClient }> {
  const emulator = await startEmulator({ data, allowMissingLayers: true, ...options });
  const client = clientOf(emulator);
  running.set(emulator, client);
  return { emulator, client };
}

async function stop(emulator: Emulator): Promise<void> {
  running.get(emulator)?.destroy();
  running.delete(emulator);
  await emulator.stop();
}

const journal = () => join(data, 'registry.jsonl');

/** What a registry looks like from outside, manifests included. */
async function everything({ emulator, client }: { emulator: Emulator; client: ECRClient }) {
  const repositories = emulator.state.repositories().map((repository) => ({
    record: repository.record,
    preview: repository.preview,
    images: [...repository.images.values()].map((one) => [one, repository.manifestOf(one.imageDigest)]),
  }));
  const details = await client.send(new DescribeImagesCommand({ repositoryName: 'app', filter: { imageStatus: 'ANY' } }));
  return { inventory: emulator.inventory(), clock: emulator.clock.now(), repositories, details: details.imageDetails };
}

/** One of every kind of change. */
async function eventful({ client, emulator }: { client: ECRClient; emulator: Emulator }): Promise<void> {
  await client.send(new CreateRepositoryCommand({ repositoryName: 'app', tags: [{ Key: 'a', Value: '1' }] }));
  await client.send(new CreateRepositoryCommand({ repositoryName: 'gone' }));
  await client.send(new DeleteRepositoryCommand({ repositoryName: 'gone' }));
  const a = await push(client, 'app', imageManifest('a', { annotations: { title: 'Ω\n🚢' } }), 'latest');
  const b = await push(client, 'app', imageManifest('b'), 'latest');
  await push(client, 'app', indexManifest([a, b]), 'v1');
  await push(client, 'app', imageManifest('c'), 'c');
  const archived = await push(client, 'app', imageManifest('d'), 'd');
  await client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'c' }] }));
  emulator.clock.advance(60_000);
  await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }] }));
  for (const targetStorageClass of ['ARCHIVE', 'STANDARD'] as const) {
    await client.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId: { imageDigest: archived }, targetStorageClass }));
  }
  await client.send(new TagResourceCommand({ resourceArn: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/app`, tags: [{ Key: 'b', Value: '2' }] }));
  await client.send(new SetRepositoryPolicyCommand({
    repositoryName: 'app', policyText: JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }] }),
  }));
  await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(50) }));
  emulator.clock.advance(DAY / 24);
  await client.send(new StartLifecyclePolicyPreviewCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }));
}

test('everything outlives a restart: repositories, images, bytes, policies, preview, clock', async () => {
  const first = await start({ now: NOW });
  await eventful(first);
  const preview = ({ client }: { client: ECRClient }) => client.send(new GetLifecyclePolicyPreviewCommand({ repositoryName: 'app' }));
  const before = await everything(first);
  const { $metadata: _, ...previewBefore } = await preview(first);
  expect(previewBefore).toMatchObject({ status: 'COMPLETE', lifecyclePolicyText: expireAny(1) });
  await stop(first.emulator);

  const second = await start();
  expect(await everything(second)).toEqual(before);
  expect(await preview(second)).toMatchObject(previewBefore);
  const { images } = await second.client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageDigest: sha256(imageManifest('b')) }] }));
  expect(images![0].imageManifest).toBe(imageManifest('b'));
});

test('an emulator that is killed has lost nothing that it had answered', async () => {
  const script = join(__dirname, 'killed-emulator.ts');
  const child = spawn(process.execPath, ['-r', 'ts-node/register/transpile-only', script, data], {
    stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TS_NODE_PROJECT: join(__dirname, '..', '..', 'tsconfig.dev.json') },
  });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))));
  const client = clientOf({ endpoint: `http://127.0.0.1:${port}` } as Emulator);
  await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  for (let i = 0; i < 20; i++) {
    await push(client, 'app', imageManifest(`i${i}`), `t${i}`);
  }
  child.kill('SIGKILL');
  await exited;
  client.destroy();
  expect(existsSync(join(data, 'lock'))).toBe(true);
  const { emulator } = await start();
  expect(emulator.inventory().imageDetails.map(({ imageTags }) => imageTags![0])).toEqual(Array.from({ length: 20 }, (_, i) => `t${i}`));
});

test('a line that was cut short is dropped, the calls before it stay', async () => {
  const first = await start({ now: NOW });
  await eventful(first);
  const before = await everything(first);
  await stop(first.emulator);
  appendFileSync(journal(), '[{"kind":"repository","record":{"repositoryName":"half');
  const second = await start();
  expect(await everything(second)).toEqual(before);
});

test('cut at any byte, the journal starts and holds whole calls only', async () => {
  const first = await start({ now: NOW });
  const size = readFileSync(journal()).length;
  await eventful(first);
  const bytes = readFileSync(journal());
  await stop(first.emulator);
  const states = new Set<string>();
  for (let cut = size; cut <= bytes.length; cut += 97) {
    writeFileSync(journal(), bytes.subarray(0, cut));
    const { emulator } = await start();
    const app = emulator.state.repository('app');
    // The second push moved a tag: two changes of one call, never one without the other.
    const [a, b] = ['a', 'b'].map((name) => app?.images.get(sha256(imageManifest(name, name === 'a' ? { annotations: { title: 'Ω\n🚢' } } : {}))));
    states.add(JSON.stringify([a?.imageTags, b?.imageTags]));
    await stop(emulator);
  }
  expect([...states].sort()).toEqual(['[["latest"],null]', '[[],["latest"]]', '[null,null]']);
});

test('a damaged journal is refused with its line, and left as it is', async () => {
  const first = await start();
  await eventful(first);
  await stop(first.emulator);
  const lines = readFileSync(journal(), 'utf8').split('\n');
  lines[2] = lines[2].slice(5);
  writeFileSync(journal(), lines.join('\n'));
  await expect(start()).rejects.toMatchObject({ code: 'DD-EMULATOR-004', message: expect.stringContaining('Line 3') });
  expect(readFileSync(journal(), 'utf8')).toBe(lines.join('\n'));
});

test('a journal that contradicts itself is refused', async () => {
  const { emulator } = await start();
  await stop(emulator);
  appendFileSync(journal(), '[{"kind":"image-deleted","repositoryName":"never-was","imageDigest":"sha256:00"}]\n');
  await expect(start()).rejects.toMatchObject({ code: 'DD-EMULATOR-004', message: expect.stringContaining('never-was') });
});

test('a file that is none of ours is refused', async () => {
  writeFileSync(journal(), '{"hello":"world"}\n');
  await expect(start()).rejects.toMatchObject({ code: 'DD-EMULATOR-005' });
});

test('a directory of another account or Region is refused; without a wish it keeps its own', async () => {
  const { emulator } = await start({ accountId: '210987654321', region: 'eu-west-1' });
  await stop(emulator);
  await expect(start({ accountId: ACCOUNT })).rejects.toMatchObject({ code: 'DD-EMULATOR-005', message: expect.stringContaining('210987654321') });
  await expect(start({ region: 'us-east-1' })).rejects.toMatchObject({ code: 'DD-EMULATOR-005' });
  const again = await start();
  expect([again.emulator.accountId, again.emulator.region]).toEqual(['210987654321', 'eu-west-1']);
});

test('a second emulator is kept out while the first runs, and let in afterwards', async () => {
  const { emulator } = await start();
  await expect(start()).rejects.toMatchObject({ code: 'DD-EMULATOR-003', message: expect.stringContaining(String(process.pid)) });
  await stop(emulator);
  await start();
});

test('a lock of another running process holds, one of a dead process does not', async () => {
  writeFileSync(join(data, 'lock'), `${process.ppid}\n`);
  await expect(start()).rejects.toMatchObject({ code: 'DD-EMULATOR-003' });
  // Above the largest process id of any system.
  writeFileSync(join(data, 'lock'), '999999999\n');
  await start();
});

test('an emulator that cannot start gives the directory back', async () => {
  const { emulator } = await start();
  const elsewhere = mkdtempSync(join(tmpdir(), 'drydock-data-'));
  await expect(start({ data: elsewhere, seed: {} as never })).rejects.toMatchObject({ code: 'DD-INVENTORY-001' });
  expect(readdirSync(elsewhere)).toEqual([]);
  await expect(start({ data: elsewhere, port: emulator.port })).rejects.toMatchObject({ code: 'DD-EMULATOR-001' });
  expect(readdirSync(elsewhere)).toEqual(['registry.jsonl']);
  await stop((await start({ data: elsewhere })).emulator);
  rmSync(elsewhere, { recursive: true });
});

test('a seed fills an empty directory and leaves a filled one alone', async () => {
  const log: unknown[] = [];
  const first = await start({ seed: { imageDetails: [image('app', 'a', { imageTags: ['v1'] })] } });
  await first.client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }] }));
  await stop(first.emulator);
  const second = await start({ seed: { imageDetails: [image('app', 'a', { imageTags: ['v1'] })] }, log: (record) => log.push(record) });
  expect(second.emulator.inventory().imageDetails).toEqual([]);
  expect(log).toMatchObject([{ event: 'seed-ignored' }]);
});

test('page tokens outlive a restart', async () => {
  const first = await start({ seed: { imageDetails: [image('app', 'a'), image('app', 'b'), image('app', 'c')] } });
  const { nextToken } = await first.client.send(new DescribeImagesCommand({ repositoryName: 'app', maxResults: 2 }));
  await stop(first.emulator);
  const second = await start();
  expect((await second.client.send(new DescribeImagesCommand({ repositoryName: 'app', nextToken }))).imageDetails).toHaveLength(1);
});

test('what a lifecycle policy did stays done', async () => {
  const first = await start({ now: NOW, seed: { imageDetails: [image('app', 'a', { imagePushedAt: ageDays(5) }), image('app', 'b')] } });
  await first.client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }));
  first.emulator.clock.advance(DAY);
  await stop(first.emulator);
  const second = await start();
  expect(second.emulator.clock.now()).toBe(Date.parse(NOW) + DAY);
  expect(second.emulator.inventory().imageDetails).toHaveLength(1);
});

test('a rewrite leaves one file with the present state', async () => {
  const { emulator, client } = await start({ seed: { imageDetails: [image('app', 'a', { imageTags: ['v1'] })] } });
  for (let i = 0; i < 20; i++) {
    await client.send(new TagResourceCommand({ resourceArn: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/app`, tags: [{ Key: 'n', Value: String(i) }] }));
  }
  const grownBy = readFileSync(journal()).length;
  await stop(emulator);
  const again = await start();
  expect(readFileSync(journal()).length).toBeLessThan(grownBy);
  expect(readdirSync(data).sort()).toEqual(['lock', 'registry.jsonl']);
  expect(again.emulator.inventory().repositories).toMatchObject([{ tags: [{ Key: 'n', Value: '19' }] }]);
});

test('a write that fails is a server error; the next call writes everything', async () => {
  const { emulator, client } = await start();
  const append = jest.spyOn(Journal.prototype, 'append').mockImplementationOnce(() => {
    throw new Error('ENOSPC: no space left on device');
  });
  await expect(client.send(new CreateRepositoryCommand({ repositoryName: 'one' }))).rejects.toMatchObject({ name: 'ServerException', message: expect.stringContaining('ENOSPC') });
  append.mockRestore();
  await push(client, 'one', imageManifest('a'), 'v1');
  await stop(emulator);
  const again = await start();
  expect(again.emulator.inventory('one').imageDetails).toHaveLength(1);
});
