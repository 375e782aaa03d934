import * as fc from 'fast-check';
import { hostile, statement as statements } from './arbitraries';
import { actionMatches, expandAction, nearestAction, REGISTRY_ACTIONS, REPOSITORY_ACTIONS } from '../../src/access/actions';
import { CheckOptions, checkStatements } from '../../src/access/check';
import { ACCESS_CODES } from '../../src/access/codes';
import { Statement } from '../../src/access/model';
import { Problem } from '../../src/errors';

const ACCOUNT = '123456789012';
const OTHER = '210987654321';

const statement = (rest: object = {}): Statement =>
  ({ Sid: 'Pull', Effect: 'Allow', Principal: { AWS: OTHER }, Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], ...rest }) as Statement;
const problemsOf = (rest: object, options?: CheckOptions) => checkStatements([statement(rest)], options).problems;
const warningsOf = (rest: object, options?: CheckOptions) => checkStatements([statement(rest)], options).warnings;
const places = (problems: readonly Problem[]) => problems.map(({ code, pointer }) => `${code} ${pointer}`);
const nested = (depth: number): object => depth === 0 ? {} : { a: nested(depth - 1) };

describe('a statement is refused', () => {
  test.each<[string, object, string, RegExp]>([
    ['without an effect', { Effect: undefined }, 'DD-ACCESS-002 /Statement/0/Effect', /has no effect.*Write Allow or Deny/],
    ['with the effect allow', { Effect: 'allow' }, 'DD-ACCESS-002 /Statement/0/Effect', /"allow"/],
    ['without a principal', { Principal: undefined }, 'DD-ACCESS-003 /Statement/0', /AccountPrincipal/],
    ['with a principal element of nobody', { Principal: {} }, 'DD-ACCESS-003 /Statement/0/Principal', /names no principal/],
    ['with an empty list of principals', { Principal: { AWS: [] } }, 'DD-ACCESS-003 /Statement/0/Principal', /names no principal/],
    ['without an action', { Action: undefined }, 'DD-ACCESS-004 /Statement/0', /Name at least one/],
    ['with an empty list of actions', { Action: [] }, 'DD-ACCESS-004 /Statement/0', /Name at least one/],
    ['with Resource', { Resource: '*' }, 'DD-ACCESS-005 /Statement/0/Resource', /Leave Resource out/],
    ['with NotResource', { NotResource: '*' }, 'DD-ACCESS-005 /Statement/0/NotResource', /Leave NotResource out/],
    ['with an action of S3', { Action: ['ecr:PutImage', 's3:GetObject'] }, 'DD-ACCESS-006 /Statement/0/Action/1', /"s3:GetObject".*Remove it/],
    ['with an action of ECR Public', { Action: 'ecr-public:PutImage' }, 'DD-ACCESS-006 /Statement/0/Action', /Did you mean ecr:PutImage\?/],
    ['with an action without its service', { Action: 'BatchGetImage' }, 'DD-ACCESS-006 /Statement/0/Action', /Did you mean ecr:BatchGetImage\?/],
    ['with a number for an action', { Action: [7] }, 'DD-ACCESS-006 /Statement/0/Action/0', /has the action 7/],
    ['with a typo', { Action: 'ecr:GetDownloadUrlForLayers' }, 'DD-ACCESS-007 /Statement/0/Action', /Did you mean ecr:GetDownloadUrlForLayer\?/],
    ['with a typo in NotAction', { Action: undefined, NotAction: ['ecr:PutImages'] }, 'DD-ACCESS-007 /Statement/0/NotAction/0', /Did you mean ecr:PutImage\?/],
    ['with an action far from any', { Action: 'ecr:Fly' }, 'DD-ACCESS-007 /Statement/0/Action', /Service Authorization Reference/],
    ['with a pattern of nothing', { Action: 'ecr:Pull*' }, 'DD-ACCESS-007 /Statement/0/Action', /which ECR does not have/],
    ['with the login', { Action: 'ecr:getauthorizationtoken' }, 'DD-ACCESS-008 /Statement/0/Action', /IAM policy, on the resource "\*"/],
    ['with a blank in its Sid', { Sid: 'new statement' }, 'DD-ACCESS-010 /Statement/0/Sid', /"new statement"/],
    ['with an empty Sid', { Sid: '' }, 'DD-ACCESS-010 /Statement/0/Sid', /letters and digits/],
    ['with a number for a Sid', { Sid: 7 }, 'DD-ACCESS-010 /Statement/0/Sid', /the Sid 7/],
    ['with a bare account for a principal', { Principal: OTHER }, 'DD-ACCESS-011 /Statement/0/Principal', /\{"AWS": "123456789012"\}/],
    ['with a list for a principal', { Principal: ['*'] }, 'DD-ACCESS-011 /Statement/0/Principal', /Write "\*"/],
    ['with a principal of an unknown kind', { Principal: { Aws: OTHER } }, 'DD-ACCESS-011 /Statement/0/Principal/Aws', /Known are AWS, Service/],
    ['with 11 digits', { Principal: { AWS: ['21098765432'] } }, 'DD-ACCESS-011 /Statement/0/Principal/AWS/0', /has 11 digits.*leading zeros/],
    ['with a number for an account', { Principal: { AWS: 210987654321 } }, 'DD-ACCESS-011 /Statement/0/Principal/AWS', /not text/],
    ['with a wildcard in an ARN', { Principal: { AWS: `arn:aws:iam::${OTHER}:role/*` } }, 'DD-ACCESS-011 /Statement/0/Principal/AWS', /aws:PrincipalArn/],
    ['with a group', { Principal: { AWS: `arn:aws:iam::${OTHER}:group/dev` } }, 'DD-ACCESS-011 /Statement/0/Principal/AWS', /no user or role/],
    ['with an ARN of no account', { Principal: { AWS: 'arn:aws:iam:::role/ci' } }, 'DD-ACCESS-011 /Statement/0/Principal/AWS', /neither an account/],
    ['with an ARN of something else', { Principal: { AWS: 'arn:aws:s3:::bucket' } }, 'DD-ACCESS-011 /Statement/0/Principal/AWS', /neither an account/],
    ['with a service that is none', { NotPrincipal: { Service: ['lambda'] }, Principal: undefined, Effect: 'Deny' }, 'DD-ACCESS-011 /Statement/0/NotPrincipal/Service/0', /codebuild/],
    ['with a deleted role', { Principal: { AWS: 'AROAJ4Q7EXAMPLE12345A' } }, 'DD-ACCESS-016 /Statement/0/Principal/AWS', /deleted.*by its ARN/],
    ['with a misspelt element', { condition: {} }, 'DD-ACCESS-014 /Statement/0/condition', /Write Condition/],
    ['with an element of no meaning', { 'a/b~c': 1 }, 'DD-ACCESS-014 /Statement/0/a~1b~0c', /Remove it/],
    ['with Action and NotAction', { NotAction: 'ecr:PutImage' }, 'DD-ACCESS-017 /Statement/0/NotAction', /Keep one/],
    ['with Principal and NotPrincipal', { Effect: 'Deny', NotPrincipal: { AWS: OTHER } }, 'DD-ACCESS-017 /Statement/0/NotPrincipal', /Keep one/],
    ['with a condition that is text', { Condition: 'always' }, 'DD-ACCESS-022 /Statement/0/Condition', /not an object/],
    ['with an operator that IAM does not have', { Condition: { StringEqual: { k: 'v' } } }, 'DD-ACCESS-022 /Statement/0/Condition/StringEqual', /"StringEqual"/],
    ['with NullIfExists', { Condition: { NullIfExists: { k: 'true' } } }, 'DD-ACCESS-022 /Statement/0/Condition/NullIfExists', /NullIfExists/],
    ['with an operator without keys', { Condition: { Bool: 'true' } }, 'DD-ACCESS-022 /Statement/0/Condition/Bool', /no condition keys/],
    ['with null in a condition', { Condition: { Bool: { 'a/b': [true, null] } } }, 'DD-ACCESS-022 /Statement/0/Condition/Bool/a~1b', /a\/b/],
  ])('%s', (_, rest, place, text) => {
    const problems = problemsOf(rest);
    expect(places(problems)).toEqual([place]);
    expect(`${problems[0].message} ${problems[0].fix}`).toMatch(text);
  });

  test.each<[string, unknown]>([['null', null], ['text', 'Allow'], ['a list', []], ['a statement without a bottom', nested(5000)]])('that is %s', (_, value) => {
    expect(places(checkStatements([value as Statement]).problems)).toEqual(['DD-ACCESS-001 /Statement/0']);
  });

  test('that holds itself', () => {
    const cyclic: Record<string, unknown> = { ...statement() };
    cyclic.Condition = { StringEquals: cyclic };
    expect(places(checkStatements([cyclic as unknown as Statement]).problems)).toEqual(['DD-ACCESS-001 /Statement/0']);
  });

  test('when its Sid stands twice, to the letter', () => {
    expect(places(checkStatements([statement(), statement({ Sid: 'pull' }), statement()]).problems)).toEqual(['DD-ACCESS-009 /Statement/2/Sid']);
  });
});

