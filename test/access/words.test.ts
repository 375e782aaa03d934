import * as fc from 'fast-check';
import { policy as policies } from './arbitraries';
import { actionWords } from '../../src/access/action-words';
import { REPOSITORY_ACTIONS } from '../../src/access/actions';
import { conditionWords } from '../../src/access/condition-words';
import { AccessPolicy, Statement } from '../../src/access/model';
import { whoWords } from '../../src/access/principal-words';
import { accessPlan } from '../../src/access/words';

const OWNER = '123456789012';
const OTHER = '210987654321';
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const ORG = { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } };

const allow = (rest: Partial<Statement> = {}): Statement => ({ Effect: 'Allow', Principal: { AWS: OTHER }, Action: PULL, ...rest });
const deny = (rest: Partial<Statement> = {}): Statement => allow({ Effect: 'Deny', ...rest });
const policy = (...statements: Statement[]): AccessPolicy => ({ Version: '2012-10-17', Statement: statements });
const texts = (before: Statement[], after: Statement[]) => accessPlan(policy(...before), policy(...after), { registryId: OWNER }).changes.map(({ text }) => text);

describe('an access change reads', () => {
  test.each<[string, Statement[], Statement[], string]>([
    ['a new account', [], [allow()], `Account ${OTHER} may pull images.`],
    ['a new account under a condition', [], [allow({ Condition: ORG })], `Account ${OTHER} may pull images if the caller's organization is o-1.`],
    ['everybody', [], [allow({ Principal: '*' })], 'Everybody may pull images.'],
    ['a service with its source', [], [allow({ Principal: { Service: 'lambda.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': OWNER } } })],
      `Service lambda.amazonaws.com may pull images if the account on whose behalf the service acts is ${OWNER}.`],
    ['a role that goes', [allow({ Principal: { AWS: `arn:aws:iam::${OTHER}:role/team/ci` } })], [], `Role team/ci of account ${OTHER} may no longer pull images.`],
    ['what was allowed under a condition and goes', [allow({ Condition: ORG })], [], `Account ${OTHER} may no longer pull images. It was allowed if the caller's organization is o-1.`],
    ['a condition that goes', [allow({ Condition: ORG })], [allow()],
      `Account ${OTHER} may pull images without conditions now; before if the caller's organization is o-1. That is looser.`],
    ['a condition that comes', [allow()], [allow({ Condition: ORG })],
      `Account ${OTHER} may pull images if the caller's organization is o-1 now; before without conditions. That is tighter.`],
    ['a longer list of values', [allow({ Condition: ORG })], [allow({ Condition: { StringEquals: { 'aws:PrincipalOrgID': ['o-2', 'o-1'] } } })],
      `Account ${OTHER} may pull images if the caller's organization is o-1 or o-2 now; before if the caller's organization is o-1. That is looser.`],
    ['another value', [allow({ Condition: ORG })], [allow({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-2' } } })],
      `Account ${OTHER} may pull images if the caller's organization is o-2 now; before if the caller's organization is o-1. Neither contains the other.`],
    ['a Deny over an Allow', [allow()], [allow(), deny()], `Account ${OTHER} may no longer pull images: it is denied.`],
    ['a Deny with a condition', [allow()], [allow(), deny({ Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
      `Account ${OTHER} may pull images unless the source address is outside of 10.0.0.0/8 now; before without conditions. That is tighter.`],
    ['a Deny that goes where nothing is allowed', [deny()], [], `Account ${OTHER} is no longer denied to pull images; the policy does not allow it.`],
    ['a Deny where nothing is allowed', [], [deny({ Condition: ORG })], `Account ${OTHER} is denied to pull images if the caller's organization is o-1.`],
    ['a Deny that becomes an Allow', [deny()], [allow()], `Account ${OTHER} may pull images. It was denied.`],
    ['everybody but one', [], [allow({ Principal: undefined, NotPrincipal: { AWS: OTHER } })], `Everybody but account ${OTHER} may pull images.`],
    ['the owner', [], [allow({ Principal: { AWS: OWNER } })], `Account ${OWNER} (the owner) may pull images.`],
    ['what only the deployment knows', [], [allow({ Principal: { AWS: { Ref: 'Account' } } as never })],
      'A principal that only the deployment knows: {"Ref":"Account"} may pull images.'],
  ])('%s', (_, before, after, text) => {
    expect(texts(before, after)).toEqual([text]);
  });
});

test('a sentence keeps the exact actions, the states before and after, and the marks', () => {
  expect(accessPlan(policy(allow({ Condition: ORG })), policy(allow({ Action: 'ecr:BatchGetImage' })), { registryId: OWNER }).changes).toEqual([
    expect.objectContaining({
      change: 'gains', who: `account ${OTHER}`, actions: ['ecr:BatchGetImage'], before: ['if the caller\'s organization is o-1'], after: [], marks: ['cross-account'],
    }),
    expect.objectContaining({ change: 'loses', actions: ['ecr:GetDownloadUrlForLayer'], before: ['if the caller\'s organization is o-1'], after: ['not allowed'] }),
  ]);
});

test('a policy with parts that only the deployment knows is told to be incomplete', () => {
  expect(accessPlan(undefined, policy(allow())).complete).toBe(true);
  expect(accessPlan(undefined, policy(allow({ Principal: { AWS: { 'Fn::GetAtt': ['Role', 'Arn'] } } as never }))).complete).toBe(false);
  expect(accessPlan(policy(allow({ Condition: { StringEquals: { 'aws:SourceArn': { 'Fn::Sub': 'a' } as never } } })), undefined).complete).toBe(false);
  expect(accessPlan(undefined, policy(allow({ Sid: '${Token[TOKEN.7]}' }))).complete).toBe(false);
});

describe('whom a change is about is told by', () => {
  test.each([
    ['AWS', '*', 'everybody'],
    ['AWS', OTHER, `account ${OTHER}`],
    ['AWS', `arn:aws:iam::${OTHER}:user/path/ann`, `user path/ann of account ${OTHER}`],
    ['AWS', `arn:aws-cn:sts::${OTHER}:assumed-role/ci/build-1`, `session build-1 of role ci of account ${OTHER}`],
    ['AWS', `arn:aws:sts::${OTHER}:federated-user/ann`, `federated user ann of account ${OTHER}`],
    ['AWS', 'AROAEXAMPLEEXAMPLE12', 'a role that was deleted (AROAEXAMPLEEXAMPLE12)'],
    ['AWS', 'arn:aws:iam::cloudfront:user/X', 'arn:aws:iam::cloudfront:user/X'],
    ['Federated', 'cognito-identity.amazonaws.com', 'users that cognito-identity.amazonaws.com has signed in'],
    ['CanonicalUser', 'abc', 'canonical user abc'],
    ['Martian', 'x', 'Martian x'],
  ])('%s %s: %s', (kind, value, words) => {
    expect(whoWords({ kind, value })).toBe(words);
  });
});

describe('actions are told by what they are for', () => {
  test.each<[string[], string[]]>([
    [['BatchGetImage', 'GetDownloadUrlForLayer', 'BatchCheckLayerAvailability'], ['pull images']],
    [['BatchGetImage'], ['read manifests']],
    [['BatchCheckLayerAvailability', 'CompleteLayerUpload', 'InitiateLayerUpload', 'PutImage', 'UploadLayerPart', 'BatchDeleteImage'], ['push images', 'delete images']],
    [['BatchCheckLayerAvailability'], ['ask which layers are there']],
    [['SetRepositoryPolicy', 'DeleteRepositoryPolicy'], ['change the repository policy']],
    [[...REPOSITORY_ACTIONS], ['do everything']],
  ])('%s: %s', (actions, words) => {
    expect(actionWords(actions.map((action) => `ecr:${action}`))).toEqual(words);
  });

  test('law: no action is left out of the words', () => {
    fc.assert(fc.property(fc.subarray([...REPOSITORY_ACTIONS], { minLength: 1 }), fc.constantFrom(...REPOSITORY_ACTIONS), (some, one) => {
      expect(actionWords([...new Set([...some, one])].map((action) => `ecr:${action}`)).length).toBeGreaterThan(0);
      // Taking an action away is seen, but for the one that pull and push take along.
      const without = some.filter((action) => action !== one);
      if (one !== 'BatchCheckLayerAvailability' && without.length < some.length) {
        expect(actionWords(without.map((action) => `ecr:${action}`))).not.toEqual(actionWords(some.map((action) => `ecr:${action}`)));
      }
    }));
  });
});

describe('a condition reads', () => {
  test.each<[unknown, string]>([
    [{ StringEquals: { 'aws:PrincipalOrgID': ['o-2', 'o-1'] } }, 'the caller\'s organization is o-1 or o-2'],
    [{ StringNotEquals: { 'aws:PrincipalAccount': [OWNER, OTHER] } }, `the caller's account is none of ${OWNER} and ${OTHER}`],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:lambda:*' }, Bool: { 'aws:SecureTransport': true } }, 'the resource on whose behalf the service acts is like arn:aws:lambda:* and the use of TLS is true'],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, 'the source address is within 10.0.0.0/8'],
    [{ StringEqualsIfExists: { 'aws:PrincipalTag/team': 'a' } }, 'the caller\'s tag team is a, where that is known'],
    [{ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-1/r-1/*' } }, 'at least one value of the caller\'s place in the organization is like o-1/r-1/*'],
    [{ 'ForAllValues:StringEquals': { 'aws:CalledVia': ['x'] } }, 'every value of the services that the call came through is x, or there is none'],
    [{ Null: { 'aws:SourceVpce': 'true' } }, 'the VPC endpoint that the request comes through is not given'],
    [{ DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } }, 'the time of the request is before 2030-01-01T00:00:00Z'],
    [{ StringEquals: { 'saml:aud': 'x' } }, 'saml:aud is x'],
    [{ FancyOperator: { 'aws:SourceIp': ['b', 'a'] } }, 'FancyOperator of aws:SourceIp: a, b'],
    [{ StringEquals: { 'aws:SourceArn': [] } }, 'StringEquals of aws:SourceArn: no value'],
    [{ 'Fn::If': ['Prod', {}, {}] }, 'a condition holds that only the deployment knows: {"Fn::If":["Prod",{},{}]}'],
  ])('%j: %s', (condition, words) => {
    expect(conditionWords(condition)).toBe(words);
  });

  test('law: every value and every key that has no words of its own is in them', () => {
    const keys = fc.constantFrom('aws:SourceArn', 'my:Key', 'aws:PrincipalTag/a');
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('StringEquals', 'Odd', 'NumericLessThan', 'NotIpAddress'),
      fc.dictionary(keys, fc.array(fc.constantFrom('v1', 'v2', 'v3')), { minKeys: 1 }), { minKeys: 1 }), (condition) => {
      const words = conditionWords(condition);
      for (const [key, values] of Object.values(condition).flatMap((block) => Object.entries(block))) {
        expect(words.includes(key) || key !== 'my:Key').toBe(true);
        values.forEach((value) => expect(words).toContain(value));
      }
    }));
  });
});

test('law: a policy that stays gives no sentence', () => {
  fc.assert(fc.property(policies, (same) => {
    expect(accessPlan(same, { ...same, Statement: [...same.Statement].reverse() }).changes).toEqual([]);
  }), { numRuns: 60 });
});

test('law: the way back swaps gains and losses, before and after', () => {
  const swapped = { gains: 'loses', loses: 'gains', differs: 'differs' } as const;
  fc.assert(fc.property(policies, policies, (a, b) => {
    const [there, back] = [accessPlan(a, b).changes, accessPlan(b, a).changes];
    expect(back.map((one) => JSON.stringify([one.who, swapped[one.change], one.actions, one.after, one.before])).sort())
      .toEqual(there.map((one) => JSON.stringify([one.who, one.change, one.actions, one.before, one.after])).sort());
  }), { numRuns: 60 });
});
