import * as fc from 'fast-check';
import { memoryFor, partSizeFor } from '../../src/copy/layer-upload';
import { moveBlobs, nextBlob } from '../../src/copy/move-blobs';
import { Descriptor } from '../../src/images/manifest';

const MIB = 1_048_576;
const blobOf = (size: number, i: number): Descriptor => ({ mediaType: 'x', digest: `sha256:${String(i).padStart(64, '0')}`, size, foreign: false });
const blobs = fc.array(fc.oneof(fc.integer({ min: 1, max: MIB }), fc.integer({ min: MIB, max: 200 * MIB })), { maxLength: 30 })
  .map((sizes) => sizes.sort((a, b) => b - a).map(blobOf));

test('every blob moves exactly once, within the memory and the lanes that there are', async () => {
  await fc.assert(fc.asyncProperty(blobs, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 200 }), async (all, concurrency, mebibytes) => {
    const moved: string[] = [];
    const active = new Set<Descriptor>();
    await moveBlobs(all, {
      concurrency, memoryBytes: mebibytes * MIB, abort: () => undefined,
      move: async (blob) => {
        active.add(blob);
        expect(active.size).toBeLessThanOrEqual(concurrency);
        const used = [...active].reduce((sum, { size }) => sum + memoryFor(size), 0);
        expect(active.size === 1 || used <= mebibytes * MIB).toBe(true);
        await new Promise((resolve) => setImmediate(resolve));
        active.delete(blob);
        moved.push(blob.digest);
      },
    });
    expect(moved.sort()).toEqual(all.map(({ digest }) => digest).sort());
  }));
});

test('the largest begin first, and one lane is kept for small ones', () => {
  const waiting = [300 * MIB, 200 * MIB, 100 * MIB, 5_000, 4_000].map(blobOf);
  const limits = { concurrency: 3, memoryBytes: 1_000 * MIB };
  expect(nextBlob(waiting, [], limits)).toBe(0);
  expect(nextBlob(waiting.slice(1), waiting.slice(0, 1), limits)).toBe(0);
  expect(nextBlob(waiting.slice(2), waiting.slice(0, 2), limits)).toBe(1);
  expect(nextBlob(waiting.slice(0, 1), waiting.slice(1, 3), limits)).toBe(0);
  expect(nextBlob(waiting, waiting.slice(0, 3), limits)).toBe(-1);
});

test('a failure ends what is under way, begins nothing more, and is what is thrown', async () => {
  const began: number[] = [];
  const controller = new AbortController();
  await expect(moveBlobs([3, 2, 1].map(blobOf), {
    concurrency: 2, memoryBytes: MIB, abort: () => controller.abort(),
    move: async ({ size }) => {
      began.push(size);
      if (size === 2) {
        throw new Error('first');
      }
      await new Promise<void>((_, reject) => controller.signal.addEventListener('abort', () => reject(new Error('second'))));
    },
  })).rejects.toThrow('first');
  expect(began).toEqual([3, 2]);
});

test.each([
  [1, 10 * MIB, 10 * MIB], [42_000 * MIB, 10 * MIB, 10 * MIB], [50_000 * MIB, 10 * MIB, Math.ceil(50_000 * MIB / 4_200)],
  [5, 0, 10 * MIB], [5, 400 * MIB, 10 * MIB], [5, 5 * MIB, 5 * MIB],
])(
  'a layer of %d bytes, for which ECR asks for parts of %d, goes in parts of %d', (size, asked, expected) => {
    expect(partSizeFor(size, asked)).toBe(expected);
    expect(Math.ceil(size / expected)).toBeLessThanOrEqual(4_200);
  });
