import {
  BatchGetImageCommand, CreateRepositoryCommand, CreateRepositoryCommandInput, DescribeImagesCommand, PutImageCommand, PutImageCommandInput,
  PutImageTagMutabilityCommand, UpdateImageStorageClassCommand,
} from '@aws-sdk/client-ecr';
import {
  ACCOUNT, DOCKER_IMAGE, DOCKER_LIST, ecr, fakeDigest, image, imageManifest, indexManifest, NOW, OCI_IMAGE, OCI_INDEX, push, refusal, sha256,
} from './support';
import { EmulatorOptions } from '../../src/emulator';

async function repository(settings: Partial<CreateRepositoryCommandInput> = {}, options: EmulatorOptions = {}) {
  const bench = await ecr(options);
  await bench.client.send(new CreateRepositoryCommand({ repositoryName: 'app', ...settings }));
  const put = (input: Partial<PutImageCommandInput>) => bench.client.send(new PutImageCommand({ repositoryName: 'app', imageManifest: undefined, ...input }));
  const tagsOf = async (imageDigest: string) =>
    (await bench.client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageDigest }] }))).imageDetails![0].imageTags;
  return { ...bench, put, tagsOf };
}

const A = imageManifest('a');
const B = imageManifest('b');

test('a new image answers its manifest, media type and digest, and is described', async () => {
  const { client, put } = await repository();
  const { image: answered } = await put({ imageManifest: A, imageTag: 'v1' });
  const imageDigest = sha256(A);
  expect(answered).toEqual({
    registryId: ACCOUNT, repositoryName: 'app', imageId: { imageDigest, imageTag: 'v1' }, imageManifest: A, imageManifestMediaType: OCI_IMAGE,
  });
  const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'app' }));
  expect(imageDetails).toEqual([{
    registryId: ACCOUNT,
    repositoryName: 'app',
    imageDigest,
    imageTags: ['v1'],
    imageSizeInBytes: 1010,
    imagePushedAt: new Date(NOW),
    imageManifestMediaType: OCI_IMAGE,
    artifactMediaType: 'application/vnd.oci.image.config.v1+json',
    imageStatus: 'ACTIVE',
  }]);
});

test('the digest is that of the bytes, white space included', async () => {
  const { put } = await repository();
  const spaced = JSON.stringify(JSON.parse(A), undefined, 3);
  expect((await put({ imageManifest: spaced })).image!.imageId!.imageDigest).toBe(sha256(spaced));
  expect((await put({ imageManifest: A })).image!.imageId!.imageDigest).toBe(sha256(A));
});

test('a manifest beyond ASCII keeps its bytes', async () => {
  const { client, put } = await repository();
  const manifest = imageManifest('a', { annotations: { title: 'Größe 漢字 🚢' } });
  const { imageId } = (await put({ imageManifest: manifest })).image!;
  expect(imageId!.imageDigest).toBe(sha256(manifest));
  const { images } = await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [imageId!] }));
  expect(images![0].imageManifest).toBe(manifest);
});

test('without a tag the image is untagged', async () => {
  const { put, tagsOf } = await repository();
  await put({ imageManifest: A });
  expect(await tagsOf(sha256(A))).toBeUndefined();
});

