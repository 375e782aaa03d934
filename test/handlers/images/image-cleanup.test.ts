import { digests, imageWorld, NAME, push, pushIndex, Pushed, tagged, URI } from './support';
import { IMAGE_CLEANUP_ATTRIBUTES, IMAGE_CLEANUP_TYPE } from '../../../src/image-resources';
import { RunningServices } from '../../ecr/running';
import { daysAgo, digestOf, failing, image, seedOf, throttled, World } from '../support';

type Properties = Record<string, unknown>;

const PR = { Kind: 'tagged', TagPatterns: ['pr-*'] };
const UNTAGGED = { Kind: 'untagged', OlderThanDays: 0 };
const propertiesOf = (more: Properties = {}): Properties => ({ RepositoryName: NAME, RepositoryUri: URI, Selections: [PR], Mode: 'delete', OnFailure: 'fail', ReadIndexes: false, ...more });
const cleanUp = (world: World, more: Properties = {}) => world.create(IMAGE_CLEANUP_TYPE, propertiesOf(more));

interface Multi {
  readonly world: World;
  readonly pr: { readonly index: Pushed; readonly amd64: Pushed; readonly arm64: Pushed; readonly attestation: Pushed; readonly signature: Pushed };
  readonly live: { readonly index: Pushed; readonly amd64: Pushed; readonly signature: Pushed };
}

/** Two multi-architecture images with attestation and signature, of which one layer of platforms is shared. */
async function multi(): Promise<Multi> {
  const world = await imageWorld();
  const [amd64, arm64, attestation, liveAmd64] = [await push(world, 'pr amd64'), await push(world, 'pr arm64'), await push(world, 'pr attestation'), await push(world, 'live amd64')];
  const index = await pushIndex(world, [amd64, arm64, attestation], { tags: ['pr-1'] });
  const liveIndex = await pushIndex(world, [liveAmd64, arm64], { tags: ['v1'] });
  return {
    world,
    pr: { index, amd64, arm64, attestation, signature: await push(world, 'pr signature', { subject: index.imageDigest }) },
    live: { index: liveIndex, amd64: liveAmd64, signature: await push(world, 'live signature', { subject: liveIndex.imageDigest }) },
  };
}

const sorted = (...images: Pushed[]) => images.map(({ imageDigest }) => imageDigest).sort();
const planned = (world: World) => world.logs.filter(({ message }) => message === 'cleanup').flatMap(({ cleanup }) => cleanup);

describe('a dry run', () => {
  test('is what happens when nothing else is said: it shows every image and deletes none', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 250) });
    const { status, data } = await cleanUp(world, { Mode: undefined, Selections: [{ Kind: 'tagged', TagPatterns: ['v*'], KeepLatest: 20 }], MaxPercent: 50 });
    expect(status).toBe('SUCCESS');
    expect(Object.keys(data).sort()).toEqual([...IMAGE_CLEANUP_ATTRIBUTES].sort());
    expect(data).toMatchObject({ Mode: 'dry-run', ImageCount: '250', SelectedImageCount: '230', DeletedImageCount: '0', Summary: 'Dry run: 230 of 250 images would be deleted.' });
    expect(data.PlanHash).toMatch(/^[0-9a-f]{16}$/);
    expect(digests(world)).toHaveLength(250);
    expect(world.logs.filter(({ message }) => message === 'cleanup').map(({ page, pages, cleanup }) => [page, pages, cleanup.length])).toEqual([[1, 3, 100], [2, 3, 100], [3, 3, 30]]);
    expect(planned(world)[0]).toEqual({ imageDigest: digestOf(21), imageTags: ['v21'], imagePushedAt: '2026-01-10T12:00:00.000Z', fate: 'delete', why: 'selected' });
  });

  test('reads no manifest: that would count as a pull, and asks nothing of CloudFormation', async () => {
    const { world } = await multi();
    await cleanUp(world, { Mode: 'dry-run' });
    expect(world.calls.map(({ operation }) => operation)).toEqual(['DescribeImages']);
    expect(world.cloudFormation.calls).toEqual([]);
  });

  test('says what it did not look at', async () => {
    const { world } = await multi();
    const { data } = await cleanUp(world, { Mode: 'dry-run' });
    expect(data.Summary).toBe('Dry run: up to 2 of 8 images would be deleted, and the platforms of 1 index with them, but for what another index holds (readIndexes tells).');
  });

  test('with the manifests read knows what an index holds', async () => {
    const { world, pr, live } = await multi();
    world.emulator.clock.advance(1_000);
    const { data } = await cleanUp(world, { Mode: 'dry-run', Selections: [PR, UNTAGGED], ReadIndexes: true });
    expect(data).toMatchObject({ SelectedImageCount: '4', ProtectedImageCount: '2' });
    const kept = planned(world).filter(({ fate }) => fate === 'keep');
    expect(kept.map(({ imageDigest }) => imageDigest).sort()).toEqual(sorted(pr.arm64, live.amd64));
    expect(new Set(kept.map(({ why }) => why))).toEqual(new Set([`${live.index.imageDigest} lists it`]));
  });
});

