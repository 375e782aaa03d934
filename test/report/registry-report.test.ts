import * as fc from 'fast-check';
import { Inventory } from '../../src/lifecycle/model';
import { changesReport, registryChanges, registryReport } from '../../src/report/registry-report';
import { renderText } from '../../src/report/text';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const POLICY = JSON.stringify({ rules: [{}, {}] });
const STATE: Inventory = {
  repositories: [
    { repositoryName: 'shop/api', imageTagMutability: 'MUTABLE', lifecyclePolicyText: POLICY, tags: [{ Key: 'team', Value: 'shop' }, { Key: 'note:1', Value: 'x' }] },
    { repositoryName: 'shop/web', imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION', repositoryPolicyText: JSON.stringify({ Statement: {} }) },
  ],
  imageDetails: ['a', 'b', 'c'].map((letter) => ({ repositoryName: 'shop/api', imageDigest: digest(letter), imagePushedAt: '2026-01-01T00:00:00Z', imageTags: [letter] })),
  manifestChildren: { [digest('a')]: [digest('b')] },
};
const changed = (change: (state: any) => void): string[] => {
  const after = structuredClone(STATE);
  change(after);
  return registryChanges(STATE, after, (key) => key.startsWith('note:'));
};

test('one row a repository, with its images and policies', () => {
  const text = renderText(registryReport(STATE));
  expect(text).toMatch(/The registry now: 2 repositories\n/);
  expect(text).toMatch(/ shop\/api +3 {2}2 rules +none +mutable\n shop\/web +0 {2}none +1 statement +immutable with exclusion\n/);
  expect(renderText(registryReport({ imageDetails: [] }))).toBe('\nThe registry is empty now\n');
});

test('the same content is no change, whatever the order of images, members and tags', () => {
  const shuffled = fc.shuffledSubarray([...STATE.imageDetails], { minLength: 3 });
  fc.assert(fc.property(shuffled, (imageDetails) => {
    const repositories = [...STATE.repositories!].reverse().map((repository) => ({
      ...Object.fromEntries(Object.entries(repository).reverse()), tags: [...repository.tags ?? []].reverse(),
    }) as unknown as typeof repository);
    expect(registryChanges(STATE, { ...STATE, imageDetails, repositories })).toEqual([]);
  }));
});

test.each<[string, (state: any) => void, string[]]>([
  ['a policy', (state) => state.repositories[0].lifecyclePolicyText = '{}', ['shop/api: lifecyclePolicyText changed']],
  ['a policy that is gone', (state) => delete state.repositories[1].repositoryPolicyText, ['shop/web: repositoryPolicyText changed']],
  ['a tag of the repository', (state) => state.repositories[0].tags[0].Value = 'else', ['shop/api: tags changed']],
  ['an ignored tag', (state) => state.repositories[0].tags.pop(), []],
  ['a tag where there was none', (state) => state.repositories[1].tags = [{ Key: 'a', Value: 'b' }], ['shop/web: tags changed']],
  ['a repository that is gone', (state) => state.repositories.pop(), ['shop/web: gone']],
  ['a new repository', (state) => state.repositories.push({ repositoryName: 'new' }), ['new: new']],
  ['images that are gone, new and retagged', (state) => {
    state.imageDetails.splice(0, 1);
    state.imageDetails[0].imageTags = ['z'];
    state.imageDetails.push({ ...state.imageDetails[0], imageDigest: digest('d') });
  }, ['shop/api: 1 image gone', 'shop/api: 1 image new', 'shop/api: 1 image changed']],
  ['other children of an index', (state) => state.manifestChildren = {}, ['shop/api: 1 image changed']],
])('a difference is found and named: %s', (_, change, expected) => {
  expect(changed(change)).toEqual(expected);
});

test('the outcome is said either way', () => {
  expect(renderText(changesReport([]))).toBe('The registry is exactly what it was before.\n');
  expect(renderText(changesReport(['shop/api: tags changed']))).toBe('The registry is not what it was before:\n  shop/api: tags changed\n');
});
