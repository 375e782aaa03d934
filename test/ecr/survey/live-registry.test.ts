import { AddressInfo, createServer } from 'node:net';
import { RegisterPullTimeUpdateExclusionCommand } from '@aws-sdk/client-ecr';
import { LiveOptions, LiveRegistry } from '../../../src/ecr/survey/live-registry';
import { isPrincipal } from '../../../src/ecr/survey/manifests';
import { Emulator, EmulatorOptions, startEmulator } from '../../../src/emulator';
import { isDrydockError } from '../../../src/errors';
import { expireAny, fakeDigest, image, imageManifest, indexManifest, NOW, OCI_INDEX, push, clientOf } from '../../emulator/support';

// Whoever runs the tests may have credentials and profiles of their own.
Object.keys(process.env).filter((name) => name.startsWith('AWS_') && !name.startsWith('AWS_SDK_')).forEach((name) => delete process.env[name]);

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop();
  }
});

async function registryOn(options: EmulatorOptions = {}, live: LiveOptions = {}): Promise<{ emulator: Emulator; registry: LiveRegistry }> {
  const emulator = await startEmulator({ now: NOW, allowMissingLayers: true, ...options });
  stops.push(() => emulator.stop());
  const registry = new LiveRegistry({ endpoint: emulator.endpoint, ...live });
  stops.push(() => registry.close());
  return { emulator, registry };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return isDrydockError(error) ? error.code : `no code: ${String(error)}`;
  }
  return 'no error';
}

const TWO = {
  repositories: [
    { repositoryName: 'shop/web', lifecyclePolicyText: expireAny(5), tags: [{ Key: 'b', Value: '2' }, { Key: 'a', Value: '1' }], imageTagMutability: 'IMMUTABLE' },
    { repositoryName: 'shop/api' },
  ],
  imageDetails: [image('shop/web', 'one', { imageTags: ['v1', 'latest'] }), image('shop/web', 'two', { imageStatus: 'ARCHIVED', lastArchivedAt: NOW })],
};

test('a repository comes with its settings, tags, policies and images, archived ones too', async () => {
  const { registry } = await registryOn({ seed: TWO });
  const state = await registry.repository('shop/web');
  expect(state?.settings).toMatchObject({
    repositoryName: 'shop/web', registryId: '123456789012', repositoryArn: 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web', createdAt: NOW,
    imageTagMutability: 'IMMUTABLE', encryptionConfiguration: { encryptionType: 'AES256' }, tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }],
  });
  expect(JSON.parse(state!.lifecyclePolicyText!)).toEqual(JSON.parse(expireAny(5)));
  expect(state?.repositoryPolicyText).toBeUndefined();
  expect(state?.inventory?.imageDetails.map(({ imageDigest }) => imageDigest).sort()).toEqual([fakeDigest('one'), fakeDigest('two')].sort());
  expect(state?.inventory?.imageDetails.find(({ imageTags }) => imageTags)?.imageTags).toEqual(['latest', 'v1']);
  expect(state?.problems).toBeUndefined();
  expect(registry.now()).toBe(Date.parse(NOW));
});

test('a repository that is not there is undefined, and the names are sorted', async () => {
  const { registry } = await registryOn({ seed: TWO });
  expect(await registry.repository('shop/none')).toBeUndefined();
  expect(await registry.names()).toEqual(['shop/api', 'shop/web']);
});

test('many repositories come in the order in which they were asked for', async () => {
  const { registry } = await registryOn({ seed: TWO });
  const found = [];
  for await (const state of registry.repositories(['shop/web', 'none', 'shop/api'])) {
    found.push(state?.settings.repositoryName);
  }
  expect(found).toEqual(['shop/web', undefined, 'shop/api']);
});

