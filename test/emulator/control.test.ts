import { BatchGetImageCommand, CreateRepositoryCommand, DescribeImagesCommand, PutLifecyclePolicyCommand } from '@aws-sdk/client-ecr';
import { ageDays, ecr, expireAny, fakeDigest, image, NOW, raw } from './support';
import { Emulator } from '../../src/emulator';

const SEED = { imageDetails: [image('app', 'a', { imagePushedAt: ageDays(3) }), image('app', 'b', { imagePushedAt: ageDays(2) })] };

const control = (emulator: Emulator, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  raw(emulator, { method, path: `/_drydock/${path}`, headers, body: body === undefined ? undefined : JSON.stringify(body) });

test('the clock is read, set and advanced, and what runs in between is told', async () => {
  const { emulator, client } = await ecr({ seed: SEED });
  await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }));
  expect((await control(emulator, 'GET', 'clock')).json).toEqual({ now: '2026-01-31T12:00:00.000Z', frozen: true });
  expect((await control(emulator, 'POST', 'clock', { advanceSeconds: 1.5 })).json).toEqual({ now: '2026-01-31T12:00:01.500Z', frozen: true, lifecycleRuns: [] });
  expect((await control(emulator, 'POST', 'clock', { now: '2026-02-01T12:00:00Z' })).json).toEqual({
    now: '2026-02-01T12:00:00.000Z',
    frozen: true,
    lifecycleRuns: [{
      repositoryName: 'app',
      at: '2026-02-01T12:00:00.000Z',
      failures: [],
      actions: [{ imageDigest: fakeDigest('a'), imageTags: [], action: 'EXPIRE', rulePriority: 1 }],
    }],
  });
  expect((await control(emulator, 'POST', 'clock', { now: Date.parse(NOW) / 1000 })).json.now).toBe('2026-01-31T12:00:00.000Z');
  expect((await client.send(new DescribeImagesCommand({ repositoryName: 'app' }))).imageDetails).toHaveLength(1);
});

test('lifecycle policies run on demand, of all repositories or one', async () => {
  const { emulator, client } = await ecr({ seed: { imageDetails: [...SEED.imageDetails, image('other', 'c'), image('other', 'd')] } });
  for (const repositoryName of ['app', 'other']) {
    await client.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: expireAny(1) }));
  }
  expect((await control(emulator, 'POST', 'lifecycle-run', { repositoryName: 'app' })).json.lifecycleRuns).toMatchObject([{ repositoryName: 'app', actions: { length: 1 } }]);
  expect((await control(emulator, 'POST', 'lifecycle-run')).json.lifecycleRuns).toMatchObject([
    { repositoryName: 'app', actions: [] }, { repositoryName: 'other', actions: { length: 1 } },
  ]);
});

test('the state is the inventory, the clock and what lifecycle policies did', async () => {
  const { emulator } = await ecr({ seed: { ...SEED, repositories: [{ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }] } });
  emulator.runLifecyclePolicies();
  const { json } = await control(emulator, 'GET', 'state');
  expect(json).toMatchObject({ accountId: '123456789012', region: 'us-east-1', now: '2026-01-31T12:00:00.000Z', frozen: true, lifecycleRuns: { length: 1 } });
  expect(json.inventory).toEqual(emulator.inventory());
});

test('calls are counted by operation, refused ones too', async () => {
  const { emulator, client } = await ecr();
  await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  await client.send(new CreateRepositoryCommand({ repositoryName: 'app' })).catch(() => undefined);
  await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [] })).catch(() => undefined);
  expect((await control(emulator, 'GET', 'calls')).json).toEqual({ calls: { CreateRepository: 2, BatchGetImage: 1 } });
  expect(emulator.calls).toEqual({ CreateRepository: 2, BatchGetImage: 1 });
});

test.each([
  ['POST', 'clock', undefined],
  ['POST', 'clock', {}],
  ['POST', 'clock', { now: NOW, advanceSeconds: 1 }],
  ['POST', 'clock', { now: 'soon' }],
  ['POST', 'clock', { now: { year: 2026 } }],
  ['POST', 'clock', { advanceSeconds: '1' }],
  ['POST', 'clock', [1]],
  ['POST', 'clock', 'x'],
  ['POST', 'lifecycle-run', { repositoryName: 'absent' }],
  ['POST', 'lifecycle-run', { repositoryName: 7 }],
])('%s %s %j is a bad request', async (method, path, body) => {
  const { emulator } = await ecr();
  const reply = await control(emulator, method, path, body);
  expect({ status: reply.status, code: reply.json.code }).toEqual({ status: 400, code: 'DD-EMULATOR-104' });
  expect(emulator.clock.now()).toBe(Date.parse(NOW));
});

test('the fault script is read, replaced and cleared; counts begin anew with each', async () => {
  const { emulator, client } = await ecr({ faults: { rules: [{ operation: 'CreateRepository', fault: 'throttle' }] } });
  const attempt = () => client.send(new CreateRepositoryCommand({ repositoryName: 'app' })).catch((error: Error) => error.name);
  await attempt();
  expect((await control(emulator, 'GET', 'faults')).json).toEqual({ fired: 1, counts: [{ rule: '0', fault: 'throttle', calls: 1, fired: 1 }] });
  const script = { rules: [{ name: 'denied', operation: 'CreateRepository', fault: 'accessDenied' }] };
  expect((await control(emulator, 'PUT', 'faults', script)).json).toEqual({ fired: 0, counts: [{ rule: 'denied', fault: 'accessDenied', calls: 0, fired: 0 }] });
  expect(await attempt()).toBe('AccessDeniedException');
  expect((await control(emulator, 'DELETE', 'faults')).json).toEqual({ fired: 0, counts: [] });
  expect(await attempt()).toMatchObject({ repository: { repositoryName: 'app' } });
});

test('a fault script that cannot be used is refused with all its problems, and the present one stays', async () => {
  const { emulator } = await ecr({ faults: { rules: [{ operation: 'CreateRepository', fault: 'throttle' }] } });
  const { status, json } = await control(emulator, 'PUT', 'faults', { rules: [{ operation: 'CreateRepositry', fault: 'throttle' }, { operation: '*', fault: 'slow' }] });
  expect(status).toBe(400);
  expect(json.code).toBe('DD-EMULATOR-011');
  expect(json.problems.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/rules/0/operation', '/rules/1/delayMs']);
  expect(emulator.faults.counts).toHaveLength(1);
});

test('a body that is no JSON is a bad request', async () => {
  const { emulator } = await ecr();
  expect((await raw(emulator, { path: '/_drydock/clock', body: '{' })).status).toBe(400);
});

test('other control paths are not found, and the answer says which there are', async () => {
  const { emulator } = await ecr();
  const reply = await control(emulator, 'GET', 'nothing');
  expect(reply.status).toBe(404);
  expect(reply.json.message).toContain('GET /_drydock/state');
  expect((await control(emulator, 'DELETE', 'state')).status).toBe(404);
});
