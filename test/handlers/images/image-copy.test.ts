import { hex, imageWorld, NAME, push, pushIndex, sha256, tagged, URI } from './support';
import { IMAGE_COPY_TYPE } from '../../../src/image-resources';
import { Content } from '../../copy/images';
import { Script, scriptedRegistry, ScriptedRegistry } from '../../copy/scripted-registry';
import { Properties, World, WorldOptions } from '../support';

const KIB = 1024;
const registries: ScriptedRegistry[] = [];

afterEach(async () => {
  await Promise.all(registries.splice(0).map((registry) => registry.stop()));
});

interface Scene {
  readonly world: World;
  readonly content: Content;
  readonly registry: ScriptedRegistry;
  readonly properties: Properties;
}

/** A registry with `app:1.27`, and an empty repository. */
async function scene(options: WorldOptions & { script?: Script } = {}): Promise<Scene> {
  const content = new Content();
  content.multi('first', [40 * KIB, 5 * KIB], '1.27');
  const registry = await scriptedRegistry(content, { script: options.script });
  registries.push(registry);
  const world = await imageWorld({ allowMissingLayers: false, ...options });
  return { world, content, registry, properties: propertiesOf(registry) };
}

const propertiesOf = (registry: ScriptedRegistry, more: Properties = {}): Properties => ({
  RepositoryName: NAME, Source: { Type: 'registry', Reference: `${registry.host}/app:1.27` }, ImageTags: ['1.27'], Referrers: true, RemovalPolicy: 'retain', TimeoutSeconds: 900, ...more,
});

const ID = `drydock:image-copy:-:${NAME}:Resource`;
const create = ({ world, properties }: Scene, more: Properties = {}) => world.create(IMAGE_COPY_TYPE, { ...properties, ...more });
const update = ({ world, properties }: Scene, now: Properties, before: Properties = {}) =>
  world.update(IMAGE_COPY_TYPE, { ...properties, ...now }, { physicalId: ID, old: { ...properties, ...before } });
const remove = ({ world, properties }: Scene, more: Properties = {}) => world.delete(IMAGE_COPY_TYPE, { ...properties, ...more }, { physicalId: ID });
const digests = (world: World, name = NAME) => world.emulator.inventory(name).imageDetails.map(({ imageDigest }) => imageDigest).sort();
const tagsOf = (world: World, digest: string) => world.emulator.inventory(NAME).imageDetails.find(({ imageDigest }) => imageDigest === digest)?.imageTags ?? [];
const moved = (world: World) => ['InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload', 'PutImage'].map((operation) => world.callsOf(operation).length);
const blobs = ({ registry }: Scene) => registry.requests.map(({ path }) => path).filter((path) => path.includes('/blobs/'));
const notes = (world: World) => Object.keys(world.tags(NAME)).filter((key) => key.startsWith('cdk-drydock:'));

/** The tag moves at the source: another image whose first layer is the same. */
function moveTag(content: Content): string {
  const amd64 = content.image('first amd64', [40 * KIB, Buffer.from('changed')], { platform: { os: 'linux', architecture: 'amd64' } });
  return content.index([{ ...amd64, platform: { os: 'linux', architecture: 'amd64' } }], { tag: '1.27' }).digest;
}

