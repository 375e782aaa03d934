import { arnOf, keep, pushImage, seedOf, text, World } from './support';
import { HANDLER_PERMISSIONS, HandlerPermission } from '../../src/permissions';
import {
  LIFECYCLE_POLICY_PREVIEW_TYPE, LIFECYCLE_POLICY_TYPE, PREVIEW_GATE_TYPE, REPOSITORY_POLICY_TYPE, REPOSITORY_TYPE,
} from '../../src/resources';
import { RunningServices } from '../ecr/running';

const NAME = 'shop/web';
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/0a0a0a0a-1111-2222-3333-444444444444';

type Situation = ReadonlySet<HandlerPermission['when']>;

/** What a resource type may need in a situation, without what the services only check on the way. */
function granted(resourceType: string, ...situation: HandlerPermission['when'][]): string[] {
  const holds: Situation = new Set([undefined, ...situation]);
  const needed = HANDLER_PERMISSIONS[resourceType].filter(({ when, impliedBy }) => holds.has(when) && impliedBy === undefined);
  return unique(needed.map(({ action }) => action));
}

function used(...worlds: World[]): string[] {
  return unique(worlds.flatMap((world) => [
    ...world.calls.map(({ operation }) => `ecr:${operation}`), ...world.cloudFormation.calls.map(({ action }) => `cloudformation:${action}`),
  ]));
}

const unique = (names: readonly string[]) => [...new Set(names)].sort();
const start = (settings = {}, images = 3) => World.start({ seed: seedOf(NAME, images, settings) });

test('a repository: created, adopted, changed, deleted, rolled back', async () => {
  const properties = { RepositoryName: NAME, Tags: [{ Key: 'a', Value: '1' }], EncryptionConfiguration: { encryptionType: 'KMS', kmsKey: KEY }, RemovalPolicy: 'destroy' };
  const changed = { ...properties, ImageTagMutability: 'IMMUTABLE', ImageScanningConfiguration: { scanOnPush: true }, Tags: [{ Key: 'b', Value: '2' }] };
  const fresh = await World.start();
  await fresh.create(REPOSITORY_TYPE, properties);
  await fresh.update(REPOSITORY_TYPE, changed, { physicalId: NAME, old: properties });
  await pushImage(fresh, NAME);
  await fresh.delete(REPOSITORY_TYPE, changed, { physicalId: NAME });
  await fresh.delete(REPOSITORY_TYPE, { ...changed, EmptyOnDelete: true }, { physicalId: NAME });
  const adopted = await start({ encryptionConfiguration: { encryptionType: 'KMS', kmsKey: KEY } });
  await adopted.create(REPOSITORY_TYPE, { ...changed, ExistingRepository: 'adopt' });
  adopted.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
  await adopted.delete(REPOSITORY_TYPE, { ...changed, ExistingRepository: 'adopt' }, { physicalId: NAME });
  expect(used(fresh, adopted)).toEqual(granted(REPOSITORY_TYPE));
});

test('statements in a repository policy', async () => {
  const statement = (Sid: string, account = '111122223333') => ({ Sid, Effect: 'Allow', Principal: { AWS: account }, Action: 'ecr:BatchGetImage' });
  const properties = (...Statements: unknown[]) => ({ RepositoryName: NAME, Statements });
  const world = await start();
  const { physicalId } = await world.create(REPOSITORY_POLICY_TYPE, properties(statement('A')));
  await world.update(REPOSITORY_POLICY_TYPE, properties(statement('A', '444455556666')), { physicalId, old: properties(statement('A')) });
  await world.delete(REPOSITORY_POLICY_TYPE, properties(statement('A')), { physicalId });
  expect(used(world)).toEqual(granted(REPOSITORY_POLICY_TYPE));
});

test('a lifecycle policy, with and without the gate', async () => {
  const scenario = async (PreviewGate: unknown) => {
    const world = await start({ lifecyclePolicyText: text(keep(2)) });
    const properties = (policy = keep(1)) => ({ RepositoryName: NAME, LifecyclePolicy: policy, ReplaceExisting: true, PreviewGate });
    const { physicalId, status } = await world.create(LIFECYCLE_POLICY_TYPE, properties());
    expect(status).toBe('SUCCESS');
    await world.update(LIFECYCLE_POLICY_TYPE, properties(keep(3)), { physicalId, old: properties() });
    await world.delete(LIFECYCLE_POLICY_TYPE, properties(keep(3)), { physicalId });
    return world;
  };
  expect(used(await scenario({ MaxExpiringImages: 9 }))).toEqual(granted(LIFECYCLE_POLICY_TYPE, 'gate'));
  expect(used(await scenario('off'))).toEqual(granted(LIFECYCLE_POLICY_TYPE));
});

