import {
  BatchDeleteImageCommand, DescribeImagesCommand, DescribeRepositoriesCommand, ListImageReferrersCommand, ListImagesCommand,
  paginateDescribeImages, paginateDescribeRepositories, paginateListImages,
} from '@aws-sdk/client-ecr';
import fc from 'fast-check';
import { ecr, fakeDigest, image, imageManifest, push, refusal } from './support';
import { placeAfter } from '../../src/emulator/pagination';
import { Inventory } from '../../src/lifecycle/model';

const many = (count: number, repositoryName = 'app'): Inventory => ({ imageDetails: Array.from({ length: count }, (_, i) => image(repositoryName, `i${i}`)) });

async function pagesOf<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) {
    all.push(page);
  }
  return all;
}

test('a page has 100 entries when nothing else is asked for, and up to 1000', async () => {
  const { client } = await ecr({ seed: many(1001) });
  expect((await client.send(new DescribeImagesCommand({ repositoryName: 'app' }))).imageDetails).toHaveLength(100);
  expect((await client.send(new ListImagesCommand({ repositoryName: 'app' }))).imageIds).toHaveLength(100);
  const { imageDetails, nextToken } = await client.send(new DescribeImagesCommand({ repositoryName: 'app', maxResults: 1000 }));
  expect(imageDetails).toHaveLength(1000);
  const last = await client.send(new DescribeImagesCommand({ repositoryName: 'app', nextToken }));
  expect(last.imageDetails).toHaveLength(1);
  expect(last.nextToken).toBeUndefined();
});

test('a last page that is full has no token', async () => {
  const { client } = await ecr({ seed: many(100) });
  expect((await client.send(new DescribeImagesCommand({ repositoryName: 'app' }))).nextToken).toBeUndefined();
  expect((await client.send(new ListImagesCommand({ repositoryName: 'app' }))).nextToken).toBeUndefined();
});

test('listings are not in the order of pushes, so that nobody comes to rely on it', async () => {
  const { client } = await ecr({ seed: many(50) });
  const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'app' }));
  expect(imageDetails!.map(({ imageDigest }) => imageDigest)).not.toEqual(many(50).imageDetails.map(({ imageDigest }) => imageDigest));
});

test('whatever the page size, everything that stays is listed exactly once, while images come and go between pages', async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 7 }), fc.array(fc.nat(11), { maxLength: 6 }),
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }),
    async (count, pageSize, goes, tagCounts) => {
      const imageDetails = Array.from({ length: count }, (_, i) =>
        image('app', `i${i}`, { imageTags: Array.from({ length: tagCounts[i] }, (__, t) => `i${i}-t${t}`) }));
      const { client } = await ecr({ seed: { imageDetails } });
      const going = new Set(goes.filter((i) => i < count).map((i) => fakeDigest(`i${i}`)));
      const queue = [...going];
      let arrivals = 0;
      const disturb = async () => {
        const imageDigest = queue.pop();
        if (imageDigest) {
          await client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [{ imageDigest }] }));
        }
        await push(client, 'app', imageManifest(`new${arrivals++}`));
      };
      const staying = imageDetails.filter(({ imageDigest }) => !going.has(imageDigest));

      const described = await listAll(disturb, async (nextToken) => {
        const page = await client.send(new DescribeImagesCommand({ repositoryName: 'app', maxResults: pageSize, nextToken }));
        return { items: page.imageDetails!, nextToken: page.nextToken };
      });
      const seen = described.map(({ imageDigest }) => imageDigest!).filter((digest) => staying.some((s) => s.imageDigest === digest));
      expect([...seen].sort()).toEqual(staying.map(({ imageDigest }) => imageDigest).sort());
      expect(new Set(described.map(({ imageDigest }) => imageDigest)).size).toBe(described.length);

      const listed = await listAll(disturb, async (nextToken) => {
        const page = await client.send(new ListImagesCommand({ repositoryName: 'app', maxResults: pageSize, nextToken }));
        return { items: page.imageIds!, nextToken: page.nextToken };
      });
      const pairs = staying.flatMap(({ imageDigest, imageTags = [] }) => (imageTags.length === 0 ? [undefined] : imageTags).map((tag) => `${imageDigest} ${tag}`));
      const seenPairs = listed.map((id) => `${id.imageDigest} ${id.imageTag}`);
      expect(seenPairs.filter((pair) => pairs.includes(pair)).sort()).toEqual([...pairs].sort());
      expect(new Set(seenPairs).size).toBe(seenPairs.length);
    }), { numRuns: 40 });
});

async function listAll<T>(between: () => Promise<void>, read: (nextToken?: string) => Promise<{ items: T[]; nextToken?: string }>): Promise<T[]> {
  const all: T[] = [];
  let nextToken: string | undefined;
  let pages = 0;
  do {
    const page = await read(nextToken);
    all.push(...page.items);
    nextToken = page.nextToken;
    // Newcomers stop at some point, so that the listing ends.
    if (nextToken !== undefined && pages++ < 5) {
      await between();
    }
  } while (nextToken !== undefined);
  return all;
}

