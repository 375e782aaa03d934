import { digests, hex, imageWorld, NAME, push, pushIndex, Pushed, tagged, URI } from './support';
import { IMAGE_TAG_ATTRIBUTES, IMAGE_TAG_TYPE, TAG_RECORD_PREFIX } from '../../../src/image-resources';
import { failing, Received, throttled, World, WorldOptions } from '../support';

type Properties = Record<string, unknown>;

const propertiesOf = (more: Properties = {}): Properties => ({
  RepositoryName: NAME, RepositoryUri: URI, ImageTag: 'prod', SourceImageTag: 'candidate', RemovalPolicy: 'retain', DeleteLastTag: false, ...more,
});
const promote = (world: World, more: Properties = {}) => world.create(IMAGE_TAG_TYPE, propertiesOf(more));

/** A stack with one promotion in it. */
class Deployment {
  public static async of(world: World, more: Properties = {}): Promise<Deployment> {
    const answer = await promote(world, more);
    expect(answer.status).toBe('SUCCESS');
    return new Deployment(world, answer.physicalId, propertiesOf(more));
  }

  private failing?: Properties;

  private constructor(private readonly world: World, public physicalId: string, public present: Properties) {}

  /** Going forward; a failed update leaves the stack's idea of the resource as it was. */
  public async update(more: Properties): Promise<Received> {
    this.world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    const answer = await this.world.update(IMAGE_TAG_TYPE, propertiesOf(more), { physicalId: this.physicalId, old: this.present });
    this.failing = propertiesOf(more);
    return answer;
  }

  public rollBack(): Promise<Received> {
    this.world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    return this.world.update(IMAGE_TAG_TYPE, this.present, { physicalId: this.physicalId, old: this.failing! });
  }

  public delete(status = 'DELETE_IN_PROGRESS'): Promise<Received> {
    this.world.cloudFormation.status = status;
    return this.world.delete(IMAGE_TAG_TYPE, this.present, { physicalId: this.physicalId });
  }
}

const records = (world: World) => Object.keys(world.tags(NAME)).filter((key) => key.startsWith(TAG_RECORD_PREFIX));

/** `prod` stands for the old image, `candidate` for the new one. */
async function withTwo(options: WorldOptions = {}): Promise<{ world: World; old: Pushed; next: Pushed }> {
  const world = await imageWorld(options);
  const old = await push(world, 'old', { tags: ['prod'] });
  const next = await push(world, 'next', { tags: ['candidate'] });
  return { world, old, next };
}

describe('a promotion', () => {
  test('puts the tag on the same bytes and tells what it stood for before', async () => {
    const { world, old, next } = await withTwo();
    const { status, physicalId, data } = await promote(world);
    expect({ status, physicalId }).toEqual({ status: 'SUCCESS', physicalId: `drydock:image-tag:-:${NAME}:Resource:prod` });
    expect(Object.keys(data).sort()).toEqual([...IMAGE_TAG_ATTRIBUTES].sort());
    expect(data).toMatchObject({ DigestHex: hex(next.imageDigest), ImageUri: `${URI}@${next.imageDigest}`, PreviousDigest: old.imageDigest, ImageTag: 'prod' });
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
    expect(tagged(world, 'candidate')).toBe(next.imageDigest);
  });

  test('by digest, of an image without a tag', async () => {
    const world = await imageWorld();
    const { imageDigest } = await push(world, 'untagged');
    const { data } = await promote(world, { SourceImageTag: undefined, SourceImageDigest: imageDigest });
    expect(data.PreviousDigest).toBe('');
    expect(tagged(world, 'prod')).toBe(imageDigest);
  });

  test('of an index keeps the index, byte for byte', async () => {
    const world = await imageWorld();
    const index = await pushIndex(world, [await push(world, 'amd64'), await push(world, 'arm64')], { tags: ['candidate'] });
    await promote(world);
    const { images } = await world.foreign('BatchGetImage', { repositoryName: NAME, imageIds: [{ imageTag: 'prod' }] });
    expect(images[0].imageManifest).toBe(index.manifest);
  });

  test('of an image that has the tag already puts nothing', async () => {
    const { world } = await withTwo();
    await promote(world);
    const { status } = await world.create(IMAGE_TAG_TYPE, propertiesOf(), { logicalId: 'Second' });
    expect(status).toBe('SUCCESS');
    expect(world.callsOf('PutImage')).toHaveLength(1);
  });

  test('leaves the image that had the tag where it is', async () => {
    const { world, old } = await withTwo();
    await promote(world);
    expect(world.emulator.inventory(NAME).imageDetails.map(({ imageDigest }) => imageDigest)).toContain(old.imageDigest);
  });
});

