import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('every entry is used somewhere besides its table', () => {
  const outside = sources.filter((file) => !/codes\.ts$/.test(file)).map(text).join('\n');
  // Statement checks name their codes by the number alone.
  const used = (code: string) => outside.includes(code) || (code.startsWith('DD-ACCESS-') && outside.includes(`'${code.slice(-3)}'`));
  expect(Object.keys(ALL_CODES).filter((code) => !used(code))).toEqual([]);
});
