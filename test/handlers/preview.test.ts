import { daysAgo, digestOf, failing, image, keep, seedOf, text, throttled, World, WorldOptions } from './support';
import { policyHash } from '../../src/digest';
import { LIFECYCLE_POLICY_PREVIEW_TYPE, LIFECYCLE_POLICY_TYPE, PREVIEW_ATTRIBUTES } from '../../src/resources';

const NAME = 'shop/web';
const previewed = (policy = keep(3)) => ({ RepositoryName: NAME, LifecyclePolicy: policy });
const gated = (policy = keep(3), gate: unknown = { MaxExpiringImages: 100 }, more = {}) => ({
  RepositoryName: NAME, LifecyclePolicy: policy, ReplaceExisting: true, PreviewGate: gate, ...more,
});
const start = (options: WorldOptions = {}, settings = {}) => World.start({ seed: seedOf(NAME, 10, settings), ...options });
const preview = (world: World, policy = keep(3)) => world.create(LIFECYCLE_POLICY_PREVIEW_TYPE, previewed(policy));
const records = (world: World, message: string) => world.logs.filter((record) => record.message === message);

describe('a preview', () => {
  test('gives its result as attributes and every image in the log, and changes nothing', async () => {
    const world = await start();
    const before = world.repository(NAME);
    const answer = await preview(world);
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: `drydock:lifecycle-policy-preview:-:${NAME}:Resource` });
    expect(Object.keys(answer.data).sort()).toEqual([...PREVIEW_ATTRIBUTES].sort());
    expect(answer.data).toEqual({
      RepositoryName: NAME,
      PolicyHash: policyHash(keep(3)),
      ImageCount: '10',
      ExpiringImageCount: '7',
      TransitioningImageCount: '0',
      NewlyExpiringImageCount: '7',
      NewlyTransitioningImageCount: '0',
      Verdict: 'preview-only',
      Summary: 'Of 10 images, 7 would expire (7 newly) and 0 would be archived (0 newly).',
    });
    expect(world.repository(NAME)).toEqual(before);
    const [page] = records(world, 'preview');
    expect(page).toMatchObject({ level: 'info', repositoryName: NAME, policyHash: policyHash(keep(3)), verdict: 'preview-only', page: 1, pages: 1 });
    expect(page.images).toHaveLength(7);
    expect(page.images.find((one: any) => one.imageDigest === digestOf(10))).toEqual({
      imageDigest: digestOf(10),
      imageTags: ['v10'],
      imagePushedAt: daysAgo(10).replace('.000Z', 'Z'),
      imageSizeInBytes: 1010,
      action: 'EXPIRE',
      rulePriority: 1,
      newly: true,
      rank: 10,
      why: expect.stringMatching(/^Expires: 10th newest of 10 images/),
    });
    expect(records(world, 'gate')).toEqual([expect.objectContaining({
      rules: [{ rulePriority: 1, countType: 'imageCountMoreThan', text: 'expire all but the newest 3 images' }],
    })]);
  });

  test('of a repository without images needs nothing, and neither starts one', async () => {
    const world = await start({ seed: seedOf(NAME, 0) });
    expect((await preview(world)).data).toMatchObject({ ImageCount: '0', Verdict: 'preview-only' });
    expect(world.callsOf('StartLifecyclePolicyPreview')).toEqual([]);
  });

  test('sees archived images, too', async () => {
    const policy = {
      rules: [{
        rulePriority: 1, selection: { tagStatus: 'any', storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 90 }, action: { type: 'expire' },
      }],
    } as const;
    const archived = image(NAME, 1, { imageStatus: 'ARCHIVED', lastArchivedAt: daysAgo(100), imagePushedAt: daysAgo(300) });
    const world = await start({ seed: { repositories: [{ repositoryName: NAME }], imageDetails: [archived] } });
    expect((await preview(world, policy as never)).data).toMatchObject({ ImageCount: '1', ExpiringImageCount: '1' });
  });

  test('waits while it is in progress', async () => {
    const world = await start({ previewMs: 600_000 });
    world.faults.push(({ operation, phase, number }) => {
      if (operation === 'GetLifecyclePolicyPreview' && phase === 'before' && number === 3) {
        world.emulator.clock.advance(600_000);
      }
    });
    expect((await preview(world)).data.ExpiringImageCount).toBe('7');
    expect(world.callsOf('GetLifecyclePolicyPreview')).toHaveLength(3);
  });

  test('reads all pages', async () => {
    const world = await start({ seed: seedOf(NAME, 260) });
    expect((await preview(world)).data.ExpiringImageCount).toBe('257');
    const pages = records(world, 'preview');
    expect(pages.map(({ page, pages: all, images }) => [page, all, images.length])).toEqual([[1, 3, 100], [2, 3, 100], [3, 3, 57]]);
    expect(new Set(pages.flatMap(({ images }) => images.map((one: any) => one.imageDigest))).size).toBe(257);
  });

  test('waits for the preview of somebody else that is in progress', async () => {
    const world = await start({ previewMs: 600_000 });
    // Theirs is the first start; ours is refused twice, then theirs is done; once ours has begun, it gets its time, too.
    world.faults.push(({ operation, phase, number }) => {
      if (operation === 'StartLifecyclePolicyPreview' && phase === 'before' && number === 4) {
        world.emulator.clock.advance(600_000);
      }
      if (operation === 'GetLifecyclePolicyPreview' && phase === 'before' && world.callsOf('StartLifecyclePolicyPreview').length === 3) {
        world.emulator.clock.advance(600_000);
      }
    });
    await world.foreign('StartLifecyclePolicyPreview', { repositoryName: NAME, lifecyclePolicyText: text(keep(9)) });
    expect((await preview(world)).data.ExpiringImageCount).toBe('7');
  });

  test.each(['at once', 'between two pages'])('that somebody else replaces %s is begun again, and never theirs is read', async (when) => {
    const world = await start({ seed: seedOf(NAME, 250) });
    const reads = when === 'at once' ? 1 : 2;
    let replaced = false;
    world.faults.push(async ({ operation, phase, number }) => {
      if (operation === 'GetLifecyclePolicyPreview' && phase === 'before' && number === reads && !replaced) {
        replaced = true;
        await world.foreign('StartLifecyclePolicyPreview', { repositoryName: NAME, lifecyclePolicyText: text(keep(9)) });
      }
    });
    expect((await preview(world)).data.ExpiringImageCount).toBe('247');
    expect(world.callsOf('StartLifecyclePolicyPreview')).toHaveLength(2);
  });

  test('is begun again when a later page is another preview\'s', async () => {
    const world = await start({ seed: seedOf(NAME, 250) });
    let once = true;
    world.faults.push(({ operation, phase, input, output }) => operation === 'GetLifecyclePolicyPreview' && phase === 'after' && input.nextToken && output && once
      ? (once = false, { output: { ...output, lifecyclePolicyText: text(keep(9)), previewResults: [] } })
      : undefined);
    expect((await preview(world)).data.ExpiringImageCount).toBe('247');
    expect(once).toBe(false);
  });

  test('that others replace again and again fails and says so', async () => {
    const world = await start({ timing: { previewRestarts: 3 } });
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'StartLifecyclePolicyPreview' && phase === 'after') {
        world.faults.length = 0;
        await world.foreign('StartLifecyclePolicyPreview', { repositoryName: NAME, lifecyclePolicyText: text(keep(9)) });
        world.faults.push(fault);
      }
    });
    const fault = world.faults[0];
    expect((await preview(world)).reason).toContain('DD-HANDLER-403');
    expect(world.callsOf('StartLifecyclePolicyPreview')).toHaveLength(4);
  });

  test.each([['FAILED', 'DD-HANDLER-401'], ['EXPIRED', 'DD-HANDLER-402']])('that is %s is begun once more; twice is an error', async (status, code) => {
    const world = await start();
    const end = (times: number) => {
      let left = times;
      return ({ operation, phase, output }: any) => operation === 'GetLifecyclePolicyPreview' && phase === 'after' && output && left-- > 0
        ? { output: { ...output, status, previewResults: [] } }
        : undefined;
    };
    world.faults.push(end(1));
    expect((await preview(world)).data.ExpiringImageCount).toBe('7');
    world.faults.splice(0, 1, end(2));
    const answer = await preview(world);
    expect(answer.status).toBe('FAILED');
    expect(answer.reason).toContain(code);
  });

  test('that vanishes is begun again', async () => {
    const world = await start();
    world.faults.push(failing('GetLifecyclePolicyPreview', 1, { error: { type: 'LifecyclePolicyPreviewNotFoundException', message: 'x' } }));
    expect((await preview(world)).data.ExpiringImageCount).toBe('7');
  });

  test('outlasts throttling, and a start whose answer was lost', async () => {
    const world = await start({ previewMs: 20 });
    world.faults.push(
      failing('StartLifecyclePolicyPreview', 2, throttled()), failing('GetLifecyclePolicyPreview', 2, throttled()),
      failing('StartLifecyclePolicyPreview', 1, { disconnect: true }, 'after'),
    );
    expect((await preview(world)).data.ExpiringImageCount).toBe('7');
  });

  test('never reads manifests: that would count as a pull', async () => {
    const world = await start();
    await preview(world);
    expect(world.callsOf('BatchGetImage')).toEqual([]);
  });

  test('on a repository that does not exist fails', async () => {
    const world = await World.start();
    expect((await preview(world)).reason).toContain('DD-HANDLER-101');
  });

  test('whose policy ECR refuses fails with ECR\'s reason', async () => {
    const world = await start();
    world.faults.push(failing('StartLifecyclePolicyPreview', 1, { error: { type: 'InvalidParameterException', message: 'no such countType' } }));
    expect((await preview(world)).reason).toContain('DD-HANDLER-008 at ecr:StartLifecyclePolicyPreview: InvalidParameterException: no such countType');
  });

  test('is deleted without a call', async () => {
    const world = await start();
    const { physicalId } = await preview(world);
    world.calls.length = 0;
    expect((await world.delete(LIFECYCLE_POLICY_PREVIEW_TYPE, {}, { physicalId })).status).toBe('SUCCESS');
    expect(world.calls).toEqual([]);
  });

  test('that differs from our own evaluation about a tagged image is believed, and noted', async () => {
    const world = await start();
    world.faults.push(({ operation, phase, output }) => operation === 'GetLifecyclePolicyPreview' && phase === 'after' && output
      ? { output: { ...output, previewResults: (output.previewResults as any[]).filter((one) => one.imageDigest !== digestOf(10)) } }
      : undefined);
    expect((await preview(world)).data.ExpiringImageCount).toBe('6');
    const [warning] = world.logs.filter(({ level, images }) => level === 'warn' && images);
    expect(warning.images).toEqual([expect.objectContaining({ imageDigest: digestOf(10), action: 'KEEP', why: expect.stringContaining('says EXPIRE') })]);
  });
});

