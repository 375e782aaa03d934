import { createHash, Hash, randomUUID } from 'node:crypto';
import { FileHandle } from 'node:fs/promises';
import { BlobStore } from './blob-store';
import { UploadRecord } from '../registry/records';

/** How much is gathered before it is written: few, large writes. */
const WRITE_BYTES = 512 * 1024;
const COPY_BYTES = 1024 * 1024;

/** What is known of an upload beyond its record: the hash of the bytes so far, and who is writing behind them. */
interface Live {
  hash: Promise<Hash>;
  writer?: Incoming;
  sealed?: boolean;
  queue: Promise<unknown>;
}

/**
 * Bytes of layers on their way in. A part is written straight behind what the upload has, hashed as it comes; it counts only once it is
 * accepted, until then the next one may overwrite it. Where the upload is not known yet, or somebody else is writing, the bytes wait in a
 * file of their own.
 */
export class Uploads {
  private readonly live = new Map<string, Live>();

  constructor(private readonly store: BlobStore) {}

  /** Takes in a part that begins at `firstByte` of an upload; of an upload or a place that is named later, when they are not known. */
  public async receive(upload: UploadRecord | undefined, firstByte: number | undefined, limit = Infinity): Promise<Incoming> {
    const live = upload && this.liveOf(upload);
    const hash = await live?.hash;
    if (!upload || !live || live.writer || live.sealed || firstByte !== upload.received) {
      return new Incoming(this.store, `${randomUUID()}.part`, limit);
    }
    const incoming: Incoming = new Incoming(this.store, upload.uploadId, limit, {
      offset: upload.received,
      hash: hash!.copy(),
      release: () => {
        if (live.writer === incoming) {
          live.writer = undefined;
        }
      },
    });
    live.writer = incoming;
    return incoming;
  }

  /** Makes a part count. The upload must end where the part begins; its record is the caller's to change. */
  public async accept(upload: UploadRecord, incoming: Incoming): Promise<void> {
    if (incoming.size === 0) {
      return;
    }
    const live = this.liveOf(upload);
    await incoming.close();
    if (incoming.behind) {
      live.hash = Promise.resolve(incoming.behind.hash);
      incoming.behind.release();
      return;
    }
    await live.writer?.revoke();
    live.writer = undefined;
    live.hash = Promise.resolve(await this.copyBehind(upload, incoming, (await live.hash).copy()));
  }

  /** One after the other for each upload. */
  public exclusively<T>(upload: UploadRecord, work: () => Promise<T>): Promise<T> {
    const live = this.liveOf(upload);
    const result = live.queue.then(work);
    live.queue = result.catch(() => undefined);
    return result;
  }

  /** The digest of everything that was accepted. */
  public async digestOf(upload: UploadRecord): Promise<string> {
    return `sha256:${(await this.liveOf(upload).hash).copy().digest('hex')}`;
  }

  /** Cuts off what was never accepted, so that the file is the layer. */
  public async seal(upload: UploadRecord): Promise<void> {
    const live = this.liveOf(upload);
    live.sealed = true;
    await live.writer?.revoke();
    const handle = await this.store.openUpload(upload.uploadId);
    try {
      await handle.truncate(upload.received);
    } finally {
      await handle.close();
    }
  }

  public forget(uploadId: string): void {
    void this.live.get(uploadId)?.writer?.revoke();
    this.live.delete(uploadId);
  }

  private liveOf(upload: UploadRecord): Live {
    let live = this.live.get(upload.uploadId);
    if (!live) {
      live = { hash: this.hashOf(upload), queue: Promise.resolve() };
      live.hash.catch(() => undefined);
      this.live.set(upload.uploadId, live);
    }
    return live;
  }

  /** A hash cannot be stored half-way: after a restart it is made again from the file. */
  private async hashOf(upload: UploadRecord): Promise<Hash> {
    const hash = createHash('sha256');
    if (upload.received > 0) {
      const handle = await this.store.openUpload(upload.uploadId);
      try {
        await eachPiece(handle, upload.received, (piece) => hash.update(piece));
      } finally {
        await handle.close();
      }
    }
    return hash;
  }

  private async copyBehind(upload: UploadRecord, incoming: Incoming, hash: Hash): Promise<Hash> {
    const target = await this.store.openUpload(upload.uploadId);
    const source = await this.store.openUpload(incoming.name);
    try {
      let position = upload.received;
      await eachPiece(source, incoming.size, async (piece) => {
        hash.update(piece);
        await writeAll(target, piece, position);
        position += piece.length;
      });
    } finally {
      await Promise.all([target.close(), source.close()]);
    }
    return hash;
  }
}

interface Behind {
  readonly offset: number;
  readonly hash: Hash;
  readonly release: () => void;
}

/** The bytes of one part, as they come. */
export class Incoming {
  /** Bytes so far. */
  public size = 0;
  private handle: Promise<FileHandle> | undefined;
  private gathered: Buffer[] = [];
  private gatheredBytes = 0;
  private written = 0;
  private writing: Promise<void> = Promise.resolve();
  private revoked = false;

  constructor(private readonly store: BlobStore, public readonly name: string, private readonly limit: number, public readonly behind?: Behind) {}

  /** What goes beyond the limit is counted, so that it can be refused, and not kept. */
  public async write(chunk: Buffer): Promise<void> {
    this.size += chunk.length;
    if (this.size > this.limit) {
      return;
    }
    this.behind?.hash.update(chunk);
    this.gathered.push(chunk);
    this.gatheredBytes += chunk.length;
    if (this.gatheredBytes >= WRITE_BYTES) {
      await this.flush();
    }
  }

  private async flush(): Promise<void> {
    if (this.gatheredBytes === 0 || this.revoked) {
      return this.writing;
    }
    const piece = this.gathered.length === 1 ? this.gathered[0] : Buffer.concat(this.gathered, this.gatheredBytes);
    this.gathered = [];
    this.gatheredBytes = 0;
    const position = (this.behind?.offset ?? 0) + this.written;
    this.written += piece.length;
    // One piece may be on its way to the disk while the next one is gathered, but not two.
    await this.writing;
    this.writing = this.open().then((handle) => (this.revoked ? undefined : writeAll(handle, piece, position)));
    // Whoever flushes or closes next hears of a failure.
    this.writing.catch(() => undefined);
  }

  /** Somebody else writes here from now on. */
  public async revoke(): Promise<void> {
    this.revoked = true;
    await this.writing.catch(() => undefined);
  }

  /** Everything is on disk. */
  public async close(): Promise<void> {
    try {
      await this.flush();
      await this.writing;
    } finally {
      const handle = await this.handle?.catch(() => undefined);
      this.handle = undefined;
      await handle?.close();
    }
  }

  /** The bytes are not wanted, or have been taken over. */
  public async discard(): Promise<void> {
    this.revoked = true;
    await this.close().catch(() => undefined);
    this.behind?.release();
    if (!this.behind) {
      this.store.removeUpload(this.name);
    }
  }

  private open(): Promise<FileHandle> {
    this.handle ??= this.store.openUpload(this.name);
    return this.handle;
  }
}

async function eachPiece(handle: FileHandle, length: number, use: (piece: Buffer) => unknown): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, Math.max(length, 1)));
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - done), done);
    if (bytesRead === 0) {
      throw new Error(`A file of an upload ends after ${done} bytes; it should have ${length}`);
    }
    await use(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
}

async function writeAll(handle: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let done = 0; done < piece.length;) {
    done += (await handle.write(piece, done, piece.length - done, position + done)).bytesWritten;
  }
}
