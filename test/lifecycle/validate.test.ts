import * as fc from 'fast-check';
import { NOW, policy as anyPolicy } from './arbitraries';
import { LIFECYCLE_CODES } from '../../src/lifecycle/codes';
import { evaluate } from '../../src/lifecycle/evaluate';
import { awsErrorMessage, validatePolicy, validatePolicyText } from '../../src/lifecycle/validate';

const SELECTION = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 };
const AGE = { countType: 'sinceImagePushed', countUnit: 'days', countNumber: 7 };
const ARCHIVE_AGE = { storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 365 };
const EXPIRE = { type: 'expire' };
const ARCHIVE = { type: 'transition', targetStorageClass: 'archive' };

function rule(selection: object = SELECTION, more: object = {}): Record<string, unknown> {
  return { rulePriority: 1, selection, action: EXPIRE, ...more };
}

function tagged(list: object, more: object = {}): Record<string, unknown> {
  return rule({ ...SELECTION, tagStatus: 'tagged', ...list }, more);
}

const without = (object: object, name: string) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
const NO_ALTERNATIVE = 'instance failed to match exactly one schema (matched 0 out of 2)';

/** What is wrong, where, and (where it is known) what AWS says. */
type Expected = readonly [code: number, pointer: string, aws?: string];

function problems(document: unknown): Expected[] {
  return validatePolicy(document).problems.map((p): Expected => {
    const code = Number(p.code.slice(-3));
    return p.awsMessage === undefined ? [code, p.pointer] : [code, p.pointer, p.awsMessage];
  });
}

