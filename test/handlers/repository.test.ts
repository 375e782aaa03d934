import { failing, pushImage, seedOf, throttled, World } from './support';
import { REPOSITORY_TYPE } from '../../src/resources';

const base = {
  RepositoryName: 'shop/web',
  ImageTagMutability: 'IMMUTABLE',
  EncryptionConfiguration: { encryptionType: 'AES256' },
  ImageScanningConfiguration: { scanOnPush: true },
  Tags: [{ Key: 'team', Value: 'blue' }],
  ExistingRepository: 'fail',
  RemovalPolicy: 'retain',
  EmptyOnDelete: false,
};
const adopting = { ...base, ExistingRepository: 'adopt' };

test('a repository is created as the properties say, with its owner in a tag, and its attributes come back', async () => {
  const world = await World.start();
  const answer = await world.create(REPOSITORY_TYPE, base);
  expect(answer).toMatchObject({
    status: 'SUCCESS',
    physicalId: 'shop/web',
    data: {
      Arn: 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web',
      RepositoryName: 'shop/web',
      RepositoryUri: '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web',
      RegistryId: '123456789012',
      Origin: 'created',
    },
  });
  expect(world.repository('shop/web')).toMatchObject({ imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true } });
  expect(world.tags('shop/web')).toEqual({ 'team': 'blue', 'cdk-drydock:owner': expect.stringMatching(/^created [0-9a-f]{32} [0-9a-f]{16} Shop$/) });
});

test('properties come as strings, and those of an earlier release may lack what is new', async () => {
  const world = await World.start();
  const answer = await world.create(REPOSITORY_TYPE, { RepositoryName: 'old/form', ImageScanningConfiguration: { scanOnPush: 'false' }, FutureProperty: { a: [1] } });
  expect(answer.status).toBe('SUCCESS');
  expect(world.repository('old/form')).toMatchObject({
    imageTagMutability: 'MUTABLE', imageScanningConfiguration: { scanOnPush: false }, encryptionConfiguration: { encryptionType: 'AES256' },
  });
});

test('every problem of the properties is told at once, and nothing is created', async () => {
  const world = await World.start();
  const answer = await world.create(REPOSITORY_TYPE, {
    ...base,
    RepositoryName: 'Shop_',
    ImageTagMutability: 'FROZEN',
    EmptyOnDelete: 'perhaps',
    ExistingRepository: 'steal',
    Tags: [{ Key: 'cdk-drydock:owner', Value: 'me' }],
  });
  expect(answer.status).toBe('FAILED');
  expect(answer.physicalId).toBe('drydock:create-failed:request-1');
  for (const name of ['RepositoryName', 'ImageTagMutability', 'EmptyOnDelete', 'ExistingRepository', 'Tags/cdk-drydock:owner']) {
    expect(answer.reason).toContain(`DD-HANDLER-002 at ${name}`);
  }
  expect(world.calls).toEqual([]);
});

test('exclusion filters without a mode that takes them are refused, and with one they are set', async () => {
  const world = await World.start();
  const filters = { ImageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'dev-*' }] };
  expect((await world.create(REPOSITORY_TYPE, { ...base, ...filters })).reason).toContain('ImageTagMutabilityExclusionFilters');
  expect((await world.create(REPOSITORY_TYPE, { ...base, ...filters, ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' })).status).toBe('SUCCESS');
  expect(world.repository('shop/web')?.imageTagMutabilityExclusionFilters).toEqual([{ filterType: 'WILDCARD', filter: 'dev-*' }]);
});

describe('a repository that exists already', () => {
  test('is left alone, and the failure names its owner and the ways out; the Delete of the failed creation does nothing', async () => {
    const world = await World.start({ seed: seedOf('shop/web', 2, { imageTagMutability: 'MUTABLE' }) });
    const before = world.repository('shop/web');
    const answer = await world.create(REPOSITORY_TYPE, base);
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    expect(answer.reason).toContain('DD-HANDLER-102');
    expect(answer.reason).toContain('ExistingRepository.ADOPT');
    const calls = world.calls.length;
    expect((await world.delete(REPOSITORY_TYPE, base, { physicalId: answer.physicalId })).status).toBe('SUCCESS');
    expect(world.calls).toHaveLength(calls);
    expect(world.repository('shop/web')).toEqual(before);
  });

  test('is not adopted by mistake where the same construct left it behind earlier: retained repositories are adopted on request only', async () => {
    const world = await World.start();
    await world.create(REPOSITORY_TYPE, base);
    const again = await world.create(REPOSITORY_TYPE, base);
    expect(again.reason).toContain('exists already; its owner is stack Shop');
    expect((await world.create(REPOSITORY_TYPE, adopting)).data.Origin).toBe('adopted');
  });

  test('may vanish before it is looked at; then it is created after all', async () => {
    const world = await World.start({ seed: seedOf('shop/web', 0) });
    let deleted = false;
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'DescribeRepositories' && phase === 'before' && !deleted) {
        deleted = true;
        await world.foreign('DeleteRepository', { repositoryName: 'shop/web' });
      }
    });
    expect((await world.create(REPOSITORY_TYPE, base)).data.Origin).toBe('created');
  });
});

