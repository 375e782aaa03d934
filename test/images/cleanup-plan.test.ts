import * as fc from 'fast-check';
import { overLimits } from '../../src/images/cleanup/limits';
import { CleanupInput, CleanupSelection, CleanupSettings } from '../../src/images/cleanup/model';
import { planCleanup } from '../../src/images/cleanup/plan';
import type { ImageDetail } from '../../src/lifecycle/model';

const NOW = '2026-01-31T12:00:00Z';
const DAY = 86_400_000;
const INDEX = 'application/vnd.oci.image.index.v1+json';
const digest = (name: string) => `sha256:${Buffer.from(name).toString('hex').padStart(64, '0')}`;
const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * DAY).toISOString();

/** An image by name; `children` makes it an index. */
function image(name: string, more: Partial<ImageDetail> & { readonly days?: number } = {}): ImageDetail {
  const { days = 10, ...details } = more;
  return { imageDigest: digest(name), imagePushedAt: daysAgo(days), imageSizeInBytes: 1, ...details };
}

const NOTHING: CleanupSettings = { selections: [], protectedTagPatterns: [], protectedDigests: [] };

interface Situation extends Partial<CleanupSettings> {
  readonly children?: Record<string, string[]>;
  readonly inUse?: Record<string, string[]>;
}

function plan(images: readonly ImageDetail[], selections: readonly CleanupSelection[], more: Situation = {}) {
  const { children = {}, inUse = {}, ...settings } = more;
  const input: CleanupInput = {
    images, now: NOW,
    children: new Map(Object.entries(children).map(([parent, list]) => [digest(parent), list.map(digest)])),
    inUse: new Map(Object.entries(inUse).map(([name, users]) => [digest(name), users])),
  };
  const made = planCleanup({ ...NOTHING, ...settings, selections }, input);
  const name = (d: string) => Buffer.from(d.slice(7).replace(/^(00)+/, ''), 'hex').toString();
  return {
    doomed: made.doomed.map((one) => name(one.image.imageDigest)),
    roles: Object.fromEntries(made.doomed.map((one) => [name(one.image.imageDigest), one.follows === undefined ? one.role : `${one.role} of ${name(one.follows)}`])),
    kept: Object.fromEntries(made.kept.map((one) => [name(one.image.imageDigest), one.why])),
    details: Object.fromEntries(made.kept.map((one) => [name(one.image.imageDigest), one.detail])),
    missing: made.missing.map(name),
    unread: made.unread.map(name),
    plan: made,
  };
}

const UNTAGGED: CleanupSelection = { kind: 'untagged', olderThanDays: 7 };
const tagged = (...tagPatterns: string[]): CleanupSelection => ({ kind: 'tagged', tagPatterns });

describe('untagged images', () => {
  test('those that are old enough go; tagged and younger ones stay', () => {
    expect(plan([image('old', { days: 8 }), image('young', { days: 7 }), image('named', { days: 99, imageTags: ['v1'] })], [UNTAGGED]).doomed).toEqual(['old']);
  });

  test('an age that is reached to the minute is not more than reached', () => {
    const at = (millis: number) => image('x', { imagePushedAt: new Date(Date.parse(NOW) - 7 * DAY - millis).toISOString() });
    expect(plan([at(0)], [UNTAGGED]).doomed).toEqual([]);
    expect(plan([at(1_000)], [UNTAGGED]).doomed).toEqual(['x']);
  });

  test('signatures and SBOMs of images that stay are not meant, although they have no tag', () => {
    expect(plan([image('live', { imageTags: ['v1'] }), image('signature', { subjectManifestDigest: digest('live') })], [UNTAGGED]).doomed).toEqual([]);
  });

  test('what is about an image that is no longer there is an untagged image like any other', () => {
    expect(plan([image('orphan', { subjectManifestDigest: digest('gone') })], [UNTAGGED]).doomed).toEqual(['orphan']);
  });

  test('platforms of an index that stays stay, where it is known', () => {
    const images = [image('index', { imageTags: ['v1'], imageManifestMediaType: INDEX }), image('amd64'), image('orphan')];
    expect(plan(images, [UNTAGGED], { children: { index: ['amd64'] } })).toMatchObject({ doomed: ['orphan'], kept: { amd64: 'HELD_BY_INDEX' } });
    // Otherwise ECR decides.
    expect(plan(images, [UNTAGGED]).doomed).toEqual(['amd64', 'orphan']);
  });
});

