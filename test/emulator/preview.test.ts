import {
  GetLifecyclePolicyPreviewCommand, GetLifecyclePolicyPreviewCommandInput, paginateGetLifecyclePolicyPreview, PutLifecyclePolicyCommand,
  StartLifecyclePolicyPreviewCommand, waitUntilLifecyclePolicyPreviewComplete,
} from '@aws-sdk/client-ecr';
import { ACCOUNT, ageDays, archiveAny, call, ecr, expireAfterDays, expireAny, fakeDigest, image, refusal } from './support';
import { EmulatorOptions } from '../../src/emulator';
import { ImageDetail } from '../../src/lifecycle/model';

const images = (count: number, details: (i: number) => Partial<ImageDetail> = () => ({})) =>
  Array.from({ length: count }, (_, i) => image('app', `i${i}`, { imagePushedAt: ageDays(i + 1), ...details(i) }));

async function app(options: EmulatorOptions = {}) {
  const bench = await ecr({ seed: { imageDetails: images(5, (i) => (i === 4 ? { imageTags: ['oldest'] } : {})) }, ...options });
  return {
    ...bench,
    start: (lifecyclePolicyText?: string) => bench.client.send(new StartLifecyclePolicyPreviewCommand({ repositoryName: 'app', lifecyclePolicyText })),
    get: (input: Partial<GetLifecyclePolicyPreviewCommandInput> = {}) => bench.client.send(new GetLifecyclePolicyPreviewCommand({ repositoryName: 'app', ...input })),
  };
}

test('starting answers the text as it came, and IN_PROGRESS; the first look finds it complete', async () => {
  const { start, get } = await app();
  const text = JSON.stringify(JSON.parse(expireAny(3)), undefined, 4);
  expect(await start(text)).toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', lifecyclePolicyText: text, status: 'IN_PROGRESS' });
  expect(await get()).toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', lifecyclePolicyText: text, status: 'COMPLETE' });
});

test('a result has tags, push time, action, rule and storage class', async () => {
  const { start, get } = await app();
  await start(expireAny(4));
  const { previewResults, summary } = await get();
  expect(previewResults).toEqual([{
    imageTags: ['oldest'], imageDigest: fakeDigest('i4'), imagePushedAt: new Date(ageDays(5)), action: { type: 'EXPIRE' }, appliedRulePriority: 1, storageClass: 'STANDARD',
  }]);
  expect(summary).toEqual({ expiringImageTotalCount: 1 });
});

test('transitions are counted by their target', async () => {
  const { start, get } = await app();
  await start(archiveAny(2));
  const { previewResults, summary } = await get();
  expect(previewResults!.map(({ action }) => action)).toEqual(Array(3).fill({ type: 'TRANSITION', targetStorageClass: 'ARCHIVE' }));
  expect(summary).toEqual({ expiringImageTotalCount: 0, transitioningImageTotalCounts: [{ targetStorageClass: 'ARCHIVE', imageTotalCount: 3 }] });
});

test('nothing affected is an empty list and a zero', async () => {
  const { start, emulator } = await app();
  await start(expireAny(50));
  const { json } = await call(emulator, 'GetLifecyclePolicyPreview', { repositoryName: 'app' });
  expect(json).toMatchObject({ previewResults: [], summary: { expiringImageTotalCount: 0 } });
  expect(json.summary).not.toHaveProperty('transitioningImageTotalCounts');
});

test('without a text the policy in force is previewed', async () => {
  const { client, start, get } = await app();
  await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText: expireAny(1) }));
  await start();
  expect(await get()).toMatchObject({ lifecyclePolicyText: expireAny(1), summary: { expiringImageTotalCount: 4 } });
});

test('a preview changes neither images nor the policy in force', async () => {
  const { start, get, emulator } = await app();
  const before = emulator.inventory();
  await start(expireAny(1));
  await get();
  expect(emulator.inventory()).toEqual(before);
});

test('looking before any start is LifecyclePolicyPreviewNotFound', async () => {
  const { get } = await app();
  expect(await refusal(get())).toMatchObject({
    name: 'LifecyclePolicyPreviewNotFoundException',
    message: `Lifecycle policy preview does not exist for the repository with name 'app' in the registry with id '${ACCOUNT}'`,
  });
});

test('a new preview replaces the old result', async () => {
  const { start, get } = await app();
  await start(expireAny(1));
  await start(expireAny(3));
  expect(await get()).toMatchObject({ lifecyclePolicyText: expireAny(3), summary: { expiringImageTotalCount: 2 } });
});

test('the result is that of the start, whatever happens to the images afterwards', async () => {
  const { start, get, emulator } = await app();
  await start(expireAfterDays(4));
  emulator.clock.advance(10 * 86_400_000);
  expect((await get()).summary!.expiringImageTotalCount).toBe(1);
});

describe('in progress', () => {
  test('it has no results, a second start is refused, and the clock completes it', async () => {
    const { start, get, emulator } = await app({ previewMs: 3_600_000 });
    await start(expireAny(1));
    expect(await get()).toMatchObject({ status: 'IN_PROGRESS', previewResults: [] });
    expect((await get()).summary).toBeUndefined();
    expect(await refusal(start(expireAny(3)))).toMatchObject({ name: 'LifecyclePolicyPreviewInProgressException', status: 400 });
    emulator.clock.advance(3_600_000);
    expect(await get()).toMatchObject({ lifecyclePolicyText: expireAny(1), status: 'COMPLETE' });
    await start(expireAny(3));
  });

  test('it completes in real time too, while the clock stands still', async () => {
    const { client, start, get } = await app({ previewMs: 30 });
    await start(expireAny(1));
    await waitUntilLifecyclePolicyPreviewComplete({ client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.02 }, { repositoryName: 'app' });
    expect((await get()).status).toBe('COMPLETE');
  });
});

