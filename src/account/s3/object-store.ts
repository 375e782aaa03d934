import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly contentType: string;
  /** ISO 8601. */
  readonly lastModified: string;
  /** Headers that a client gave and gets back: `x-amz-meta-*`, content encoding and so on. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A file that has been received and belongs to no object yet. */
export interface Received {
  readonly file: string;
  readonly size: number;
  readonly md5: string;
}

/** Objects of buckets as files. A name of a file is a hash, so that no key leads anywhere else. */
export class ObjectStore {
  private readonly objects = new Map<string, StoredObject>();

  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
    for (const name of readdirSync(directory)) {
      if (name.endsWith('.json')) {
        const stored = JSON.parse(readFileSync(join(directory, name), 'utf8')) as StoredObject;
        this.objects.set(idOf(stored.bucket, stored.key), stored);
      } else if (name.startsWith('incoming-')) {
        rmSync(join(directory, name), { force: true });
      }
    }
  }

  /** Bytes on their way in, straight to the disk. */
  public async receive(bytes: AsyncIterable<Buffer>): Promise<Received> {
    const file = join(this.directory, `incoming-${randomUUID()}`);
    const hash = createHash('md5');
    let size = 0;
    const counted = async function* () {
      for await (const chunk of bytes) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    };
    try {
      await pipeline(Readable.from(counted()), createWriteStream(file));
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    }
    return { file, size, md5: hash.digest('hex') };
  }

  public put(bucket: string, key: string, received: Received, details: Pick<StoredObject, 'contentType' | 'lastModified' | 'headers'>, etag = received.md5): StoredObject {
    const stored: StoredObject = { bucket, key, size: received.size, etag, ...details };
    const id = idOf(bucket, key);
    renameSync(received.file, join(this.directory, `${id}.object`));
    const described = join(this.directory, `incoming-${randomUUID()}`);
    writeFileSync(described, JSON.stringify(stored));
    renameSync(described, join(this.directory, `${id}.json`));
    this.objects.set(id, stored);
    return stored;
  }

  public find(bucket: string, key: string): StoredObject | undefined {
    return this.objects.get(idOf(bucket, key));
  }

  /** The file of an object. */
  public file(bucket: string, key: string): string | undefined {
    const file = join(this.directory, `${idOf(bucket, key)}.object`);
    return this.objects.has(idOf(bucket, key)) && existsSync(file) ? file : undefined;
  }

  /** The file of the latest object of this key, in whatever bucket. */
  public fileOfKey(key: string): string | undefined {
    const [latest] = [...this.objects.values()].filter((stored) => stored.key === key).sort((a, b) => b.lastModified.localeCompare(a.lastModified));
    return latest === undefined ? undefined : this.file(latest.bucket, key);
  }

  public open({ bucket, key }: StoredObject, start = 0, end = Infinity): Readable {
    return createReadStream(join(this.directory, `${idOf(bucket, key)}.object`), { start, end });
  }

  public remove(bucket: string, key: string): void {
    const id = idOf(bucket, key);
    this.objects.delete(id);
    rmSync(join(this.directory, `${id}.json`), { force: true });
    rmSync(join(this.directory, `${id}.object`), { force: true });
  }

  public discard({ file }: Received): void {
    rmSync(file, { force: true });
  }

  /** In the order of their keys, as S3 lists them: by their bytes. */
  public list(bucket: string): StoredObject[] {
    return [...this.objects.values()].filter((stored) => stored.bucket === bucket)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }
}

function idOf(bucket: string, key: string): string {
  return createHash('sha256').update(`${bucket}/${key}`).digest('hex');
}
