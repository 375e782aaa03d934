import * as fc from 'fast-check';
import { hostileStatement, policy as policies } from './arbitraries';
import { LockOutCaller, locksOut } from '../../src/access/lockout';
import { Statement } from '../../src/access/model';

const ACCOUNT = '123456789012';
const OTHER = '210987654321';
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const USER: LockOutCaller = { accountId: ACCOUNT, principalArn: `arn:aws:iam::${ACCOUNT}:user/ann` };
const SESSION: LockOutCaller = { accountId: ACCOUNT, principalArn: `arn:aws:sts::${ACCOUNT}:assumed-role/ci/run-7` };
const ANYBODY: LockOutCaller = { accountId: ACCOUNT };

const deny = (rest: Partial<Statement> = {}): Statement => ({ Effect: 'Deny', Principal: '*', Action: 'ecr:SetRepositoryPolicy', ...rest });
const beside = (...AWS: string[]): Statement => deny({ Principal: undefined, NotPrincipal: { AWS } });
const outcome = (statement: Statement, caller: LockOutCaller = USER) => {
  const { lockedOut, certain } = locksOut({ Statement: [statement] }, caller);
  return certain ? 'certain' : lockedOut ? 'possible' : 'no';
};

describe('a Deny of ecr:SetRepositoryPolicy', () => {
  test.each<[string, Statement]>([
    ['for everybody', deny()],
    ['for everybody, the other way', deny({ Principal: { AWS: ['*'] } })],
    ['for the account', deny({ Principal: { AWS: ACCOUNT } })],
    ['for the root of the account', deny({ Principal: { AWS: [OTHER, ROOT] } })],
    ['for the user', deny({ Principal: { AWS: USER.principalArn! } })],
    ['of the whole service', deny({ Action: 'ecr:*' })],
    ['of everything', deny({ Action: ['*'] })],
    ['with a wildcard within the name', deny({ Action: 'ecr:Set*Pol?cy' })],
    ['in another case', deny({ Action: 'ECR:setrepositorypolicy' })],
    ['among others', deny({ Action: ['ecr:BatchDeleteImage', 'ecr:Set*'] })],
    ['as what is not excepted', deny({ Action: undefined, NotAction: ['ecr:BatchGetImage', 'ecr:Get*'] })],
    ['with an empty condition', deny({ Condition: { StringEquals: {} } })],
    ['for everybody but another', beside(OTHER, `arn:aws:iam::${ACCOUNT}:user/bob`)],
    // An account in NotPrincipal is its root user, not its users.
    ['for everybody but the root user', beside(ROOT)],
  ])('%s locks a user of the account out', (_, statement) => {
    expect(outcome(statement)).toBe('certain');
  });

  test.each<[string, Statement]>([
    ['for another account', deny({ Principal: { AWS: OTHER } })],
    ['for another user', deny({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/bob` } })],
    ['for a service', deny({ Principal: { Service: 'lambda.amazonaws.com' } })],
    ['that is an Allow', deny({ Effect: 'Allow' })],
    ['that is of other actions', deny({ Action: ['ecr:SetRepository', 'ecr:GetRepositoryPolicy', 'ecr:?SetRepositoryPolicy'] })],
    ['that is excepted', deny({ Action: undefined, NotAction: 'ecr:*Policy' })],
    ['for everybody but the user', beside(ROOT, USER.principalArn!)],
    ['for everybody but everybody', beside('*')],
    ['for nobody', deny({ Principal: undefined })],
  ])('%s does not', (_, statement) => {
    expect(outcome(statement)).toBe('no');
  });

  test.each<[string, Statement]>([
    ['the request', deny({ Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
    ['what only the deployment knows', deny({ Condition: { 'Fn::If': ['Prod', {}, {}] } as unknown as Statement['Condition'] })],
  ])('under conditions may, that depends on %s', (_, statement) => {
    expect(outcome(statement)).toBe('possible');
    expect(outcome({ ...statement, Principal: { AWS: OTHER } })).toBe('no');
  });
});

describe('a session of a role', () => {
  test('is denied with its role, whatever its path', () => {
    expect(outcome(deny({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/ci` } }), SESSION)).toBe('certain');
    expect(outcome(deny({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/team/ci` } }), SESSION)).toBe('certain');
    expect(outcome(deny({ Principal: { AWS: SESSION.principalArn! } }), SESSION)).toBe('certain');
    expect(outcome(deny({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/ci2` } }), SESSION)).toBe('no');
    expect(outcome(deny({ Principal: { AWS: `arn:aws:iam::${OTHER}:role/ci` } }), SESSION)).toBe('no');
  });

  test('is excepted by its own ARN, and only perhaps by its role\'s', () => {
    expect(outcome(beside(ROOT, `arn:aws:iam::${ACCOUNT}:role/ci`, SESSION.principalArn!), SESSION)).toBe('no');
    expect(outcome(beside(ROOT, `arn:aws:iam::${ACCOUNT}:role/ci`), SESSION)).toBe('possible');
    expect(outcome(beside(ROOT), SESSION)).toBe('certain');
  });
});

