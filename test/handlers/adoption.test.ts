import { arnOf, failing, seedOf, World, WorldOptions } from './support';
import { REPOSITORY_TYPE } from '../../src/resources';

const NAME = 'legacy/app';
const wanted = {
  RepositoryName: NAME,
  ImageTagMutability: 'IMMUTABLE',
  EncryptionConfiguration: { encryptionType: 'AES256' },
  ImageScanningConfiguration: { scanOnPush: true },
  Tags: [{ Key: 'team', Value: 'blue' }, { Key: 'stage', Value: 'prod' }],
  ExistingRepository: 'adopt',
  RemovalPolicy: 'destroy',
  EmptyOnDelete: true,
};
const OTHER_STACK = { stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Other/2', logicalId: 'Theirs' };

function start(options: WorldOptions = {}): Promise<World> {
  return World.start({
    seed: seedOf(NAME, 3, {
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'dev-*' }],
      imageScanningConfiguration: { scanOnPush: false },
      tags: [{ Key: 'team', Value: 'red' }, { Key: 'cost', Value: '42' }],
    }),
    ...options,
  });
}

test('adopting converges settings and tags, keeps what belongs to others, and remembers what was there', async () => {
  const world = await start();
  const answer = await world.create(REPOSITORY_TYPE, wanted);
  expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: NAME, data: { Origin: 'adopted' } });
  expect(world.repository(NAME)).toMatchObject({ imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true } });
  expect(world.tags(NAME)).toMatchObject({ team: 'blue', stage: 'prod', cost: '42' });
  expect(world.tags(NAME)['cdk-drydock:owner']).toMatch(/^adopted [0-9a-f]{32} [0-9a-f]{16} Shop$/);
  expect(world.tags(NAME)['cdk-drydock:before-repository']).toBeDefined();
  expect(world.emulator.state.repository(NAME)?.images.size).toBe(3);
});

test.each(['ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'])(
  'a rollback (%s) after adoption restores settings and tags exactly, even where the repository was to be destroyed', async (status) => {
    const world = await start();
    const before = world.repository(NAME);
    const { physicalId } = await world.create(REPOSITORY_TYPE, wanted);
    world.cloudFormation.status = status;
    expect((await world.delete(REPOSITORY_TYPE, wanted, { physicalId })).status).toBe('SUCCESS');
    expect(world.repository(NAME)).toEqual(before);
    expect(world.callsOf('DeleteRepository')).toEqual([]);
  });

test('where CloudFormation cannot be asked, the adopted repository is given back and not deleted', async () => {
  const world = await start();
  const before = world.repository(NAME);
  const { physicalId } = await world.create(REPOSITORY_TYPE, wanted);
  world.cloudFormation.denies = true;
  expect((await world.delete(REPOSITORY_TYPE, wanted, { physicalId })).status).toBe('SUCCESS');
  expect(world.repository(NAME)).toEqual(before);
});

test('the rollback leaves what somebody has changed since', async () => {
  const world = await start();
  const { physicalId } = await world.create(REPOSITORY_TYPE, wanted);
  await world.foreign('PutImageTagMutability', { repositoryName: NAME, imageTagMutability: 'MUTABLE' });
  await world.foreign('TagResource', { resourceArn: arnOf(NAME), tags: [{ Key: 'team', Value: 'green' }] });
  world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
  await world.delete(REPOSITORY_TYPE, wanted, { physicalId });
  expect(world.repository(NAME)).toMatchObject({ imageTagMutability: 'MUTABLE', imageScanningConfiguration: { scanOnPush: false } });
  expect(world.tags(NAME)).toEqual({ team: 'green', cost: '42' });
});

test('an adopted repository is deleted when the removal policy says so and the stack goes forward, and only then', async () => {
  const world = await start();
  const { physicalId } = await world.create(REPOSITORY_TYPE, wanted);
  world.cloudFormation.status = 'DELETE_IN_PROGRESS';
  await world.delete(REPOSITORY_TYPE, { ...wanted, RemovalPolicy: 'retain' }, { physicalId });
  expect(world.repository(NAME)).toBeDefined();
  await world.delete(REPOSITORY_TYPE, wanted, { physicalId });
  expect(world.repository(NAME)).toBeUndefined();
});

test('the next update settles the adoption: what was there before is forgotten, the owner stays', async () => {
  const world = await start();
  await world.create(REPOSITORY_TYPE, wanted);
  world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
  const next = { ...wanted, ImageScanningConfiguration: { scanOnPush: false } };
  expect((await world.update(REPOSITORY_TYPE, next, { physicalId: NAME, old: wanted })).data.Origin).toBe('adopted');
  expect(Object.keys(world.tags(NAME)).sort()).toEqual(['cdk-drydock:owner', 'cost', 'stage', 'team']);
});

test.each([
  ['another type', { encryptionType: 'KMS' }],
  ['a key where there is none', { encryptionType: 'KMS', kmsKey: 'arn:aws:kms:us-east-1:123456789012:key/k' }],
])('encryption with %s is refused, and nothing is changed', async (_, encryption) => {
  const world = await start();
  const before = world.repository(NAME);
  const answer = await world.create(REPOSITORY_TYPE, { ...wanted, EncryptionConfiguration: encryption });
  expect(answer.status).toBe('FAILED');
  expect(answer.reason).toContain('DD-HANDLER-103');
  expect(world.repository(NAME)).toEqual(before);
});

