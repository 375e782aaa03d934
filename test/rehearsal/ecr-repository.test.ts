import {
  DescribeRepositoriesCommand, ECRClient, GetLifecyclePolicyCommand, GetRepositoryPolicyCommand, ListTagsForResourceCommand, PutImageCommand,
  PutLifecyclePolicyCommand, SetRepositoryPolicyCommand, TagResourceCommand,
} from '@aws-sdk/client-ecr';
import { custom, deploy, handlerFunction, removeAssemblies, StackSource, story, writeAssembly } from './assembly-builder';
import { Emulator, startEmulator } from '../../src/emulator';

let emulator: Emulator;
let client: ECRClient;
const calls: string[] = [];

beforeEach(async () => {
  calls.length = 0;
  emulator = await startEmulator({ onCall: ({ operation }) => calls.push(operation), allowMissingLayers: true });
  client = new ECRClient({ endpoint: emulator.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 });
});

afterEach(async () => {
  client.destroy();
  await emulator.stop();
});

afterAll(removeAssemblies);

const lifecyclePolicyText = (days: number) => JSON.stringify({
  rules: [{ rulePriority: 1, selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: days }, action: { type: 'expire' } }],
});
const statement = (sid: string) => ({ Version: '2012-10-17', Statement: [{ Sid: sid, Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'ecr:BatchGetImage' }] });

type Json = Record<string, unknown>;

const native = (properties: Json = {}, rest: Json = {}, resources: Json = {}): StackSource => ({
  template: {
    Resources: { Repo: { Type: 'AWS::ECR::Repository', Properties: properties, ...rest }, ...resources },
    Outputs: { Name: { Value: { Ref: 'Repo' } }, Arn: { Value: { 'Fn::GetAtt': ['Repo', 'Arn'] } }, Uri: { Value: { 'Fn::GetAtt': ['Repo', 'RepositoryUri'] } } },
  },
});
const assemblyOf = (source: StackSource) => writeAssembly({ MyStack: source });
const run = (sources: readonly StackSource[], options = {}, last = {}) =>
  deploy(sources.map(assemblyOf), { ecrEndpoint: emulator.endpoint, ...options }, last);
const describe1 = async (name: string) => (await client.send(new DescribeRepositoriesCommand({ repositoryNames: [name] }))).repositories?.[0];
const names = async () => (await client.send(new DescribeRepositoriesCommand({}))).repositories?.map((r) => r.repositoryName).sort();
const tags = async (name: string) => {
  const { tags: found = [] } = await client.send(new ListTagsForResourceCommand({ resourceArn: (await describe1(name))?.repositoryArn }));
  return Object.fromEntries(found.map((t) => [t.Key, t.Value]));
};
const push = (repositoryName: string) => client.send(new PutImageCommand({
  repositoryName,
  imageTag: 'v1',
  imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
  imageManifest: JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 1 }, layers: [] }),
}));

test('every property arrives, and Ref, Arn and RepositoryUri are those of the registry', async () => {
  const result = await run([{
    ...native({
      RepositoryName: 'team/app',
      ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      ImageTagMutabilityExclusionFilters: [{ ImageTagMutabilityExclusionFilterType: 'WILDCARD', ImageTagMutabilityExclusionFilterValue: 'dev-*' }],
      ImageScanningConfiguration: { ScanOnPush: true },
      EncryptionConfiguration: { EncryptionType: 'AES256' },
      LifecyclePolicy: { LifecyclePolicyText: lifecyclePolicyText(3) },
      RepositoryPolicyText: statement('Ours'),
      Tags: [{ Key: 'own', Value: '1' }, { Key: 'both', Value: 'own' }],
    }),
    tags: { stack: '2', both: 'stack' },
  }]);
  expect(result.ok).toBe(true);
  expect(await describe1('team/app')).toMatchObject({
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'dev-*' }],
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: { encryptionType: 'AES256' },
  });
  expect((await client.send(new GetLifecyclePolicyCommand({ repositoryName: 'team/app' }))).lifecyclePolicyText).toContain('"countNumber":3');
  expect((await client.send(new GetRepositoryPolicyCommand({ repositoryName: 'team/app' }))).policyText).toContain('Ours');
  expect(await tags('team/app')).toEqual({ own: '1', both: 'own', stack: '2' });
  expect(result.stacks[0].outputs).toEqual({
    Name: 'team/app', Arn: 'arn:aws:ecr:us-east-1:123456789012:repository/team/app', Uri: '123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app',
  });
  expect(calls.slice(0, 3)).toEqual(['CreateRepository', 'PutLifecyclePolicy', 'SetRepositoryPolicy']);
  expect(result.stacks[0].resources).toEqual([expect.objectContaining({ simulated: false, physicalId: 'team/app' })]);
});

