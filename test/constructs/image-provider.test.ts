import { App, aws_ecr as ecr, aws_ecs as ecs, aws_lambda as lambda, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { codesOf, only, permissions, resources, stackOf } from './support';
import { CleanupMode, ImageCleanup, ImageDigest, ImageSelection, ImageTag, Refresh, Repository } from '../../src';
import { IMAGE_PERMISSIONS } from '../../src/image-permissions';

const FUNCTION = 'AWS::Lambda::Function';
const typesOf = (stack: Stack) => Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type).sort();
const foreign = (stack: Stack, name = 'shop/web') => Repository.fromRepositoryName(stack, `Foreign${name}`, name);

describe('what a stack gets', () => {
  test('without an image operation: nothing', () => {
    const stack = stackOf();
    new Repository(stack, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
    expect(Object.values(resources(stack, FUNCTION)).map(({ Properties }) => Properties.MemorySize)).toEqual([512]);
    expect(typesOf(stack).filter((type) => type === 'AWS::IAM::Role')).toHaveLength(1);
    expect(stack.node.tryFindChild('DrydockImageProvider')).toBeUndefined();
  });

  test('with image operations only: one function, one role, one log group, one policy, and a resource for each', () => {
    const stack = stackOf();
    for (const tag of ['a', 'b', 'c']) {
      new ImageDigest(stack, tag, { repository: foreign(stack, `shop/${tag}`), imageTag: tag });
    }
    expect(typesOf(stack)).toEqual(['AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', FUNCTION, 'AWS::Logs::LogGroup', ...Array(3).fill('Custom::DrydockImageDigest')]);
    expect(only(stack, FUNCTION).Properties).toMatchObject({ MemorySize: 1024, Timeout: 900, Handler: 'index.handler', Runtime: 'nodejs24.x' });
  });

  test('with both: two functions with roles, log groups and permissions of their own', () => {
    const stack = stackOf();
    const repository = new Repository(stack, 'Api', { repositoryName: 'shop/api' });
    new ImageDigest(stack, 'Digest', { repository, imageTag: 'live' });
    expect(Object.values(resources(stack, FUNCTION)).map(({ Properties }) => Properties.MemorySize).sort()).toEqual([1024, 512]);
    const policies = Object.values(resources(stack, 'AWS::IAM::ManagedPolicy'));
    expect(policies).toHaveLength(2);
    expect(new Set(policies.map(({ Properties }) => JSON.stringify(Properties.Roles))).size).toBe(2);
    const token = only(stack, 'Custom::DrydockImageDigest').Properties.ServiceToken['Fn::GetAtt'][0];
    expect(resources(stack, FUNCTION)[token].Properties.MemorySize).toBe(1024);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('a function runs the code that is bundled for it', () => {
    const app = new App();
    const stack = stackOf('Shop', app);
    new Repository(stack, 'Api');
    new ImageDigest(stack, 'Digest', { repository: foreign(stack), imageTag: 'live' });
    const keys = Object.values(resources(stack, FUNCTION)).map(({ Properties }) => Properties.Code.S3Key);
    expect(new Set(keys).size).toBe(2);
  });

  test('the role of images may do nothing but write its own log and what the policy says', () => {
    const stack = stackOf();
    new ImageDigest(stack, 'Digest', { repository: foreign(stack), imageTag: 'live' });
    const role = only(stack, 'AWS::IAM::Role').Properties;
    expect(role.ManagedPolicyArns).toBeUndefined();
    expect(role.Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName)).toEqual(['Logs']);
    expect(permissions(stack).flatMap(({ Action }) => Action)).toEqual(['ecr:DescribeImages', 'cloudformation:DescribeStacks']);
    expect(JSON.stringify(permissions(stack))).not.toContain('"*"');
  });

  test('in a nested stack the outermost one is asked, too', () => {
    const nested = new NestedStack(stackOf(), 'Nested');
    new ImageDigest(nested, 'Digest', { repository: foreign(nested), imageTag: 'live' });
    const [{ Resource }] = permissions(nested).filter(({ Action }) => [Action].flat().includes('cloudformation:DescribeStacks'));
    expect(Resource).toHaveLength(2);
  });

  test('another set of permissions is another policy', () => {
    const idOf = (name: string) => {
      const stack = stackOf();
      new ImageDigest(stack, 'Digest', { repository: foreign(stack, name), imageTag: 'live' });
      return only(stack, 'AWS::IAM::ManagedPolicy').logicalId;
    };
    expect(idOf('shop/a')).not.toBe(idOf('shop/b'));
    expect(idOf('shop/a')).toBe(idOf('shop/a'));
  });

  test('every resource waits for the policies', () => {
    const stack = stackOf();
    new ImageDigest(stack, 'Digest', { repository: foreign(stack), imageTag: 'live' });
    expect(only(stack, 'Custom::DrydockImageDigest').DependsOn).toEqual([only(stack, 'AWS::IAM::ManagedPolicy').logicalId]);
  });

  test('the table has an entry for every resource type that is used', () => {
    const stack = stackOf();
    everything(stack);
    const used = typesOf(stack).filter((type) => type.startsWith('Custom::Drydock'));
    expect(used.filter((type) => !(type in IMAGE_PERMISSIONS))).toEqual([]);
  });
});

function everything(stack: Stack): void {
  const repository = foreign(stack);
  new ImageDigest(stack, 'Digest', { repository, imageTag: 'live' });
  new ImageTag(stack, 'Tag', { repository, imageTag: 'prod', sourceImageTag: 'live' });
  new ImageCleanup(stack, 'Cleanup', { repository, selections: [ImageSelection.untagged()], mode: CleanupMode.DELETE });
}

test('cdk-nag AwsSolutions has nothing to say', () => {
  const app = new App();
  const stack = stackOf('Shop', app);
  everything(stack);
  app.synth();
  expect(new AwsSolutionsChecks().validateScope(app).violations.map((violation) => JSON.stringify(violation))).toEqual([]);
});

describe('ImageDigest', () => {
  test('names the repository, its URI and the tag, and nothing that changes from synthesis to synthesis', () => {
    const build = () => {
      const stack = stackOf();
      new ImageDigest(stack, 'Digest', { repository: foreign(stack), imageTag: 'live' });
      return only(stack, 'Custom::DrydockImageDigest').Properties;
    };
    const { ServiceToken, ServiceTimeout, ...properties } = build();
    expect(properties).toEqual({
      RepositoryName: 'shop/web', ImageTag: 'live',
      RepositoryUri: { 'Fn::Join': ['', ['123456789012.dkr.ecr.us-east-1.', { Ref: 'AWS::URLSuffix' }, '/shop/web']] },
    });
    expect(build()).toEqual({ ServiceToken, ServiceTimeout, ...properties });
  });

  test('is looked up again when the value changes, or with every deployment', async () => {
    const trigger = (refresh: Refresh) => {
      const stack = stackOf();
      new ImageDigest(stack, 'Digest', { repository: foreign(stack), imageTag: 'live', refresh });
      return only(stack, 'Custom::DrydockImageDigest').Properties.Trigger;
    };
    expect(trigger(Refresh.onChange('v7'))).toBe('v7');
    expect(trigger(Refresh.onChange())).toBeUndefined();
    const first = trigger(Refresh.eachDeployment());
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(trigger(Refresh.eachDeployment())).not.toBe(first);
  });

  test('pins a Lambda function and an ECS task in one line each', () => {
    const stack = stackOf();
    const repository = foreign(stack);
    const { digest } = new ImageDigest(stack, 'Digest', { repository, imageTag: 'live' });
    new lambda.DockerImageFunction(stack, 'Function', { code: lambda.DockerImageCode.fromEcr(repository, { tagOrDigest: digest }) });
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    task.addContainer('web', { image: ecs.ContainerImage.fromEcrRepository(repository, digest) });
    const { logicalId } = only(stack, 'Custom::DrydockImageDigest');
    const uri = { 'Fn::Join': ['', ['123456789012.dkr.ecr.us-east-1.', { Ref: 'AWS::URLSuffix' }, '/shop/web@sha256:', { 'Fn::GetAtt': [logicalId, 'DigestHex'] }]] };
    const functions = Object.values(resources(stack, FUNCTION)).filter(({ Properties }) => Properties.PackageType === 'Image');
    expect(functions.map(({ Properties }) => Properties.Code)).toEqual([{ ImageUri: uri }]);
    expect(only(stack, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions[0].Image).toEqual(uri);
  });

  test('waits for a repository of the same stack, its own or a native one', () => {
    const stack = stackOf();
    const own = new Repository(stack, 'Own', { repositoryName: 'shop/own' });
    new ImageDigest(stack, 'A', { repository: own, imageTag: 'live' });
    new ImageDigest(stack, 'B', { repository: new ecr.Repository(stack, 'Native'), imageTag: 'live' });
    const names = Object.values(resources(stack, 'Custom::DrydockImageDigest')).map(({ Properties }) => Properties.RepositoryName);
    expect(names).toEqual([{ Ref: expect.stringMatching(/^Own/) }, { Ref: expect.stringMatching(/^Native/) }]);
  });

  test('a repository of another account is named with it', () => {
    const stack = stackOf();
    const repository = Repository.fromRepositoryArn(stack, 'Far', 'arn:aws:ecr:us-east-1:210987654321:repository/tools/base');
    new ImageDigest(stack, 'Digest', { repository, imageTag: '1.2' });
    const { Properties } = only(stack, 'Custom::DrydockImageDigest');
    expect(Properties.RegistryId).toBe('210987654321');
    expect(JSON.stringify(Properties.RepositoryUri)).toContain('210987654321.dkr.ecr.us-east-1.');
    expect(JSON.stringify(permissions(stack))).toContain('arn:aws:ecr:us-east-1:210987654321:repository/tools/base');
  });

  test.each([['', 'DD-IMAGE-001'], ['a:b', 'DD-IMAGE-001'], ['.hidden', 'DD-IMAGE-001'], [`sha256:${'0'.repeat(64)}`, 'DD-IMAGE-001'], ['a'.repeat(129), 'DD-IMAGE-001']])('refuses the tag %j', (imageTag, code) => {
    const stack = stackOf();
    expect(codesOf(() => new ImageDigest(stack, 'Digest', { repository: foreign(stack), imageTag }))).toEqual([code]);
  });

  test('a repository of another region is refused', () => {
    const stack = stackOf();
    const repository = Repository.fromRepositoryArn(stack, 'Far', 'arn:aws:ecr:eu-west-1:123456789012:repository/shop/web');
    expect(codesOf(() => new ImageDigest(stack, 'Digest', { repository, imageTag: 'live' }))).toEqual(['DD-REPOSITORY-006']);
  });
});
