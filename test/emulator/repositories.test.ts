import {
  CreateRepositoryCommand, CreateRepositoryCommandInput, DeleteRepositoryCommand, DescribeRepositoriesCommand, PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
} from '@aws-sdk/client-ecr';
import { ACCOUNT, ecr, image, NOW, refusal } from './support';

test('a repository is described with its defaults', async () => {
  const { client } = await ecr();
  const { repository } = await client.send(new CreateRepositoryCommand({ repositoryName: 'team/app' }));
  expect(repository).toEqual({
    repositoryArn: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/team/app`,
    registryId: ACCOUNT,
    repositoryName: 'team/app',
    repositoryUri: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/team/app`,
    createdAt: new Date(NOW),
    imageTagMutability: 'MUTABLE',
    imageScanningConfiguration: { scanOnPush: false },
    encryptionConfiguration: { encryptionType: 'AES256' },
  });
  expect((await client.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([repository]);
});

test('account and Region show in ARN and URI', async () => {
  const { client } = await ecr({ accountId: '210987654321', region: 'cn-north-1' });
  const { repository } = await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  expect(repository).toMatchObject({
    repositoryArn: 'arn:aws-cn:ecr:cn-north-1:210987654321:repository/app',
    repositoryUri: '210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn/app',
  });
});

test('a second creation is refused, whatever the settings', async () => {
  const { client } = await ecr();
  await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  const { name, message, status } = await refusal(client.send(new CreateRepositoryCommand({ repositoryName: 'app' })));
  expect({ name, message, status }).toEqual({
    name: 'RepositoryAlreadyExistsException',
    message: 'The repository with name \'app\' already exists in the registry with id \'123456789012\'',
    status: 400,
  });
});

test('creating in the registry of another account is denied', async () => {
  const { client } = await ecr();
  const { name, status } = await refusal(client.send(new CreateRepositoryCommand({ repositoryName: 'app', registryId: '210987654321' })));
  expect({ name, status }).toEqual({ name: 'AccessDeniedException', status: 403 });
});

test('the quota of repositories holds', async () => {
  const { client } = await ecr({ quotas: { repositories: 1 } });
  await client.send(new CreateRepositoryCommand({ repositoryName: 'one' }));
  expect((await refusal(client.send(new CreateRepositoryCommand({ repositoryName: 'two' })))).name).toBe('LimitExceededException');
});

test('one missing name fails the whole description', async () => {
  const { client } = await ecr();
  await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  expect(await refusal(client.send(new DescribeRepositoriesCommand({ repositoryNames: ['app', 'absent'] })))).toMatchObject({
    name: 'RepositoryNotFoundException', message: expect.stringContaining('\'absent\''),
  });
  const { repositories } = await client.send(new DescribeRepositoriesCommand({ repositoryNames: ['app', 'app'] }));
  expect(repositories).toHaveLength(1);
});

describe('deletion', () => {
  test('an empty repository goes and is described a last time', async () => {
    const { client } = await ecr();
    const { repository } = await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
    expect((await client.send(new DeleteRepositoryCommand({ repositoryName: 'app' }))).repository).toEqual(repository);
    expect((await refusal(client.send(new DeleteRepositoryCommand({ repositoryName: 'app' })))).name).toBe('RepositoryNotFoundException');
  });

  test.each([['a tagged', { imageTags: ['v1'] }], ['an untagged', {}], ['an archived', { imageStatus: 'ARCHIVED' as const }]])(
    '%s image blocks it unless it is forced', async (_, details) => {
      const { client, emulator } = await ecr({ seed: { imageDetails: [image('app', 'a', details)] } });
      expect(await refusal(client.send(new DeleteRepositoryCommand({ repositoryName: 'app' })))).toMatchObject({
        name: 'RepositoryNotEmptyException',
        message: 'The repository with name \'app\' in registry with id \'123456789012\' cannot be deleted because it still contains images',
      });
      expect((await refusal(client.send(new DeleteRepositoryCommand({ repositoryName: 'app', force: false })))).name).toBe('RepositoryNotEmptyException');
      expect(emulator.state.repository('app')!.images.size).toBe(1);
      await client.send(new DeleteRepositoryCommand({ repositoryName: 'app', force: true }));
      expect(emulator.state.repository('app')).toBeUndefined();
    });

  test('a repository of the same name begins with nothing', async () => {
    const { client, emulator } = await ecr({ seed: { imageDetails: [image('app', 'a', { imageTags: ['v1'] })] } });
    await client.send(new DeleteRepositoryCommand({ repositoryName: 'app', force: true }));
    await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
    expect(emulator.inventory('app').imageDetails).toEqual([]);
    expect(emulator.state.repository('app')!.tagged('v1')).toBeUndefined();
  });
});

describe('encryption', () => {
  const KEY = '11111111-2222-3333-4444-555555555555';
  const create = (encryptionConfiguration: CreateRepositoryCommandInput['encryptionConfiguration']) =>
    new CreateRepositoryCommand({ repositoryName: 'app', encryptionConfiguration });

  test.each([
    [KEY, `arn:aws:kms:us-east-1:${ACCOUNT}:key/${KEY}`],
    [`arn:aws:kms:us-east-1:210987654321:key/${KEY}`, `arn:aws:kms:us-east-1:210987654321:key/${KEY}`],
  ])('the key %s is stored as %s', async (kmsKey, arn) => {
    const { client } = await ecr();
    const { repository } = await client.send(create({ encryptionType: 'KMS', kmsKey }));
    expect(repository!.encryptionConfiguration).toEqual({ encryptionType: 'KMS', kmsKey: arn });
  });

  test('an alias, by name or ARN, and no key at all stand for the ARN of a key', async () => {
    const { client } = await ecr();
    const stored: (string | undefined)[] = [];
    for (const kmsKey of ['alias/mine', `arn:aws:kms:us-east-1:${ACCOUNT}:alias/mine`, undefined]) {
      const { repository } = await client.send(create({ encryptionType: 'KMS', kmsKey }));
      stored.push(repository!.encryptionConfiguration!.kmsKey);
      await client.send(new DeleteRepositoryCommand({ repositoryName: 'app' }));
    }
    expect(stored[0]).toMatch(new RegExp(`^arn:aws:kms:us-east-1:${ACCOUNT}:key/[0-9a-f-]{36}$`));
    expect(stored[1]).toBe(stored[0]);
    expect(stored[2]).not.toBe(stored[0]);
  });

  test('a key elsewhere or of no known form is a KmsException with its reason', async () => {
    const { client } = await ecr();
    for (const kmsKey of [`arn:aws:kms:eu-west-1:${ACCOUNT}:key/${KEY}`, 'my key']) {
      const { name, error } = await refusal(client.send(create({ encryptionType: 'KMS', kmsKey })));
      expect(name).toBe('KmsException');
      expect((error as { kmsError?: string }).kmsError).toBe('KMS.NotFoundException');
    }
  });

  test('a key for AES256 and double encryption outside GovCloud are refused', async () => {
    const { client } = await ecr();
    expect((await refusal(client.send(create({ encryptionType: 'AES256', kmsKey: KEY })))).name).toBe('InvalidParameterException');
    expect((await refusal(client.send(create({ encryptionType: 'KMS_DSSE' })))).message).toContain('GovCloud');
    const gov = await ecr({ region: 'us-gov-west-1' });
    const { repository } = await gov.client.send(create({ encryptionType: 'KMS_DSSE', kmsKey: KEY }));
    expect(repository!.encryptionConfiguration).toEqual({ encryptionType: 'KMS_DSSE', kmsKey: `arn:aws-us-gov:kms:us-gov-west-1:${ACCOUNT}:key/${KEY}` });
  });
});

describe('settings', () => {
  const FILTERS = [{ filterType: 'WILDCARD' as const, filter: 'latest*' }];

  test('mutability is echoed, described, and filters go with the mode', async () => {
    const { client } = await ecr();
    await client.send(new CreateRepositoryCommand({ repositoryName: 'app', imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION', imageTagMutabilityExclusionFilters: FILTERS }));
    const describe = async () => (await client.send(new DescribeRepositoriesCommand({}))).repositories![0];
    expect(await describe()).toMatchObject({ imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION', imageTagMutabilityExclusionFilters: FILTERS });
    expect(await client.send(new PutImageTagMutabilityCommand({ repositoryName: 'app', imageTagMutability: 'IMMUTABLE' }))).toMatchObject({
      registryId: ACCOUNT, repositoryName: 'app', imageTagMutability: 'IMMUTABLE',
    });
    expect(await describe()).toMatchObject({ imageTagMutability: 'IMMUTABLE' });
    expect(await describe()).not.toHaveProperty('imageTagMutabilityExclusionFilters');
  });

  test.each(['IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION'] as const)('%s needs filters', async (imageTagMutability) => {
    const { client } = await ecr();
    const message = 'Invalid parameter at \'imageTagMutabilityExclusionFilters\' failed to satisfy constraint: ' +
      `'ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as ${imageTagMutability}'`;
    expect((await refusal(client.send(new CreateRepositoryCommand({ repositoryName: 'app', imageTagMutability })))).message).toBe(message);
    await client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
    expect((await refusal(client.send(new PutImageTagMutabilityCommand({ repositoryName: 'app', imageTagMutability })))).message).toBe(message);
  });

  test('filters with a plain mode are refused', async () => {
    const { client } = await ecr();
    for (const imageTagMutability of ['MUTABLE', 'IMMUTABLE', undefined] as const) {
      const command = new CreateRepositoryCommand({ repositoryName: 'app', imageTagMutability, imageTagMutabilityExclusionFilters: FILTERS });
      expect((await refusal(client.send(command))).name).toBe('InvalidParameterException');
    }
  });

  test('scanning on push is set and described', async () => {
    const { client } = await ecr();
    await client.send(new CreateRepositoryCommand({ repositoryName: 'app', imageScanningConfiguration: { scanOnPush: true } }));
    const describe = async () => (await client.send(new DescribeRepositoriesCommand({}))).repositories![0].imageScanningConfiguration;
    expect(await describe()).toEqual({ scanOnPush: true });
    const off = { scanOnPush: false };
    expect(await client.send(new PutImageScanningConfigurationCommand({ repositoryName: 'app', imageScanningConfiguration: off })))
      .toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', imageScanningConfiguration: off });
    expect(await describe()).toEqual(off);
  });
});