test('a generated name is legal, made of stack and logical id, and stays the same in updates', async () => {
  const result = await run([native(), native({ ImageTagMutability: 'IMMUTABLE' })]);
  const [name] = await names() as string[];
  expect(name).toMatch(/^mystack-repo-[a-z0-9]{12}$/);
  expect(result.stacks[0].outputs.Name).toBe(name);
  expect(await names()).toHaveLength(1);
});

test('an update deletes the policies that the template does not hold, also those that others have put', async () => {
  await run([native({ RepositoryName: 'app', LifecyclePolicy: { LifecyclePolicyText: lifecyclePolicyText(3) } })]).then(async ({ state }) => {
    await client.send(new SetRepositoryPolicyCommand({ repositoryName: 'app', policyText: JSON.stringify(statement('Foreign')) }));
    await run([native({ RepositoryName: 'app', ImageScanningConfiguration: { ScanOnPush: true } })], { state });
  });
  await expect(client.send(new GetLifecyclePolicyCommand({ repositoryName: 'app' }))).rejects.toMatchObject({ name: 'LifecyclePolicyNotFoundException' });
  await expect(client.send(new GetRepositoryPolicyCommand({ repositoryName: 'app' }))).rejects.toMatchObject({ name: 'RepositoryPolicyNotFoundException' });
});

test('an update leaves mutability and scanning alone when the template says nothing of them', async () => {
  await run([
    native({ RepositoryName: 'app', ImageTagMutability: 'IMMUTABLE', ImageScanningConfiguration: { ScanOnPush: true } }),
    native({ RepositoryName: 'app', Tags: [{ Key: 'a', Value: 'b' }] }),
  ]);
  expect(await describe1('app')).toMatchObject({ imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true } });
});

test('an update sets and removes its own tags; those of others stay', async () => {
  const { state } = await run([native({ RepositoryName: 'app', Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '1' }] })]);
  await client.send(new TagResourceCommand({ resourceArn: (await describe1('app'))?.repositoryArn, tags: [{ Key: 'foreign', Value: 'x' }] }));
  await run([native({ RepositoryName: 'app', Tags: [{ Key: 'a', Value: '2' }, { Key: 'c', Value: '3' }] })], { state });
  expect(await tags('app')).toEqual({ a: '2', c: '3', foreign: 'x' });
});

test('tags of the stack reach its repositories, come and go with the stack\'s, and come back in a rollback', async () => {
  const tagged = (stackTags: Record<string, string>, more: Json = {}) => ({ ...native({ RepositoryName: 'app', Tags: [{ Key: 'own', Value: '1' }] }, {}, more), tags: stackTags });
  const { state } = await run([tagged({ a: '1', b: '1' })]);
  expect(await tags('app')).toEqual({ own: '1', a: '1', b: '1' });
  const failing = await run([tagged({ c: '3' }, { Handler: handlerFunction(), Bad: custom({ OnCreate: 'fail' }, { DependsOn: 'Repo' }) })], { state });
  expect(failing.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await tags('app')).toEqual({ own: '1', a: '1', b: '1' });
  await run([tagged({ a: '2' })], { state: failing.state });
  expect(await tags('app')).toEqual({ own: '1', a: '2' });
});

