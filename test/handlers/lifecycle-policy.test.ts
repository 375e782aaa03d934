import { daysAgo, failing, image, keep, seedOf, text, throttled, World, WorldOptions } from './support';
import { policyHash } from '../../src/digest';
import { LIFECYCLE_POLICY_TYPE, PREVIEW_ATTRIBUTES } from '../../src/resources';

const NAME = 'shop/web';
const ID = `drydock:lifecycle-policy:-:${NAME}:Resource`;
const MARK = 'cdk-drydock:before-lifecycle';
const foreign = keep(7);
const OTHER = { logicalId: 'Former' };

const properties = (policy = keep(3), more: Record<string, unknown> = {}) => ({
  RepositoryName: NAME, LifecyclePolicy: policy, ReplaceExisting: false, PreviewGate: 'off', ...more,
});
const replacing = (policy = keep(3), more: Record<string, unknown> = {}) => properties(policy, { ReplaceExisting: true, ...more });

const start = (options: WorldOptions = {}, settings = {}) => World.start({ seed: seedOf(NAME, 10, settings), ...options });
const startWithForeign = (options: WorldOptions = {}) => start(options, { lifecyclePolicyText: text(foreign) });

describe('Create', () => {
  test('puts the policy, reads it back, and gives every attribute', async () => {
    const world = await start();
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, properties());
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: ID });
    expect(Object.keys(answer.data).sort()).toEqual([...PREVIEW_ATTRIBUTES].sort());
    expect(answer.data).toMatchObject({ RepositoryName: NAME, PolicyHash: policyHash(keep(3)), Verdict: 'off' });
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(3));
  });

  test('puts nothing when the stack began to roll back while the preview ran: its Delete may have come and gone', async () => {
    const world = await start();
    world.cloudFormation.status = 'CREATE_IN_PROGRESS';
    world.faults.push(({ operation, phase }) => {
      if (operation === 'GetLifecyclePolicyPreview' && phase === 'after') {
        world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
      }
    });
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, properties(keep(9), { PreviewGate: { MaxExpiringImages: 100, CountAgainst: 'everything' } }));
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: expect.stringMatching(/^drydock:create-failed:/) });
    expect(answer.reason).toMatch(/DD-HANDLER-304/);
    expect(world.lifecyclePolicy(NAME)).toBeUndefined();
  });

  test('understands numbers that CloudFormation made strings', async () => {
    const world = await start();
    const event = world.event('Create', LIFECYCLE_POLICY_TYPE, properties());
    expect((event.ResourceProperties.LifecyclePolicy as any).rules[0].selection.countNumber).toBe('3');
    await world.deliver(event);
    expect(world.lifecyclePolicy(NAME)?.rules[0].selection.countNumber).toBe(3);
  });

  test('refuses an invalid policy with every problem at once, before it calls anything', async () => {
    const world = await start();
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, properties({
      rules: [{ rulePriority: 0, selection: { tagStatus: 'tagged', countType: 'imageCountMoreThan', countNumber: 0 }, action: { type: 'expire' } }],
    } as never, { PreviewGate: { MaxExpiringImages: 'many' } }));
    expect(answer.status).toBe('FAILED');
    for (const code of ['DD-LIFECYCLE-008', 'DD-LIFECYCLE-010', 'DD-LIFECYCLE-014', 'DD-GATE-003']) {
      expect(answer.reason).toContain(code);
    }
    expect(world.calls).toEqual([]);
  });

  test('on a repository that does not exist says so', async () => {
    const world = await World.start();
    expect((await world.create(LIFECYCLE_POLICY_TYPE, properties())).reason).toContain('DD-HANDLER-101');
  });

  test('shows a policy that is in force and not ours, and leaves it', async () => {
    const world = await startWithForeign();
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, properties());
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    expect(answer.reason).toContain('DD-HANDLER-301');
    expect(answer.reason).toContain('"countNumber":7');
    expect(answer.reason).toContain('replaceExisting');
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
  });

  test('replaces a foreign policy on request', async () => {
    const world = await startWithForeign();
    expect((await world.create(LIFECYCLE_POLICY_TYPE, replacing())).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(3));
  });

  test('does not put what is in force already, however it is written', async () => {
    const rule = (priority: number, tags: string[]) => ({
      rulePriority: priority, selection: { tagStatus: 'tagged', tagPrefixList: tags, countType: 'imageCountMoreThan', countNumber: 9 }, action: { type: 'expire' },
    });
    const world = await start({}, { lifecyclePolicyText: JSON.stringify({ rules: [rule(2, ['a', 'b']), rule(1, ['c'])] }, undefined, 2) });
    expect((await world.create(LIFECYCLE_POLICY_TYPE, properties({ rules: [rule(1, ['c']), rule(2, ['b', 'a'])] } as never))).status).toBe('SUCCESS');
    expect(world.callsOf('PutLifecyclePolicy')).toEqual([]);
  });

  test('a failed attempt is not sent again over a policy that came in between', async () => {
    const world = await start();
    let once = true;
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'PutLifecyclePolicy' && phase === 'before' && once) {
        once = false;
        await world.foreign('PutLifecyclePolicy', { repositoryName: NAME, lifecyclePolicyText: text(foreign) });
        return throttled();
      }
      return undefined;
    });
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, properties());
    expect(answer.reason).toContain('DD-HANDLER-301');
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
  });

  test('an attempt whose answer was lost counts', async () => {
    const world = await start();
    world.faults.push(failing('PutLifecyclePolicy', 1, { disconnect: true }, 'after'));
    expect((await world.create(LIFECYCLE_POLICY_TYPE, properties())).status).toBe('SUCCESS');
    expect(world.callsOf('PutLifecyclePolicy')).toHaveLength(1);
  });

  test('reads that lag behind the write are waited for', async () => {
    const world = await start({ timing: { verifyWindowMillis: 10_000 } });
    let stale = 3;
    world.faults.push(({ operation, phase }) => operation === 'GetLifecyclePolicy' && phase === 'before' && world.callsOf('PutLifecyclePolicy').length > 0 && stale-- > 0
      ? { error: { type: 'LifecyclePolicyNotFoundException', message: 'stale' } }
      : undefined);
    expect((await world.create(LIFECYCLE_POLICY_TYPE, properties())).status).toBe('SUCCESS');
    expect(stale).toBeLessThan(1);
  });

  test('when somebody overwrites it at once, says so and leaves theirs', async () => {
    const world = await start();
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'PutLifecyclePolicy' && phase === 'after' && world.callsOf('PutLifecyclePolicy').length === 1) {
        await world.foreign('PutLifecyclePolicy', { repositoryName: NAME, lifecyclePolicyText: text(foreign) });
      }
    });
    expect((await world.create(LIFECYCLE_POLICY_TYPE, properties())).reason).toContain('DD-HANDLER-303');
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
  });

  test('that fails after the put takes the policy back, and its tags', async () => {
    const world = await startWithForeign();
    const before = world.repository(NAME);
    let armed = true;
    world.faults.push(({ operation, phase }) => armed && operation === 'GetLifecyclePolicy' && phase === 'before' && world.callsOf('PutLifecyclePolicy').length > 0
      ? (armed = false, { error: { type: 'InvalidParameterException', message: 'odd' } })
      : undefined);
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, replacing());
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    expect(world.repository(NAME)).toEqual(before);
  });
});

