import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ROOT } from './contents';

export const CHECKSUMS_FILE = 'assets/SHA256SUMS';

/** In the form of `sha256sum`: paths from assets/, so that `sha256sum -c SHA256SUMS` works there. */
export function renderChecksums(files: readonly { readonly file: string; readonly bytes: Uint8Array }[]): string {
  return [...files]
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ file, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${file.replace(/^assets\//, '')}\n`)
    .join('');
}

/** What lies in assets/ now, this list aside. */
export function assetFiles(root = ROOT): { file: string; bytes: Uint8Array }[] {
  return filesBelow(join(root, 'assets'))
    .map((path) => ({ file: relative(root, path).split(sep).join('/'), bytes: readFileSync(path) }))
    .filter(({ file }) => file !== CHECKSUMS_FILE && !file.endsWith('.map'));
}

export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => entry.isDirectory() ? filesBelow(join(directory, entry.name)) : [join(directory, entry.name)])
    .sort();
}
