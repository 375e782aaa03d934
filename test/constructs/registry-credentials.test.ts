import { App, aws_ecr as ecr, aws_iam as iam, aws_kms as kms, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { codesOf, only, resources, stackOf } from './support';
import { RegistryCredentials, RegistryCredentialsProps, Repository } from '../../src';

const HOST = '123456789012.dkr.ecr.us-east-1.';
const repository = (stack: Stack, name = 'shop/web', account = '123456789012') => {
  const id = `R${name.replace('/', '')}${account}`;
  return stack.node.tryFindChild(id) as ReturnType<typeof Repository.fromRepositoryArn> | undefined
    ?? Repository.fromRepositoryArn(stack, id, `arn:aws:ecr:us-east-1:${account}:repository/${name}`);
};
const login = (props: Partial<RegistryCredentialsProps> = {}, stack = stackOf()) => {
  new RegistryCredentials(stack, 'Login', { repositories: [repository(stack)], ...props });
  return stack;
};
const statements = (stack: Stack): Record<string, any>[] => only(stack, 'AWS::IAM::ManagedPolicy').Properties.PolicyDocument.Statement;
const allowed = (stack: Stack, action: string) => statements(stack).filter(({ Action }) => [Action].flat().includes(action)).flatMap(({ Resource }) => [Resource].flat());

test('a login is a secret, a function of its own with role and log, a schedule, and the first login', () => {
  const types = Object.values(Template.fromStack(login()).toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type).sort();
  expect(types).toEqual([
    'AWS::Events::Rule', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Lambda::Permission', 'AWS::Logs::LogGroup', 'AWS::SecretsManager::Secret',
    'Custom::DrydockRegistryCredentials',
  ]);
});

test('its role may pull from the repositories it is for, write its secret, and nothing else', () => {
  const stack = stackOf();
  login({ repositories: [repository(stack), repository(stack, 'shop/api', '210987654321')] }, stack);
  const arns = ['arn:aws:ecr:us-east-1:123456789012:repository/shop/web', 'arn:aws:ecr:us-east-1:210987654321:repository/shop/api'];
  expect(statements(stack).map(({ Action, Resource }) => [[Action].flat(), [Resource].flat()])).toEqual([
    [['ecr:GetAuthorizationToken'], ['*']],
    [['secretsmanager:PutSecretValue'], [{ Ref: only(stack, 'AWS::SecretsManager::Secret').logicalId }]],
    [['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], arns],
  ]);
  expect(only(stack, 'AWS::IAM::Role').Properties.Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName)).toEqual(['Logs']);
});

test('pushing is allowed on the repositories that are named for it, and there only', () => {
  const stack = stackOf();
  login({ pushRepositories: [repository(stack, 'shop/push')] }, stack);
  expect(allowed(stack, 'ecr:PutImage')).toEqual(['arn:aws:ecr:us-east-1:123456789012:repository/shop/push']);
  expect(allowed(stack, 'ecr:BatchGetImage')).toHaveLength(2);
});

test('two logins have two roles: what one may do the other may not', () => {
  const stack = stackOf();
  new RegistryCredentials(stack, 'A', { repositories: [repository(stack, 'shop/a')] });
  new RegistryCredentials(stack, 'B', { repositories: [repository(stack, 'shop/b')] });
  const roles = Object.values(resources(stack, 'AWS::IAM::ManagedPolicy')).map(({ Properties }) => JSON.stringify([Properties.Roles, JSON.stringify(Properties.PolicyDocument).match(/shop\/\w/g)]));
  expect(roles.map((text) => JSON.parse(text)[1])).toEqual([['shop/a'], ['shop/b']]);
  expect(new Set(roles.map((text) => JSON.stringify(JSON.parse(text)[0]))).size).toBe(2);
});

test('every registry of the repositories is in the login, each once, in the same words for the deployment and the schedule', () => {
  const stack = stackOf();
  login({ repositories: [repository(stack), repository(stack, 'shop/b'), repository(stack, 'shop/c', '210987654321')] }, stack);
  const { Registries, SecretArn } = only(stack, 'Custom::DrydockRegistryCredentials').Properties;
  expect(JSON.stringify(Registries)).toBe(JSON.stringify([
    { 'Fn::Join': ['', [HOST, { Ref: 'AWS::URLSuffix' }]] }, { 'Fn::Join': ['', ['210987654321.dkr.ecr.us-east-1.', { Ref: 'AWS::URLSuffix' }]] },
  ]));
  const rule = only(stack, 'AWS::Events::Rule').Properties;
  expect(rule.ScheduleExpression).toBe('rate(6 hours)');
  const input = (rule.Targets[0].Input['Fn::Join'][1] as (string | { Ref: string })[]).map((part) => typeof part === 'string' ? part : `<${part.Ref}>`).join('');
  expect(JSON.parse(input)).toEqual({ DrydockLogin: { SecretArn: `<${SecretArn.Ref}>`, Registries: [`${HOST}<AWS::URLSuffix>`, '210987654321.dkr.ecr.us-east-1.<AWS::URLSuffix>'] } });
});

test('the template has no value for the secret', () => {
  expect(only(login(), 'AWS::SecretsManager::Secret').Properties).toEqual({ Description: expect.anything() });
});

test('the first login waits for the permissions, the schedule for the first login', () => {
  const stack = login();
  const first = only(stack, 'Custom::DrydockRegistryCredentials');
  expect(first.DependsOn).toContain(only(stack, 'AWS::IAM::ManagedPolicy').logicalId);
  expect(only(stack, 'AWS::Events::Rule').DependsOn).toContain(first.logicalId);
});

test('a key of the user\'s encrypts the secret; the function may use it, and so may who reads the login', () => {
  const stack = stackOf();
  const key = new kms.Key(stack, 'Key');
  const credentials = new RegistryCredentials(stack, 'Login', { repositories: [repository(stack)], encryptionKey: key, secretName: 'login', rotateEvery: Duration.hours(2), removalPolicy: RemovalPolicy.RETAIN });
  const reader = new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
  credentials.grantRead(reader);
  expect(only(stack, 'AWS::SecretsManager::Secret')).toMatchObject({ DeletionPolicy: 'Retain', Properties: { Name: 'login', KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] } } });
  expect(allowed(stack, 'kms:GenerateDataKey')).toHaveLength(1);
  expect(JSON.stringify(only(stack, 'AWS::IAM::Policy').Properties)).toContain('secretsmanager:GetSecretValue');
  expect(JSON.stringify(only(stack, 'AWS::KMS::Key').Properties.KeyPolicy.Statement.slice(1))).toMatch(/kms:Decrypt.*secretsmanager\.us-east-1.*Reader/);
  expect(only(stack, 'AWS::Events::Rule').Properties.ScheduleExpression).toBe('rate(2 hours)');
});

