import {
  BatchCheckLayerAvailabilityCommand, BatchGetImageCommand, CompleteLayerUploadCommand, CreateRepositoryCommand, DescribeImagesCommand,
  GetAuthorizationTokenCommand, PutLifecyclePolicyCommand, RegisterPullTimeUpdateExclusionCommand, UpdateImageStorageClassCommand,
} from '@aws-sdk/client-ecr';
import {
  content, createRepository, digestOf, http, login, noise, pushBlob, pushContent, pushV2, putManifest,
} from './layers-support';
import { ACCOUNT, DAY, ecr, fakeDigest, image as seeded, indexManifest, NOW, OCI_IMAGE, OCI_INDEX, refusal } from './support';
import { EmulatorOptions } from '../../src/emulator';

async function bench(options: EmulatorOptions = {}) {
  const both = await ecr({ allowMissingLayers: false, ...options });
  if (!both.emulator.state.repository('app')) {
    await createRepository(both.client);
  }
  const headers = await login(both.client);
  const send = (path: string, method = 'GET', more: Record<string, string> = {}, body?: Buffer | string) =>
    http(`${both.emulator.endpoint}${path}`, { method, headers: { ...headers, ...more }, body });
  return { ...both, headers, send };
}

const errorIn = ({ status, body }: { status: number; body: Buffer }) => {
  const { errors } = JSON.parse(body.toString()) as { errors: { code: string; message: string }[] };
  return [status, errors[0].code, errors[0].message] as const;
};

describe('who may come in', () => {
  test('a request without credentials is challenged', async () => {
    const { emulator } = await bench();
    for (const path of ['/v2/', '/v2', '/v2/app/manifests/v1', '/v2/app/tags/list']) {
      const { status, headers } = await http(`${emulator.endpoint}${path}`);
      expect([status, headers['www-authenticate']]).toEqual([401, `Basic realm="${emulator.endpoint}/",service="ecr.amazonaws.com"`]);
    }
  });

  test('a token of GetAuthorizationToken opens the door for twelve hours', async () => {
    const { emulator, send } = await bench();
    expect(await send('/v2/')).toMatchObject({ status: 200, headers: { 'docker-distribution-api-version': 'registry/2.0' } });
    emulator.clock.advance(12 * 3_600_000 - 1);
    expect((await send('/v2/')).status).toBe(200);
    emulator.clock.advance(1);
    expect(errorIn(await send('/v2/'))).toEqual([403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.']);
  });

  test.each([
    ['another user', (token: string) => `Basic ${Buffer.from(`aws:${Buffer.from(token, 'base64').toString().slice(4)}`).toString('base64')}`],
    ['another password', () => `Basic ${Buffer.from('AWS:password').toString('base64')}`],
    ['a password that was altered', (token: string) => `Basic ${Buffer.from(Buffer.from(token, 'base64').toString().replace(/.{6}$/, 'AAAAA=')).toString('base64')}`],
    ['no colon', () => `Basic ${Buffer.from('AWS').toString('base64')}`],
    ['a bearer token', (token: string) => `Bearer ${token}`],
    ['no base64', () => 'Basic {}'],
  ])('%s does not', async (_, authorization) => {
    const { client, emulator } = await bench();
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
    const { status, headers } = await http(`${emulator.endpoint}/v2/`, { headers: { authorization: authorization(authorizationData![0].authorizationToken!) } });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain('ecr.amazonaws.com');
  });

  test('a token of another emulator does not', async () => {
    const one = await bench();
    const other = await bench();
    expect((await http(`${one.emulator.endpoint}/v2/`, { headers: other.headers })).status).toBe(401);
  });
});

describe('both doors lead to the same registry', () => {
  test('what the registry protocol takes in, the API has', async () => {
    const { client, emulator, headers } = await bench();
    const image = content('a');
    expect((await pushV2(emulator.endpoint, headers, image, 'v1')).status).toBe(201);
    const { images } = await client.send(new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }] }));
    expect(images).toMatchObject([{ imageManifest: image.manifest, imageManifestMediaType: OCI_IMAGE, imageId: { imageDigest: image.digest } }]);
    const { layers } = await client.send(new BatchCheckLayerAvailabilityCommand({ repositoryName: 'app', layerDigests: [digestOf(image.layers[0])] }));
    expect(layers).toMatchObject([{ layerAvailability: 'AVAILABLE', layerSize: 1000 }]);
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'app' }));
    expect(imageDetails).toMatchObject([{ imageDigest: image.digest, imageTags: ['v1'], imageSizeInBytes: 1000 + image.config.length, imagePushedAt: new Date(NOW) }]);
  });

  test('what the API takes in, the registry protocol has', async () => {
    const { client, send } = await bench();
    const image = content('a');
    await pushContent(client, image, 'v1');
    const manifest = await send('/v2/app/manifests/v1');
    expect([manifest.status, manifest.headers['docker-content-digest'], manifest.headers['content-type'], manifest.body.toString()])
      .toEqual([200, image.digest, OCI_IMAGE, image.manifest]);
    expect(await send(`/v2/app/blobs/${digestOf(image.layers[0])}`, 'HEAD')).toMatchObject({
      status: 200, headers: { 'content-length': '1000', 'docker-content-digest': digestOf(image.layers[0]), 'accept-ranges': 'bytes' },
    });
  });

  test('an upload that one door began, the other completes', async () => {
    const { client, emulator, headers, send } = await bench();
    const bytes = noise('a', 1000);
    const started = await send('/v2/app/blobs/uploads/', 'POST');
    const uploadId = String(started.headers['docker-upload-uuid']);
    await send(String(started.headers.location), 'PATCH', {}, bytes);
    expect((await client.send(new CompleteLayerUploadCommand({ repositoryName: 'app', uploadId, layerDigests: [digestOf(bytes)] }))).layerDigest).toBe(digestOf(bytes));
    expect(await pushBlob(emulator.endpoint, headers, bytes)).toBe(digestOf(bytes));
  });
});

