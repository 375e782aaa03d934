import * as fc from 'fast-check';
import { ImageDetail, Inventory, PolicyDocument, Rule, Selection } from '../../src/lifecycle/model';

/** 2026-01-31T12:00:00Z; all generated times lie before it, many of them equal or on a boundary of days. */
export const NOW = Date.UTC(2026, 0, 31, 12) / 1000;
const DAY = 86_400;

/** Few letters, so that tags, prefixes and patterns meet. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '1'), minLength: 1, maxLength: 4 });
const tag = fc.oneof(word, fc.constantFrom('prod', 'prod-1', 'latest', 'a.b', 'v1.2.3', 'pröd', '+x'));
export const pattern = fc.oneof(
  fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('').replace(/\*+/g, '*')),
  fc.constantFrom('*', 'prod*', '*prod', 'a*b*', 'v*.*', 'latest', 'pr\u00f6*', '*\u00f6d', 'a.b', '+*', 'a*\u00f6*1'),
).filter((text) => text.split('*').length <= 5);
const prefix = fc.oneof(word, fc.constantFrom('prod', 'p', 'a', 'v1', 'a*', 'prö', 'lat'));

const days = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((n) => n * DAY),
  fc.integer({ min: 0, max: 12 * DAY }),
  fc.integer({ min: 1, max: 12 }).map((n) => n * DAY + 1),
);
const pushedAt = days.map((age) => NOW - age);

function digest(n: number): string {
  return `sha256:${n.toString(16).padStart(8, '0').split('').reverse().join('').repeat(8)}`;
}

const image = fc.record({
  imageTags: fc.option(fc.array(tag, { minLength: 0, maxLength: 3 }), { nil: undefined, freq: 3 }),
  imagePushedAt: pushedAt,
  imageSizeInBytes: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined, freq: 8 }),
  imageManifestMediaType: fc.constantFrom(undefined, 'application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.index.v1+json'),
  pulled: fc.option(days, { nil: undefined }),
  imageStatus: fc.constantFrom(undefined, 'ACTIVE', 'ACTIVE', 'ARCHIVED', 'ACTIVATING') as fc.Arbitrary<ImageDetail['imageStatus']>,
  archived: fc.oneof(days, fc.integer({ min: 80, max: 100 }).map((n) => n * DAY)),
  restored: fc.option(days, { nil: undefined, freq: 2 }),
  subject: fc.option(fc.nat({ max: 14 }), { nil: undefined, freq: 3 }),
});

/** A repository of few images that hold, refer to and tie with one another. */
export const inventory: fc.Arbitrary<Inventory> = fc.tuple(
  fc.array(image, { maxLength: 14 }),
  fc.array(fc.tuple(fc.nat({ max: 15 }), fc.array(fc.nat({ max: 15 }), { minLength: 1, maxLength: 4 })), { maxLength: 4 }),
).map(([images, indexes]) => ({
  imageDetails: images.map(({ pulled, archived, restored, subject, ...rest }, n): ImageDetail => dropUndefined({
    imageDigest: digest(n),
    ...rest,
    lastRecordedPullTime: pulled === undefined ? undefined : NOW - pulled,
    lastArchivedAt: rest.imageStatus === 'ARCHIVED' || rest.imageStatus === 'ACTIVATING' ? NOW - archived : undefined,
    lastActivatedAt: restored === undefined ? undefined : NOW - restored,
    subjectManifestDigest: subject === undefined ? undefined : digest(subject),
  })),
  manifestChildren: Object.fromEntries(indexes.map(([index, children]) => [digest(index), children.map(digest)])),
}));

const tagged = fc.oneof(
  fc.array(pattern, { minLength: 1, maxLength: 3 }).map((tagPatternList) => ({ tagStatus: 'tagged' as const, tagPatternList })),
  fc.array(prefix, { minLength: 1, maxLength: 2 }).map((tagPrefixList) => ({ tagStatus: 'tagged' as const, tagPrefixList })),
);

/** The counting half of a rule for images of the standard class, and its action. */
const counting = fc.tuple(
  fc.constantFrom('imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled'),
  fc.integer({ min: 1, max: 6 }),
  fc.boolean(),
).map(([countType, countNumber, expire]) => ({
  selection: { countType, countNumber, ...(countType !== 'imageCountMoreThan' && { countUnit: 'days' as const }) } as Selection,
  action: expire && countType !== 'sinceImagePulled'
    ? { type: 'expire' } as const
    : { type: 'transition', targetStorageClass: 'archive' } as const,
}));
const archiveCounting = fc.integer({ min: 90, max: 95 }).map((countNumber) => ({
  selection: { storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber } as Selection,
  action: { type: 'expire' } as const,
}));

type Part = { readonly selection: Selection; readonly action: Rule['action'] };

function ruleOf(what: Partial<Selection>, { selection, action }: Part): Part {
  return { selection: { ...what, ...selection } as Selection, action };
}

function rulesOfClass(parts: fc.Arbitrary<Part>): fc.Arbitrary<readonly Part[]> {
  return fc.tuple(
    fc.array(fc.tuple(tagged, parts).map(([what, part]) => ruleOf(what, part)), { maxLength: 6 }),
    fc.option(parts.map((part) => ruleOf({ tagStatus: 'untagged' }, part))),
    fc.option(parts.map((part) => ruleOf({ tagStatus: 'any' }, part))),
    fc.nat(),
  ).map(([some, untagged, any, place]) => {
    const at = place % (some.length + 1);
    return [...some.slice(0, at), ...(untagged ? [untagged] : []), ...some.slice(at), ...(any ? [any] : [])];
  });
}

/** Policies that ECR accepts but for the uniqueness of lists, in any order of rules. */
export const policy: fc.Arbitrary<PolicyDocument> = fc.tuple(rulesOfClass(counting), rulesOfClass(archiveCounting), fc.integer({ min: 1, max: 5 }), fc.nat())
  .filter(([standard, archive]) => standard.length + archive.length > 0)
  .map(([standard, archive, gap, turn]) => {
    const rules = [...standard, ...archive].map((part, n) => ({ rulePriority: (n + 1) * gap, ...part }));
    const at = turn % rules.length;
    return { rules: [...rules.slice(at), ...rules.slice(0, at)] };
  });

function dropUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
