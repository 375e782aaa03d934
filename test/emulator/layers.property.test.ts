import { CompleteLayerUploadCommand, ECRClient, InvalidLayerPartException } from '@aws-sdk/client-ecr';
import * as fc from 'fast-check';
import { createRepository, digestOf, http, login, noise, sendPart, startUpload } from './layers-support';
import { call, ecr } from './support';
import { Base64Decoder } from '../../src/emulator/content/base64';
import { readPartBody } from '../../src/emulator/content/part-body';

const LEAST = 16;

/** Lengths of parts of which all but the last are long enough. */
const legalParts = fc.tuple(fc.array(fc.integer({ min: LEAST, max: 200 }), { maxLength: 6 }), fc.integer({ min: 1, max: 200 })).map(([parts, last]) => [...parts, last]);

const chunkLengths = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 }).filter((parts) => parts.some((length) => length > 0));

async function bench() {
  const both = await ecr({ allowMissingLayers: false, quotas: { minLayerPartBytes: LEAST } });
  await createRepository(both.client);
  return both;
}

const finish = (client: ECRClient, uploadId: string, layerDigest: string) =>
  client.send(new CompleteLayerUploadCommand({ repositoryName: 'app', uploadId, layerDigests: [layerDigest] }));

test('any split of bytes into legal parts gives the digest of the bytes, whatever is sent wrongly in between', async () => {
  const { client, emulator } = await bench();
  let round = 0;
  await fc.assert(fc.asyncProperty(legalParts, fc.infiniteStream(fc.option(fc.integer({ min: -300, max: 300 }), { freq: 3 })), async (parts, errors) => {
    const bytes = noise(`round ${round++}`, parts.reduce((a, b) => a + b, 0));
    const uploadId = await startUpload(client);
    let received = 0;
    for (const length of parts) {
      const shift = errors.next().value as number | null;
      if (shift !== null && shift !== 0 && received + shift >= 0) {
        const refused = await sendPart(client, uploadId, received + shift, noise('wrong', length)).catch((error: unknown) => error as InvalidLayerPartException);
        expect(refused).toMatchObject({ name: 'InvalidLayerPartException', lastValidByteReceived: received - 1 });
      }
      expect((await sendPart(client, uploadId, received, bytes.subarray(received, received + length))).lastByteReceived).toBe(received + length - 1);
      received += length;
    }
    expect((await finish(client, uploadId, digestOf(bytes))).layerDigest).toBe(digestOf(bytes));
    expect(emulator.state.repository('app')!.layers.get(digestOf(bytes))!.layerSize).toBe(bytes.length);
  }), { numRuns: 40 });
});

test('any split into chunks of the registry protocol gives the digest too', async () => {
  const { client, emulator } = await bench();
  const headers = await login(client);
  let round = 0;
  await fc.assert(fc.asyncProperty(chunkLengths, async (parts) => {
    const bytes = noise(`chunks ${round++}`, parts.reduce((a, b) => a + b, 0));
    const started = await http(`${emulator.endpoint}/v2/app/blobs/uploads/`, { method: 'POST', headers });
    const url = new URL(String(started.headers.location), emulator.endpoint).href;
    let received = 0;
    for (const length of parts) {
      const range: Record<string, string> = length === 0 ? {} : { 'content-range': `${received}-${received + length - 1}` };
      const { status } = await http(url, { method: 'PATCH', headers: { ...headers, ...range }, body: bytes.subarray(received, received + length) });
      expect(status).toBe(202);
      received += length;
    }
    expect((await http(`${url}?digest=${digestOf(bytes)}`, { method: 'PUT', headers })).status).toBe(201);
  }), { numRuns: 30 });
});

test('base64 in any pieces gives the bytes, and anything else an error', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(300), { maxLength: 8 }), (bytes, cuts) => {
    const text = Buffer.from(bytes).toString('base64');
    const decoder = new Base64Decoder();
    const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
    const pieces = places.slice(1).map((end, i) => decoder.push(text.slice(places[i], end)));
    decoder.end();
    expect(Buffer.concat(pieces).equals(Buffer.from(bytes))).toBe(true);
  }));
  fc.assert(fc.property(fc.base64String({ minLength: 4 }), fc.nat(), fc.constantFrom('!', ' ', '\n', 'ä', '='), (text, place, wrong) => {
    const at = place % (text.length - 3);
    const decoder = new Base64Decoder();
    expect(() => {
      decoder.push(text.slice(0, at) + wrong + text.slice(at + 1));
      decoder.end();
    }).toThrow();
  }));
});

test('a body is read the same however it is cut into chunks, wherever its members are', async () => {
  const member = fc.constantFrom('layerPartBlob', 'repositoryName', 'x', 'layerPart"Blob', 'ö');
  const json = fc.tuple(
    fc.dictionary(member.filter((name) => name !== 'layerPartBlob'), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true }),
    fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(5), fc.constantFrom(undefined, 1, '\t'),
  );
  await fc.assert(fc.asyncProperty(json, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), async ([rest, bytes, place, indent], sizes) => {
    const entries = Object.entries(rest);
    entries.splice(Math.min(place, entries.length), 0, ['layerPartBlob', Buffer.from(bytes).toString('base64')]);
    const body = Buffer.from(JSON.stringify(Object.fromEntries(entries), undefined, indent));
    const taken: Buffer[] = [];
    async function* chunks() {
      for (let at = 0, i = 0; at < body.length; i++) {
        const size = sizes[i % sizes.length];
        yield body.subarray(at, at + size);
        at += size;
      }
    }
    const read = await readPartBody(chunks(), 'layerPartBlob', async () => ({ write: async (piece) => void taken.push(piece) }));
    expect(JSON.parse(read.toString('utf8'))).toEqual(JSON.parse(JSON.stringify({ ...rest, layerPartBlob: true })));
    expect(Buffer.concat(taken).equals(Buffer.from(bytes))).toBe(true);
  }));
});

test('parts of one upload that arrive together never mix: one counts, the others are told where to go on', async () => {
  const { client, emulator } = await bench();
  await fc.assert(fc.asyncProperty(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 100_000 }), async (writers, length) => {
    const uploadId = await startUpload(client);
    const offers = Array.from({ length: writers }, (_, i) => noise(`${uploadId} ${i}`, length));
    const results = await Promise.allSettled(offers.map((bytes) => sendPart(client, uploadId, 0, bytes)));
    const won = results.findIndex(({ status }) => status === 'fulfilled');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await finish(client, uploadId, digestOf(offers[won]))).layerDigest).toBe(digestOf(offers[won]));
  }), { numRuns: 15 });
  expect((await call(emulator, 'DescribeImages', { repositoryName: 'app' })).json).toEqual({ imageDetails: [] });
});
