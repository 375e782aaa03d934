import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DrydockError } from '../errors';

/** Directories in use by emulators of this very process, whose id the lock file could not tell apart from a leftover. */
const held = new Set<string>();

/** Keeps a second emulator out of a directory; the lock of a process that has died is taken over. Returns what gives it back. */
export function lockDirectory(directory: string): () => void {
  const path = resolve(directory);
  const file = join(path, 'lock');
  if (held.has(path)) {
    throw inUse(path, process.pid);
  }
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
    const owner = Number.parseInt(readFileSync(file, 'utf8'), 10);
    if (owner !== process.pid && isRunning(owner)) {
      throw inUse(path, owner);
    }
    writeFileSync(file, `${process.pid}\n`);
  }
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(file, { force: true });
  };
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(directory: string, pid: number): DrydockError {
  return new DrydockError({
    code: 'DD-EMULATOR-003',
    pointer: 'data',
    value: directory,
    message: `${directory} is in use by the emulator of process ${pid}.`,
    fix: `Stop that emulator, or use another directory. If process ${pid} is no emulator, remove the file "lock" in the directory.`,
  });
}