describe('what is new against the policy in force', () => {
  test('is what that policy does not act on', async () => {
    const world = await start({}, { lifecyclePolicyText: text(keep(8)) });
    expect((await preview(world)).data).toMatchObject({ ExpiringImageCount: '7', NewlyExpiringImageCount: '5' });
    expect(records(world, 'preview')[0].images.filter((one: any) => one.newly)).toHaveLength(5);
  });

  test('is also an expiry of what that policy would only archive', async () => {
    const archive = { rules: [{ ...keep(8).rules[0], action: { type: 'transition', targetStorageClass: 'archive' } }] };
    const world = await start({}, { lifecyclePolicyText: JSON.stringify(archive) });
    expect((await preview(world)).data).toMatchObject({ ExpiringImageCount: '7', NewlyExpiringImageCount: '7' });
    expect((await preview(world, { rules: [{ ...archive.rules[0], selection: keep(5).rules[0].selection }] } as never)).data)
      .toMatchObject({ ExpiringImageCount: '0', TransitioningImageCount: '5', NewlyTransitioningImageCount: '3' });
  });

  test('is everything where ECR does not preview that policy', async () => {
    const world = await start({}, { lifecyclePolicyText: text(keep(8)) });
    world.faults.push(({ operation, phase, input }) => operation === 'StartLifecyclePolicyPreview' && phase === 'before' && String(input.lifecyclePolicyText).includes('"countNumber":8')
      ? { error: { type: 'InvalidParameterException', message: 'older grammar' } }
      : undefined);
    expect((await preview(world)).data).toMatchObject({ NewlyExpiringImageCount: '7' });
  });
});