describe('each rule of validity is checked, told at its place, and nothing else with it', () => {
  const missing = (...names: string[]) => `object has missing required properties (${JSON.stringify(names)})`;
  const unknown = (...names: string[]) => `object instance has properties which are not allowed by the schema: (${JSON.stringify(names)})`;
  const type = (is: string, allowed: string) => `instance type (${is}) does not match any allowed primitive type (allowed: ["${allowed}"])`;
  const word = (is: string, ...allowed: string[]) => `instance value ("${is}") not found in enum (possible values: ${JSON.stringify(allowed)})`;
  const minimum = (found: number) => `numeric instance is lower than the required minimum (minimum: 1, found: ${found})`;
  const UNMAPPED = 'Could not map policyString into LifecyclePolicy.';
  const ANY_LAST = 'Rule for tagStatus=ANY must have the lowest priority per storage class';
  const ONE_UNTAGGED = 'Only one rule can select Untagged images per storage class.';

  test.each<[string, unknown, Expected[]]>([
    ['V1 too long', { rules: [rule(SELECTION, { description: 'd'.repeat(30_720) })] }, [[1, '', 'Member must have length less than or equal to 30720']]],
    ['V2 a list', [], [[2, '', UNMAPPED]]],
    ['V2 null', null, [[2, '', UNMAPPED]]],
    ['V3 no rules', {}, [[3, '', missing('rules')]]],
    ['V3 rules null', { rules: null }, [[3, '/rules', type('null', 'array')]]],
    ['V3 rules an object', { rules: {} }, [[3, '/rules', type('object', 'array')]]],
    ['V4 no rule', { rules: [] }, [[4, '/rules']]],
    ['V4 51 rules', { rules: Array.from({ length: 51 }, (_, n) => tagged({ tagPrefixList: [`p${n}`] }, { rulePriority: n + 1 })) }, [[4, '/rules']]],
    ['V5 in the document', { rules: [rule()], version: 1 }, [[5, '/version', unknown('version')]]],
    ['V5 in a rule', { rules: [rule(SELECTION, { foo: 1, bar: 1 })] }, [[5, '/rules/0/foo', unknown('bar', 'foo')], [5, '/rules/0/bar', unknown('bar', 'foo')]]],
    ['V5 in a selection', { rules: [rule({ ...SELECTION, 'a/b~': 1 })] }, [[5, '/rules/0/selection/a~1b~0', unknown('a/b~')]]],
    ['V5 in an action', { rules: [rule(SELECTION, { action: { ...EXPIRE, __proto__x: 1 } })] }, [[5, '/rules/0/action/__proto__x', unknown('__proto__x')]]],
    ['V5 __proto__', JSON.parse('{"rules":[{"rulePriority":1,"__proto__":{},"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}]}'),
      [[5, '/rules/0/__proto__', unknown('__proto__')]]],
    ['V6 an empty rule', { rules: [{}] }, ['action', 'rulePriority', 'selection'].map((): Expected => [6, '/rules/0', missing('action', 'rulePriority', 'selection')])],
    ['V6 no countNumber', { rules: [rule(without(SELECTION, 'countNumber'))] }, [[6, '/rules/0/selection', missing('countNumber')]]],
    ['V6 no countType', { rules: [rule(without(SELECTION, 'countType'))] }, [[6, '/rules/0/selection', missing('countType')]]],
    ['V6 no tagStatus', { rules: [rule(without(SELECTION, 'tagStatus'))] }, [[6, '/rules/0/selection', missing('tagStatus')]]],
    ['V6 no action type', { rules: [rule(SELECTION, { action: {} })] }, [[6, '/rules/0/action', missing('type')]]],
    ['V7 a rule that is null', { rules: [null] }, [[7, '/rules/0', type('null', 'object')]]],
    ['V7 a rule that is a list', { rules: [[]] }, [[7, '/rules/0', type('array', 'object')]]],
    ['V7 priority as text', { rules: [rule(SELECTION, { rulePriority: '1' })] }, [[7, '/rules/0/rulePriority', type('string', 'integer')]]],
    ['V7 description null', { rules: [rule(SELECTION, { description: null })] }, [[7, '/rules/0/description', type('null', 'string')]]],
    ['V7 selection a number', { rules: [rule(5 as never)] }, [[7, '/rules/0/selection', type('integer', 'object')]]],
    ['V7 action true', { rules: [rule(SELECTION, { action: true })] }, [[7, '/rules/0/action', type('boolean', 'object')]]],
    ['V7 list null', { rules: [tagged({ tagPrefixList: ['a'], tagPatternList: null })] }, [[7, '/rules/0/selection/tagPatternList', type('null', 'array')]]],
    ['V7 only list null', { rules: [tagged({ tagPatternList: null })] }, [[7, '/rules/0/selection/tagPatternList', type('null', 'array')]]],
    ['V7 entry a number', { rules: [tagged({ tagPrefixList: ['a', 1.5] })] }, [[7, '/rules/0/selection/tagPrefixList/1', type('number', 'string')]]],
    ['V7 countUnit null', { rules: [rule({ ...SELECTION, countUnit: null })] }, [[7, '/rules/0/selection/countUnit', NO_ALTERNATIVE]]],
    ['V7 countUnit null with an age', { rules: [rule({ ...SELECTION, ...AGE, countUnit: null })] }, [[7, '/rules/0/selection/countUnit', NO_ALTERNATIVE]]],
    ['V7 targetStorageClass null', { rules: [rule(SELECTION, { action: { type: 'transition', targetStorageClass: null } })] }, [[7, '/rules/0/action/targetStorageClass', NO_ALTERNATIVE]]],
    ['V7 countNumber as text', { rules: [rule({ ...SELECTION, countNumber: '5' })] }, [[7, '/rules/0/selection/countNumber', type('string', 'integer')]]],
    ['V8 zero', { rules: [rule(SELECTION, { rulePriority: 0 })] }, [[8, '/rules/0/rulePriority', minimum(0)]]],
    ['V8 a fraction', { rules: [rule(SELECTION, { rulePriority: 1.5 })] }, [[8, '/rules/0/rulePriority', type('number', 'integer')]]],
    ['V8 too large', { rules: [rule(SELECTION, { rulePriority: 2 ** 31 })] }, [[8, '/rules/0/rulePriority']]],
    ['V8 not a number at all', { rules: [rule(SELECTION, { rulePriority: NaN })] }, [[8, '/rules/0/rulePriority', type('number', 'integer')]]],
    ['V8 twice', { rules: [tagged({ tagPrefixList: ['a'] }), tagged({ tagPrefixList: ['b'] })] }, [[8, '/rules/1/rulePriority']]],
    ['V9 tagStatus', { rules: [rule({ ...SELECTION, tagStatus: 'ANY' })] }, [[9, '/rules/0/selection/tagStatus', word('ANY', 'tagged', 'untagged', 'any')]]],
    ['V9 countUnit', { rules: [rule({ ...SELECTION, ...AGE, countUnit: 'hours' })] }, [[9, '/rules/0/selection/countUnit', word('hours', 'days')]]],
    ['V9 action type', { rules: [rule(SELECTION, { action: { type: 'delete' } })] }, [[9, '/rules/0/action/type', word('delete', 'expire', 'transition')]]],
    ['V9 storageClass', { rules: [rule({ ...SELECTION, storageClass: 'glacier' })] }, [[9, '/rules/0/selection/storageClass', word('glacier', 'standard', 'archive')]]],
    ['V10 no list', { rules: [tagged({})] }, [[10, '/rules/0/selection']]],
    ['V10 an empty list', { rules: [tagged({ tagPrefixList: [] })] }, [[10, '/rules/0/selection']]],
    ['V10 both lists', { rules: [tagged({ tagPrefixList: ['a'], tagPatternList: ['b'] })] }, [[10, '/rules/0/selection']]],
    ['V10 a list for untagged', { rules: [rule({ ...SELECTION, tagStatus: 'untagged', tagPrefixList: ['a'] })] }, [[10, '/rules/0/selection/tagPrefixList']]],
    ['V10 a list for any', { rules: [rule({ ...SELECTION, tagPatternList: ['a'] })] }, [[10, '/rules/0/selection/tagPatternList']]],
    ['V11 five wildcards', { rules: [tagged({ tagPatternList: ['a*', '*1*2*3*4*'] })] }, [[11, '/rules/0/selection/tagPatternList/1']]],
    ['V12', { rules: [rule({ ...SELECTION, countType: 'imageCountLessThan' })] }, [[12, '/rules/0/selection/countType', NO_ALTERNATIVE]]],
    ['V13 days of a count', { rules: [rule({ ...SELECTION, countUnit: 'days' })] }, [[13, '/rules/0/selection/countUnit']]],
    ['V13 no unit', { rules: [rule(without({ ...SELECTION, ...AGE }, 'countUnit'))] }, [[13, '/rules/0/selection']]],
    ['V14 zero', { rules: [rule({ ...SELECTION, countNumber: 0 })] }, [[14, '/rules/0/selection/countNumber', minimum(0)]]],
    ['V14 a fraction', { rules: [rule({ ...SELECTION, countNumber: 0.5 })] }, [[14, '/rules/0/selection/countNumber', type('number', 'integer')]]],
    ['V14 negative', { rules: [rule({ ...SELECTION, countNumber: -3 })] }, [[14, '/rules/0/selection/countNumber', minimum(-3)]]],
    ['V14 huge', { rules: [rule({ ...SELECTION, countNumber: 1e308 })] }, [[14, '/rules/0/selection/countNumber']]],
    ['V15 transition to nowhere', { rules: [rule(SELECTION, { action: { type: 'transition' } })] }, [[15, '/rules/0/action', NO_ALTERNATIVE]]],
    ['V15 transition to standard', { rules: [rule(SELECTION, { action: { ...ARCHIVE, targetStorageClass: 'standard' } })] }, [[15, '/rules/0/action/targetStorageClass', NO_ALTERNATIVE]]],
    ['V15 expire to somewhere', { rules: [rule(SELECTION, { action: { ...ARCHIVE, type: 'expire' } })] }, [[15, '/rules/0/action/targetStorageClass']]],
    ['V16 a pull expires', { rules: [rule({ ...SELECTION, ...AGE, countType: 'sinceImagePulled' })] }, [[16, '/rules/0/selection/countType']]],
    ['V16 a count of archived images', { rules: [rule({ ...SELECTION, storageClass: 'archive' })] }, [[16, '/rules/0/selection/countType']]],
    ['V16 pulls of archived images', { rules: [rule({ ...SELECTION, ...AGE, countType: 'sinceImagePulled', storageClass: 'archive' }, { action: ARCHIVE })] }, [[16, '/rules/0/selection/countType']]],
    ['V16 transitioned, storage class not written', { rules: [rule(without({ ...SELECTION, ...ARCHIVE_AGE }, 'storageClass'))] }, [[16, '/rules/0/selection/countType']]],
    ['V16 transitioned, standard', { rules: [rule({ ...SELECTION, ...ARCHIVE_AGE, storageClass: 'standard' })] }, [[16, '/rules/0/selection/countType']]],
    ['V16 transitioned again', { rules: [rule({ ...SELECTION, ...ARCHIVE_AGE }, { action: ARCHIVE })] }, [[16, '/rules/0/selection/countType']]],
    ['V16 89 days of archive', { rules: [rule({ ...SELECTION, ...ARCHIVE_AGE, countNumber: 89 })] }, [[16, '/rules/0/selection/countNumber']]],
    ['V17', { rules: [rule({ ...SELECTION, tagStatus: 'untagged' }), rule({ ...SELECTION, ...AGE, tagStatus: 'untagged' }, { rulePriority: 2 })] },
      [[17, '/rules/1/selection/tagStatus', ONE_UNTAGGED]]],
    ['V18 any before others', { rules: [rule(), tagged({ tagPrefixList: ['a'] }, { rulePriority: 2 })] }, [[18, '/rules/0/rulePriority', ANY_LAST]]],
    ['V18 any twice', { rules: [rule(SELECTION, { rulePriority: 9 }), rule({ ...SELECTION, ...AGE }, { rulePriority: 4 })] }, [[18, '/rules/1/rulePriority', ANY_LAST]]],
    ['V19 the same prefixes in another order', { rules: [tagged({ tagPrefixList: ['a', 'b'] }), tagged({ tagPrefixList: ['b', 'a'], ...AGE }, { rulePriority: 2 })] }, [[19, '/rules/1/selection/tagPrefixList']]],
    ['V19 the same patterns', { rules: [tagged({ tagPatternList: ['a*'] }), tagged({ tagPatternList: ['a*', 'a*'] }, { rulePriority: 2 })] }, [[19, '/rules/1/selection/tagPatternList']]],
  ])('%s', (_, document, expected) => {
    expect(problems(document)).toEqual(expected);
  });

  test('and is not mistaken where it does not apply', () => {
    expect(validatePolicy({
      rules: [
        tagged({ tagPatternList: ['*1*2*3*'] }, { rulePriority: 2_147_483_647 - 1, description: '' }),
        tagged({ tagPrefixList: ['*****'] }, { rulePriority: 1 }),
        rule({ ...SELECTION, ...AGE, tagStatus: 'untagged', storageClass: 'standard' }, { rulePriority: 2 }),
        rule({ ...SELECTION, ...AGE, countType: 'sinceImagePulled' }, { action: ARCHIVE, rulePriority: 2_147_483_647 }),
        rule({ ...SELECTION, ...ARCHIVE_AGE, tagStatus: 'untagged', countNumber: 90 }, { rulePriority: 3 }),
        tagged({ ...ARCHIVE_AGE, tagPrefixList: ['*****'] }, { rulePriority: 4 }),
        rule({ ...SELECTION, ...ARCHIVE_AGE, description: undefined }, { rulePriority: 5, description: undefined }),
      ],
    })).toMatchObject({ valid: true, problems: [], warnings: [] });
  });
});