test('a lifecycle policy writes no tags but those whose key is ours', async () => {
  const world = await start({ lifecyclePolicyText: text(keep(2)), tags: [{ Key: 'team', Value: 'blue' }] });
  const properties = { RepositoryName: NAME, LifecyclePolicy: keep(1), ReplaceExisting: true, PreviewGate: 'off' };
  const { physicalId } = await world.create(LIFECYCLE_POLICY_TYPE, properties);
  await world.delete(LIFECYCLE_POLICY_TYPE, properties, { physicalId });
  const keys = [...world.callsOf('TagResource').flatMap(({ tags }) => tags.map(({ Key }: any) => Key)), ...world.callsOf('UntagResource').flatMap(({ tagKeys }) => tagKeys)];
  expect(keys.length).toBeGreaterThan(1);
  expect(keys.filter((key) => !key.startsWith('cdk-drydock:'))).toEqual([]);
  expect(HANDLER_PERMISSIONS[LIFECYCLE_POLICY_TYPE].filter(({ ownTagsOnly }) => ownTagsOnly).map(({ action }) => action)).toEqual(['ecr:TagResource', 'ecr:UntagResource']);
});

test('a preview', async () => {
  const world = await start({ lifecyclePolicyText: text(keep(2)) });
  await world.create(LIFECYCLE_POLICY_PREVIEW_TYPE, { RepositoryName: NAME, LifecyclePolicy: keep(1) });
  expect(used(world)).toEqual(granted(LIFECYCLE_POLICY_PREVIEW_TYPE));
});

test('a gate, by name, by logical id, and off', async () => {
  const world = async (properties: Record<string, unknown>) => {
    const one = await start({ lifecyclePolicyText: text(keep(2)) });
    one.cloudFormation.physicalIds.Repo = NAME;
    const all = (policy = keep(1)) => ({ LifecyclePolicyText: text(policy), PreviewGate: { MaxExpiringImages: 9 }, ...properties });
    const { physicalId } = await one.create(PREVIEW_GATE_TYPE, all());
    await one.update(PREVIEW_GATE_TYPE, all(keep(3)), { physicalId, old: all() });
    return one;
  };
  expect(used(await world({ RepositoryName: NAME }))).toEqual(granted(PREVIEW_GATE_TYPE, 'gate'));
  expect(used(await world({ RepositoryLogicalId: 'Repo' }))).toEqual(granted(PREVIEW_GATE_TYPE, 'gate', 'logical-id'));
  expect(used(await world({ RepositoryLogicalId: 'Repo', PreviewGate: 'off' }))).toEqual([]);
});

test.each([[['ecs']], [['lambda']], [['ecs', 'lambda']]])('a gate that looks for images in use by %j', async (InUse) => {
  const services = await new RunningServices({ services: { prod: { api: 'x' } }, tasks: { prod: [{ image: 'x' }] }, functions: { f: { imageUri: 'x' } } }).start();
  try {
    for (const resourceType of [LIFECYCLE_POLICY_TYPE, PREVIEW_GATE_TYPE]) {
      services.calls.length = 0;
      const world = await World.start({ seed: seedOf(NAME, 3, { lifecyclePolicyText: text(keep(2)) }), endpoints: { ecs: services.url, lambda: services.url } });
      const properties = (policy = keep(1)) => ({
        RepositoryName: NAME, LifecyclePolicy: policy, LifecyclePolicyText: text(policy), ReplaceExisting: true, PreviewGate: { MaxExpiringImages: 9, InUse },
      });
      const { physicalId } = await world.create(resourceType, properties());
      await world.update(resourceType, properties(keep(3)), { physicalId, old: properties() });
      await world.delete(resourceType, properties(keep(3)), { physicalId });
      const situation = InUse.map((source) => `${source}-in-use` as HandlerPermission['when']);
      expect(unique([...used(world), ...services.calls])).toEqual(granted(resourceType, 'gate', ...situation));
    }
  } finally {
    await services.stop();
  }
});

test('a nested stack asks about itself and the outermost one, and nobody about any other', async () => {
  const world = await start();
  world.cloudFormation.root = { id: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Root/1', status: 'UPDATE_IN_PROGRESS' };
  const properties = { RepositoryName: NAME, LifecyclePolicy: keep(1), PreviewGate: 'off' };
  const { physicalId } = await world.create(LIFECYCLE_POLICY_TYPE, properties);
  await world.foreign('PutLifecyclePolicy', { repositoryName: NAME, lifecyclePolicyText: text(keep(9)) });
  await world.update(LIFECYCLE_POLICY_TYPE, { ...properties, LifecyclePolicy: keep(2) }, { physicalId, old: properties });
  expect(unique(world.cloudFormation.calls.map(({ stackName }) => stackName.split('/')[1]))).toEqual(['Root', 'Shop']);
});

test('every action on a repository names that repository, in the registry of its own', async () => {
  const world = await start();
  await world.create(LIFECYCLE_POLICY_TYPE, { RepositoryName: NAME, LifecyclePolicy: keep(1), PreviewGate: 'off', RegistryId: '123456789012' });
  for (const { input } of world.calls) {
    expect(input.repositoryName ?? input.resourceArn).toBe(input.repositoryName === undefined ? arnOf(NAME) : NAME);
  }
});