test('the physical id depends on the repository alone: it stays over updates, and the own account is no other place', async () => {
  const world = await start();
  const { physicalId } = await world.create(LIFECYCLE_POLICY_TYPE, properties());
  const withAccount = properties(keep(4), { RegistryId: '123456789012' });
  const answer = await world.update(LIFECYCLE_POLICY_TYPE, withAccount, { physicalId, old: properties() });
  expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: ID });
  expect(world.lifecyclePolicy(NAME)).toEqual(keep(4));
});

describe('Update', () => {
  const created = async (options: WorldOptions = {}) => {
    const world = await start(options);
    await world.create(LIFECYCLE_POLICY_TYPE, properties());
    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    return world;
  };

  test('replaces our own policy', async () => {
    const world = await created();
    expect((await world.update(LIFECYCLE_POLICY_TYPE, properties(keep(5)), { physicalId: ID, old: properties() })).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(5));
  });

  test('puts a policy that somebody deleted', async () => {
    const world = await created();
    await world.foreign('DeleteLifecyclePolicy', { repositoryName: NAME });
    expect((await world.update(LIFECYCLE_POLICY_TYPE, properties(keep(5)), { physicalId: ID, old: properties() })).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(5));
  });

  test('does not overwrite the edit of somebody else; the rollback leaves it and succeeds', async () => {
    const world = await created();
    await world.foreign('PutLifecyclePolicy', { repositoryName: NAME, lifecyclePolicyText: text(foreign) });
    const wanted = properties(keep(5));
    const answer = await world.update(LIFECYCLE_POLICY_TYPE, wanted, { physicalId: ID, old: properties() });
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: ID });
    expect(answer.reason).toContain('DD-HANDLER-301');
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect((await world.update(LIFECYCLE_POLICY_TYPE, properties(), { physicalId: ID, old: wanted })).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
    expect(world.logs.find(({ level, lifecyclePolicyText }) => level === 'warn' && lifecyclePolicyText)).toBeDefined();
  });

  test('that replaced the edit of somebody else on request brings that edit back when it is rolled back', async () => {
    const world = await created();
    await world.foreign('PutLifecyclePolicy', { repositoryName: NAME, lifecyclePolicyText: text(foreign) });
    const wanted = replacing(keep(5));
    await world.update(LIFECYCLE_POLICY_TYPE, wanted, { physicalId: ID, old: properties() });
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(5));
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await world.update(LIFECYCLE_POLICY_TYPE, properties(), { physicalId: ID, old: wanted });
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
  });

  test('that replaced the edit of somebody else is settled by the next one', async () => {
    const world = await created();
    await world.foreign('PutLifecyclePolicy', { repositoryName: NAME, lifecyclePolicyText: text(foreign) });
    await world.update(LIFECYCLE_POLICY_TYPE, replacing(keep(5)), { physicalId: ID, old: properties() });
    await world.update(LIFECYCLE_POLICY_TYPE, replacing(keep(6)), { physicalId: ID, old: replacing(keep(5)) });
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await world.update(LIFECYCLE_POLICY_TYPE, replacing(keep(5)), { physicalId: ID, old: replacing(keep(6)) });
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(5));
  });

  test('rolls back to our own policy without a preview', async () => {
    const world = await start();
    const gated = (policy = keep(8)) => properties(policy, { PreviewGate: { MaxExpiringImages: 9, MaxExpiringPercent: 100 } });
    await world.create(LIFECYCLE_POLICY_TYPE, gated());
    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    await world.update(LIFECYCLE_POLICY_TYPE, gated(keep(9)), { physicalId: ID, old: gated() });
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const previews = world.callsOf('StartLifecyclePolicyPreview').length;
    expect((await world.update(LIFECYCLE_POLICY_TYPE, gated(), { physicalId: ID, old: gated(keep(9)) })).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(8));
    expect(world.callsOf('StartLifecyclePolicyPreview')).toHaveLength(previews);
  });

  test('delivered twice, at once or one after the other, ends the same', async () => {
    const world = await created();
    const event = world.event('Update', LIFECYCLE_POLICY_TYPE, properties(keep(5)), { physicalId: ID, old: properties() });
    const context = { getRemainingTimeInMillis: () => 30_000 };
    await Promise.all([world.newHandler()(event, context), world.newHandler()(event, context)]);
    await world.deliver(event);
    expect(world.responses.of(event.RequestId).map(({ status, physicalId }) => [status, physicalId])).toEqual(Array(3).fill(['SUCCESS', ID]));
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(5));
  });

  test('to another repository puts there, and the later Delete of the old place leaves the new one', async () => {
    const world = await World.start({
      seed: { repositories: [{ repositoryName: NAME }, { repositoryName: 'shop/api' }], imageDetails: [image(NAME, 1)] },
    });
    await world.create(LIFECYCLE_POLICY_TYPE, properties());
    const moved = properties(keep(3), { RepositoryName: 'shop/api' });
    const answer = await world.update(LIFECYCLE_POLICY_TYPE, moved, { physicalId: ID, old: properties() });
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: 'drydock:lifecycle-policy:-:shop/api:Resource' });
    world.cloudFormation.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    await world.delete(LIFECYCLE_POLICY_TYPE, properties(), { physicalId: ID });
    expect(world.lifecyclePolicy(NAME)).toBeUndefined();
    expect(world.lifecyclePolicy('shop/api')).toEqual(keep(3));
  });
});

