import * as fc from 'fast-check';
import { inventory as anyInventory, NOW as SECONDS, policy as anyPolicy } from './arbitraries';
import { evaluate } from '../../src/lifecycle/evaluate';
import { explain, ordinal } from '../../src/lifecycle/explain';
import { ImageDetail, PolicyDocument, Rule } from '../../src/lifecycle/model';

const NOW = '2026-01-31T12:00:00Z';
const ago = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();
const EXPIRE = { type: 'expire' } as const;
const ARCHIVE = { type: 'transition', targetStorageClass: 'archive' } as const;

function sentence(rules: readonly Rule[], images: readonly Partial<ImageDetail>[], place: number, manifestChildren?: Record<string, string[]>): string {
  const policy: PolicyDocument = { rules };
  const imageDetails = images.map((image, n): ImageDetail => ({ imageDigest: `sha256:${n}`, imagePushedAt: ago(n + 1), ...image }));
  return explain(evaluate(policy, { imageDetails, manifestChildren }, NOW).verdict(place), policy);
}

const KEEP_10: Rule = { rulePriority: 1, selection: { tagStatus: 'tagged', tagPatternList: ['prod*'], countType: 'imageCountMoreThan', countNumber: 10 }, action: EXPIRE };
const UNTAGGED: Rule = {
  rulePriority: 3, description: 'untagged older than 14 days',
  selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 }, action: EXPIRE,
};
const ANY: Rule = { rulePriority: 5, selection: { tagStatus: 'any', countType: 'sinceImagePulled', countUnit: 'days', countNumber: 30 }, action: ARCHIVE };
const ANY_TAGGED: Rule = { ...ANY, selection: { ...ANY.selection, tagStatus: 'tagged', tagPatternList: ['*'] } };
const RULES = [KEEP_10, UNTAGGED, ANY];
const PROD = Array.from({ length: 12 }, (_, n) => ({ imageTags: [`prod-${n}`] }));

describe('a sentence says what happens, by which rule and by what measure', () => {
  test('kept by a count, and shielded', () => {
    expect(sentence(RULES, PROD, 3)).toBe('Kept by rule 1: 4th newest of 12 images tagged prod*, 10 are kept; this also shields it from rule 5.');
  });

  test('expired by a count', () => {
    expect(sentence(RULES, PROD, 11)).toBe('Expires: 12th newest of 12 images tagged prod*, rule 1 (`images tagged prod*`) keeps 10.');
  });

  test('one image is singular', () => {
    const one = { ...KEEP_10, selection: { ...KEEP_10.selection, countNumber: 1 } };
    expect(sentence([one], PROD.slice(0, 1), 0)).toBe('Kept by rule 1: 1st newest of 1 image tagged prod*, 1 is kept.');
  });

  test('expired by age, by the description of the rule', () => {
    expect(sentence(RULES, [{ imagePushedAt: ago(97.6) }], 0)).toBe('Expires: pushed 97 days ago, rule 3 (`untagged older than 14 days`) keeps 14 days.');
  });

  test('kept by age', () => {
    expect(sentence(RULES, [{ imagePushedAt: ago(3.25) }], 0)).toBe('Kept by rule 3: pushed 3.2 days ago, untagged images are kept 14 days; this also shields it from rule 5.');
  });

  test.each<[string, Partial<ImageDetail>, string]>([
    ['pulled', { lastRecordedPullTime: ago(40) }, 'Is archived: last pulled 40 days ago, rule 5 (`images`) keeps 30 days.'],
    ['never pulled', {}, 'Is archived: never pulled, pushed 60 days ago, rule 5 (`images`) keeps 30 days.'],
    ['restored', { lastActivatedAt: ago(10) }, 'Kept by rule 5: not pulled since it was restored from the archive 10 days ago, images are kept 30 days. Its age is counted from its restoration from the archive.'],
  ])('%s', (_, image, expected) => {
    expect(sentence(RULES, [{ imageTags: ['x'], imagePushedAt: ago(60), ...image }], 0)).toBe(expected);
  });

  test('no rule', () => {
    expect(sentence([KEEP_10], [{ imageTags: ['x'] }], 0)).toBe('Kept: no rule selects it.');
  });

  test('archived images, several entries, prefixes', () => {
    const rule: Rule = {
      rulePriority: 7, action: EXPIRE,
      selection: { tagStatus: 'tagged', tagPrefixList: ['v', 'w'], storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 90 },
    };
    expect(sentence([rule], [{ imageTags: ['v1', 'w1'], imageStatus: 'ARCHIVED', lastArchivedAt: ago(12) }], 0))
      .toBe('Kept by rule 7: archived 12 days ago, archived images tagged v* and w* are kept 90 days.');
  });

  test('held by indexes', () => {
    const images = [{ imagePushedAt: ago(50) }, { imageTags: ['prod'] }, { imageTags: ['prod-2'] }];
    expect(sentence(RULES, images, 0, { 'sha256:1': ['sha256:0'] })).toBe(
      'Kept for now: rule 3 would expire it (pushed 50 days ago, rule 3 (`untagged older than 14 days`) keeps 14 days), but the index sha256:1 still lists it. '
      + 'ECR removes no image before the indexes that list it.');
    expect(sentence(RULES, images, 0, { 'sha256:1': ['sha256:0'], 'sha256:2': ['sha256:0'] })).toContain('but the indexes sha256:1 and sha256:2 still list it.');
  });

  test('a follower', () => {
    const images = [{ imageTags: ['x'], imagePushedAt: ago(60) }, { subjectManifestDigest: 'sha256:0', imagePushedAt: ago(1) }];
    expect(sentence([ANY_TAGGED], images, 1)).toBe('Is archived: it refers to sha256:0, which goes by rule 5. ECR lets referrers follow their subject within 24 hours.');
  });

  test('uncertainty in words', () => {
    const tie = Array.from({ length: 12 }, (_, n) => ({ imageTags: [`prod-${n}`], imagePushedAt: ago(5) }));
    expect(sentence(RULES, tie, 0)).toMatch(/Uncertain: it was pushed at the same moment/);
    expect(sentence(RULES, [{ imagePushedAt: ago(14.5) }], 0)).toMatch(/14 days ago.*Uncertain: it is within a day of the limit/);
  });
});

test('every verdict has a sentence, and it names its rule', () => {
  fc.assert(fc.property(anyPolicy, anyInventory, (policy, inventory) => {
    for (const verdict of evaluate(policy, inventory, SECONDS).verdicts()) {
      const text = explain(verdict, policy);
      expect(text).toMatch(/^(Kept|Kept for now|Kept by rule \d+|Expires|Is archived): .*\.$/);
      expect(text).not.toMatch(/undefined|NaN|null|Infinity/);
      expect(text.includes(`rule ${verdict.rulePriority}`)).toBe(verdict.rulePriority !== undefined);
      expect(text.startsWith('Kept')).toBe(verdict.outcome === 'KEEP');
    }
  }));
});

test('ordinals', () => {
  expect([1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 23, 101, 111, 112, 1_003].map(ordinal)).toEqual(
    ['1st', '2nd', '3rd', '4th', '10th', '11th', '12th', '13th', '21st', '22nd', '23rd', '101st', '111th', '112th', '1003rd']);
});
