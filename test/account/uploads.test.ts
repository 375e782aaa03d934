import { createHash, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand, CreateBucketCommand, CreateMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command,
  PutObjectCommand, UploadPartCommand,
} from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { folder, laptop, Laptop } from './support';
import { unpackedCode } from '../../src/account/function-code';
import { raw, refusal } from '../emulator/support';

async function withBucket(options = {}): Promise<Laptop> {
  const one = await laptop(options);
  await one.s3.send(new CreateBucketCommand({ Bucket: 'assets' }));
  return one;
}

const at = (Key: string) => ({ Bucket: 'assets', Key });
const bytesOf = async ({ s3 }: Laptop, key: string, Range?: string) => Buffer.from(await (await s3.send(new GetObjectCommand({ ...at(key), Range }))).Body!.transformToByteArray());

test('an object that the SDK uploads is read again byte for byte, in parts of it, and with its headers', async () => {
  const one = await withBucket();
  const Body = randomBytes(200_000);
  const { ETag } = await one.s3.send(new PutObjectCommand({ ...at('a/ü b+c.zip'), Body, ContentType: 'application/zip', Metadata: { team: 'shop' } }));
  expect(ETag).toBe(`"${createHash('md5').update(Body).digest('hex')}"`);
  expect((await bytesOf(one, 'a/ü b+c.zip')).equals(Body)).toBe(true);
  expect((await bytesOf(one, 'a/ü b+c.zip', 'bytes=100-199')).equals(Body.subarray(100, 200))).toBe(true);
  expect(await one.s3.send(new HeadObjectCommand(at('a/ü b+c.zip')))).toMatchObject({ ContentLength: 200_000, ContentType: 'application/zip', Metadata: { team: 'shop' } });
  expect((await one.s3.send(new ListObjectsV2Command({ Bucket: 'assets', Prefix: 'a/' }))).Contents!.map(({ Key }) => Key)).toEqual(['a/ü b+c.zip']);
  await one.s3.send(new DeleteObjectCommand(at('a/ü b+c.zip')));
  expect((await refusal(one.s3.send(new GetObjectCommand(at('a/ü b+c.zip'))))).name).toBe('NoSuchKey');
});

test('an upload whose chunks the SDK signs one by one (aws-chunked, with a checksum behind them) is stored without them', async () => {
  const one = await withBucket();
  const Body = randomBytes(300_000);
  let encoding: string | undefined;
  one.s3.middlewareStack.add((next) => async (args) => {
    encoding = (args.request as { headers: Record<string, string> }).headers['content-encoding'];
    return next(args);
  }, { step: 'finalizeRequest', priority: 'low' });
  await one.s3.send(new PutObjectCommand({ ...at('streamed'), Body: Readable.from([Body.subarray(0, 1), Body.subarray(1)]), ContentLength: Body.length, ChecksumAlgorithm: 'SHA256' }));
  expect(encoding).toBe('aws-chunked');
  expect((await bytesOf(one, 'streamed')).equals(Body)).toBe(true);
});

const chunked = (body: string) => ({
  method: 'PUT', path: '/assets/damaged', body,
  headers: {
    'authorization': 'AWS4-HMAC-SHA256 Credential=laptop/20260131/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'content-encoding': 'aws-chunked',
  },
});

test.each([['no last chunk', '5\r\nhello\r\n'], ['longer than it says', '3\r\nhello\r\n0\r\n\r\n'], ['no length', 'zz\r\nhello\r\n0\r\n\r\n'], ['cut off', 'ff\r\nhello']])(
  'a chunked upload with %s is refused and leaves no object', async (_, body) => {
    const one = await withBucket();
    expect(await raw(one.emulator, chunked(body))).toMatchObject({ status: 400, body: expect.stringContaining('IncompleteBody') });
    expect((await refusal(one.s3.send(new HeadObjectCommand(at('damaged'))))).status).toBe(404);
    expect((await raw(one.emulator, chunked('5\r\nhello\r\n0\r\n\r\n'))).status).toBe(200);
    expect((await bytesOf(one, 'damaged')).toString()).toBe('hello');
  });

