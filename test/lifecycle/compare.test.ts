import * as fc from 'fast-check';
import { inventory as anyInventory, NOW, policy as anyPolicy } from './arbitraries';
import { compare } from '../../src/lifecycle/compare';
import { previewedImages } from '../../src/lifecycle/gate';
import { ImageDetail, PolicyDocument, Selection } from '../../src/lifecycle/model';

function policy(countNumber: number, action: 'expire' | 'archive' = 'expire', more: Partial<Selection> = {}): PolicyDocument {
  return {
    rules: [{
      rulePriority: 1,
      selection: { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber, ...more },
      action: action === 'expire' ? { type: 'expire' } : { type: 'transition', targetStorageClass: 'archive' },
    }],
  };
}

const images = [1, 5, 9].map((days): ImageDetail => ({ imageDigest: `sha256:${days}`, imagePushedAt: NOW - days * 86_400, imageTags: [`t${days}`] }));
const inventory = { imageDetails: images };
const digests = (list: readonly { readonly imageDigest: string }[]) => list.map(({ imageDigest }) => imageDigest);

describe('a comparison', () => {
  test('without a policy in force: everything that goes is new', () => {
    const { newlyExpires, newlyArchives, newlySpares, stillActs, before, after } = compare(undefined, policy(4), inventory, NOW);
    expect(newlyExpires).toEqual(['sha256:5', 'sha256:9'].map((imageDigest) => ({ imageDigest, action: 'EXPIRE', rulePriority: 1 })));
    expect([newlyArchives, newlySpares, stillActs]).toEqual([[], [], []]);
    expect(before).toBeUndefined();
    expect(after.actions).toHaveLength(2);
  });

  test('tells what a stricter policy adds and a milder one spares', () => {
    const stricter = compare(policy(7), policy(3), inventory, NOW);
    expect([digests(stricter.newlyExpires), digests(stricter.stillActs), digests(stricter.newlySpares)]).toEqual([['sha256:5'], ['sha256:9'], []]);
    const milder = compare(policy(3), policy(7), inventory, NOW);
    expect([digests(milder.newlyExpires), digests(milder.stillActs)]).toEqual([[], ['sha256:9']]);
    expect(milder.newlySpares).toEqual([{ imageDigest: 'sha256:5', action: 'EXPIRE', rulePriority: 1 }]);
  });

  test('to expire what was to be archived is new, to archive what was to expire is not', () => {
    const worse = compare(policy(7, 'archive'), policy(7), inventory, NOW);
    expect([digests(worse.newlyExpires), digests(worse.stillActs)]).toEqual([['sha256:9'], []]);
    const better = compare(policy(7), policy(7, 'archive'), inventory, NOW);
    expect([digests(better.newlyArchives), better.stillActs]).toEqual([[], [{ imageDigest: 'sha256:9', action: 'TRANSITION', rulePriority: 1 }]]);
    expect(digests(compare(undefined, policy(7, 'archive'), inventory, NOW).newlyArchives)).toEqual(['sha256:9']);
  });

  test('counts followers with the rule of their subject, and tells the children that go later', () => {
    const more = {
      imageDetails: [
        ...images,
        { imageDigest: 'sha256:sig', imagePushedAt: NOW, subjectManifestDigest: 'sha256:9' },
        { imageDigest: 'sha256:child', imagePushedAt: NOW - 9 * 86_400 },
      ], manifestChildren: { 'sha256:9': ['sha256:child'] },
    };
    const { newlyExpires, newlyFollows } = compare(undefined, policy(7), more, NOW);
    expect(newlyExpires).toEqual(['sha256:9', 'sha256:sig'].map((imageDigest) => ({ imageDigest, action: 'EXPIRE', rulePriority: 1 })));
    expect(newlyFollows).toEqual([{ imageDigest: 'sha256:child', action: 'EXPIRE', rulePriority: 1, heldBy: ['sha256:9'] }]);
    expect(compare(policy(8), policy(7), more, NOW).newlyFollows).toEqual([]);
    expect(compare(policy(7, 'expire', { tagStatus: 'tagged', tagPatternList: ['*'] }), policy(7), more, NOW).newlyFollows).toHaveLength(1);
  });

  test('with itself finds nothing new', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, (document, repository) => {
      expect(compare(document, document, repository, NOW)).toMatchObject({ newlyExpires: [], newlyArchives: [], newlySpares: [], newlyFollows: [] });
    }));
  });

  test('puts every image that either policy acts on in exactly one list, and the gate sees what is new', () => {
    fc.assert(fc.property(fc.option(anyPolicy, { nil: undefined }), anyPolicy, anyInventory, (before, after, repository) => {
      const result = compare(before, after, repository, NOW);
      const lists = [result.newlyExpires, result.newlyArchives, result.newlySpares, result.stillActs].flatMap(digests);
      const acted = repository.imageDetails.flatMap(({ imageDigest }, i) =>
        result.after.outcome(i) !== 'KEEP' || (result.before?.outcome(i) ?? 'KEEP') !== 'KEEP' ? [imageDigest] : []);
      expect([...lists].sort()).toEqual([...acted].sort());
      const previewed = previewedImages(result, repository);
      expect(digests(previewed)).toEqual(digests(repository.imageDetails.filter((_, i) => result.after.outcome(i) !== 'KEEP')));
      expect(digests(previewed.filter((image) => image.newly)).sort()).toEqual([...digests(result.newlyExpires), ...digests(result.newlyArchives)].sort());
      for (const image of previewed) {
        expect(after.rules.map((rule) => rule.rulePriority)).toContain(image.appliedRulePriority);
      }
    }));
  });
});
