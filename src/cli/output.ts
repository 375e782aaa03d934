import pc = require('picocolors');
import { cliError } from './codes';
import { isDrydockError } from '../errors';
import { Report, Tone } from '../report/blocks';
import { safeJson, sanitise } from '../report/sanitise';
import { renderText } from '../report/text';

// https://no-color.org: present and not empty.
const colours = pc.createColors(process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb');

export function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function json(value: unknown): void {
  out(safeJson(value, process.stdout.isTTY ? 2 : undefined));
}

export function paint(text: string, tone: Tone | undefined): string {
  switch (tone) {
    case 'title': return colours.bold(text);
    case 'good': return colours.green(text);
    case 'bad': return colours.red(text);
    case 'warning': return colours.yellow(text);
    case 'quiet': return colours.dim(text);
    case undefined: return text;
  }
}

export function printReport(report: Report): void {
  process.stdout.write(renderText(report, { width: terminalWidth(), paint }));
}

/** A pipe has none, unless somebody says so. */
export function terminalWidth(): number | undefined {
  const columns = process.stdout.columns ?? Number(process.env.COLUMNS);
  return columns > 0 ? Math.max(60, columns) : undefined;
}

/** One line a problem: code, place, what is wrong, and the way out. */
export function printError(error: unknown): void {
  const known = isDrydockError(error) ? error : cliError('DD-CLI-009', 'drydock', error instanceof Error ? error.message : String(error),
    'This should not happen. Set DRYDOCK_DEBUG=1 to see where it comes from, and report it.');
  const text = known.message.split('\n').map(sanitise).join('\n');
  process.stderr.write(`drydock: ${text}\n`);
  if (process.env.DRYDOCK_DEBUG && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
}