describe('a copy', () => {
  test('brings every platform and every referrer, byte for byte, and answers with the digest', async () => {
    const s = await scene();
    const { digest } = s.content.multi('first', [40 * KIB, 5 * KIB], '1.27').index;
    const signature = s.content.referrer(s.content.multi('first', [40 * KIB, 5 * KIB]).index, 'signature');
    const { status, reason, physicalId, data } = await create(s, { ImageTags: ['1.27', 'stable'] });
    expect([status, reason]).toEqual(['SUCCESS', '']);
    expect(physicalId).toBe(ID);
    expect(data).toEqual({
      RepositoryName: NAME, RegistryId: '123456789012', DigestHex: hex(digest), ImageUri: `${URI}@${digest}`, ImageTagUri: `${URI}:1.27`,
      ImageSizeInBytes: expect.stringMatching(/^\d{4,}$/), ImageManifestMediaType: 'application/vnd.oci.image.index.v1+json', SourceDigest: digest,
      MovedBytes: expect.stringMatching(/^\d{5}$/), MovedLayers: expect.stringMatching(/^\d+$/), MovedManifests: '6',
    });
    expect(tagged(s.world, '1.27')).toBe(digest);
    expect(tagged(s.world, 'stable')).toBe(digest);
    expect(digests(s.world)).toContain(signature.digest);
    expect(digests(s.world)).toHaveLength(6);
  });

  test('of what is there already moves nothing, and puts nothing', async () => {
    const s = await scene();
    await create(s);
    const before = blobs(s);
    s.world.calls.length = 0;
    const { status, data } = await update(s, { Trigger: '2' });
    expect([status, data.MovedBytes, data.MovedManifests]).toEqual(['SUCCESS', '0', '0']);
    expect(moved(s.world)).toEqual([0, 0, 0, 0]);
    expect(blobs(s)).toEqual(before);
  });

  test('of a tag that has moved moves what has changed; the image before stays', async () => {
    const s = await scene();
    const first = (await create(s)).data.DigestHex;
    const second = moveTag(s.content);
    s.world.calls.length = 0;
    const { data } = await update(s, { Trigger: '2' });
    expect(data.DigestHex).toBe(hex(second));
    expect(tagged(s.world, '1.27')).toBe(second);
    expect(digests(s.world)).toContain(`sha256:${first}`);
    // The changed layer and the new config; the layer of 40 KiB is there.
    expect(s.world.callsOf('CompleteLayerUpload').length).toBe(2);
    expect(Number(data.MovedBytes)).toBeLessThan(KIB);
  });

  test('with chosen platforms has these only', async () => {
    const s = await scene();
    const { data, status } = await create(s, { Platforms: ['linux/arm64'] });
    expect(status).toBe('SUCCESS');
    expect(data.DigestHex).not.toBe(hex(data.SourceDigest));
    expect(digests(s.world).length).toBeLessThan(5);
  });

  test('from another repository of ECR needs no login; by digest it is that image', async () => {
    const s = await scene();
    await s.world.foreign('CreateRepository', { repositoryName: 'shop/from' });
    await create(s, { RepositoryName: 'shop/from' });
    const digest = tagged(s.world, '1.27', 'shop/from') as string;
    const { status, reason, data } = await create(s, { Source: { Type: 'ecr', RepositoryName: 'shop/from', ImageDigest: digest } });
    expect([status, reason]).toEqual(['SUCCESS', '']);
    expect([data.DigestHex, tagged(s.world, '1.27')]).toEqual([hex(digest), digest]);
  });

  test('of a whole event delivered twice, one after the other or at once, is answered twice alike', async () => {
    const s = await scene();
    const event = s.world.event('Create', IMAGE_COPY_TYPE, s.properties);
    await s.world.deliver(event);
    await Promise.all([s.world.newHandler()(event, { getRemainingTimeInMillis: () => 30_000 }), s.world.newHandler()(event, { getRemainingTimeInMillis: () => 30_000 })]);
    const answers = s.world.responses.of(event.RequestId).map(({ status, data }) => [status, data.DigestHex]);
    expect(answers).toHaveLength(3);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(tagged(s.world, '1.27')).toBe(`sha256:${answers[0][1]}`);
  });
});

