import {
  CreateRepositoryCommand, DeleteRepositoryPolicyCommand, GetRepositoryPolicyCommand, SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import { ACCOUNT, clientOf, ecr, refusal } from './support';
import { EmulatorOptions } from '../../src/emulator';

async function app(options: EmulatorOptions = {}) {
  const bench = await ecr(options);
  await bench.client.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  return {
    ...bench,
    set: (policy: unknown, force?: boolean) => bench.client.send(new SetRepositoryPolicyCommand({
      repositoryName: 'app', policyText: typeof policy === 'string' ? policy : JSON.stringify(policy), force,
    })),
    get: () => bench.client.send(new GetRepositoryPolicyCommand({ repositoryName: 'app' })),
    remove: () => bench.client.send(new DeleteRepositoryPolicyCommand({ repositoryName: 'app' })),
  };
}

const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const ROLE = 'arn:aws:iam::210987654321:role/puller';
const policy = (...statements: object[]) => ({
  Version: '2012-10-17',
  Statement: statements.map((statement) => ({ Effect: 'Allow', Principal: { AWS: ROLE }, Action: PULL, ...statement })),
});

const refused = (reason: string) => `Invalid parameter at 'PolicyText' failed to satisfy constraint: '${reason}'`;
const INVALID = refused('Invalid repository policy provided');
const UNKNOWN = refused('Principal not found');

test('a policy is stored in ECR\'s own spelling and answered so', async () => {
  const { set, get } = await app();
  const stored = '{\n  "Version" : "2008-10-17",\n  "Statement" : [ {\n    "Sid" : "new statement",\n    "Effect" : "Allow",\n    "Principal" : {\n' +
    '      "AWS" : "arn:aws:iam::012345678901:root"\n    },\n    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ]\n  } ]\n}';
  const written = { Statement: [{ Action: PULL, Principal: { AWS: '012345678901' }, Effect: 'Allow', Sid: 'new statement' }], Version: '2008-10-17' };
  expect(await set(written)).toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', policyText: stored });
  expect(await get()).toMatchObject({ registryId: ACCOUNT, repositoryName: 'app', policyText: stored });
  // What was read can be written back.
  expect((await set(stored)).policyText).toBe(stored);
});

test('a policy replaces the whole of another; deletion answers what was there', async () => {
  const { set, get, remove } = await app();
  await set(policy({ Sid: 'One' }));
  await set(policy({ Sid: 'Two' }));
  const { policyText } = await get();
  expect(JSON.parse(policyText!).Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual(['Two']);
  expect(await remove()).toMatchObject({ repositoryName: 'app', policyText });
  expect((await refusal(remove())).name).toBe('RepositoryPolicyNotFoundException');
});

test('a repository without a policy says so', async () => {
  const { get, remove } = await app();
  for (const one of [get(), remove()]) {
    expect(await refusal(one)).toMatchObject({
      name: 'RepositoryPolicyNotFoundException',
      message: `Repository policy does not exist for the repository with name 'app' in the registry with id '${ACCOUNT}'`,
      status: 400,
    });
  }
});

test.each([
  ['statements that share a Sid', policy({ Sid: 'A' }, { Sid: 'A' })],
  ['no Sid and an Id', { ...policy({}), Id: 'mine' }],
  ['one statement that is no list', { Version: '2012-10-17', Statement: policy({}).Statement[0] }],
  ['everybody', policy({ Principal: '*' })],
  ['everybody, the other way', policy({ Principal: { AWS: '*' } })],
  ['every action', policy({ Action: 'ecr:*' }, { Action: '*' }, { Action: 'ecr:Get*' })],
  ['an action without effect', policy({ Action: 'ecr:GetAuthorizationToken' })],
  ['the resource "*"', policy({ Resource: '*' })],
  ['its own resource', policy({ Resource: [`arn:aws:ecr:us-east-1:${ACCOUNT}:repository/app`] })],
  ['a service with a condition', policy({ Principal: { Service: 'lambda.amazonaws.com' }, Condition: { StringLike: { 'aws:sourceArn': 'arn:aws:lambda:*' } } })],
  ['NotPrincipal and NotAction', policy({ Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: ROLE }, Action: undefined, NotAction: ['ecr:*'] })],
])('legal: %s', async (_, document) => {
  const { set } = await app();
  await set(document);
});

test.each([
  ['no text', ''],
  ['no JSON', '{'],
  ['a list', '[]'],
  ['no statements', '{"Version":"2012-10-17"}'],
  ['an empty list of statements', { Version: '2012-10-17', Statement: [] }],
  ['a statement that is none', { Version: '2012-10-17', Statement: ['Allow'] }],
  ['another version', { ...policy({}), Version: '2020-01-01' }],
  ['an unknown element', { ...policy({}), Comment: 'x' }],
  ['an unknown element of a statement', policy({ Comment: 'x' })],
  ['no effect', policy({ Effect: undefined })],
  ['another effect', policy({ Effect: 'allow' })],
  ['no principal', policy({ Principal: undefined })],
  ['principal and NotPrincipal', policy({ NotPrincipal: '*' })],
  ['a principal of no form', policy({ Principal: { AWS: 'me' } })],
  ['a principal with a wildcard', policy({ Principal: { AWS: 'arn:aws:iam::210987654321:role/*' } })],
  ['a principal of an unknown kind', policy({ Principal: { Azure: 'me' } })],
  ['no action', policy({ Action: undefined })],
  ['an action of another service', policy({ Action: 's3:GetObject' })],
  ['an action that ECR does not have', policy({ Action: 'ecr:Pull' })],
  ['a foreign resource', policy({ Resource: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/other` })],
  ['NotResource', policy({ NotResource: '*' })],
  ['a condition that is none', policy({ Condition: 'always' })],
])('refused: %s', async (_, document) => {
  const { set, get } = await app();
  await set(policy({ Sid: 'Before' }));
  expect(await refusal(set(document))).toMatchObject({ name: 'InvalidParameterException', message: INVALID, status: 400 });
  expect((await get()).policyText).toContain('Before');
});

describe('principals', () => {
  test.each([[[ROLE]], [(principal: string) => principal === ROLE]])('that IAM does not know are refused', async (unknownPrincipals) => {
    const { set } = await app({ unknownPrincipals });
    for (const Principal of [{ AWS: ROLE }, { AWS: [ACCOUNT, ROLE] }]) {
      expect(await refusal(set(policy({ Principal })))).toMatchObject({ name: 'InvalidParameterException', message: UNKNOWN });
    }
    await set(policy({ Principal: { AWS: ACCOUNT } }));
  });

  test('that IAM comes to know are accepted then', async () => {
    let known = false;
    const { set } = await app({ unknownPrincipals: (principal) => principal === ROLE && !known });
    expect((await refusal(set(policy({})))).message).toBe(UNKNOWN);
    known = true;
    await set(policy({}));
  });

  test('that are deleted later show as unique ids, which cannot be written back', async () => {
    const user = 'arn:aws:iam::210987654321:user/someone';
    const gone = new Set<string>();
    const { set, get, remove } = await app({ unknownPrincipals: (principal) => gone.has(principal) });
    await set(policy({ Sid: 'Role' }, { Sid: 'Both', Principal: { AWS: [user, ROLE, ACCOUNT] } }, { Sid: 'All', Principal: '*' }));
    gone.add(ROLE).add(user);
    const { policyText } = await get();
    const [role, both, all] = JSON.parse(policyText!).Statement;
    expect(role.Principal.AWS).toMatch(/^AROA[A-Z0-9]{17}$/);
    expect(both.Principal.AWS).toEqual([expect.stringMatching(/^AIDA[A-Z0-9]{17}$/), role.Principal.AWS, `arn:aws:iam::${ACCOUNT}:root`]);
    expect(all.Principal).toBe('*');
    // A re-created role of the same name is another role; the statement is lost either way.
    expect((await refusal(set(policyText!))).message).toBe(UNKNOWN);
    expect((await remove()).policyText).toBe(policyText);
  });
});

describe('locking out', () => {
  const deny = (statement: object) => policy({ Effect: 'Deny', Action: 'ecr:SetRepositoryPolicy', ...statement });

  test.each([
    ['everybody', deny({ Principal: '*' })],
    ['the own account', deny({ Principal: { AWS: ACCOUNT } })],
    ['everybody by a wildcard action', deny({ Principal: '*', Action: 'ecr:*Policy' })],
    ['everybody but one', deny({ Principal: undefined, NotPrincipal: { AWS: ROLE } })],
    ['everything but one action', deny({ Principal: '*', Action: undefined, NotAction: 'ecr:BatchGetImage' })],
  ])('%s is refused unless forced', async (_, document) => {
    const { set, get } = await app();
    expect(await refusal(set(document))).toMatchObject({ name: 'InvalidParameterException', message: expect.stringContaining('\'PolicyText\'') });
    expect((await refusal(get())).name).toBe('RepositoryPolicyNotFoundException');
    await set(document, true);
    expect((await get()).policyText).toContain('Deny');
  });

  test.each([
    ['another principal', deny({ Principal: { AWS: ROLE } })],
    ['other actions', deny({ Principal: '*', Action: 'ecr:BatchDeleteImage' })],
    ['under a condition', deny({ Principal: '*', Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
    ['an Allow', policy({ Principal: '*', Action: 'ecr:SetRepositoryPolicy' })],
  ])('%s is accepted', async (_, document) => {
    const { set } = await app();
    await set(document);
  });

  test('the caller is the account that the access key names', async () => {
    const { emulator, set } = await app();
    const document = deny({ Principal: { AWS: '210987654321' } });
    const other = clientOf(emulator, { accessKeyId: '210987654321' });
    expect((await refusal(other.send(new SetRepositoryPolicyCommand({ repositoryName: 'app', policyText: JSON.stringify(document) })))).name)
      .toBe('InvalidParameterException');
    other.destroy();
    await set(document);
  });
});
