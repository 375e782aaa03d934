import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App, aws_ecr as ecr, aws_ecr_assets as ecrAssets, aws_kms as kms, aws_s3_assets as s3Assets, aws_secretsmanager as secretsmanager, Duration, RemovalPolicy, SecretValue, Stack,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { codesOf, only, permissions, resources, stackOf } from './support';
import { ImageCopy, ImageCopyProps, ImageSource, Refresh, RegistryLogin, Repository } from '../../src';
import { IMAGE_COPY_TYPE } from '../../src/image-resources';
import { copyWorkflowDefinition } from '../../src/provider/copy-workflow';

const NGINX = 'docker.io/library/nginx:1.27';
const web = (stack: Stack) => stack.node.tryFindChild('Web') as ReturnType<typeof Repository.fromRepositoryName> | undefined ?? Repository.fromRepositoryName(stack, 'Web', 'shop/web');
const copy = (props: Partial<ImageCopyProps> = {}, stack = stackOf(), id = 'Copy') =>
  new ImageCopy(stack, id, { source: ImageSource.fromRegistry(NGINX), destination: web(stack), tags: ['1.27'], ...props });
const propertiesOf = (props: Partial<ImageCopyProps>, stack = stackOf()) => {
  copy(props, stack);
  return only(stack, IMAGE_COPY_TYPE).Properties;
};
const allowed = (stack: Stack, action: string) => permissions(stack).filter(({ Action }) => [Action].flat().includes(action)).flatMap(({ Resource }) => [Resource].flat());
const MACHINE = 'AWS::StepFunctions::StateMachine';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'drydock-copy-'));
  writeFileSync(join(directory, 'image.tar'), 'no image at all');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('the resource', () => {
  test('says where from, where to and under which tags; everything else has its default', () => {
    expect(propertiesOf({})).toMatchObject({
      RepositoryName: 'shop/web', Source: { Type: 'registry', Reference: NGINX }, ImageTags: ['1.27'], Referrers: true, RemovalPolicy: 'retain', TimeoutSeconds: 900, ServiceTimeout: '960',
    });
    expect(Object.keys(propertiesOf({}))).not.toEqual(expect.arrayContaining(['Platforms']));
  });

  test('waits for the permissions; what is put beside it can wait for it', () => {
    const stack = stackOf();
    copy({}, stack);
    expect(only(stack, IMAGE_COPY_TYPE).DependsOn).toContain(only(stack, 'AWS::IAM::ManagedPolicy').logicalId);
  });

  test('with platforms, without referrers, removed with the stack', () => {
    expect(propertiesOf({ platforms: ['linux/arm64'], referrers: false, removalPolicy: RemovalPolicy.DESTROY, refresh: Refresh.onChange('v2') }))
      .toMatchObject({ Platforms: ['linux/arm64'], Referrers: false, RemovalPolicy: 'destroy', Trigger: 'v2' });
  });

  test('gives a digest that CDK takes for one, and URIs', () => {
    const stack = stackOf();
    const made = copy({}, stack);
    expect(made.imageDigest.startsWith('sha256:')).toBe(true);
    for (const [token, attribute] of [[made.imageUri, 'ImageUri'], [made.imageTagUri, 'ImageTagUri'], [made.imageSizeInBytes, 'ImageSizeInBytes'], [made.movedBytes, 'MovedBytes']]) {
      expect(stack.resolve(token)).toEqual({ 'Fn::GetAtt': [only(stack, IMAGE_COPY_TYPE).logicalId, attribute] });
    }
  });
});

