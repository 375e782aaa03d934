import * as fc from 'fast-check';
import { LayerPart } from '../../src/ecr/layer-part';

const MEMBERS = { repositoryName: 'shop/api', uploadId: 'u', partFirstByte: 0, partLastByte: 4 };

const blobOf = (body: Buffer) => Buffer.from((JSON.parse(body.toString()) as { layerPartBlob: string }).layerPartBlob, 'base64');

test('a part holds what was appended, however it came in pieces', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 70_000, size: 'max' }), { maxLength: 8 }), fc.integer({ min: 1, max: 200_000 }), (pieces, capacity) => {
    const part = new LayerPart(capacity);
    const all = Buffer.concat(pieces);
    for (const piece of pieces) {
      const before = part.length;
      const taken = part.append(piece);
      expect(taken).toBe(Math.min(piece.length, capacity - before));
    }
    expect(part.full).toBe(all.length >= capacity);
    expect(blobOf(part.body(MEMBERS)).equals(all.subarray(0, capacity))).toBe(true);
    part.reset();
    part.append(Buffer.from('again'));
    expect(blobOf(part.body(MEMBERS)).toString()).toBe('again'.slice(0, capacity));
  }), { numRuns: 40 });
});

test('a part goes on from any of its bytes, and can still be added to', () => {
  const part = new LayerPart(20);
  part.append(Buffer.from('0123456'));
  expect(JSON.parse(part.body(MEMBERS).toString())).toEqual({ ...MEMBERS, layerPartBlob: Buffer.from('0123456').toString('base64') });
  for (let from = 0; from < 7; from++) {
    expect(blobOf(part.body(MEMBERS, from)).toString()).toBe('0123456'.slice(from));
  }
  part.append(Buffer.from('789'));
  expect(blobOf(part.body(MEMBERS)).toString()).toBe('0123456789');
});

test('names with quotes stay names', () => {
  const part = new LayerPart(3);
  part.append(Buffer.from('abc'));
  expect(JSON.parse(part.body({ repositoryName: 'a"b\\', uploadId: '"}' }).toString())).toEqual({ repositoryName: 'a"b\\', uploadId: '"}', layerPartBlob: 'YWJj' });
});
