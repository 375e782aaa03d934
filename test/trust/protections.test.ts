import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTable } from './document';
import { placeIn, without } from './edits';
import { CLASSIC_FAILURES } from './protections';
import { patternOf, titlesIn } from './titles';

const ROOT = join(__dirname, '..', '..');
const protections = CLASSIC_FAILURES.flatMap(({ number, protections: all }) => all.map((protection) => ({ number, protection })));
const tests = protections.flatMap(({ protection }) => protection.tests);
const files = [...new Set(tests.map(({ file }) => file))];
const titles = new Map(files.map((file) => [file, existsSync(join(ROOT, file)) ? titlesIn(ROOT, file) : []]));

test('every protection can still be taken out: its edits fit in one place each, and what is left is TypeScript', () => {
  const wrong = protections.flatMap(({ number, protection }) => {
    try {
      without(ROOT, protection);
      return placeIn(ROOT, protection).name === '' ? [`${number} ${protection.protection}: it is in no function`] : [];
    } catch (error) {
      return [`${number} ${protection.protection}: ${(error as Error).message}`];
    }
  });
  expect(wrong).toEqual([]);
});

test('every test that is named exists once', () => {
  expect(tests.filter(({ file, title }) => titles.get(file)?.filter((one) => one === title).length !== 1)).toEqual([]);
});

test('the name of a test means no test that is not named, there or in another of these files', () => {
  const all = [...titles].flatMap(([file, own]) => own.map((title) => ({ file, title })))
    .filter((one) => !tests.some(({ file, title }) => file === one.file && title === one.title));
  const confused = tests.flatMap((named) => {
    const pattern = new RegExp(patternOf(named));
    return all.filter(({ title }) => pattern.test(title)).map(({ file, title }) => `${named.title} is also ${file} ${title}`);
  });
  expect(confused).toEqual([]);
});

test('no protection is there twice, and each has a test and a name', () => {
  const names = protections.map(({ number, protection }) => `${number} ${protection.handler} ${protection.protection}`);
  expect(new Set(names).size).toBe(names.length);
  expect(protections.filter(({ protection }) => protection.tests.length === 0 || protection.edits.length === 0).map(({ protection }) => protection.protection)).toEqual([]);
});

test('docs/trust.md has the table of today (npm run test:trust -- --document)', () => {
  const document = readFileSync(join(ROOT, 'docs', 'trust.md'), 'utf8');
  expect(withTable(ROOT, document)).toBe(document);
});