describe('duplicate deliveries', () => {
  test('one after another create one repository and give the same answer', async () => {
    const world = await World.start();
    const event = world.event('Create', REPOSITORY_TYPE, base);
    const first = await world.deliver(event);
    const second = await world.deliver(event, world.newHandler());
    expect(second).toMatchObject({ status: 'SUCCESS', physicalId: first.physicalId, data: first.data });
  });

  test('at the same time create one repository, too', async () => {
    const world = await World.start({ latencyMs: 5 });
    const event = world.event('Create', REPOSITORY_TYPE, base);
    const context = { getRemainingTimeInMillis: () => 30_000 };
    await Promise.all([world.newHandler()(event, context), world.newHandler()(event, context)]);
    const answers = world.responses.of(event.RequestId);
    expect(answers.map(({ status, physicalId, data }) => [status, physicalId, data.Origin])).toEqual([
      ['SUCCESS', 'shop/web', 'created'], ['SUCCESS', 'shop/web', 'created'],
    ]);
  });

  test('of a Delete succeed both', async () => {
    const world = await World.start();
    const properties = { ...base, RemovalPolicy: 'destroy' };
    await world.create(REPOSITORY_TYPE, properties);
    const event = world.event('Delete', REPOSITORY_TYPE, properties, { physicalId: 'shop/web' });
    expect([(await world.deliver(event)).status, (await world.deliver(event)).status]).toEqual(['SUCCESS', 'SUCCESS']);
    expect(world.repository('shop/web')).toBeUndefined();
  });
});

test('a creation whose answer was lost is recognised as this request\'s own when it is sent again', async () => {
  const world = await World.start();
  world.faults.push(failing('CreateRepository', 1, { disconnect: true }, 'after'));
  expect(await world.create(REPOSITORY_TYPE, base)).toMatchObject({ status: 'SUCCESS', data: { Origin: 'created' } });
});