describe('a promotion to another repository', () => {
  const TEAM = 'team/web';
  const across = { SourceRepositoryName: TEAM };
  const open = (settings: object = {}) => imageWorld({ seed: { repositories: [{ repositoryName: NAME, ...settings }, { repositoryName: TEAM }], imageDetails: [] } });
  const there = (tags: string[] = []) => ({ repositoryName: TEAM, stored: true, tags });

  test('brings the index with platforms and signature, and puts the tag last', async () => {
    const world = await open();
    const amd64 = await push(world, 'amd64', there());
    const index = await pushIndex(world, [amd64], { repositoryName: TEAM, tags: ['candidate'] });
    const signature = await push(world, 'signature', { ...there(), subject: index.imageDigest });
    const { status, data } = await promote(world, across);
    expect({ status, hex: data.DigestHex }).toEqual({ status: 'SUCCESS', hex: hex(index.imageDigest) });
    expect(digests(world)).toEqual([amd64, index, signature].map(({ imageDigest }) => imageDigest).sort());
    expect(tagged(world, 'prod')).toBe(index.imageDigest);
    expect(tagged(world, 'prod', TEAM)).toBeUndefined();
    expect(world.callsOf('PutImage').map(({ imageTag }) => imageTag)).toEqual([undefined, undefined, undefined, 'prod']);
  });

  test('moves nothing that is there', async () => {
    const world = await open();
    await push(world, 'same', there(['candidate']));
    await push(world, 'same', { stored: true, tags: ['v1'] });
    await promote(world, across);
    expect(world.callsOf('InitiateLayerUpload')).toEqual([]);
    expect(tagged(world, 'prod')).toBe(tagged(world, 'v1'));
  });

  test('its rollback gives the tag back, and takes an image away that was brought for a tag that was new', async () => {
    const world = await open();
    const old = await push(world, 'old', { tags: ['prod'] });
    await push(world, 'next', there(['candidate']));
    await (await Deployment.of(world, across)).delete('ROLLBACK_IN_PROGRESS');
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
    const fresh = await open();
    await push(fresh, 'next', there(['candidate']));
    await (await Deployment.of(fresh, across)).delete('ROLLBACK_IN_PROGRESS');
    expect(digests(fresh)).toEqual([]);
    expect(tagged(fresh, 'candidate', TEAM)).toBeDefined();
  });

  test('its rollback leaves an image that was there before', async () => {
    const world = await open();
    await push(world, 'next', there(['candidate']));
    const { imageDigest } = await push(world, 'next', { stored: true });
    await (await Deployment.of(world, across)).delete('ROLLBACK_IN_PROGRESS');
    expect(digests(world)).toEqual([imageDigest]);
  });

  test('an immutable tag, and a source that is not there', async () => {
    const world = await open({ imageTagMutability: 'IMMUTABLE' });
    const old = await push(world, 'old', { tags: ['prod'] });
    await push(world, 'next', there(['candidate']));
    expect((await promote(world, across)).reason).toContain('DD-COPY-042');
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
    expect(records(world)).toEqual([]);
    expect((await promote(world, { ...across, SourceImageTag: 'absent' })).reason).toContain('DD-IMAGE-101 at SourceImageTag: No image of team/web has the tag "absent"');
    expect((await promote(world, { SourceRepositoryName: 'Team' })).reason).toContain('DD-HANDLER-002 at SourceRepositoryName');
  });

  test('time is up: it says so, and the tag is not put', async () => {
    const world = await imageWorld({ seed: { repositories: [{ repositoryName: NAME }, { repositoryName: TEAM }], imageDetails: [] }, remainingMillis: 1_500 });
    const old = await push(world, 'old', { tags: ['prod'] });
    await push(world, 'next', there(['candidate']));
    world.faults.push(failing('UploadLayerPart', 1_000, throttled()));
    const { reason } = await promote(world, across);
    expect(reason).toContain('DD-IMAGE-206 at SourceRepositoryName');
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
  });

  test('its own repository, written as another one, is no other one', async () => {
    const { world, next } = await withTwo();
    await promote(world, { SourceRepositoryName: NAME, SourceRegistryId: '123456789012' });
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
    expect(world.callsOf('ListImageReferrers')).toEqual([]);
  });
});

