import {
  DeleteLifecyclePolicyCommand, DescribeImagesCommand, GetLifecyclePolicyCommand, PutLifecyclePolicyCommand, StartLifecyclePolicyPreviewCommand,
  UpdateImageStorageClassCommand, GetLifecyclePolicyPreviewCommand,
} from '@aws-sdk/client-ecr';
import fc from 'fast-check';
import { ageDays, archiveAny, DAY, ecr, expireAfterDays, expireAny, fakeDigest, image, NOW, refusal } from './support';
import { EmulatorOptions, startEmulator } from '../../src/emulator';

const at = (days: number) => Date.parse(NOW) + days * DAY;

async function app(options: EmulatorOptions, lifecyclePolicyText?: string) {
  const bench = await ecr(options);
  if (lifecyclePolicyText !== undefined) {
    await bench.client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText }));
  }
  return { ...bench, names: (...candidates: string[]) => candidates.filter((name) => bench.emulator.state.repository('app')!.images.has(fakeDigest(name))) };
}

const THREE = { imageDetails: [image('app', 'a', { imagePushedAt: ageDays(3) }), image('app', 'b', { imagePushedAt: ageDays(2) }), image('app', 'c', { imagePushedAt: ageDays(1) })] };

test('a policy acts 24 hours after it was put, not earlier', async () => {
  const { emulator, names } = await app({ seed: THREE }, expireAny(1));
  emulator.clock.advance(DAY - 1);
  expect(names('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  emulator.clock.advance(1);
  expect(names('a', 'b', 'c')).toEqual(['c']);
  expect(emulator.lifecycleRuns).toEqual([{
    repositoryName: 'app',
    at: at(1),
    actions: [
      { imageDigest: fakeDigest('a'), imageTags: [], action: 'EXPIRE', rulePriority: 1 },
      { imageDigest: fakeDigest('b'), imageTags: [], action: 'EXPIRE', rulePriority: 1 },
    ],
    failures: [],
  }]);
});

test('putting a policy again does not put the run off', async () => {
  const { client, emulator, names } = await app({ seed: THREE }, expireAny(2));
  emulator.clock.advance(DAY / 2);
  await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }));
  emulator.clock.advance(DAY / 2);
  expect(names('a', 'b', 'c')).toEqual(['c']);
});