test('a creation that may have happened although it failed gets the real id, so that the rollback finds it', async () => {
  const world = await World.start({ timing: { transientWindowMillis: 0 } });
  world.faults.push(failing('CreateRepository', 99, { disconnect: true }, 'after'));
  const answer = await world.create(REPOSITORY_TYPE, base);
  expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'shop/web' });
  expect(world.repository('shop/web')).toBeDefined();
  world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
  expect((await world.delete(REPOSITORY_TYPE, base, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
  expect(world.repository('shop/web')).toBeUndefined();
});

test('throttling and server errors are outlasted', async () => {
  const world = await World.start();
  world.faults.push(failing('CreateRepository', 3, throttled()), failing('CreateRepository', 2, { error: { type: 'ServerException', message: 'x', statusCode: 500 } }));
  expect((await world.create(REPOSITORY_TYPE, base)).status).toBe('SUCCESS');
});

describe('an update', () => {
  const created = async () => {
    const world = await World.start();
    await world.create(REPOSITORY_TYPE, base);
    return world;
  };

  test('converges settings and tags, keeps the id, and keeps the tags of others', async () => {
    const world = await created();
    await world.foreign('TagResource', { resourceArn: 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web', tags: [{ Key: 'cost', Value: '7' }] });
    const wanted = {
      ...base, ImageTagMutability: 'MUTABLE', ImageScanningConfiguration: { scanOnPush: false }, Tags: [{ Key: 'tier', Value: 'front' }],
    };
    const answer = await world.update(REPOSITORY_TYPE, wanted, { physicalId: 'shop/web', old: base });
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: 'shop/web', data: { Origin: 'created' } });
    expect(world.repository('shop/web')).toMatchObject({ imageTagMutability: 'MUTABLE', imageScanningConfiguration: { scanOnPush: false } });
    expect(world.tags('shop/web')).toEqual({ 'cost': '7', 'tier': 'front', 'cdk-drydock:owner': expect.any(String) });
  });

  test('that changes nothing sends nothing that changes', async () => {
    const world = await created();
    world.calls.length = 0;
    await world.update(REPOSITORY_TYPE, base, { physicalId: 'shop/web', old: base });
    expect(world.calls.map(({ operation }) => operation)).toEqual(['DescribeRepositories', 'ListTagsForResource']);
  });

  test('of one of our tags that somebody has changed since does not remove it', async () => {
    const world = await created();
    await world.foreign('TagResource', { resourceArn: 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web', tags: [{ Key: 'team', Value: 'red' }] });
    await world.update(REPOSITORY_TYPE, { ...base, Tags: [] }, { physicalId: 'shop/web', old: base });
    expect(world.tags('shop/web').team).toBe('red');
  });

  test('that overwrites the tag of somebody else gives it back when it is rolled back, and only then', async () => {
    const world = await created();
    const arn = 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web';
    await world.foreign('TagResource', { resourceArn: arn, tags: [{ Key: 'cost', Value: 'theirs' }] });
    const before = world.tags('shop/web');
    const wanted = { ...base, Tags: [...base.Tags, { Key: 'cost', Value: 'ours' }] };
    await world.update(REPOSITORY_TYPE, wanted, { physicalId: 'shop/web', old: base });
    expect(world.tags('shop/web').cost).toBe('ours');
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await world.update(REPOSITORY_TYPE, base, { physicalId: 'shop/web', old: wanted });
    expect(world.tags('shop/web')).toEqual(before);

    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    await world.update(REPOSITORY_TYPE, wanted, { physicalId: 'shop/web', old: base });
    await world.update(REPOSITORY_TYPE, base, { physicalId: 'shop/web', old: wanted });
    expect(Object.keys(world.tags('shop/web')).sort()).toEqual(['cdk-drydock:owner', 'team']);
  });

  test('that overwrites the tag of somebody else and comes twice still knows what it gives back', async () => {
    const world = await created();
    const arn = 'arn:aws:ecr:us-east-1:123456789012:repository/shop/web';
    await world.foreign('TagResource', { resourceArn: arn, tags: [{ Key: 'cost', Value: 'theirs' }] });
    const before = world.tags('shop/web');
    const wanted = { ...base, Tags: [...base.Tags, { Key: 'cost', Value: 'ours' }] };
    const event = world.event('Update', REPOSITORY_TYPE, wanted, { physicalId: 'shop/web', old: base });
    await world.deliver(event);
    await world.deliver(event, world.newHandler());
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await world.update(REPOSITORY_TYPE, base, { physicalId: 'shop/web', old: wanted });
    expect(world.tags('shop/web')).toEqual(before);
  });

  test('of the encryption is refused with the way out, and rolls back', async () => {
    const world = await created();
    const wanted = { ...base, EncryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'arn:aws:kms:us-east-1:123456789012:key/k1' } };
    const answer = await world.update(REPOSITORY_TYPE, wanted, { physicalId: 'shop/web', old: base });
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'shop/web' });
    expect(answer.reason).toContain('DD-HANDLER-103');
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect((await world.update(REPOSITORY_TYPE, base, { physicalId: 'shop/web', old: wanted })).status).toBe('SUCCESS');
  });

  test('from one alias of a key to another is refused, since ECR shows only the key; going back is not', async () => {
    const world = await World.start();
    const withAlias = (alias: string) => ({ ...base, EncryptionConfiguration: { encryptionType: 'KMS', kmsKey: `alias/${alias}` } });
    await world.create(REPOSITORY_TYPE, withAlias('one'));
    expect((await world.update(REPOSITORY_TYPE, { ...withAlias('one'), Tags: [] }, { physicalId: 'shop/web', old: withAlias('one') })).status).toBe('SUCCESS');
    expect((await world.update(REPOSITORY_TYPE, withAlias('two'), { physicalId: 'shop/web', old: withAlias('one') })).reason).toContain('DD-HANDLER-103');
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect((await world.update(REPOSITORY_TYPE, withAlias('one'), { physicalId: 'shop/web', old: withAlias('two') })).status).toBe('SUCCESS');
  });

  test('of a repository that somebody deleted makes it anew', async () => {
    const world = await created();
    await world.foreign('DeleteRepository', { repositoryName: 'shop/web' });
    expect((await world.update(REPOSITORY_TYPE, base, { physicalId: 'shop/web', old: base })).status).toBe('SUCCESS');
    expect(world.repository('shop/web')).toBeDefined();
  });

  test('of a repository that another stack adopted fails; its rollback leaves it alone', async () => {
    const world = await created();
    const other = { stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Other/2', logicalId: 'Theirs' };
    await world.create(REPOSITORY_TYPE, adopting, other);
    const before = world.repository('shop/web');
    const wanted = { ...base, ImageTagMutability: 'MUTABLE' };
    expect((await world.update(REPOSITORY_TYPE, wanted, { physicalId: 'shop/web', old: base })).reason).toContain('DD-HANDLER-104');
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect((await world.update(REPOSITORY_TYPE, base, { physicalId: 'shop/web', old: wanted })).status).toBe('SUCCESS');
    expect(world.repository('shop/web')).toEqual(before);
  });

  test('to another name creates there; the later Delete of the old name does not touch the new one', async () => {
    const world = await created();
    const renamed = { ...base, RepositoryName: 'shop/api', RemovalPolicy: 'destroy' };
    const answer = await world.update(REPOSITORY_TYPE, renamed, { physicalId: 'shop/web', old: base });
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: 'shop/api' });
    world.cloudFormation.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    expect((await world.delete(REPOSITORY_TYPE, { ...base, RemovalPolicy: 'destroy' }, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
    expect(world.repository('shop/web')).toBeUndefined();
    expect(world.repository('shop/api')).toBeDefined();
  });

  test('to another name that is rolled back by an update finds the old repository as its own', async () => {
    const world = await created();
    const renamed = { ...base, RepositoryName: 'shop/api' };
    await world.update(REPOSITORY_TYPE, renamed, { physicalId: 'shop/web', old: base });
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect(await world.update(REPOSITORY_TYPE, base, { physicalId: 'shop/api', old: renamed })).toMatchObject({ status: 'SUCCESS', physicalId: 'shop/web', data: { Origin: 'created' } });
    world.cloudFormation.status = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
    await world.delete(REPOSITORY_TYPE, renamed, { physicalId: 'shop/api' });
    expect(world.repository('shop/api')).toBeUndefined();
    expect(world.repository('shop/web')).toBeDefined();
  });

  test('to a name that is taken fails with the old id', async () => {
    const world = await created();
    await world.foreign('CreateRepository', { repositoryName: 'shop/api' });
    const answer = await world.update(REPOSITORY_TYPE, { ...base, RepositoryName: 'shop/api' }, { physicalId: 'shop/web', old: base });
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'shop/web' });
  });
});

