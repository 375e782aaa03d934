import { createHash, createHmac } from 'node:crypto';
import { Sha256 } from '../../src/ecr/sha256';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test.each([0, 1, 1_000, 300_000])('%d bytes have the digest that Node gives them, whichever thread computes it', async (size) => {
  const bytes = Buffer.alloc(size, 'x');
  const hash = new Sha256();
  hash.update(bytes.subarray(0));
  expect(hex(await hash.digest())).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('pieces, texts and secrets count', async () => {
  const hash = new Sha256();
  hash.update('grün');
  hash.update(new Uint8Array([1, 2, 3]).buffer);
  expect(hex(await hash.digest())).toBe(createHash('sha256').update('grün').update(Buffer.from([1, 2, 3])).digest('hex'));
  hash.reset();
  expect(hex(await hash.digest())).toBe(createHash('sha256').digest('hex'));
  const keyed = new Sha256(new Uint8Array([9, 9]));
  keyed.update(Buffer.alloc(300_000));
  expect(hex(await keyed.digest())).toBe(createHmac('sha256', Buffer.from([9, 9])).update(Buffer.alloc(300_000)).digest('hex'));
});