describe('what stops a promotion', () => {
  test('a tag that is immutable and taken', async () => {
    const { world, old } = await withTwo({ seed: { repositories: [{ repositoryName: NAME, imageTagMutability: 'IMMUTABLE' }], imageDetails: [] } });
    const { status, physicalId, reason } = await promote(world);
    expect(status).toBe('FAILED');
    expect(physicalId).toMatch(/^drydock:create-failed:/);
    expect(reason).toMatch(/^DD-IMAGE-201 at ImageTag: The tag "prod" of shop\/web is immutable and stands for another image\. Fix: /);
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
    expect(records(world)).toEqual([]);
  });

  test('a tag that somebody else has moved, when it says what it should still stand for', async () => {
    const { world, old, next } = await withTwo();
    const { reason } = await promote(world, { ExpectedDigest: next.imageDigest.replace(/..$/, '00') });
    expect(reason).toContain(`DD-IMAGE-202 at ExpectedDigest: The tag "prod" of shop/web stands for ${old.imageDigest}, not for`);
    expect((await promote(world, { ExpectedDigest: 'none' })).reason).toContain('not for none');
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
    expect((await promote(world, { ExpectedDigest: old.imageDigest })).status).toBe('SUCCESS');
    // It has been done before: whoever deploys again has nothing to expect any more.
    expect((await promote(world, { ExpectedDigest: old.imageDigest, Trigger: '2' })).status).toBe('SUCCESS');
  });

  test('a source that is not there', async () => {
    const { world } = await withTwo();
    expect((await promote(world, { SourceImageTag: 'candidat' })).reason).toContain('DD-IMAGE-101 at SourceImageTag: No image of shop/web has the tag "candidat". The nearest of its 2 tags: candidate');
    const absent = `sha256:${'e'.repeat(64)}`;
    expect((await promote(world, { SourceImageTag: undefined, SourceImageDigest: absent })).reason).toContain(`DD-IMAGE-103 at SourceImageDigest: shop/web has no image ${absent}`);
  });

  test('a manifest that ECR does not give, or other bytes', async () => {
    const { world, old } = await withTwo();
    world.faults.push(failing('BatchGetImage', 1, { output: { images: [], failures: [{ failureCode: 'ImageInaccessible', failureReason: 'no' }] } }));
    expect((await promote(world)).reason).toContain('DD-IMAGE-203 at SourceImageDigest: ECR does not give the manifest of');
    world.faults.push(failing('BatchGetImage', 1, { output: { images: [{ imageId: {}, imageManifest: '{}', imageManifestMediaType: 'x' }], failures: [] } }));
    expect((await promote(world)).reason).toContain('ECR gave other bytes');
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
  });

  test('properties that cannot be used, all at once', async () => {
    const world = await imageWorld();
    const { reason } = await promote(world, { ImageTag: '', SourceImageDigest: 'sha256:1', ExpectedDigest: 'yes', RemovalPolicy: 'snapshot' });
    expect(reason.match(/DD-HANDLER-\d+ at \w+/g)).toEqual([
      'DD-HANDLER-001 at ImageTag', 'DD-HANDLER-002 at SourceImageDigest', 'DD-HANDLER-002 at ExpectedDigest', 'DD-HANDLER-002 at RemovalPolicy',
    ]);
    expect((await promote(world, { SourceImageTag: undefined })).reason).toContain('DD-HANDLER-001 at SourceImageTag');
    expect((await promote(world, { SourceImageDigest: `sha256:${'e'.repeat(64)}` })).reason).toContain('DD-HANDLER-002 at SourceImageTag');
  });
});

