import {
  BatchCheckLayerAvailabilityCommand, BatchGetImageCommand, CompleteLayerUploadCommand, CreateRepositoryCommand, DescribeImagesCommand,
  GetDownloadUrlForLayerCommand, InitiateLayerUploadCommand, PutImageCommand, UpdateImageStorageClassCommand, UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import {
  complete, content, createRepository, digestOf, http, MIB, noise, pushContent, sendPart, startUpload, uploadLayer,
} from './layers-support';
import { ACCOUNT, ecr, refusal } from './support';
import { EmulatorOptions } from '../../src/emulator';

const NOBODY = '00000000-0000-4000-8000-000000000000';

async function bench(options: EmulatorOptions = {}) {
  const both = await ecr({ allowMissingLayers: false, ...options });
  await createRepository(both.client);
  return both;
}

describe('an image pushed through the API', () => {
  test('comes back byte for byte: manifest, config and layers', async () => {
    const { client } = await bench();
    const image = content('a', [noise('small', 100), noise('large', 12 * MIB)]);
    await pushContent(client, image, 'v1');
    const { images } = await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }] }));
    expect(images![0].imageManifest).toBe(image.manifest);
    for (const bytes of [image.config, ...image.layers]) {
      const { downloadUrl, layerDigest } = await client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest: digestOf(bytes) }));
      expect(layerDigest).toBe(digestOf(bytes));
      const { status, body } = await http(downloadUrl!);
      expect(status).toBe(200);
      expect(body.equals(bytes)).toBe(true);
    }
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'app' }));
    expect(imageDetails![0].imageSizeInBytes).toBe(12 * MIB + 100 + image.config.length);
  });

  test('is as large as its layers are, whatever the manifest says', async () => {
    const { client } = await bench();
    const image = content('a');
    const lying = JSON.parse(image.manifest);
    lying.layers[0].size = 5;
    await pushContent(client, { ...image, manifest: JSON.stringify(lying), digest: digestOf(JSON.stringify(lying)) });
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'app' }));
    expect(imageDetails![0].imageSizeInBytes).toBe(1000 + image.config.length);
  });
});

describe('BatchCheckLayerAvailability', () => {
  const check = (client: Awaited<ReturnType<typeof bench>>['client'], layerDigests: string[], repositoryName = 'app') =>
    client.send(new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }));

  test('tells what is there, what is not, and what is no digest', async () => {
    const { client } = await bench();
    const layer = await uploadLayer(client, noise('a', 1000));
    const absent = digestOf('absent');
    const { layers, failures } = await check(client, [layer, absent, 'latest', '', layer]);
    expect(layers).toEqual([
      { layerDigest: layer, layerAvailability: 'AVAILABLE', layerSize: 1000 },
      { layerDigest: absent, layerAvailability: 'UNAVAILABLE' },
    ]);
    expect(failures!.map(({ layerDigest, failureCode }) => [layerDigest, failureCode])).toEqual([['latest', 'InvalidLayerDigest'], ['', 'MissingLayerDigest']]);
  });

  test('knows the media type once an image lists the layer, configs included', async () => {
    const { client } = await bench();
    const image = content('a');
    await pushContent(client, image);
    const { layers } = await check(client, [digestOf(image.config), digestOf(image.layers[0])]);
    expect(layers!.map(({ mediaType }) => mediaType)).toEqual(['application/vnd.oci.image.config.v1+json', 'application/vnd.oci.image.layer.v1.tar+gzip']);
  });

  test('looks at one repository only', async () => {
    const { client } = await bench();
    await createRepository(client, 'other');
    const layer = await uploadLayer(client, noise('a', 1000));
    expect((await check(client, [layer], 'other')).layers![0].layerAvailability).toBe('UNAVAILABLE');
  });

  test('says ARCHIVED where every image that lists the layer is', async () => {
    const { client } = await bench();
    const shared = noise('shared', 100);
    const [a, b] = [content('a', [shared, noise('own', 100)]), content('b', [shared])];
    await pushContent(client, a);
    await pushContent(client, b);
    await client.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId: { imageDigest: a.digest }, targetStorageClass: 'ARCHIVE' }));
    const { layers } = await check(client, [digestOf(shared), digestOf(noise('own', 100))]);
    expect(layers!.map(({ layerAvailability }) => layerAvailability)).toEqual(['AVAILABLE', 'ARCHIVED']);
    expect(await refusal(client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest: digestOf(noise('own', 100)) }))))
      .toMatchObject({ name: 'LayerInaccessibleException', message: expect.stringContaining('archived') });
  });
});

