import { appendFileSync, closeSync, openSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { Command } from 'commander';
import { readCount, readFormat } from './input';
import { paint, terminalWidth } from './output';
import { pageAssets } from './package-files';
import { reportError } from './report-codes';
import { ACCESS_CODES } from '../access/codes';
import { ASSEMBLY_CODES } from '../assembly/codes';
import { SURVEY_CODES } from '../ecr/codes';
import { GATE_CODES, IN_USE_CODES, INVENTORY_CODES, LIFECYCLE_CODES } from '../lifecycle/codes';
import { Plan } from '../report/plan';
import { planHtml } from '../report/plan-html';
import { planJson, planJsonParts } from '../report/plan-json';
import { planMarkdown } from '../report/plan-markdown';
import { planText } from '../report/plan-report';
import { planSarif } from '../report/plan-sarif';
import { PREVIEW_CODES } from '../review/codes';
import { REVIEW_CHANGE_CODES } from '../review/review-codes';

export const PLAN_FORMATS = ['table', 'json', 'markdown', 'sarif', 'html'] as const;

/** What every command that makes or shows a plan understands. */
export interface PlanOutputOptions {
  readonly format: string;
  readonly out?: string;
  readonly limit: string;
  readonly all?: boolean;
}

export function addPlanOutputOptions(command: Command): Command {
  return command
    .option('--format <format>', 'table, json, markdown (a comment of a pull request), sarif (code scanning) or html (a page by itself)', 'table')
    .option('--out <file>', 'write it to a file instead of standard output')
    .option('--limit <rows>', 'rows of each list of images, for table and markdown', '20')
    .option('--all', 'list every image');
}

/** Checks the options before any work is done, and gives what writes the plan. */
export function planWriter({ format: asked, out, limit: rows, all }: PlanOutputOptions): (plan: Plan) => void {
  const format = readFormat(asked, PLAN_FORMATS);
  const limit = all ? Infinity : readCount(rows, '--limit', 1_000_000);
  return (plan) => {
    const parts = render(plan, format, limit, out !== undefined);
    if (out === undefined) {
      for (const part of parts) {
        process.stdout.write(part);
      }
      return;
    }
    try {
      writeParts(out, parts);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) {
        throw error;
      }
      const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      throw reportError('DD-REPORT-003', '--out', `${JSON.stringify(out)} cannot be written: ${why}.`, 'Give a file in a folder that is there.', out);
    }
  };
}

function writeParts(file: string, parts: Iterable<string>): void {
  const descriptor = openSync(file, 'w');
  try {
    for (const part of parts) {
      appendFileSync(descriptor, part);
    }
  } finally {
    closeSync(descriptor);
  }
}

function render(plan: Plan, format: typeof PLAN_FORMATS[number], limit: number, toFile: boolean): Iterable<string> {
  if (format === 'json' && (toFile || !process.stdout.isTTY)) {
    return planJsonParts(plan);
  }
  return [renderWhole(plan, format, limit, toFile)];
}

function renderWhole(plan: Plan, format: typeof PLAN_FORMATS[number], limit: number, toFile: boolean): string {
  switch (format) {
    case 'table': return planText(plan, { limit, more: ': --all lists them', ...(toFile ? {} : { width: terminalWidth(), paint }) });
    case 'json': return planJson(plan, 2);
    case 'markdown': return planMarkdown(plan, { rows: limit });
    case 'sarif': return planSarif(plan, { version: process.env.DRYDOCK_VERSION ?? '0.0.0', titles: TITLES, app: appFolder(plan.app) });
    case 'html': return planHtml(plan, pageAssets());
  }
}

/** Of everything that a finding can have as its code. */
const TITLES: Readonly<Record<string, string>> = {
  ...LIFECYCLE_CODES, ...INVENTORY_CODES, ...GATE_CODES, ...IN_USE_CODES, ...ACCESS_CODES, ...ASSEMBLY_CODES, ...SURVEY_CODES, ...PREVIEW_CODES, ...REVIEW_CHANGE_CODES,
};

/** Seen from here where it lies below: that is where CI has the repository. */
function appFolder(app: string): string {
  const below = relative(process.cwd(), app);
  return below.startsWith('..') ? app : below.split(sep).join('/');
}
