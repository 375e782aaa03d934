import { digests, hex, imageWorld, NAME, push, tagged, URI } from './support';
import { IMAGE_DIGEST_ATTRIBUTES, IMAGE_DIGEST_TYPE } from '../../../src/image-resources';
import { digestOf, failing, image, seedOf, throttled, World } from '../support';

const properties = (more: Record<string, unknown> = {}) => ({ RepositoryName: NAME, RepositoryUri: URI, ImageTag: 'live', ...more });
const look = (world: World, more: Record<string, unknown> = {}) => world.create(IMAGE_DIGEST_TYPE, properties(more));

/** What the stack has of the resource, and what it then asks for. */
class Deployed {
  constructor(private readonly world: World, public physicalId: string, private present: Record<string, unknown>) {}

  public async update(next: Record<string, unknown>, failed = false) {
    const answer = await this.world.update(IMAGE_DIGEST_TYPE, next, { physicalId: this.physicalId, old: this.present });
    if (!failed) {
      this.physicalId = answer.physicalId;
      this.present = next;
    }
    return answer;
  }
}

async function deployed(world: World, more: Record<string, unknown> = {}): Promise<Deployed> {
  const { physicalId } = await look(world, more);
  return new Deployed(world, physicalId, properties(more));
}

test('a tag gives digest, URI by digest, time, size and media type', async () => {
  const world = await imageWorld();
  const { imageDigest } = await push(world, 'one', { tags: ['live'] });
  const { status, data } = await look(world);
  expect(status).toBe('SUCCESS');
  expect(Object.keys(data).sort()).toEqual([...IMAGE_DIGEST_ATTRIBUTES].sort());
  expect(data).toEqual({
    RepositoryName: NAME, RegistryId: '123456789012', ImageTag: 'live', DigestHex: hex(imageDigest), ImageUri: `${URI}@${imageDigest}`,
    ImagePushedAt: '2026-01-31T12:00:00.000Z', ImageSizeInBytes: '3', ImageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
  });
});

test('looking a tag up is no pull, and reads nothing but descriptions of images', async () => {
  const world = await imageWorld();
  await push(world, 'one', { tags: ['live'] });
  await look(world);
  expect(world.calls.map(({ operation }) => operation)).toEqual(['DescribeImages']);
  expect(world.emulator.inventory(NAME).imageDetails[0].lastRecordedPullTime).toBeUndefined();
});

test('a registry that takes no filter together with ids is asked without one', async () => {
  const world = await imageWorld();
  const { imageDigest } = await push(world, 'one', { tags: ['live'] });
  world.faults.push(({ operation, phase, input }) => operation === 'DescribeImages' && phase === 'before' && input.imageIds !== undefined && input.filter !== undefined
    ? { error: { type: 'InvalidParameterException', message: 'no filter, please', statusCode: 400 } } : undefined);
  expect((await look(world)).data.DigestHex).toBe(hex(imageDigest));
});

test('the URI of a template written by hand is made up', async () => {
  const world = await imageWorld({ seed: seedOf(NAME, 1) });
  const { data } = await look(world, { ImageTag: 'v1', RepositoryUri: undefined });
  expect(data.ImageUri).toBe(`${URI}@${digestOf(1)}`);
});

test('a repository of another account is asked in its own registry', async () => {
  const world = await imageWorld();
  world.faults.push(({ operation, input }) => operation === 'DescribeImages'
    ? { output: { imageDetails: [{ imageDigest: digestOf(7), imagePushedAt: 1769860800, registryId: input.registryId }] } } : undefined);
  const { status, data } = await look(world, { RegistryId: '210987654321' });
  expect({ status, registryId: data.RegistryId }).toEqual({ status: 'SUCCESS', registryId: '210987654321' });
  expect(world.callsOf('DescribeImages')[0].registryId).toBe('210987654321');
});

