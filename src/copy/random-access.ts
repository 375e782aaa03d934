import { FileHandle, open } from 'node:fs/promises';
import { copyError } from '../images/codes';

/** Bytes that can be read from anywhere: a file, or an object of S3 by its ranges. */
export interface RandomAccess {
  /** For messages. */
  readonly name: string;
  size(signal: AbortSignal): Promise<number>;
  /** Exactly these bytes; an error where the end comes before. */
  read(offset: number, length: number, signal: AbortSignal): Promise<Buffer>;
  stream(offset: number, length: number, signal: AbortSignal): AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

const CHUNK_BYTES = 1_048_576;

export async function fileReader(path: string): Promise<RandomAccess> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw copyError('DD-COPY-027', path, `The file cannot be opened: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}.`, 'Give the path of a file that can be read.', { cause: error });
  }
  return new FileReader(path, handle);
}

class FileReader implements RandomAccess {
  constructor(public readonly name: string, private readonly handle: FileHandle) {}

  public async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  public async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    const got = await this.fill(buffer, offset);
    if (got < length) {
      throw copyError('DD-COPY-027', this.name, `The file ends at byte ${offset + got}, where ${length - got} more were expected.`, 'It was cut short: write or download it again.');
    }
    return buffer;
  }

  public async* stream(offset: number, length: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    for (let at = offset; at < offset + length;) {
      signal.throwIfAborted();
      const chunk = await this.read(at, Math.min(CHUNK_BYTES, offset + length - at));
      at += chunk.length;
      yield chunk;
    }
  }

  public close(): Promise<void> {
    return this.handle.close();
  }

  private async fill(buffer: Buffer, offset: number): Promise<number> {
    let got = 0;
    while (got < buffer.length) {
      const { bytesRead } = await this.handle.read(buffer, got, buffer.length - got, offset + got);
      if (bytesRead === 0) {
        break;
      }
      got += bytesRead;
    }
    return got;
  }
}