describe('a tag that is in use', () => {
  test('moves; the old image stays, untagged', async () => {
    const { put, tagsOf } = await repository();
    await put({ imageManifest: A, imageTag: 'latest' });
    await put({ imageManifest: B, imageTag: 'latest' });
    expect(await tagsOf(sha256(A))).toBeUndefined();
    expect(await tagsOf(sha256(B))).toEqual(['latest']);
  });

  test('leaves the old image its other tags', async () => {
    const { put, tagsOf } = await repository();
    await put({ imageManifest: A, imageTag: 'v1' });
    await put({ imageManifest: A, imageTag: 'latest' });
    await put({ imageManifest: B, imageTag: 'latest' });
    expect(await tagsOf(sha256(A))).toEqual(['v1']);
  });

  test('moves to an image that is there already', async () => {
    const { put, tagsOf, emulator } = await repository();
    await put({ imageManifest: A, imageTag: 'latest' });
    await put({ imageManifest: B, imageTag: 'v2' });
    emulator.clock.advance(1000);
    await put({ imageManifest: B, imageTag: 'latest' });
    expect(await tagsOf(sha256(B))).toEqual(['v2', 'latest']);
    expect(emulator.state.repository('app')!.images.get(sha256(B))!.imagePushedAt).toBe(Date.parse(NOW));
  });

  test.each([
    ['IMMUTABLE', undefined, 'v1', true],
    ['IMMUTABLE_WITH_EXCLUSION', 'latest*', 'v1', true],
    ['IMMUTABLE_WITH_EXCLUSION', 'latest*', 'latest-arm', false],
    ['IMMUTABLE_WITH_EXCLUSION', 'dev.*', 'devx1', true],
    ['IMMUTABLE_WITH_EXCLUSION', 'dev.*', 'dev.1', false],
    ['IMMUTABLE_WITH_EXCLUSION', 'v1', 'v11', true],
    ['IMMUTABLE_WITH_EXCLUSION', '*-*-rc', 'a-b-rc', false],
    ['MUTABLE_WITH_EXCLUSION', 'v*', 'v1', true],
    ['MUTABLE_WITH_EXCLUSION', 'v*', 'latest', false],
    ['MUTABLE', undefined, 'v1', false],
  ] as const)('in %s with the filter %s: %s frozen: %s', async (imageTagMutability, filter, imageTag, frozen) => {
    const { put, tagsOf } = await repository({
      imageTagMutability, imageTagMutabilityExclusionFilters: filter === undefined ? undefined : [{ filterType: 'WILDCARD', filter }],
    });
    await put({ imageManifest: A, imageTag });
    if (frozen) {
      expect(await refusal(put({ imageManifest: B, imageTag }))).toMatchObject({
        name: 'ImageTagAlreadyExistsException',
        message: `The image tag '${imageTag}' already exists in the 'app' repository and cannot be overwritten because the repository is immutable.`,
        status: 400,
      });
      expect(await tagsOf(sha256(A))).toEqual([imageTag]);
    } else {
      await put({ imageManifest: B, imageTag });
      expect(await tagsOf(sha256(B))).toEqual([imageTag]);
    }
  });

  test('is frozen by a later change of the mode for later pushes', async () => {
    const { client, put } = await repository();
    await put({ imageManifest: A, imageTag: 'v1' });
    await client.send(new PutImageTagMutabilityCommand({ repositoryName: 'app', imageTagMutability: 'IMMUTABLE' }));
    expect((await refusal(put({ imageManifest: B, imageTag: 'v1' }))).name).toBe('ImageTagAlreadyExistsException');
    await put({ imageManifest: B, imageTag: 'v2' });
  });
});

test.each(['MUTABLE', 'IMMUTABLE'] as const)('in %s, the same manifest with the same tag or none is an ImageAlreadyExistsException', async (imageTagMutability) => {
  const { put } = await repository({ imageTagMutability });
  await put({ imageManifest: A, imageTag: 'v1' });
  expect(await refusal(put({ imageManifest: A, imageTag: 'v1' }))).toMatchObject({
    name: 'ImageAlreadyExistsException',
    message: `Image with digest '${sha256(A)}' and tag 'v1' already exists in the repository with name 'app' in registry with id '${ACCOUNT}'`,
    status: 400,
  });
  expect((await refusal(put({ imageManifest: A }))).name).toBe('ImageAlreadyExistsException');
});

test('the same manifest with a further tag is the same image, its push time unchanged', async () => {
  const { put, tagsOf, emulator } = await repository({ imageTagMutability: 'IMMUTABLE' });
  await put({ imageManifest: A, imageTag: 'v1' });
  emulator.clock.advance(60_000);
  await put({ imageManifest: A, imageTag: 'v1.0' });
  expect(await tagsOf(sha256(A))).toEqual(['v1', 'v1.0']);
  expect(emulator.inventory('app').imageDetails).toMatchObject([{ imagePushedAt: NOW }]);
});