describe('what cannot be pinned', () => {
  test('a tag that nobody has names the nearest ones', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 12) });
    const { status, reason, physicalId } = await look(world, { ImageTag: 'V1' });
    expect(status).toBe('FAILED');
    expect(physicalId).toMatch(/^drydock:create-failed:/);
    expect(reason).toMatch(/^DD-IMAGE-101 at ImageTag: No image of shop\/web has the tag "V1"\. The nearest of its 12 tags: v1, v10, v11, v12, v2\. Fix: /);
  });

  test.each([
    ['no images', []],
    ['no tags', [image(NAME, 1)]],
  ])('a repository with %s says so', async (what, imageDetails) => {
    const world = await imageWorld({ seed: { repositories: [{ repositoryName: NAME }], imageDetails } });
    expect((await look(world)).reason).toContain(`It has ${what}.`);
  });

  test.each([['ARCHIVED', 'is archived', 'Restore it'], ['ACTIVATING', 'is being restored', 'Deploy again']] as const)('an image that is %s', async (imageStatus, state, fix) => {
    const archived = { imageTags: ['live'], imageStatus, lastArchivedAt: '2026-01-01T00:00:00Z' };
    const world = await imageWorld({ seed: { repositories: [{ repositoryName: NAME }], imageDetails: [image(NAME, 1, archived)] } });
    const { reason } = await look(world);
    expect(reason).toContain('DD-IMAGE-102 at ImageTag');
    expect(reason).toContain(state);
    expect(reason).toContain(fix);
  });

  test('a repository that does not exist', async () => {
    const world = await imageWorld();
    expect((await look(world, { RepositoryName: 'shop/none' })).reason).toMatch(/DD-HANDLER-101 at RepositoryName: The repository shop\/none does not exist in account 123456789012, us-east-1/);
  });

  test('properties that cannot be used, all at once', async () => {
    const world = await imageWorld();
    const { reason } = await look(world, { RepositoryName: 'Shop', ImageTag: 'a:b', RegistryId: '12' });
    expect(reason.match(/DD-HANDLER-\d+ at \w+/g)).toEqual(['DD-HANDLER-002 at RepositoryName', 'DD-HANDLER-002 at RegistryId', 'DD-HANDLER-002 at ImageTag']);
    expect((await look(world, { ImageTag: '' })).reason).toContain('DD-HANDLER-001 at ImageTag');
    expect(world.calls).toEqual([]);
  });
});

