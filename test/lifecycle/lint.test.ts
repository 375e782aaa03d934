import { lint } from '../../src/lifecycle/lint';
import { ImageDetail, Inventory, PolicyDocument, Rule, Selection } from '../../src/lifecycle/model';

const COUNT: Selection = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 2 };

function rule(rulePriority: number, selection: Partial<Selection>): Rule {
  return { rulePriority, selection: { ...COUNT, ...selection }, action: { type: 'expire' } };
}

const patterns = (...tagPatternList: string[]): Partial<Selection> => ({ tagStatus: 'tagged', tagPatternList });
const prefixes = (...tagPrefixList: string[]): Partial<Selection> => ({ tagStatus: 'tagged', tagPrefixList });
const UNTAGGED: Partial<Selection> = { tagStatus: 'untagged' };
const policy = (...selections: Partial<Selection>[]): PolicyDocument => ({ rules: selections.map((selection, n) => rule(n + 1, selection)) });

function found(document: PolicyDocument, inventory?: Inventory): [string, string][] {
  return lint(document, inventory).map(({ code, pointer }) => [code.slice(-3), pointer]);
}

function images(...tags: (readonly string[] | undefined)[]): Inventory {
  return { imageDetails: tags.map((imageTags, n): ImageDetail => ({ imageDigest: `sha256:${n}`, imagePushedAt: 1_769_000_000 - n, ...(imageTags && { imageTags }) })) };
}

describe('the AND trap', () => {
  test.each<[string, Partial<Selection>, boolean]>([
    ['two exact tags', patterns('latest', 'stable'), true],
    ['environments as prefixes', prefixes('prod', 'staging', 'dev'), true],
    ['the alphabet', prefixes('a', 'b', 'c'), true],
    ['a pattern and a tag outside it', patterns('v*', 'latest'), true],
    ['one pair apart among three', patterns('*', 'a*', 'b*'), true],
    ['a beginning and an end that one tag may have', patterns('v*', '*-prod'), false],
    ['one entry within another', prefixes('v', 'v1'), false],
    ['one entry, twice', patterns('v*', 'v*'), false],
    ['one entry', patterns('latest'), false],
  ])('%s: %s', (_, selection, trapped) => {
    expect(found(policy(selection))).toEqual(trapped ? [['101', `/rules/0/selection/${selection.tagPatternList ? 'tagPatternList' : 'tagPrefixList'}`]] : []);
  });

  test('is none when images have such tags, and counts them when they have not', () => {
    const document = { rules: [{ ...rule(1, patterns('release-*', 'prod-*')), selection: { ...COUNT, ...patterns('release-*', 'prod-*'), countNumber: 1 } }] };
    expect(found(document, images(['release-1', 'prod-1'], ['release-2']))).toEqual([]);
    const problems = lint(document, images(['release-1'], ['prod-1'], ['x']));
    expect(problems[0].message).toContain('"release-*" and "prod-*"');
    expect(problems[0].message).toContain('Of the 3 images 2 match one entry or more, none matches all.');
  });
});

describe('a rule that can never act', () => {
  test.each<[string, PolicyDocument, [string, string][]]>([
    ['behind a wider pattern', policy(patterns('prod*'), patterns('prod-eu*')), [['102', '/rules/1']]],
    ['behind a prefix that is its pattern', policy(prefixes('prod'), patterns('prod*')), [['102', '/rules/1']]],
    ['behind a rule for one of its entries', policy(patterns('v*'), patterns('v1*', '*-rc')), [['102', '/rules/1']]],
    ['behind every tag', policy(patterns('*'), prefixes('x')), [['102', '/rules/1']]],
    ['behind all tagged and all untagged', policy(UNTAGGED, patterns('*'), {}), [['102', '/rules/2']]],
    ['whatever the order in the document', { rules: [rule(9, patterns('prod-eu*')), rule(3, patterns('prod*'))] }, [['102', '/rules/0']]],
  ])('%s', (_, document, expected) => {
    expect(found(document)).toEqual(expected);
  });

  test.each<[string, PolicyDocument]>([
    ['before the wider one', policy(patterns('prod-eu*'), patterns('prod*'))],
    ['behind one that needs more', policy(patterns('v1*', '*1'), patterns('v1*'))],
    ['behind one that a tag may escape', policy(patterns('prod-*'), patterns('prod*'))],
    ['in the other storage class', { rules: [rule(1, patterns('v*')), rule(2, { ...patterns('v1*'), storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 90 })] }],
    ['behind a prefix whose * is a character', policy(prefixes('v9*'), patterns('v9*'))],
    ['any behind untagged and some tagged', policy(UNTAGGED, patterns('v*'), {})],
    ['untagged behind every tag', policy(patterns('*'), UNTAGGED)],
  ])('is not one %s', (_, document) => {
    expect(found(document).filter(([code]) => code === '102')).toEqual([]);
  });

  test('names the rule that shields, and what to do', () => {
    expect(lint({ rules: [rule(10, patterns('prod*')), rule(20, patterns('prod-eu*'))] })[0]).toMatchObject({
      message: 'Rule 20 can never act: whatever it selects, rule 10 selects too, and a lower number shields.',
      fix: 'Give it a number below 10, make rule 10 narrower, or remove it.',
    });
  });

  test('for the images there are, if not for all that might come', () => {
    expect(found(policy(patterns('a*'), patterns('*b'), {}), images(['ab'], ['aab'], ['abb'], ['c'], ['d'], ['e']))).toEqual([['103', '/rules/1']]);
  });
});