describe('a refusal', () => {
  test('tells every problem at once', () => {
    const document = {
      rules: [
        { rulePriority: 0, selection: { tagStatus: 'all', countType: 'x', countNumber: 0 }, action: { type: 'keep' }, extra: 1 },
        rule({ ...SELECTION, ...AGE, countUnit: undefined, tagStatus: 'tagged' }),
        rule(),
        rule(SELECTION, { rulePriority: 2 }),
      ],
    };
    expect(problems(document).map(([code]) => code).sort((a, b) => a - b)).toEqual([5, 8, 8, 9, 9, 10, 12, 13, 14, 18]);
  });

  test('names value, place and way out', () => {
    const { problems: found } = validatePolicy({ rules: [rule({ ...SELECTION, ...AGE, countType: 'sinceImagePulled' }), rule({ ...SELECTION, TagStatus: 1 }, { rulePriority: 3 })] });
    expect(found).toEqual(expect.arrayContaining([
      expect.objectContaining({ code: 'DD-LIFECYCLE-016', value: 'sinceImagePulled', fix: expect.stringContaining('sinceImagePushed') }),
      expect.objectContaining({ code: 'DD-LIFECYCLE-005', value: 1, fix: 'Write it as `tagStatus`.' }),
    ]));
    const [twice] = validatePolicy({ rules: [1, 2, 2].map((rulePriority, n) => tagged({ tagPrefixList: [`p${n}`] }, { rulePriority })) }).problems;
    expect(twice).toMatchObject({ message: expect.stringContaining('/rules/1'), fix: 'Give one of them another number; 3 is free.' });
  });

  test('is no crash, whatever the document', () => {
    fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true }), (document) => {
      const result = validatePolicy(document);
      expect(result.valid).toBe(false);
      expect(result.problems.length).toBeGreaterThan(0);
      expect(awsErrorMessage(result)).toMatch(/^Invalid parameter at '/);
      JSON.stringify(result);
    }), { numRuns: 400 });
  });

  const json = fc.jsonValue({ maxDepth: 2 });
  const almost = fc.record({
    rules: fc.array(fc.record({
      rulePriority: fc.oneof(fc.integer({ min: -1, max: 3 }), json),
      description: json,
      selection: fc.oneof(fc.record({
        tagStatus: fc.oneof(fc.constantFrom('tagged', 'untagged', 'any'), json),
        tagPrefixList: fc.oneof(fc.array(fc.string()), json),
        tagPatternList: fc.oneof(fc.array(fc.string()), json),
        storageClass: fc.oneof(fc.constantFrom('standard', 'archive'), json),
        countType: fc.oneof(fc.constantFrom('imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned'), json),
        countUnit: fc.oneof(fc.constant('days'), json),
        countNumber: fc.oneof(fc.integer({ min: 0, max: 100 }), json),
      }, { requiredKeys: [] }), json),
      action: fc.oneof(fc.constantFrom(EXPIRE, ARCHIVE), json),
    }, { requiredKeys: ['rulePriority', 'selection', 'action'] }), { maxLength: 4 }),
  });

  test('comes whenever the document could not be evaluated, and only with codes of the table', () => {
    const images = { imageDetails: [{ imageDigest: 'sha256:a', imagePushedAt: NOW, imageTags: ['a'] }] };
    fc.assert(fc.property(almost, (document) => {
      const { valid, problems: found, warnings, policy } = validatePolicy(document);
      for (const problem of [...found, ...warnings]) {
        expect(Object.keys(LIFECYCLE_CODES)).toContain(problem.code);
        expect(problem.pointer).toMatch(/^(\/rules(\/\d+(\/.*)?)?|\/.*)?$/);
      }
      expect(policy).toBe(valid ? document : undefined);
      if (valid) {
        expect(evaluate(policy!, images, NOW).count).toBe(1);
      }
    }), { numRuns: 700 });
  });

  test('by text is a refusal by document, but for the length', () => {
    fc.assert(fc.property(fc.oneof(almost, anyPolicy), (document) => {
      const text = JSON.stringify(document);
      const byText = validatePolicyText(text);
      expect(byText.problems.filter((p) => p.code !== 'DD-LIFECYCLE-001')).toEqual(validatePolicy(JSON.parse(text)).problems);
      expect(byText.problems.some((p) => p.code === 'DD-LIFECYCLE-001')).toBe(text.length < 100);
    }), { numRuns: 400 });
  });

  test.each<[string, string, RegExp]>([
    ['an empty text', '', /length greater than or equal to 100/],
    ['99 characters', 'x'.repeat(99), /length greater than or equal to 100/],
    ['100 characters of nothing', 'x'.repeat(100), /Could not map policyString/],
    ['no object', `"${'x'.repeat(100)}"`, /Could not map policyString/],
    ['15,000 open brackets', '['.repeat(15_000), /Could not map policyString/],
    ['15,000 nested lists', `${'['.repeat(15_000)}${']'.repeat(15_000)}`, /Could not map policyString/],
    ['a rule nested 10,000 deep', `{"rules":[{"rulePriority":${'['.repeat(10_000)}${']'.repeat(10_000)}}]}`, /instance type \(array\)/],
    ['an unknown member nested 10,000 deep', `{"rules":[],"x":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`, /not allowed by the schema: \(\["x"\]\)/],
    ['a name of 20,000 characters', `{"${'n'.repeat(20_000)}":1,"rules":[]}`, /n{200}\.\.\./],
    ['numbers beyond all bounds', '{"rules":[{"rulePriority":1e999,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":-1e999},"action":{"type":"expire"}}]}', /instance type \(number\)/],
    ['30,721 characters', JSON.stringify({ rules: [rule()] }).padEnd(30_721), /length less than or equal to 30720/],
    ['two million characters', '['.repeat(2_000_000), /length less than or equal to 30720/],
  ])('of %s is short and complete', (_, text, message) => {
    const result = validatePolicyText(text);
    expect(result.valid).toBe(false);
    expect(awsErrorMessage(result)).toMatch(message);
    expect(JSON.stringify(result).length).toBeLessThan(5_000);
  });

  test('of 100 to 30,720 characters there is none for the length', () => {
    const text = JSON.stringify({ rules: [rule()] });
    expect(validatePolicyText(text.padEnd(30_720)).problems).toEqual([]);
    expect(validatePolicyText(text.padStart(30_720)).problems).toEqual([]);
  });
});

