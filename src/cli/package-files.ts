import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportError } from './report-codes';
import { PageAssets } from '../report/plan-html';

/** A file of this package, seen from the bundle of the command line in assets/cli. */
export function packageFile(...path: readonly string[]): string {
  const file = join(__dirname, '..', '..', ...path);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw reportError('DD-REPORT-004', file, `It cannot be read: ${(error as NodeJS.ErrnoException).code}.`, 'Install the package again, or run `npm run bundle` in a clone.');
  }
}

export function pageAssets(): PageAssets {
  const [script, style] = [packageFile('assets', 'page', 'page.js'), packageFile('assets', 'page', 'page.css')];
  const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest('base64');
  return { script, style, scriptHash: hash(script), styleHash: hash(style) };
}
