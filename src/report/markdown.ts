import { sanitise } from './sanitise';

/** Zero width: stands between characters that GitHub would make a mention, a reference or a link of. */
const BREAK = '&#8203;';

/**
 * Text of others as text of Markdown, also in a cell of a table: as entities, which no parser reads as marks. GitHub looks for mentions, references and links
 * in what comes out of Markdown, so an entity does not keep them from being found, and a break does.
 */
export function markdownText(text: string): string {
  return sanitise(text).replace(/[&<>\\`*_{}[\]|~$!]|[@#]|:(?=\/\/)|\bwww(?=\.)|\bGH-(?=\d)/gi, (found) => /^(?:[@#:]|www|gh-)/i.test(found) ? found + BREAK : entity(found));
}

/** Text of others in a monospaced span, where GitHub makes nothing of it. */
export function markdownCode(text: string): string {
  const safe = sanitise(text);
  return /^[\w.:/@#+,()*=\- ]+$/.test(safe) && safe.trim() === safe ? `\`${safe}\`` : htmlCode(text);
}

/** The same where Markdown is not read, as in a summary. */
export function htmlCode(text: string): string {
  return `<code>${sanitise(text).replace(/[^\w.:/+,() -]/gu, entity)}</code>`;
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}

export interface MarkdownColumn {
  readonly title: string;
  readonly right?: boolean;
}

/** Cells are Markdown already. Columns that say nothing are left out. */
export function markdownTable(columns: readonly MarkdownColumn[], rows: readonly (readonly string[])[]): string[] {
  const used = columns.map((_, i) => rows.some((cells) => cells[i] !== ''));
  const row = (cells: readonly string[]) => `| ${cells.filter((_, i) => used[i]).join(' | ')} |`;
  return [row(columns.map(({ title }) => title)), row(columns.map(({ right }) => right ? '---:' : '---')), ...rows.map(row)];
}

/** A part that is closed until somebody opens it. */
export function details(summary: string, lines: readonly string[]): string[] {
  return ['<details>', `<summary>${summary}</summary>`, '', ...lines, '', '</details>', ''];
}
