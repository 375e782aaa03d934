import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinImage } from '../../examples/pin-image/app';
import { Deployment, pinImageStory } from '../../examples/pin-image/story';

const MOVING = ['InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload', 'DownloadLayer', 'PutImage'];
const moving = ({ calls }: Deployment) => MOVING.map((operation) => calls[operation] ?? 0);

test('examples/pin-image: the second deployment moves nothing, the third only what has changed, and what runs follows', async () => {
  const work = mkdtempSync(join(tmpdir(), 'drydock-pin-image-'));
  try {
    const printed: string[] = [];
    for (const release of ['first', 'second', 'third']) {
      pinImage(release, join(work, release)).synth();
    }
    const [first, second, third] = await pinImageStory(work, (line) => printed.push(line));
    expect([first, second, third].map(({ ok }) => ok)).toEqual([true, true, true]);

    // Two platforms of two layers and a config each; two manifests, the index, the tag.
    expect(moving(first)).toEqual([6, 6, 6, 6, 4]);
    expect(moving(second)).toEqual([0, 0, 0, 0, 0]);
    // One layer and the config of each platform.
    expect(moving(third)).toEqual([4, 4, 4, 4, 4]);
    expect(Number(third.outputs.MovedBytes)).toBeLessThan(Number(first.outputs.MovedBytes) * 0.51);

    for (const { runs, outputs } of [first, second, third]) {
      expect(runs.web).toBe(`123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web@${outputs.WebDigest}`);
      expect(runs.thumbnail).toBe(`123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/thumbnails@${outputs.ThumbnailDigest}`);
      expect(outputs.WebDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
    expect(second.outputs.WebDigest).toBe(first.outputs.WebDigest);
    expect(third.outputs.WebDigest).not.toBe(first.outputs.WebDigest);
    expect(third.outputs.ThumbnailDigest).toBe(first.outputs.ThumbnailDigest);
    expect(printed.filter((line) => line.startsWith('  calls: '))).toHaveLength(3);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