describe('manifests', () => {
  test('are found by tag and by digest, and HEAD tells the size', async () => {
    const { emulator, headers, send } = await bench();
    const image = content('a');
    expect(await pushV2(emulator.endpoint, headers, image, 'v1')).toMatchObject({
      status: 201, headers: { 'docker-content-digest': image.digest, 'location': `/v2/app/manifests/${image.digest}` },
    });
    for (const reference of ['v1', image.digest]) {
      expect((await send(`/v2/app/manifests/${reference}`)).body.toString()).toBe(image.manifest);
      const head = await send(`/v2/app/manifests/${reference}`, 'HEAD');
      expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(image.manifest.length), 0]);
    }
  });

  test('GET is a pull, HEAD is none', async () => {
    const { client, emulator, send } = await bench();
    const image = content('a');
    await pushContent(client, image, 'v1');
    const pulled = () => emulator.state.repository('app')!.images.get(image.digest)!.lastRecordedPullTime;
    await send('/v2/app/manifests/v1', 'HEAD');
    expect(pulled()).toBeUndefined();
    emulator.clock.advance(DAY);
    const again = await login(client);
    await http(`${emulator.endpoint}/v2/app/manifests/v1`, { headers: again });
    expect(pulled()).toBe(Date.parse(NOW) + DAY);
  });

  test('a token acts as whoever asked for it: pulls by excluded principals are not recorded', async () => {
    const { client, emulator, send } = await bench();
    const image = content('a');
    await pushContent(client, image, 'v1');
    await client.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn: `arn:aws:iam::${ACCOUNT}:user/AKIAIOSFODNN7EXAMPLE` }));
    expect((await send('/v2/app/manifests/v1')).status).toBe(200);
    expect(emulator.state.repository('app')!.images.get(image.digest)!.lastRecordedPullTime).toBeUndefined();
  });

  test.each<[string, string, readonly [number, string, RegExp]]>([
    ['a repository that is not there', '/v2/absent/manifests/v1', [404, 'NAME_UNKNOWN', /The repository with name 'absent' does not exist in the registry with id '123456789012'/]],
    ['a tag that is not there', '/v2/app/manifests/v1', [404, 'MANIFEST_UNKNOWN', /Requested image not found/]],
    ['a digest that is not there', `/v2/app/manifests/${fakeDigest(1)}`, [404, 'MANIFEST_UNKNOWN', /Requested image not found/]],
    ['a name that is none', '/v2/App/manifests/v1', [400, 'NAME_INVALID', /App/]],
    ['an address that is none', '/v2/app/whatever/v1', [404, 'NAME_UNKNOWN', /whatever/]],
    ['bad escapes', '/v2/app/manifests/%zz', [400, 'NAME_INVALID', /%zz/]],
  ])('of %s', async (_, path, expected) => {
    const { send } = await bench();
    const [status, code, message] = errorIn(await send(path));
    expect([status, code]).toEqual(expected.slice(0, 2));
    expect(message).toMatch(expected[2]);
  });

  test('of a seeded image say that its bytes are unknown; of an archived one that it must be restored', async () => {
    const { client, send } = await bench({ seed: { imageDetails: [seeded('app', 'a', { imageTags: ['seeded'] })] } });
    expect(errorIn(await send('/v2/app/manifests/seeded'))).toEqual([404, 'MANIFEST_UNKNOWN', expect.stringContaining('DD-EMULATOR-102')]);
    const image = content('a');
    await pushContent(client, image, 'v1');
    await client.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId: { imageTag: 'v1' }, targetStorageClass: 'ARCHIVE' }));
    expect(errorIn(await send('/v2/app/manifests/v1'))).toEqual([404, 'MANIFEST_UNKNOWN', expect.stringContaining('archived')]);
    expect((await send(`/v2/app/blobs/${digestOf(image.layers[0])}`, 'HEAD')).status).toBe(404);
  });

  test('are refused with the reason', async () => {
    const { emulator, headers, send } = await bench();
    const image = content('a');
    const put = (manifest: string, reference: string, type = OCI_IMAGE) => send(`/v2/app/manifests/${reference}`, 'PUT', { 'content-type': type }, manifest).then(errorIn);
    expect(await put(image.manifest, 'v1')).toEqual([404, 'MANIFEST_BLOB_UNKNOWN', expect.stringContaining(`Layers with digests '[${digestOf(image.config)}`)]);
    expect(await put(indexManifest([fakeDigest(1)]), 'v1', OCI_INDEX)).toEqual([404, 'MANIFEST_BLOB_UNKNOWN', expect.stringContaining(`Images with digests '[${fakeDigest(1)}]'`)]);
    for (const bytes of [image.config, ...image.layers]) {
      await pushBlob(emulator.endpoint, headers, bytes);
    }
    expect(await put(image.manifest, fakeDigest(1))).toEqual([400, 'DIGEST_INVALID', expect.stringContaining(image.digest)]);
    expect(await put(image.manifest, 'bad!tag')).toEqual([400, 'TAG_INVALID', expect.stringContaining('imageTag')]);
    expect(await put(image.manifest, 't'.repeat(301))).toEqual([400, 'TAG_INVALID', expect.stringContaining('imageTag')]);
    expect(await put(image.manifest, 'v1', OCI_INDEX)).toEqual([400, 'MANIFEST_INVALID', expect.stringContaining('mediaType')]);
    expect(await put('{', 'v1')).toEqual([400, 'MANIFEST_INVALID', expect.stringContaining('JSON')]);
    expect((await send('/v2/app/manifests/v1', 'PUT', { 'content-type': OCI_IMAGE }, Buffer.from([0xff, 0xfe]))).status).toBe(400);
    expect(await put('x'.repeat(4_194_305), 'v1')).toEqual([413, 'SIZE_INVALID', expect.stringContaining('4194304')]);
    expect(errorIn(await send('/v2/absent/manifests/v1', 'PUT', { 'content-type': OCI_IMAGE }, image.manifest))[1]).toBe('NAME_UNKNOWN');
    expect(emulator.state.repository('app')!.images.size).toBe(0);
    expect(emulator.state.repository('absent')).toBeUndefined();
  });

  test('a type with a parameter is the type', async () => {
    const { emulator, headers, send } = await bench();
    const image = content('a');
    await pushV2(emulator.endpoint, headers, image, 'v0');
    expect((await send('/v2/app/manifests/v1', 'PUT', { 'content-type': `${OCI_IMAGE}; charset=utf-8` }, image.manifest)).status).toBe(201);
  });

  test('that are there already are accepted again; frozen tags stay', async () => {
    const { client, emulator, headers } = await bench();
    const [a, b] = [content('a'), content('b')];
    for (const [mutability, again, other] of [['MUTABLE', 201, 201], ['IMMUTABLE', 400, 400]] as const) {
      const repositoryName = mutability.toLowerCase();
      await client.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: mutability }));
      await pushV2(emulator.endpoint, headers, a, 'v1', repositoryName);
      const second = await putManifest(emulator.endpoint, headers, a.manifest, 'v1', repositoryName);
      expect(second.status).toBe(again);
      expect((await putManifest(emulator.endpoint, headers, a.manifest, a.digest, repositoryName)).status).toBe(201);
      const moved = await pushV2(emulator.endpoint, headers, b, 'v1', repositoryName);
      expect(moved.status).toBe(other);
      if (mutability === 'IMMUTABLE') {
        expect(errorIn(second)).toEqual([400, 'TAG_INVALID', expect.stringContaining('immutable')]);
        expect(errorIn(moved)).toEqual([400, 'TAG_INVALID',
          `The image tag 'v1' already exists in the '${repositoryName}' repository and cannot be overwritten because the repository is immutable.`]);
      }
    }
  });

  test('DELETE by tag takes the tag, and the image with its last one; by digest it takes the image', async () => {
    const { client, emulator, headers, send } = await bench();
    const image = content('a');
    await pushV2(emulator.endpoint, headers, image, 'v1');
    await putManifest(emulator.endpoint, headers, image.manifest, 'v2');
    expect((await send('/v2/app/manifests/v1', 'DELETE')).status).toBe(202);
    expect((await send('/v2/app/manifests/v2')).status).toBe(200);
    expect((await send('/v2/app/manifests/v2', 'DELETE')).status).toBe(202);
    expect((await refusal(client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageDigest: image.digest }] })))).name).toBe('ImageNotFoundException');
    expect(errorIn(await send('/v2/app/manifests/v2', 'DELETE'))[1]).toBe('MANIFEST_UNKNOWN');
    await pushV2(emulator.endpoint, headers, image, 'v1');
    expect((await send(`/v2/app/manifests/${image.digest}`, 'DELETE')).status).toBe(202);
    expect(emulator.state.repository('app')!.images.size).toBe(0);
  });

  test('a lifecycle policy sees images of either door', async () => {
    const { client, emulator, headers } = await bench();
    await pushV2(emulator.endpoint, headers, content('a'), 'v1');
    emulator.clock.advance(1000);
    await pushContent(client, content('b'), 'v2');
    await client.send(new PutLifecyclePolicyCommand({
      repositoryName: 'app',
      lifecyclePolicyText: JSON.stringify({ rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 }, action: { type: 'expire' } }] }),
    }));
    emulator.clock.advance(DAY);
    expect([...emulator.state.repository('app')!.images.values()].map(({ imageTags }) => imageTags)).toEqual([['v2']]);
  });
});

test('methods that there are not are told', async () => {
  const { send } = await bench();
  for (const [path, method] of [['/v2/', 'POST'], ['/v2/app/tags/list', 'DELETE'], ['/v2/app/manifests/v1', 'PATCH'], ['/v2/app/blobs/uploads/', 'GET'], ['/v2/_catalog', 'PUT']]) {
    expect(errorIn(await send(path, method)).slice(0, 2)).toEqual([405, 'UNSUPPORTED']);
  }
});
