import { digests, push, pushIndex, sha256 } from './images/support';
import { asCloudFormationSends, World } from './support';
import { REPOSITORY_TYPE } from '../../src/resources';

const OURS = 'shop/web';
const THEIRS = 'team/web';
const properties = { RepositoryName: OURS, RemovalPolicy: 'destroy', EmptyOnDelete: true };

/** The same bytes in two repositories: an index with two platforms and a signature. */
async function twice(): Promise<World> {
  const world = await World.start({ allowMissingLayers: false });
  await world.create(REPOSITORY_TYPE, properties);
  await world.foreign('CreateRepository', { repositoryName: THEIRS });
  for (const repositoryName of [OURS, THEIRS]) {
    const platforms = [await push(world, 'amd64', { repositoryName, stored: true }), await push(world, 'arm64', { repositoryName, stored: true })];
    const index = await pushIndex(world, platforms, { repositoryName, tags: ['v1', 'latest'] });
    await push(world, 'signature', { repositoryName, stored: true, subject: index.imageDigest });
  }
  return world;
}

const layer = async (world: World, repositoryName: string) => {
  const { downloadUrl } = await world.foreign('GetDownloadUrlForLayer', { repositoryName, layerDigest: sha256('amd64') });
  return (await fetch(downloadUrl)).text();
};

test('a repository goes with its indexes, their platforms and their signatures, and the same bytes elsewhere stay', async () => {
  const world = await twice();
  expect(digests(world, OURS)).toHaveLength(4);
  const before = digests(world, THEIRS);
  expect((await world.delete(REPOSITORY_TYPE, properties, { physicalId: OURS })).status).toBe('SUCCESS');
  expect(world.repository(OURS)).toBeUndefined();
  expect(digests(world, THEIRS)).toEqual(before);
  expect(await layer(world, THEIRS)).toBe('amd64');
  expect(world.callsOf('DeleteRepository')).toEqual([{ repositoryName: OURS, force: true }]);
});

test('a repository of the same name that is made afterwards has none of it', async () => {
  const world = await twice();
  await world.delete(REPOSITORY_TYPE, properties, { physicalId: OURS });
  await world.foreign('CreateRepository', { repositoryName: OURS });
  expect(digests(world, OURS)).toEqual([]);
  const { layers } = await world.foreign('BatchCheckLayerAvailability', { repositoryName: OURS, layerDigests: [sha256('amd64')] });
  expect(layers.map(({ layerAvailability }: any) => layerAvailability)).toEqual(['UNAVAILABLE']);
});

test.each([['retain', true], ['destroy', false]] as const)('with %s and emptyOnDelete %s every image stays', async (RemovalPolicy, EmptyOnDelete) => {
  const world = await twice();
  const kept = asCloudFormationSends({ ...properties, RemovalPolicy, EmptyOnDelete }) as Record<string, unknown>;
  const { status, reason } = await world.delete(REPOSITORY_TYPE, kept, { physicalId: OURS });
  expect({ status, code: reason.split(' ')[0] }).toEqual(EmptyOnDelete ? { status: 'SUCCESS', code: '' } : { status: 'FAILED', code: 'DD-HANDLER-105' });
  expect(digests(world, OURS)).toHaveLength(4);
});