describe('images by tag', () => {
  test('go only when each of their tags matches', () => {
    const images = [image('a', { imageTags: ['pr-1'] }), image('b', { imageTags: ['pr-2', 'v1'] }), image('c', { imageTags: ['pr-3', 'tmp-1'] }), image('d', { imageTags: ['v2'] })];
    const { doomed, kept, details } = plan(images, [tagged('pr-*', 'tmp-*')]);
    expect({ doomed, kept, details }).toEqual({ doomed: ['a', 'c'], kept: { b: 'OTHER_TAGS' }, details: { b: 'it has the tag v1, too' } });
  });

  test('the youngest stay, whatever their age, and count all that match', () => {
    const images = [1, 2, 3, 4, 5].map((days) => image(`i${days}`, { days, imageTags: [`pr-${days}`] }));
    expect(plan(images, [{ ...tagged('pr-*'), keepLatest: 2 }]).doomed).toEqual(['i3', 'i4', 'i5']);
    expect(plan(images, [{ ...tagged('pr-*'), keepLatest: 2, olderThanDays: 4 }]).doomed).toEqual(['i5']);
  });

  test('an image that one selection spares for its other tag goes when another one names its digest', () => {
    const images = [image('b', { imageTags: ['pr-2', 'v1'] })];
    for (const selections of [[tagged('pr-*'), { kind: 'digests', digests: [digest('b')] } as const], [{ kind: 'digests', digests: [digest('b')] } as const, tagged('pr-*')]]) {
      expect(plan(images, selections)).toMatchObject({ doomed: ['b'], kept: {} });
    }
  });

  test('a signature that cosign hung under a tag follows its image and is not meant itself', () => {
    const name = (of: string, suffix = '.sig') => `sha256-${digest(of).slice(7)}${suffix}`;
    const images = [
      image('pr', { imageTags: ['pr-1'] }), image('sig', { imageTags: [name('pr')] }), image('live', { imageTags: ['v1'] }), image('livesig', { imageTags: [name('live')] }),
      image('referrers', { imageTags: [name('pr', '')] }),
    ];
    expect(plan(images, [tagged('pr-*')]).roles).toEqual({ pr: 'selected', sig: 'referrer of pr', referrers: 'referrer of pr' });
    expect(plan(images, [{ ...tagged('sha256-*') }]).doomed).toEqual([]);
  });
});

test('digests that are not there are named, and no error', () => {
  expect(plan([image('a')], [{ kind: 'digests', digests: [digest('a'), digest('b')] }])).toMatchObject({ doomed: ['a'], missing: ['b'] });
});

describe('protection', () => {
  const images = [image('a', { imageTags: ['pr-1', 'prod-eu'], lastRecordedPullTime: daysAgo(40) }), image('b', { imageTags: ['pr-2'], lastRecordedPullTime: daysAgo(3) }), image('c', { imageTags: ['pr-3'] })];
  const all: CleanupSelection = { kind: 'digests', digests: images.map(({ imageDigest }) => imageDigest) };

  test('tags, digests, pulls and uses, each for itself', () => {
    expect(plan(images, [all], { protectedTagPatterns: ['prod*'] }).kept).toEqual({ a: 'PROTECTED_TAG' });
    expect(plan(images, [all], { protectedDigests: [digest('c')] }).kept).toEqual({ c: 'PROTECTED_DIGEST' });
    expect(plan(images, [all], { protectPulledWithinDays: 30 }).kept).toEqual({ b: 'PULLED_LATELY' });
    expect(plan(images, [all], { protectPulledWithinDays: 0 }).kept).toEqual({});
    const used = plan(images, [all], { inUse: { c: ['service web', 'service api', 'task 1', 'task 2'] } });
    expect(used).toMatchObject({ kept: { c: 'IN_USE' }, details: { c: 'in use by service web, service api, task 1 and 1 more' } });
  });

  test('a pull time that cannot be read protects', () => {
    expect(plan([image('a', { lastRecordedPullTime: 'yesterday' })], [UNTAGGED], { protectPulledWithinDays: 30 }).kept).toEqual({ a: 'PULLED_LATELY' });
  });

  test('an index that lists a protected image stays, and so does everything that it lists', () => {
    const multi = [image('index', { imageTags: ['pr-1'], imageManifestMediaType: INDEX }), image('amd64', { lastRecordedPullTime: daysAgo(1) }), image('arm64')];
    const { doomed, kept } = plan(multi, [tagged('pr-*'), UNTAGGED], { protectPulledWithinDays: 30, children: { index: ['amd64', 'arm64'] } });
    expect({ doomed, kept }).toEqual({ doomed: [], kept: { index: 'HOLDS_PROTECTED', amd64: 'PULLED_LATELY', arm64: 'HELD_BY_INDEX' } });
  });
});