describe('Delete', () => {
  const deletion = (world: World, of = properties(), options = {}) => world.delete(LIFECYCLE_POLICY_TYPE, of, { physicalId: ID, ...options });

  test('removes what we have put, and every trace of it', async () => {
    const world = await start();
    const before = world.repository(NAME);
    await world.create(LIFECYCLE_POLICY_TYPE, properties());
    world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    expect((await deletion(world)).status).toBe('SUCCESS');
    expect(world.repository(NAME)).toEqual(before);
  });

  test('leaves what somebody else has put in its place', async () => {
    const world = await start();
    await world.create(LIFECYCLE_POLICY_TYPE, properties());
    await world.foreign('PutLifecyclePolicy', { repositoryName: NAME, lifecyclePolicyText: text(foreign) });
    expect((await deletion(world)).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
  });

  test('of what is gone, policy or repository, is a success; twice as well', async () => {
    const world = await start();
    await world.create(LIFECYCLE_POLICY_TYPE, properties());
    expect((await deletion(world)).status).toBe('SUCCESS');
    expect((await deletion(world)).status).toBe('SUCCESS');
    await world.foreign('DeleteRepository', { repositoryName: NAME, force: true });
    expect((await deletion(world)).status).toBe('SUCCESS');
  });

  test('after a failed creation touches nothing', async () => {
    const world = await startWithForeign();
    const { physicalId } = await world.create(LIFECYCLE_POLICY_TYPE, properties(foreign, { PreviewGate: 'sideways' }));
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    expect((await deletion(world, properties(foreign), { physicalId })).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
  });

  test.each(['ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'])('in a rollback (%s) of a creation that replaced a foreign policy puts that policy back', async (status) => {
    const world = await startWithForeign();
    const before = world.repository(NAME);
    await world.create(LIFECYCLE_POLICY_TYPE, replacing());
    world.cloudFormation.status = status;
    expect((await deletion(world, replacing())).status).toBe('SUCCESS');
    expect(world.repository(NAME)).toEqual(before);
  });

  test('that goes forward does not bring an old foreign policy back', async () => {
    const world = await startWithForeign();
    await world.create(LIFECYCLE_POLICY_TYPE, replacing());
    world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await deletion(world, replacing());
    expect(world.lifecyclePolicy(NAME)).toBeUndefined();
    expect(world.tags(NAME)).toEqual({});
  });

  test('where CloudFormation cannot be asked removes ours, expires nothing, and keeps what it replaced in the tags and the log', async () => {
    const world = await startWithForeign();
    await world.create(LIFECYCLE_POLICY_TYPE, replacing());
    world.cloudFormation.denies = true;
    await deletion(world, replacing());
    expect(world.lifecyclePolicy(NAME)).toBeUndefined();
    expect(world.tags(NAME)[MARK]).toBeDefined();
    const logged = world.logs.flatMap(({ lifecyclePolicyText }) => lifecyclePolicyText === undefined ? [] : [JSON.parse(lifecyclePolicyText)]);
    expect(logged).toContainEqual(foreign);
  });

  test.each([['ROLLBACK_IN_PROGRESS'], ['DELETE_IN_PROGRESS']])('leaves a policy that was there before us and says the same (%s)', async (status) => {
    const world = await startWithForeign();
    const before = world.repository(NAME);
    await world.create(LIFECYCLE_POLICY_TYPE, properties(foreign));
    world.cloudFormation.status = status;
    await deletion(world, properties(foreign));
    expect(world.repository(NAME)).toEqual(before);
  });

  test.each(['ROLLBACK_IN_PROGRESS', 'DELETE_IN_PROGRESS'])('that comes twice leaves a policy that was there before us and says the same (%s)', async (status) => {
    const world = await startWithForeign();
    const before = world.repository(NAME);
    await world.create(LIFECYCLE_POLICY_TYPE, properties(foreign));
    world.cloudFormation.status = status;
    const event = world.event('Delete', LIFECYCLE_POLICY_TYPE, properties(foreign), { physicalId: ID });
    await world.deliver(event);
    await world.deliver(event, world.newHandler());
    expect(world.repository(NAME)).toEqual(before);
  });

  test.each([['there is no room for another tag', 50], ['tags may not be written', 0]])('takes away a policy that bears no mark because %s', async (_why, count) => {
    const world = await start({}, { tags: Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: 'v' })) });
    world.faults.push(({ operation, phase }) => count === 0 && phase === 'before' && /TagsForResource|TagResource/.test(operation)
      ? { error: { type: 'AccessDeniedException', message: 'not you', statusCode: 403 } }
      : undefined);
    await world.create(LIFECYCLE_POLICY_TYPE, properties());
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(3));
    await deletion(world);
    expect(world.lifecyclePolicy(NAME)).toBeUndefined();
  });

  test('knows its own after a duplicate delivery of the creation: what it put itself was not there before', async () => {
    const world = await start();
    const before = world.repository(NAME);
    const event = world.event('Create', LIFECYCLE_POLICY_TYPE, properties());
    await world.deliver(event);
    await world.deliver(event, world.newHandler());
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    await deletion(world);
    expect(world.repository(NAME)).toEqual(before);
  });

  test('of a construct under its former name leaves the policy to its successor', async () => {
    const world = await start();
    await world.create(LIFECYCLE_POLICY_TYPE, properties(), OTHER);
    await world.create(LIFECYCLE_POLICY_TYPE, properties());
    world.cloudFormation.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    await world.delete(LIFECYCLE_POLICY_TYPE, properties(), { ...OTHER, physicalId: `drydock:lifecycle-policy:-:${NAME}:Former` });
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(3));
    world.cloudFormation.status = 'DELETE_IN_PROGRESS';
    await deletion(world);
    expect(world.lifecyclePolicy(NAME)).toBeUndefined();
    expect(world.tags(NAME)).toEqual({});
  });

  test('in a rollback gives the policy back to the resource that it was taken over from', async () => {
    const world = await start();
    await world.create(LIFECYCLE_POLICY_TYPE, properties(), OTHER);
    const before = world.repository(NAME);
    await world.create(LIFECYCLE_POLICY_TYPE, replacing(keep(5)));
    world.cloudFormation.status = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
    await deletion(world, replacing(keep(5)));
    expect(world.repository(NAME)).toEqual(before);
  });

  test('understands properties that are no policy any more, and then leaves what is in force', async () => {
    const world = await startWithForeign();
    expect((await deletion(world, properties({ rules: 'of an older release' } as never))).status).toBe('SUCCESS');
    expect((await world.delete(LIFECYCLE_POLICY_TYPE, {}, { physicalId: ID })).status).toBe('SUCCESS');
    expect((await world.delete(LIFECYCLE_POLICY_TYPE, {}, { physicalId: 'Shop-Resource-XYZ' })).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
  });

  test('does not delete a policy that came between two attempts', async () => {
    const world = await start();
    await world.create(LIFECYCLE_POLICY_TYPE, properties());
    let once = true;
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'DeleteLifecyclePolicy' && phase === 'after' && once) {
        once = false;
        await world.foreign('PutLifecyclePolicy', { repositoryName: NAME, lifecyclePolicyText: text(foreign) });
        return { disconnect: true };
      }
      return undefined;
    });
    expect((await deletion(world)).status).toBe('SUCCESS');
    expect(world.lifecyclePolicy(NAME)).toEqual(foreign);
  });
});

