import { byteRange, bytes, count, day, days, imageName, number, tagList } from '../../src/report/format';

const NOW = Date.parse('2026-01-31T12:00:00Z');

test.each<[number, string]>([
  [0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [9_949_999, '9.9 MB'], [9_960_000, '10 MB'], [45_000_000, '45 MB'], [999_499_999, '999 MB'], [999_600_000, '1.0 GB'], [3.2e15, '3.2 PB'], [4e18, '4000 PB'],
])('%d bytes are %s', (size, words) => {
  expect(bytes(size)).toBe(words);
});

test.each([
  [{ min: 0, max: 0, unknown: 0 }, 'no bytes of their own'],
  [{ min: 5000, max: 5000, unknown: 0 }, '5.0 kB'],
  [{ min: 0, max: 5000, unknown: 0 }, 'up to 5.0 kB'],
  [{ min: 1000, max: 5000, unknown: 2 }, '1.0 kB to 5.0 kB, and 2 images of unknown size'],
  [{ min: 0, max: 0, unknown: 1 }, '1 image of unknown size'],
])('a range of bytes in words: %j', (range, words) => {
  expect(byteRange(range)).toBe(words);
});

test('numbers are grouped, nouns counted', () => {
  expect([number(999), number(1000), number(1_234_567), count(1, 'image'), count(1000, 'image'), count(2, 'repository', 'repositories')])
    .toEqual(['999', '1,000', '1,234,567', '1 image', '1,000 images', '2 repositories']);
});

test.each<[string | undefined, string]>([
  ['2025-04-01T00:00:00Z', '2025-04-01 (305 d ago)'],
  ['2026-01-30T12:00:00Z', '2026-01-30 (1 d ago)'],
  ['2026-01-30T12:00:01Z', '2026-01-30 (23 h ago)'],
  ['2026-02-01T00:00:00Z', '2026-02-01 (0 h ago)'],
  [undefined, 'never'],
])('%s is told as %s', (time, words) => {
  expect(day(time, NOW)).toBe(words);
});

test('an age is never told older than it is', () => {
  expect([days(9.99), days(10.99), days(1234.5), days(-0.05)]).toEqual(['9.9 d', '10 d', '1,234 d', '-0.1 d']);
});

test('tags: so many that they fit, hashes by their beginning, nothing active', () => {
  expect(tagList([])).toBe('(untagged)');
  expect(tagList(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
  expect(tagList(['0123456789abcdef0123456789abcdef'])).toBe('0123456789ab...');
  expect(tagList(['x\u001b[2J'])).toBe('x\\u001b[2J');
  expect(imageName({ imageDigest: `sha256:${'a'.repeat(64)}`, imageTags: [] })).toBe('aaaaaaaaaaaa');
});