test('two deliveries at once, of which one finds put what the other one puts: what was put is noted, and a rollback takes it away', async () => {
  const s = await scene();
  const { world } = s;
  const event = world.event('Create', IMAGE_COPY_TYPE, s.properties);
  const context = { getRemainingTimeInMillis: () => 30_000 };
  let second: Promise<unknown> | undefined;
  let release: () => void = () => undefined;
  const hasRead = new Promise<void>((resolve) => { release = resolve; });
  let puts = 0;
  // When all five manifests are put, the second one comes, reads, and is overtaken.
  world.faults.push(async ({ operation, phase }) => {
    if (operation === 'PutImage' && phase === 'after' && (puts += 1) === 5) {
      second = Promise.resolve(world.newHandler()(event, context));
      await hasRead;
    }
    return undefined;
  });
  let first: Promise<unknown> | undefined;
  let isHeld = false;
  world.cloudFormation.meanwhile = async () => {
    if (second !== undefined && !isHeld) {
      isHeld = true;
      release();
      await first;
    }
  };
  first = Promise.resolve(world.handler(event, context));
  await first;
  await second;
  expect(world.responses.of(event.RequestId).map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
  world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
  await remove(s);
  expect([digests(world), notes(world)]).toEqual([[], []]);
});

test.each([1, 2, 3, 4, 5])('a delivery that finds everything there leaves what the other has noted, though it sees it only after %i looks', async (looks) => {
  const s = await scene();
  const event = s.world.event('Create', IMAGE_COPY_TYPE, s.properties);
  await s.world.deliver(event);
  const puts = () => notes(s.world).filter((key) => key.includes('-new-'));
  const noted = puts();
  expect(noted).toHaveLength(1);
  let seen = 0;
  s.world.faults.push(({ operation, phase, output }) => {
    if (operation !== 'ListTagsForResource' || phase !== 'after' || (seen += 1) > looks) {
      return undefined;
    }
    return { output: { tags: (output!.tags as { Key: string }[]).filter(({ Key }) => !noted.includes(Key)) } };
  });
  expect(await s.world.deliver(event)).toMatchObject({ status: 'SUCCESS' });
  expect(seen).toBeGreaterThan(0);
  expect(puts()).toEqual(noted);
});

describe('what fails', () => {
  test('leaves no tag, no manifest and no note, and its delete has nothing to do', async () => {
    const s = await scene();
    s.world.faults.push(({ operation, phase, input }) =>
      operation === 'PutImage' && phase === 'before' && input.imageTag === 'stable' ? { error: { type: 'InvalidParameterException', message: 'no' } } : undefined);
    const failed = await create(s, { ImageTags: ['1.27', 'stable'] });
    expect(failed.status).toBe('FAILED');
    expect(digests(s.world)).toEqual([]);
    expect(notes(s.world)).toEqual([]);
    expect((await s.world.delete(IMAGE_COPY_TYPE, s.properties, { physicalId: failed.physicalId })).status).toBe('SUCCESS');
  });

  test('gives a tag that was moved back to the image that had it', async () => {
    const s = await scene();
    const { imageDigest } = await push(await allowed(s.world), 'theirs', { tags: ['1.27'] });
    s.world.faults.push(({ operation, phase, input }) =>
      operation === 'PutImage' && phase === 'before' && input.imageTag === 'stable' ? { error: { type: 'InvalidParameterException', message: 'no' } } : undefined);
    expect((await create(s, { ImageTags: ['1.27', 'stable'] })).status).toBe('FAILED');
    expect(tagged(s.world, '1.27')).toBe(imageDigest);
    expect(digests(s.world)).toEqual([imageDigest]);
  });

  test.each<[string, Properties, RegExp]>([
    ['a source that does not have the image', { Source: { Type: 'ecr', RepositoryName: NAME, ImageTag: 'none' } }, /DD-COPY-020/],
    ['a repository that does not exist', { RepositoryName: 'shop/none' }, /DD-COPY-040/],
    ['a platform that the image does not have', { Platforms: ['windows/amd64'] }, /DD-COPY-006/],
    ['a source that is none', { Source: { Type: 'ftp' } }, /DD-HANDLER-002 at Source\/Type/],
    ['no tags', { ImageTags: [] }, /DD-HANDLER-002 at ImageTags/],
    ['a platform that is none', { Platforms: ['everything'] }, /DD-COPY-003/],
    ['more than an hour', { TimeoutSeconds: 3_601 }, /DD-HANDLER-002 at TimeoutSeconds/],
  ])('for %s says so by its code', async (_, more, code) => {
    const s = await scene();
    const { status, reason } = await create(s, more);
    expect([status, reason]).toEqual(['FAILED', expect.stringMatching(code)]);
    expect(digests(s.world)).toEqual([]);
  });

  test('for a rate limit names the reset, and for other bytes than promised the digest', async () => {
    const limited = await scene({
      script: ({ path }, response) => /manifests/.test(path) ? (response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '21600' }).end('{"errors":[{"code":"TOOMANYREQUESTS"}]}'), true) : undefined,
    });
    expect((await create(limited)).reason).toMatch(/DD-COPY-022/);
    const wrong = await scene({
      script: ({ path }, response) => /blobs/.test(path) ? (response.writeHead(200, { 'content-length': 4 }).end('evil'), true) : undefined,
    });
    const { reason } = await create(wrong);
    expect(reason).toMatch(/DD-COPY-02[34]/);
    expect(tagged(wrong.world, '1.27')).toBeUndefined();
  });

  test('of an immutable tag names it, and the tag stays', async () => {
    const s = await scene({ seed: { repositories: [{ repositoryName: NAME, imageTagMutability: 'IMMUTABLE' }], imageDetails: [] } });
    const { imageDigest } = await push(await allowed(s.world), 'theirs', { tags: ['1.27'] });
    const { status, reason } = await create(s);
    expect([status, reason]).toEqual(['FAILED', expect.stringMatching(/DD-IMAGE-201/)]);
    expect(tagged(s.world, '1.27')).toBe(imageDigest);
  });

  test('a connection that breaks in the middle of a layer, bursts of 429 and 500, and throttled parts: it resumes and finishes', async () => {
    let broken = 0;
    const s = await scene({
      script: ({ path, number, headers }, response) => {
        if (/blobs/.test(path) && number === 0 && headers.range === undefined && broken < 2) {
          broken += 1;
          response.writeHead(200, { 'content-length': 40 * KIB });
          response.write(Buffer.alloc(100));
          response.socket?.destroy();
          return true;
        }
        return /blobs/.test(path) && number === 1 && broken === 2 ? (broken += 1, response.writeHead(500).end(), true) : undefined;
      },
    });
    let bursts = 0;
    s.world.faults.push(({ operation, phase }) => operation === 'UploadLayerPart' && phase === 'before' && (bursts += 1) <= 3
      ? { error: { type: bursts === 2 ? 'ThrottlingException' : 'ServerException', message: 'later', statusCode: bursts === 2 ? 400 : 500 } } : undefined);
    const { status, reason } = await create(s);
    expect([status, reason.slice(0, 200)]).toEqual(['SUCCESS', '']);
    expect(tagged(s.world, '1.27')).toBeDefined();
  });
});