test('a policy that was deleted in time does nothing', async () => {
  const { client, emulator, names } = await app({ seed: THREE }, expireAny(1));
  await client.send(new DeleteLifecyclePolicyCommand({ repositoryName: 'app' }));
  emulator.clock.advance(100 * DAY);
  expect(names('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  expect((await refusal(client.send(new GetLifecyclePolicyCommand({ repositoryName: 'app' })))).name).toBe('LifecyclePolicyNotFoundException');
});

test('a seeded policy acts too', async () => {
  const { emulator, names } = await app({ seed: { ...THREE, repositories: [{ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }] } });
  emulator.clock.advance(DAY);
  expect(names('a', 'b', 'c')).toEqual(['c']);
});

test('a policy runs on demand, and then 24 hours later again', async () => {
  const { client, emulator, names } = await app({ seed: THREE }, expireAny(1));
  expect(emulator.runLifecyclePolicies('absent')).toEqual([]);
  expect(emulator.runLifecyclePolicies('app')).toMatchObject([{ at: at(0), actions: { length: 2 } }]);
  expect(names('a', 'b', 'c')).toEqual(['c']);
  emulator.clock.advance(DAY);
  const { lastEvaluatedAt } = await client.send(new GetLifecyclePolicyCommand({ repositoryName: 'app' }));
  expect(lastEvaluatedAt).toEqual(new Date(at(1)));
});

test('the last evaluation shows even when the run did nothing', async () => {
  const { client, emulator } = await app({ seed: THREE }, expireAny(50));
  emulator.clock.advance(5 * DAY + 1000);
  expect((await client.send(new GetLifecyclePolicyCommand({ repositoryName: 'app' }))).lastEvaluatedAt).toEqual(new Date(at(5)));
  expect(emulator.lifecycleRuns).toEqual([]);
});

test('one long step of the clock does what many short ones do, each thing on its day', async () => {
  const seed = { imageDetails: Array.from({ length: 12 }, (_, i) => image('app', `i${i}`, { imagePushedAt: ageDays(i * 3) })) };
  const long = await app({ seed }, expireAfterDays(40));
  const short = await app({ seed }, expireAfterDays(40));
  long.emulator.clock.advance(400 * DAY);
  for (let day = 0; day < 400; day++) {
    short.emulator.clock.advance(DAY);
  }
  expect(long.emulator.lifecycleRuns).toEqual(short.emulator.lifecycleRuns);
  expect(long.emulator.lifecycleRuns).toHaveLength(12);
  expect(long.emulator.inventory()).toEqual(short.emulator.inventory());
});

describe('children of an index', () => {
  const seed = {
    imageDetails: [
      image('app', 'child', { imagePushedAt: ageDays(9) }), image('app', 'shared', { imagePushedAt: ageDays(9) }),
      image('app', 'index', { imagePushedAt: ageDays(8) }), image('app', 'kept', { imageTags: ['v2'], imagePushedAt: ageDays(7) }),
    ],
    manifestChildren: { [fakeDigest('index')]: [fakeDigest('child'), fakeDigest('shared')], [fakeDigest('kept')]: [fakeDigest('shared')] },
  };

  test('stay in the run that takes the index, and go in the next unless another index holds them', async () => {
    const { emulator, names } = await app({ seed }, expireAfterDays(1, { tagStatus: 'untagged' }));
    emulator.clock.advance(DAY);
    expect(names('child', 'shared', 'index', 'kept')).toEqual(['child', 'shared', 'kept']);
    expect(emulator.lifecycleRuns[0].failures.map(({ imageDigest, heldBy }) => [imageDigest, heldBy])).toEqual([
      [fakeDigest('child'), [fakeDigest('index')]],
      [fakeDigest('shared'), [fakeDigest('index'), fakeDigest('kept')]],
    ]);
    emulator.clock.advance(DAY);
    expect(names('child', 'shared', 'index', 'kept')).toEqual(['shared', 'kept']);
    emulator.clock.advance(100 * DAY);
    expect(names('child', 'shared', 'index', 'kept')).toEqual(['shared', 'kept']);
  });

  test('on demand, twice, does the same', async () => {
    const { emulator, names } = await app({ seed }, expireAfterDays(1, { tagStatus: 'untagged' }));
    emulator.runLifecyclePolicies();
    emulator.runLifecyclePolicies();
    expect(names('child', 'shared', 'index', 'kept')).toEqual(['shared', 'kept']);
  });
});

test('a referrer follows its subject', async () => {
  const seed = {
    imageDetails: [
      image('app', 'subject', { imageTags: ['v1'], imagePushedAt: ageDays(9) }),
      image('app', 'signature', { subjectManifestDigest: fakeDigest('subject'), imagePushedAt: ageDays(9) }),
    ],
  };
  const { emulator, names } = await app({ seed }, expireAfterDays(1, { tagStatus: 'tagged', tagPatternList: ['v*'] }));
  emulator.clock.advance(DAY);
  expect(names('subject', 'signature')).toEqual([]);
  expect(emulator.lifecycleRuns[0].actions).toMatchObject([
    { imageDigest: fakeDigest('subject'), rulePriority: 1 }, { imageDigest: fakeDigest('signature'), becauseOf: fakeDigest('subject') },
  ]);
});

describe('the archive', () => {
  test('takes what a transition rule marks, with the time of the run', async () => {
    const { emulator } = await app({ seed: THREE }, archiveAny(2));
    emulator.clock.advance(DAY);
    expect(emulator.inventory().imageDetails.filter(({ imageStatus }) => imageStatus === 'ARCHIVED')).toMatchObject([
      { imageDigest: fakeDigest('a'), lastArchivedAt: new Date(at(1)).toISOString().replace('.000', '') },
    ]);
  });

  test('gives back what is restored, after its time, as young as new', async () => {
    const { client, emulator } = await app({ seed: THREE, restoreMs: 600_000 });
    const imageId = { imageDigest: fakeDigest('a') };
    const move = (targetStorageClass: 'ARCHIVE' | 'STANDARD') => client.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId, targetStorageClass }));
    const status = async () => (await client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds: [imageId], filter: { imageStatus: 'ANY' } }))).imageDetails![0];

    expect(await move('ARCHIVE')).toMatchObject({ repositoryName: 'app', imageId, imageStatus: 'ARCHIVED' });
    expect((await refusal(move('ARCHIVE'))).name).toBe('ImageStorageClassUpdateNotSupportedException');
    expect(await status()).toMatchObject({ imageStatus: 'ARCHIVED', lastArchivedAt: new Date(NOW) });

    emulator.clock.advance(DAY);
    expect(await move('STANDARD')).toMatchObject({ imageStatus: 'ACTIVATING' });
    expect((await refusal(move('STANDARD'))).name).toBe('ImageStorageClassUpdateNotSupportedException');
    expect((await refusal(move('ARCHIVE'))).name).toBe('ImageStorageClassUpdateNotSupportedException');
    emulator.clock.advance(599_999);
    expect((await status()).imageStatus).toBe('ACTIVATING');
    emulator.clock.advance(1);
    expect(await status()).toMatchObject({ imageStatus: 'ACTIVE', lastActivatedAt: new Date(at(1) + 600_000), lastArchivedAt: new Date(NOW) });
    expect((await refusal(move('STANDARD'))).name).toBe('ImageStorageClassUpdateNotSupportedException');
  });

  test('restores at once when that is how long it takes', async () => {
    const { client } = await app({ seed: { imageDetails: [image('app', 'a', { imageTags: ['v1'], imageStatus: 'ARCHIVED' })] }, restoreMs: 0 });
    const command = new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId: { imageTag: 'v1' }, targetStorageClass: 'STANDARD' });
    expect(await client.send(command)).toMatchObject({ imageId: { imageDigest: fakeDigest('a'), imageTag: 'v1' }, imageStatus: 'ACTIVE' });
  });

  test('takes an index before its children', async () => {
    const seed = {
      imageDetails: [image('app', 'child'), image('app', 'index', { imageTags: ['v1'] })],
      manifestChildren: { [fakeDigest('index')]: [fakeDigest('child')] },
    };
    const { client } = await app({ seed });
    const archive = (imageId: object) => client.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId, targetStorageClass: 'ARCHIVE' }));
    expect(await refusal(archive({ imageDigest: fakeDigest('child') }))).toMatchObject({
      name: 'ImageStorageClassUpdateNotSupportedException', message: expect.stringContaining(fakeDigest('index')),
    });
    await archive({ imageTag: 'v1' });
    await archive({ imageDigest: fakeDigest('child') });
  });

  test('does not know an image that does not exist', async () => {
    const { client } = await app({ seed: THREE });
    const archive = (imageId: object) => client.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId, targetStorageClass: 'ARCHIVE' }));
    expect((await refusal(archive({ imageTag: 'absent' }))).name).toBe('ImageNotFoundException');
    expect((await refusal(archive({}))).name).toBe('InvalidParameterException');
  });

  test('and restorations and runs come in the order of their times', async () => {
    // Restored 10 hours in, so 14 hours young at the run: the count rule keeps it and takes the others.
    const seed = { imageDetails: [...THREE.imageDetails, image('app', 'back', { imageStatus: 'ACTIVATING', imagePushedAt: ageDays(50) })] };
    const { emulator, names } = await app({ seed, restoreMs: DAY * 10 / 24 }, expireAny(1));
    emulator.clock.advance(3 * DAY);
    expect(names('a', 'b', 'c', 'back')).toEqual(['back']);
  });

  test('expires what has been in it for long enough', async () => {
    const policy = JSON.stringify({
      rules: [
        { rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 }, action: { type: 'transition', targetStorageClass: 'archive' } },
        {
          rulePriority: 2,
          selection: { tagStatus: 'any', storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 90 },
          action: { type: 'expire' },
        },
      ],
    });
    const { emulator, names } = await app({ seed: THREE }, policy);
    emulator.clock.advance(91 * DAY);
    expect(names('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    emulator.clock.advance(DAY);
    expect(names('a', 'b', 'c')).toEqual(['c']);
    expect(emulator.lifecycleRuns.map((run) => [(run.at - at(0)) / DAY, run.actions.map(({ action }) => action)])).toEqual([
      [1, ['TRANSITION', 'TRANSITION']], [92, ['EXPIRE', 'EXPIRE']],
    ]);
  });
});

