import * as fc from 'fast-check';
import { isImpliedBy } from '../../src/access/condition-order';
import { ConditionBlock, listOf } from '../../src/access/model';

const KEY = 'aws:PrincipalTag/team';

describe('a condition lets through all that another one does', () => {
  test.each<[string, ConditionBlock, ConditionBlock]>([
    ['with more values', { StringEquals: { [KEY]: ['a', 'b'] } }, { StringEquals: { [KEY]: 'a' } }],
    ['with fewer terms', { StringEquals: { [KEY]: 'a' } }, { StringEquals: { [KEY]: 'a' }, Bool: { 'aws:SecureTransport': true } }],
    ['with fewer exclusions', { StringNotEquals: { [KEY]: 'a' } }, { StringNotEquals: { [KEY]: ['a', 'b'] } }],
    ['where the key need not be there', { StringEqualsIfExists: { [KEY]: 'a' } }, { StringEquals: { [KEY]: 'a' } }],
    ['with a pattern for a value', { StringLike: { [KEY]: 'a*' } }, { StringEquals: { [KEY]: ['ab', 'a'] } }],
    ['with a pattern for a pattern', { StringLike: { [KEY]: 'a*' } }, { StringLike: { [KEY]: 'ab?*' } }],
    ['with any run for a single character', { StringLike: { [KEY]: 'a*' } }, { StringLike: { [KEY]: 'a?' } }],
    ['with a network around it', { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { IpAddress: { 'aws:SourceIp': ['10.2.0.0/16', '10.3.4.5'] } }],
    ['with a smaller network outside of it', { NotIpAddress: { 'aws:SourceIp': '10.2.0.0/16' } }, { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }],
    ['with an ARN for a part of it', { ArnLike: { 'aws:SourceArn': 'arn:aws:lambda:*:111122223333:function:*' } }, { ArnEquals: { 'aws:SourceArn': 'arn:aws:lambda:eu-west-1:111122223333:function:a' } }],
  ])('%s', (_, wide, narrow) => {
    expect([isImpliedBy(wide, narrow), isImpliedBy(narrow, wide)]).toEqual([true, false]);
  });
});

test('patterns of many stars, as a hostile policy may hold, are compared without trying every way', () => {
  const wide = { StringLike: { [KEY]: `${'*a'.repeat(40)}b` } };
  const narrow = { StringLike: { [KEY]: 'a'.repeat(2_000) } };
  expect([isImpliedBy(wide, narrow), isImpliedBy({ StringLike: { [KEY]: '*a'.repeat(40) } }, narrow)]).toEqual([false, true]);
});

describe('nothing is claimed', () => {
  test.each<[string, ConditionBlock, ConditionBlock]>([
    ['of different keys', { StringEquals: { 'aws:PrincipalOrgID': 'a' } }, { StringEquals: { 'aws:SourceOrgID': 'a' } }],
    ['of policy variables', { StringLike: { [KEY]: '*' } }, { StringLike: { [KEY]: '${aws:username}' } }],
    ['of an ARN pattern beyond its part', { ArnLike: { 'aws:SourceArn': 'arn:aws:*' } }, { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::b' } }],
    ['of what only the deployment knows', { StringLike: { [KEY]: '*' } }, { StringLike: { [KEY]: { Ref: 'P' } as never } }],
    ['of IPv6 networks that are not the same', { IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }, { IpAddress: { 'aws:SourceIp': '2001:db8:1::/48' } }],
  ])('%s', (_, a, b) => {
    expect([isImpliedBy(a, b), isImpliedBy(b, a)]).toEqual([false, false]);
  });
});

/** IAM's rules, written once more and plainly, for the operators that the law draws. */
function holds(condition: ConditionBlock, request: Readonly<Record<string, string>>): boolean {
  return Object.entries(condition).every(([operator, keys]) => Object.entries(keys).every(([key, values]) => {
    const base = operator.replace(/IfExists$/, '');
    const actual = request[key];
    if (actual === undefined) {
      return base !== operator || /Not/.test(base);
    }
    const like = (pattern: string) => new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(actual);
    const some = listOf(values as string | string[]).some((value) => /Like/.test(base) ? like(value) : value === actual);
    return /Not/.test(base) ? !some : some;
  }));
}

const operator = fc.constantFrom('StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIfExists', 'StringLikeIfExists', 'StringNotLikeIfExists');
const text = fc.array(fc.constantFrom('a', 'b', '*', '?'), { minLength: 1, maxLength: 3 }).map((all) => all.join(''));
const conditions = fc.dictionary(operator, fc.dictionary(fc.constantFrom('k', 'l'), fc.array(text, { minLength: 1, maxLength: 2 }), { minKeys: 1, maxKeys: 2 }), { maxKeys: 2 });
const requests = fc.dictionary(fc.constantFrom('k', 'l'), fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 }).map((all) => all.join('')));

test('law: what fulfils the narrow condition fulfils the wide one', () => {
  let claims = 0;
  fc.assert(fc.property(conditions, conditions, fc.array(requests, { minLength: 5, maxLength: 20 }), (wide, narrow, all) => {
    if (isImpliedBy(wide, narrow)) {
      claims += 1;
      expect(all.filter((request) => holds(narrow, request) && !holds(wide, request))).toEqual([]);
    }
    expect(isImpliedBy(wide, wide)).toBe(true);
  }), { numRuns: 3_000 });
  expect(claims).toBeGreaterThan(50);
});