describe('the frame of ECR', () => {
  test('holds every text of the stage that failed, each once', () => {
    const schema = validatePolicy({ rules: [rule({ ...SELECTION, countNumber: 0 }, { foo: 1, bar: 2 }), rule({ ...SELECTION, countNumber: 0 })] });
    expect(awsErrorMessage(schema)).toBe('Invalid parameter at \'LifecyclePolicyText\' failed to satisfy constraint: \'Lifecycle policy validation failure: '
      + 'object instance has properties which are not allowed by the schema: (["bar","foo"])\n'
      + 'numeric instance is lower than the required minimum (minimum: 1, found: 0)\n'
      + 'rulePriority 1 is already that of /rules/0; every rule needs its own.\'');
    const across = validatePolicy({ rules: [rule(), rule({ ...SELECTION, ...AGE, tagStatus: 'untagged' }, { rulePriority: 2 })] });
    expect(awsErrorMessage(across)).toBe('Invalid parameter at \'LifecyclePolicyText\' failed to satisfy constraint: \'Lifecycle policy validation failure: '
      + 'Rule for tagStatus=ANY must have the lowest priority per storage class\'');
  });

  test('names the parameter of the API for a wrong length, and says nothing about a valid policy', () => {
    expect(awsErrorMessage(validatePolicyText('{}'))).toBe(
      'Invalid parameter at \'lifecyclePolicyText\' failed to satisfy constraint: \'Member must have length greater than or equal to 100\'');
    expect(awsErrorMessage(validatePolicy({ rules: [rule()] }))).toBeUndefined();
  });
});