test('what a preview says is what the next run does', async () => {
  const tags = fc.subarray(['v1', 'v2', 'latest', 'dev-1', 'dev-2'], { maxLength: 2 });
  const children = fc.array(fc.nat(9), { maxLength: 2 });
  const one = fc.record({ age: fc.integer({ min: 1, max: 60 }), tags, children, subject: fc.option(fc.nat(9)) });
  const images = fc.array(one, { maxLength: 10 });
  const policy = fc.oneof(
    fc.integer({ min: 1, max: 5 }).map(expireAny),
    fc.integer({ min: 1, max: 5 }).map(archiveAny),
    fc.integer({ min: 1, max: 60 }).map((days) => expireAfterDays(days, { tagStatus: 'untagged' })),
    fc.integer({ min: 1, max: 60 }).map((days) => expireAfterDays(days, { tagStatus: 'tagged', tagPatternList: ['v*'] })),
  );
  await fc.assert(fc.asyncProperty(images, policy, async (drawn, lifecyclePolicyText) => {
    const used = new Set<string>();
    const imageDetails = drawn.map(({ age, tags: wanted, subject }, i) => image('app', `i${i}`, {
      imagePushedAt: ageDays(age + i / 100),
      imageTags: wanted.filter((tag) => !used.has(tag) && used.add(tag)),
      ...(subject !== null && subject < i ? { subjectManifestDigest: fakeDigest(`i${subject}`) } : {}),
    }));
    const manifestChildren = Object.fromEntries(
      drawn.map((drew, i) => [fakeDigest(`i${i}`), drew.children.filter((c) => c < i).map((c) => fakeDigest(`i${c}`))]));
    const { client, emulator } = await ecr({ seed: { repositories: [{ repositoryName: 'app' }], imageDetails, manifestChildren } });
    const before = new Map(emulator.inventory().imageDetails.map((i) => [i.imageDigest, i.imageStatus]));

    await client.send(new StartLifecyclePolicyPreviewCommand({ repositoryName: 'app', lifecyclePolicyText }));
    const { previewResults } = await client.send(new GetLifecyclePolicyPreviewCommand({ repositoryName: 'app' }));
    await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText }));
    const [run] = emulator.runLifecyclePolicies();

    const after = new Map(emulator.inventory().imageDetails.map((i) => [i.imageDigest, i.imageStatus]));
    const changed = [...before].filter(([digest, status]) => after.get(digest) !== status).map(([digest]) => digest).sort();
    const followers = run.actions.filter(({ becauseOf }) => becauseOf !== undefined).map(({ imageDigest }) => imageDigest);
    expect(changed).toEqual([...previewResults!.map(({ imageDigest }) => imageDigest!), ...followers].sort());
    // No index that stays has lost a child.
    for (const [index, held] of Object.entries(emulator.inventory().manifestChildren!)) {
      expect({ index, lost: held.filter((child) => before.has(child) && !after.has(child)) }).toEqual({ index, lost: [] });
    }
  }), { numRuns: 60 });
});