test('another name is a replacement: the new one is created, the old one deleted in the clean-up', async () => {
  const result = await run([native({ RepositoryName: 'one' }), native({ RepositoryName: 'two' })]);
  expect(await names()).toEqual(['two']);
  expect(story(result)).toEqual([
    'UPDATE_IN_PROGRESS MyStack', 'UPDATE_IN_PROGRESS Repo', 'UPDATE_COMPLETE Repo', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS MyStack', 'DELETE_IN_PROGRESS Repo', 'DELETE_COMPLETE Repo',
    'UPDATE_COMPLETE MyStack',
  ]);
  expect(result.events[1].reason).toBe('Requested update requires the creation of a new physical resource; hence creating one.');
});

test('another encryption is a replacement, which UpdateReplacePolicy may survive', async () => {
  const kms = { EncryptionConfiguration: { EncryptionType: 'KMS' } };
  await run([native({}), native(kms, { UpdateReplacePolicy: 'Retain' })]);
  expect(await names()).toHaveLength(2);
});

test('a named repository cannot be replaced under its own name', async () => {
  const result = await run([native({ RepositoryName: 'app' }), native({ RepositoryName: 'app', EncryptionConfiguration: { EncryptionType: 'KMS' } })]);
  expect(result.events.find((e) => e.status === 'UPDATE_FAILED')?.reason)
    .toBe('CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename app and update the stack again.');
  expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await describe1('app')).toMatchObject({ encryptionConfiguration: { encryptionType: 'AES256' } });
});

test('a repository with images is deleted only with EmptyOnDelete; otherwise the deletion of the stack fails', async () => {
  for (const [EmptyOnDelete, status] of [[undefined, 'DELETE_FAILED'], [true, 'DELETE_COMPLETE']] as const) {
    const source = native({ RepositoryName: `app-${status.toLowerCase().replace('_', '-')}`, EmptyOnDelete: EmptyOnDelete ?? { Ref: 'AWS::NoValue' } });
    const { state, stacks } = await run([source]);
    await push(stacks[0].outputs.Name);
    const gone = await deploy(assemblyOf(source), { ecrEndpoint: emulator.endpoint, state, action: 'destroy' });
    expect(gone.stacks[0].status).toBe(status);
  }
  expect(await names()).toEqual(['app-delete-failed']);
});

test('a repository that is gone already is deleted with success', async () => {
  const source = native({ RepositoryName: 'app' });
  const { state } = await run([source]);
  await run([native({ RepositoryName: 'other' })]);
  const other = await startEmulator();
  const result = await deploy(assemblyOf(source), { ecrEndpoint: other.endpoint, state, action: 'destroy' });
  await other.stop();
  expect(result.stacks[0].status).toBe('DELETE_COMPLETE');
});

test('a repository that exists fails the creation, and is not deleted by its rollback', async () => {
  await run([native({ RepositoryName: 'app' })]);
  const result = await deploy(writeAssembly({ Second: native({ RepositoryName: 'app' }) }), { ecrEndpoint: emulator.endpoint });
  expect(result.events.find((e) => e.status === 'CREATE_FAILED')?.reason).toMatch(/already exists in the registry.*HandlerErrorCode: AlreadyExists/);
  expect(await names()).toEqual(['app']);
});

test('what a failed creation has made is deleted by the rollback', async () => {
  const result = await run([native({ RepositoryName: 'app', LifecyclePolicy: { LifecyclePolicyText: '{"rules":[]}'.padEnd(120) } })]);
  expect(result.stacks[0].status).toBe('ROLLBACK_COMPLETE');
  expect(story(result)).toContain('DELETE_COMPLETE Repo');
  expect(await names()).toEqual([]);
});