describe('media types', () => {
  const bare = JSON.stringify({ ...JSON.parse(A), mediaType: undefined });

  test('is taken from the request when the manifest has none', async () => {
    const { put } = await repository();
    expect((await put({ imageManifest: bare, imageManifestMediaType: OCI_IMAGE })).image!.imageManifestMediaType).toBe(OCI_IMAGE);
  });

  test('must be given somewhere', async () => {
    const { put } = await repository();
    expect(await refusal(put({ imageManifest: bare }))).toMatchObject({ name: 'InvalidParameterException', message: expect.stringContaining('imageManifestMediaType') });
  });

  test('must agree', async () => {
    const { put } = await repository();
    expect((await refusal(put({ imageManifest: A, imageManifestMediaType: DOCKER_IMAGE }))).name).toBe('InvalidParameterException');
  });

  test.each([
    ['docker schema 2', JSON.stringify({ ...JSON.parse(A), mediaType: DOCKER_IMAGE }), DOCKER_IMAGE],
    ['docker list', JSON.stringify({ schemaVersion: 2, mediaType: DOCKER_LIST, manifests: [] }), DOCKER_LIST],
    ['OCI index', indexManifest([]), OCI_INDEX],
    ['docker schema 1', JSON.stringify({ schemaVersion: 1, fsLayers: [{ blobSum: fakeDigest('l') }], history: [], signatures: [] }),
      'application/vnd.docker.distribution.manifest.v1+prettyjws'],
  ])('%s is stored', async (_, imageManifestText, mediaType) => {
    const { put } = await repository();
    expect((await put({ imageManifest: imageManifestText })).image!.imageManifestMediaType).toBe(mediaType);
  });

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another type', JSON.stringify({ schemaVersion: 2, mediaType: 'application/json' })],
    ['no config', JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE, layers: [] })],
    ['no layers', JSON.stringify({ ...JSON.parse(A), layers: undefined })],
    ['a layer without a digest', imageManifest('a', { layers: [{ size: 1 }] })],
    ['a layer with a negative size', imageManifest('a', { layers: [{ digest: fakeDigest('l'), size: -1 }] })],
    ['an index without manifests', JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX })],
    ['a digest that is none', indexManifest(['latest'])],
    ['schema version 3', imageManifest('a', { schemaVersion: 3 })],
    ['a media type that is no string', imageManifest('a', { mediaType: 7 })],
    ['layers of schema 1 that are none', JSON.stringify({ schemaVersion: 1, fsLayers: [{}] })],
  ])('%s is an InvalidParameterException', async (_, manifest) => {
    const { put, emulator } = await repository();
    expect((await refusal(put({ imageManifest: manifest }))).name).toBe('InvalidParameterException');
    expect(emulator.inventory('app').imageDetails).toEqual([]);
  });
});

test.each(['bad tag', 'tag!', 'a/b', 'ä'])('the tag %p is an InvalidParameterException', async (imageTag) => {
  const { put } = await repository();
  expect(await refusal(put({ imageManifest: A, imageTag }))).toMatchObject({
    name: 'InvalidParameterException', message: 'Invalid parameter at \'imageTag\' failed to satisfy constraint: \'must satisfy regular expression \'[a-zA-Z0-9-_.]+\'\'',
  });
});

test('a digest that does not fit the manifest is refused, one that is none too', async () => {
  const { put } = await repository();
  expect((await refusal(put({ imageManifest: A, imageDigest: sha256(B) }))).name).toBe('ImageDigestDoesNotMatchException');
  expect((await refusal(put({ imageManifest: A, imageDigest: 'latest' }))).name).toBe('InvalidParameterException');
  await put({ imageManifest: A, imageDigest: sha256(A) });
});