test('a repository of this app and one of CloudFormation\'s own are taken; what fails is a metric', () => {
  const stack = stackOf();
  const credentials = new RegistryCredentials(stack, 'Login', { repositories: [new Repository(stack, 'Own'), new ecr.Repository(stack, 'Native')] });
  expect(() => Template.fromStack(stack)).not.toThrow();
  expect(stack.resolve(credentials.metricErrors().toMetricConfig().metricStat)).toMatchObject({ namespace: 'AWS/Lambda', metricName: 'Errors' });
});

test.each<[Partial<RegistryCredentialsProps>, string]>([
  [{ repositories: [] }, 'DD-IMAGE-570'],
  [{ rotateEvery: Duration.hours(7) }, 'DD-IMAGE-571'],
  [{ rotateEvery: Duration.minutes(5) }, 'DD-IMAGE-571'],
])('%j is refused with %s', (props, code) => {
  expect(codesOf(() => login(props))).toEqual([code]);
});

test('a repository of another Region is refused: a login is for one', () => {
  const stack = stackOf();
  expect(codesOf(() => login({ repositories: [Repository.fromRepositoryArn(stack, 'Far', 'arn:aws:ecr:eu-west-1:123456789012:repository/far')] }, stack))).toEqual(['DD-REPOSITORY-006']);
});

test('cdk-nag finds what cannot be otherwise: a token has no resource, and the schedule is the rotation', () => {
  const app = new App();
  login({}, stackOf('Shop', app));
  const findings = new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName);
  expect([...new Set(findings)].sort()).toEqual(['AwsSolutions-IAM5[Resource::*]', 'AwsSolutions-SMG4']);
});
