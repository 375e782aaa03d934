import { DescribeImagesCommand, DescribeRepositoriesCommand, GetLifecyclePolicyCommand, GetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import fc from 'fast-check';
import { ecr, expireAny, fakeDigest, image, NOW } from './support';
import { startEmulator } from '../../src/emulator';
import { Inventory } from '../../src/lifecycle/model';
import { realInventories } from '../lifecycle/data';

/** The state of an emulator that was seeded. */
async function grown(seed: Inventory): Promise<Inventory> {
  const emulator = await startEmulator({ seed, now: NOW });
  try {
    return emulator.inventory();
  } finally {
    await emulator.stop();
  }
}

const real = realInventories();

(real.length > 0 ? test : test.skip)('real inventories come back as they went in', async () => {
  for (const { name, inventory } of real) {
    const { imageDetails, manifestChildren, repositories } = await grown(inventory);
    // Compared as text first: a difference in ten thousand images is shown by its place.
    const differing = imageDetails.findIndex((one, i) => JSON.stringify(sorted(one)) !== JSON.stringify(sorted(inventory.imageDetails[i])));
    expect({ name, differing: imageDetails[differing] }).toEqual({ name, differing: undefined });
    expect({ name, images: imageDetails.length }).toEqual({ name, images: inventory.imageDetails.length });
    expect(manifestChildren).toEqual(inventory.manifestChildren);
    expect(repositories).toHaveLength(1);
  }
});

const sorted = (object: object) => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));

const time = fc.integer({ min: 0, max: 2_000_000_000_000 }).map((ms) => new Date(ms).toISOString().replace('.000Z', 'Z'));
const settings = fc.record({
  imageTagMutability: fc.constantFrom('MUTABLE', 'IMMUTABLE', undefined),
  imageScanningConfiguration: fc.option(fc.record({ scanOnPush: fc.boolean() }), { nil: undefined }),
  encryptionConfiguration: fc.constantFrom({ encryptionType: 'AES256' }, { encryptionType: 'KMS', kmsKey: 'alias/mine' }, undefined),
  tags: fc.constantFrom([{ Key: 'team', Value: 'a b' }], [], undefined),
  lifecyclePolicyText: fc.option(fc.integer({ min: 1, max: 999 }).map(expireAny), { nil: undefined }),
  repositoryPolicyText: fc.constantFrom(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: '210987654321' }, Action: 'ecr:BatchGetImage' }] }), undefined),
}, { requiredKeys: [] });
const detail = fc.record({
  repository: fc.nat(2),
  tags: fc.integer({ min: 0, max: 3 }),
  imageSizeInBytes: fc.option(fc.nat(), { nil: undefined }),
  imagePushedAt: time,
  imageManifestMediaType: fc.constantFrom('application/vnd.oci.image.index.v1+json', undefined),
  artifactMediaType: fc.constantFrom('application/spdx+json', undefined),
  lastRecordedPullTime: fc.option(time, { nil: undefined }),
  subject: fc.option(fc.nat(9), { nil: undefined }),
  imageStatus: fc.constantFrom('ACTIVE' as const, 'ARCHIVED' as const, 'ACTIVATING' as const),
  lastArchivedAt: fc.option(time, { nil: undefined }),
  lastActivatedAt: fc.option(time, { nil: undefined }),
  children: fc.option(fc.array(fc.nat(12), { maxLength: 3 }), { nil: undefined }),
});

const parts = fc.tuple(fc.array(settings, { minLength: 3, maxLength: 3 }), fc.array(detail, { maxLength: 12 }));
const inventories = parts.map(([repositories, details]): Inventory => ({
  repositories: repositories.map((one, i) => ({ repositoryName: `repo/${i}`, ...one })),
  imageDetails: details.map(({ repository, tags, subject, children: _, ...rest }, i) => JSON.parse(JSON.stringify({
    registryId: '123456789012',
    repositoryName: `repo/${repository}`,
    imageDigest: fakeDigest(i),
    imageTags: tags > 0 ? Array.from({ length: tags }, (__, t) => `tag${i}-${t}`) : undefined,
    ...rest,
    subjectManifestDigest: subject === undefined ? undefined : fakeDigest(subject),
  }))),
  manifestChildren: Object.fromEntries(details.flatMap(({ children }, i) => (children ? [[fakeDigest(i), children.map(fakeDigest)]] : []))),
}));

test('what went in comes out, and what came out goes in again unchanged', async () => {
  await fc.assert(fc.asyncProperty(inventories, async (seed) => {
    const first = await grown(seed);
    const byDigest = (a: { imageDigest: string }, b: { imageDigest: string }) => (a.imageDigest < b.imageDigest ? -1 : 1);
    expect([...first.imageDetails].sort(byDigest)).toEqual([...seed.imageDetails].sort(byDigest));
    expect(first.manifestChildren).toEqual(seed.manifestChildren);
    first.repositories!.forEach((repository, i) => {
      const { repositoryPolicyText, encryptionConfiguration, tags, ...asked } = JSON.parse(JSON.stringify(seed.repositories![i]));
      expect(repository).toMatchObject(asked);
      expect(repository.tags ?? []).toEqual(tags ?? []);
      expect(repository.encryptionConfiguration?.encryptionType).toBe(encryptionConfiguration?.encryptionType ?? 'AES256');
      expect(repository.repositoryPolicyText === undefined).toBe(repositoryPolicyText === undefined);
    });
    expect(await grown(first)).toEqual(first);
    // Through text, as a file.
    expect(await grown(JSON.parse(JSON.stringify(first)))).toEqual(first);
  }), { numRuns: 60 });
});