test('an update that is rolled back leaves the repository as it was', async () => {
  const before = native({ RepositoryName: 'app', ImageTagMutability: 'MUTABLE', LifecyclePolicy: { LifecyclePolicyText: lifecyclePolicyText(3) }, Tags: [{ Key: 'a', Value: '1' }] });
  const after = native({ RepositoryName: 'app', ImageTagMutability: 'IMMUTABLE', LifecyclePolicy: { LifecyclePolicyText: lifecyclePolicyText(9) }, RepositoryPolicyText: statement('New'), Tags: [{ Key: 'b', Value: '1' }] }, {}, {
    Handler: handlerFunction(), Bad: custom({ OnCreate: 'fail' }, { DependsOn: 'Repo' }),
  });
  const result = await run([before, after]);
  expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(calls).toContain('SetRepositoryPolicy');
  expect(await describe1('app')).toMatchObject({ imageTagMutability: 'MUTABLE' });
  expect((await client.send(new GetLifecyclePolicyCommand({ repositoryName: 'app' }))).lifecyclePolicyText).toContain('"countNumber":3');
  await expect(client.send(new GetRepositoryPolicyCommand({ repositoryName: 'app' }))).rejects.toMatchObject({ name: 'RepositoryPolicyNotFoundException' });
  expect(await tags('app')).toEqual({ a: '1' });
});

test('a replacement that is rolled back keeps the old repository with its images, and deletes the new one', async () => {
  const { state } = await run([native({ RepositoryName: 'one' })]);
  await push('one');
  const result = await run([native({ RepositoryName: 'two' }, {}, { Handler: handlerFunction(), Bad: custom({ OnCreate: 'fail' }, { DependsOn: 'Repo' }) })], { state });
  expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await names()).toEqual(['one']);
  expect(emulator.inventory('one').repositories).toHaveLength(1);
});

test('a failed update is updated back', async () => {
  const result = await run([native({ RepositoryName: 'app', ImageTagMutability: 'MUTABLE' }), native({ RepositoryName: 'app', ImageTagMutability: 'IMMUTABLE' })], {}, { failAt: [{ target: 'Repo', when: 'after' }] });
  expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(calls.filter((c) => c === 'PutImageTagMutability')).toHaveLength(2);
  expect(await describe1('app')).toMatchObject({ imageTagMutability: 'MUTABLE' });
});

test('an endpoint that does not answer is an error of the rehearsal, not of the stack', async () => {
  await expect(deploy(assemblyOf(native()))).rejects.toThrow(/DD-REHEARSAL-013 at http:\/\/127\.0\.0\.1:9: CreateRepository got no answer/);
});

test('throttling, server errors and broken connections are tried again; other refusals are not', async () => {
  const troubled = await startEmulator({
    onCall: ({ operation }) => calls.push(operation),
    intercept: ({ phase, operation, number }) => {
      if (phase === 'before' && operation === 'CreateRepository') {
        return [{ error: { type: 'ThrottlingException', message: 'Rate exceeded' } }, { error: { type: 'ServerException', message: 'oops', statusCode: 500 } }, { disconnect: true as const }][number - 1];
      }
      return phase === 'before' && operation === 'PutLifecyclePolicy' ? { error: { type: 'InvalidParameterException', message: 'no' } } : undefined;
    },
  });
  const result = await deploy(assemblyOf(native({ RepositoryName: 'app', LifecyclePolicy: { LifecyclePolicyText: lifecyclePolicyText(1) } })), { ecrEndpoint: troubled.endpoint });
  await troubled.stop();
  expect(calls).toEqual([...Array(4).fill('CreateRepository'), 'PutLifecyclePolicy', 'DeleteRepository']);
  expect(result.events.find((e) => e.status === 'CREATE_FAILED')?.reason).toMatch(/"no \(Service: Ecr.*HandlerErrorCode: InvalidRequest/);
});

test('an account and a Region can be given to stacks that know none', async () => {
  const result = await run([native({ RepositoryName: 'app' })], { accountId: '111122223333', region: 'eu-west-1' });
  expect(result.events[0].stackId).toMatch(/^arn:aws:cloudformation:eu-west-1:111122223333:stack\/MyStack\//);
});

test('policies are put as text, whether the template holds an object or a string', async () => {
  await run([native({ RepositoryName: 'app', RepositoryPolicyText: JSON.stringify(statement('AsText')) })]);
  expect((await client.send(new GetRepositoryPolicyCommand({ repositoryName: 'app' }))).policyText).toContain('AsText');
  await client.send(new PutLifecyclePolicyCommand({ repositoryName: 'app', lifecyclePolicyText: lifecyclePolicyText(1) }));
});