describe('a deletion', () => {
  test('takes an index with its platforms, attestations and signatures, and leaves everything else', async () => {
    const { world, pr, live } = await multi();
    const { status, data } = await cleanUp(world);
    expect(status).toBe('SUCCESS');
    expect(data).toMatchObject({ SelectedImageCount: '5', DeletedImageCount: '4', HeldImageCount: '1', FailedImageCount: '0' });
    expect(digests(world)).toEqual(sorted(live.index, live.amd64, live.signature, pr.arm64));
    expect(tagged(world, 'v1')).toBe(live.index.imageDigest);
  });

  test('does not try what an index holds before the index has gone, also when both are meant', async () => {
    const { world, pr } = await multi();
    world.emulator.clock.advance(1_000);
    await cleanUp(world, { Selections: [UNTAGGED, PR], ReadIndexes: true, MaxPercent: 100 });
    expect(world.callsOf('BatchDeleteImage').map(({ imageIds }) => imageIds.map((id: any) => id.imageDigest).sort())).toEqual([
      [pr.index.imageDigest], sorted(pr.amd64, pr.attestation, pr.signature),
    ]);
  });

  test('of an index that another one holds takes neither it nor what belongs to it', async () => {
    const { world, pr } = await multi();
    await pushIndex(world, [pr.index], { tags: ['v2'] });
    const before = digests(world);
    expect((await cleanUp(world)).data).toMatchObject({ SelectedImageCount: '5', DeletedImageCount: '0', HeldImageCount: '5' });
    expect(digests(world)).toEqual(before);
    expect(world.callsOf('BatchDeleteImage').flatMap(({ imageIds }) => imageIds)).toEqual([{ imageDigest: pr.index.imageDigest }]);
  });

  test('of untagged images leaves platforms and signatures of what stays', async () => {
    const { world, pr, live } = await multi();
    const orphan = await push(world, 'orphan');
    world.emulator.clock.advance(1_000);
    const { data } = await cleanUp(world, { Selections: [UNTAGGED], MaxPercent: 100 });
    expect(data).toMatchObject({ DeletedImageCount: '1', HeldImageCount: '4' });
    expect(digests(world)).toEqual(sorted(...Object.values(pr), ...Object.values(live)));
    expect(digests(world)).not.toContain(orphan.imageDigest);
  });

  test('with the manifests of all indexes read does not even try what an index holds', async () => {
    const { world, pr } = await multi();
    const { data } = await cleanUp(world, { ReadIndexes: true });
    expect(data).toMatchObject({ SelectedImageCount: '4', DeletedImageCount: '4', HeldImageCount: '0' });
    expect(digests(world)).toContain(pr.arm64.imageDigest);
    expect(world.callsOf('BatchDeleteImage').flatMap(({ imageIds }) => imageIds.map((id: any) => id.imageDigest))).not.toContain(pr.arm64.imageDigest);
  });

  test('of indexes in indexes goes from the top down', async () => {
    const world = await imageWorld();
    const leaf = await push(world, 'leaf');
    const inner = await pushIndex(world, [leaf]);
    await pushIndex(world, [inner, leaf], { tags: ['pr-1'] });
    expect((await cleanUp(world, { MaxPercent: 100 })).data).toMatchObject({ DeletedImageCount: '3', HeldImageCount: '0' });
    expect(digests(world)).toEqual([]);
  });

  test('of many goes in batches of a hundred', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 250) });
    await cleanUp(world, { Selections: [{ Kind: 'tagged', TagPatterns: ['v*'], KeepLatest: 5 }], MaxPercent: 100 });
    expect(world.callsOf('BatchDeleteImage').map(({ imageIds }) => imageIds.length)).toEqual([100, 100, 45]);
    expect(digests(world)).toHaveLength(5);
  });

  test('spares what is protected, and says why', async () => {
    const seed = {
      repositories: [{ repositoryName: NAME }],
      imageDetails: [
        image(NAME, 1, { imageTags: ['pr-1', 'prod'] }), image(NAME, 2, { imageTags: ['pr-2'], lastRecordedPullTime: daysAgo(2) }), image(NAME, 3, { imageTags: ['pr-3'] }),
        image(NAME, 4, { imageTags: ['pr-4'], lastRecordedPullTime: daysAgo(31) }),
      ],
    };
    const world = await imageWorld({ seed });
    const { data } = await cleanUp(world, {
      Selections: [{ Kind: 'digests', Digests: [1, 2, 3, 4].map(digestOf) }], ProtectedTagPatterns: ['prod*'], ProtectPulledWithinDays: 30, ProtectedDigests: [digestOf(3)],
    });
    expect(data).toMatchObject({ DeletedImageCount: '1', ProtectedImageCount: '3', Summary: '1 of 4 images deleted. 3 images that the selection means are protected.' });
    expect(planned(world).filter(({ fate }) => fate === 'keep').map(({ why }) => why)).toEqual(['its tag prod matches prod*', 'pulled within 30 days', 'its digest is protected']);
    expect(digests(world)).toEqual([1, 2, 3].map(digestOf));
  });

  test('spares what is in use, by tag, by digest and as a platform of an index', async () => {
    const { world, pr } = await multi();
    const [two, three] = [await push(world, 'two', { tags: ['pr-2'] }), await push(world, 'three', { tags: ['pr-3'] })];
    const { data } = await cleanUp(world, { InUseReferences: [`${URI}@${pr.amd64.imageDigest}`, `${URI}:pr-2`, '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/api:pr-3'] });
    expect(data).toMatchObject({ DeletedImageCount: '1' });
    expect(digests(world)).not.toContain(three.imageDigest);
    expect(digests(world)).toEqual(expect.arrayContaining(sorted(...Object.values(pr), two)));
    expect(planned(world).filter(({ fate }) => fate === 'keep').map(({ why }) => why)).toContain(`in use by ${URI}:pr-2`);
  });

  describe('with an eye on what runs', () => {
    const uri = URI;
    let services: RunningServices;
    beforeEach(async () => {
      services = await new RunningServices({
        services: { prod: { api: `${uri}:v1` } }, tasks: { prod: [{ group: 'service:api', image: `${uri}:v1`, imageDigest: digestOf(2) }] },
        functions: { hook: { imageUri: `${uri}:v3`, resolvedImageUri: `${uri}@${digestOf(3)}` } },
      }).start();
    });
    afterEach(() => services.stop());
    const running = (more: Properties = {}) => ({ Selections: [{ Kind: 'tagged', TagPatterns: ['v*'] }], MaxPercent: 100, InUse: ['ecs', 'lambda'], ...more });
    const open = () => imageWorld({ seed: seedOf(NAME, 5), endpoints: { ecs: services.url, lambda: services.url } });

    test('spares it, by tag and by what was really pulled, and says who runs it', async () => {
      const world = await open();
      expect((await cleanUp(world, running())).data).toMatchObject({ DeletedImageCount: '2', ProtectedImageCount: '3' });
      expect(digests(world)).toEqual([1, 2, 3].map(digestOf));
      expect(planned(world).filter(({ fate }) => fate === 'keep').map(({ why }) => why).sort()).toEqual([
        'in use by ECS service prod/api', 'in use by ECS service prod/api', 'in use by Lambda function hook',
      ]);
    });

    test('deletes nothing when it cannot look', async () => {
      services.denied = 'ecs:ListTasks';
      const world = await open();
      const { status, reason } = await cleanUp(world, running());
      expect(status).toBe('FAILED');
      expect(reason).toContain('DD-IMAGE-305 at InUse: Which images of shop/web are in use could not be found out (ecs:ListTasks)');
      expect(digests(world)).toHaveLength(5);
    });

    test('does not look when the stack rolls back, and so cannot fail for it', async () => {
      services.denied = 'ecs:ListTasks';
      const world = await open();
      world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
      expect((await cleanUp(world, running())).status).toBe('SUCCESS');
      expect(services.calls).toEqual([]);
      expect(digests(world)).toHaveLength(5);
    });

    test('refuses to look where there is nothing to see', async () => {
      expect((await cleanUp(await open(), running({ InUse: ['batch'] }))).reason).toContain('DD-HANDLER-002 at InUse: InUse is "batch"; it must be a list of ecs, lambda or both');
    });
  });

  test('spares an image that somebody tags while the cleanup works', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 3) });
    let done = false;
    world.faults.push(async (call) => {
      if (call.operation === 'DescribeImages' && call.phase === 'after' && !done) {
        done = true;
        await world.foreign('BatchDeleteImage', { repositoryName: NAME, imageIds: [{ imageDigest: digestOf(3) }] });
        const next = await push(world, 'theirs', { tags: ['v2'] });
        expect(next.imageDigest).toBe(tagged(world, 'v2'));
      }
    });
    const { data } = await cleanUp(world, { Selections: [{ Kind: 'tagged', TagPatterns: ['v*'] }], MaxPercent: 100 });
    // v1 goes, v3 is gone already, and the image that was v2 has lost its tag to another one.
    expect(data).toMatchObject({ SelectedImageCount: '3', DeletedImageCount: '2' });
    expect(tagged(world, 'v2')).toBeDefined();
    expect(digests(world)).toContain(digestOf(2));
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'warn', message: expect.stringContaining('changed their tags'), digests: [digestOf(2)] }));
  });

  test('of archived images works, too', async () => {
    const world = await imageWorld({ seed: { repositories: [{ repositoryName: NAME }], imageDetails: [image(NAME, 1, { imageTags: ['pr-1'], imageStatus: 'ARCHIVED', lastArchivedAt: daysAgo(1) })] } });
    expect((await cleanUp(world, { MaxPercent: 100 })).data.DeletedImageCount).toBe('1');
  });

  test('of an index whose manifest ECR does not give leaves its platforms', async () => {
    const { world, pr } = await multi();
    world.faults.push(failing('BatchGetImage', 1, { output: { images: [], failures: [{ imageId: { imageDigest: pr.index.imageDigest }, failureCode: 'ImageInaccessible', failureReason: 'no' }] } }));
    expect((await cleanUp(world)).data).toMatchObject({ DeletedImageCount: '2' });
    expect(digests(world)).toContain(pr.amd64.imageDigest);
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'warn', code: 'ImageInaccessible' }));
  });

  test('of nothing is success', async () => {
    const world = await imageWorld();
    expect((await cleanUp(world)).data.Summary).toBe('0 of 0 images deleted.');
    expect(world.callsOf('BatchDeleteImage')).toEqual([]);
  });
});

