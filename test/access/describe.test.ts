import * as fc from 'fast-check';
import { hostileStatement, policy as policies } from './arbitraries';
import { accessChanges } from '../../src/access/describe';
import { AccessPolicy, Statement } from '../../src/access/model';

const ACCOUNT = '210987654321';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci`;
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const ORG = { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } };
const NETWORK = { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };

const allow = (rest: Partial<Statement> = {}): Statement => ({ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: PULL, ...rest });
const deny = (rest: Partial<Statement> = {}): Statement => allow({ Effect: 'Deny', ...rest });
const policy = (...statements: Statement[]): AccessPolicy => ({ Version: '2012-10-17', Statement: statements });
const changes = (before: Statement[], after: Statement[]) => accessChanges(policy(...before), policy(...after))
  .map(({ who, change, actions }) => ({ who: who.except ? `${who.value} but ${who.except.join()}` : who.value, change, actions }));
const inverse = { gains: 'loses', loses: 'gains', differs: 'differs' } as const;

describe('somebody gains', () => {
  test.each<[string, Statement[], Statement[], string, string[]]>([
    ['what is allowed', [], [allow()], ACCOUNT, PULL],
    ['what is allowed besides', [allow({ Action: PULL[0] })], [allow()], ACCOUNT, [PULL[1]]],
    ['what a pattern stands for', [], [allow({ Action: 'ECR:*lifecyclepolicy' })], ACCOUNT,
      ['ecr:DeleteLifecyclePolicy', 'ecr:GetLifecyclePolicy', 'ecr:PutLifecyclePolicy']],
    ['all that is not excepted', [], [allow({ Action: undefined, NotAction: ['ecr:*i*', 'ecr:UploadLayerPart'] })], ACCOUNT,
      ['ecr:CompleteLayerUpload', 'ecr:GetDownloadUrlForLayer', 'ecr:TagResource', 'ecr:UntagResource']],
    ['what is not denied any more', [allow(), deny({ Action: PULL[1] })], [allow()], ACCOUNT, [PULL[1]]],
    ['what nobody denies any more, allowed here or not', [deny()], [], ACCOUNT, PULL],
    ['what is allowed without conditions now', [allow({ Condition: ORG })], [allow()], ACCOUNT, PULL],
    ['what is allowed under another condition, too', [allow({ Condition: ORG })], [allow({ Condition: ORG }), allow({ Condition: NETWORK })], ACCOUNT, PULL],
    ['what is denied under conditions only', [allow(), deny()], [allow(), deny({ Condition: NETWORK })], ACCOUNT, PULL],
    ['as a service', [], [allow({ Principal: { Service: 'lambda.amazonaws.com' } })], 'lambda.amazonaws.com', PULL],
    ['as everybody', [], [allow({ Principal: '*' })], '*', PULL],
    ['as everybody but one', [], [allow({ Principal: undefined, NotPrincipal: { AWS: ROLE } })], `* but ${ROLE}`, PULL],
  ])('%s', (_, before, after, who, actions) => {
    expect(changes(before, after)).toEqual([{ who, change: 'gains', actions }]);
    expect(changes(after, before)).toEqual([{ who, change: 'loses', actions }]);
  });
});

test('conditions of which neither contains the other differ', () => {
  expect(changes([allow({ Condition: ORG })], [allow({ Condition: NETWORK })])).toEqual([{ who: ACCOUNT, change: 'differs', actions: PULL }]);
  expect(changes([allow(), deny({ Condition: ORG })], [allow(), deny({ Condition: NETWORK })])).toEqual([{ who: ACCOUNT, change: 'differs', actions: PULL }]);
  expect(changes([allow({ Condition: ORG })], [allow(), deny({ Condition: NETWORK })])).toEqual([{ who: ACCOUNT, change: 'differs', actions: PULL }]);
});

test('a change says what held before and what holds after', () => {
  expect(accessChanges(policy(allow({ Condition: ORG })), policy(allow(), deny({ Condition: NETWORK, Action: PULL[0] })))).toEqual([
    {
      who: { kind: 'AWS', value: ACCOUNT },
      change: 'differs',
      actions: [PULL[0]],
      before: { says: 'allows', when: [ORG], unless: [] },
      after: { says: 'allows', when: [], unless: [NETWORK] },
    },
    {
      who: { kind: 'AWS', value: ACCOUNT },
      change: 'gains',
      actions: [PULL[1]],
      before: { says: 'allows', when: [ORG], unless: [] },
      after: { says: 'allows', when: [], unless: [] },
    },
  ]);
});

describe('nothing changes', () => {
  test.each<[string, Statement[], Statement[]]>([
    ['for the same in other words', [allow({ Sid: 'A', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } })], [allow({ Action: PULL[0] }), allow({ Action: [PULL[1].toUpperCase()] })]],
    ['by what everybody may already', [allow({ Principal: '*' })], [allow({ Principal: '*' }), allow(), allow({ Principal: { AWS: ROLE } })]],
    ['by what the account may already', [allow()], [allow(), allow({ Principal: { AWS: ROLE } })]],
    ['by an Allow of what is denied', [deny({ Principal: '*' })], [deny({ Principal: '*' }), allow()]],
    ['by a condition beside an Allow without', [allow()], [allow(), allow({ Condition: ORG })]],
    ['by actions of the registry', [], [allow({ Action: 'ecr:GetAuthorizationToken' })]],
    ['without statements', [], []],
  ])('%s', (_, before, after) => {
    expect(changes(before, after)).toEqual([]);
  });

  test('between no policy and none', () => {
    expect(accessChanges(undefined, undefined)).toEqual([]);
    expect(accessChanges(undefined, policy(allow()))).toEqual(accessChanges(policy(), policy(allow())));
  });
});

describe('what follows from a change for more people is not said again', () => {
  test('a role gains with its account, once', () => {
    expect(changes([], [allow(), allow({ Principal: { AWS: ROLE } })])).toEqual([{ who: ACCOUNT, change: 'gains', actions: PULL }]);
  });

  test('everybody gains, the account only what it gains besides', () => {
    expect(changes([], [allow({ Principal: '*', Action: PULL[0] }), allow()])).toEqual([
      { who: '*', change: 'gains', actions: [PULL[0]] },
      { who: ACCOUNT, change: 'gains', actions: [PULL[1]] },
    ]);
  });

  test('a role that is denied loses while its account gains', () => {
    expect(changes([allow({ Principal: { AWS: ROLE } })], [allow(), deny({ Principal: { AWS: ROLE } })])).toEqual([
      { who: ACCOUNT, change: 'gains', actions: PULL },
      { who: ROLE, change: 'loses', actions: PULL },
    ]);
  });
});

test('law: the way back takes what the way there gave', () => {
  let found = 0;
  fc.assert(fc.property(policies, policies, (a, b) => {
    const there = accessChanges(a, b);
    found += there.length;
    const back = accessChanges(b, a).map(({ change, before, after, ...rest }) => ({ ...rest, change: inverse[change], before: after, after: before }));
    expect(new Set(back.map((one) => JSON.stringify(one.actions) + one.who.value + one.change)))
      .toEqual(new Set(there.map((one) => JSON.stringify(one.actions) + one.who.value + one.change)));
  }), { numRuns: 60 });
  expect(found).toBeGreaterThan(20);
});

test('law: a policy that becomes itself, turned around, changes nothing; one more Allow takes nothing from anybody', () => {
  fc.assert(fc.property(policies, policies, (a, b) => {
    expect(accessChanges(a, { ...a, Statement: [...a.Statement].reverse() })).toEqual([]);
    const more = { ...a, Statement: [...a.Statement, ...b.Statement.filter(({ Effect }) => Effect === 'Allow')] };
    expect(accessChanges(a, more).filter(({ change }) => change !== 'gains')).toEqual([]);
    const less = { ...a, Statement: [...a.Statement, ...b.Statement.filter(({ Effect }) => Effect === 'Deny')] };
    expect(accessChanges(a, less).filter(({ change }) => change !== 'loses')).toEqual([]);
  }), { numRuns: 60 });
});

test('law: odd statements are described, not stumbled over', () => {
  fc.assert(fc.property(fc.array(hostileStatement, { maxLength: 2 }), policies, (odd, other) => {
    const told = accessChanges({ Statement: odd.map((one) => ({ ...one, Effect: 'Allow' as const, Action: '*' })) }, other);
    expect(told.every(({ actions }) => actions.length > 0)).toBe(true);
  }), { numRuns: 100 });
});
