import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REVIEW_CHANGE_CODES } from '../src/review/review-codes';

const root = join(__dirname, '..');
const rows = [...readFileSync(join(root, 'docs', 'review-command.md'), 'utf8').matchAll(/^\| (DD-REVIEW-\d{3}) \| (.+) \| (.+) \|$/gm)].map(([, code, words, weight]) => ({ code, words, weight }));

test('docs/review-command.md lists every code of a review, in order, with its weight', () => {
  expect(rows.map(({ code }) => code)).toEqual(Object.keys(REVIEW_CHANGE_CODES));
  expect(rows.filter(({ weight }) => !/blocks|open|warning|note/.test(weight))).toEqual([]);
});

test('each of them is given by the sources', () => {
  const sources = ['access-changes', 'before', 'lifecycle-removals', 'offline-checks', 'registry-changes', 'repository-changes', 'review', 'review-plan']
    .map((name) => readFileSync(join(root, 'src', 'review', `${name}.ts`), 'utf8')).join('\n');
  expect(rows.filter(({ code }) => !sources.includes(`'${code}'`)).map(({ code }) => code)).toEqual([]);
});
