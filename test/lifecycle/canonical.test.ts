import * as fc from 'fast-check';
import { policy as anyPolicy } from './arbitraries';
import { policyHash } from '../../src/digest';
import { canonicalPolicyText, coercePolicy, comparisonText, samePolicy } from '../../src/lifecycle/canonical';
import { PolicyDocument, Rule, Selection } from '../../src/lifecycle/model';
import { validatePolicy } from '../../src/lifecycle/validate';

const RULE: Rule = {
  rulePriority: 2,
  description: 'two newest',
  selection: { tagStatus: 'tagged', tagPrefixList: ['b', 'a'], countType: 'imageCountMoreThan', countNumber: 2 },
  action: { type: 'expire' },
};
const AGE: Rule = {
  rulePriority: 1,
  selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 },
  action: { type: 'transition', targetStorageClass: 'archive' },
};
const select = (more: Partial<Selection>, rule: Rule = RULE): PolicyDocument => ({ rules: [{ ...rule, selection: { ...rule.selection, ...more } }] });

describe('the canonical text', () => {
  test('is compact, in the member order of ECR, by priority, with lists as written', () => {
    const shuffled = {
      rules: [
        { action: RULE.action, selection: { countNumber: 2, countType: 'imageCountMoreThan', tagPrefixList: ['b', 'a'], tagStatus: 'tagged' }, description: 'two newest', rulePriority: 2 },
        {
          selection: { countUnit: 'days', countNumber: 14, countType: 'sinceImagePushed', tagStatus: 'untagged', storageClass: 'standard' }, rulePriority: 1,
          action: { targetStorageClass: 'archive', type: 'transition' },
        },
      ],
    } as PolicyDocument;
    expect(canonicalPolicyText(shuffled)).toBe('{"rules":['
      + '{"rulePriority":1,"selection":{"tagStatus":"untagged","storageClass":"standard","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"transition","targetStorageClass":"archive"}},'
      + '{"rulePriority":2,"description":"two newest","selection":{"tagStatus":"tagged","tagPrefixList":["b","a"],"countType":"imageCountMoreThan","countNumber":2},"action":{"type":"expire"}}]}');
  });

  test('is a fixed point, is valid where the policy is, and means the same', () => {
    fc.assert(fc.property(anyPolicy, (policy) => {
      const text = canonicalPolicyText(policy);
      const again = JSON.parse(text) as PolicyDocument;
      expect(canonicalPolicyText(again)).toBe(text);
      expect(samePolicy(again, policy)).toBe(true);
      expect(validatePolicy(again).valid).toBe(validatePolicy(policy).valid);
    }));
  });

  test('leaves empty lists out', () => {
    expect(canonicalPolicyText(select({ tagPatternList: [] }))).not.toContain('tagPatternList');
  });
});

describe('two policies are the same, and have the same hash', () => {
  test.each<[string, PolicyDocument, PolicyDocument]>([
    ['whatever the order of rules', { rules: [RULE, AGE] }, { rules: [AGE, RULE] }],
    ['whatever the order of list entries', select({}), select({ tagPrefixList: ['a', 'b'] })],
    ['whether an entry is repeated', select({}), select({ tagPrefixList: ['a', 'b', 'a'] })],
    ['whether standard is written', select({}), select({ storageClass: 'standard' })],
    ['whether an empty list is written', select({}), select({ tagPatternList: [] })],
    ['whether an empty description is written', { rules: [AGE] }, { rules: [{ ...AGE, description: '' }] }],
    ['whatever the order of members', { rules: [AGE] }, { rules: [Object.fromEntries(Object.entries(AGE).reverse()) as unknown as Rule] }],
  ])('%s', (_, a, b) => {
    expect(samePolicy(a, b)).toBe(true);
    expect(policyHash(a)).toBe(policyHash(b));
  });

  test('whatever the white space and the order of everything, on random policies', () => {
    fc.assert(fc.property(anyPolicy, fc.nat(), (policy, turn) => {
      const at = turn % policy.rules.length;
      const turned = JSON.stringify({
        rules: [...policy.rules.slice(at), ...policy.rules.slice(0, at)].map((rule) => Object.fromEntries(
          Object.entries(rule).reverse().map(([name, value]) => [name, name === 'selection'
            ? Object.fromEntries(Object.entries(value as Selection).map(([member, list]) => [member, Array.isArray(list) ? [...list].reverse() : list]))
            : value]))),
      }, undefined, 3);
      expect(policyHash(JSON.parse(turned))).toBe(policyHash(policy));
    }));
  });
});

