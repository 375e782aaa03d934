import { Content } from './images';
import { desk, from, serve } from './support';

const MIB = 1_048_576;

test('an index with its platforms and attestations arrives byte for byte, and a second copy moves nothing and asks only about its tags', async () => {
  const content = new Content();
  const { index } = content.multi('shop', [200_000, 11 * MIB, 900], 'latest');
  const registry = await serve(content);
  const { create, copy, manifest, taken } = await desk();
  await create('shop/api');
  const outcome = await copy(from(registry), 'shop/api', { tags: ['1.2', 'stable'] });
  expect(outcome).toMatchObject({ finished: true, digest: index.digest, sourceDigest: index.digest, mediaType: index.mediaType, referrers: [], put: { tags: ['1.2', 'stable'] } });
  expect(await manifest('shop/api', { imageTag: 'stable' })).toBe(content.manifests.get(index.digest)?.text);
  taken();
  const again = await copy(from(registry), 'shop/api', { tags: ['1.2', 'stable'] });
  expect(again).toMatchObject({ finished: true, digest: index.digest, moved: { blobs: 0, bytes: 0, manifests: 0 }, put: { manifests: [], tags: [] }, present: { manifests: 5 } });
  expect(taken()).toEqual(['DescribeImages', 'DescribeImages']);
});
