import { Block, FindingBlock, Report, Severity, TableBlock, Tone } from './blocks';
import { displayWidth, padTo, wrap } from './width';

export interface TextOptions {
  /** Columns of the terminal. @default - lines are as long as they are, and tables take 140 */
  readonly width?: number;
  /** Colours a text. */
  readonly paint?: (text: string, tone: Tone | undefined) => string;
}

const TABLE_WIDTH = 140;
const LEAST_COLUMN = 10;
const GAP = '  ';

/** The report as plain text: no frames, so that it survives logs and pull requests. */
export function renderText(report: Report, { width, paint = (text) => text }: TextOptions = {}): string {
  return report.map((block) => `${renderBlock(block, width, paint)}\n`).join('');
}

type Paint = NonNullable<TextOptions['paint']>;

function renderBlock(block: Block, width: number | undefined, paint: Paint): string {
  switch (block.kind) {
    case 'heading': return `\n${lines(block.text, width, 0, (text) => paint(text, 'title'))}`;
    case 'line': return lines(block.text, width, 0, (text) => paint(text, block.tone));
    case 'finding': return renderFinding(block, width, paint);
    case 'table': return renderTable(block, width ?? TABLE_WIDTH, paint);
  }
}

function lines(text: string, width: number | undefined, indent: number, each: (line: string) => string): string {
  const own = /^ */.exec(text)![0].length;
  const margin = indent + own;
  const pieces = width === undefined ? [text.slice(own)] : wrap(text.slice(own), Math.max(LEAST_COLUMN, width - margin));
  return pieces.map((piece) => ' '.repeat(margin) + each(piece)).join('\n');
}

const SEVERITIES: Readonly<Record<Severity, { readonly tone: Tone; readonly word: string }>> = {
  error: { tone: 'bad', word: '' },
  warning: { tone: 'warning', word: 'warning: ' },
  note: { tone: 'quiet', word: 'note: ' },
};

function renderFinding({ severity, code, place, text, fix }: FindingBlock, width: number | undefined, paint: Paint): string {
  const { tone, word } = SEVERITIES[severity];
  const where = place === undefined ? '' : ` at ${place}`;
  const message = lines(`${word}${code}${where}: ${text}`, width, 0, (piece) => paint(piece, tone));
  return fix === undefined ? message : `${message}\n${lines(fix, width, 2, (piece) => paint(piece, 'quiet'))}`;
}

function renderTable({ columns, rows, more }: TableBlock, width: number, paint: Paint): string {
  const widths = columnWidths({ columns, rows, kind: 'table' }, width);
  const put = (cells: readonly string[]) => cells.map((cell, i) => padTo(cell, widths[i], columns[i].right)).join(GAP).trimEnd();
  const rendered = rows.flatMap(({ cells, tone }) => {
    const wrapped = cells.map((cell, i) => wrap(cell, widths[i]));
    const height = Math.max(...wrapped.map((pieces) => pieces.length));
    return Array.from({ length: height }, (_, at) => ` ${paint(put(wrapped.map((pieces) => pieces[at] ?? '')), tone)}`);
  });
  return [
    ` ${paint(put(columns.map(({ title }) => title)), 'quiet')}`,
    ...rendered,
    ...(more === undefined ? [] : [` ${paint(more, 'quiet')}`]),
  ].join('\n');
}

/** What each column needs; where that is too much, the widest of those that may wrap gives way first. */
function columnWidths({ columns, rows }: TableBlock, width: number): number[] {
  const widths = columns.map(({ title }, i) => rows.reduce((most, { cells }) => Math.max(most, displayWidth(cells[i])), displayWidth(title)));
  let excess = widths.reduce((sum, needed) => sum + needed, 1 + GAP.length * (columns.length - 1)) - width;
  for (; excess > 0; excess -= 1) {
    const widest = columns.reduce((best, { wide }, i) => wide && widths[i] > LEAST_COLUMN && widths[i] > (widths[best] ?? 0) ? i : best, -1);
    if (widest < 0) {
      break;
    }
    widths[widest] -= 1;
  }
  return widths;
}
