import { BatchDeleteImageCommand, BatchGetImageCommand, ImageIdentifier, PutImageTagMutabilityCommand } from '@aws-sdk/client-ecr';
import { ACCOUNT, call, DAY, ecr, fakeDigest, image, imageManifest, indexManifest, OCI_IMAGE, push, sha256 } from './support';
import { EmulatorOptions } from '../../src/emulator';

async function app(options: EmulatorOptions = {}) {
  const bench = await ecr({ seed: { repositories: [{ repositoryName: 'app' }], imageDetails: [] }, ...options });
  return {
    ...bench,
    get: (imageIds: ImageIdentifier[]) => bench.client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds })),
    remove: (imageIds: ImageIdentifier[]) => bench.client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds })),
    digests: () => [...bench.emulator.state.repository('app')!.images.keys()].sort(),
  };
}

const MISSING = [
  [{}, 'MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null'],
  [{ imageDigest: 'latest' }, 'InvalidImageDigest', 'Invalid request parameters: image digest should satisfy the regex \'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+\''],
  [{ imageTag: 'no tag' }, 'InvalidImageTag', 'Invalid request parameters: image tag should satisfy the regex \'[a-zA-Z0-9-_.]+\''],
  [{ imageTag: 'absent' }, 'ImageNotFound', 'Requested image not found'],
  [{ imageDigest: fakeDigest('absent') }, 'ImageNotFound', 'Requested image not found'],
] as const;

describe.each(['BatchGetImage', 'BatchDeleteImage'] as const)('%s', (operation) => {
  test('says in the failures what is wrong with each id, and still answers 200', async () => {
    const { client, emulator } = await app();
    await push(client, 'app', imageManifest('a'), 'v1');
    const reply = await call(emulator, operation, { repositoryName: 'app', imageIds: [...MISSING.map(([imageId]) => imageId), { imageTag: 'v1' }] });
    expect(reply.status).toBe(200);
    expect(reply.json.failures).toEqual(MISSING.map(([imageId, failureCode, failureReason]) => ({ imageId, failureCode, failureReason })));
    expect(reply.json[operation === 'BatchGetImage' ? 'images' : 'imageIds']).toHaveLength(1);
  });

  test('refuses a tag and a digest that do not belong together', async () => {
    const { client, emulator, digests } = await app();
    const a = await push(client, 'app', imageManifest('a'), 'v1');
    const b = await push(client, 'app', imageManifest('b'), 'v2');
    const { json } = await call(emulator, operation, { repositoryName: 'app', imageIds: [{ imageDigest: a, imageTag: 'v2' }, { imageDigest: a, imageTag: 'absent' }] });
    expect(json.failures.map(({ failureCode }: { failureCode: string }) => failureCode)).toEqual(['ImageTagDoesNotMatchDigest', 'ImageNotFound']);
    expect(digests()).toEqual([a, b].sort());
  });
});