/** Pushed by hand, an image of tests has no layers. */
async function allowed(world: World): Promise<World> {
  const config = Buffer.from('theirs');
  const { uploadId } = await world.foreign('InitiateLayerUpload', { repositoryName: NAME });
  await world.foreign('UploadLayerPart', { repositoryName: NAME, uploadId, partFirstByte: 0, partLastByte: config.length - 1, layerPartBlob: config.toString('base64') });
  await world.foreign('CompleteLayerUpload', { repositoryName: NAME, uploadId, layerDigests: [sha256('theirs')] });
  return world;
}

describe('a rollback', () => {
  test('of a creation leaves nothing: no tag, no manifest, no note', async () => {
    const s = await scene();
    await create(s, { ImageTags: ['1.27', 'stable'] });
    s.world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    expect((await remove(s, { ImageTags: ['1.27', 'stable'] })).status).toBe('SUCCESS');
    expect(digests(s.world)).toEqual([]);
    expect(notes(s.world)).toEqual([]);
  });

  test('of a creation that moved a tag gives it back', async () => {
    const s = await scene();
    const { imageDigest } = await push(await allowed(s.world), 'theirs', { tags: ['1.27'] });
    await create(s);
    expect(tagged(s.world, '1.27')).not.toBe(imageDigest);
    s.world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    await remove(s);
    expect(tagged(s.world, '1.27')).toBe(imageDigest);
    expect(digests(s.world)).toEqual([imageDigest]);
  });

  test('of an update gives the tags back to the image before, though the source has moved on; attributes are those of before', async () => {
    const s = await scene();
    const { data: first } = await create(s);
    moveTag(s.content);
    await update(s, { Trigger: '2' });
    s.world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    s.registry.requests.length = 0;
    const { status, data } = await update(s, {}, { Trigger: '2' });
    expect(status).toBe('SUCCESS');
    expect(tagged(s.world, '1.27')).toBe(`sha256:${first.DigestHex}`);
    expect([data.DigestHex, data.ImageUri, data.ImageSizeInBytes]).toEqual([first.DigestHex, first.ImageUri, first.ImageSizeInBytes]);
    expect(s.registry.requests).toEqual([]);
  });

  test('of an update that added a tag takes it away', async () => {
    const s = await scene();
    await create(s);
    await update(s, { ImageTags: ['1.27', 'stable'] });
    s.world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await update(s, {}, { ImageTags: ['1.27', 'stable'] });
    expect(tagged(s.world, 'stable')).toBeUndefined();
    expect(tagged(s.world, '1.27')).toBeDefined();
  });

  test('of an update that failed before it touched a tag changes nothing', async () => {
    const s = await scene();
    const { data: first } = await create(s);
    moveTag(s.content);
    s.world.faults.push(({ operation, phase, input }) => operation === 'PutImage' && phase === 'before' && input.imageTag !== undefined ? { error: { type: 'InvalidParameterException', message: 'no' } } : undefined);
    expect((await update(s, { Trigger: '2' })).status).toBe('FAILED');
    s.world.faults.length = 0;
    s.world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const { status, data } = await update(s, {}, { Trigger: '2' });
    expect([status, data.DigestHex, tagged(s.world, '1.27')]).toEqual(['SUCCESS', first.DigestHex, `sha256:${first.DigestHex}`]);
  });

  test('that begins while bytes are moved: no tag is put, and what was put is taken back', async () => {
    const s = await scene();
    s.world.faults.push(({ operation, phase }) => {
      if (operation === 'PutImage' && phase === 'after') {
        s.world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
      }
    });
    const { status, reason } = await create(s);
    expect([status, reason]).toEqual(['FAILED', expect.stringMatching(/^DD-IMAGE-502/)]);
    expect(digests(s.world)).toEqual([]);
    expect(notes(s.world)).toEqual([]);
  });

  test('finds a tag moved by somebody else meanwhile: it is left to them', async () => {
    const s = await scene();
    await create(s);
    moveTag(s.content);
    await update(s, { Trigger: '2' });
    const { imageDigest } = await push(await allowed(s.world), 'theirs', { tags: ['1.27'] });
    s.world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect((await update(s, {}, { Trigger: '2' })).status).toBe('SUCCESS');
    expect(tagged(s.world, '1.27')).toBe(imageDigest);
  });
});

