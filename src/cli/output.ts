import Table = require('cli-table3');
import pc = require('picocolors');
import { DrydockError, isDrydockError } from '../errors';
import { Block, Report, Tone } from '../report/blocks';
import { sanitise } from '../report/sanitise';

const colours = pc.createColors(process.stdout.isTTY === true && process.env.NO_COLOR === undefined);

export function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function json(value: unknown): void {
  out(JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : undefined));
}

export function paint(text: string, tone: Tone | undefined): string {
  switch (tone) {
    case 'good': return colours.green(text);
    case 'bad': return colours.red(text);
    case 'warning': return colours.yellow(text);
    case 'quiet': return colours.dim(text);
    case undefined: return text;
  }
}

export const bold = (text: string): string => colours.bold(text);

export function printReport(report: Report, width = terminalWidth()): void {
  for (const block of report) {
    out(renderBlock(block, width));
  }
}

/** A pipe has no width; there the table is as wide as a large terminal. */
function terminalWidth(): number {
  return Math.max(60, process.stdout.columns ?? (Number(process.env.COLUMNS) || 140));
}

function renderBlock(block: Block, width: number): string {
  switch (block.kind) {
    case 'heading': return `\n${bold(block.text)}`;
    case 'line': return paint(block.text, block.tone);
    case 'table': return renderTable(block, width) + (block.more ? `\n${paint(`  ${block.more}`, 'quiet')}` : '');
  }
}

function renderTable({ columns, rows }: Extract<Block, { kind: 'table' }>, width: number): string {
  const natural = columns.map((column, index) => Math.max(column.title.length, ...rows.map((row) => row[index].length)) + 2);
  const wide = columns.findIndex((column) => column.wide);
  const others = natural.reduce((sum, part, index) => index === wide ? sum : sum + part, 0);
  const widths = natural.map((part, index) => index === wide ? Math.max(24, Math.min(part, width - others - 2)) : part);
  const table = new Table({
    head: columns.map((column) => column.title),
    colAligns: columns.map((column) => column.right ? 'right' as const : 'left' as const),
    colWidths: widths,
    wordWrap: true,
    // Plain lines: they survive logs, pull requests and terminals without box characters.
    chars: {
      'top': '', 'top-mid': '', 'top-left': '', 'top-right': '', 'bottom': '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
      'left': ' ', 'left-mid': '', 'mid': '', 'mid-mid': '', 'right': '', 'right-mid': '', 'middle': '',
    },
    style: { 'head': [], 'border': [], 'padding-left': 0, 'padding-right': 2 },
  });
  table.push(...rows.map((row) => [...row]));
  const [head, ...lines] = table.toString().split('\n').map((text) => text.trimEnd());
  return [paint(head, 'quiet'), ...lines].join('\n');
}

/** One line a problem: code, place, what is wrong, and the way out. */
export function printError(error: unknown): void {
  const write = (text: string) => process.stderr.write(`${text}\n`);
  if (isDrydockError(error)) {
    write(`drydock: ${sanitiseLines((error as DrydockError).message)}`);
  } else {
    write(`drydock: ${sanitiseLines(error instanceof Error ? error.message : String(error))}`);
  }
  if (process.env.DRYDOCK_DEBUG && error instanceof Error) {
    write(error.stack ?? '');
  }
}

function sanitiseLines(text: string): string {
  return text.split('\n').map(sanitise).join('\n');
}
