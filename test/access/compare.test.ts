import * as fc from 'fast-check';
import { policy, rewritten, statement } from './arbitraries';
import { samePolicy, sameStatement } from '../../src/access/compare';
import { AccessPolicy, Statement } from '../../src/access/model';

const ACCOUNT = '123456789012';
const base: Statement = { Sid: 'Pull', Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'] };
const withCondition = (Condition: unknown): Statement => ({ ...base, Condition: Condition as Statement['Condition'] });

describe('statements say the same', () => {
  test.each<[string, Statement, Statement]>([
    ['whatever the case of actions', base, { ...base, Action: ['ECR:batchgetimage', 'ecr:GETDOWNLOADURLFORLAYER'] }],
    ['whatever the order of actions', base, { ...base, Action: ['ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'] }],
    ['however often an action stands', base, { ...base, Action: ['ecr:BatchGetImage', 'ecr:batchgetimage', 'ecr:GetDownloadUrlForLayer'] }],
    ['for one value and a list of one', { ...base, Action: 'ecr:PutImage' }, { ...base, Action: ['ecr:PutImage'] }],
    ['for an account and its root', base, { ...base, Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:root`] } }],
    ['for an account and its root in China', base, { ...base, Principal: { AWS: `arn:aws-cn:iam::${ACCOUNT}:root` } }],
    ['for an account and its root in GovCloud', base, { ...base, Principal: { AWS: `arn:aws-us-gov:iam::${ACCOUNT}:root` } }],
    ['for both ways to write everybody', { ...base, Principal: '*' }, { ...base, Principal: { AWS: '*' } }],
    ['for everybody in a list', { ...base, Principal: '*' }, { ...base, Principal: { AWS: ['*'] } }],
    ['for both ways to except everybody', { Effect: 'Deny', NotPrincipal: '*', Action: '*' }, { Effect: 'Deny', NotPrincipal: { AWS: '*' }, Action: '*' }],
    ['for the resource * and none', base, { ...base, Resource: ['*'] }],
    ['for no condition and an empty one', base, withCondition({})],
    ['for no condition and an operator without keys', base, withCondition({ StringEquals: {} })],
    ['whatever the case of operators and keys', withCondition({ StringEquals: { 'aws:SourceAccount': 'a' } }), withCondition({ stringequals: { 'AWS:sourceaccount': 'a' } })],
    ['for numbers and their texts', withCondition({ NumericLessThan: { 'aws:MultiFactorAuthAge': 300 } }), withCondition({ NumericLessThan: { 'aws:MultiFactorAuthAge': ['300'] } })],
    ['for booleans and their texts', withCondition({ Bool: { 'aws:SecureTransport': false } }), withCondition({ Bool: { 'aws:SecureTransport': 'false' } })],
    ['whatever the order of members', base, Object.fromEntries(Object.entries(base).reverse()) as unknown as Statement],
  ])('%s', (_, a, b) => {
    expect(sameStatement(a, b)).toBe(true);
    expect(samePolicy({ Statement: [a] }, { Statement: [b] })).toBe(true);
  });
});

describe('statements do not say the same', () => {
  test.each<[string, Statement, Statement]>([
    ['with Sids of another case', base, { ...base, Sid: 'pull' }],
    ['with a Sid and without', base, { ...base, Sid: undefined }],
    ['with another effect', base, { ...base, Effect: 'Deny' }],
    ['for another account', base, { ...base, Principal: { AWS: '210987654321' } }],
    ['for an account and a role of it', base, { ...base, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/root` } }],
    ['for roles of another case', { ...base, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/ci` } }, { ...base, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/CI` } }],
    ['for a service and an account of that name', { ...base, Principal: { Service: ACCOUNT } }, base],
    ['for everybody and every service', { ...base, Principal: '*' }, { ...base, Principal: { Service: '*' } }],
    ['for Principal and NotPrincipal', base, { ...base, Principal: undefined, NotPrincipal: base.Principal }],
    ['for Action and NotAction', base, { ...base, Action: undefined, NotAction: base.Action }],
    ['with an action less', base, { ...base, Action: 'ecr:BatchGetImage' }],
    ['with a resource', base, { ...base, Resource: 'arn:aws:ecr:us-east-1:123456789012:repository/app' }],
    ['with and without a condition', base, withCondition({ Bool: { 'aws:SecureTransport': true } })],
    ['with values of another case', withCondition({ StringEquals: { k: 'a' } }), withCondition({ StringEquals: { k: 'A' } })],
    ['with another operator', withCondition({ StringEquals: { k: 'a' } }), withCondition({ StringLike: { k: 'a' } })],
    ['with one of two values and both keys', withCondition({ StringEquals: { k: ['a', 'b'] } }), withCondition({ StringEquals: { k: 'a', K: 'b' } })],
    ['with a value that is a list in a list', withCondition({ StringEquals: { k: '1' } }), withCondition({ StringEquals: { k: [['1']] } })],
    ['with null and its text', withCondition({ StringEquals: { k: 'null' } }), withCondition({ StringEquals: { k: null } })],
    ['with words cut differently', withCondition({ 'a b': { c: '1' } }), withCondition({ a: { 'b c': '1' } })],
    ['with an unknown element', base, { ...base, Comment: 'x' } as Statement],
  ])('%s', (_, a, b) => {
    expect(sameStatement(a, b)).toBe(false);
    expect(samePolicy({ Statement: [a] }, { Statement: [b] })).toBe(false);
  });
});

