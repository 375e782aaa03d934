import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_ENTRIES } from '../scripts/error-entries';
import { ALL_CODES, errorsDocument } from '../scripts/errors-doc';

const root = join(__dirname, '..');
const sources = (readdirSync(join(root, 'src'), { recursive: true }) as string[]).filter((file) => file.endsWith('.ts')).sort();
const text = (file: string) => readFileSync(join(root, 'src', file), 'utf8');

test('docs/errors.md is what the library says today (npm run docs:errors)', async () => {
  expect(readFileSync(join(root, 'docs', 'errors.md'), 'utf8')).toBe(await errorsDocument());
});

test('every code in the sources has an entry', () => {
  const used = new Set(sources.flatMap((file) => text(file).match(/DD-[A-Z]+-\d{3}(?!\d|xx)/g) ?? []));
  expect([...used].filter((code) => !(code in ALL_CODES))).toEqual([]);
});

test('every code has a title, a cause and a fix, and nothing else has', () => {
  expect(Object.keys(ERROR_ENTRIES).sort()).toEqual(Object.keys(ALL_CODES).sort());
  const unfinished = Object.entries(ERROR_ENTRIES).filter(([code, entry]) => [ALL_CODES[code], entry.when, entry.fix].some((words) => words.trim().length < 8));
  expect(unfinished).toEqual([]);
});

test('every entry is used somewhere besides its table', () => {
  // A comment is no use: the code begins a piece of text.
  const uses = new Set(sources.filter((file) => !/codes\.ts$/.test(file)).flatMap((file) => text(file).match(/(?<=['`])DD-[A-Z]+-\d{3}/g) ?? []));
  expect(Object.keys(ALL_CODES).filter((code) => !uses.has(code))).toEqual([]);
});