test('an alias cannot be compared with the key of a repository and is refused; the key id and the ARN can', async () => {
  const key = 'arn:aws:kms:us-east-1:123456789012:key/0a0a0a0a-1111-2222-3333-444444444444';
  const world = await World.start({ seed: seedOf(NAME, 0, { encryptionConfiguration: { encryptionType: 'KMS', kmsKey: key } }) });
  const withKey = (kmsKey?: string) => ({ ...wanted, EncryptionConfiguration: { encryptionType: 'KMS', ...(kmsKey === undefined ? {} : { kmsKey }) } });
  expect((await world.create(REPOSITORY_TYPE, withKey('alias/images'))).reason).toContain('Give the ARN of the key instead of an alias');
  expect((await world.create(REPOSITORY_TYPE, withKey(key.replace('0a0a', '0b0b')))).reason).toContain('DD-HANDLER-103');
  expect((await world.create(REPOSITORY_TYPE, withKey(key), { logicalId: 'ByArn' })).status).toBe('SUCCESS');
  expect((await world.create(REPOSITORY_TYPE, withKey(key.split('/')[1]), { logicalId: 'ById' })).status).toBe('SUCCESS');
  expect((await world.create(REPOSITORY_TYPE, withKey(), { logicalId: 'AnyKey' })).status).toBe('SUCCESS');
});

test.each(['PutImageTagMutability', 'PutImageScanningConfiguration'])('a creation that fails in %s takes the adoption back before it answers', async (operation) => {
  const world = await start();
  const before = world.repository(NAME);
  world.faults.push(({ operation: called, phase, number }) =>
    called === operation && phase === 'before' && number === 1 ? { error: { type: 'InvalidParameterException', message: 'no' } } : undefined);
  const answer = await world.create(REPOSITORY_TYPE, wanted);
  expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
  expect(answer.reason).toContain(`DD-HANDLER-008 at ecr:${operation}: InvalidParameterException: no`);
  expect(world.repository(NAME)).toEqual(before);
});

test('where taking back fails as well, the answer has the real id, so that the Delete of the rollback can finish it', async () => {
  const world = await start();
  const before = world.repository(NAME);
  const broken = failing('PutImageScanningConfiguration', 1, { error: { type: 'InvalidParameterException', message: 'no' } });
  const stuck = failing('PutImageTagMutability', 1, { error: { type: 'InvalidParameterException', message: 'no' } });
  world.faults.push(broken, (call) => world.callsOf('PutImageScanningConfiguration').length > 0 ? stuck(call) : undefined);
  const answer = await world.create(REPOSITORY_TYPE, wanted);
  expect(answer).toMatchObject({ status: 'FAILED', physicalId: NAME });
  world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
  expect((await world.delete(REPOSITORY_TYPE, wanted, { physicalId: answer.physicalId })).status).toBe('SUCCESS');
  expect(world.repository(NAME)).toEqual(before);
});

test('too many tags are refused before anything is changed', async () => {
  const tags = Array.from({ length: 47 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
  const world = await World.start({ seed: seedOf(NAME, 0, { tags }) });
  const answer = await world.create(REPOSITORY_TYPE, wanted);
  expect(answer.reason).toContain('DD-HANDLER-106');
  expect(world.repository(NAME)?.tags).toEqual(tags);
});

test('a duplicate delivery does not overwrite what the first one remembered', async () => {
  const world = await start();
  const before = world.repository(NAME);
  const event = world.event('Create', REPOSITORY_TYPE, wanted);
  await world.deliver(event);
  expect((await world.deliver(event)).data.Origin).toBe('adopted');
  world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
  await world.delete(REPOSITORY_TYPE, wanted, { physicalId: NAME });
  expect(world.repository(NAME)).toEqual(before);
});

test('taking over from another stack is undone for that stack, too', async () => {
  const world = await start();
  await world.create(REPOSITORY_TYPE, wanted, OTHER_STACK);
  const theirs = world.repository(NAME);
  const ours = { ...wanted, ImageTagMutability: 'MUTABLE', Tags: [{ Key: 'team', Value: 'ours' }] };
  await world.create(REPOSITORY_TYPE, ours);
  world.cloudFormation.status = 'DELETE_IN_PROGRESS';
  await world.delete(REPOSITORY_TYPE, wanted, { ...OTHER_STACK, physicalId: NAME });
  expect(world.repository(NAME)).toBeDefined();
  world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
  await world.delete(REPOSITORY_TYPE, ours, { physicalId: NAME });
  expect(world.repository(NAME)).toEqual(theirs);
});

test('of two stacks that adopt at the same moment one fails, and does not disturb the other', async () => {
  const world = await start();
  let raced = false;
  world.faults.push(async ({ operation, phase }) => {
    if (operation === 'TagResource' && phase === 'after' && !raced) {
      raced = true;
      await world.deliver(world.event('Create', REPOSITORY_TYPE, wanted, OTHER_STACK), world.newHandler());
    }
  });
  const answer = await world.create(REPOSITORY_TYPE, wanted);
  expect(answer.reason).toContain('DD-HANDLER-107');
  expect(world.tags(NAME)['cdk-drydock:owner']).toMatch(/ Other$/);
  expect(world.repository(NAME)).toMatchObject({ imageTagMutability: 'IMMUTABLE' });
});