describe('what goes along', () => {
  const multi = [
    image('index', { imageTags: ['pr-1'], imageManifestMediaType: INDEX }), image('amd64'), image('arm64'), image('attestation'), image('indexsig', { subjectManifestDigest: digest('index') }),
    image('amdsbom', { subjectManifestDigest: digest('amd64') }), image('sbomsig', { subjectManifestDigest: digest('amdsbom') }),
  ];

  test('platforms, attestations and everything that is about any of them', () => {
    expect(plan(multi, [tagged('pr-*')], { children: { index: ['amd64', 'arm64', 'attestation'] } }).roles).toEqual({
      index: 'selected', amd64: 'child of index', arm64: 'child of index', attestation: 'child of index', indexsig: 'referrer of index', amdsbom: 'referrer of amd64', sbomsig: 'referrer of amdsbom',
    });
  });

  test('an index whose manifest has not been read says so', () => {
    expect(plan(multi, [tagged('pr-*')])).toMatchObject({ unread: ['index'], roles: { index: 'selected', indexsig: 'referrer of index' } });
  });

  test('not a platform that another index lists, nor one with a name of its own', () => {
    const images = [...multi, image('other', { imageTags: ['v1'], imageManifestMediaType: INDEX }), image('named', { imageTags: ['v1-amd64'] })];
    const { doomed } = plan(images, [tagged('pr-*')], { children: { index: ['amd64', 'arm64', 'named'], other: ['arm64'] } });
    expect(doomed).toContain('amd64');
    expect(doomed).not.toContain('arm64');
    expect(doomed).not.toContain('named');
  });

  test('a platform that two indexes list goes with the second of them', () => {
    const images = [image('one', { imageTags: ['pr-1'], imageManifestMediaType: INDEX }), image('two', { imageTags: ['pr-2'], imageManifestMediaType: INDEX }), image('amd64')];
    expect(plan(images, [tagged('pr-*')], { children: { one: ['amd64'], two: ['amd64'] } }).doomed).toEqual(['one', 'two', 'amd64']);
  });

  test('indexes in indexes, to the bottom', () => {
    const images = [image('outer', { imageTags: ['pr-1'], imageManifestMediaType: INDEX }), image('inner', { imageManifestMediaType: INDEX }), image('leaf')];
    expect(plan(images, [tagged('pr-*')], { children: { outer: ['inner'], inner: ['leaf'] } }).roles).toEqual({ outer: 'selected', inner: 'child of outer', leaf: 'child of inner' });
    expect(plan(images, [tagged('pr-*')], { children: { outer: ['inner'] } }).unread).toEqual(['inner']);
    // Meant itself, and freed by what is meant.
    expect(plan(images, [tagged('pr-*'), { kind: 'digests', digests: [digest('leaf')] }], { children: { outer: ['inner'], inner: ['leaf'] } }).doomed.sort()).toEqual(['inner', 'leaf', 'outer']);
  });

  test('a signature that is protected stays', () => {
    expect(plan(multi, [tagged('pr-*')], { protectedDigests: [digest('indexsig')] }).kept).toEqual({ indexsig: 'PROTECTED_DIGEST' });
  });
});