describe('a Delete', () => {
  const destroyed = { ...base, RemovalPolicy: 'destroy' };

  test('of a repository that is gone is a success', async () => {
    const world = await World.start();
    expect((await world.delete(REPOSITORY_TYPE, destroyed, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
  });

  test('never touches a repository that has no owner or another one', async () => {
    const world = await World.start({ seed: seedOf('shop/web', 1) });
    const everything = { ...destroyed, EmptyOnDelete: true, ExistingRepository: 'adopt' };
    expect((await world.delete(REPOSITORY_TYPE, everything, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
    await world.create(REPOSITORY_TYPE, adopting, { logicalId: 'Theirs' });
    expect((await world.delete(REPOSITORY_TYPE, everything, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
    expect(world.callsOf('DeleteRepository')).toEqual([]);
  });

  test('leaves images alone unless they are to go, and says what to do', async () => {
    const world = await World.start();
    await world.create(REPOSITORY_TYPE, destroyed);
    await pushImage(world, 'shop/web');
    const answer = await world.delete(REPOSITORY_TYPE, destroyed, { physicalId: 'shop/web' });
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'shop/web' });
    expect(answer.reason).toContain('DD-HANDLER-105');
    expect((await world.delete(REPOSITORY_TYPE, { ...destroyed, EmptyOnDelete: 'true' }, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
    expect(world.repository('shop/web')).toBeUndefined();
  });

  test('in a rollback leaves a repository that has got images, rather than failing the rollback', async () => {
    const world = await World.start();
    await world.create(REPOSITORY_TYPE, destroyed);
    await pushImage(world, 'shop/web');
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    expect((await world.delete(REPOSITORY_TYPE, destroyed, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
    expect(world.repository('shop/web')).toBeDefined();
  });

  test.each([
    ['ROLLBACK_IN_PROGRESS', false], ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', false], ['DELETE_IN_PROGRESS', true], ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', true],
  ])('of a repository to retain, empty and created by us: %s leaves it: %s', async (status, stays) => {
    const world = await World.start();
    await world.create(REPOSITORY_TYPE, base);
    world.cloudFormation.status = status;
    expect((await world.delete(REPOSITORY_TYPE, base, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
    expect(world.repository('shop/web') !== undefined).toBe(stays);
  });

  test('of a repository to retain never forces, whatever else is set', async () => {
    const world = await World.start();
    const properties = { ...base, EmptyOnDelete: true };
    await world.create(REPOSITORY_TYPE, properties);
    await pushImage(world, 'shop/web');
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    await world.delete(REPOSITORY_TYPE, properties, { physicalId: 'shop/web' });
    expect(world.callsOf('DeleteRepository').map(({ force }) => force ?? false)).toEqual([false]);
    expect(world.repository('shop/web')).toBeDefined();
  });

  test('looks again at whose the name is before it is sent again: a repository made meanwhile by somebody else stays', async () => {
    const world = await World.start();
    await world.create(REPOSITORY_TYPE, destroyed);
    let once = true;
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'DeleteRepository' && phase === 'after' && once) {
        once = false;
        await world.foreign('CreateRepository', { repositoryName: 'shop/web' });
        return { disconnect: true };
      }
      return undefined;
    });
    expect((await world.delete(REPOSITORY_TYPE, destroyed, { physicalId: 'shop/web' })).status).toBe('SUCCESS');
    expect(world.repository('shop/web')).toBeDefined();
  });

  test('finds the repository by the properties where CloudFormation has made up the id', async () => {
    const world = await World.start();
    await world.create(REPOSITORY_TYPE, base);
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    expect((await world.delete(REPOSITORY_TYPE, base, { physicalId: 'Shop-Resource-1ABCDEF' })).status).toBe('SUCCESS');
    expect(world.repository('shop/web')).toBeUndefined();
  });

  test('in a nested stack that its parent takes back is a rollback', async () => {
    const world = await World.start();
    await world.create(REPOSITORY_TYPE, base);
    world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    world.cloudFormation.root = { id: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Root/1', status: 'ROLLBACK_IN_PROGRESS' };
    await world.delete(REPOSITORY_TYPE, base, { physicalId: 'shop/web' });
    expect(world.repository('shop/web')).toBeUndefined();
  });
});

describe('a creation that is delivered when the stack has begun to roll back', () => {
  test.each(['fail', 'adopt'])('makes nothing and adopts nothing: nobody would delete it (%s)', async (ExistingRepository) => {
    const world = await World.start({ seed: { repositories: [{ repositoryName: 'team/old' }], imageDetails: [] } });
    const before = world.emulator.inventory();
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    for (const RepositoryName of ['shop/web', 'team/old']) {
      const answer = await world.create(REPOSITORY_TYPE, { ...base, RepositoryName, ExistingRepository });
      expect(answer).toMatchObject({ status: 'FAILED', physicalId: expect.stringMatching(/^drydock:create-failed:/), reason: expect.stringContaining('DD-HANDLER-304') });
    }
    expect(world.emulator.inventory()).toEqual(before);
  });

  test('gives the id of what an earlier delivery of it has made, for the Delete to come', async () => {
    const world = await World.start();
    const event = world.event('Create', REPOSITORY_TYPE, { ...base, RemovalPolicy: 'destroy' });
    await world.deliver(event);
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    const { status, physicalId } = await world.deliver(event, world.newHandler());
    expect({ status, physicalId }).toEqual({ status: 'FAILED', physicalId: 'shop/web' });
    await world.delete(REPOSITORY_TYPE, { ...base, RemovalPolicy: 'destroy' }, { physicalId });
    expect(world.repository('shop/web')).toBeUndefined();
  });
});