describe('policies', () => {
  const other: Statement = { Effect: 'Deny', Principal: '*', Action: 'ecr:DeleteRepository' };
  const literal: Statement = { ...base, Condition: { StringEquals: { 'aws:PrincipalTag/team': '${aws:ResourceTag/team}' } } };

  test('order, repetition and Id of a document do not matter', () => {
    expect(samePolicy({ Id: 'x', Statement: [base, other] }, { Statement: [other, base, { ...other }] })).toBe(true);
  });

  test('the version matters where policy variables occur, and the old one is the default', () => {
    const versions = (one: Statement): [AccessPolicy, AccessPolicy] =>
      [{ Version: '2008-10-17', Statement: [one] }, { Version: '2012-10-17', Statement: [one] }];
    expect(samePolicy(...versions(base))).toBe(true);
    expect(samePolicy(...versions(literal))).toBe(false);
    expect(samePolicy({ Statement: [literal] }, versions(literal)[0])).toBe(true);
  });
});

test('law: a statement says the same however it is written', () => {
  fc.assert(fc.property(statement.chain((one) => fc.tuple(fc.constant(one), rewritten(one))), ([one, other]) => {
    expect(sameStatement(one, other)).toBe(true);
    expect(sameStatement(other, one)).toBe(true);
  }), { numRuns: 500 });
});

test('law: a policy says the same when its statements are rewritten and turned around', () => {
  const pairs = policy.chain((one) => fc.tuple(fc.constant(one), fc.tuple(...one.Statement.map(rewritten))));
  fc.assert(fc.property(pairs, ([one, statements]) => {
    expect(samePolicy(one, { ...one, Id: undefined, Statement: [...statements].reverse() })).toBe(true);
  }));
});

test('law: what says the same compares the same with everything', () => {
  const triples = fc.tuple(statement, statement).chain(([a, b]) => fc.tuple(fc.constant(a), rewritten(a), fc.oneof(fc.constant(b), rewritten(a))));
  fc.assert(fc.property(triples, ([a, alike, b]) => {
    expect(sameStatement(alike, b)).toBe(sameStatement(a, b));
    expect(sameStatement(b, alike)).toBe(sameStatement(a, b));
    expect(sameStatement(b, b)).toBe(true);
  }), { numRuns: 500 });
});