describe('limits', () => {
  const images = [1, 2, 3, 4].map((n) => image(`i${n}`));
  const over = (settings: Partial<CleanupSettings>) => overLimits(plan(images, [UNTAGGED]).plan, { ...NOTHING, ...settings }).map(({ code }) => code);

  test('are reached without being passed', () => {
    expect([over({}), over({ maxImages: 4 }), over({ maxPercent: 100 })]).toEqual([[], [], []]);
    expect([over({ maxImages: 3 }), over({ maxPercent: 99 }), over({ maxImages: 0, maxPercent: 0 })]).toEqual([['DD-IMAGE-301'], ['DD-IMAGE-302'], ['DD-IMAGE-301', 'DD-IMAGE-302']]);
  });

  test('an empty repository passes every limit', () => {
    const nothing = planCleanup({ ...NOTHING, selections: [UNTAGGED] }, { images: [], now: NOW, children: new Map(), inUse: new Map() });
    expect(overLimits(nothing, { ...NOTHING, maxImages: 0, maxPercent: 0 })).toEqual([]);
  });
});

/** Repositories with indexes (nested ones too, and hostile cycles), referrers, tags, pulls and uses. */
const world = fc.integer({ min: 1, max: 12 }).chain((size) => fc.record({
  images: fc.tuple(...Array.from({ length: size }, (_, n) => fc.record({
    tags: fc.subarray(['pr-1', 'pr-2', 'v1', 'prod']).map((tags) => tags.map((tag) => `${tag}-${n}`)),
    days: fc.integer({ min: 0, max: 20 }),
    pulled: fc.option(fc.integer({ min: 0, max: 60 })),
    subject: fc.option(fc.integer({ min: 0, max: size - 1 })),
    children: fc.option(fc.subarray(Array.from({ length: size }, (__, i) => i))),
    isRead: fc.boolean(),
    isUsed: fc.boolean(),
  }))),
  selections: fc.subarray<CleanupSelection>([UNTAGGED, tagged('pr-*'), { ...tagged('*'), keepLatest: 2 }, { kind: 'digests', digests: [digest('i0'), digest('i1')] }], { minLength: 1 }),
}));

test('laws: nothing protected, nothing in use, nothing that a staying index lists, and nothing that is about a staying image ever goes', () => {
  fc.assert(fc.property(world, ({ images: records, selections }) => {
    const images = records.map(({ tags, days, pulled, subject, children }, n) => image(`i${n}`, {
      days, imageTags: tags,
      ...(pulled === null ? {} : { lastRecordedPullTime: daysAgo(pulled) }),
      ...(subject === null || subject === n ? {} : { subjectManifestDigest: digest(`i${subject}`) }),
      ...(children === null ? {} : { imageManifestMediaType: INDEX }),
    }));
    const known = new Map(records.flatMap(({ children, isRead }, n) => children !== null && isRead ? [[digest(`i${n}`), children.map((i) => digest(`i${i}`))] as const] : []));
    const inUse = new Map(records.flatMap(({ isUsed }, n) => isUsed ? [[digest(`i${n}`), ['x']] as const] : []));
    const settings: CleanupSettings = { selections, protectedTagPatterns: ['prod*'], protectedDigests: [digest('i2')], protectPulledWithinDays: 30 };
    const made = planCleanup(settings, { images, now: NOW, children: known, inUse });
    const gone = new Set(made.doomed.map((one) => one.image.imageDigest));
    expect(gone.size).toBe(made.doomed.length);
    for (const { image: one, follows, role } of made.doomed) {
      expect(inUse.has(one.imageDigest) || one.imageDigest === digest('i2') || (one.imageTags ?? []).some((tag) => tag.startsWith('prod'))).toBe(false);
      expect(one.lastRecordedPullTime === undefined || Date.parse(NOW) - Date.parse(one.lastRecordedPullTime as string) > 30 * DAY).toBe(true);
      expect(follows === undefined).toBe(role === 'selected');
      expect(follows === undefined || gone.has(follows)).toBe(true);
      const named = selections.some(({ digests }) => digests?.includes(one.imageDigest));
      const subject = images.some(({ imageDigest }) => imageDigest === one.subjectManifestDigest) ? one.subjectManifestDigest : undefined;
      expect(subject === undefined || named || gone.has(subject) || role === 'child').toBe(true);
      for (const [parent, list] of known) {
        expect(list.includes(one.imageDigest) && !gone.has(parent) && parent !== one.imageDigest).toBe(false);
      }
    }
    for (const { image: one } of made.kept) {
      expect(gone.has(one.imageDigest)).toBe(false);
    }
  }), { numRuns: 500 });
});
