/**
 * A report, before it is anything in particular: the same blocks become a terminal's text, and later Markdown or a page. Texts in it are
 * safe to show (see sanitise.ts).
 */
export type Report = readonly Block[];

export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'line'; readonly text: string; readonly tone?: Tone }
  | FindingBlock
  | TableBlock;

export type Tone = 'title' | 'good' | 'bad' | 'warning' | 'quiet';

export type Severity = 'error' | 'warning' | 'note';

export interface FindingBlock {
  readonly kind: 'finding';
  readonly severity: Severity;
  /** A code of docs/errors.md. */
  readonly code: string;
  readonly place?: string;
  readonly text: string;
  readonly fix?: string;
}

export interface TableBlock {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** What was left out. */
  readonly more?: string;
}

export interface Column {
  readonly title: string;
  readonly right?: boolean;
  /** Gives way where there is too little room, and wraps. */
  readonly wide?: boolean;
}

export interface Row {
  readonly cells: readonly string[];
  readonly tone?: Tone;
}

export const heading = (text: string): Block => ({ kind: 'heading', text });
export const line = (text: string, tone?: Tone): Block => ({ kind: 'line', text, tone });

/** A table without the columns that say nothing. */
export function table(columns: readonly Column[], rows: readonly Row[], more?: string): Block {
  const used = columns.map((_, i) => rows.some(({ cells }) => cells[i] !== ''));
  const kept = <T>(list: readonly T[]) => list.filter((_, i) => used[i]);
  return { kind: 'table', columns: kept(columns), rows: rows.map(({ cells, tone }) => ({ cells: kept(cells), tone })), more };
}