describe('what a manifest needs', () => {
  test('layers and config that were never uploaded are named', async () => {
    const { put } = await repository({}, { allowMissingLayers: false });
    expect(await refusal(put({ imageManifest: A }))).toMatchObject({
      name: 'LayersNotFoundException',
      message: `Layers with digests '[${sha256('config a')}, ${sha256('layer a')}]' required for pushing image into repository with name 'app' ` +
        `in the registry with id '${ACCOUNT}' do not exist`,
    });
  });

  test('foreign layers are not needed', async () => {
    const { put } = await repository({}, { allowMissingLayers: false });
    const layers = [
      { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', digest: fakeDigest('windows'), size: 5, urls: ['https://example.com'] },
      { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar', digest: fakeDigest('other'), size: 5 },
    ];
    expect((await refusal(put({ imageManifest: imageManifest('a', { layers }) }))).message).toContain(`'[${sha256('config a')}]'`);
  });

  test('children of an index must be there first', async () => {
    const { client, put } = await repository();
    const child = await push(client, 'app', A);
    expect(await refusal(put({ imageManifest: indexManifest([child, sha256(B)]) }))).toMatchObject({
      name: 'ReferencedImagesNotFoundException',
      message: `Images with digests '[${sha256(B)}]' required for pushing image into repository with name 'app' in the registry with id '${ACCOUNT}' do not exist`,
    });
    await put({ imageManifest: B });
    await put({ imageManifest: indexManifest([child, sha256(B)]), imageTag: 'v1' });
  });

  test('an index is as large as its largest child, and indexes nest', async () => {
    const { client, put, emulator } = await repository();
    const small = await push(client, 'app', A);
    const large = await push(client, 'app', imageManifest('large', { layers: [{ digest: fakeDigest('big'), size: 5000 }] }));
    const inner = await push(client, 'app', indexManifest([small, large]));
    const { image: outer } = await put({ imageManifest: indexManifest([inner]) });
    const { imageDetails, manifestChildren } = emulator.inventory('app');
    expect(imageDetails.find(({ imageDigest }) => imageDigest === outer!.imageId!.imageDigest)!.imageSizeInBytes).toBe(5010);
    expect(manifestChildren).toEqual({ [inner]: [small, large], [outer!.imageId!.imageDigest!]: [inner] });
  });
});

test('pushing an archived image restores it at once', async () => {
  const { client, put, emulator } = await repository();
  await put({ imageManifest: A, imageTag: 'v1' });
  await client.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId: { imageTag: 'v1' }, targetStorageClass: 'ARCHIVE' }));
  emulator.clock.advance(5000);
  await put({ imageManifest: A, imageTag: 'v1' });
  expect(emulator.inventory('app').imageDetails).toMatchObject([
    { imageStatus: 'ACTIVE', lastArchivedAt: NOW, lastActivatedAt: '2026-01-31T12:00:05Z', imagePushedAt: NOW, imageTags: ['v1'] },
  ]);
});

test('the bytes of a seeded image make it pullable, though the push itself is refused as a repetition', async () => {
  const { client } = await ecr({ seed: { imageDetails: [image('app', 'x', { imageDigest: sha256(A), imageTags: ['v1'] })] } });
  expect((await refusal(client.send(new PutImageCommand({ repositoryName: 'app', imageManifest: A, imageTag: 'v1' })))).name).toBe('ImageAlreadyExistsException');
  const { images } = await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }] }));
  expect(images![0].imageManifest).toBe(A);
});

describe('quotas', () => {
  test('of images count every new one and spare what is there', async () => {
    const { put } = await repository({}, { quotas: { imagesPerRepository: 1 } });
    await put({ imageManifest: A, imageTag: 'v1' });
    expect((await refusal(put({ imageManifest: B }))).name).toBe('LimitExceededException');
    await put({ imageManifest: A, imageTag: 'v2' });
  });

  test('of tags hold for each image and move nothing when they are exceeded', async () => {
    const { put, tagsOf } = await repository({}, { quotas: { tagsPerImage: 2 } });
    await put({ imageManifest: A, imageTag: 'a1' });
    await put({ imageManifest: A, imageTag: 'a2' });
    await put({ imageManifest: B, imageTag: 'b1' });
    expect((await refusal(put({ imageManifest: A, imageTag: 'b1' }))).name).toBe('LimitExceededException');
    expect(await tagsOf(sha256(A))).toEqual(['a1', 'a2']);
    expect(await tagsOf(sha256(B))).toEqual(['b1']);
  });
});
