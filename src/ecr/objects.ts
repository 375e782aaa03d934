import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientOptions, Connection } from './client';
import { isAccessDenied, isObjectNotFound, isPreconditionFailed } from './errors';
import { Budget, isTimeIsUp } from './retry';
import { copyError } from '../images/codes';

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

/** One object of S3, read by ranges; its size and version are those of the first look, so that an object that is replaced meanwhile is an error. */
export class S3Object {
  private readonly client: S3Client;
  private head?: Promise<{ size: number; etag?: string }>;

  constructor({ options }: Connection, private readonly budget: Budget, private readonly address: ObjectAddress) {
    // The checksum of a whole object says nothing about a range of it.
    this.client = new S3Client({ ...clientOptions(options, 's3'), responseChecksumValidation: 'WHEN_REQUIRED', followRegionRedirects: true });
  }

  public get name(): string {
    return `s3://${this.address.bucket}/${this.address.key}`;
  }

  public async size(signal: AbortSignal): Promise<number> {
    return (await this.look(signal)).size;
  }

  public async read(offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.stream(offset, length, signal)) {
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  public async stream(offset: number, length: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    if (length === 0) {
      return empty();
    }
    const { etag } = await this.look(signal);
    const { Body } = await this.call(signal, (abortSignal) => this.client.send(new GetObjectCommand({
      Bucket: this.address.bucket, Key: this.address.key, Range: `bytes=${offset}-${offset + length - 1}`, ...(etag === undefined ? {} : { IfMatch: etag }),
    }), { abortSignal }));
    return exactly(Body as Readable, length, this.name);
  }

  public async close(): Promise<void> {
    this.client.destroy();
  }

  private look(signal: AbortSignal): Promise<{ size: number; etag?: string }> {
    this.head ??= this.call(signal, (abortSignal) => this.client.send(new HeadObjectCommand({ Bucket: this.address.bucket, Key: this.address.key }), { abortSignal }))
      .then(({ ContentLength, ETag }) => ({ size: ContentLength ?? 0, etag: ETag }));
    // A look that failed is no answer to the next one.
    this.head.catch(() => { this.head = undefined; });
    return this.head;
  }

  private async call<T>(signal: AbortSignal, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.budget.call('s3:GetObject', (budgetSignal) => attempt(AbortSignal.any([signal, budgetSignal])));
    } catch (error) {
      signal.throwIfAborted();
      if (isTimeIsUp(error)) {
        throw error;
      }
      if (isAccessDenied(error)) {
        throw copyError('DD-COPY-021', this.name, 'The role may not read the object, or may not decrypt it.', 'The bucket\'s policy must not deny s3:GetObject; with a key of yours, allow the role kms:Decrypt on it.', { cause: error });
      }
      if (isObjectNotFound(error)) {
        throw copyError('DD-COPY-027', this.name, 'There is no such object.', 'Deploy with the CDK CLI, which uploads assets first.', { cause: error });
      }
      if (isPreconditionFailed(error)) {
        throw copyError('DD-COPY-027', this.name, 'The object was replaced while it was read.', 'Deploy again.', { cause: error });
      }
      throw error;
    }
  }
}

async function* empty(): AsyncIterable<Uint8Array> {
  // Nothing to read.
}

async function* exactly(body: Readable, length: number, name: string): AsyncIterable<Uint8Array> {
  let got = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    got += chunk.length;
    yield chunk;
  }
  if (got !== length) {
    throw new Error(`S3 gave ${got} bytes of ${name} instead of ${length}.`);
  }
}
