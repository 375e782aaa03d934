import * as fc from 'fast-check';
import { AccessPolicy, Statement } from '../../src/access/model';
import { decide } from '../../src/iam/evaluate';
import { Caller, Demand, Policies } from '../../src/iam/model';
import { refusalText } from '../../src/iam/refusal';

const caller: Caller = { arn: 'arn:aws:iam::123456789012:role/web', sessionArn: 'arn:aws:sts::123456789012:assumed-role/web/f', accountId: '123456789012' };
const arn = (name: string) => `arn:aws:ecr:us-east-1:123456789012:repository/${name}`;
const policy = (...statements: object[]): AccessPolicy => ({ Version: '2012-10-17', Statement: statements as Statement[] });
const identity = (...statements: object[]): Policies => ({ identity: [{ name: 'own', document: policy(...statements) }] });
const demand = (more: Partial<Demand> = {}): Demand => ({ action: 'ecr:PutImage', resource: arn('app'), ...more });
const allow = (more: object = {}) => ({ Effect: 'Allow', Action: 'ecr:PutImage', Resource: arn('app'), ...more });
const outcome = (policies: Policies, asked = demand()) => {
  const { allowed, refused } = decide(caller, asked, policies);
  return allowed ? 'allowed' : refused!.why;
};

describe('identity policies', () => {
  test.each<[string, object, string]>([
    ['the action', {}, 'allowed'],
    ['the action in other case', { Action: 'ECR:putimage' }, 'allowed'],
    ['an action pattern', { Action: ['ecr:Put*'] }, 'allowed'],
    ['another action', { Action: 'ecr:BatchGetImage' }, 'no-allow'],
    ['NotAction of another', { Action: undefined, NotAction: 'ecr:BatchGetImage' }, 'allowed'],
    ['NotAction of it', { Action: undefined, NotAction: 'ecr:P*' }, 'no-allow'],
    ['a resource pattern', { Resource: 'arn:aws:ecr:*:123456789012:repository/a?p' }, 'allowed'],
    ['another resource', { Resource: arn('other') }, 'no-allow'],
    ['a resource in other case', { Resource: arn('App') }, 'no-allow'],
    ['NotResource of it', { Resource: undefined, NotResource: arn('*') }, 'no-allow'],
    ['no resource at all', { Resource: undefined }, 'no-allow'],
    ['a variable', { Resource: 'arn:aws:ecr:us-east-1:${aws:PrincipalAccount}:repository/app' }, 'allowed'],
    ['a variable that the request lacks', { Resource: 'arn:aws:ecr:us-east-1:123456789012:repository/${aws:PrincipalTag/team}' }, 'no-allow'],
    ['a variable with a default', { Resource: "arn:aws:ecr:us-east-1:123456789012:repository/${aws:PrincipalTag/team, 'app'}" }, 'allowed'],
    ['a variable that nobody knows', { Resource: arn('${aws:Moon}') }, 'unknown'],
    ['a star that is none', { Resource: arn('${*}') }, 'no-allow'],
    ['an operator that nobody knows', { Condition: { StringSounds: { 'aws:PrincipalArn': 'x' } } }, 'unknown'],
    ['a key that nobody knows', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }, 'unknown'],
    ['a key that it has', { Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/w*' } } }, 'allowed'],
    ['a key that it lacks', { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }, 'no-allow'],
    ['a key that it lacks, IfExists', { Condition: { StringEqualsIfExists: { 'aws:SourceVpce': 'vpce-1' } } }, 'allowed'],
    ['a key that it lacks, negated', { Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } } }, 'allowed'],
    ['Null', { Condition: { Null: { 'aws:SourceVpce': 'true' } } }, 'allowed'],
    ['Bool', { Condition: { Bool: { 'aws:SecureTransport': false } } }, 'no-allow'],
    ['ForAllValues of no value', { Condition: { 'ForAllValues:StringLike': { 'aws:TagKeys': ['cdk-*'] } } }, 'allowed'],
    ['ForAnyValue of no value', { Condition: { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['cdk-*'] } } }, 'no-allow'],
  ])('an Allow of %s', (_, more, expected) => {
    expect(outcome(identity(allow(more)))).toBe(expected);
  });

  test('sets of values: all of them, or any of them', () => {
    const tagging = demand({ context: { 'aws:TagKeys': ['cdk-drydock:a', 'team'] } });
    expect(outcome(identity(allow({ Condition: { 'ForAllValues:StringLike': { 'aws:TagKeys': ['cdk-drydock:*'] } } })), tagging)).toBe('no-allow');
    expect(outcome(identity(allow({ Condition: { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['cdk-drydock:*'] } } })), tagging)).toBe('allowed');
    expect(outcome(identity(allow({ Condition: { StringLike: { 'aws:TagKeys': ['*'] } } })), tagging)).toBe('unknown');
  });

  test('a list of all repositories takes a policy for all of them', () => {
    expect(outcome(identity(allow({ Resource: arn('*') })), demand({ resource: arn('*') }))).toBe('allowed');
    expect(outcome(identity(allow({ Resource: arn('a*') })), demand({ resource: arn('*') }))).toBe('no-allow');
  });

  test('a boundary allows nothing, and nothing is allowed that it does not allow', () => {
    const boundary = (...statements: object[]) => [{ name: 'boundary', document: policy(...statements) }];
    expect(outcome({ ...identity(allow()), boundary: boundary(allow()) })).toBe('allowed');
    expect(outcome({ ...identity(), boundary: boundary(allow()) })).toBe('no-allow');
    expect(outcome({ ...identity(allow()), boundary: boundary() })).toBe('no-allow');
  });
});

