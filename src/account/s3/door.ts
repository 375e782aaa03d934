import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { MalformedChunks, unchunk } from './chunks';
import { listObjects } from './list-objects';
import { ObjectStore, Received, StoredObject } from './object-store';
import { S3Error, S3_NAMESPACE, xmlReply } from './replies';
import type { Reply, Request } from '../../emulator';
import { renderXml } from '../../rehearsal/query-protocol';

/** What S3 is told of buckets. */
export interface Buckets {
  readonly region: string;
  has(bucket: string): boolean;
  create(bucket: string): void;
}

/** Headers of an upload that come back with the object. */
const KEPT_HEADERS = /^(?:x-amz-meta-.+|cache-control|content-disposition|content-encoding|content-language|expires)$/;

/**
 * As much of S3 as publishing assets and reading them again needs: objects in one piece or in parts, lists, ranges. No versions, no access control:
 * what is in a bucket is there for everybody on this machine.
 */
export class S3Door {
  private readonly uploads = new Map<string, { readonly bucket: string; readonly key: string; readonly parts: Map<number, Received>; readonly request: Request }>();

  constructor(private readonly objects: ObjectStore, private readonly buckets: Buckets, private readonly now: () => Date = () => new Date()) {}

  public async handle(request: Request): Promise<Reply> {
    try {
      return await this.answer(request);
    } catch (error) {
      if (error instanceof S3Error) {
        return error.reply();
      }
      if (error instanceof MalformedChunks) {
        return new S3Error(400, 'IncompleteBody', error.message).reply();
      }
      throw error;
    }
  }

  private async answer(request: Request): Promise<Reply> {
    const { bucket, key } = placeOf(request);
    if (bucket === '') {
      throw new S3Error(501, 'NotImplemented', 'Buckets are not listed here: name one.');
    }
    if (key === '') {
      return this.bucket(bucket, request);
    }
    if (!this.buckets.has(bucket)) {
      throw noSuchBucket(bucket);
    }
    return this.object(bucket, key, request);
  }