describe('what stops a deletion, before the first image goes', () => {
  const everything = { Selections: [{ Kind: 'tagged', TagPatterns: ['v*'] }] };

  test('too many images, or too large a share, until these very images are acknowledged', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 4) });
    const { status, physicalId, reason } = await cleanUp(world, { ...everything, MaxImages: 3, MaxPercent: 50 });
    expect(status).toBe('FAILED');
    expect(physicalId).toMatch(/^drydock:create-failed:/);
    expect(reason).toContain('DD-IMAGE-301 at MaxImages: 4 images would be deleted; 3 may.');
    expect(reason).toContain('DD-IMAGE-302 at MaxPercent: 4 images of 4 (100 %) would be deleted; 50 % may.');
    expect(digests(world)).toHaveLength(4);
    const [, hash] = /put '([0-9a-f]{16})' into acknowledgedPlans/.exec(reason)!;
    const acknowledged = { ...everything, MaxImages: 3, MaxPercent: 50, Acknowledged: [hash] };
    await push(world, 'one more', { tags: ['v5'] });
    expect((await cleanUp(world, acknowledged)).status).toBe('FAILED');
    await world.foreign('BatchDeleteImage', { repositoryName: NAME, imageIds: [{ imageTag: 'v5' }] });
    expect((await cleanUp(world, acknowledged)).data.DeletedImageCount).toBe('4');
  });

  test('the limits count what goes along', async () => {
    const { world } = await multi();
    expect((await cleanUp(world, { MaxImages: 4 })).reason).toContain('5 images would be deleted; 4 may');
    expect(digests(world)).toHaveLength(8);
  });

  test('a repository that does not exist', async () => {
    const world = await imageWorld();
    expect((await cleanUp(world, { RepositoryName: 'shop/none' })).reason).toContain('DD-HANDLER-101 at RepositoryName: The repository shop/none does not exist');
  });

  test('properties that cannot be used, all at once', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 4) });
    const { reason } = await cleanUp(world, {
      Selections: [{ Kind: 'all' }, { Kind: 'tagged' }, { Kind: 'digests', Digests: ['sha256:1'] }, { Kind: 'untagged', OlderThanDays: 'x' }], MaxImages: -1, Mode: 'destroy', ProtectedTagPatterns: 'prod',
    });
    expect(reason.match(/DD-HANDLER-\d+ at \S+(?=:)/g)).toEqual([
      'DD-HANDLER-002 at Selections/0/Kind', 'DD-HANDLER-001 at Selections/1/TagPatterns', 'DD-HANDLER-002 at Selections/2/Digests', 'DD-HANDLER-002 at Selections/3/OlderThanDays',
      'DD-HANDLER-002 at ProtectedTagPatterns', 'DD-HANDLER-002 at MaxImages', 'DD-HANDLER-002 at Mode',
    ]);
    expect((await cleanUp(world, { Selections: [] })).reason).toContain('DD-HANDLER-001 at Selections');
    expect(world.calls).toEqual([]);
  });
});

