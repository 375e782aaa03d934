import { imageWorld, NAME, push, pushIndex } from './support';
import { IMAGE_PERMISSIONS, ImageSituation, isNeeded } from '../../../src/image-permissions';
import { IMAGE_CLEANUP_TYPE, IMAGE_COPY_TYPE, IMAGE_DIGEST_TYPE, IMAGE_TAG_TYPE } from '../../../src/image-resources';
import { RunningServices } from '../../ecr/running';
import { arnOf, World } from '../support';

/** What a resource type may need in a situation, without what the services only check on the way. */
function granted(resourceType: string, ...situations: ImageSituation[]): string[] {
  return unique(IMAGE_PERMISSIONS[resourceType].filter((permission) => isNeeded(permission, situations) && permission.impliedBy === undefined).map(({ action }) => action));
}

function used(...worlds: World[]): string[] {
  return unique(worlds.flatMap((world) => [
    ...world.calls.map(({ operation }) => actionOf(operation)), ...world.cloudFormation.calls.map(({ action }) => `cloudformation:${action}`),
  ]));
}

/** Needed on the repository of the source alone. */
const FROM_ELSEWHERE = ['ecr:GetDownloadUrlForLayer'];

/** The action that an operation takes. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html */
const actionOf = (operation: string) => operation === 'ListImageReferrers' ? 'ecr:BatchGetImage' : `ecr:${operation}`;

const unique = (names: readonly string[]) => [...new Set(names)].sort();

/** Every call on a repository names that one. */
function expectOnly(world: World): void {
  for (const { input } of world.calls) {
    expect(input.repositoryName ?? input.resourceArn).toBe(input.repositoryName === undefined ? arnOf(NAME) : NAME);
  }
}

test('a digest: looked up, looked up again, rolled back', async () => {
  const world = await imageWorld();
  await push(world, 'one', { tags: ['live'] });
  const properties = { RepositoryName: NAME, ImageTag: 'live' };
  const { physicalId } = await world.create(IMAGE_DIGEST_TYPE, properties);
  world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await world.update(IMAGE_DIGEST_TYPE, properties, { physicalId, old: { ...properties, Trigger: '2' } });
  await world.create(IMAGE_DIGEST_TYPE, { ...properties, ImageTag: 'absent' });
  await world.delete(IMAGE_DIGEST_TYPE, properties, { physicalId });
  expect(used(world)).toEqual(granted(IMAGE_DIGEST_TYPE));
  expectOnly(world);
});

test('a tag: put, moved, rolled back, removed', async () => {
  const world = await imageWorld();
  await push(world, 'old', { tags: ['prod'] });
  await push(world, 'next', { tags: ['candidate'] });
  const properties = { RepositoryName: NAME, ImageTag: 'prod', SourceImageTag: 'candidate', RemovalPolicy: 'destroy' };
  const { physicalId } = await world.create(IMAGE_TAG_TYPE, properties);
  await push(world, 'third', { tags: ['candidate'] });
  await world.update(IMAGE_TAG_TYPE, { ...properties, Trigger: '2' }, { physicalId, old: properties });
  world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await world.update(IMAGE_TAG_TYPE, properties, { physicalId, old: { ...properties, Trigger: '2' } });
  world.cloudFormation.status = 'DELETE_IN_PROGRESS';
  await world.create(IMAGE_TAG_TYPE, { ...properties, ImageTag: 'extra' }, { logicalId: 'Extra' });
  await world.delete(IMAGE_TAG_TYPE, { ...properties, ImageTag: 'extra' }, { logicalId: 'Extra', physicalId: `drydock:image-tag:-:${NAME}:Extra:extra` });
  expect(used(world)).toEqual(unique([...granted(IMAGE_TAG_TYPE).filter((action) => !FROM_ELSEWHERE.includes(action))]));
  expectOnly(world);
  const keys = [...world.callsOf('TagResource').flatMap(({ tags }) => tags.map(({ Key }: any) => Key)), ...world.callsOf('UntagResource').flatMap(({ tagKeys }) => tagKeys)];
  expect(keys.length).toBeGreaterThan(1);
  expect(keys.filter((key) => !key.startsWith('cdk-drydock:'))).toEqual([]);
});

test('a tag of an image of another repository: the one is read, the other one written', async () => {
  const OTHER = 'team/web';
  const world = await imageWorld({ seed: { repositories: [{ repositoryName: NAME }, { repositoryName: OTHER }], imageDetails: [] } });
  await push(world, 'next', { repositoryName: OTHER, stored: true, tags: ['candidate'] });
  await world.create(IMAGE_TAG_TYPE, { RepositoryName: NAME, ImageTag: 'prod', SourceRepositoryName: OTHER, SourceImageTag: 'candidate' });
  const on = (place: 'repository' | 'source-repository') => unique(IMAGE_PERMISSIONS[IMAGE_TAG_TYPE].filter((permission) => permission.on === place && isNeeded(permission, ['other-repository'])).map(({ action }) => action));
  const usedOn = (name: string) => unique(world.calls.filter(({ input }) => (input.repositoryName ?? input.resourceArn.split(':repository/')[1]) === name)
    // What a download URL leads to asks for no permission: the URL is one.
    .filter(({ operation }) => operation !== 'DownloadLayer').map(({ operation }) => actionOf(operation)));
  expect(usedOn(OTHER)).toEqual(on('source-repository'));
  // What a rollback needs besides.
  expect([...usedOn(NAME), 'ecr:BatchDeleteImage', 'ecr:BatchGetImage', 'ecr:UntagResource'].sort()).toEqual(on('repository'));
});

