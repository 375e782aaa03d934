import * as fc from 'fast-check';
import { inventory as anyInventory } from './arbitraries';
import { realInventories } from './data';
import { DrydockError } from '../../src/errors';
import { INVENTORY_CODES } from '../../src/lifecycle/codes';
import { imagesOf, readInventory } from '../../src/lifecycle/inventory';

const digest = (name: number | string) => `sha256:${Buffer.from(String(name)).toString('hex').padEnd(64, '0')}`;
const IMAGE = { imageDigest: digest('a'), imagePushedAt: '2026-01-01T00:00:00Z' };

function refusal(json: unknown): [string, string][] {
  try {
    readInventory(json);
  } catch (error) {
    return (error as DrydockError).problems.map(({ code, pointer }) => [code.slice(-3), pointer]);
  }
  return [];
}

describe('an inventory is refused', () => {
  const images = (...more: object[]) => ({ imageDetails: more.map((one, n) => ({ ...IMAGE, imageDigest: digest(n), ...one })) });
  test.each<[string, unknown, [string, string][]]>([
    ['that is null', null, [['001', '']]],
    ['that is a list', [], [['001', '']]],
    ['that is a text', '{}', [['001', '']]],
    ['without imageDetails', { images: [] }, [['001', '/imageDetails']]],
    ['with imageDetails that is no list', { imageDetails: {} }, [['001', '/imageDetails']]],
    ['with an image that is null', { imageDetails: [IMAGE, null] }, [['002', '/imageDetails/1']]],
    ['with an image without a digest', { imageDetails: [{ imagePushedAt: 0 }] }, [['002', '/imageDetails/0/imageDigest']]],
    ['with a digest that is a number', images({ imageDigest: 5 }), [['002', '/imageDetails/0/imageDigest']]],
    ['with tags that are a text', images({ imageTags: 'latest' }), [['002', '/imageDetails/0/imageTags']]],
    ['with a tag that is null', images({ imageTags: ['a', null] }), [['002', '/imageDetails/0/imageTags']]],
    ['with an empty tag', images({ imageTags: [''] }), [['002', '/imageDetails/0/imageTags']]],
    ['with a negative size', images({ imageSizeInBytes: -1 }), [['002', '/imageDetails/0/imageSizeInBytes']]],
    ['with a size as text', images({ imageSizeInBytes: '5' }), [['002', '/imageDetails/0/imageSizeInBytes']]],
    ['with an unknown status', images({ imageStatus: 'DELETED' }), [['002', '/imageDetails/0/imageStatus']]],
    ['with a subject that is no text', images({ subjectManifestDigest: {} }), [['002', '/imageDetails/0/subjectManifestDigest']]],
    ['without a push time', images({ imagePushedAt: undefined }), [['004', '/imageDetails/0']]],
    ['with a push time that is null', images({ imagePushedAt: null }), [['003', '/imageDetails/0/imagePushedAt']]],
    ['with a push time that is none', images({ imagePushedAt: 'soon' }), [['003', '/imageDetails/0/imagePushedAt']]],
    ['with a push time in milliseconds', images({ imagePushedAt: 1769860800000 }), [['003', '/imageDetails/0/imagePushedAt']]],
    ['with a time without a zone', images({ lastRecordedPullTime: '2026-01-31T12:00:00' }), [['003', '/imageDetails/0/lastRecordedPullTime']]],
    ['with an invalid Date', images({ lastArchivedAt: new Date(NaN) }), [['003', '/imageDetails/0/lastArchivedAt']]],
    ['with an unreadable restoration', images({ lastActivatedAt: true }), [['003', '/imageDetails/0/lastActivatedAt']]],
    ['with an image twice', images({}, {}, { imageDigest: digest(0) }), [['005', '/imageDetails/2']]],
    ['with children that are a list', { imageDetails: [], manifestChildren: [] }, [['006', '/manifestChildren']]],
    ['with children of an index that are none', { imageDetails: [], manifestChildren: { [digest('a')]: ['b', 1], [digest('c')]: 'd' } }, [['006', `/manifestChildren/${digest('a')}`], ['006', `/manifestChildren/${digest('c')}`]]],
    ['with repositories that are no list', { imageDetails: [], repositories: {} }, [['009', '/repositories']]],
    ['with a digest that is too short', images({ imageDigest: 'sha256:abc' }), [['010', '/imageDetails/0/imageDigest']]],
    ['with a digest in capitals', images({ imageDigest: `sha256:${'A'.repeat(64)}` }), [['010', '/imageDetails/0/imageDigest']]],
    ['with an index or a part that is no digest', { imageDetails: [], manifestChildren: { latest: [], [digest('a')]: [digest('b'), 'v1'] } },
      [['010', '/manifestChildren/latest'], ['010', `/manifestChildren/${digest('a')}/1`]]],
    ['of a later format', { formatVersion: 2, imageDetails: [] }, [['011', '/formatVersion']]],
    ['with a repository twice', { imageDetails: [], repositories: [{ repositoryName: 'a' }, { repositoryName: 'a' }] }, [['009', '/repositories/1']]],
    ['with a repository whose members are of other types',
      { imageDetails: [], repositories: [{ repositoryName: 'a', lifecyclePolicyText: { rules: [] }, tags: { a: 'b' }, createdAt: 'soon', encryptionConfiguration: {}, unread: 'tags' }] },
      ['lifecyclePolicyText', 'createdAt', 'tags', 'encryptionConfiguration', 'unread'].map((member) => ['009', `/repositories/0/${member}`])],
    ['with a repository without a name', { imageDetails: [], repositories: [{ repositoryName: 'a' }, {}] }, [['009', '/repositories/1']]],
  ])('%s', (_, json, expected) => {
    expect(refusal(json)).toEqual(expected);
  });

  test('with every problem at once, each by index and digest', () => {
    const json = { imageDetails: [{ ...IMAGE, imageTags: 1, imagePushedAt: 'x' }, IMAGE, { ...IMAGE, imageDigest: undefined }], manifestChildren: 7 };
    expect(refusal(json).map(([code]) => code)).toEqual(['002', '003', '005', '002', '006']);
    expect(() => readInventory(json)).toThrow(/Image 0 \(sha256:61[0]+\): imagePushedAt is "x", which is no point in time. Fix: Write ISO 8601/);
  });

  test('and no value, however strange, is a crash', () => {
    const member = fc.oneof(fc.anything(), fc.constant('2026-01-01T00:00:00Z'));
    const image = fc.record({ imageDigest: member, imageTags: member, imagePushedAt: member, imageStatus: member, imageSizeInBytes: member, lastArchivedAt: member });
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.record({ imageDetails: fc.array(image), manifestChildren: fc.anything(), repositories: fc.anything() })), (json) => {
      for (const [code] of refusal(json)) {
        expect(Object.keys(INVENTORY_CODES)).toContain(`DD-INVENTORY-${code}`);
      }
    }), { numRuns: 400 });
  });
});