describe('a warning', () => {
  const codes = (document: unknown) => validatePolicy(document).warnings.map((p) => [p.code, p.pointer]);

  test('is given for a string that stands in two lists of a storage class', () => {
    const lists = [['a', 'b'], ['b', 'c'], ['c', 'd', 'a']];
    const rules = lists.map((tagPrefixList, n) => tagged({ tagPrefixList }, { rulePriority: n + 1 }));
    expect(codes({ rules })).toEqual([
      ['DD-LIFECYCLE-109', '/rules/1/selection/tagPrefixList'], ['DD-LIFECYCLE-109', '/rules/2/selection/tagPrefixList'], ['DD-LIFECYCLE-109', '/rules/2/selection/tagPrefixList'],
    ]);
    const patterns = tagged({ tagPatternList: ['a', 'b'] }, { rulePriority: 2 });
    expect(codes({ rules: [rules[0], patterns] })).toEqual([]);
    const archived = tagged({ tagPrefixList: ['a', 'x'], ...ARCHIVE_AGE }, { rulePriority: 2 });
    expect(codes({ rules: [rules[0], archived] })).toEqual([]);
  });

  test('is given for an empty list that is read as none', () => {
    expect(codes({ rules: [rule({ ...SELECTION, tagPrefixList: [] })] })).toEqual([['DD-LIFECYCLE-110', '/rules/0/selection/tagPrefixList']]);
    expect(codes({ rules: [tagged({ tagPrefixList: ['a'], tagPatternList: [] })] })).toEqual([['DD-LIFECYCLE-110', '/rules/0/selection/tagPatternList']]);
  });
});

test('policies that ECR accepts are accepted, but for lists that may occur twice', () => {
  fc.assert(fc.property(anyPolicy, (policy) => {
    const { problems: found } = validatePolicy(policy);
    expect(found.filter((p) => p.code !== 'DD-LIFECYCLE-019')).toEqual([]);
  }), { numRuns: 500 });
});

describe('a policy that is out of all proportion', () => {
  const total = (result: ReturnType<typeof validatePolicy>) => result.problems.reduce((sum, { awsMessage = '', message, fix = '' }) => sum + awsMessage.length + message.length + fix.length, 0);

  test('of very many unknown members is refused in as many words as it has members, not as the square of it', () => {
    const unknown = (count: number) => total(validatePolicy({ rules: [Object.fromEntries(Array.from({ length: count }, (_, i) => [`member${i}`, 1]))] }));
    expect(unknown(8_000)).toBeLessThan(2.5 * unknown(4_000));
  });

  test('of very many rules is refused for their number alone', () => {
    const { problems: told } = validatePolicy({ rules: Array.from({ length: 200_000 }, () => rule(SELECTION)) });
    expect(told.map(({ code }) => code)).toEqual(['DD-LIFECYCLE-001', 'DD-LIFECYCLE-004']);
  });
});