test('repositories come from the list and from the images, with their settings', async () => {
  const { client } = await ecr({
    seed: {
      repositories: [{
        repositoryName: 'listed',
        imageTagMutability: 'IMMUTABLE',
        lifecyclePolicyText: JSON.stringify(JSON.parse(expireAny(5)), undefined, 2),
        repositoryPolicyText: JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }] }),
      }],
      imageDetails: [image('named', 'a')],
    },
  });
  const { repositories } = await client.send(new DescribeRepositoriesCommand({}));
  expect(repositories!.map((r) => [r.repositoryName, r.imageTagMutability])).toEqual([['listed', 'IMMUTABLE'], ['named', 'MUTABLE']]);
  expect((await client.send(new GetLifecyclePolicyCommand({ repositoryName: 'listed' }))).lifecyclePolicyText).toBe(expireAny(5));
  expect((await client.send(new GetRepositoryPolicyCommand({ repositoryName: 'listed' }))).policyText).toContain('"Version" : "2008-10-17"');
});

test('a single listed repository takes the images that name none', async () => {
  const { emulator } = await ecr({ seed: { repositories: [{ repositoryName: 'app' }], imageDetails: [{ imageDigest: fakeDigest('a'), imagePushedAt: NOW }] } });
  expect(emulator.inventory('app').imageDetails).toHaveLength(1);
});

test('the account of the seed is the account of the registry, unless another is wanted', async () => {
  const seed = { imageDetails: [image('app', 'a', { registryId: '210987654321' })] };
  const adopted = await ecr({ seed });
  expect(adopted.emulator.accountId).toBe('210987654321');
  const { client, emulator } = await ecr({ seed, accountId: '111122223333' });
  expect(emulator.accountId).toBe('111122223333');
  expect((await client.send(new DescribeImagesCommand({ repositoryName: 'app' }))).imageDetails).toMatchObject([{ registryId: '111122223333' }]);
});

test('an inventory of one repository leaves the others out', async () => {
  const { emulator } = await ecr({ seed: { imageDetails: [image('one', 'a'), image('two', 'b')], manifestChildren: { [fakeDigest('b')]: [fakeDigest('a')] } } });
  expect(emulator.inventory('one')).toMatchObject({ repositories: [{ repositoryName: 'one' }], imageDetails: [{ imageDigest: fakeDigest('a') }], manifestChildren: {} });
  expect(emulator.inventory('absent')).toEqual({ repositories: [], imageDetails: [], manifestChildren: {} });
});

test('the same image may be in two repositories', async () => {
  const { emulator } = await ecr({ seed: { imageDetails: [image('one', 'a', { imageTags: ['v1'] }), image('two', 'a', { imageTags: ['v1'] })] } });
  expect(emulator.inventory().imageDetails).toHaveLength(2);
});

test.each([
  ['no inventory', {} as Inventory, 'DD-INVENTORY-001', '/imageDetails'],
  ['an image without a repository', { imageDetails: [{ imageDigest: fakeDigest('a'), imagePushedAt: NOW }] }, 'DD-EMULATOR-006', '/imageDetails/0'],
  ['a tag on two images', { imageDetails: [image('app', 'a', { imageTags: ['v1'] }), image('app', 'b', { imageTags: ['v1'] })] }, 'DD-EMULATOR-006', '/imageDetails/1'],
  ['a repository twice', { repositories: [{ repositoryName: 'app' }, { repositoryName: 'app' }], imageDetails: [] }, 'DD-INVENTORY-009', '/repositories/1'],
  ['a repository name', { imageDetails: [image('App', 'a')] }, 'DD-EMULATOR-007', '/imageDetails/0'],
  ['a mode', { repositories: [{ repositoryName: 'app', imageTagMutability: 'FROZEN' }], imageDetails: [] }, 'DD-EMULATOR-007', '/repositories/0'],
  ['a lifecycle policy', { repositories: [{ repositoryName: 'app', lifecyclePolicyText: '{}' }], imageDetails: [] }, 'DD-EMULATOR-008', '/repositories/0/lifecyclePolicyText'],
  ['a repository policy', { repositories: [{ repositoryName: 'app', repositoryPolicyText: '{}' }], imageDetails: [] }, 'DD-EMULATOR-009', '/repositories/0/repositoryPolicyText'],
])('a seed with a wrong part is refused: %s', async (_, seed, code, pointer) => {
  await expect(startEmulator({ seed })).rejects.toMatchObject({ name: 'DrydockError', code, problems: [{ pointer }] });
});

test('every problem of a seed is told at once, a refused name once', async () => {
  const seed = {
    repositories: [{ repositoryName: 'app', lifecyclePolicyText: '{}', repositoryPolicyText: '{}' }],
    imageDetails: [image('App', 'a'), image('App', 'b', { imageTags: ['v1'] }), image('App', 'c', { imageTags: ['v1'] })],
  };
  await expect(startEmulator({ seed })).rejects.toMatchObject({
    problems: [{ code: 'DD-EMULATOR-008' }, { code: 'DD-EMULATOR-009' }, { code: 'DD-EMULATOR-007' }, { code: 'DD-EMULATOR-006' }],
  });
});