describe('a rollback', () => {
  test('of a creation gives the tag back to the image that had it', async () => {
    const { world, old } = await withTwo();
    const stack = await Deployment.of(world);
    await stack.delete('ROLLBACK_IN_PROGRESS');
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
    expect(records(world)).toEqual([]);
  });

  test('of a creation removes a tag that was new', async () => {
    const world = await imageWorld();
    const { imageDigest } = await push(world, 'next', { tags: ['candidate'] });
    const stack = await Deployment.of(world, { RemovalPolicy: 'retain' });
    await stack.delete('ROLLBACK_IN_PROGRESS');
    expect(tagged(world, 'prod')).toBeUndefined();
    expect(tagged(world, 'candidate')).toBe(imageDigest);
  });

  test('never removes the last tag of an image, which would delete it', async () => {
    const world = await imageWorld();
    const { imageDigest } = await push(world, 'untagged');
    const stack = await Deployment.of(world, { SourceImageTag: undefined, SourceImageDigest: imageDigest, RemovalPolicy: 'destroy', DeleteLastTag: true });
    await stack.delete('ROLLBACK_IN_PROGRESS');
    expect(tagged(world, 'prod')).toBe(imageDigest);
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'warn', message: expect.stringContaining('last one of its image') }));
  });

  test('of an update gives back the bytes of before, although the source tag has moved', async () => {
    const { world, next } = await withTwo();
    const stack = await Deployment.of(world);
    const third = await push(world, 'third', { tags: ['candidate'] });
    expect((await stack.update({ Trigger: '2' })).data.DigestHex).toBe(hex(third.imageDigest));
    await push(world, 'fourth', { tags: ['candidate'] });
    const back = await stack.rollBack();
    expect(back).toMatchObject({ status: 'SUCCESS', physicalId: stack.physicalId, data: { DigestHex: hex(next.imageDigest), PreviousDigest: third.imageDigest } });
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
  });

  test('comes a second time and changes nothing more', async () => {
    const { world, next } = await withTwo();
    const stack = await Deployment.of(world);
    await push(world, 'third', { tags: ['candidate'] });
    await stack.update({ Trigger: '2' });
    expect((await stack.rollBack()).data.DigestHex).toBe(hex(next.imageDigest));
    expect((await stack.rollBack()).data.DigestHex).toBe(hex(next.imageDigest));
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
  });

  test('of an update that failed by itself leaves the tag, and never goes back to an earlier deployment', async () => {
    const { world, next } = await withTwo();
    const stack = await Deployment.of(world);
    expect((await stack.update({ SourceImageTag: 'absent' })).status).toBe('FAILED');
    const back = await stack.rollBack();
    expect(back).toMatchObject({ status: 'SUCCESS', data: { DigestHex: hex(next.imageDigest) } });
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
  });

  test('that has begun while an update still works leads nowhere near an earlier deployment', async () => {
    const { world, old, next } = await withTwo();
    const stack = await Deployment.of(world);
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const third = await push(world, 'third', { tags: ['candidate'] });
    await world.update(IMAGE_TAG_TYPE, propertiesOf({ Trigger: '2' }), { physicalId: stack.physicalId, old: stack.present });
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
    expect([old, third].map(({ imageDigest }) => imageDigest)).not.toContain(tagged(world, 'prod'));
  });

  test('leaves a tag that somebody else has moved meanwhile', async () => {
    const { world } = await withTwo();
    const stack = await Deployment.of(world);
    await push(world, 'third', { tags: ['candidate'] });
    await stack.update({ Trigger: '2' });
    const theirs = await push(world, 'theirs', { tags: ['prod'] });
    expect((await stack.rollBack()).data.DigestHex).toBe(hex(theirs.imageDigest));
    expect(tagged(world, 'prod')).toBe(theirs.imageDigest);
  });

  test('succeeds when the image of before is gone, and says so', async () => {
    const { world, next } = await withTwo();
    const stack = await Deployment.of(world);
    const third = await push(world, 'third', { tags: ['candidate'] });
    await stack.update({ Trigger: '2' });
    await world.foreign('BatchDeleteImage', { repositoryName: NAME, imageIds: [{ imageDigest: next.imageDigest }] });
    expect(await stack.rollBack()).toMatchObject({ status: 'SUCCESS', data: { DigestHex: hex(third.imageDigest) } });
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'warn', previousDigest: next.imageDigest, message: expect.stringContaining('has been deleted') }));
  });

  test('succeeds when the tag has become immutable meanwhile', async () => {
    const { world, next } = await withTwo();
    const stack = await Deployment.of(world);
    await push(world, 'third', { tags: ['candidate'] });
    await stack.update({ Trigger: '2' });
    await world.foreign('PutImageTagMutability', { repositoryName: NAME, imageTagMutability: 'IMMUTABLE' });
    expect((await stack.rollBack()).status).toBe('SUCCESS');
    expect(tagged(world, 'prod')).not.toBe(next.imageDigest);
  });

  test('after another tag was put removes the new one and leaves the old one', async () => {
    const { world, next } = await withTwo();
    const stack = await Deployment.of(world);
    const { physicalId } = await stack.update({ ImageTag: 'live' });
    expect(physicalId).toBe(`drydock:image-tag:-:${NAME}:Resource:live`);
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    // CloudFormation may ask for the old properties first.
    const back = await world.update(IMAGE_TAG_TYPE, stack.present, { physicalId, old: propertiesOf({ ImageTag: 'live' }) });
    expect(back).toMatchObject({ physicalId: stack.physicalId, data: { DigestHex: hex(next.imageDigest) } });
    world.cloudFormation.status = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
    await world.delete(IMAGE_TAG_TYPE, propertiesOf({ ImageTag: 'live' }), { physicalId });
    expect([tagged(world, 'prod'), tagged(world, 'live')]).toEqual([next.imageDigest, undefined]);
    expect(records(world)).toHaveLength(1);
  });
});

