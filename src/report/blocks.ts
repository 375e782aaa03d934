/**
 * A report, before it is anything in particular: the same blocks become a terminal's text, and later Markdown or a page. Texts in it are
 * safe to show (see sanitise.ts).
 */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'line'; readonly text: string; readonly tone?: Tone }
  | { readonly kind: 'table'; readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[]; readonly more?: string };

export type Tone = 'good' | 'bad' | 'warning' | 'quiet';

export interface Column {
  readonly title: string;
  readonly right?: boolean;
  /** Takes what room is left, and wraps. */
  readonly wide?: boolean;
}

export type Report = readonly Block[];

export const heading = (text: string): Block => ({ kind: 'heading', text });
export const line = (text: string, tone?: Tone): Block => ({ kind: 'line', text, tone });