describe('images that ECR refuses to delete', () => {
  const refuse = (world: World, refused: string) => world.faults.push((call) => call.operation === 'BatchDeleteImage' && call.phase === 'before'
    ? {
      output: {
        imageIds: (call.input.imageIds as any[]).filter((id: any) => id.imageDigest !== refused),
        failures: [{ imageId: { imageDigest: refused }, failureCode: 'KmsError', failureReason: 'the key is disabled' }],
      },
    } : undefined);
  const properties = { Selections: [{ Kind: 'digests', Digests: [digestOf(1), digestOf(2)] }] };

  test('fail the deployment, by name and with the reason', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 4) });
    refuse(world, digestOf(2));
    const { status, reason } = await cleanUp(world, properties);
    expect(status).toBe('FAILED');
    expect(reason).toContain(`DD-IMAGE-303 at Selections: ECR refused to delete 1 of 2 images of shop/web; 1 are gone. ${digestOf(2)}: KmsError: the key is disabled.`);
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'error', imageDigest: digestOf(2), code: 'KmsError', reason: 'the key is disabled' }));
  });

  test('are counted, when that is what is asked for', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 4) });
    refuse(world, digestOf(2));
    const { status, data } = await cleanUp(world, { ...properties, OnFailure: 'report' });
    expect(status).toBe('SUCCESS');
    expect(data).toMatchObject({ DeletedImageCount: '1', FailedImageCount: '1', Summary: '1 of 4 images deleted; 1 refused.' });
  });
});