describe('without a record in the tags of the repository', () => {
  const denied = { error: { type: 'AccessDeniedException', message: 'no' } };
  const deniedFor = (world: World) => ['ListTagsForResource', 'TagResource', 'UntagResource'].forEach((operation) => world.faults.push((call) => call.operation === operation && call.phase === 'before' ? denied : undefined));

  test('a promotion succeeds, and the log says what is missing', async () => {
    const { world, next } = await withTwo();
    deniedFor(world);
    expect((await promote(world)).status).toBe('SUCCESS');
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'warn', message: expect.stringContaining('a rollback may not find it again') }));
  });

  test('a rollback to a digest still finds it; one to a tag leaves the tag alone', async () => {
    const { world, next } = await withTwo();
    deniedFor(world);
    const byDigest = await Deployment.of(world, { SourceImageTag: undefined, SourceImageDigest: next.imageDigest });
    await push(world, 'third', { tags: ['candidate'] });
    await byDigest.update({});
    await byDigest.rollBack();
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
  });

  test('DESTROY removes nothing of which it is not known whose it is', async () => {
    const { world, next } = await withTwo();
    deniedFor(world);
    const stack = await Deployment.of(world, { RemovalPolicy: 'destroy' });
    await stack.delete();
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
  });
});

describe('at the end of the resource', () => {
  test('the tag is retained, and the record goes', async () => {
    const { world, next } = await withTwo();
    await (await Deployment.of(world)).delete();
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
    expect(records(world)).toEqual([]);
  });

  test('DESTROY removes the tag, if it still stands for the image that was put', async () => {
    const { world, next } = await withTwo();
    await (await Deployment.of(world, { RemovalPolicy: 'destroy' })).delete();
    expect(tagged(world, 'prod')).toBeUndefined();
    expect(tagged(world, 'candidate')).toBe(next.imageDigest);
  });

  test('DESTROY of a construct under its former name leaves the tag to its successor', async () => {
    const { world, next } = await withTwo();
    const stack = await Deployment.of(world, { RemovalPolicy: 'destroy' });
    const successor = await world.create(IMAGE_TAG_TYPE, propertiesOf({ RemovalPolicy: 'destroy' }), { logicalId: 'Successor' });
    await stack.delete('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
    world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await world.delete(IMAGE_TAG_TYPE, propertiesOf({ RemovalPolicy: 'destroy' }), { logicalId: 'Successor', physicalId: successor.physicalId });
    expect(tagged(world, 'prod')).toBeUndefined();
    expect(records(world)).toEqual([]);
  });

  test('DESTROY leaves a tag that somebody else has moved', async () => {
    const { world } = await withTwo();
    const stack = await Deployment.of(world, { RemovalPolicy: 'destroy' });
    // With a tag of its own: the last tag of an image would stay anyway.
    const theirs = await push(world, 'theirs', { tags: ['prod', 'theirs'] });
    await stack.delete();
    expect(tagged(world, 'prod')).toBe(theirs.imageDigest);
  });

  test('DESTROY leaves the last tag of an image, unless it is told otherwise', async () => {
    const world = await imageWorld();
    const { imageDigest } = await push(world, 'untagged');
    const source = { SourceImageTag: undefined, SourceImageDigest: imageDigest, RemovalPolicy: 'destroy' };
    await (await Deployment.of(world, source)).delete();
    expect(tagged(world, 'prod')).toBe(imageDigest);
    await (await Deployment.of(world, { ...source, DeleteLastTag: true })).delete();
    expect(world.emulator.inventory(NAME).imageDetails).toEqual([]);
  });

  test('a tag, an image or a repository that is gone is success', async () => {
    const { world, next } = await withTwo();
    const stack = await Deployment.of(world, { RemovalPolicy: 'destroy' });
    await world.foreign('BatchDeleteImage', { repositoryName: NAME, imageIds: [{ imageDigest: next.imageDigest }] });
    expect((await stack.delete()).status).toBe('SUCCESS');
    await world.foreign('DeleteRepository', { repositoryName: NAME, force: true });
    expect((await stack.delete()).status).toBe('SUCCESS');
  });

  test('the Delete of a creation that failed, or with properties of another release, does nothing', async () => {
    const { world, old } = await withTwo();
    const before = world.calls.length;
    expect((await world.delete(IMAGE_TAG_TYPE, propertiesOf(), { physicalId: 'drydock:create-failed:1' })).status).toBe('SUCCESS');
    expect(world.calls).toHaveLength(before);
    expect((await world.delete(IMAGE_TAG_TYPE, { Other: 'release' }, { physicalId: `drydock:image-tag:-:${NAME}:Resource:prod` })).status).toBe('SUCCESS');
    expect((await world.delete(IMAGE_TAG_TYPE, {}, { physicalId: 'Shop-Resource-1A2B3C' })).status).toBe('SUCCESS');
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
  });
});

describe('deliveries and faults', () => {
  test.each(['one after the other', 'at the same time'])('the same creation twice, %s, remembers what was before', async (how) => {
    const { world, old, next } = await withTwo({ latencyMs: 3 });
    const event = world.event('Create', IMAGE_TAG_TYPE, propertiesOf());
    const deliveries = [() => world.handler(event, context), () => world.newHandler()(event, context)];
    if (how === 'at the same time') {
      await Promise.all(deliveries.map((deliver) => deliver()));
    } else {
      await deliveries[0]();
      await deliveries[1]();
    }
    for (const answer of world.responses.of(event.RequestId)) {
      expect(answer).toMatchObject({ status: 'SUCCESS', data: { DigestHex: hex(next.imageDigest), PreviousDigest: old.imageDigest } });
    }
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    await world.delete(IMAGE_TAG_TYPE, propertiesOf(), { physicalId: `drydock:image-tag:-:${NAME}:Resource:prod` });
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
  });

  test('a put whose answer is lost is found done', async () => {
    const { world, next } = await withTwo();
    world.faults.push(failing('PutImage', 1, { disconnect: true }, 'after'));
    expect((await promote(world)).status).toBe('SUCCESS');
    expect(tagged(world, 'prod')).toBe(next.imageDigest);
  });

  test('time is up after the put: the tag is taken back, and the creation leaves nothing', async () => {
    const { world, old } = await withTwo({ remainingMillis: 1_500 });
    world.faults.push(failing('PutImage', 1_000, throttled(), 'after'));
    let puts = 0;
    world.faults.push((call) => { puts += call.operation === 'PutImage' && call.phase === 'before' ? 1 : 0; });
    const { status, reason } = await promote(world);
    expect(puts).toBeGreaterThan(1);
    expect(status).toBe('FAILED');
    expect(reason).toContain('DD-HANDLER-005');
    world.faults.splice(0);
    // What could not be taken back in time, the Delete of the rollback takes back.
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    await world.delete(IMAGE_TAG_TYPE, propertiesOf(), { physicalId: `drydock:image-tag:-:${NAME}:Resource:prod` });
    expect(tagged(world, 'prod')).toBe(old.imageDigest);
  });

  test('throttling is waited out', async () => {
    const { world } = await withTwo();
    for (const operation of ['DescribeImages', 'ListTagsForResource', 'BatchGetImage', 'TagResource', 'PutImage']) {
      world.faults.push(failing(operation, 2, throttled()));
    }
    expect((await promote(world)).status).toBe('SUCCESS');
  });
});

const context = { getRemainingTimeInMillis: () => 30_000 };
