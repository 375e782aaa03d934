import { evaluate } from '../../src/lifecycle/evaluate';
import { explain } from '../../src/lifecycle/explain';
import { ImageDetail, Inventory, PolicyDocument, Rule, Selection } from '../../src/lifecycle/model';

const NOW = '2026-01-31T12:00:00Z';
const ago = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();
const digest = (name: string) => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`;

function image(name: string, days: number, more: Partial<ImageDetail> = {}): ImageDetail {
  return { imageDigest: digest(name), imagePushedAt: ago(days), imageSizeInBytes: 100, ...more };
}

function rule(rulePriority: number, selection: Partial<Selection>, action: 'expire' | 'archive' = 'expire'): Rule {
  const days = selection.countType !== undefined && selection.countType !== 'imageCountMoreThan';
  return {
    rulePriority,
    selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1, ...(days && { countUnit: 'days' as const }), ...selection },
    action: action === 'archive' ? { type: 'transition', targetStorageClass: 'archive' } : { type: 'expire' },
  };
}

const policy = (...rules: Rule[]): PolicyDocument => ({ rules });
const OLDER_THAN_7 = policy(rule(1, { countType: 'sinceImagePushed', countNumber: 7 }));

function run(document: PolicyDocument, images: readonly ImageDetail[], manifestChildren: Record<string, string[]> = {}) {
  return evaluate(document, { imageDetails: images, manifestChildren }, NOW);
}

function names(images: readonly ImageDetail[], digests: Iterable<{ readonly imageDigest: string }>): string[] {
  const known = new Map(images.map(({ imageDigest }) => [imageDigest, Buffer.from(imageDigest.slice(7), 'hex').toString().replace(/\0/g, '')]));
  return [...digests].map(({ imageDigest }) => known.get(imageDigest)!);
}

test('an image of which only ECR knows that an index holds it stays, and goes later by no rule that we know of', () => {
  const images = [image('part', 20), image('other', 20), image('index', 20, { imageManifestMediaType: 'application/vnd.oci.image.index.v1+json' })];
  const evaluation = evaluate(OLDER_THAN_7, { imageDetails: images, heldImages: [digest('part'), digest('elsewhere')] }, NOW);
  expect(names(images, evaluation.actions)).toEqual(['other', 'index']);
  expect(evaluation.find(digest('part'))).toMatchObject({ outcome: 'KEEP', reason: 'HELD_BY_INDEX', heldBy: [], uncertain: ['HELD_BY_INDEX'] });
  expect(explain(evaluation.find(digest('part'))!, OLDER_THAN_7)).toMatch(/ECR's own preview leaves it/);
});

describe('indexes', () => {
  test('an index that stays holds its children, and says so', () => {
    const images = [image('child', 30), image('index', 1)];
    const evaluation = run(OLDER_THAN_7, images, { [digest('index')]: [digest('child')] });
    expect(evaluation.actions).toEqual([]);
    expect(evaluation.blocked).toEqual([{ imageDigest: digest('child'), action: 'EXPIRE', rulePriority: 1, heldBy: [digest('index')] }]);
    expect(evaluation.verdict(0)).toMatchObject({ outcome: 'KEEP', reason: 'HELD_BY_INDEX', heldAction: 'EXPIRE', uncertain: ['HELD_BY_INDEX'] });
  });

  test('an index that is not in the repository holds nothing', () => {
    const images = [image('child', 30)];
    expect(names(images, run(OLDER_THAN_7, images, { [digest('gone')]: [digest('child')] }).actions)).toEqual(['child']);
  });

  test('an index that names itself or one child twice holds once', () => {
    const images = [image('child', 30), image('index', 30)];
    const evaluation = run(OLDER_THAN_7, images, { [digest('index')]: [digest('index'), digest('child'), digest('child')] });
    expect(names(images, evaluation.actions)).toEqual(['index']);
    expect(evaluation.blocked[0].heldBy).toEqual([digest('index')]);
  });

  test('of nested indexes the outermost goes first and the others follow later', () => {
    const images = [image('leaf', 30), image('inner', 30), image('outer', 30), image('other', 1)];
    const evaluation = run(OLDER_THAN_7, images, { [digest('outer')]: [digest('inner')], [digest('inner')]: [digest('leaf')] });
    expect(names(images, evaluation.actions)).toEqual(['outer']);
    expect(names(images, evaluation.blocked)).toEqual(['leaf', 'inner']);
    expect(evaluation.find(digest('leaf'))!.uncertain).toContain('INDEX_GOES_FIRST');
    expect(evaluation.find(digest('inner'))!.uncertain).toContain('INDEX_GOES_FIRST');
  });

  test('one index that stays is enough to hold a child that others would free', () => {
    const images = [image('child', 30), image('old', 30), image('new', 1)];
    const evaluation = run(OLDER_THAN_7, images, { [digest('old')]: [digest('child')], [digest('new')]: [digest('child')] });
    expect(evaluation.blocked[0].heldBy).toEqual([digest('new'), digest('old')].sort());
    expect(evaluation.find(digest('child'))!.uncertain).toEqual(['HELD_BY_INDEX']);
  });

  test('indexes that list each other never free each other', () => {
    const images = [image('a', 30), image('b', 30)];
    const evaluation = run(OLDER_THAN_7, images, { [digest('a')]: [digest('b')], [digest('b')]: [digest('a')] });
    expect(evaluation.actions).toEqual([]);
    expect(evaluation.summary.uncertain).toEqual({ HELD_BY_INDEX: 2 });
  });

  test('an archived index lets its children be archived, not expired', () => {
    const images = [image('child', 30), image('index', 30, { imageStatus: 'ARCHIVED', lastArchivedAt: ago(3) })];
    const children = { [digest('index')]: [digest('child')] };
    const archive = policy(rule(1, { countType: 'sinceImagePushed', countNumber: 7 }, 'archive'));
    expect(run(archive, images, children).actions).toEqual([{ imageDigest: digest('child'), action: 'TRANSITION', rulePriority: 1 }]);
    expect(run(OLDER_THAN_7, images, children).actions).toEqual([]);
  });

  test('an index about to be archived frees a child that would be archived, not one that would expire', () => {
    const images = [image('child', 30), image('index', 30, { imageTags: ['v1'] })];
    const children = { [digest('index')]: [digest('child')] };
    const archiveTagged = rule(1, { tagStatus: 'tagged', tagPatternList: ['v*'], countType: 'sinceImagePushed', countNumber: 7 }, 'archive');
    const untagged = (action: 'expire' | 'archive') => policy(archiveTagged, rule(2, { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 7 }, action));
    expect(run(untagged('archive'), images, children).verdict(0).uncertain).toContain('INDEX_GOES_FIRST');
    expect(run(untagged('expire'), images, children).verdict(0).uncertain).not.toContain('INDEX_GOES_FIRST');
  });
});

describe('referrers', () => {
  const TAGGED = policy(rule(1, { tagStatus: 'tagged', tagPatternList: ['v*'], countType: 'sinceImagePushed', countNumber: 7 }));

  test('follow their subject, and referrers of referrers follow them', () => {
    const images = [
      image('subject', 30, { imageTags: ['v1'] }),
      image('signature', 1, { subjectManifestDigest: digest('subject') }),
      image('proof', 1, { subjectManifestDigest: digest('signature') }),
      image('stray', 1, { subjectManifestDigest: digest('nowhere') }),
    ];
    const evaluation = run(TAGGED, images);
    expect(evaluation.cascade).toEqual([
      { imageDigest: digest('signature'), action: 'EXPIRE', becauseOf: digest('subject') },
      { imageDigest: digest('proof'), action: 'EXPIRE', becauseOf: digest('signature') },
    ]);
    expect(evaluation.verdict(2)).toMatchObject({ outcome: 'EXPIRE', reason: 'FOLLOWS_SUBJECT', rulePriority: 1, uncertain: ['REFERRER_CASCADE'] });
    expect(evaluation.verdict(3).reason).toBe('NO_RULE');
  });

  test('of a subject that an index holds stay with it', () => {
    const images = [image('index', 1), image('subject', 30, { imageTags: ['v1'] }), image('signature', 1, { subjectManifestDigest: digest('subject') })];
    const evaluation = run(TAGGED, images, { [digest('index')]: [digest('subject')] });
    expect(names(images, evaluation.blocked)).toEqual(['subject']);
    expect(evaluation.cascade).toEqual([]);
  });

  test('that an index holds do not follow, and are marked', () => {
    const images = [image('subject', 30, { imageTags: ['v1'] }), image('signature', 1, { subjectManifestDigest: digest('subject') }), image('index', 1)];
    const evaluation = run(TAGGED, images, { [digest('index')]: [digest('signature')] });
    expect(evaluation.cascade).toEqual([]);
    expect(evaluation.verdict(1)).toMatchObject({ outcome: 'KEEP', uncertain: ['REFERRER_CASCADE', 'HELD_BY_INDEX'] });
  });

  test('marked by a rule of their own go by that rule, unless their subject goes further', () => {
    const images = [image('subject', 30, { imageTags: ['v1'] }), image('signature', 30, { subjectManifestDigest: digest('subject') })];
    const untagged = (action: 'expire' | 'archive') => rule(2, { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 7 }, action);
    expect(run(policy(...TAGGED.rules, untagged('expire')), images)).toMatchObject({ cascade: [], actions: [{ rulePriority: 1 }, { rulePriority: 2 }] });
    expect(run(policy(...TAGGED.rules, untagged('archive')), images)).toMatchObject({
      cascade: [{ imageDigest: digest('signature'), action: 'EXPIRE' }], actions: [{ rulePriority: 1 }],
    });
  });

  test('already archived have nothing to follow when their subject is archived', () => {
    const images = [
      image('subject', 30, { imageTags: ['v1'] }),
      image('signature', 30, { subjectManifestDigest: digest('subject'), imageStatus: 'ARCHIVED', lastArchivedAt: ago(1) }),
    ];
    const archive = policy(rule(1, { tagStatus: 'tagged', tagPatternList: ['v*'], countType: 'sinceImagePushed', countNumber: 7 }, 'archive'));
    expect(run(archive, images).cascade).toEqual([]);
    expect(run(TAGGED, images).cascade).toHaveLength(1);
  });

  test('that an archived index keeps from expiring still follow their subject into the archive', () => {
    const images = [
      image('subject', 30, { imageTags: ['v1'] }),
      image('signature', 30, { subjectManifestDigest: digest('subject') }),
      image('index', 30, { imageStatus: 'ARCHIVED', lastArchivedAt: ago(1) }),
    ];
    const archive = rule(1, { tagStatus: 'tagged', tagPatternList: ['v*'], countType: 'sinceImagePushed', countNumber: 7 }, 'archive');
    const untagged = rule(2, { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 7 });
    const evaluation = run(policy(archive, untagged), images, { [digest('index')]: [digest('signature')] });
    expect(evaluation.blocked).toEqual([]);
    expect(evaluation.cascade).toEqual([{ imageDigest: digest('signature'), action: 'TRANSITION', becauseOf: digest('subject') }]);
    expect(evaluation.summary).toMatchObject({ transitions: 2, keeps: 1, blocked: 0 });
  });

  test('in a circle or about themselves end nothing and loop nowhere', () => {
    const images = [
      image('a', 30, { imageTags: ['v1'], subjectManifestDigest: digest('b') }),
      image('b', 1, { subjectManifestDigest: digest('a') }),
      image('self', 1, { subjectManifestDigest: digest('self') }),
    ];
    expect(names(images, run(TAGGED, images).cascade)).toEqual(['b']);
  });
});

describe('depth', () => {
  test('chains of indexes and of referrers may be as long as the repository', () => {
    const length = 20_000;
    const chain = Array.from({ length }, (_, n) => `sha256:${String(n).padStart(64, '0')}`);
    const images = chain.map((imageDigest) => ({ imageDigest, imagePushedAt: ago(30) }));
    const children = Object.fromEntries(chain.slice(1).map((child, n) => [chain[n], [child]]));
    const nested = run(OLDER_THAN_7, images, children);
    expect(nested.actions).toHaveLength(1);
    expect(nested.summary.uncertain.INDEX_GOES_FIRST).toBe(length - 1);

    const tagged = policy(rule(1, { tagStatus: 'tagged', tagPatternList: ['v'], countType: 'sinceImagePushed', countNumber: 7 }));
    const referrers = images.map((one, n) => n === 0 ? { ...one, imageTags: ['v'] } : { ...one, subjectManifestDigest: chain[n - 1] });
    const followed = run(tagged, referrers);
    expect(followed.cascade).toHaveLength(length - 1);
    expect(followed.verdict(length - 1)).toMatchObject({ becauseOf: chain[length - 2], rulePriority: 1 });
  });

  test('digests that differ where no hash looks are told apart', () => {
    const middle = Array.from({ length: 3_000 }, (_, n) => `sha256:aaaaaa${String(n).padStart(40, '0')}${'b'.repeat(18)}`);
    const images = middle.map((imageDigest, n) => ({ imageDigest, imagePushedAt: ago(n / 100) }));
    const evaluation = run(policy(rule(1, { countNumber: 3_000 - 1 })), images);
    expect(evaluation.actions.map((action) => action.imageDigest)).toEqual([middle[2_999]]);
    middle.forEach((imageDigest, n) => expect(evaluation.find(imageDigest)!.rank).toBe(n + 1));
    expect(() => run(OLDER_THAN_7, [...images, images[7]])).toThrow(/DD-INVENTORY-005.*3000.*listed twice/);
  });
});

describe('counts', () => {
  test('ties are broken by digest, and those at the cut are marked', () => {
    const images = Array.from({ length: 60 }, (_, n) => image(`t${n}`, 5)).reverse();
    images.push(image('young', 1), image('old', 9));
    const evaluation = run(policy(rule(1, { countNumber: 11 })), images);
    const kept = [...evaluation.verdicts()].filter((verdict) => verdict.outcome === 'KEEP').sort((a, b) => a.rank! - b.rank!);
    const ordered = images.slice(0, 60).map((one) => one.imageDigest).sort();
    expect(kept.map((verdict) => verdict.imageDigest)).toEqual([digest('young'), ...ordered.slice(0, 10)]);
    expect(evaluation.summary.uncertain).toEqual({ TIE_AT_CUT: 60 });
    expect(evaluation.find(digest('old'))!.uncertain).toEqual([]);
    expect(run(policy(rule(1, { countNumber: 61 })), images).summary.uncertain).toEqual({});
  });

  test('digests of another algorithm are ordered as texts, before sha256 or after', () => {
    const digests = ['sha512:b', 'sha256:short', digest('x'), digest('y'), 'blake3:a'];
    const images = digests.map((imageDigest) => ({ imageDigest, imagePushedAt: ago(5) }));
    const order = [...run(policy(rule(1, { countNumber: 5 })), images).verdicts()].sort((a, b) => a.rank! - b.rank!).map((verdict) => verdict.imageDigest);
    expect(order.slice(0, 3)).toEqual(['blake3:a', 'sha256:short', 'sha512:b']);
    expect(order.slice(3)).toEqual([digest('x'), digest('y')]);
  });

  test('centuries between pushes are sorted as well as seconds', () => {
    const images = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-01-31T11:59:59.999Z', '2026-01-31T11:59:59.998Z', '1970-01-01T00:00:00Z']
      .map((imagePushedAt, n) => ({ imageDigest: `sha256:${n}`, imagePushedAt }));
    expect([...run(policy(rule(1, { countNumber: 9 })), images).verdicts()].map((verdict) => verdict.rank)).toEqual([5, 1, 2, 3, 4]);
  });

  test('an image past the cut only because of referrers before it is marked', () => {
    const images = [image('new', 1), image('signature', 2, { subjectManifestDigest: digest('new') }), image('old', 3), image('oldest', 9)];
    const evaluation = run(policy(rule(1, { countNumber: 2 })), images);
    expect(evaluation.verdict(1).uncertain).toEqual(['REFERRER_SELECTED']);
    expect(evaluation.verdict(2)).toMatchObject({ outcome: 'EXPIRE', uncertain: ['REFERRER_SELECTED'] });
    expect(evaluation.verdict(3)).toMatchObject({ outcome: 'EXPIRE', uncertain: [] });
  });
});

describe('ages', () => {
  const DAYS_7 = 7;
  test.each([
    [6, 'KEEP', []], [6.5, 'KEEP', ['DAY_BOUNDARY']], [DAYS_7, 'KEEP', ['DAY_BOUNDARY']], [7.5, 'EXPIRE', ['DAY_BOUNDARY']], [8, 'EXPIRE', []],
  ])('an image of %d days: %s, uncertain: %j', (age, outcome, uncertain) => {
    expect(run(OLDER_THAN_7, [image('a', age)]).verdict(0)).toMatchObject({ outcome, uncertain, ageDays: age, limitDays: 7, ageFrom: 'PUSHED' });
  });

  test('a pull counts for sinceImagePulled, a restoration after it counts more, and a push where there was none', () => {
    const archive = policy(rule(1, { countType: 'sinceImagePulled', countNumber: 7 }, 'archive'));
    const images = [
      image('pulled', 90, { lastRecordedPullTime: ago(3) }),
      image('never', 90),
      image('restored', 90, { lastRecordedPullTime: ago(40), lastArchivedAt: ago(30), lastActivatedAt: ago(5) }),
      image('pulled since', 90, { lastRecordedPullTime: ago(2), lastArchivedAt: ago(30), lastActivatedAt: ago(5) }),
      image('slack', 90, { lastRecordedPullTime: ago(7.5) }),
    ];
    expect([...run(archive, images).verdicts()].map(({ outcome, ageDays, ageFrom, uncertain }) => [outcome, ageDays, ageFrom, uncertain])).toEqual([
      ['KEEP', 3, 'PULLED', []],
      ['TRANSITION', 90, 'PUSHED', []],
      ['KEEP', 5, 'RESTORED', ['RESTORED_AGE']],
      ['KEEP', 2, 'PULLED', []],
      ['TRANSITION', 7.5, 'PULLED', ['DAY_BOUNDARY', 'PULL_TIME_SLACK']],
    ]);
  });

  test('a restored image is as young as its restoration, in ages and in counts', () => {
    const images = [image('restored', 90, { lastActivatedAt: ago(2) }), image('plain', 5)];
    expect(run(OLDER_THAN_7, images).verdict(0)).toMatchObject({ outcome: 'KEEP', ageFrom: 'RESTORED', uncertain: ['RESTORED_AGE'] });
    expect(run(policy(rule(1, { countNumber: 1 })), images).verdict(0)).toMatchObject({ rank: 1, uncertain: ['RESTORED_AGE'] });
  });

  test('an image that is being restored is still of the archive, and marked', () => {
    const images = [image('a', 400, { imageStatus: 'ACTIVATING', lastArchivedAt: ago(380) })];
    const expireArchive = policy(rule(1, { storageClass: 'archive', countType: 'sinceImageTransitioned', countNumber: 365 }));
    expect(run(OLDER_THAN_7, images).verdict(0)).toMatchObject({ reason: 'NO_RULE', uncertain: ['ACTIVATING'] });
    expect(run(expireArchive, images).verdict(0)).toMatchObject({ outcome: 'EXPIRE', ageFrom: 'ARCHIVED', ageDays: 380 });
  });

  test('an image pushed after now is no age and stays', () => {
    expect(run(OLDER_THAN_7, [image('a', -3)]).verdict(0)).toMatchObject({ outcome: 'KEEP', ageDays: -3 });
  });
});

describe('summary', () => {
  const images = [
    image('expires', 30, { imageSizeInBytes: 1000 }),
    image('expires too', 20, { imageSizeInBytes: 300 }),
    image('kept', 2, { imageSizeInBytes: 250, imageTags: ['v1'] }),
    image('index', 1, { imageSizeInBytes: 250, imageManifestMediaType: 'application/vnd.oci.image.index.v1+json' }),
  ];

  test('bytes: at most the sum, at least what nothing that stays can share', () => {
    expect(run(OLDER_THAN_7, images).summary.expiringBytes).toEqual({ min: 750, max: 1300, unknown: 0 });
  });

  test('an index has no bytes of its own, whether the media type or its children say that it is one', () => {
    const children = { [digest('kept')]: [digest('expires')] };
    const bare = images.map((one) => ({ ...one, imageManifestMediaType: undefined }));
    expect(run(OLDER_THAN_7, bare).summary.expiringBytes.min).toBe(500);
    expect(run(OLDER_THAN_7, bare, { [digest('kept')]: [digest('index')] }).summary.expiringBytes.min).toBe(750);
    expect(run(OLDER_THAN_7, images, children).summary.expiringBytes).toEqual({ min: 0, max: 300, unknown: 0 });
  });

  test('sizes that are not recorded are counted as unknown and bound nothing from below', () => {
    const unsized = images.map((one, n) => n === 1 || n === 2 ? { ...one, imageSizeInBytes: undefined } : one);
    expect(run(OLDER_THAN_7, unsized).summary.expiringBytes).toEqual({ min: 0, max: 1000, unknown: 1 });
  });

  test('the oldest survivor is the oldest of the standard class that neither goes nor is archived', () => {
    const archived = image('archived', 300, { imageStatus: 'ARCHIVED', lastArchivedAt: ago(100) });
    expect(run(OLDER_THAN_7, [archived, ...images]).summary.oldestSurvivor).toEqual({
      imageDigest: digest('kept'), imageTags: ['v1'], imagePushedAt: '2026-01-29T12:00:00Z',
    });
    expect(run(OLDER_THAN_7, images.slice(0, 2)).summary.oldestSurvivor).toBeUndefined();
  });

  test('an empty repository is nothing to judge', () => {
    const evaluation = run(OLDER_THAN_7, []);
    expect(evaluation.summary).toMatchObject({ images: 0, expires: 0, keeps: 0, rules: [{ rulePriority: 1, selected: 0, owned: 0 }] });
    expect(evaluation.verdicts()[Symbol.iterator]().next().done).toBe(true);
    expect(() => evaluation.verdict(0)).toThrow(RangeError);
  });
});

describe('find', () => {
  const images = [image('a', 1, { imageTags: ['v1', 'latest'] }), image('b', 2, { imageTags: ['abcdef'] }), image('c', 2)];
  const evaluation = run(OLDER_THAN_7, images);

  test('by digest, by tag, by the beginning of a digest', () => {
    expect(evaluation.find(digest('a'))!.imageTags).toEqual(['v1', 'latest']);
    expect(evaluation.find('latest')!.imageDigest).toBe(digest('a'));
    expect(evaluation.find(digest('c').slice(0, 15))!.imageDigest).toBe(digest('c'));
    expect(evaluation.find(digest('c').slice(7, 20))!.imageDigest).toBe(digest('c'));
    expect(evaluation.find('abcdef')!.imageDigest).toBe(digest('b'));
  });

  test('nothing, rather than a guess', () => {
    expect(evaluation.find('v2')).toBeUndefined();
    expect(evaluation.find('')).toBeUndefined();
    expect(evaluation.find('63000')).toBeUndefined();
    const alike = run(OLDER_THAN_7, ['1', '2'].map((end) => ({ imageDigest: `sha256:${'ab'.repeat(30)}${end}`, imagePushedAt: ago(1) })));
    expect(alike.find('abababab')).toBeUndefined();
    expect(alike.find(`${'ab'.repeat(30)}2`)!.imageDigest).toMatch(/2$/);
  });
});

describe('what cannot be judged is refused', () => {
  const broken = (more: Record<string, unknown>): Inventory => ({ imageDetails: [image('a', 9), { ...image('b', 9), ...more } as ImageDetail] });
  const ARCHIVE = policy(rule(1, { storageClass: 'archive', countType: 'sinceImageTransitioned', countNumber: 365 }));
  const PULLED = policy(rule(1, { countType: 'sinceImagePulled', countNumber: 7 }, 'archive'));
  test.each<[string, PolicyDocument, Inventory, RegExp]>([
    ['an unreadable push time', OLDER_THAN_7, broken({ imagePushedAt: 'yesterday' }), /DD-INVENTORY-003 at \/imageDetails\/1/],
    ['no push time', OLDER_THAN_7, broken({ imagePushedAt: undefined }), /DD-INVENTORY-003/],
    ['an unreadable restoration', OLDER_THAN_7, broken({ lastActivatedAt: 'x' }), /DD-INVENTORY-003/],
    ['an unreadable push time behind a readable restoration', OLDER_THAN_7, broken({ imagePushedAt: 'x', lastActivatedAt: ago(1) }), /DD-INVENTORY-003/],
    ['an unreadable pull time where pulls count', PULLED, broken({ lastRecordedPullTime: '?' }), /DD-INVENTORY-003 at \/imageDetails\/1\/lastRecordedPullTime/],
    ['no archive time where it counts', ARCHIVE, broken({ imageStatus: 'ARCHIVED' }), /DD-INVENTORY-008 at \/imageDetails\/1\/lastArchivedAt/],
    ['two repositories', OLDER_THAN_7, { imageDetails: [image('a', 1, { repositoryName: 'x' }), image('b', 1, { repositoryName: 'y' })] }, /DD-INVENTORY-007.*x and of y/],
    ['an image listed twice', OLDER_THAN_7, { imageDetails: [image('a', 1), image('a', 1)] }, /DD-INVENTORY-005/],
    ['a policy without a meaning', { rules: [{ ...OLDER_THAN_7.rules[0], selection: { ...OLDER_THAN_7.rules[0].selection, countNumber: '7' as never } }] }, broken({}), /DD-LIFECYCLE-007/],
    ['priorities that are the same', policy(rule(1, { tagStatus: 'untagged' }), rule(1, {})), broken({}), /DD-LIFECYCLE-008/],
  ])('%s', (_, document, inventory, message) => {
    expect(() => evaluate(document, inventory, NOW)).toThrow(message);
  });

  test('a time to judge at that is none', () => {
    expect(() => evaluate(OLDER_THAN_7, { imageDetails: [] }, 'now')).toThrow(/DD-INVENTORY-003 at now/);
    expect(() => evaluate(OLDER_THAN_7, { imageDetails: [] }, Date.parse(NOW))).toThrow(/DD-INVENTORY-003/);
  });

  test('what ECR alone would refuse is evaluated all the same', () => {
    const twice = policy(rule(1, { tagStatus: 'tagged', tagPrefixList: ['v'] }), rule(2, { tagStatus: 'tagged', tagPrefixList: ['v'] }));
    expect(run(twice, [image('a', 1, { imageTags: ['v1'] })]).verdict(0).shieldedFrom).toEqual([2]);
  });
});
