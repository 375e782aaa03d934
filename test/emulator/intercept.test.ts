import { CreateRepositoryCommand, DescribeRegistryCommand, DescribeRepositoriesCommand, TagResourceCommand } from '@aws-sdk/client-ecr';
import { ACCOUNT, call, clientOf, ecr, expireAny, image, refusal } from './support';
import { EcrError, InterceptedCall, Interception, LogRecord } from '../../src/emulator';

const create = (repositoryName: string) => new CreateRepositoryCommand({ repositoryName });
const onCreate = (phase: 'before' | 'after', interception: Interception) =>
  ({ operation, phase: at }: InterceptedCall) => (operation === 'CreateRepository' && at === phase ? interception : undefined);

test('a hook sees every checked call before and after it takes effect', async () => {
  const seen: unknown[] = [];
  const { client, emulator } = await ecr({
    intercept: ({ operation, phase, number, input, output, error, caller }) => {
      seen.push([operation, phase, number, input.repositoryName, output !== undefined, error?.type, caller.accessKeyId, emulator.state.repository('app') !== undefined]);
    },
  });
  await client.send(create('app'));
  await refusal(client.send(create('app')));
  await call(emulator, 'CreateRepository', {});
  const key = 'AKIAIOSFODNN7EXAMPLE';
  expect(seen).toEqual([
    ['CreateRepository', 'before', 1, 'app', false, undefined, key, false],
    ['CreateRepository', 'after', 1, 'app', true, undefined, key, true],
    ['CreateRepository', 'before', 2, 'app', false, undefined, key, true],
    ['CreateRepository', 'after', 2, 'app', false, 'RepositoryAlreadyExistsException', key, true],
  ]);
});

test.each([
  ['before', { error: { type: 'ThrottlingException', message: 'Rate exceeded' } }, false],
  ['after', { error: { type: 'ThrottlingException', message: 'Rate exceeded' } }, true],
  ['before', { error: new EcrError('ThrottlingException', 'Rate exceeded') }, false],
] as const)('an error %s the effect is answered instead', async (phase, interception, effect) => {
  const { client, emulator } = await ecr({ intercept: onCreate(phase, interception) });
  expect(await refusal(client.send(create('app')))).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded', status: 400 });
  expect(emulator.state.repository('app') !== undefined).toBe(effect);
});

test('a thrown error of ECR is answered, another is a server error', async () => {
  let thrown: Error = new EcrError('AccessDeniedException', 'no');
  const { client } = await ecr({ intercept: () => Promise.reject(thrown) });
  expect(await refusal(client.send(create('app')))).toMatchObject({ name: 'AccessDeniedException', status: 403 });
  thrown = new Error('bug in the hook');
  expect(await refusal(client.send(create('app')))).toMatchObject({ name: 'ServerException', status: 500, message: expect.stringContaining('bug in the hook') });
});

test('an HTTP code can be given', async () => {
  const { client } = await ecr({ intercept: onCreate('before', { error: { type: 'SlowDown', message: 'later', statusCode: 503 } }) });
  expect(await refusal(client.send(create('app')))).toMatchObject({ name: 'SlowDown', status: 503 });
});

test('an answer can be given instead, as of a registry that lags behind', async () => {
  const { client } = await ecr({ intercept: ({ operation, phase }) => (operation === 'DescribeRepositories' && phase === 'before' ? { output: { repositories: [] } } : undefined) });
  await client.send(create('app'));
  expect((await client.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
});

test.each([['before', false], ['after', true]] as const)('a connection can be reset %s the effect', async (phase, effect) => {
  const { emulator } = await ecr({ intercept: onCreate(phase, { disconnect: true }) });
  await expect(call(emulator, 'CreateRepository', { repositoryName: 'app' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(emulator.state.repository('app') !== undefined).toBe(effect);
});

test('the SDK recovers by itself from throttling, server errors and resets', async () => {
  const faults: Interception[] = [
    { error: { type: 'ThrottlingException', message: 'Rate exceeded' } }, { error: { type: 'ServerException', message: 'oops' } }, { disconnect: true },
  ];
  const { emulator } = await ecr({ intercept: ({ phase, number }) => (phase === 'before' ? faults[number - 1] : undefined) });
  const client = clientOf(emulator, { maxAttempts: 5 });
  expect((await client.send(create('app'))).repository!.repositoryName).toBe('app');
  expect(emulator.calls.CreateRepository).toBe(4);
  client.destroy();
});

test('an operation that the emulator lacks can be answered by a hook', async () => {
  const { client } = await ecr({
    intercept: ({ operation, phase }) => (operation === 'DescribeRegistry' && phase === 'before' ? { output: { registryId: ACCOUNT } } : undefined),
  });
  expect((await client.send(new DescribeRegistryCommand({}))).registryId).toBe(ACCOUNT);
});

test('a call waits for the hook; others go on meanwhile', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { client, emulator } = await ecr({ intercept: ({ operation, phase }) => (operation === 'CreateRepository' && phase === 'before' ? gate : undefined) });
  const slow = client.send(create('app'));
  expect((await client.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
  expect(emulator.state.repository('app')).toBeUndefined();
  release();
  expect((await slow).repository!.repositoryName).toBe('app');
});

test('every call is told of before anything is done, checked or not', async () => {
  const seen: unknown[] = [];
  const { client, emulator } = await ecr({ onCall: (one) => seen.push(one) });
  await client.send(create('app'));
  await call(emulator, 'CreateRepository', { repositoryName: 7 });
  expect(seen).toEqual([{ operation: 'CreateRepository', input: { repositoryName: 'app' } }, { operation: 'CreateRepository', input: { repositoryName: 7 } }]);
});

test('the log has a record for each call and each run, and no secrets', async () => {
  const records: LogRecord[] = [];
  const { client, emulator } = await ecr({
    log: (record) => records.push(record),
    seed: { repositories: [{ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }], imageDetails: [image('app', 'a'), image('app', 'b')] },
  });
  await refusal(client.send(create('app')));
  await client.send(new TagResourceCommand({ resourceArn: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/app`, tags: [{ Key: 'password', Value: 'hunter2' }] }));
  emulator.runLifecyclePolicies();
  expect(records).toMatchObject([
    { event: 'call', operation: 'CreateRepository', repositoryName: 'app', error: 'RepositoryAlreadyExistsException', requestId: expect.any(String) },
    { event: 'call', operation: 'TagResource' },
    { event: 'lifecycle-run', repositoryName: 'app', expired: 1, archived: 0, held: 0 },
  ]);
  expect(JSON.stringify(records)).not.toMatch(/hunter2|Credential|Signature/);
});

test('latency delays every call', async () => {
  // The time itself is not asserted: the delay is seen by a call that is overtaken by a timer set after it.
  const { client, emulator } = await ecr({ latencyMs: 40 });
  let overtaken = false;
  const slow = client.send(create('app'));
  while (emulator.calls.CreateRepository === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  setTimeout(() => {
    overtaken = true;
  }, 0);
  await slow;
  expect(overtaken).toBe(true);
});
