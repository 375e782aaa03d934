import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promotion } from '../../examples/promotion/app';
import { promotionStory } from '../../examples/promotion/story';

test('examples/promotion: a release promotes, shows, deletes an index with its platforms, and is rolled back to the same bytes', async () => {
  const work = mkdtempSync(join(tmpdir(), 'drydock-promotion-'));
  try {
    for (const release of ['first', 'second', 'third']) {
      promotion(release, join(work, release)).synth();
    }
    const [first, second, third] = await promotionStory(work, () => undefined);
    expect([first, second, third].map(({ ok, status }) => [ok, status])).toEqual([[true, 'CREATE_COMPLETE'], [true, 'UPDATE_COMPLETE'], [true, 'UPDATE_ROLLBACK_COMPLETE']]);

    expect(first.outputs.Cleaned).toBe('Dry run: up to 1 of 6 images would be deleted, and the platforms of 1 index with them, but for what another index holds (readIndexes tells). 1 image that the selection means is protected.');
    expect(first.tags.prod).toBe(first.tags.candidate);
    // An index and two platforms each of two versions and a pull request; then the pull request's are gone and another version's are there.
    expect([first.images, second.images, third.images]).toEqual([6, 6, 9]);
    expect(Object.keys(second.tags)).toEqual(['candidate', 'pr-8', 'prod', 'v2']);
    expect(second.outputs.Cleaned).toBe('3 of 9 images deleted. 1 image that the selection means is protected.');
    expect(second.outputs.DigestBefore).toBe(first.tags.prod);

    expect(third.tags.candidate).not.toBe(second.tags.candidate);
    expect(third.tags.prod).toBe(second.tags.prod);
    expect([second, third].map(({ runs }) => runs.split('@')[1])).toEqual([second.tags.prod, second.tags.prod]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