test('all problems of all statements come at once, each with what and where', () => {
  const { problems } = checkStatements([
    statement({ Sid: 'Bad Sid', Effect: 'ALLOW', Action: ['ecr:PutImages', 's3:*'] }), statement(), statement({ Principal: undefined, Resource: '*', Sid: undefined }),
  ]);
  expect(places(problems)).toEqual([
    'DD-ACCESS-002 /Statement/0/Effect', 'DD-ACCESS-010 /Statement/0/Sid', 'DD-ACCESS-007 /Statement/0/Action/0', 'DD-ACCESS-006 /Statement/0/Action/1',
    'DD-ACCESS-005 /Statement/2/Resource', 'DD-ACCESS-003 /Statement/2',
  ]);
  expect(problems[2]).toMatchObject({ value: 'ecr:PutImages', message: 'Statement "Bad Sid" has the action "ecr:PutImages", which ECR does not have.' });
  expect(problems[5].message).toBe('The statement has no principal.');
  expect(problems.every(({ fix }) => fix !== undefined)).toBe(true);
});

describe('a statement is legal', () => {
  test.each<[string, object]>([
    ['with every action', { Action: '*' }],
    ['with every action of ECR, in any case', { Action: ['ECR:*', 'ecr:batch?etImage'] }],
    ['with NotAction', { Action: undefined, NotAction: 'ecr:DeleteRepository' }],
    ['with a pattern that the login falls under', { Action: 'ecr:Get*' }],
    ['that excepts the login', { Action: undefined, NotAction: ['ecr:GetAuthorizationToken', 'ecr:Put*'] }],
    ['without a Sid', { Sid: undefined }],
    ['with a role in China', { Principal: { AWS: `arn:aws-cn:iam::${OTHER}:role/team/ci-1_2+=,.@` } }],
    ['with a user in an isolated partition', { Principal: { AWS: `arn:aws-iso-b:iam::${OTHER}:user/ann` } }],
    ['with sessions', { Principal: { AWS: [`arn:aws:sts::${OTHER}:assumed-role/ci/run`, `arn:aws:sts::${OTHER}:federated-user/ann`] } }],
    ['with a CloudFront identity', { Principal: { AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1' } }],
    ['with a federated user', { Principal: { Federated: 'cognito-identity.amazonaws.com' } }],
    ['with conditions of every kind', {
      Condition: {
        'StringEqualsIfExists': { 'aws:PrincipalOrgID': 'o-1' },
        'ForAllValues:StringLike': { 'aws:TagKeys': ['a', 'b'] },
        'forAnyValue:arnLikeIfExists': { 'aws:PrincipalArn': '*' },
        'NumericLessThan': { 'aws:MultiFactorAuthAge': 300 },
        'null': { 'aws:TokenIssueTime': true },
      },
    }],
  ])('%s', (_, rest) => {
    expect(checkStatements([statement(rest)])).toEqual({ problems: [], warnings: [] });
  });
});

describe('a warning', () => {
  test.each<[string, object, string]>([
    ['everybody', { Principal: '*' }, 'DD-ACCESS-101 /Statement/0/Principal'],
    ['everybody among others', { Principal: { AWS: [OTHER, '*'] } }, 'DD-ACCESS-101 /Statement/0/Principal'],
    ['everybody under an empty condition', { Principal: '*', Condition: { StringEquals: {} } }, 'DD-ACCESS-101 /Statement/0/Principal'],
    ['a service on behalf of anybody', { Principal: { Service: 'lambda.amazonaws.com' } }, 'DD-ACCESS-102 /Statement/0/Principal/Service'],
    ['a service under another condition', {
      Principal: { Service: ['codebuild.amazonaws.com'] }, Condition: { Bool: { 'aws:SecureTransport': true } },
    }, 'DD-ACCESS-102 /Statement/0/Principal/Service'],
    ['everybody but the named', { Principal: undefined, NotPrincipal: { AWS: OTHER } }, 'DD-ACCESS-103 /Statement/0/NotPrincipal'],
    ['an action of the registry', { Action: ['ecr:PutImage', 'ecr:PutReplicationConfiguration'] }, 'DD-ACCESS-104 /Statement/0/Action/1'],
    ['an operation without an action', { Action: 'ecr:ListImageReferrers' }, 'DD-ACCESS-104 /Statement/0/Action'],
  ])('for an Allow of %s', (_, rest, place) => {
    expect(checkStatements([statement(rest)]).problems).toEqual([]);
    expect(places(warningsOf(rest))).toEqual([place]);
    expect(warningsOf({ ...rest, Effect: 'Deny' }).every(({ code }) => code === 'DD-ACCESS-104' || code === 'DD-ACCESS-105')).toBe(true);
  });

  test.each<[string, object]>([
    ['everybody of an organization', { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    ['a service for an account', { Principal: { Service: 'lambda.amazonaws.com' }, Condition: { StringEquals: { 'AWS:sourceaccount': OTHER } } }],
    ['a service for an ARN', { Principal: { Service: 'lambda.amazonaws.com' }, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:lambda:*' } } }],
    ['a service, refused', { Effect: 'Deny', Principal: { Service: 'lambda.amazonaws.com' } }],
    ['everybody, refused', { Effect: 'Deny', Principal: '*' }],
  ])('is not given for %s', (_, rest) => {
    expect(checkStatements([statement(rest)])).toEqual({ problems: [], warnings: [] });
  });
});

describe('a Deny that reaches the owner', () => {
  const deny = (rest: object) => ({ Effect: 'Deny', Principal: '*', Action: 'ecr:*', ...rest });

  test.each<[string, object, CheckOptions]>([
    ['everybody', deny({}), {}],
    ['everybody, by what is not excepted', deny({ Action: undefined, NotAction: 'ecr:Get*' }), {}],
    ['the account of the repository', deny({ Principal: { AWS: ACCOUNT } }), { registryId: ACCOUNT }],
    ['everybody but another account', deny({ Principal: undefined, NotPrincipal: { AWS: OTHER } }), { registryId: ACCOUNT }],
    ['everybody but a service', deny({ Principal: undefined, NotPrincipal: { Service: 'lambda.amazonaws.com' } }), {}],
  ])('is refused for %s, unless it is meant', (_, rest, options) => {
    expect(places(problemsOf(rest, options))).toEqual(['DD-ACCESS-013 /Statement/0']);
    expect(problemsOf(rest, { ...options, allowLockOut: true })).toEqual([]);
  });

  test.each<[string, object, CheckOptions]>([
    ['somebody whose account is not known', deny({ Principal: undefined, NotPrincipal: { AWS: OTHER } }), {}],
    ['a role of the owner', deny({ Principal: undefined, NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:role/admin` } }), { registryId: ACCOUNT }],
    ['what only the deployment knows', deny({ Principal: undefined, NotPrincipal: { AWS: { Ref: 'Admin' } } }), { registryId: ACCOUNT }],
  ])('and excepts %s is warned about', (_, rest, options) => {
    const { problems, warnings } = checkStatements([statement(rest)], options);
    expect([places(problems), places(warnings)]).toEqual([[], ['DD-ACCESS-105 /Statement/0/NotPrincipal']]);
    expect(warningsOf(rest, { ...options, allowLockOut: true })).toEqual([]);
  });

  test.each<[string, object]>([
    ['outside a network', deny({ Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
    ['when the deployment says so', deny({ Condition: { 'Fn::If': ['Prod', {}, {}] } })],
    ['for other accounts', deny({ Principal: { AWS: OTHER } })],
    ['for other actions', deny({ Action: 'ecr:Delete*' })],
    ['for actions that only the deployment knows', deny({ Action: undefined, NotAction: '${Token[TOKEN.1]}' })],
  ])('%s is not', (_, rest) => {
    expect(checkStatements([statement(rest)], { registryId: ACCOUNT })).toEqual({ problems: [], warnings: [] });
  });
});

describe('what only the deployment knows', () => {
  const ref = { Ref: 'Parameter' };
  const token = '${Token[AWS.AccountId.4]}';

  test.each<[string, object]>([
    ['a statement', { ...ref, Sid: undefined, Effect: undefined, Principal: undefined, Action: undefined }],
    ['an effect', { Effect: ref }],
    ['a Sid', { Sid: `Pull${token}` }],
    ['a principal', { Principal: ref }],
    ['a principal of a kind', { Principal: { AWS: { 'Fn::GetAtt': ['Role', 'Arn'] } } }],
    ['a principal within a list', { Principal: { AWS: [OTHER, `arn:aws:iam::${token}:role/ci`, { 'Fn::Join': ['', ['arn:', ref]] }] } }],
    ['a list of principals', { Principal: { AWS: ['#{Token[TOKEN.3]}'] } }],
    ['a service', { Principal: { Service: { 'Fn::Sub': 'x.${AWS::URLSuffix}' } }, Condition: { StringEquals: { 'aws:SourceAccount': ref } } }],
    ['an action', { Action: ['ecr:PutImage', ref, token] }],
    ['all actions', { Action: ref }],
    ['a condition', { Principal: '*', Condition: ref }],
    ['the keys of a condition', { Principal: '*', Condition: { StringEquals: ref } }],
    ['a key of a condition', { Principal: { Service: 'lambda.amazonaws.com' }, Condition: { StringEquals: { [token]: 'x' } } }],
    ['an operator', { Condition: { [token]: { k: 'v' } } }],
    ['a value of a condition', { Condition: { StringEquals: { k: [ref, token] } } }],
  ])('is not judged: %s', (_, rest) => {
    expect(checkStatements([statement(rest)])).toEqual({ problems: [], warnings: [] });
  });

  test('does not hide what stands beside it', () => {
    expect(places(problemsOf({ Principal: { AWS: [ref, 'me'] }, Action: [token, 'ecr:Fly'] })))
      .toEqual(['DD-ACCESS-011 /Statement/0/Principal/AWS/1', 'DD-ACCESS-007 /Statement/0/Action/1']);
  });

  test('does not count against the size', () => {
    const refs = Array.from({ length: 60 }, (_, n) => ({ 'Fn::GetAtt': [`Role${n}${'x'.repeat(200)}`, 'Arn'] }));
    const tokens = Array.from({ length: 60 }, (_, n) => `\${Token[${'x'.repeat(200)}.${n}]}`);
    expect(problemsOf({ Principal: { AWS: [...refs, ...tokens] } })).toEqual([]);
  });
});

test('the size is that of the policy as ECR stores it', () => {
  const roles = Array.from({ length: 200 }, (_, n) => `arn:aws:iam::${OTHER}:role/some-rather-long-name-${n}`);
  const problems = problemsOf({ Principal: { AWS: roles } });
  expect(places(problems)).toEqual(['DD-ACCESS-012 ']);
  expect(problems[0].value).toBeGreaterThan(10_240);
  expect(problems[0].message).toContain(String(problems[0].value));
});

describe('actions', () => {
  test.each<[string, string, boolean]>([
    ['ecr:*', 'ecr:PutImage', true], ['*', 'ecr:PutImage', true], ['ecr:put?mage', 'ecr:PutImage', true], ['ecr:*Image', 'ecr:PutImage', true],
    ['**', 'ecr:PutImage', true], ['ecr:P*u*t*e', 'ecr:PutImage', true], ['ecr:PutImage*', 'ecr:PutImage', true], ['*:*', 'ecr:PutImage', true],
    ['ecr:PutImag', 'ecr:PutImage', false], ['ecr:PutImage?', 'ecr:PutImage', false], ['ecr:*Images', 'ecr:PutImage', false], ['', 'ecr:PutImage', false],
    ['ecr.PutImage', 'ecr:PutImage', false], ['ecr:[P]utImage', 'ecr:PutImage', false], ['ecr:*Image', 'ecr:PutImageScanningConfiguration', false],
  ])('%s matches %s: %p', (pattern, action, expected) => {
    expect(actionMatches(pattern, action)).toBe(expected);
  });

  test('law: a pattern matches what its regular expression matches', () => {
    const text = (...units: string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 8 });
    fc.assert(fc.property(text('a', 'b', '*', '?'), text('a', 'b', 'B'), (pattern, action) => {
      const expression = new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i');
      expect(actionMatches(pattern, action)).toBe(expression.test(action));
    }), { numRuns: 2000 });
  });

  test('are told once each, and every one is its own nearest', () => {
    const all = [...REPOSITORY_ACTIONS, ...REGISTRY_ACTIONS];
    expect(new Set(all).size).toBe(all.length);
    expect(expandAction('ecr:*')).toHaveLength(all.length);
    expect(all.map((action) => nearestAction(`ecr:${action.toUpperCase()}`))).toEqual(all.map((action) => `ecr:${action}`));
  });

  test.each([['ecr:BatchGetImages', 'ecr:BatchGetImage'], ['ecr:GetLifecyclePolcy', 'ecr:GetLifecyclePolicy'], ['ecr:Describe', undefined], ['x', undefined]])(
    'near %s is %s', (action, nearest) => {
      expect(nearestAction(action)).toBe(nearest);
    });
});

test('law: any JSON in the place of statements is judged, with codes of the table and places in it', () => {
  fc.assert(fc.property(fc.array(fc.oneof(hostile, fc.tuple(statements, hostile).map(([one, odd]) => ({ ...one, ...odd as object }))), { maxLength: 3 }), (odd) => {
    const { problems, warnings } = checkStatements(JSON.parse(JSON.stringify(odd)) as Statement[]);
    for (const { code, pointer, message } of [...problems, ...warnings]) {
      expect(Object.keys(ACCESS_CODES)).toContain(code);
      expect(pointer).toMatch(/^(\/Statement\/[0-2](\/.*)?)?$/s);
      expect(message).not.toContain('undefined');
    }
  }), { numRuns: 1000 });
});
