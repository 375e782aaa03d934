import { LoggedPreviewImage, loggedPreviews, previewFromLog } from '../../src/report/logged-preview';
import { previewReport } from '../../src/report/preview-report';
import { renderText } from '../../src/report/text';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const image = (letter: string, more: Partial<LoggedPreviewImage> = {}): LoggedPreviewImage => ({
  imageDigest: digest(letter), imageTags: [`tag-${letter}`], imagePushedAt: '2025-01-01T00:00:00Z', action: 'EXPIRE', rulePriority: 1, newly: true, why: 'Expires.', rank: 7, ...more,
});
const preview = (repositoryName: string, page: number, images: LoggedPreviewImage[], requestId = 'r1') =>
  ({ level: 'info', message: 'preview', requestId, repositoryName, policyHash: 'h', verdict: 'blocked', page, pages: 2, images });
const gate = (repositoryName: string, more: object = {}, requestId = 'r1') => ({
  level: 'error', message: 'gate', requestId, repositoryName, policyHash: 'h', verdict: 'blocked', findings: [],
  counts: { images: 9, expiring: 3, transitioning: 0, newlyExpiring: 2, newlyTransitioning: 0 }, ...more,
});
const text = (records: Record<string, unknown>[], limit = 20) => renderText(loggedPreviews(records).flatMap((logged) => previewReport(previewFromLog(logged, NOW), { limit })));

test('pages of functions that write at the same time are kept apart', () => {
  const found = loggedPreviews([
    preview('one', 1, [image('a')]), preview('two', 1, [image('b')], 'r2'), preview('one', 2, [image('c')]), gate('two', {}, 'r2'), { message: 'something else' }, gate('one'),
  ]);
  expect(found.map(({ repositoryName, images }) => [repositoryName, images.map(({ imageDigest }) => imageDigest)])).toEqual([['two', [digest('b')]], ['one', [digest('a'), digest('c')]]]);
});

test('pages of a preview that was begun again, or came to no decision, are not counted', () => {
  const found = loggedPreviews([preview('one', 1, [image('a')], 'lost'), preview('one', 1, [image('a')]), preview('one', 1, [image('b')]), gate('one')]);
  expect(found).toHaveLength(1);
  expect(found[0].images.map(({ imageDigest }) => imageDigest)).toEqual([digest('b')]);
});

test('the images that a finding names come first, with its code; findings about a number name none', () => {
  const findings = [
    { code: 'DD-GATE-102', message: 'Too many.', fix: 'Fewer.', digests: [digest('a'), digest('b')] },
    { code: 'DD-GATE-103', message: 'Production.', fix: 'Keep it.', digests: [digest('b')] },
    { code: 'DD-GATE-105', message: 'Pulled.', fix: 'Keep it.', digests: [digest('b')] },
  ];
  const shown = text([preview('one', 1, [image('a', { imagePushedAt: '2026-01-01T00:00:00Z' }), image('b', { lastRecordedPullTime: '2026-01-31T11:00:00Z' }), image('c', { newly: false })]), gate('one', { findings })]);
  expect(shown).toMatch(/^\nPreview of lifecycle policy h on one: stopped by the gate\nOf 9 images, 3 would expire \(2 newly\), none would be archived\.\nDD-GATE-102: Too many\.\n {2}Fewer\./);
  expect(shown).toMatch(/expires 3 images, 2 of them newly\n.*\n tag-b .*2026-01-31 \(1 h ago\) .*DD-GATE-103, DD-GATE-105\n tag-a .*never +7th newest\n tag-c .*as before/);
});

test('with the rules of the policy they are told in words; a log of an earlier release has none, and its sentences are shown', () => {
  const rules = [{ rulePriority: 1, countType: 'imageCountMoreThan', description: 'last\u001b[2J 100', text: 'expire all but the newest 100 images' }];
  expect(text([preview('one', 1, [image('a')]), gate('one', { rules })])).toMatch(/1 {2}last\\u001b\[2J 100: expire all but the newest 100 images +1\n/);
  expect(text([preview('one', 1, [image('a', { rank: undefined })]), gate('one')])).toMatch(/Rule 1 expires 1 image\n.*why\n.*Expires\.\n/);
});

test.each([['passed', /passes the gate/], ['acknowledged', /because its effect is acknowledged\n.*\nwarning: DD-GATE-101: m/], ['preview-only', /nothing is applied/]])('verdict %s is said in words', (verdict, words) => {
  const findings = verdict === 'acknowledged' ? [{ code: 'DD-GATE-101', message: 'm', fix: 'f' }] : [];
  expect(text([gate('one', { verdict, findings })])).toMatch(words);
});

test('marks of uncertainty come along', () => {
  expect(text([preview('one', 1, [image('a', { uncertain: ['TIE_AT_CUT'] })]), gate('one')])).toMatch(/7th newest, tie at the cut[^]*1 image: pushed in the same moment/);
});