describe('over time', () => {
  test('the tag has moved: the digest and the id are others; it has not: they are the same', async () => {
    const world = await imageWorld();
    const one = await push(world, 'one', { tags: ['live'] });
    const stack = await deployed(world);
    const first = stack.physicalId;
    expect((await stack.update(properties({ Trigger: '2' }))).physicalId).toBe(first);
    const two = await push(world, 'two', { tags: ['live'] });
    const { data } = await stack.update(properties({ Trigger: '3' }));
    expect([one, two].map(({ imageDigest }) => hex(imageDigest)).indexOf(data.DigestHex)).toBe(1);
    expect(stack.physicalId).not.toBe(first);
  });

  test('an update that failed by itself is rolled back to the digest of before, wherever the tag is now', async () => {
    const world = await imageWorld();
    const one = await push(world, 'one', { tags: ['live'] });
    const stack = await deployed(world);
    await push(world, 'two', { tags: ['live'] });
    expect((await stack.update(properties({ ImageTag: 'absent' }), true)).status).toBe('FAILED');
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const back = await world.update(IMAGE_DIGEST_TYPE, properties(), { physicalId: stack.physicalId, old: properties({ ImageTag: 'absent' }) });
    expect(back).toMatchObject({ status: 'SUCCESS', physicalId: stack.physicalId, data: { DigestHex: hex(one.imageDigest) } });
  });

  test('an update that succeeded before another resource failed is rolled back to the digest of before', async () => {
    const world = await imageWorld();
    const one = await push(world, 'one', { tags: ['live'] });
    const stack = await deployed(world);
    await push(world, 'two', { tags: ['live'] });
    const next = properties({ Trigger: '2' });
    await stack.update(next);
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const back = await stack.update(properties());
    expect(back.data.DigestHex).toBe(hex(one.imageDigest));
  });

  test.each([1, 2, 3, 4])('back and forth, %d times the same properties, a rollback finds the digest of before', async (times) => {
    const world = await imageWorld();
    let last = await push(world, 'content 0', { tags: ['live'] });
    const stack = await deployed(world);
    for (let n = 1; n <= times; n += 1) {
      if (n % 2 === 0) {
        last = await push(world, `content ${n}`, { tags: ['live'] });
      }
      await stack.update(properties({ Trigger: String(n % 3) }));
    }
    const settled = stack.physicalId;
    const present = properties({ Trigger: String(times % 3) });
    const next = properties({ Trigger: String((times + 1) % 3) });
    await push(world, 'newest', { tags: ['live'] });
    // It failed before it came to anything, or it succeeded and something else failed.
    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    const { physicalId } = await world.update(IMAGE_DIGEST_TYPE, next, { physicalId: settled, old: present });
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    for (const id of [settled, physicalId]) {
      const back = await world.update(IMAGE_DIGEST_TYPE, present, { physicalId: id, old: next });
      expect(back.data.DigestHex).toBe(hex(last.imageDigest));
    }
  });

  test('an update back to properties that once led to another digest is rolled back to the present one', async () => {
    const world = await imageWorld();
    await push(world, 'one', { tags: ['live'] });
    const stack = await deployed(world);
    const two = await push(world, 'two', { tags: ['live'] });
    await stack.update(properties({ Trigger: 'again' }));
    await stack.update(properties());
    await push(world, 'three', { tags: ['live'] });
    // The one of before the failure, whose properties are those that led from the first digest to the second.
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const back = await world.update(IMAGE_DIGEST_TYPE, properties(), { physicalId: stack.physicalId, old: properties({ Trigger: 'again' }) });
    expect(back.data.DigestHex).toBe(hex(two.imageDigest));
  });

  test('a rollback to an image that was deleted meanwhile succeeds, and says so', async () => {
    const world = await imageWorld();
    const one = await push(world, 'one', { tags: ['live'] });
    const stack = await deployed(world);
    await push(world, 'two', { tags: ['live'] });
    await world.foreign('BatchDeleteImage', { repositoryName: NAME, imageIds: [{ imageDigest: one.imageDigest }] });
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const back = await world.update(IMAGE_DIGEST_TYPE, properties(), { physicalId: stack.physicalId, old: properties({ Trigger: '2' }) });
    expect(back).toMatchObject({ status: 'SUCCESS', data: { DigestHex: hex(one.imageDigest), ImagePushedAt: '', ImageSizeInBytes: '' } });
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'warn', message: expect.stringContaining('deleted meanwhile'), imageDigest: one.imageDigest }));
  });

  test('a stack that cannot be asked which way it goes is one that goes forward', async () => {
    const world = await imageWorld();
    await push(world, 'one', { tags: ['live'] });
    const stack = await deployed(world);
    const two = await push(world, 'two', { tags: ['live'] });
    world.cloudFormation.denies = true;
    expect((await stack.update(properties({ Trigger: '2' }))).data.DigestHex).toBe(hex(two.imageDigest));
  });

  test('another repository is another id, and its Delete touches nothing', async () => {
    const world = await imageWorld({ seed: { repositories: [{ repositoryName: NAME }, { repositoryName: 'shop/api' }], imageDetails: [] } });
    await push(world, 'one', { tags: ['live'] });
    await push(world, 'two', { tags: ['live'], repositoryName: 'shop/api' });
    const stack = await deployed(world);
    const old = stack.physicalId;
    await stack.update(properties({ RepositoryName: 'shop/api' }));
    expect(stack.physicalId).not.toBe(old);
    const before = digests(world);
    expect((await world.delete(IMAGE_DIGEST_TYPE, properties(), { physicalId: old })).status).toBe('SUCCESS');
    expect(digests(world)).toEqual(before);
    expect(tagged(world, 'live')).toBeDefined();
  });

  test('a second delivery of the same event gives the same answer', async () => {
    const world = await imageWorld();
    await push(world, 'one', { tags: ['live'] });
    const event = world.event('Create', IMAGE_DIGEST_TYPE, properties());
    const first = await world.deliver(event);
    expect(await world.deliver(event, world.newHandler())).toMatchObject({ physicalId: first.physicalId, data: first.data });
  });

  test('throttling is waited out', async () => {
    const world = await imageWorld();
    await push(world, 'one', { tags: ['live'] });
    world.faults.push(failing('DescribeImages', 3, throttled()));
    expect((await look(world)).status).toBe('SUCCESS');
  });
});