describe('a caller whose ARN is not known', () => {
  test.each<[string, Statement, string]>([
    ['everybody', deny(), 'certain'],
    ['the account', deny({ Principal: { AWS: ROOT } }), 'certain'],
    ['a role of the account', deny({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/ci` } }), 'possible'],
    ['a role of another', deny({ Principal: { AWS: `arn:aws:iam::${OTHER}:role/ci` } }), 'no'],
    ['everybody but a role of the account', beside(`arn:aws:iam::${ACCOUNT}:role/ci`), 'possible'],
    ['everybody but the account', beside(ACCOUNT), 'possible'],
    ['everybody but another account', beside(OTHER), 'certain'],
  ])('and a Deny for %s: %s', (_, statement, expected) => {
    expect(outcome(statement, ANYBODY)).toBe(expected);
  });
});

test('the root user is excepted by its account', () => {
  const root: LockOutCaller = { accountId: ACCOUNT, principalArn: ROOT };
  expect([outcome(beside(ACCOUNT), root), outcome(beside(ROOT), root), outcome(beside(OTHER), root)]).toEqual(['no', 'no', 'certain']);
});

test('of several statements the one that is certain is named', () => {
  const maybe = deny({ Sid: 'Maybe', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  const sure = deny({ Sid: 'Sure' });
  expect(locksOut({ Statement: [maybe, sure] }, USER)).toEqual({ lockedOut: true, statement: sure, certain: true });
  expect(locksOut({ Statement: [maybe] }, USER)).toEqual({ lockedOut: true, statement: maybe, certain: false });
  expect(locksOut({ Statement: [] }, USER)).toEqual({ lockedOut: false, statement: undefined, certain: false });
});

test('law: a policy without Deny locks nobody out, and adding statements never frees', () => {
  const verdict = { no: 0, possible: 1, certain: 2 };
  const rank = (statements: readonly Statement[]) => {
    const { lockedOut, certain } = locksOut({ Statement: statements }, USER);
    return verdict[certain ? 'certain' : lockedOut ? 'possible' : 'no'];
  };
  fc.assert(fc.property(policies, policies, (a, b) => {
    expect(rank(a.Statement.filter(({ Effect }) => Effect === 'Allow'))).toBe(0);
    expect(rank([...a.Statement, ...b.Statement])).toBe(Math.max(rank(a.Statement), rank(b.Statement)));
  }), { numRuns: 300 });
});

test('law: odd statements are judged, not stumbled over', () => {
  fc.assert(fc.property(fc.array(hostileStatement, { maxLength: 3 }), fc.constantFrom(USER, SESSION, ANYBODY), (statements, caller) => {
    const denies = statements.map((statement) => ({ ...statement, Effect: 'Deny' as const, Action: '*' }));
    const { lockedOut, certain } = locksOut({ Statement: denies }, caller);
    expect(!certain || lockedOut).toBe(true);
  }), { numRuns: 500 });
});