test('what is denied for a repository is told, and the rest is read', async () => {
  const denied = new Set(['GetRepositoryPolicy', 'DescribeImages']);
  const { registry } = await registryOn({
    seed: TWO,
    intercept: ({ operation }) => denied.has(operation) ? { error: { type: 'AccessDeniedException', message: 'not authorized', statusCode: 403 } } : undefined,
  });
  const state = await registry.repository('shop/web');
  expect(state?.inventory).toBeUndefined();
  expect(state?.lifecyclePolicyText).toBeDefined();
  expect(state?.problems?.map(({ code, pointer }) => [code, pointer])).toEqual([
    ['DD-SURVEY-101', 'shop/web/repositoryPolicyText'], ['DD-SURVEY-101', 'shop/web/imageDetails'],
  ]);
  expect(registry.calls['ecr:GetRepositoryPolicy']).toBe(1);
});

test('a repository that may not even be described is told by its name', async () => {
  const { registry } = await registryOn({
    seed: TWO,
    intercept: ({ operation }) => operation === 'DescribeRepositories' ? { error: { type: 'AccessDeniedException', message: 'not authorized', statusCode: 403 } } : undefined,
  });
  const state = await registry.repository('shop/web');
  expect(state?.settings).toEqual({ repositoryName: 'shop/web' });
  expect(state?.problems?.map(({ pointer }) => pointer)).toEqual(['shop/web/settings']);
  expect(await registry.names()).toBeUndefined();
});

test('an endpoint where nothing listens is given up within seconds, with a code', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const registry = new LiveRegistry({ endpoint: `http://127.0.0.1:${port}` });
  stops.push(() => registry.close());
  expect(await codeOf(registry.names())).toBe('DD-SURVEY-001');
}, 15_000);

test('credentials that are refused have a code of their own', async () => {
  const { registry } = await registryOn({ intercept: () => ({ error: { type: 'UnrecognizedClientException', message: 'The security token included in the request is invalid.', statusCode: 403 } }) });
  expect(await codeOf(registry.names())).toBe('DD-SURVEY-003');
});

test('throttled calls are made again, and counted', async () => {
  const { registry } = await registryOn({
    seed: TWO,
    intercept: ({ operation, number }) => operation === 'DescribeImages' && number <= 3 ? { error: { type: 'ThrottlingException', message: 'Rate exceeded' } } : undefined,
  });
  expect((await registry.repository('shop/web'))?.inventory?.imageDetails).toHaveLength(2);
  expect(registry.calls['ecr:DescribeImages']).toBe(4);
  expect(registry.throttled).toBe(3);
});

test('ECR\'s own preview of a policy names the images, their rule and what happens to them', async () => {
  const { registry } = await registryOn({
    seed: { imageDetails: Array.from({ length: 130 }, (_, i) => image('shop/web', `i${i}`)) },
    previewMs: 1,
  });
  const images = await registry.previewPolicy('shop/web', expireAny(10));
  expect(images).toHaveLength(120);
  expect(images[0]).toMatchObject({ action: 'EXPIRE', appliedRulePriority: 1 });
  expect(registry.calls['ecr:StartLifecyclePolicyPreview']).toBe(1);
});

test('a preview that fails has a code', async () => {
  const { registry } = await registryOn({ seed: TWO, previewOutcome: 'FAILED' });
  expect(await codeOf(registry.previewPolicy('shop/web', expireAny(1)))).toBe('DD-SURVEY-009');
});

