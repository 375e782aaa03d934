import { connect } from 'node:net';
import { CreateRepositoryCommand, DescribeRegistryCommand, DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { call, clientOf, ecr, NOW, raw, refusal } from './support';
import { startEmulator } from '../../src/emulator';

const JSON_1_1 = 'application/x-amz-json-1.1';
const DESCRIBE = { 'content-type': JSON_1_1, 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories' };

test('an answer is AWS JSON 1.1 with a request id and the date of the emulator\'s clock', async () => {
  const { emulator } = await ecr();
  const reply = await call(emulator, 'DescribeRepositories', {});
  expect(reply.status).toBe(200);
  expect(reply.headers['content-type']).toBe(JSON_1_1);
  expect(reply.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  expect(reply.headers.date).toBe('Sat, 31 Jan 2026 12:00:00 GMT');
  expect(reply.json).toEqual({ repositories: [] });
});

test('an empty body stands for an empty input', async () => {
  const { emulator } = await ecr();
  expect((await raw(emulator, { headers: DESCRIBE })).json).toEqual({ repositories: [] });
});

test('times are epoch seconds with a fraction', async () => {
  const { emulator } = await ecr({ now: '2026-01-31T12:00:00.250Z' });
  const reply = await call(emulator, 'CreateRepository', { repositoryName: 'app' });
  expect(reply.json.repository.createdAt).toBe(Date.parse(NOW) / 1000 + 0.25);
});

test('an error has its type in the body, its HTTP code and a request id', async () => {
  const { emulator } = await ecr();
  const reply = await call(emulator, 'DescribeRepositories', { repositoryNames: ['absent'] });
  expect(reply.status).toBe(400);
  expect(reply.headers['x-amzn-requestid']).toBeDefined();
  expect(reply.json).toEqual({
    __type: 'RepositoryNotFoundException',
    message: 'The repository with name \'absent\' does not exist in the registry with id \'123456789012\'',
  });
});

test.each([
  ['an operation that ECR does not have', { ...DESCRIBE, 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.MakeCoffee' }],
  ['an operation of another service', { ...DESCRIBE, 'x-amz-target': 'DynamoDB_20120810.ListTables' }],
  ['a name that JavaScript objects have', { ...DESCRIBE, 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.constructor' }],
  ['no operation', { 'content-type': JSON_1_1 }],
  ['another content type', { ...DESCRIBE, 'content-type': 'text/plain' }],
])('%s is an UnknownOperationException', async (_, headers) => {
  const { emulator } = await ecr();
  const reply = await raw(emulator, { headers, body: '{}' });
  expect(reply.status).toBe(404);
  expect(reply.json.__type).toBe('UnknownOperationException');
});

test('an operation of ECR that the emulator lacks says so', async () => {
  const { client, emulator } = await ecr();
  const { name, message, status } = await refusal(client.send(new DescribeRegistryCommand({})));
  expect({ name, status }).toEqual({ name: 'UnsupportedOperationException', status: 400 });
  expect(message).toContain('DD-EMULATOR-101');
  expect(message).toContain('DescribeRegistry');
  expect(emulator.calls).toEqual({ DescribeRegistry: 1 });
});

test.each([
  ['{"repositoryName": ', 'is not valid JSON'],
  [Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'is not valid JSON'],
  ['[]', 'must be a structure, not a list'],
  ['null', 'must be a structure, not null'],
  ['"text"', 'must be a structure, not a string'],
])('the body %p is a SerializationException', async (body, message) => {
  const { emulator } = await ecr();
  const reply = await raw(emulator, { headers: DESCRIBE, body });
  expect(reply.status).toBe(400);
  expect(reply.json.__type).toBe('SerializationException');
  expect(reply.json.message).toContain(message);
});

test('other paths and methods are not found', async () => {
  const { emulator } = await ecr();
  expect((await raw(emulator, { method: 'GET', path: '/' })).status).toBe(404);
  expect((await raw(emulator, { method: 'POST', path: '/v3', headers: DESCRIBE, body: '{}' })).status).toBe(404);
});

test('a body above 32 MB is refused and leaves the emulator in good health', async () => {
  const { emulator, client } = await ecr();
  const reply = await raw(emulator, { headers: DESCRIBE, body: Buffer.alloc(33 * 1024 * 1024, ' ') });
  expect(reply.status).toBe(413);
  expect(reply.json.__type).toBe('RequestEntityTooLargeException');
  expect((await client.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
});

test('a body of 28 MB is read', async () => {
  const { emulator } = await ecr();
  const reply = await raw(emulator, { headers: DESCRIBE, body: `{"padding":"${'x'.repeat(28 * 1024 * 1024)}"}` });
  expect(reply.json).toEqual({ repositories: [] });
});

test('requests without a signature are served', async () => {
  const { emulator } = await ecr();
  expect((await call(emulator, 'CreateRepository', { repositoryName: 'app' })).status).toBe(200);
});

test('the server listens on the loopback address only', async () => {
  const { emulator } = await ecr();
  expect(emulator.endpoint).toBe(`http://127.0.0.1:${emulator.port}`);
  const elsewhere = connect(emulator.port, '127.0.0.2');
  await new Promise((resolve, reject) => {
    elsewhere.on('error', resolve);
    elsewhere.on('connect', () => reject(new Error('127.0.0.2 answers')));
  });
  elsewhere.destroy();
});

test('a port that is in use is named', async () => {
  const { emulator } = await ecr();
  await expect(startEmulator({ port: emulator.port })).rejects.toMatchObject({ code: 'DD-EMULATOR-001', message: expect.stringContaining(String(emulator.port)) });
});

test('stopping ends idle and busy connections and may be asked twice', async () => {
  const emulator = await startEmulator({ intercept: () => new Promise<void>(() => undefined) });
  const client = clientOf(emulator);
  const stuck = refusal(client.send(new CreateRepositoryCommand({ repositoryName: 'app' })));
  const idle = connect(emulator.port, '127.0.0.1');
  const closed = new Promise((resolve) => idle.on('close', resolve));
  await new Promise((resolve) => idle.on('connect', resolve));
  // The call must have arrived before the connection is cut.
  while (emulator.calls.CreateRepository === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all([emulator.stop(), emulator.stop()]);
  await closed;
  expect((await stuck).status).toBeUndefined();
  client.destroy();
});

test.each([
  [{ port: 70_000 }, 'port'],
  [{ latencyMs: -1 }, 'latencyMs'],
  [{ previewMs: Number.NaN }, 'previewMs'],
  [{ restoreMs: Infinity }, 'restoreMs'],
  [{ accountId: '12' }, 'accountId'],
  [{ region: 'moon' }, 'region'],
  [{ now: 'yesterday' }, 'now'],
])('the option %p is refused', async (options, pointer) => {
  await expect(startEmulator(options)).rejects.toMatchObject({ code: 'DD-EMULATOR-002', problems: [{ pointer }] });
});

test('every unusable option is named at once', async () => {
  await expect(startEmulator({ port: -1, region: '', accountId: 'x' })).rejects.toMatchObject({ problems: { length: 3 } });
});