describe('the gate', () => {
  test('lets a harmless policy pass and puts it', async () => {
    const world = await start();
    expect(await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(8)))).toMatchObject({ status: 'SUCCESS', data: { Verdict: 'passed', NewlyExpiringImageCount: '2' } });
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(8));
  });

  test('is on, with its default, when nothing is said', async () => {
    const world = await start();
    expect((await world.create(LIFECYCLE_POLICY_TYPE, { RepositoryName: NAME, LifecyclePolicy: keep(3) })).reason).toContain('DD-GATE-102');
  });

  test('stops a careless one: the reason names images, rule, why, hash and the way out; nothing is changed', async () => {
    const world = await start({}, { lifecyclePolicyText: text(keep(9)) });
    const before = world.repository(NAME);
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(3), { MaxExpiringImages: 2, ProtectedTagPatterns: ['v9'] }));
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    expect(answer.reason.length).toBeLessThanOrEqual(1000);
    for (const part of ['DD-GATE-101', 'DD-GATE-103', 'v9', 'rule 1', policyHash(keep(3)), 'acknowledged', 'maxExpiringImages', NAME, 'nothing was changed']) {
      expect(answer.reason).toContain(part);
    }
    expect(world.repository(NAME)).toEqual(before);
    expect(records(world, 'gate')[0]).toMatchObject({ level: 'error', verdict: 'blocked', counts: { images: 10, expiring: 7, newlyExpiring: 6 } });
    expect(records(world, 'gate')[0].findings.map(({ code }: any) => code)).toEqual(['DD-GATE-101', 'DD-GATE-103']);
    expect(records(world, 'preview')[0].verdict).toBe('blocked');
  });

  test('keeps the reason short with many findings, and sends to the log for the rest', async () => {
    const patterns = Array.from({ length: 10 }, (_, index) => `v${index + 1}`);
    const world = await start();
    const { reason } = await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(3), { ProtectedTagPatterns: patterns }));
    expect(reason.length).toBeLessThanOrEqual(1000);
    expect(reason).toMatch(/\d+ more findings and every image: see the log of the function/);
    expect(reason).toContain(policyHash(keep(3)));
    expect(records(world, 'gate')[0].findings).toHaveLength(7);
  });

  test('lets the acknowledged policy pass, and not its later edit', async () => {
    const world = await start();
    const gate = { MaxExpiringImages: 0, Acknowledged: [policyHash(keep(3))] };
    expect((await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(3), gate))).data.Verdict).toBe('acknowledged');
    const physicalId = `drydock:lifecycle-policy:-:${NAME}:Resource`;
    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    const answer = await world.update(LIFECYCLE_POLICY_TYPE, gated(keep(2), gate), { physicalId, old: gated(keep(3), gate) });
    expect(answer.reason).toContain(policyHash(keep(2)));
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(3));
  });

  test('an acknowledgement does not depend on how the policy is written', async () => {
    const [rule] = keep(3).rules;
    const reordered = { rules: [{ action: rule.action, selection: { countNumber: 3, countType: 'imageCountMoreThan', tagStatus: 'any', storageClass: 'standard' }, rulePriority: 1 }] };
    const world = await start();
    expect((await world.create(LIFECYCLE_POLICY_TYPE, gated(reordered as never, { MaxExpiringImages: 0, Acknowledged: [policyHash(keep(3))] }))).data.Verdict).toBe('acknowledged');
  });

  test('protects an image that was pulled lately, which only DescribeImages knows', async () => {
    const images = [image(NAME, 1), image(NAME, 2, { lastRecordedPullTime: daysAgo(1) })];
    const world = await start({ seed: { repositories: [{ repositoryName: NAME }], imageDetails: images } });
    expect((await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(1), { ProtectPulledWithinDays: 2 }))).reason).toContain('DD-GATE-105');
    expect((await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(1), { ProtectPulledWithinDays: 0.5 }))).data.Verdict).toBe('passed');
  });

  test('needs no preview for an empty repository, nor for the policy that is in force', async () => {
    const world = await start({ seed: seedOf(NAME, 0) });
    expect((await world.create(LIFECYCLE_POLICY_TYPE, gated())).data.Verdict).toBe('not-needed');
    expect((await world.create(LIFECYCLE_POLICY_TYPE, gated())).data.Verdict).toBe('not-needed');
    expect(world.callsOf('StartLifecyclePolicyPreview')).toEqual([]);
  });

  test('that is off asks nobody', async () => {
    const world = await start();
    expect((await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(1), 'off'))).data.Verdict).toBe('off');
    expect(world.callsOf('DescribeImages')).toEqual([]);
  });

  test('judges again when the policy in force changes while it judges', async () => {
    const world = await start({}, { lifecyclePolicyText: text(keep(4)) });
    let once = true;
    world.faults.push(async ({ operation, phase }) => {
      if (operation === 'GetLifecyclePolicyPreview' && phase === 'after' && once) {
        once = false;
        await world.foreign('DeleteLifecyclePolicy', { repositoryName: NAME });
      }
    });
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(3), { MaxExpiringImages: 1 }));
    expect(answer.status).toBe('FAILED');
    expect(answer.reason).toContain('7 images');
    expect(world.lifecyclePolicy(NAME)).toBeUndefined();
    expect(world.tags(NAME)).toEqual({});
  });

  test('never stops a rollback, nor previews in one', async () => {
    const world = await start();
    const physicalId = `drydock:lifecycle-policy:-:${NAME}:Resource`;
    await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(2), 'off'));
    world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
    await world.update(LIFECYCLE_POLICY_TYPE, gated(keep(9), 'off'), { physicalId, old: gated(keep(2), 'off') });
    world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const answer = await world.update(LIFECYCLE_POLICY_TYPE, gated(keep(2), { MaxExpiringImages: 0 }), { physicalId, old: gated(keep(9), 'off') });
    expect(answer).toMatchObject({ status: 'SUCCESS', data: { Verdict: 'not-needed' } });
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(2));
    expect(world.callsOf('StartLifecyclePolicyPreview')).toEqual([]);
  });

  test('holds where CloudFormation cannot be asked: what is stopped changes nothing', async () => {
    const world = await start();
    const physicalId = `drydock:lifecycle-policy:-:${NAME}:Resource`;
    await world.create(LIFECYCLE_POLICY_TYPE, gated(keep(9), 'off'));
    world.cloudFormation.denies = true;
    expect((await world.update(LIFECYCLE_POLICY_TYPE, gated(keep(2), { MaxExpiringImages: 0 }), { physicalId, old: gated(keep(9), 'off') })).status).toBe('FAILED');
    expect(world.lifecyclePolicy(NAME)).toEqual(keep(9));
  });
});