test('a copy: made, moved, rolled back, removed, of another repository and of elsewhere', async () => {
  const FROM = 'platform/web';
  const world = await imageWorld({ seed: { repositories: [{ repositoryName: NAME }, { repositoryName: FROM }], imageDetails: [] } });
  const properties = { RepositoryName: NAME, Source: { Type: 'ecr', RepositoryName: FROM, ImageTag: 'stable' }, ImageTags: ['stable'], RemovalPolicy: 'destroy' };
  await push(world, 'one', { repositoryName: FROM, stored: true, tags: ['stable'] });
  const { physicalId, status } = await world.create(IMAGE_COPY_TYPE, properties);
  expect(status).toBe('SUCCESS');
  await push(world, 'two', { repositoryName: FROM, stored: true, tags: ['stable'] });
  await world.update(IMAGE_COPY_TYPE, { ...properties, Trigger: '2' }, { physicalId, old: properties });
  world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await world.update(IMAGE_COPY_TYPE, properties, { physicalId, old: { ...properties, Trigger: '2' } });
  world.cloudFormation.status = 'DELETE_IN_PROGRESS';
  await world.delete(IMAGE_COPY_TYPE, properties, { physicalId });
  const on = (place: 'repository' | 'source-repository') => unique(IMAGE_PERMISSIONS[IMAGE_COPY_TYPE].filter((permission) => permission.on === place && isNeeded(permission, [])).map(({ action }) => action));
  const usedOn = (name: string) => unique(world.calls.filter(({ input }) => (input.repositoryName ?? input.resourceArn.split(':repository/')[1]) === name)
    .filter(({ operation }) => operation !== 'DownloadLayer').map(({ operation }) => actionOf(operation)));
  expect(usedOn(FROM)).toEqual(on('source-repository'));
  expect(usedOn(NAME)).toEqual(on('repository'));
  expect(unique(IMAGE_PERMISSIONS[IMAGE_COPY_TYPE].filter(({ on: place }) => !place.endsWith('repository')).map(({ action }) => action)))
    .toEqual(['cloudformation:DescribeStacks', 'kms:Decrypt', 's3:GetObject', 'secretsmanager:GetSecretValue', 'states:StartExecution']);
  const keys = [...world.callsOf('TagResource').flatMap(({ tags }) => tags.map(({ Key }: any) => Key)), ...world.callsOf('UntagResource').flatMap(({ tagKeys }) => tagKeys)];
  expect(keys.length).toBeGreaterThan(1);
  expect(keys.filter((key) => !key.startsWith('cdk-drydock:'))).toEqual([]);
});

test('a cleanup, dry, dry with the manifests read, and for real', async () => {
  const run = async (more: Record<string, unknown>) => {
    const world = await imageWorld();
    await pushIndex(world, [await push(world, 'amd64')], { tags: ['pr-1'] });
    const properties = { RepositoryName: NAME, Selections: [{ Kind: 'tagged', TagPatterns: ['pr-*'] }], MaxPercent: 100, ...more };
    const { physicalId, status } = await world.create(IMAGE_CLEANUP_TYPE, properties);
    expect(status).toBe('SUCCESS');
    await world.update(IMAGE_CLEANUP_TYPE, { ...properties, Trigger: '2' }, { physicalId, old: properties });
    await world.delete(IMAGE_CLEANUP_TYPE, properties, { physicalId });
    expectOnly(world);
    return used(world);
  };
  expect(await run({})).toEqual(granted(IMAGE_CLEANUP_TYPE));
  expect(await run({ ReadIndexes: true })).toEqual(granted(IMAGE_CLEANUP_TYPE, 'reads-indexes'));
  expect(await run({ Mode: 'delete' })).toEqual(granted(IMAGE_CLEANUP_TYPE, 'delete', 'reads-indexes'));
});

test.each([[['ecs']], [['lambda']], [['ecs', 'lambda']]])('a cleanup that asks %j what they run', async (InUse) => {
  const services = await new RunningServices({ services: { prod: { api: 'x' } }, tasks: { prod: [{ image: 'x' }] }, functions: { f: { imageUri: 'x' } } }).start();
  try {
    const world = await imageWorld({ endpoints: { ecs: services.url, lambda: services.url } });
    await push(world, 'one', { tags: ['pr-1'] });
    const { status } = await world.create(IMAGE_CLEANUP_TYPE, { RepositoryName: NAME, Selections: [{ Kind: 'tagged', TagPatterns: ['pr-*'] }], InUse });
    expect(status).toBe('SUCCESS');
    expect(unique([...used(world), ...services.calls])).toEqual(granted(IMAGE_CLEANUP_TYPE, ...InUse.map((source) => `${source}-in-use` as ImageSituation)));
  } finally {
    await services.stop();
  }
});

test('a nested stack asks about itself and the outermost one', async () => {
  const world = await imageWorld();
  world.cloudFormation.root = { id: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Root/1', status: 'UPDATE_IN_PROGRESS' };
  await push(world, 'one', { tags: ['live'] });
  const properties = { RepositoryName: NAME, ImageTag: 'live' };
  const { physicalId } = await world.create(IMAGE_DIGEST_TYPE, properties);
  await world.update(IMAGE_DIGEST_TYPE, { ...properties, Trigger: '2' }, { physicalId, old: properties });
  expect(unique(world.cloudFormation.calls.map(({ stackName }) => stackName.split('/')[1]))).toEqual(['Root', 'Shop']);
});