describe('two policies differ, and have different hashes', () => {
  test.each<[string, PolicyDocument]>([
    ['in a number', select({ countNumber: 3 })],
    ['in a priority', { rules: [{ ...RULE, rulePriority: 3 }] }],
    ['in a list entry', select({ tagPrefixList: ['a', 'c'] })],
    ['in the kind of list', select({ tagPrefixList: undefined, tagPatternList: ['a', 'b'] })],
    ['in tagStatus', select({ tagStatus: 'any', tagPrefixList: undefined })],
    ['in the storage class', select({ storageClass: 'archive' })],
    ['in the count type', select({ countType: 'sinceImagePushed', countUnit: 'days' })],
    ['in the action', { rules: [{ ...RULE, action: { type: 'transition', targetStorageClass: 'archive' } }] }],
    ['in a description', { rules: [{ ...RULE, description: 'two' }] }],
    ['in one rule more', { rules: [RULE, AGE] }],
    ['in what belongs to which rule', { rules: [{ ...RULE, rulePriority: 1, selection: AGE.selection }, { ...AGE, rulePriority: 2, selection: RULE.selection }] }],
  ])('%s', (_, other) => {
    expect(samePolicy(select({}), other)).toBe(false);
    expect(policyHash(select({}))).not.toBe(policyHash(other));
  });

  test('and the hash is sixteen hex digits that no release may change', () => {
    expect(comparisonText({ rules: [RULE, AGE] })).toBe('{"rules":['
      + '{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"transition","targetStorageClass":"archive"}},'
      + '{"rulePriority":2,"description":"two newest","selection":{"tagStatus":"tagged","tagPrefixList":["a","b"],"countType":"imageCountMoreThan","countNumber":2},"action":{"type":"expire"}}]}');
    expect(policyHash({ rules: [RULE, AGE] })).toBe('34d4334baa1a4f0e');
  });
});

describe('coercion', () => {
  const stringified = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(stringified);
    }
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, stringified(member)]))
      : String(value);
  };

  test('undoes what CloudFormation does to numbers', () => {
    fc.assert(fc.property(anyPolicy, (policy) => {
      expect(coercePolicy(stringified(policy))).toEqual(policy);
      expect(coercePolicy(policy)).toEqual(policy);
    }));
  });

  test('leaves everything else to the validator', () => {
    const odd = { rules: [{ rulePriority: '01', description: '5', selection: { countNumber: ' 5', tagPrefixList: ['7'], tagStatus: '3' }, action: { type: '1' } }, null, 4, { selection: [] }] };
    expect(coercePolicy(odd)).toEqual(odd);
    for (const document of [undefined, null, 'x', 5, [], {}, { rules: {} }, { rules: 'x' }]) {
      expect(coercePolicy(document)).toEqual(document);
    }
    expect(coercePolicy({ rules: [{ rulePriority: '1.5', selection: { countNumber: '-2' } }] })).toEqual({ rules: [{ rulePriority: 1.5, selection: { countNumber: -2 } }] });
  });

  test('keeps a hostile member what it is, and the input untouched', () => {
    const hostile = JSON.parse('{"rules":[{"__proto__":{"x":1},"rulePriority":"3","selection":{"__proto__":null,"countNumber":"4"}}]}') as object;
    const before = JSON.stringify(hostile);
    expect(JSON.stringify(coercePolicy(hostile))).toBe(before.replace('"3"', '3').replace('"4"', '4'));
    expect(JSON.stringify(hostile)).toBe(before);
  });
});