describe('a tag that the copy has no more', () => {
  const destroy: Properties = { RemovalPolicy: 'destroy' };
  const two: Properties = { ImageTags: ['1.27', 'stable'] };

  test('is left by a retained copy, and removed by the other', async () => {
    const retained = await scene();
    await create(retained, two);
    await update(retained, {}, two);
    expect(tagged(retained.world, 'stable')).toBeDefined();
    const s = await scene();
    await create(s, { ...two, ...destroy });
    await update(s, destroy, { ...two, ...destroy });
    expect([tagged(s.world, 'stable'), tagged(s.world, '1.27')]).toEqual([undefined, expect.any(String)]);
  });

  test('is left where it is the last one of an image: ECR would delete the image', async () => {
    const s = await scene();
    await create(s, { ImageTags: ['old'], ...destroy });
    const before = tagged(s.world, 'old');
    moveTag(s.content);
    await update(s, destroy, { ImageTags: ['old'], ...destroy });
    expect([tagged(s.world, 'old'), tagged(s.world, '1.27') === before]).toEqual([before, false]);
  });

  test('is there again after a rollback', async () => {
    const s = await scene();
    await create(s, { ...two, ...destroy });
    const before = tagged(s.world, 'stable');
    await update(s, destroy, { ...two, ...destroy });
    s.world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect((await update(s, { ...two, ...destroy }, destroy)).status).toBe('SUCCESS');
    expect([tagged(s.world, 'stable'), tagged(s.world, '1.27')]).toEqual([before, before]);
  });
});