describe('manifests of indexes', () => {
  async function withIndex(live: LiveOptions): Promise<{ emulator: Emulator; registry: LiveRegistry; index: string; child: string }> {
    const { emulator, registry } = await registryOn({ seed: { repositories: [{ repositoryName: 'shop/web' }], imageDetails: [] } }, live);
    const client = clientOf(emulator);
    stops.push(() => client.destroy());
    const child = await push(client, 'shop/web', imageManifest('child'));
    const index = await push(client, 'shop/web', indexManifest([child]), 'v1');
    return { emulator, registry, index, child };
  }

  test('are left alone, and it is said, when reading them would count as a pull', async () => {
    const { emulator, registry, index } = await withIndex({});
    const state = await registry.repository('shop/web');
    expect(state?.inventory?.manifestChildren).toBeUndefined();
    expect(state?.problems?.map(({ code, pointer }) => [code, pointer])).toEqual([['DD-SURVEY-102', 'shop/web/manifestChildren']]);
    expect(registry.calls['ecr:BatchGetImage']).toBeUndefined();
    expect(emulator.inventory().imageDetails.find(({ imageDigest }) => imageDigest === index)?.lastRecordedPullTime).toBeUndefined();
  });

  test('are read when that was asked for', async () => {
    const { registry, index, child } = await withIndex({ manifests: 'always' });
    const state = await registry.repository('shop/web');
    expect(state?.inventory?.imageDetails.find(({ imageDigest }) => imageDigest === index)?.imageManifestMediaType).toBe(OCI_INDEX);
    expect(state?.inventory?.manifestChildren).toEqual({ [index]: [child] });
    expect(state?.problems).toBeUndefined();
  });

  test('are read when the caller\'s pulls do not count', async () => {
    const { emulator, registry, index, child } = await withIndex({});
    const client = clientOf(emulator);
    stops.push(() => client.destroy());
    await client.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn: 'arn:aws:iam::123456789012:user/AKIAIOSFODNN7EXAMPLE' }));
    const state = await registry.repository('shop/web');
    expect(state?.inventory?.manifestChildren).toEqual({ [index]: [child] });
    expect(state?.problems).toBeUndefined();
    expect(emulator.inventory().imageDetails.map(({ lastRecordedPullTime }) => lastRecordedPullTime)).toEqual([undefined, undefined]);
  });

  test('are left alone when somebody else is excluded', async () => {
    const { emulator, registry } = await withIndex({});
    const client = clientOf(emulator);
    stops.push(() => client.destroy());
    await client.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn: 'arn:aws:iam::123456789012:role/Scanner' }));
    const state = await registry.repository('shop/web');
    expect(state?.problems?.[0].message).toContain('user/AKIAIOSFODNN7EXAMPLE is not excluded');
    expect(registry.calls['ecr:BatchGetImage']).toBeUndefined();
  });

  test.each([
    ['arn:aws:iam::123456789012:role/Audit', 'arn:aws:sts::123456789012:assumed-role/Audit/session', true],
    ['arn:aws:iam::123456789012:role/path/of/Audit', 'arn:aws:sts::123456789012:assumed-role/Audit/session', true],
    ['arn:aws:iam::123456789012:role/Audit', 'arn:aws:sts::210987654321:assumed-role/Audit/session', false],
    ['arn:aws:iam::123456789012:role/Audit', 'arn:aws:sts::123456789012:assumed-role/Audito/session', false],
    ['arn:aws-cn:iam::123456789012:role/Audit', 'arn:aws:sts::123456789012:assumed-role/Audit/session', false],
    ['arn:aws:iam::123456789012:user/me', 'arn:aws:iam::123456789012:user/me', true],
    ['arn:aws:iam::123456789012:user/Audit', 'arn:aws:sts::123456789012:assumed-role/Audit/session', false],
  ])('%s excludes %s: %s', (principal, caller, expected) => {
    expect(isPrincipal(principal, caller)).toBe(expected);
  });

  test('that do not come are told', async () => {
    const seed = { imageDetails: [image('shop/web', 'index', { imageManifestMediaType: OCI_INDEX, imageTags: ['v1'] })] };
    const { registry } = await registryOn({ seed }, { manifests: 'always' });
    const state = await registry.repository('shop/web');
    expect(state?.problems?.map(({ code }) => code)).toEqual(['DD-SURVEY-103']);
  });

  test('that do not come are told once, however many calls it took to ask', async () => {
    const seed = { imageDetails: Array.from({ length: 114 }, (_, i) => image('shop/web', `index-${i}`, { imageManifestMediaType: OCI_INDEX, imageTags: [`v${i}`] })) };
    const { registry } = await registryOn({ seed }, { manifests: 'always' });
    const state = await registry.repository('shop/web');
    expect(state?.problems).toEqual([expect.objectContaining({ code: 'DD-SURVEY-103', message: expect.stringContaining('The manifests of 114 indexes of shop/web') as string })]);
  });
});