describe('uploads', () => {
  test('begin with an id of their own and the size of a part', async () => {
    const { client } = await bench();
    const { uploadId, partSize } = await client.send(new InitiateLayerUploadCommand({ repositoryName: 'app' }));
    expect(uploadId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(partSize).toBe(10_485_760);
    expect(await startUpload(client)).not.toBe(uploadId);
  });

  test('answer the last byte of each part, counted from 0', async () => {
    const { client } = await bench();
    const uploadId = await startUpload(client);
    const bytes = noise('a', 5 * MIB + 1);
    expect(await sendPart(client, uploadId, 0, bytes.subarray(0, 5 * MIB))).toMatchObject({
      registryId: ACCOUNT, repositoryName: 'app', uploadId, lastByteReceived: 5 * MIB - 1,
    });
    expect((await sendPart(client, uploadId, 5 * MIB, bytes.subarray(5 * MIB))).lastByteReceived).toBe(5 * MIB);
    expect(await complete(client, uploadId, digestOf(bytes))).toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', uploadId, layerDigest: digestOf(bytes) });
  });

  test('take a part of 20 MiB, and none that is larger', async () => {
    const { client } = await bench();
    const uploadId = await startUpload(client);
    const bytes = noise('large', 20 * MIB + 1);
    expect(await refusal(sendPart(client, uploadId, 0, bytes))).toMatchObject({
      name: 'InvalidParameterException', message: expect.stringContaining('less than or equal to 20971520'),
    });
    expect((await sendPart(client, uploadId, 0, bytes.subarray(0, 20 * MIB))).lastByteReceived).toBe(20 * MIB - 1);
    await complete(client, uploadId, digestOf(bytes.subarray(0, 20 * MIB)));
  });

  test.each([
    ['that leaves a gap', 7, 100, 100],
    ['that was sent already', 0, 100, 100],
    ['whose range is longer than its bytes', 5 * MIB, 101, 100],
    ['whose range is shorter than its bytes', 5 * MIB, 99, 100],
    ['without bytes', 5 * MIB, 1, 0],
  ])('refuse a part %s and tell where to go on', async (_, first, range, length) => {
    const { client } = await bench();
    const uploadId = await startUpload(client);
    const bytes = noise('a', 5 * MIB + 100);
    await sendPart(client, uploadId, 0, bytes.subarray(0, 5 * MIB));
    const { name, error } = await refusal(client.send(new UploadLayerPartCommand({
      repositoryName: 'app', uploadId, partFirstByte: first, partLastByte: first + range - 1, layerPartBlob: bytes.subarray(0, length),
    })));
    expect(name).toBe('InvalidLayerPartException');
    expect(error).toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', uploadId, lastValidByteReceived: 5 * MIB - 1 });
    // Nothing of it counts.
    await sendPart(client, uploadId, 5 * MIB, bytes.subarray(5 * MIB));
    await complete(client, uploadId, digestOf(bytes));
  });

  test('refuse a first part that does not begin at 0', async () => {
    const { client } = await bench();
    const uploadId = await startUpload(client);
    expect((await refusal(sendPart(client, uploadId, 1, noise('a', 10)))).error).toMatchObject({ name: 'InvalidLayerPartException', lastValidByteReceived: -1 });
  });

  test('are known in their repository only', async () => {
    const { client } = await bench();
    await createRepository(client, 'other');
    const uploadId = await startUpload(client);
    expect((await refusal(sendPart(client, uploadId, 0, noise('a', 10), 'other'))).name).toBe('UploadNotFoundException');
    expect((await refusal(sendPart(client, NOBODY, 0, noise('a', 10)))).name).toBe('UploadNotFoundException');
    expect((await refusal(complete(client, NOBODY, digestOf('a')))).name).toBe('UploadNotFoundException');
    expect((await refusal(sendPart(client, uploadId, 0, noise('a', 10), 'absent'))).name).toBe('RepositoryNotFoundException');
    expect((await refusal(startUpload(client, 'absent'))).name).toBe('RepositoryNotFoundException');
  });

  test('are complete once', async () => {
    const { client } = await bench();
    const uploadId = await startUpload(client);
    await sendPart(client, uploadId, 0, noise('a', 10));
    await complete(client, uploadId, digestOf(noise('a', 10)));
    expect((await refusal(complete(client, uploadId, digestOf(noise('a', 10))))).name).toBe('UploadNotFoundException');
  });

  test('of another digest are refused, and over', async () => {
    const { client, emulator } = await bench();
    const uploadId = await startUpload(client);
    await sendPart(client, uploadId, 0, noise('a', 10));
    expect(await refusal(complete(client, uploadId, digestOf('something else')))).toMatchObject({
      name: 'InvalidLayerException', message: expect.stringContaining(digestOf(noise('a', 10))),
    });
    expect((await refusal(sendPart(client, uploadId, 10, noise('b', 10)))).name).toBe('UploadNotFoundException');
    expect(emulator.state.repository('app')!.layers.size).toBe(0);
  });

  test('without a part are empty, and go on', async () => {
    const { client } = await bench();
    const uploadId = await startUpload(client);
    expect((await refusal(complete(client, uploadId, digestOf('')))).name).toBe('EmptyUploadException');
    await sendPart(client, uploadId, 0, noise('a', 10));
    await complete(client, uploadId, digestOf(noise('a', 10)));
  });

  test('with a small part before the last are refused at the end, not before', async () => {
    const { client } = await bench();
    const bytes = noise('a', 5 * MIB + 99);
    const uploadId = await startUpload(client);
    await sendPart(client, uploadId, 0, bytes.subarray(0, 5 * MIB - 1));
    await sendPart(client, uploadId, 5 * MIB - 1, bytes.subarray(5 * MIB - 1));
    expect((await refusal(complete(client, uploadId, digestOf(bytes)))).name).toBe('LayerPartTooSmallException');
  });

  test('of a layer that is there end with LayerAlreadyExistsException, after the digest was checked', async () => {
    const { client } = await bench();
    const bytes = noise('a', 1000);
    await uploadLayer(client, bytes);
    const again = await startUpload(client);
    await sendPart(client, again, 0, bytes);
    expect(await refusal(complete(client, again, digestOf(bytes)))).toMatchObject({ name: 'LayerAlreadyExistsException', message: expect.stringContaining(digestOf(bytes)) });
    const wrong = await startUpload(client);
    await sendPart(client, wrong, 0, noise('b', 1000));
    expect((await refusal(complete(client, wrong, digestOf(bytes)))).name).toBe('InvalidLayerException');
  });

  test('may be named by further algorithms; sha256 is verified', async () => {
    const { client } = await bench();
    const bytes = noise('a', 10);
    const finish = async (layerDigests: string[]) => {
      const uploadId = await startUpload(client);
      await sendPart(client, uploadId, 0, bytes);
      return client.send(new CompleteLayerUploadCommand({ repositoryName: 'app', uploadId, layerDigests }));
    };
    expect((await refusal(finish([`sha512:${'0'.repeat(128)}`]))).name).toBe('InvalidParameterException');
    expect((await finish([`sha512:${'0'.repeat(128)}`, digestOf(bytes)])).layerDigest).toBe(digestOf(bytes));
  });

  test('keep to the quotas of parts and bytes', async () => {
    const { client } = await bench({ quotas: { layerParts: 2, layerBytes: 25, minLayerPartBytes: 1 } });
    const uploadId = await startUpload(client);
    await sendPart(client, uploadId, 0, noise('a', 10));
    expect((await refusal(sendPart(client, uploadId, 10, noise('b', 16)))).name).toBe('LimitExceededException');
    await sendPart(client, uploadId, 10, noise('b', 10));
    expect((await refusal(sendPart(client, uploadId, 20, noise('c', 1)))).name).toBe('LimitExceededException');
  });

  test('expire 24 hours after they last went on; layers that no image lists after 24 hours', async () => {
    const { client, emulator } = await bench();
    const [idle, busy] = [await startUpload(client), await startUpload(client)];
    const layer = await uploadLayer(client, noise('loose', 10));
    const image = content('kept');
    await pushContent(client, image);
    emulator.clock.advance(23 * 3_600_000);
    await sendPart(client, busy, 0, noise('a', 10));
    emulator.clock.advance(3_600_000);
    expect((await refusal(sendPart(client, idle, 0, noise('a', 10)))).name).toBe('UploadNotFoundException');
    await complete(client, busy, digestOf(noise('a', 10)));
    const held = emulator.state.repository('app')!.layers;
    expect(held.has(layer)).toBe(false);
    expect([...held.keys()].sort()).toEqual([digestOf(noise('a', 10)), digestOf(image.config), digestOf(image.layers[0])].sort());
  });
});

describe('PutImage', () => {
  test('names exactly the layers that are missing', async () => {
    const { client } = await bench();
    const image = content('a', [noise('one', 10), noise('two', 10)]);
    await uploadLayer(client, image.layers[0]);
    expect(await refusal(client.send(new PutImageCommand({ repositoryName: 'app', imageManifest: image.manifest })))).toMatchObject({
      name: 'LayersNotFoundException',
      message: `Layers with digests '[${digestOf(image.config)}, ${digestOf(image.layers[1])}]' required for pushing image into repository with name 'app' ` +
        `in the registry with id '${ACCOUNT}' do not exist`,
    });
  });

  test('does not take layers of another repository', async () => {
    const { client } = await bench();
    await client.send(new CreateRepositoryCommand({ repositoryName: 'other' }));
    const image = content('a');
    await pushContent(client, image);
    expect((await refusal(client.send(new PutImageCommand({ repositoryName: 'other', imageManifest: image.manifest })))).name).toBe('LayersNotFoundException');
    await pushContent(client, image, 'v1', 'other');
  });
});
