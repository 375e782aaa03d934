import * as fc from 'fast-check';
import { diffLines, hunks } from '../../src/page/diff';

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));

test('without the added lines it is the old text, without the removed ones the new', () => {
  fc.assert(fc.property(text, text, (before, after) => {
    const lines = diffLines(before, after);
    expect(lines.filter(({ sign }) => sign !== '+').map((line) => line.text).join('\n')).toBe(before);
    expect(lines.filter(({ sign }) => sign !== '-').map((line) => line.text).join('\n')).toBe(after);
  }));
});

test('as few lines change as can be', () => {
  expect(diffLines('a\nb\nc', 'a\nx\nc').map(({ sign }) => sign).join('')).toBe(' -+ ');
  expect(diffLines('a\nb', 'a\nb').every(({ sign }) => sign === ' ')).toBe(true);
});

test('only what is near a change is shown', () => {
  const before = Array.from({ length: 40 }, (_, i) => String(i)).join('\n');
  const shown = hunks(diffLines(before, before.replace('\n20\n', '\nx\n')));
  expect(shown.filter((line) => line !== undefined)).toHaveLength(8);
  expect(shown).toHaveLength(9);
});