describe('over time', () => {
  test('it is done when it is created and when something changes, and its Delete does nothing', async () => {
    const world = await imageWorld();
    await push(world, 'one', { tags: ['pr-1'] });
    await push(world, 'keep', { tags: ['v1'] });
    const { physicalId } = await cleanUp(world);
    await push(world, 'two', { tags: ['pr-2'] });
    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    const { data } = await world.update(IMAGE_CLEANUP_TYPE, propertiesOf({ Trigger: '2' }), { physicalId, old: propertiesOf() });
    expect(data.DeletedImageCount).toBe('1');
    await push(world, 'three', { tags: ['pr-3'] });
    const calls = world.calls.length;
    expect((await world.delete(IMAGE_CLEANUP_TYPE, propertiesOf(), { physicalId })).status).toBe('SUCCESS');
    expect(world.calls).toHaveLength(calls);
    expect(tagged(world, 'pr-3')).toBeDefined();
  });

  test.each(['Create', 'Update'] as const)('a stack that rolls back deletes nothing, whatever the limits say (%s)', async (type) => {
    const world = await imageWorld();
    await push(world, 'one', { tags: ['pr-1'] });
    world.cloudFormation.status = type === 'Create' ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
    const options = { old: propertiesOf({ Trigger: '2' }), physicalId: `drydock:image-cleanup:-:${NAME}:Resource` };
    const event = world.event(type, IMAGE_CLEANUP_TYPE, propertiesOf({ MaxImages: 0 }), type === 'Update' ? options : {});
    const { status, data } = await world.deliver(event);
    expect({ status, ...data }).toMatchObject({ status: 'SUCCESS', DeletedImageCount: '0', Summary: 'Nothing was deleted: the stack rolls back.' });
    expect(tagged(world, 'pr-1')).toBeDefined();
  });

  test('an update of a stack that cannot be asked deletes nothing', async () => {
    const world = await imageWorld();
    await push(world, 'one', { tags: ['pr-1'] });
    world.cloudFormation.denies = true;
    const { data } = await world.update(IMAGE_CLEANUP_TYPE, propertiesOf(), { physicalId: `drydock:image-cleanup:-:${NAME}:Resource`, old: propertiesOf({ Trigger: '2' }) });
    expect(data.Summary).toBe('Nothing was deleted: CloudFormation could not be asked whether the stack rolls back.');
    expect(tagged(world, 'pr-1')).toBeDefined();
  });

  test('a second delivery finds the images gone', async () => {
    const { world } = await multi();
    const event = world.event('Create', IMAGE_CLEANUP_TYPE, propertiesOf());
    await world.deliver(event);
    expect(await world.deliver(event, world.newHandler())).toMatchObject({ status: 'SUCCESS', data: { DeletedImageCount: '0' } });
  });

  test('two deliveries at the same time delete the same images once', async () => {
    const { world, live, pr } = await multi();
    const event = world.event('Create', IMAGE_CLEANUP_TYPE, propertiesOf());
    const context = { getRemainingTimeInMillis: () => 30_000 };
    await Promise.all([world.handler(event, context), world.newHandler()(event, context)]);
    expect(world.responses.of(event.RequestId).map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(digests(world)).toEqual(sorted(live.index, live.amd64, live.signature, pr.arm64));
  });

  test('a deletion whose answer is lost, and throttling', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 4) });
    world.faults.push(failing('BatchDeleteImage', 1, { disconnect: true }, 'after'), failing('DescribeImages', 2, throttled()), failing('BatchDeleteImage', 2, throttled()));
    const { data } = await cleanUp(world, { Selections: [{ Kind: 'tagged', TagPatterns: ['v*'], KeepLatest: 3 }] });
    expect(data).toMatchObject({ DeletedImageCount: '1', FailedImageCount: '0' });
  });

  test('time is up: it says how far it came, and that a next deployment goes on', async () => {
    const world = await imageWorld({ seed: seedOf(NAME, 250), remainingMillis: 1_500 });
    let batches = 0;
    world.faults.push((call) => call.operation === 'BatchDeleteImage' && call.phase === 'before' && ++batches > 1 ? throttled() : undefined);
    const { status, reason } = await cleanUp(world, { Selections: [{ Kind: 'tagged', TagPatterns: ['v*'], KeepLatest: 5 }], MaxPercent: 100 });
    expect(status).toBe('FAILED');
    expect(reason).toContain('DD-IMAGE-304 at Handler: Time was up when 100 of 245 images of shop/web were deleted. They do not come back.');
    expect(digests(world)).toHaveLength(150);
  });
});
