import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { accountError } from './codes';

/** "The contents of a deployment package, unzipped": 250 MB (Lambda quotas). */
const UNZIPPED_LIMIT = 262_144_000;

/** The files of an archive, below a folder that is named after its bytes. The same archive is unpacked once. */
export function unpackedCode(archive: string, root: string): string {
  const bytes = readFileSync(archive);
  const directory = join(root, createHash('sha256').update(bytes).digest('hex'));
  if (existsSync(directory)) {
    return directory;
  }
  const unfinished = `${directory}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (const [name, content] of Object.entries(filesOf(bytes, archive))) {
    const target = resolve(unfinished, name);
    if (!isInside(unfinished, target) || /[\\\0]/.test(name)) {
      rmSync(unfinished, { recursive: true, force: true });
      throw unusable(archive, `${JSON.stringify(name)} leads out of it`);
    }
    if (name.endsWith('/')) {
      mkdirSync(target, { recursive: true });
    } else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
  }
  renameSync(unfinished, directory);
  return directory;
}

function filesOf(bytes: Uint8Array, archive: string): Record<string, Uint8Array> {
  let total = 0;
  const sizes = new Map<string, number>();
  try {
    const files = unzipSync(bytes, {
      // Asked before anything is inflated, so that no archive takes more memory than its files may take room.
      filter: ({ name, originalSize }) => {
        sizes.set(name, originalSize);
        total += originalSize;
        if (total > UNZIPPED_LIMIT) {
          throw new Error(`unzipped it is larger than ${UNZIPPED_LIMIT} bytes`);
        }
        return true;
      },
    });
    const damaged = Object.entries(files).find(([name, content]) => content.length !== sizes.get(name));
    if (damaged !== undefined) {
      throw new Error(`${JSON.stringify(damaged[0])} does not have the length that is written for it`);
    }
    return files;
  } catch (error) {
    throw unusable(archive, (error as Error).message);
  }
}

function isInside(directory: string, path: string): boolean {
  return path.startsWith(resolve(directory) + sep);
}

function unusable(archive: string, why: string) {
  return accountError('DD-ACCOUNT-006', archive, `This is not an archive that Lambda would unpack: ${why}.`, { fix: 'Upload the archive again.' });
}