test('another repository is another resource: the new one gets the image, the delete of the old one removes what was put there', async () => {
  const s = await scene();
  await s.world.foreign('CreateRepository', { repositoryName: 'shop/new' });
  await create(s, { RemovalPolicy: 'destroy' });
  const answer = await update(s, { RepositoryName: 'shop/new', RemovalPolicy: 'destroy' }, { RemovalPolicy: 'destroy' });
  expect([answer.status, answer.physicalId]).toEqual(['SUCCESS', 'drydock:image-copy:-:shop/new:Resource']);
  s.world.cloudFormation.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
  await remove(s, { RemovalPolicy: 'destroy' });
  expect([digests(s.world), digests(s.world, 'shop/new').length]).toEqual([[], 5]);
});

describe('another resource with the same tags', () => {
  const destroy: Properties = { RemovalPolicy: 'destroy' };
  const successor = { logicalId: 'Successor' };

  test('such as the construct under its new name, keeps image and tag when the former one goes', async () => {
    const s = await scene();
    s.content.referrer(s.content.multi('first', [40 * KIB, 5 * KIB]).index, 'signature');
    await create(s, destroy);
    const before = digests(s.world);
    await s.world.create(IMAGE_COPY_TYPE, { ...s.properties, ...destroy }, successor);
    s.world.cloudFormation.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    expect((await remove(s, destroy)).status).toBe('SUCCESS');
    expect(tagged(s.world, '1.27')).toBeDefined();
    expect(digests(s.world)).toEqual(before);
  });

  test('keeps the tag that an update of this one no longer names', async () => {
    const s = await scene();
    await create(s, { ...destroy, ImageTags: ['1.27', 'stable'] });
    await s.world.create(IMAGE_COPY_TYPE, { ...s.properties, ...destroy, ImageTags: ['stable'] }, successor);
    s.world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    await update(s, destroy, { ...destroy, ImageTags: ['1.27', 'stable'] });
    expect(tagged(s.world, 'stable')).toBeDefined();
  });
});

