import * as fc from 'fast-check';
import { heading, line, Report, table } from '../../src/report/blocks';
import { renderText } from '../../src/report/text';
import { displayWidth, padTo, wrap } from '../../src/report/width';

const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '漢', 'é', '9'), minLength: 1, maxLength: 30 });
const sentence = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));

describe('width', () => {
  test.each([['abc', 3], ['漢字', 4], ['🚀', 2], ['e\u0301', 1], ['', 0], ['ｆｕｌｌ', 8]])('%j takes %d columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  test('wrapping loses no character and keeps to the width', () => {
    fc.assert(fc.property(sentence, fc.integer({ min: 2, max: 40 }), (text, width) => {
      const lines = wrap(text, width);
      expect(lines.join('').replace(/ /g, '')).toBe(text.replace(/ /g, ''));
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
    }));
  });

  test('padding reckons with wide characters', () => {
    expect(padTo('漢', 4)).toBe('漢  ');
    expect(padTo('7', 3, true)).toBe('  7');
  });
});

describe('text', () => {
  const cells = fc.tuple(sentence, fc.constantFrom('sha256', 'f00'), sentence);

  test('a table keeps to the width as long as its fixed columns do, and every row has all its words', () => {
    fc.assert(fc.property(fc.array(cells, { minLength: 1, maxLength: 6 }), fc.integer({ min: 40, max: 160 }), (rows, width) => {
      const block = table([{ title: 'tags', wide: true }, { title: 'digest' }, { title: 'why', wide: true }], rows.map((row) => ({ cells: row })));
      const text = renderText([block], { width });
      expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(width);
      const compact = text.replace(/\s/g, '');
      rows.flat().flatMap((cell) => cell.split(' ')).filter((part) => displayWidth(part) <= 10).forEach((part) => expect(compact).toContain(part));
    }));
  });

  test('columns in which no row has anything are left out', () => {
    const text = renderText([table([{ title: 'a' }, { title: 'b' }, { title: 'c', right: true }], [{ cells: ['x', '', '1'] }, { cells: ['yy', '', '22'] }], 'and 3 more')]);
    expect(text).toBe(' a    c\n x    1\n yy  22\n and 3 more\n');
  });

  test('without a width lines are as long as they are; with one they wrap under their beginning', () => {
    const report: Report = [line(`  ${'word '.repeat(30).trim()}`)];
    expect(renderText(report).split('\n')).toHaveLength(2);
    expect(renderText(report, { width: 40 }).split('\n').filter((text) => text !== '').every((text) => /^ {2}word/.test(text) && text.length <= 40)).toBe(true);
  });

  test('a finding has its severity in words, its code, its place and, below, the way out', () => {
    const finding = { kind: 'finding', severity: 'warning', code: 'DD-LIFECYCLE-101', place: '/rules/0', text: 'It never acts.', fix: 'Take it out.' } as const;
    expect(renderText([finding])).toBe('warning: DD-LIFECYCLE-101 at /rules/0: It never acts.\n  Take it out.\n');
    expect(renderText([{ ...finding, severity: 'error', place: undefined, fix: undefined }])).toBe('DD-LIFECYCLE-101: It never acts.\n');
  });

  test('colours are put around whole lines, and never into the count of columns', () => {
    const paint = (text: string, tone: string | undefined) => tone === undefined ? text : `<${tone}>${text}</>`;
    const report: Report = [heading('Title'), line('all well', 'good'), table([{ title: 'a' }, { title: 'b' }], [{ cells: ['1', '2'], tone: 'bad' }, { cells: ['333', '4'] }])];
    expect(renderText(report, { paint })).toBe('\n<title>Title</>\n<good>all well</>\n <quiet>a    b</>\n <bad>1    2</>\n 333  4\n');
  });
});
