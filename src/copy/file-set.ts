import { FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomAccess, readAhead } from './random-access';
import { TarIndex } from './tar-index';
import { copyError } from '../images/codes';

/** The files of an image layout, in a directory or in an archive. */
export interface FileSet {
  readonly name: string;
  sizeOf(path: string, signal: AbortSignal): Promise<number | undefined>;
  /** A whole file, if it is there; `most` bounds it. */
  read(path: string, most: number, signal: AbortSignal): Promise<Buffer | undefined>;
  stream(path: string, offset: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
  close(): Promise<void>;
}

const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

const tooLarge = (name: string, path: string, size: number, most: number) =>
  copyError('DD-COPY-027', name, `${path} has ${size} bytes, more than the ${most} that it may have.`);

/** Callers make paths of digests that were checked, never of what a file says. */
export class DirectoryFiles implements FileSet {
  constructor(public readonly name: string) {}

  public async sizeOf(path: string): Promise<number | undefined> {
    try {
      const found = await stat(join(this.name, path));
      return found.isFile() ? found.size : undefined;
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw this.unreadable(path, error);
    }
  }

  public async read(path: string, most: number): Promise<Buffer | undefined> {
    const size = await this.sizeOf(path);
    if (size === undefined) {
      return undefined;
    }
    if (size > most) {
      throw tooLarge(this.name, path, size, most);
    }
    try {
      const file = await open(join(this.name, path));
      try {
        return await file.readFile();
      } finally {
        await file.close();
      }
    } catch (error) {
      throw this.unreadable(path, error);
    }
  }

  public async stream(path: string, offset: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    const size = await this.sizeOf(path);
    return size === undefined ? undefined : this.pieces(path, offset, size, signal);
  }

  public async close(): Promise<void> {
    // Nothing stays open.
  }

  private async* pieces(path: string, offset: number, size: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    let file: FileHandle | undefined;
    try {
      file = await open(join(this.name, path));
    } catch (error) {
      throw this.unreadable(path, error);
    }
    try {
      yield* readAhead(file, offset, Math.max(0, size - offset), signal);
    } finally {
      await file.close();
    }
  }

  private unreadable(path: string, error: unknown): Error {
    return copyError('DD-COPY-027', this.name, `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}.`, undefined, { cause: error });
  }
}

export class TarFiles implements FileSet {
  private index: Promise<TarIndex> | undefined;

  constructor(private readonly file: RandomAccess) {}

  public get name(): string {
    return this.file.name;
  }

  public async sizeOf(path: string, signal: AbortSignal): Promise<number | undefined> {
    return (await this.tar(signal)).find(path)?.size;
  }

  public async read(path: string, most: number, signal: AbortSignal): Promise<Buffer | undefined> {
    const span = (await this.tar(signal)).find(path);
    if (span !== undefined && span.size > most) {
      throw tooLarge(this.name, path, span.size, most);
    }
    return span && this.file.read(span.offset, span.size, signal);
  }

  /** The first bytes, as many as there are. */
  public async head(path: string, length: number, signal: AbortSignal): Promise<Buffer> {
    const span = (await this.tar(signal)).find(path);
    return span === undefined ? Buffer.alloc(0) : this.file.read(span.offset, Math.min(length, span.size), signal);
  }

  public async stream(path: string, offset: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    const span = (await this.tar(signal)).find(path);
    return span && this.file.stream(span.offset + offset, Math.max(0, span.size - offset), signal);
  }

  public close(): Promise<void> {
    return this.file.close();
  }

  private tar(signal: AbortSignal): Promise<TarIndex> {
    this.index ??= TarIndex.read(this.file, signal);
    return this.index;
  }
}