describe('other ends', () => {
  test.each(['FAILED', 'EXPIRED'] as const)('%s by option, without results', async (previewOutcome) => {
    const { start, get } = await app({ previewOutcome });
    await start(expireAny(1));
    expect(await get()).toMatchObject({ status: previewOutcome, previewResults: [] });
  });

  test('decided for each preview', async () => {
    const outcomes = ['FAILED', 'COMPLETE'] as const;
    let starts = 0;
    const { start, get } = await app({ previewOutcome: () => outcomes[starts++] });
    await start(expireAny(1));
    expect((await get()).status).toBe('FAILED');
    await start(expireAny(1));
    expect((await get()).status).toBe('COMPLETE');
  });

  test('a completed preview expires when told to', async () => {
    const { start, get, emulator } = await app({ previewExpiresMs: 60_000 });
    await start(expireAny(1));
    expect((await get()).status).toBe('COMPLETE');
    emulator.clock.advance(60_000);
    expect(await get()).toMatchObject({ status: 'EXPIRED', previewResults: [] });
    await start(expireAny(1));
    expect((await get()).status).toBe('COMPLETE');
  });
});

describe('pages', () => {
  test('hold at most 100 results, the whole summary on each, and everything together once', async () => {
    const { client, start } = await app({ seed: { imageDetails: images(251) } });
    await start(expireAny(1));
    const seen: (string | undefined)[] = [];
    const sizes: number[] = [];
    for await (const { previewResults, summary } of paginateGetLifecyclePolicyPreview({ client }, { repositoryName: 'app' })) {
      expect(summary).toEqual({ expiringImageTotalCount: 250 });
      sizes.push(previewResults!.length);
      seen.push(...previewResults!.map(({ imageDigest }) => imageDigest));
    }
    expect(sizes).toEqual([100, 100, 50]);
    expect(new Set(seen).size).toBe(250);
  });

  test('end without a token when the last one is full', async () => {
    const { get, start } = await app({ seed: { imageDetails: images(101) } });
    await start(expireAny(1));
    expect((await get()).nextToken).toBeUndefined();
  });

  test('of an earlier preview are refused', async () => {
    const { get, start } = await app();
    await start(expireAny(1));
    const { nextToken } = await get({ maxResults: 1 });
    expect((await get({ maxResults: 1, nextToken })).previewResults).toHaveLength(1);
    await start(expireAny(1));
    expect((await refusal(get({ nextToken }))).name).toBe('InvalidParameterException');
  });
});

describe('filters', () => {
  test('by tag status narrow the results and not the summary', async () => {
    const { get, start } = await app();
    await start(expireAny(1));
    const count = async (tagStatus: 'TAGGED' | 'UNTAGGED' | 'ANY') => (await get({ filter: { tagStatus } })).previewResults!.length;
    expect([await count('TAGGED'), await count('UNTAGGED'), await count('ANY')]).toEqual([1, 3, 4]);
    expect((await get({ filter: { tagStatus: 'TAGGED' } })).summary).toEqual({ expiringImageTotalCount: 4 });
  });

  test('by image give what is affected of these', async () => {
    const { get, start } = await app();
    await start(expireAny(1));
    const { previewResults } = await get({ imageIds: [{ imageTag: 'oldest' }, { imageDigest: fakeDigest('i1') }, { imageDigest: fakeDigest('i0') }, { imageTag: 'absent' }, {}] });
    expect(previewResults!.map(({ imageDigest }) => imageDigest).sort()).toEqual([fakeDigest('i4'), fakeDigest('i1')].sort());
  });
});

describe('images that an index holds', () => {
  const seed = {
    imageDetails: [image('app', 'child', { imagePushedAt: ageDays(9) }), image('app', 'index', { imageTags: ['v1'], imagePushedAt: ageDays(8) })],
    manifestChildren: { [fakeDigest('index')]: [fakeDigest('child')] },
  };

  test.each([[false, 0], [true, 1]])('are in the results: %s', async (previewListsHeldImages, expected) => {
    const { get, start } = await app({ seed, previewListsHeldImages });
    await start(expireAfterDays(1, { tagStatus: 'untagged' }));
    expect(await get()).toMatchObject({ previewResults: { length: expected }, summary: { expiringImageTotalCount: expected } });
  });
});

test('an archived image shows its class', async () => {
  const { get, start } = await app({ seed: { imageDetails: [image('app', 'a', { imageStatus: 'ARCHIVED', lastArchivedAt: ageDays(100) })] } });
  await start(JSON.stringify({
    rules: [{
      rulePriority: 7,
      selection: { tagStatus: 'any', storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 90 },
      action: { type: 'expire' },
    }],
  }));
  expect((await get()).previewResults).toMatchObject([{ storageClass: 'ARCHIVE', appliedRulePriority: 7, imageTags: [] }]);
});