describe('a source', () => {
  test('of ECR is named by repository and tag; of another account and Region by these, too', () => {
    const stack = stackOf();
    const far = Repository.fromRepositoryArn(stack, 'Far', 'arn:aws:ecr:eu-west-1:210987654321:repository/team/app');
    expect(propertiesOf({ source: ImageSource.fromEcr(far, { tag: 'live' }) }, stack).Source)
      .toEqual({ Type: 'ecr', RepositoryName: 'team/app', RegistryId: '210987654321', Region: 'eu-west-1', ImageTag: 'live' });
    expect(allowed(stack, 'ecr:GetDownloadUrlForLayer')).toEqual(['arn:aws:ecr:eu-west-1:210987654321:repository/team/app']);
    expect(allowed(stack, 'ecr:PutImage')).not.toContain('arn:aws:ecr:eu-west-1:210987654321:repository/team/app');
  });

  test('that is a repository of the same app is allowed by its literal name', () => {
    const stack = stackOf();
    const own = new Repository(stack, 'Own', { repositoryName: 'shop/own' });
    copy({ source: ImageSource.fromEcr(own, { digest: `sha256:${'a'.repeat(64)}` }) }, stack);
    expect(JSON.stringify(allowed(stack, 'ecr:GetDownloadUrlForLayer'))).toContain('repository/shop/own');
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('with a login reads that secret and no other; nothing of it is in the template', () => {
    const stack = stackOf();
    const key = new kms.Key(stack, 'Key');
    const secret = new secretsmanager.Secret(stack, 'Secret', { encryptionKey: key, secretStringValue: SecretValue.unsafePlainText('{"username":"u","password":"hunter2"}') });
    const { Source } = propertiesOf({ source: ImageSource.fromRegistry(NGINX, { credentials: RegistryLogin.fromSecret(secret) }) }, stack);
    expect(Source).toEqual({ Type: 'registry', Reference: NGINX, CredentialsSecretArn: { Ref: only(stack, 'AWS::SecretsManager::Secret').logicalId } });
    expect(allowed(stack, 'secretsmanager:GetSecretValue')).toEqual([Source.CredentialsSecretArn]);
    expect(allowed(stack, 'kms:Decrypt')).toHaveLength(1);
  });

  test('with a secret that is imported by name may read whatever its last six characters are', () => {
    const stack = stackOf();
    copy({ source: ImageSource.fromRegistry(NGINX, { credentials: RegistryLogin.fromSecret(secretsmanager.Secret.fromSecretNameV2(stack, 'S', 'hub')) }) }, stack);
    expect(JSON.stringify(allowed(stack, 'secretsmanager:GetSecretValue'))).toMatch(/secret:hub-\?{6}"/);
  });

  test('without a login reads no secret', () => {
    const stack = stackOf();
    copy({}, stack);
    expect(permissions(stack).flatMap(({ Action }) => Action).filter((action) => !/^(ecr|cloudformation):/.test(action))).toEqual([]);
    expect(allowed(stack, 'ecr:GetDownloadUrlForLayer')).toEqual([]);
  });

  test('that is a file in S3 is read by its key alone', () => {
    const stack = stackOf();
    const asset = new s3Assets.Asset(stack, 'Asset', { path: join(directory, 'image.tar') });
    const { Source } = propertiesOf({ source: ImageSource.fromOciLayoutAsset(asset, '1.0') }, stack);
    expect(Source).toEqual({ Type: 'oci-layout', Bucket: expect.anything(), Key: expect.stringMatching(/^[0-9a-f]{64}\.tar$/), Image: '1.0' });
    expect(JSON.stringify(allowed(stack, 's3:GetObject'))).toContain(`/${Source.Key}`);
    expect(JSON.stringify(allowed(stack, 's3:GetObject'))).not.toContain('*');
    expect(propertiesOf({ source: ImageSource.fromDockerArchiveAsset(asset), tags: ['archive'] }, stackOf('Other', new App())).Source.Type).toBe('docker-archive');
  });

  test('that cdk deploy builds is read from the assets repository', () => {
    const stack = stackOf();
    writeFileSync(join(directory, 'Dockerfile'), 'FROM scratch');
    const asset = new ecrAssets.DockerImageAsset(stack, 'Image', { directory });
    const { Source } = propertiesOf({ source: ImageSource.fromDockerImageAsset(asset) }, stack);
    expect(Source).toEqual({ Type: 'ecr', RepositoryName: expect.stringContaining('cdk-hnb659fds-container-assets'), ImageTag: asset.imageTag });
  });

  test.each<[string, (stack: Stack) => ImageSource]>([
    ['without tag and digest', (stack) => ImageSource.fromEcr(web(stack), {})],
    ['with both', (stack) => ImageSource.fromEcr(web(stack), { tag: 'a', digest: `sha256:${'a'.repeat(64)}` })],
    ['with a digest that is none', (stack) => ImageSource.fromEcr(web(stack), { digest: 'sha256:abc' })],
    ['with a tag that is none', (stack) => ImageSource.fromEcr(web(stack), { tag: 'a b' })],
    ['without a host', () => ImageSource.fromRegistry('nginx:1.27')],
    ['without a tag', () => ImageSource.fromRegistry('docker.io/library/nginx')],
    ['with a scheme', () => ImageSource.fromRegistry('https://docker.io/library/nginx:1.27')],
    ['that is a directory', (stack) => ImageSource.fromOciLayoutAsset(new s3Assets.Asset(stack, 'Dir', { path: directory }))],
  ])('%s is refused at synth', (_, source) => {
    const stack = stackOf();
    expect(codesOf(() => copy({ source: source(stack) }, stack))).toEqual(['DD-IMAGE-550']);
  });
});

describe('mistakes', () => {
  test.each<[Partial<ImageCopyProps>, string[]]>([
    [{ tags: [] }, ['DD-IMAGE-551']],
    [{ tags: ['a', 'a'] }, ['DD-IMAGE-551']],
    [{ tags: ['a b'] }, ['DD-IMAGE-001']],
    [{ timeout: Duration.hours(2) }, ['DD-IMAGE-552']],
    [{ timeout: Duration.seconds(10) }, ['DD-IMAGE-552']],
    [{ timeout: Duration.minutes(30), longRunning: false }, ['DD-IMAGE-552']],
    [{ removalPolicy: RemovalPolicy.SNAPSHOT }, ['DD-IMAGE-553']],
    [{ platforms: ['everything'] }, ['DD-IMAGE-554']],
    [{ tags: [], platforms: ['x'], timeout: Duration.hours(3) }, ['DD-IMAGE-551', 'DD-IMAGE-552', 'DD-IMAGE-554']],
  ])('%j', (props, codes) => {
    expect(codesOf(() => copy(props))).toEqual(codes);
  });

  test('two copies that put the same tag are refused', () => {
    const stack = stackOf();
    copy({}, stack);
    expect(codesOf(() => copy({ source: ImageSource.fromRegistry('docker.io/library/nginx:1.28') }, stack, 'Again'))).toEqual(['DD-IMAGE-004']);
  });

  test('a destination in another Region is refused', () => {
    const stack = stackOf();
    expect(codesOf(() => copy({ destination: Repository.fromRepositoryArn(stack, 'F', 'arn:aws:ecr:eu-west-1:123456789012:repository/far') }, stack))).toEqual(['DD-REPOSITORY-006']);
  });
});

describe('a long copy', () => {
  test('makes a state machine for all of the stack; a short one makes none', () => {
    const stack = stackOf();
    copy({}, stack);
    expect(stack.node.findAll().some((construct) => construct.node.id === 'CopyWorkflow')).toBe(false);
    copy({ timeout: Duration.minutes(40), tags: ['a'] }, stack, 'Long');
    copy({ longRunning: true, tags: ['b'] }, stack, 'Longer');
    const machine = only(stack, MACHINE);
    const copies = Object.values(resources(stack, IMAGE_COPY_TYPE)).map(({ Properties }) =>
      [Properties.TimeoutSeconds, Properties.ServiceTimeout, Properties.StateMachineArn?.Ref]);
    expect(copies).toEqual([[900, '960', undefined], [2_400, '2400', machine.logicalId], [3_600, '3600', machine.logicalId]]);
    expect(allowed(stack, 'states:StartExecution')).toEqual([{ Ref: machine.logicalId }]);
  });

  test('is called by a role that may call the function of images and nothing else; nothing of an execution is logged', () => {
    const stack = stackOf();
    copy({ longRunning: true }, stack);
    const { RoleArn, LoggingConfiguration, TracingConfiguration, StateMachineType, DefinitionString } = only(stack, MACHINE).Properties;
    expect([LoggingConfiguration, TracingConfiguration, StateMachineType]).toEqual([undefined, undefined, 'STANDARD']);
    const role = resources(stack, 'AWS::IAM::Role')[RoleArn['Fn::GetAtt'][0]].Properties;
    expect(role.AssumeRolePolicyDocument.Statement[0].Principal).toEqual({ Service: 'states.amazonaws.com' });
    expect(role.Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement)).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [only(stack, 'AWS::Lambda::Function').logicalId, 'Arn'] } },
    ]);
    const text = (DefinitionString['Fn::Join'][1] as unknown[]).map((part) => typeof part === 'string' ? part : 'X').join('');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(copyWorkflowDefinition('X', 'X'))));
  });

  test('to a repository that CloudFormation makes, and from one, makes no circle', () => {
    const stack = stackOf();
    const destination = new ecr.Repository(stack, 'To');
    copy({ longRunning: true, destination, source: ImageSource.fromEcr(new ecr.Repository(stack, 'From'), { tag: 'x' }) }, stack);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

test('cdk-nag finds nothing in a copy, and in a long one only what is left off on purpose: logs and traces of executions', () => {
  const findings = (props: Partial<ImageCopyProps>) => {
    const app = new App();
    copy(props, stackOf('Shop', app));
    return new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName).sort();
  };
  expect(findings({})).toEqual([]);
  expect(findings({ longRunning: true })).toEqual(['AwsSolutions-SF1', 'AwsSolutions-SF2']);
});