  private async bucket(bucket: string, request: Request): Promise<Reply> {
    const { method, query } = request;
    if (method === 'PUT' && query.size === 0) {
      this.buckets.create(bucket);
      return { statusCode: 200, headers: { location: `/${bucket}` }, body: '' };
    }
    if (!this.buckets.has(bucket)) {
      throw noSuchBucket(bucket);
    }
    if (method === 'HEAD') {
      return { statusCode: 200, headers: { 'x-amz-bucket-region': this.buckets.region }, body: '' };
    }
    if (method === 'POST' && query.has('delete')) {
      const body = (await request.bytes())?.toString('utf8') ?? '';
      const keys = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => unescapeXml(key));
      keys.forEach((key) => this.objects.remove(bucket, key));
      return xmlReply(200, `<DeleteResult xmlns="${S3_NAMESPACE}">${keys.map((Key) => `<Deleted>${renderXml({ Key })}</Deleted>`).join('')}</DeleteResult>`);
    }
    if (method !== 'GET') {
      throw notHad(`${method} of a bucket`);
    }
    if (query.has('location')) {
      // us-east-1 is the Region that has no name here.
      return xmlReply(200, `<LocationConstraint xmlns="${S3_NAMESPACE}">${this.buckets.region === 'us-east-1' ? '' : this.buckets.region}</LocationConstraint>`);
    }
    if (query.has('encryption')) {
      return xmlReply(200, `<ServerSideEncryptionConfiguration xmlns="${S3_NAMESPACE}"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>`
        + '</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>');
    }
    const unknown = [...query.keys()].find((name) => !LIST_PARAMETERS.includes(name));
    if (unknown !== undefined) {
      throw notHad(`?${unknown} of a bucket`);
    }
    return listObjects(bucket, this.objects.list(bucket), query);
  }

  private async object(bucket: string, key: string, request: Request): Promise<Reply> {
    const { method, query } = request;
    if (method === 'GET' || method === 'HEAD') {
      return this.get(bucket, key, request);
    }
    if (method === 'DELETE') {
      const upload = query.get('uploadId');
      if (upload !== null) {
        this.abort(upload);
      } else {
        this.objects.remove(bucket, key);
      }
      return { statusCode: 204, headers: {}, body: '' };
    }
    if (method === 'POST' && query.has('uploads')) {
      const UploadId = randomUUID();
      this.uploads.set(UploadId, { bucket, key, parts: new Map(), request });
      return xmlReply(200, `<InitiateMultipartUploadResult xmlns="${S3_NAMESPACE}">${renderXml({ Bucket: bucket, Key: key, UploadId })}</InitiateMultipartUploadResult>`);
    }
    if (method === 'POST' && query.has('uploadId')) {
      return this.complete(query.get('uploadId') ?? '', request);
    }
    if (method !== 'PUT' || request.headers['x-amz-copy-source'] !== undefined || [...query.keys()].some((name) => !['partNumber', 'uploadId', 'x-id'].includes(name))) {
      throw notHad(`${method} of an object with ${[...query.keys()].join(', ') || 'these headers'}`);
    }
    const received = await this.receive(request);
    const uploadId = query.get('uploadId');
    if (uploadId !== null) {
      const part = Number(query.get('partNumber'));
      const parts = this.upload(uploadId).parts;
      const former = parts.get(part);
      parts.set(part, received);
      if (former !== undefined) {
        this.objects.discard(former);
      }
      return { statusCode: 200, headers: { etag: `"${received.md5}"` }, body: '' };
    }
    const { etag } = this.objects.put(bucket, key, received, this.detailsOf(request));
    return { statusCode: 200, headers: { etag: `"${etag}"` }, body: '' };
  }

  private async receive(request: Request): Promise<Received> {
    const chunked = String(request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
    return this.objects.receive(chunked ? unchunk(request.stream) : request.stream);
  }

  private get(bucket: string, key: string, { method, headers }: Request): Reply {
    const stored = this.objects.find(bucket, key);
    if (stored === undefined) {
      throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
    }
    const described = {
      'etag': `"${stored.etag}"`,
      'content-type': stored.contentType,
      'last-modified': new Date(stored.lastModified).toUTCString(),
      'accept-ranges': 'bytes',
      ...stored.headers,
    };
    const whole = method === 'HEAD' || headers.range === undefined;
    const range = whole ? undefined : rangeOf(headers.range as string, stored);
    const [start, end] = range ?? [0, stored.size - 1];
    const size = Math.max(0, end - start + 1);
    return {
      statusCode: range === undefined ? 200 : 206,
      headers: range === undefined ? described : { ...described, 'content-range': `bytes ${start}-${end}/${stored.size}` },
      body: size === 0 ? '' : { size, open: async () => this.objects.open(stored, start, end) },
    };
  }

  private async complete(uploadId: string, request: Request): Promise<Reply> {
    const { bucket, key, parts, request: first } = this.upload(uploadId);
    const body = (await request.bytes())?.toString('utf8') ?? '';
    const wanted = [...body.matchAll(/<PartNumber>\s*(\d+)\s*<\/PartNumber>/g)].map(([, number]) => Number(number));
    const found = wanted.map((number) => parts.get(number));
    if (wanted.length === 0 || found.some((part) => part === undefined)) {
      throw new S3Error(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
    }
    const received = await this.objects.receive(concatenated(found as Received[]));
    const { etag } = this.objects.put(bucket, key, received, this.detailsOf(first), `${received.md5}-${wanted.length}`);
    this.abort(uploadId);
    return xmlReply(200, `<CompleteMultipartUploadResult xmlns="${S3_NAMESPACE}">${renderXml({ Location: `/${bucket}/${key}`, Bucket: bucket, Key: key, ETag: `"${etag}"` })}</CompleteMultipartUploadResult>`);
  }

  private upload(uploadId: string) {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) {
      throw new S3Error(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
    }
    return upload;
  }

  private abort(uploadId: string): void {
    this.uploads.get(uploadId)?.parts.forEach((part) => this.objects.discard(part));
    this.uploads.delete(uploadId);
  }

  private detailsOf({ headers }: Request): Pick<StoredObject, 'contentType' | 'lastModified' | 'headers'> {
    const kept = Object.entries(headers).filter((entry): entry is [string, string] => KEPT_HEADERS.test(entry[0]) && typeof entry[1] === 'string')
      .map(([name, value]): [string, string] => [name, name === 'content-encoding' ? value.split(',').map((part) => part.trim()).filter((part) => part !== 'aws-chunked').join(', ') : value])
      .filter(([, value]) => value !== '');
    return { contentType: headers['content-type'] ?? 'binary/octet-stream', lastModified: this.now().toISOString(), headers: Object.fromEntries(kept) };
  }
}

const LIST_PARAMETERS = ['list-type', 'prefix', 'delimiter', 'max-keys', 'continuation-token', 'start-after', 'marker', 'encoding-type', 'fetch-owner', 'x-id'];

/** Bucket and key: in the path, or the bucket as the first label of a name below `localhost`. */
export function placeOf({ path, headers }: Pick<Request, 'path' | 'headers'>): { bucket: string; key: string } {
  const virtual = /^(.+)\.(?:s3\.)?localhost(?::\d+)?$/.exec(headers.host ?? '')?.[1];
  const parts = path.slice(1).split('/').map(decoded);
  return virtual === undefined ? { bucket: parts[0], key: parts.slice(1).join('/') } : { bucket: virtual, key: parts.join('/') };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new S3Error(400, 'InvalidURI', 'Couldn\'t parse the specified URI.');
  }
}

function rangeOf(header: string, { size }: StoredObject): [number, number] | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (first === undefined || first === '' && last === '') {
    return undefined;
  }
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) {
    throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable');
  }
  return [start, end];
}

async function* concatenated(parts: readonly Received[]): AsyncIterable<Buffer> {
  for (const { file } of parts) {
    yield* createReadStream(file) as AsyncIterable<Buffer>;
  }
}

function unescapeXml(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp|#x?[0-9a-fA-F]+);/g, (_, name: string) => {
    if (name.startsWith('#')) {
      const code = name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    }
    return { lt: '<', gt: '>', quot: '"', apos: '\'', amp: '&' }[name] as string;
  });
}

const noSuchBucket = (bucket: string) => new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
const notHad = (what: string) => new S3Error(501, 'NotImplemented', `drydock's S3 does not have this: ${what}.`);