describe('getting images', () => {
  test('gives the bytes that were pushed, with the tag that was asked for', async () => {
    const { client, get } = await app();
    const manifest = imageManifest('a', { annotations: { ü: '漢' } });
    const imageDigest = await push(client, 'app', manifest, 'v1');
    const common = { registryId: ACCOUNT, repositoryName: 'app', imageManifest: manifest, imageManifestMediaType: OCI_IMAGE };
    expect((await get([{ imageTag: 'v1' }, { imageDigest }, { imageDigest, imageTag: 'v1' }])).images).toEqual([
      { ...common, imageId: { imageDigest, imageTag: 'v1' } },
      { ...common, imageId: { imageDigest } },
      { ...common, imageId: { imageDigest, imageTag: 'v1' } },
    ]);
    expect((await get([{ imageDigest }, { imageDigest }])).images).toHaveLength(1);
  });

  test('counts as a pull of that image and no other', async () => {
    const { client, get, emulator } = await app();
    const child = await push(client, 'app', imageManifest('a'));
    const index = await push(client, 'app', indexManifest([child]), 'v1');
    emulator.clock.advance(DAY);
    await get([{ imageTag: 'v1' }]);
    const pulled = Object.fromEntries(emulator.inventory('app').imageDetails.map((i) => [i.imageDigest, i.lastRecordedPullTime]));
    expect(pulled).toEqual({ [index]: '2026-02-01T12:00:00Z', [child]: undefined });
  });

  test('of an archived or returning image is a failure and no pull', async () => {
    const { get, emulator } = await app({
      seed: { imageDetails: [image('app', 'a', { imageTags: ['a'], imageStatus: 'ARCHIVED' }), image('app', 'b', { imageTags: ['b'], imageStatus: 'ACTIVATING' })] },
    });
    const { failures, images } = await get([{ imageTag: 'a' }, { imageTag: 'b' }]);
    expect(images).toEqual([]);
    expect(failures!.map(({ failureCode }) => failureCode)).toEqual(['ImageInaccessible', 'ImageInaccessible']);
    expect(emulator.inventory('app').imageDetails.map((i) => i.lastRecordedPullTime)).toEqual([undefined, undefined]);
  });

  test('of a seeded image, whose bytes nobody knows, is a failure that says so', async () => {
    const { get } = await app({ seed: { imageDetails: [image('app', 'a', { imageTags: ['v1'] })] } });
    const { failures, images } = await get([{ imageTag: 'v1' }]);
    expect(images).toEqual([]);
    expect(failures).toMatchObject([{ imageId: { imageTag: 'v1' }, failureCode: 'ImageInaccessible', failureReason: expect.stringContaining('DD-EMULATOR-102') }]);
  });
});

