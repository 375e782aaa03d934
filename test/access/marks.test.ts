import { accessChanges } from '../../src/access/describe';
import { AccessMark, marksOf } from '../../src/access/marks';
import { Statement } from '../../src/access/model';

const OWNER = '123456789012';
const OTHER = '210987654321';
const allow = (rest: Partial<Statement>): Statement => ({ Effect: 'Allow', Action: 'ecr:BatchGetImage', ...rest });
const marks = (before: Statement[], after: Statement[], registryId: string | undefined = OWNER) => accessChanges({ Statement: before }, { Statement: after })
  .map((change) => marksOf(change, { registryId }));

describe('access is marked', () => {
  test.each<[string, Partial<Statement>, AccessMark[]]>([
    ['public, for everybody', { Principal: '*' }, ['public']],
    ['public, for everybody but one', { NotPrincipal: { AWS: OTHER } }, ['public']],
    ['not public under a condition', { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }, []],
    ['cross-account, for another account', { Principal: { AWS: OTHER } }, ['cross-account']],
    ['cross-account, for a role of another account', { Principal: { AWS: `arn:aws:iam::${OTHER}:role/ci` } }, ['cross-account']],
    ['cross-account, for a session in another partition', { Principal: { AWS: `arn:aws-cn:sts::${OTHER}:assumed-role/ci/1` } }, ['cross-account']],
    ['not for the owner', { Principal: { AWS: `arn:aws:iam::${OWNER}:role/ci` } }, []],
    ['not for what tells no account', { Principal: { AWS: 'AROAEXAMPLEEXAMPLE12' } }, []],
    ['without source, for a service', { Principal: { Service: 'lambda.amazonaws.com' } }, ['service-without-source']],
    ['without source, for a service with another condition', { Principal: { Service: 'lambda.amazonaws.com' }, Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
      ['service-without-source']],
    ['not for a service with its source', { Principal: { Service: 'lambda.amazonaws.com' }, Condition: { ArnLike: { 'AWS:sourceArn': 'arn:aws:lambda:*' } } }, []],
    ['not for a service whose condition only the deployment knows', {
      Principal: { Service: 'lambda.amazonaws.com' }, Condition: { 'Fn::If': ['Prod', {}, {}] } as unknown as Statement['Condition'],
    }, []],
  ])('%s', (_, statement, expected) => {
    expect(marks([], [allow(statement)])).toEqual([expected]);
    expect(marks([allow(statement)], [])).toEqual([expected]);
  });

  test('as it is after a change, and as it was before a loss', () => {
    const org = allow({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } });
    expect(marks([org], [allow({ Principal: '*' })])).toEqual([['public']]);
    expect(marks([allow({ Principal: '*' })], [org])).toEqual([['public']]);
    expect(marks([allow({ Principal: { AWS: OTHER } })], [allow({ Principal: { AWS: OTHER } }), { ...allow({ Principal: { AWS: OTHER } }), Effect: 'Deny' }]))
      .toEqual([['cross-account']]);
  });

  test('not by a Deny that goes, which allows nobody anything', () => {
    expect(marks([{ ...allow({ Principal: '*' }), Effect: 'Deny' }], [])).toEqual([[]]);
  });

  test('cross-account only where the owner is known', () => {
    expect(accessChanges(undefined, { Statement: [allow({ Principal: { AWS: OTHER } })] }).map((change) => marksOf(change))).toEqual([[]]);
  });
});

test('the largest policy that ECR stores is described at once', () => {
  const policy = (prefix: string) => ({ Statement: Array.from({ length: 40 }, (_, i) => allow({ Principal: { AWS: `arn:aws:iam::${100000000000 + i}:role/${prefix}` } })) });
  expect(accessChanges(policy('a'), policy('b'))).toHaveLength(80);
});