describe('entries', () => {
  test.each<[string, Partial<Selection>, [string, string][]]>([
    ['a wildcard in a prefix', prefixes('v1*'), [['106', '/rules/0/selection/tagPrefixList/0']]],
    ['an empty prefix', prefixes(''), [['111', '/rules/0/selection/tagPrefixList/0']]],
    ['an empty pattern', patterns(''), [['107', '/rules/0/selection/tagPatternList/0']]],
    ['a blank', patterns('git hash'), [['107', '/rules/0/selection/tagPatternList/0']]],
    ['a colon', prefixes('app:1'), [['107', '/rules/0/selection/tagPrefixList/0']]],
    ['a dash to begin with', prefixes('-production-'), [['107', '/rules/0/selection/tagPrefixList/0']]],
    ['129 characters', patterns('x'.repeat(129)), [['107', '/rules/0/selection/tagPatternList/0']]],
    ['128 characters', patterns(`*${'x'.repeat(128)}*`), []],
    ['a dash after a wildcard', patterns('*-production-*'), []],
    ['all characters of a tag', patterns('_aZ09._-*'), []],
  ])('%s', (_, selection, expected) => {
    expect(found(policy(selection))).toEqual(expected);
  });

  test('a * at the end of a prefix has an easy way out', () => {
    expect(lint(policy(prefixes('v1*')))[0].fix).toBe('Write "v1"; a prefix needs no `*`.');
    expect(lint(policy(prefixes('*v1')))[0].fix).toBe('Use tagPatternList for this rule.');
  });
});

describe('with an inventory', () => {
  test('a rule that keeps more than there is removes nothing', () => {
    expect(found(policy({ ...patterns('v*'), countNumber: 3 }), images(['v1'], ['v2']))).toEqual([['104', '/rules/0/selection/countNumber']]);
    expect(found(policy({ ...patterns('v*'), countNumber: 2 }), images(['v1'], ['v2']))).toEqual([]);
    expect(found(policy({ ...patterns('v*'), countNumber: 100_000 }), images(['v1'], ['v2']))).toEqual([]);
  });

  test('a rule that selects nothing is told apart from one that is shielded', () => {
    expect(found(policy(patterns('x*'), patterns('v*')), images(['v1'], ['v2']))).toEqual([['108', '/rules/0/selection']]);
    expect(found(policy(patterns('x*')), { imageDetails: [] })).toEqual([]);
  });

  test('a rule for archived images may wait for them', () => {
    const archive = rule(2, { storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 365 });
    expect(found({ rules: [rule(1, patterns('v*')), archive] }, images(['v1'], ['v2']))).toEqual([]);
  });

  test('an untagged rule that has only children of indexes to select does nothing', () => {
    const some = images(['v1'], undefined, undefined);
    const age = { ...UNTAGGED, countType: 'sinceImagePushed', countUnit: 'days' } as const;
    const children = (...list: string[]) => ({ ...some, manifestChildren: { 'sha256:0': list } });
    expect(found(policy(age), children('sha256:1', 'sha256:2'))).toEqual([['105', '/rules/0/selection']]);
    expect(found(policy(age), children('sha256:1'))).toEqual([]);
    expect(found(policy(age), some)).toEqual([]);
    expect(found(policy(age), { ...some, manifestChildren: { 'sha256:absent': ['sha256:1', 'sha256:2'] } })).toEqual([]);
  });
});

test('thousands of entries in one list take no time to speak of', () => {
  const many = Array.from({ length: 3_000 }, (_, n) => `*${n.toString(36)}*`);
  expect(found(policy(patterns(...many), patterns(...many, 'x'), {}), images(['0'], ['1'], ['2']))).toEqual([['108', '/rules/0/selection'], ['108', '/rules/1/selection']]);
});

test('warnings come in the order of the document and leave a sound policy alone', () => {
  const document = { rules: [rule(3, prefixes('-x')), rule(1, patterns('a', 'b')), rule(2, prefixes('v*'))] };
  expect(found(document).map(([, pointer]) => pointer.slice(0, 8))).toEqual(['/rules/0', '/rules/1', '/rules/2']);
  expect(lint({ rules: [rule(1, patterns('v*')), rule(2, UNTAGGED), rule(3, {})] }, images(['v1'], ['v2'], ['v3'], undefined, undefined, ['x'], ['y'], ['z']))).toEqual([]);
});