describe('deleting images', () => {
  test('by tag takes the tag, and with the last one the image', async () => {
    const { client, remove, digests, emulator } = await app();
    const imageDigest = await push(client, 'app', imageManifest('a'), 'v1');
    await push(client, 'app', imageManifest('a'), 'v2');
    expect(await remove([{ imageTag: 'v1' }])).toMatchObject({ imageIds: [{ imageDigest, imageTag: 'v1' }], failures: [] });
    expect(emulator.inventory('app').imageDetails).toMatchObject([{ imageTags: ['v2'] }]);
    expect(await remove([{ imageTag: 'v2' }])).toMatchObject({ imageIds: [{ imageDigest, imageTag: 'v2' }], failures: [] });
    expect(digests()).toEqual([]);
  });

  test('by digest takes all tags, one entry each; an untagged image has one entry', async () => {
    const { client, remove, digests } = await app();
    const imageDigest = await push(client, 'app', imageManifest('a'), 'v1');
    await push(client, 'app', imageManifest('a'), 'v2');
    const untagged = await push(client, 'app', imageManifest('b'));
    expect((await remove([{ imageDigest }, { imageDigest: untagged }])).imageIds).toEqual([
      { imageDigest, imageTag: 'v1' }, { imageDigest, imageTag: 'v2' }, { imageDigest: untagged },
    ]);
    expect(digests()).toEqual([]);
  });

  test('by digest and tag takes the tag only', async () => {
    const { client, remove, emulator } = await app();
    const imageDigest = await push(client, 'app', imageManifest('a'), 'v1');
    await push(client, 'app', imageManifest('a'), 'v2');
    await remove([{ imageDigest, imageTag: 'v1' }]);
    expect(emulator.inventory('app').imageDetails).toMatchObject([{ imageTags: ['v2'] }]);
  });

  test('a second time finds nothing; the same id twice in one call counts once', async () => {
    const { client, remove } = await app();
    const imageDigest = await push(client, 'app', imageManifest('a'));
    expect((await remove([{ imageDigest }, { imageDigest }])).failures).toEqual([]);
    expect((await remove([{ imageDigest }])).failures).toMatchObject([{ failureCode: 'ImageNotFound' }]);
  });

  test('all tags of an image in one call deletes the image', async () => {
    const { client, remove, digests } = await app();
    await push(client, 'app', imageManifest('a'), 'v1');
    await push(client, 'app', imageManifest('a'), 'v2');
    expect((await remove([{ imageTag: 'v1' }, { imageTag: 'v2' }])).failures).toEqual([]);
    expect(digests()).toEqual([]);
  });

  test('an immutable tag can be deleted and used again', async () => {
    const { client, remove } = await app();
    await client.send(new PutImageTagMutabilityCommand({ repositoryName: 'app', imageTagMutability: 'IMMUTABLE' }));
    await push(client, 'app', imageManifest('a'), 'v1');
    await remove([{ imageTag: 'v1' }]);
    await push(client, 'app', imageManifest('b'), 'v1');
  });

  test('an archived image can be deleted', async () => {
    const { remove, digests } = await app({ seed: { imageDetails: [image('app', 'a', { imageStatus: 'ARCHIVED' })] } });
    expect((await remove([{ imageDigest: fakeDigest('a') }])).failures).toEqual([]);
    expect(digests()).toEqual([]);
  });

  describe('that an index lists', () => {
    async function multiArch() {
      const bench = await app();
      const amd = await push(bench.client, 'app', imageManifest('amd'), 'amd-only');
      const arm = await push(bench.client, 'app', imageManifest('arm'));
      const index = await push(bench.client, 'app', indexManifest([amd, arm]), 'v1');
      return { ...bench, amd, arm, index };
    }

    test('fails, by digest and by its last tag, and names the index', async () => {
      const { remove, amd, arm, index, digests } = await multiArch();
      const failureReason = `Requested image referenced by manifest list: [${index}]`;
      expect(await remove([{ imageDigest: arm }, { imageTag: 'amd-only' }])).toMatchObject({
        imageIds: [],
        failures: [
          { imageId: { imageDigest: arm }, failureCode: 'ImageReferencedByManifestList', failureReason },
          { imageId: { imageDigest: amd, imageTag: 'amd-only' }, failureCode: 'ImageReferencedByManifestList', failureReason },
        ],
      });
      expect(digests()).toHaveLength(3);
    });

    test('may lose a tag that is not its last', async () => {
      const { client, remove } = await multiArch();
      await push(client, 'app', imageManifest('amd'), 'second');
      expect((await remove([{ imageTag: 'amd-only' }])).failures).toEqual([]);
    });

    test('names every index', async () => {
      const { client, remove, arm, index } = await multiArch();
      const other = await push(client, 'app', indexManifest([arm]), 'v2');
      expect((await remove([{ imageDigest: arm }])).failures![0].failureReason).toBe(`Requested image referenced by manifest list: [${index}, ${other}]`);
    });

    test('can go in a call after the index, not in the same one', async () => {
      const { remove, amd, arm, index, digests } = await multiArch();
      const { failures } = await remove([{ imageDigest: index }, { imageDigest: amd }, { imageDigest: arm }]);
      expect(failures!.map(({ failureCode }) => failureCode)).toEqual(['ImageReferencedByManifestList', 'ImageReferencedByManifestList']);
      expect((await remove([{ imageDigest: amd }, { imageDigest: arm }])).failures).toEqual([]);
      expect(digests()).toEqual([]);
    });

    test('stays held while its index is untagged', async () => {
      const { client, remove, arm } = await multiArch();
      await push(client, 'app', imageManifest('new'), 'v1');
      expect((await remove([{ imageDigest: arm }])).failures).toHaveLength(1);
    });
  });
});

test('a pull never moves the recorded time backwards', async () => {
  const { client, get, emulator } = await app();
  await push(client, 'app', imageManifest('a'), 'v1');
  await get([{ imageTag: 'v1' }]);
  emulator.clock.set('2026-01-01T00:00:00Z');
  await get([{ imageTag: 'v1' }]);
  expect(emulator.state.repository('app')!.images.get(sha256(imageManifest('a')))!.lastRecordedPullTime).toBe(Date.parse('2026-01-31T12:00:00Z'));
});