describe('a delete', () => {
  const destroy: Properties = { RemovalPolicy: 'destroy' };

  test('keeps the image by default, and forgets what was noted', async () => {
    const s = await scene();
    await create(s);
    s.world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await remove(s);
    expect(tagged(s.world, '1.27')).toBeDefined();
    expect(digests(s.world)).toHaveLength(5);
    expect(notes(s.world)).toEqual([]);
  });

  test('with DESTROY removes index, platforms, attestations and referrers', async () => {
    const s = await scene();
    s.content.referrer(s.content.multi('first', [40 * KIB, 5 * KIB]).index, 'signature');
    await create(s, destroy);
    expect(digests(s.world)).toHaveLength(6);
    s.world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    expect((await remove(s, destroy)).status).toBe('SUCCESS');
    expect(digests(s.world)).toEqual([]);
    expect(notes(s.world)).toEqual([]);
  });

  test('removes what earlier deployments put, too', async () => {
    const s = await scene();
    await create(s, destroy);
    moveTag(s.content);
    await update(s, { ...destroy, Trigger: '2' }, destroy);
    s.world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await remove(s, { ...destroy, Trigger: '2' });
    expect(digests(s.world)).toEqual([]);
  });

  test('leaves an image with another tag, with everything that belongs to it; only the copy\'s tag goes', async () => {
    const s = await scene();
    const signature = s.content.referrer(s.content.multi('first', [40 * KIB, 5 * KIB]).index, 'signature');
    const { data } = await create(s, destroy);
    await s.world.foreign('PutImage', { repositoryName: NAME, imageTag: 'mine', imageManifest: s.content.manifests.get(`sha256:${data.DigestHex}`)?.text });
    s.world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await remove(s, destroy);
    expect(tagsOf(s.world, `sha256:${data.DigestHex}`)).toEqual(['mine']);
    expect(digests(s.world)).toHaveLength(6);
    expect(digests(s.world)).toContain(signature.digest);
  });

  test('leaves what an index of somebody else holds', async () => {
    const s = await scene();
    await create(s, destroy);
    const { amd64 } = s.content.multi('first', [40 * KIB, 5 * KIB]);
    await pushIndex(s.world, [{ imageDigest: amd64.digest, manifest: s.content.manifests.get(amd64.digest)?.text as string }], { tags: ['theirs'] });
    s.world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await remove(s, destroy);
    expect(digests(s.world)).toHaveLength(2);
    expect(digests(s.world)).toContain(amd64.digest);
    expect(tagged(s.world, 'theirs')).toBeDefined();
  });

  test('leaves an image that was there before the copy', async () => {
    const s = await scene();
    await create(s, { ImageTags: ['theirs'] });
    const { digest } = s.content.multi('first', [40 * KIB, 5 * KIB]).index;
    const other = (type: 'create' | 'delete', physicalId = '') => type === 'create'
      ? s.world.create(IMAGE_COPY_TYPE, { ...s.properties, ...destroy }, { logicalId: 'Other' })
      : s.world.delete(IMAGE_COPY_TYPE, { ...s.properties, ...destroy }, { logicalId: 'Other', physicalId });
    const { physicalId } = await other('create');
    s.world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await other('delete', physicalId);
    expect(tagsOf(s.world, digest)).toEqual(['theirs']);
    expect(digests(s.world)).toHaveLength(5);
  });

  test.each(['DELETE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'])('leaves an image that had the tags of the copy before, %s', async (status) => {
    const s = await scene();
    await create(s);
    await remove(s);
    const before = [digests(s.world), tagged(s.world, '1.27')];
    await create(s, destroy);
    s.world.cloudFormation.status = status;
    await remove(s, destroy);
    expect([digests(s.world), tagged(s.world, '1.27')]).toEqual(before);
  });

  test('leaves a tag that stands for another image by now', async () => {
    const s = await scene();
    await create(s, destroy);
    const { imageDigest } = await push(await allowed(s.world), 'theirs', { tags: ['1.27'] });
    s.world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await remove(s, destroy);
    expect(digests(s.world)).toEqual([imageDigest]);
    expect(tagged(s.world, '1.27')).toBe(imageDigest);
  });

  test('of a repository that is gone, and a second delete, succeed', async () => {
    const s = await scene();
    await create(s, destroy);
    s.world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await remove(s, destroy);
    expect((await remove(s, destroy)).status).toBe('SUCCESS');
    await s.world.foreign('DeleteRepository', { repositoryName: NAME, force: true });
    expect((await remove(s, destroy)).status).toBe('SUCCESS');
  });
});