test('ListImages splits the tags of one image over pages without losing any', async () => {
  const imageTags = Array.from({ length: 10 }, (_, i) => `t${i}`);
  const { client } = await ecr({ seed: { imageDetails: [image('app', 'a', { imageTags }), image('app', 'b')] } });
  const pages = await pagesOf(paginateListImages({ client, pageSize: 3 }, { repositoryName: 'app' }));
  expect(pages.map(({ imageIds }) => imageIds!.length)).toEqual([3, 3, 3, 2]);
  expect(pages.flatMap(({ imageIds }) => imageIds!.map(({ imageTag }) => imageTag)).filter(Boolean).sort()).toEqual(imageTags);
});

test('repositories are listed by name, page by page', async () => {
  const repositories = ['zeta', 'alpha', 'mid/a', 'mid/b', 'omega'].map((repositoryName) => ({ repositoryName }));
  const { client } = await ecr({ seed: { repositories, imageDetails: [] } });
  const pages = await pagesOf(paginateDescribeRepositories({ client, pageSize: 2 }, {}));
  expect(pages.map((page) => page.repositories!.map(({ repositoryName }) => repositoryName))).toEqual([['alpha', 'mid/a'], ['mid/b', 'omega'], ['zeta']]);
});

test('a filter holds on every page and its token belongs to it', async () => {
  const imageDetails = Array.from({ length: 30 }, (_, i) => image('app', `i${i}`, i % 3 === 0 ? { imageTags: [`t${i}`] } : {}));
  const { client } = await ecr({ seed: { imageDetails } });
  const pages = await pagesOf(paginateDescribeImages({ client, pageSize: 4 }, { repositoryName: 'app', filter: { tagStatus: 'TAGGED' } }));
  expect(pages.map((page) => page.imageDetails!.length)).toEqual([4, 4, 2]);
  const { nextToken } = await client.send(new DescribeImagesCommand({ repositoryName: 'app', maxResults: 2, filter: { tagStatus: 'TAGGED' } }));
  expect((await refusal(client.send(new DescribeImagesCommand({ repositoryName: 'app', nextToken })))).name).toBe('InvalidParameterException');
});

test('a token survives another page size and the deletion of the image at which it stands', async () => {
  const { client } = await ecr({ seed: many(10) });
  const first = await client.send(new DescribeImagesCommand({ repositoryName: 'app', maxResults: 3 }));
  await client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [{ imageDigest: first.imageDetails![2].imageDigest }] }));
  const rest = await client.send(new DescribeImagesCommand({ repositoryName: 'app', maxResults: 50, nextToken: first.nextToken }));
  expect(rest.imageDetails).toHaveLength(7);
});

test('a token of another listing, repository or registry, a changed one and none at all are refused', async () => {
  const seed = { imageDetails: [...many(5).imageDetails, ...many(5, 'other').imageDetails] };
  const { client } = await ecr({ seed });
  const elsewhere = await ecr({ seed });
  const { nextToken } = await client.send(new DescribeImagesCommand({ repositoryName: 'app', maxResults: 2 }));
  const message = 'Invalid parameter at \'nextToken\' failed to satisfy constraint: \'The token was not returned by an earlier request of this kind\'';
  const changed = `${nextToken!.slice(0, -3)}${nextToken!.endsWith('AAA') ? 'BBB' : 'AAA'}`;
  for (const one of [
    client.send(new ListImagesCommand({ repositoryName: 'app', nextToken })),
    client.send(new DescribeRepositoriesCommand({ nextToken })),
    client.send(new ListImageReferrersCommand({ repositoryName: 'app', subjectId: { imageDigest: fakeDigest('i0') }, nextToken })),
    client.send(new DescribeImagesCommand({ repositoryName: 'other', nextToken })),
    elsewhere.client.send(new DescribeImagesCommand({ repositoryName: 'app', nextToken })),
    client.send(new DescribeImagesCommand({ repositoryName: 'app', nextToken: changed })),
    client.send(new DescribeImagesCommand({ repositoryName: 'app', nextToken: 'MTAw' })),
    client.send(new DescribeImagesCommand({ repositoryName: 'app', nextToken: '' })),
  ]) {
    expect(await refusal(one)).toMatchObject({ name: 'InvalidParameterException', message, status: 400 });
  }
});

test('referrers come 20 at a time unless more are asked for', async () => {
  const subjectManifestDigest = fakeDigest('subject');
  const { client } = await ecr({
    seed: { imageDetails: [image('app', 'subject'), ...Array.from({ length: 45 }, (_, i) => image('app', `r${i}`, { subjectManifestDigest }))] },
  });
  const list = (input: object) => client.send(new ListImageReferrersCommand({ repositoryName: 'app', subjectId: { imageDigest: subjectManifestDigest }, ...input }));
  const first = await list({});
  const second = await list({ nextToken: first.nextToken, maxResults: 50 });
  expect([first.referrers!.length, second.referrers!.length, second.nextToken]).toEqual([20, 25, undefined]);
  expect(new Set([...first.referrers!, ...second.referrers!].map(({ digest }) => digest)).size).toBe(45);
});

test('the place after a key is the first larger one', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string({ maxLength: 3 })), fc.string({ maxLength: 3 }), (keys, key) => {
    const sorted = [...keys].sort();
    expect(placeAfter(sorted, key)).toBe(sorted.filter((k) => k <= key).length);
  }));
});
