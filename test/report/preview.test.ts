import * as fc from 'fast-check';
import { policyHash } from '../../src/digest';
import { compare } from '../../src/lifecycle/compare';
import { evaluate } from '../../src/lifecycle/evaluate';
import { lint } from '../../src/lifecycle/lint';
import { ImageDetail, Inventory, PolicyDocument, Rule } from '../../src/lifecycle/model';
import { evaluationPreview } from '../../src/report/evaluation-preview';
import { previewReport } from '../../src/report/preview-report';
import { ruleText } from '../../src/report/rule-text';
import { renderText } from '../../src/report/text';
import * as arbitraries from '../lifecycle/arbitraries';

const NOW = new Date('2026-01-31T12:00:00Z');
const digest = (name: string) => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`;
const image = (name: string, daysAgo: number, more: Partial<ImageDetail> = {}): ImageDetail => ({
  repositoryName: 'shop/api', imageDigest: digest(name), imageTags: [name], imagePushedAt: new Date(NOW.getTime() - daysAgo * 86_400_000).toISOString(), imageSizeInBytes: 40_000_000, ...more,
});
const untagged = (name: string, daysAgo: number, more: Partial<ImageDetail> = {}) => image(name, daysAgo, { imageTags: undefined, ...more });
const rule = (rulePriority: number, selection: Partial<Rule['selection']>, more: Partial<Rule> = {}): Rule => ({
  rulePriority, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1, ...selection }, action: { type: 'expire' }, ...more,
});
const older = (days: number) => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber: days } as const);

const INVENTORY: Inventory = {
  imageDetails: [
    image('prod', 300, { lastRecordedPullTime: '2026-01-31T06:00:00Z' }),
    image('v1', 200), image('v2', 100), image('v3', 10),
    untagged('child', 100), image('index', 5, { imageManifestMediaType: 'application/vnd.oci.image.index.v1+json' }),
    untagged('signature', 200, { subjectManifestDigest: digest('v1'), imageSizeInBytes: 900 }),
  ],
  manifestChildren: { [digest('index')]: [digest('child')] },
};
const POLICY: PolicyDocument = { rules: [rule(1, { tagStatus: 'tagged', tagPatternList: ['v*'] }, { description: 'releases' }), rule(2, { tagStatus: 'untagged', ...older(30) })] };

function report(policy: PolicyDocument, options: { before?: PolicyDocument; limit?: number; inventory?: Inventory; repositoryName?: string } = {}): string {
  const { inventory = INVENTORY, limit = 20, repositoryName = 'shop/api' } = options;
  const comparison = options.before && compare(options.before, policy, inventory, NOW);
  const evaluation = comparison?.after ?? evaluate(policy, inventory, NOW);
  return renderText(previewReport(
    evaluationPreview({ evaluation, inventory, comparison, repositoryName, policyHash: policyHash(policy), warnings: lint(policy, inventory, NOW) }), { limit, more: ': --all lists them' },
  ));
}

test('totals first, with bytes and the oldest that stays', () => {
  const text = report(POLICY);
  expect(text).toMatch(/^\n7 images of shop\/api, at 2026-01-31T12:00:00Z\n3 images expire: up to 80 MB\.\n/);
  expect(text).toMatch(/\n4 images stay as they are; the oldest outside the archive is prod 70726f640000, pushed 2025-04-06 \(300 d ago\)\.\n/);
  expect(text).toMatch(/\n1 of them would go, but an index in the repository holds it\.\n/);
});

test('a row for every rule: what it does in words, what it selects, decides and takes', () => {
  expect(report(POLICY)).toMatch(/1 {2}releases: expire all but the newest image tagged v\* +3 +3 +2 +0\n/);
  expect(report(POLICY)).toMatch(/2 {2}expire untagged images older than 30 days +2 +2 +1 +1\n/);
});

test('what goes, rule by rule, the newest first; then what is held, with the index in words', () => {
  const text = report(POLICY);
  expect(text).toMatch(/Rule 1 \(releases\) expires 2 images\n.*\n v2 .*2nd newest\n v1 .*3rd newest\n/);
  expect(text).toMatch(/Rule 2 takes 1 more image, but an index holds it\n.*\n \(untagged\) +6368696c6400 .*held by index/);
  expect(text.indexOf('Rule 1 (releases) expires')).toBeLessThan(text.indexOf('Rule 2 takes'));
});

test('a list is limited and says how much it leaves out', () => {
  const many: Inventory = { imageDetails: Array.from({ length: 1500 }, (_, i) => image(`v${i}`, i + 1)) };
  const text = report(POLICY, { inventory: many, limit: 3 });
  expect(text.match(/^ v\d+ /gm)).toHaveLength(3);
  expect(text).toMatch(/and 1,496 more: --all lists them/);
  expect(report(POLICY, { inventory: many, limit: Infinity }).match(/^ v\d+ /gm)).toHaveLength(1499);
});

test('a referrer is listed with the subject that it goes with', () => {
  const follower = { rules: [rule(1, { tagStatus: 'tagged', tagPatternList: ['v*'] })] };
  expect(report(follower)).toMatch(/1 referrer of images that rule 1 takes expires too\n.*\n \(untagged\) .*goes with v1/);
});

test('against the policy in force: what is new is said and comes first, what is spared is listed', () => {
  const before = { rules: [rule(1, { tagStatus: 'tagged', tagPatternList: ['v1'], countType: 'sinceImagePushed', countUnit: 'days', countNumber: 20 }), rule(2, { tagStatus: 'tagged', tagPatternList: ['prod'], ...older(20) })] };
  const text = report(POLICY, { before });
  expect(text).toMatch(/3 images expire \(1 newly\)/);
  expect(text).toMatch(/1 image is spared that the policy in force would take\./);
  expect(text).toMatch(/Rule 1 \(releases\) expires 2 images, 1 of them newly\n.*\n v2 .*2nd newest\n v1 .*3rd newest +as before\n/);
  expect(text).toMatch(/Rule 2 takes 1 more image, but an index holds it\n.*\n .*held by index\n/);
  expect(text).toMatch(/Spared: 1 image that rule 2 of the policy in force would take\n.*\n prod /);
});

test('nothing to do is said, and no empty list is shown', () => {
  const text = report({ rules: [rule(1, { countNumber: 100 })] });
  expect(text).toMatch(/Nothing expires\./);
  expect(text).not.toMatch(/expires \d+ image|archives \d+ image/);
});

test('archived images, with the pull by which they are judged', () => {
  const archive = { rules: [rule(1, { countType: 'sinceImagePulled', countUnit: 'days', countNumber: 90 }, { action: { type: 'transition', targetStorageClass: 'archive' } })] };
  const text = report(archive);
  expect(text).toMatch(/\d images? (is|are) archived: /);
  expect(text).toMatch(/ v1 .*never pulled, 200 d since the push/);
  const pulled = { imageDetails: [image('v1', 300, { lastRecordedPullTime: '2025-08-01T00:00:00Z' }), image('v2', 200)] };
  expect(report(archive, { inventory: pulled })).toMatch(/ tags +digest +pushed +last pulled .*\n v2 .* never .*never pulled, 200 d since the push\n v1 .*2025-08-01 \(183 d ago\).*183 d since the last pull/);
});

test('marks of uncertainty are said in words', () => {
  const tie: Inventory = { imageDetails: [image('v1', 5), image('v2', 5), image('v3', 4)] };
  const text = report({ rules: [rule(1, { countNumber: 2 })] }, { inventory: tie });
  expect(text).toMatch(/3rd newest, tie at the cut/);
  expect(text).toMatch(/To be read with care\n2 images: pushed in the same moment as images on the other side of a cut; ECR does not say which of them it keeps\./);
});

test('warnings of lint stand above the rules', () => {
  const text = report({ rules: [rule(1, { tagStatus: 'tagged', tagPatternList: ['prod', 'staging'], countNumber: 3 })] });
  expect(text).toMatch(/\nwarning: DD-LIFECYCLE-1\d\d at \/rules\/0/);
  expect(text.indexOf('warning:')).toBeLessThan(text.indexOf('what it does'));
});

test('no text from the registry or the policy can steer the terminal', () => {
  const hostile = '\u001b]0;x\u0007\u202e\u009b2J';
  const inventory: Inventory = { imageDetails: [image(`v1${hostile}`, 300), image('v2', 1)] };
  const policy = { rules: [rule(1, { tagStatus: 'tagged', tagPatternList: ['v*'] }, { description: hostile })] };
  const text = report(policy, { inventory, repositoryName: hostile });
  expect(text).toContain('v1\\u001b]0;x\\u0007\\u202e\\u009b2J');
  expect(text).not.toMatch(/[^\n\P{C}]/u);
});

test.each<[Rule, string]>([
  [rule(1, { countNumber: 1 }), 'expire all but the newest image'],
  [rule(1, { tagStatus: 'tagged', tagPrefixList: ['a', 'b'], countNumber: 1200 }), 'expire all but the newest 1,200 images tagged a* and b*'],
  [rule(1, { countNumber: 1_000_000, tagStatus: 'tagged', tagPatternList: ['prod'] }), 'keep all images tagged prod'],
  [rule(1, { tagStatus: 'untagged', ...older(1) }), 'expire untagged images older than a day'],
  [rule(1, { countType: 'sinceImagePulled', countUnit: 'days', countNumber: 90 }, { action: { type: 'transition', targetStorageClass: 'archive' } }), 'archive images not pulled for 90 days'],
  [rule(1, { storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 365 }), 'expire archived images after 365 days in the archive'],
])('a rule in words: %#', (given, words) => {
  expect(ruleText(given)).toBe(words);
});

describe('laws', () => {
  const previewOf = (policy: PolicyDocument, inventory: Inventory, before?: PolicyDocument) => {
    const now = arbitraries.NOW;
    const comparison = before && compare(before, policy, inventory, now);
    return evaluationPreview({ evaluation: comparison?.after ?? evaluate(policy, inventory, now), inventory, comparison });
  };

  test('the lists hold what the totals count, each image once', () => {
    fc.assert(fc.property(arbitraries.policy, arbitraries.inventory, (policy, inventory) => {
      const { images, counts } = previewOf(policy, inventory);
      const listed = (effect: string) => images.filter((one) => one.effect === effect).length;
      expect([listed('EXPIRE'), listed('TRANSITION'), listed('HELD')]).toEqual([counts.expiring, counts.transitioning, counts.held]);
      expect(new Set(images.map(({ imageDigest }) => imageDigest)).size).toBe(images.length);
    }));
  });

  test('against a policy in force, what is new, as before and spared adds up', () => {
    fc.assert(fc.property(arbitraries.policy, arbitraries.policy, arbitraries.inventory, (before, policy, inventory) => {
      const { images, counts } = previewOf(policy, inventory, before);
      const newly = (effect: string) => images.filter((one) => one.effect === effect && one.newly === true).length;
      expect([newly('EXPIRE'), newly('TRANSITION')]).toEqual([counts.newlyExpiring, counts.newlyTransitioning]);
      expect(images.filter(({ effect, newly: fresh }) => effect !== 'HELD' && effect !== 'SPARED' && fresh === undefined)).toEqual([]);
    }));
  });

  test('without a limit every image that goes has its row, and nothing is left out', () => {
    fc.assert(fc.property(arbitraries.policy, arbitraries.inventory, (policy, inventory) => {
      const preview = previewOf(policy, inventory);
      const rows = previewReport(preview, { limit: Infinity }).flatMap((block) => block.kind === 'table' && block.columns[0].title === 'tags' ? block.rows : []);
      expect(rows.map(({ cells }) => cells[1]).sort()).toEqual(preview.images.map(({ imageDigest }) => imageDigest.slice(7, 19)).sort());
    }));
  });
});
