import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/** Temporary directories of emulators that were not stopped, for the end of the process. */
const temporary = new Set<string>();
process.once('exit', () => temporary.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

const READ_BYTES = 256 * 1024;

/**
 * Bytes on disk: layers by their digest, each once for the whole registry, and the uploads that are to become layers. Which repository
 * has which layer is not known here. Without a data directory they are in a temporary one that goes with the emulator.
 */
export class BlobStore {
  private directory: string | undefined;

  constructor(private readonly data: string | undefined) {}

  public blobPath(digest: string): string {
    const [algorithm, hex] = digest.split(':');
    return join(this.root(), 'blobs', algorithm, hex);
  }

  public uploadPath(name: string): string {
    return join(this.root(), 'uploads', name);
  }

  /** Reads bytes `start` to `end`, both inclusive. The file is open when this returns: whoever removes the layer does not disturb the reader. */
  public async read(digest: string, start: number, end: number): Promise<Readable> {
    const handle = await open(this.blobPath(digest), 'r');
    return handle.createReadStream({ start, end, highWaterMark: READ_BYTES });
  }

  /** An upload becomes a layer, in one step. */
  public keep(uploadName: string, digest: string): void {
    renameSync(this.uploadPath(uploadName), this.blobPath(digest));
  }

  public removeBlob(digest: string): void {
    rmSync(this.blobPath(digest), { force: true });
  }

  public removeUpload(name: string): void {
    if (this.directory !== undefined) {
      rmSync(this.uploadPath(name), { force: true });
    }
  }

  public openUpload(name: string): Promise<FileHandle> {
    return openForWriting(this.uploadPath(name));
  }

  /** After a crash: removes what nothing refers to. Returns the files that are missing or shorter than they were. */
  public reconcile(blobs: ReadonlyMap<string, number>, uploads: ReadonlyMap<string, number>): readonly string[] {
    if (this.data === undefined) {
      return [];
    }
    const data = this.data;
    sweep(join(data, 'uploads'), (name) => uploads.has(name));
    sweep(join(data, 'blobs', 'sha256'), (hex) => blobs.has(`sha256:${hex}`));
    const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? -1;
    return [
      ...[...blobs].filter(([digest, size]) => sizeOf(this.blobPath(digest)) !== size).map(([digest]) => this.blobPath(digest)),
      // What was not accepted yet may stand behind what was.
      ...[...uploads].filter(([name, size]) => size > 0 && sizeOf(this.uploadPath(name)) < size).map(([name]) => this.uploadPath(name)),
    ];
  }

  public close(): void {
    if (this.data === undefined && this.directory !== undefined) {
      rmSync(this.directory, { recursive: true, force: true });
      temporary.delete(this.directory);
    }
  }

  private root(): string {
    if (this.directory === undefined) {
      this.directory = this.data ?? mkdtempSync(join(tmpdir(), 'drydock-emulator-'));
      if (this.data === undefined) {
        temporary.add(this.directory);
      }
      mkdirSync(join(this.directory, 'blobs', 'sha256'), { recursive: true });
      mkdirSync(join(this.directory, 'uploads'), { recursive: true });
    }
    return this.directory;
  }
}

function sweep(folder: string, wanted: (name: string) => boolean): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!wanted(name)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Opens a file in whose middle can be written, and makes it when it is not there. */
async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error;
    }
    return open(path, 'w+');
  }
}
