import {
  BatchCheckLayerAvailabilityCommand, BatchDeleteImageCommand, BatchGetImageCommand, CompleteLayerUploadCommand, CreateRepositoryCommand, DescribeImagesCommand,
  GetDownloadUrlForLayerCommand, InitiateLayerUploadCommand, PutImageCommand, UpdateImageStorageClassCommand, UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import {
  complete, content, createRepository, digestOf, http, MIB, noise, pushContent, sendPart, startUpload, uploadLayer,
} from './layers-support';
import { ACCOUNT, call, ecr, refusal } from './support';
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

describe('the body of UploadLayerPart', () => {
  const bytes = noise('body', 300);
  const base64 = bytes.toString('base64');

  test.each<[string, (members: Record<string, string>) => string]>([
    ['with the bytes first', ({ blob, rest }) => `{"layerPartBlob":"${blob}",${rest}}`],
    ['with the bytes last', ({ blob, rest }) => `{${rest},"layerPartBlob":"${blob}"}`],
    ['with white space everywhere', ({ blob, rest }) => `\n{ "layerPartBlob" \t:\r\n "${blob}" , ${rest} }\n`],
    ['with escaped slashes', ({ blob, rest }) => `{${rest},"layerPartBlob":"${blob.replace(/\//g, '\\/')}"}`],
    ['with codes for characters', ({ blob, rest }) => `{${rest},"layerPartBlob":"${blob.replace(/\+/g, '\\u002b').replace('A', '\\u0041')}"}`],
    ['with a name in codes', ({ blob, rest }) => `{${rest},"layer\\u0050artBlob":"${blob}"}`],
    ['with members that look like it', ({ blob, rest }) => `{"x":{"layerPartBlob":"no"},"y":["layerPartBlob","no"],"z":"layerPartBlob\\":\\"no",${rest},"layerPartBlob":"${blob}"}`],
  ])('%s is read', async (_, write) => {
    const { client, emulator } = await bench();
    const uploadId = await startUpload(client);
    const rest = `"repositoryName":"app","uploadId":"${uploadId}","partFirstByte":0,"partLastByte":299`;
    const reply = await rawPart(emulator, write({ blob: base64, rest }));
    expect(reply).toMatchObject({ lastByteReceived: 299 });
    await complete(client, uploadId, digestOf(bytes));
  });

  test.each<[string, (members: Record<string, string>) => string]>([
    ['whose bytes are a number', ({ rest }) => `{${rest},"layerPartBlob":7}`],
    ['whose bytes are true', ({ rest }) => `{${rest},"layerPartBlob":true}`],
    ['whose bytes are no base64', ({ rest }) => `{${rest},"layerPartBlob":"AAA!"}`],
    ['whose base64 is cut short', ({ rest }) => `{${rest},"layerPartBlob":"AAAAA"}`],
    ['whose base64 goes on after its end', ({ rest }) => `{${rest},"layerPartBlob":"AA==AAAA"}`],
    ['with the bytes twice', ({ rest, blob }) => `{${rest},"layerPartBlob":"${blob}","layerPartBlob":"${blob}"}`],
    ['that ends in the bytes', ({ rest }) => `{${rest},"layerPartBlob":"AAAA`],
    ['that ends after the bytes', ({ rest }) => `{${rest},"layerPartBlob":"AAAA"`],
    ['that is no JSON', ({ rest }) => `{${rest},,"layerPartBlob":"AAAA"}`],
    ['with another member that is too long', ({ rest }) => `{${rest},"x":"${'x'.repeat(70_000)}"}`],
    ['that is a list', () => '["layerPartBlob","AAAA"]'],
  ])('%s is a SerializationException, and the upload goes on', async (_, write) => {
    const { client, emulator } = await bench();
    const uploadId = await startUpload(client);
    const rest = `"repositoryName":"app","uploadId":"${uploadId}","partFirstByte":0,"partLastByte":299`;
    expect(await rawPart(emulator, write({ blob: base64, rest }))).toMatchObject({ __type: 'SerializationException' });
    await sendPart(client, uploadId, 0, bytes);
    await complete(client, uploadId, digestOf(bytes));
  });

  test('without bytes, or with a negative place, is an InvalidParameterException', async () => {
    const { client, emulator } = await bench();
    const uploadId = await startUpload(client);
    expect((await call(emulator, 'UploadLayerPart', { repositoryName: 'app', uploadId, partFirstByte: 0, partLastByte: 1 })).json)
      .toMatchObject({ __type: 'InvalidParameterException', message: expect.stringContaining('layerPartBlob') });
    expect((await call(emulator, 'UploadLayerPart', { repositoryName: 'app', uploadId, partFirstByte: -1, partLastByte: 1, layerPartBlob: 'AAAA' })).json)
      .toMatchObject({ __type: 'InvalidParameterException', message: expect.stringContaining('partFirstByte') });
    expect((await call(emulator, 'UploadLayerPart', { repositoryName: 'app', uploadId: '7', partFirstByte: 0, partLastByte: 1, layerPartBlob: 'AAAA' })).json)
      .toMatchObject({ __type: 'InvalidParameterException', message: expect.stringContaining('uploadId') });
  });

  async function rawPart(emulator: Awaited<ReturnType<typeof bench>>['emulator'], body: string): Promise<unknown> {
    const { body: answer } = await http(emulator.endpoint, {
      method: 'POST', body,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.UploadLayerPart' },
    });
    return JSON.parse(answer.toString());
  }
});

describe('a download URL', () => {
  async function downloadable(options: EmulatorOptions = {}) {
    const both = await bench(options);
    const image = content('a', [noise('layer', 1000)]);
    await pushContent(both.client, image);
    const layerDigest = digestOf(image.layers[0]);
    const { downloadUrl } = await both.client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest }));
    return { ...both, bytes: image.layers[0], layerDigest, url: downloadUrl! };
  }

  test.each([
    ['bytes=0-99', 206, 0, 100, 'bytes 0-99/1000'],
    ['bytes=990-', 206, 990, 1000, 'bytes 990-999/1000'],
    ['bytes=-10', 206, 990, 1000, 'bytes 990-999/1000'],
    ['bytes=-5000', 206, 0, 1000, 'bytes 0-999/1000'],
    ['bytes=999-5000', 206, 999, 1000, 'bytes 999-999/1000'],
    ['bytes=5-2', 200, 0, 1000, undefined],
    ['bytes=0-1,5-6', 200, 0, 1000, undefined],
    ['lines=1-2', 200, 0, 1000, undefined],
  ])('with the range %s answers %d', async (range, status, start, end, contentRange) => {
    const { url, bytes } = await downloadable();
    const answer = await http(url, { headers: { range } });
    expect([answer.status, answer.headers['content-range'], answer.headers['content-length']]).toEqual([status, contentRange, String(end - start)]);
    expect(answer.body.equals(bytes.subarray(start, end))).toBe(true);
  });

  test.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=-0'])('with the range %s answers 416 and the size', async (range) => {
    const { url } = await downloadable();
    expect(await http(url, { headers: { range } })).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */1000' } });
  });

  test('tells the size at HEAD', async () => {
    const { url } = await downloadable();
    const answer = await http(url, { method: 'HEAD' });
    expect([answer.status, answer.headers['content-length'], answer.headers['accept-ranges'], answer.body.length]).toEqual([200, '1000', 'bytes', 0]);
  });

  test('holds for an hour of the emulator\'s clock', async () => {
    const { url, emulator } = await downloadable();
    emulator.clock.advance(3_600_000);
    expect((await http(url)).status).toBe(200);
    emulator.clock.advance(1);
    const { status, body } = await http(url);
    expect(status).toBe(403);
    expect(body.toString()).toContain('Request has expired');
  });

  test('is of one layer of one repository for one time', async () => {
    const { url, emulator } = await downloadable();
    const other = digestOf('other');
    for (const forged of [
      url.replace(/sha256:[0-9a-f]+/, other), url.replace('/app/', '/apq/'), url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=36000'),
      url.replace(/X-Amz-Date=2026/, 'X-Amz-Date=2027'), url.replace(/X-Amz-Signature=.*/, 'X-Amz-Signature=00'),
      url.replace(/\?.*/, ''), `${emulator.endpoint}/layers/`, `${emulator.endpoint}/layers/%2e%2e%2f%2e%2e%2fetc/passwd`,
    ]) {
      expect((await http(forged)).status).toBe(403);
    }
    expect((await http(url, { method: 'PUT' })).status).toBe(405);
  });

  test('needs no credentials and is not troubled by any', async () => {
    const { url } = await downloadable();
    expect((await http(url, { headers: { authorization: 'Basic bm9ib2R5Og==' } })).status).toBe(200);
  });

  test('names the emulator as the client did', async () => {
    const { emulator, layerDigest } = await downloadable();
    const { body } = await http(`http://localhost:${emulator.port}`, {
      method: 'POST', body: JSON.stringify({ repositoryName: 'app', layerDigest }),
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetDownloadUrlForLayer' },
    });
    expect(JSON.parse(body.toString()).downloadUrl).toMatch(new RegExp(`^http://localhost:${emulator.port}/layers/app/sha256:`));
  });

  test('is not given for what the repository lacks, nor for a layer that no image lists', async () => {
    const { client } = await bench();
    const layer = await uploadLayer(client, noise('loose', 10));
    const ask = (layerDigest: string) => refusal(client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest })));
    expect((await ask(layer)).name).toBe('LayerInaccessibleException');
    expect((await ask(digestOf('absent'))).name).toBe('LayersNotFoundException');
    expect((await ask('latest')).name).toBe('InvalidParameterException');
  });

  test('of a layer that has gone answers as Amazon S3 does', async () => {
    const { url, client, emulator } = await downloadable();
    const images = [...emulator.state.repository('app')!.images.keys()];
    await client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: images.map((imageDigest) => ({ imageDigest })) }));
    const { status, body } = await http(url);
    expect(status).toBe(404);
    expect(body.toString()).toContain('NoSuchKey');
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
