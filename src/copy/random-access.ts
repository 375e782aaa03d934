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
      throw this.cutShort(offset + got, length - got);
    }
    return buffer;
  }

  public async* stream(offset: number, length: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    let at = offset;
    for await (const chunk of readAhead(this.handle, offset, length, signal)) {
      at += chunk.length;
      yield chunk;
    }
    if (at < offset + length) {
      throw this.cutShort(at, offset + length - at);
    }
  }

  public close(): Promise<void> {
    return this.handle.close();
  }

  private cutShort(at: number, missing: number): Error {
    return copyError('DD-COPY-027', this.name, `The file ends at byte ${at}, where ${missing} more were expected.`, 'It was cut short: write or download it again.');
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

/**
 * Bytes of a file, the next piece read while the last one is worked on. Two buffers take turns, so a piece is good until the next one is asked for: new ones
 * for every piece would keep the garbage collector as busy as the copy itself.
 */
export async function* readAhead(handle: FileHandle, offset: number, length: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, length)), Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, length))];
  const end = offset + length;
  const read = (turn: number, at: number) => handle.read(buffers[turn], 0, Math.min(CHUNK_BYTES, end - at), at).then(({ bytesRead }) => bytesRead);
  let pending: Promise<number> | undefined = length > 0 ? read(0, offset) : undefined;
  try {
    for (let at = offset, turn = 0; pending !== undefined; turn = 1 - turn) {
      const got: number = await pending;
      pending = undefined;
      signal.throwIfAborted();
      if (got === 0) {
        return;
      }
      at += got;
      pending = at < end ? read(1 - turn, at) : undefined;
      yield buffers[turn].subarray(0, got);
    }
  } finally {
    await pending?.catch(() => undefined);
  }
}