describe('what was there before', () => {
  test('is refused when it does not fit into the tags, and nothing is changed', async () => {
    const tags = Array.from({ length: 49 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
    const world = await start({}, { lifecyclePolicyText: text(foreign), tags });
    const before = world.repository(NAME);
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, replacing());
    expect(answer.reason).toContain('DD-HANDLER-302');
    expect(world.repository(NAME)).toEqual(before);
  });

  test('may be the largest policy that ECR takes', async () => {
    const large = {
      rules: Array.from({ length: 50 }, (_, index) => ({
        rulePriority: index + 1,
        description: `rule ${index}: ${'keeps what it keeps, '.repeat(18)}${(index * 7919).toString(36)}`,
        selection: { tagStatus: 'tagged' as const, tagPatternList: [`team-${index}-*`, `*-${index * 31}`], countType: 'imageCountMoreThan' as const, countNumber: index + 1 },
        action: { type: 'expire' as const },
      })),
    };
    expect(JSON.stringify(large).length).toBeGreaterThan(25_000);
    const world = await start({}, { lifecyclePolicyText: text(large) });
    const before = world.repository(NAME);
    expect((await world.create(LIFECYCLE_POLICY_TYPE, replacing())).status).toBe('SUCCESS');
    world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
    await world.delete(LIFECYCLE_POLICY_TYPE, replacing(), { physicalId: ID });
    expect(world.repository(NAME)).toEqual(before);
  });

  test('a repository whose tags may not be touched gets its policy all the same, when there is nothing to remember', async () => {
    const world = await start();
    world.faults.push(({ operation, phase }) => phase === 'before' && ['TagResource', 'ListTagsForResource', 'UntagResource'].includes(operation)
      ? { error: { type: 'AccessDeniedException', message: 'not you', statusCode: 403 } }
      : undefined);
    const { status, physicalId } = await world.create(LIFECYCLE_POLICY_TYPE, properties());
    expect(status).toBe('SUCCESS');
    await world.delete(LIFECYCLE_POLICY_TYPE, properties(), { physicalId });
    expect(world.lifecyclePolicy(NAME)).toBeUndefined();
  });
});

test('a policy for the gate to see: images pushed today are counted by the registry\'s clock, not by ours', async () => {
  const world = await World.start({ seed: { repositories: [{ repositoryName: NAME }], imageDetails: [image(NAME, 1, { imageTags: ['x'], imagePushedAt: daysAgo(40) })] } });
  const old = { rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 30 }, action: { type: 'expire' } }] };
  const gate = { PreviewGate: { ProtectPushedWithinDays: 41 } };
  expect((await world.create(LIFECYCLE_POLICY_TYPE, properties(old as never, gate))).reason).toContain('DD-GATE-104');
  world.emulator.clock.advance(2 * 86_400_000);
  expect((await world.create(LIFECYCLE_POLICY_TYPE, properties(old as never, gate))).data.Verdict).toBe('passed');
});