describe('policies of resources', () => {
  const named = (Principal: unknown, more: object = {}) => ({ name: 'repository', document: policy({ Effect: 'Allow', Principal, Action: 'ecr:PutImage', ...more }) });
  const elsewhere = demand({ resourceAccount: '210987654321' });

  test.each<[string, unknown, string, string]>([
    ['the role', { AWS: caller.arn }, 'allowed', 'no-allow'],
    ['the session', { AWS: caller.sessionArn }, 'allowed', 'no-allow'],
    ['everybody', '*', 'allowed', 'no-allow'],
    ['the account, which decides itself', { AWS: '123456789012' }, 'no-allow', 'no-allow'],
    ['another role', { AWS: 'arn:aws:iam::123456789012:role/api' }, 'no-allow', 'no-allow'],
    ['a service', { Service: 'lambda.amazonaws.com' }, 'no-allow', 'no-allow'],
  ])('one that names %s, without a policy of the caller', (_, principal, own, foreign) => {
    expect([outcome({ ...identity(), resource: named(principal) }), outcome({ ...identity(), resource: named(principal) }, elsewhere)]).toEqual([own, foreign]);
  });

  test('between accounts both must allow', () => {
    expect(outcome(identity(allow()), elsewhere)).toBe('no-allow');
    expect(outcome({ ...identity(allow()), resource: named({ AWS: '123456789012' }) }, elsewhere)).toBe('allowed');
    expect(outcome({ identity: 'unrestricted', resource: named('*', { Effect: 'Deny' }) }, elsewhere)).toBe('explicit-deny');
  });
});

test('refusals are in the words of AWS', () => {
  const said = (policies: Policies) => refusalText(caller, demand(), decide(caller, demand(), policies).refused!);
  const begin = `User: ${caller.sessionArn} is not authorized to perform: ecr:PutImage on resource: ${arn('app')}`;
  expect(said(identity())).toBe(`${begin} because no identity-based policy allows the ecr:PutImage action`);
  expect(said(identity(allow(), allow({ Effect: 'Deny' })))).toBe(`${begin} with an explicit deny in an identity-based policy`);
  expect(said(identity(allow({ Condition: { StringEquals: { 'aws:Moon': 'full' } } })))).toMatch(/^DD-IAM-002: .*the condition key aws:Moon/);
});

describe('laws', () => {
  const word = fc.constantFrom('a', 'b', '*', '?', 'ab');
  const text = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
  const condition = fc.constantFrom(undefined, { Bool: { 'aws:SecureTransport': 'true' } }, { StringEquals: { 'aws:Moon': 'x' } }, { StringEquals: { 'aws:SourceVpce': 'x' } });
  const statement = (Effect: 'Allow' | 'Deny') => fc.record({ Effect: fc.constant(Effect), Action: text.map((one) => `ecr:${one}`), Resource: text.map((one) => arn(one)), Condition: condition });
  const statements = fc.array(fc.oneof(statement('Allow'), statement('Deny')), { maxLength: 5 });
  const asked = fc.record({ action: fc.stringMatching(/^[ab]{1,4}$/).map((one) => `ecr:${one}`), resource: fc.stringMatching(/^[ab]{1,4}$/).map(arn) });
  const isAllowed = (some: readonly object[], one: Demand) => decide(caller, one, identity(...some)).allowed;

  test('one deny more never allows more, one allow more never allows less, and order does not matter', () => {
    fc.assert(fc.property(statements, statement('Deny'), statement('Allow'), asked, (some, deny, more, one) => {
      const before = isAllowed(some, one);
      return (!isAllowed([...some, deny], one) || before) && (isAllowed([...some, more], one) || !before) && isAllowed([...some].reverse(), one) === before;
    }), { numRuns: 1000 });
  });

  test('a naive reading agrees', () => {
    const glob = (pattern: string, value: string) => new RegExp(`^${pattern.replace(/[.\\/]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(value);
    const naive = (some: readonly any[], one: Demand) => {
      const fits = some.filter(({ Action, Resource }) => glob(Action.toLowerCase(), one.action.toLowerCase()) && glob(Resource, one.resource))
        .map(({ Effect, Condition }) => ({ Effect, holds: Condition === undefined || 'Bool' in Condition ? 'yes' : 'aws:Moon' in Condition.StringEquals ? 'unknown' : 'no' }));
      return !fits.some(({ Effect, holds }) => Effect === 'Deny' && holds !== 'no') && fits.some(({ Effect, holds }) => Effect === 'Allow' && holds === 'yes');
    };
    fc.assert(fc.property(statements, asked, (some, one) => naive(some, one) === isAllowed(some, one)), { numRuns: 1000 });
  });
});