test('an upload in parts is the parts in their order, the last of each number; missing parts refuse it', async () => {
  const one = await withBucket();
  const parts = [randomBytes(70_000), randomBytes(70_000), randomBytes(10)];
  const { UploadId } = await one.s3.send(new CreateMultipartUploadCommand({ ...at('large'), ContentType: 'application/zip' }));
  const put = (PartNumber: number, Body: Buffer) => one.s3.send(new UploadPartCommand({ ...at('large'), UploadId, PartNumber, Body }));
  const complete = (...numbers: number[]) => one.s3.send(new CompleteMultipartUploadCommand({ ...at('large'), UploadId, MultipartUpload: { Parts: numbers.map((PartNumber) => ({ PartNumber })) } }));
  await put(2, parts[1]);
  await put(1, Buffer.from('sent again'));
  await put(1, parts[0]);
  await put(3, parts[2]);
  expect((await refusal(complete(1, 2, 4))).name).toBe('InvalidPart');
  expect((await refusal(one.s3.send(new HeadObjectCommand(at('large'))))).status).toBe(404);
  await complete(1, 2, 3);
  expect((await bytesOf(one, 'large')).equals(Buffer.concat(parts))).toBe(true);
  expect((await refusal(put(4, parts[0]))).name).toBe('NoSuchUpload');
});

test('buckets that no stack holds and nobody made are not there; objects outlive the process in a data directory', async () => {
  const data = folder();
  const before = await withBucket({ data });
  expect((await refusal(before.s3.send(new PutObjectCommand({ Bucket: 'absent', Key: 'a', Body: 'b' })))).name).toBe('NoSuchBucket');
  await before.s3.send(new PutObjectCommand({ ...at('kept'), Body: 'kept' }));
  await before.close();
  expect((await bytesOf(await laptop({ data }), 'kept')).toString()).toBe('kept');
});

test.each(['../../../escaped', '..%2f..%2fescaped', '/etc/escaped', 'a/../../escaped'])('the key %s stays in the store', async (key) => {
  const data = folder();
  const one = await withBucket({ data: join(data, 'in') });
  await one.s3.send(new PutObjectCommand({ ...at(key), Body: 'x' })).catch(() => undefined);
  expect([join(data, 'escaped'), join(data, 'in', 'escaped'), '/etc/escaped', '/escaped'].filter((file) => existsSync(file))).toEqual([]);
});

function archive(files: Record<string, string>): string {
  const file = join(folder(), 'code.zip');
  writeFileSync(file, zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]))));
  return file;
}

test.each(['../out.js', 'a/../../out.js', '/out.js', '..\\out.js'])('an archive with a file named %s is refused and writes nothing', (name) => {
  const root = join(folder(), 'code');
  expect(() => unpackedCode(archive({ 'index.js': '', [name]: 'x' }), root)).toThrow(expect.objectContaining({ code: 'DD-ACCOUNT-006' }));
  expect(['out.js', '../out.js'].filter((one) => existsSync(join(root, one)))).toEqual([]);
});

test('a damaged archive is refused, and leaves nothing that a second attempt takes for the code', () => {
  const root = join(folder(), 'code');
  const whole = zipSync({ 'index.js': Buffer.from('exports.handler = async () => {};'.repeat(50)), 'b.js': Buffer.from('x'.repeat(5000)) });
  const file = join(folder(), 'code.zip');
  const flipped = Buffer.from(whole);
  flipped.fill(0xff, 40, 70);
  const damaged = { empty: Buffer.alloc(0), words: Buffer.from('not a zip'), half: whole.subarray(0, whole.length / 2), flipped };
  for (const [name, bytes] of Object.entries(damaged)) {
    writeFileSync(file, bytes);
    for (const attempt of [1, 2]) {
      expect([name, attempt, attemptOf(file, root)]).toEqual([name, attempt, 'DD-ACCOUNT-006']);
    }
  }
});

function attemptOf(file: string, root: string): string {
  try {
    return unpackedCode(file, root);
  } catch (error) {
    return (error as { code: string }).code;
  }
}