describe('an inventory is read', () => {
  test('when it is sound, with members that are not ours', () => {
    fc.assert(fc.property(anyInventory, (inventory) => {
      expect(readInventory({ ...inventory, source: 'somewhere' })).toMatchObject(inventory);
    }));
    expect(readInventory({ imageDetails: [{ ...IMAGE, imageScanStatus: {}, imageTags: [] }] }).imageDetails).toHaveLength(1);
  });

  test('when one digest is in two repositories', () => {
    const imageDetails = ['a', 'b'].map((repositoryName) => ({ ...IMAGE, repositoryName }));
    expect(readInventory({ imageDetails }).imageDetails).toEqual(imageDetails);
  });

  const inventories = realInventories();
  (inventories.length > 0 ? test.each(inventories.map((one) => [one.name, one] as const)) : test.skip.each([['none', undefined]]))('as published: %s', (_, one) => {
    expect(readInventory(one!.inventory)).toBe(one!.inventory);
  });
});

describe('the images of one repository', () => {
  const inventory = {
    repositories: [{ repositoryName: 'a' }, { repositoryName: 'b' }],
    imageDetails: [{ ...IMAGE, repositoryName: 'a' }, { ...IMAGE, repositoryName: 'b', imageDigest: digest('index') }],
    manifestChildren: { [digest('index')]: [digest('a')] },
  };

  test('are those that name it, with the children of its own indexes', () => {
    expect(imagesOf(inventory, 'a')).toEqual({ repositories: [{ repositoryName: 'a' }], imageDetails: [inventory.imageDetails[0]], manifestChildren: {} });
    expect(imagesOf(inventory, 'b').manifestChildren).toEqual(inventory.manifestChildren);
    expect(imagesOf(inventory, 'c').imageDetails).toEqual([]);
  });

  test('are all images where none names a repository, and none of these where one does', () => {
    expect(imagesOf({ imageDetails: [IMAGE] }, 'x').imageDetails).toEqual([IMAGE]);
    expect(imagesOf({ imageDetails: [IMAGE, { ...IMAGE, imageDigest: digest('b'), repositoryName: 'a' }] }, 'a').imageDetails).toHaveLength(1);
  });
});