describe('the clock', () => {
  test('stands still once it is set, and moves when told to', async () => {
    const { emulator } = await ecr({ now: NOW });
    expect([emulator.clock.frozen, emulator.clock.now()]).toEqual([true, Date.parse(NOW)]);
    emulator.clock.advance(1500);
    expect(emulator.clock.now()).toBe(Date.parse(NOW) + 1500);
    emulator.clock.set('2030-01-01T00:00:00Z');
    expect(emulator.clock.now()).toBe(Date.parse('2030-01-01T00:00:00Z'));
  });

  test('takes dates, texts, epoch seconds and what it gives itself', async () => {
    const { emulator } = await ecr();
    for (const time of [new Date(NOW), NOW, Date.parse(NOW) / 1000, Date.parse(NOW)]) {
      emulator.clock.set(0);
      emulator.clock.set(time);
      expect(emulator.clock.now()).toBe(Date.parse(NOW));
    }
    expect(() => emulator.clock.set('soon')).toThrow('soon');
    expect(() => emulator.clock.advance(Number.NaN)).toThrow('NaN');
    expect(emulator.clock.now()).toBe(Date.parse(NOW));
  });

  test('runs with real time when it was never set, also after a step', async () => {
    const emulator = await startEmulator();
    try {
      expect(emulator.clock.frozen).toBe(false);
      const before = Date.now();
      emulator.clock.advance(DAY);
      expect(emulator.clock.now()).toBeGreaterThanOrEqual(before + DAY);
      expect(emulator.clock.frozen).toBe(false);
    } finally {
      await emulator.stop();
    }
  });
});
