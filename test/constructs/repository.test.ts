import {
  App, aws_codebuild as codebuild, aws_ecr as ecr, aws_ecs as ecs, aws_iam as iam, aws_kms as kms, Lazy, NestedStack, RemovalPolicies, RemovalPolicy, Stack, Tags,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { codesOf, ENV, only, permissions, resources, stackOf } from './support';
import { ExistingRepository, Repository } from '../../src';

const TYPE = 'Custom::DrydockRepository';

describe('what goes into the template', () => {
  test('defaults are written out, so that a review sees them', () => {
    const stack = stackOf();
    new Repository(stack, 'Api', { repositoryName: 'shop/api' });
    expect(only(stack, TYPE).Properties).toMatchObject({
      RepositoryName: 'shop/api', ImageTagMutability: 'MUTABLE', EncryptionConfiguration: { encryptionType: 'AES256' },
      ImageScanningConfiguration: { scanOnPush: false }, ExistingRepository: 'fail', RemovalPolicy: 'retain', EmptyOnDelete: false, ServiceTimeout: '960',
    });
  });

  test('a retained repository goes when its own creation is rolled back, and only then', () => {
    const stack = stackOf();
    new Repository(stack, 'Api');
    expect(only(stack, TYPE)).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('DESTROY reaches both CloudFormation and the handler', () => {
    const stack = stackOf();
    new Repository(stack, 'Api', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
    const resource = only(stack, TYPE);
    expect(resource).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    expect(resource.Properties).toMatchObject({ RemovalPolicy: 'destroy', EmptyOnDelete: true });
  });

  test.each<[string, (repository: Repository) => void]>([
    ['applyRemovalPolicy', (repository) => repository.applyRemovalPolicy(RemovalPolicy.DESTROY)],
    ['RemovalPolicies.of a scope', (repository) => RemovalPolicies.of(repository.stack).destroy()],
  ])('so does %s', (_, destroy) => {
    const stack = stackOf();
    destroy(new Repository(stack, 'Api'));
    expect(only(stack, TYPE)).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete', Properties: { RemovalPolicy: 'destroy' } });
  });

  test('and RETAIN can come back', () => {
    const stack = stackOf();
    const repository = new Repository(stack, 'Api', { removalPolicy: RemovalPolicy.DESTROY });
    repository.applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(only(stack, TYPE)).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain', Properties: { RemovalPolicy: 'retain' } });
    expect(codesOf(() => repository.applyRemovalPolicy(RemovalPolicy.SNAPSHOT))).toEqual(['DD-REPOSITORY-005']);
  });

  test('a key means KMS encryption, and its permissions are on that key alone', () => {
    const stack = stackOf();
    const key = new kms.Key(stack, 'Key');
    new Repository(stack, 'Api', { encryptionKey: key, existing: ExistingRepository.ADOPT });
    expect(only(stack, TYPE).Properties.EncryptionConfiguration).toMatchObject({ encryptionType: 'KMS', kmsKey: stack.resolve(key.keyArn) });
    expect(permissions(stack).filter(({ Action }) => Action.some((action) => action.startsWith('kms:'))).map(({ Resource }) => Resource)).toEqual([stack.resolve(key.keyArn)]);
  });

  test('exclusion filters keep their order and ECR\'s member names', () => {
    const stack = stackOf();
    new Repository(stack, 'Api', {
      imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION,
      imageTagMutabilityExclusionFilters: [ecr.ImageTagMutabilityExclusionFilter.wildcard('latest'), ecr.ImageTagMutabilityExclusionFilter.wildcard('dev-*')],
    });
    expect(only(stack, TYPE).Properties.ImageTagMutabilityExclusionFilters).toEqual([
      { filterType: 'WILDCARD', filter: 'latest' }, { filterType: 'WILDCARD', filter: 'dev-*' },
    ]);
  });

  test('tags of the app arrive, also those that come last', () => {
    const stack = stackOf();
    new Repository(stack, 'Api');
    Tags.of(stack).add('team', 'shop');
    expect(only(stack, TYPE).Properties.Tags).toEqual([{ Key: 'team', Value: 'shop' }]);
  });

  test('tag keys that the handler keeps for itself are refused', () => {
    const stack = stackOf();
    Tags.of(new Repository(stack, 'Api')).add('cdk-drydock:owner', 'me');
    expect(() => Template.fromStack(stack)).toThrow(/DD-REPOSITORY-010.*cdk-drydock:owner/s);
  });
});

describe('tags that ECR would refuse', () => {
  test.each<[string, [string, string][]]>([
    ['a long key', [['k'.repeat(129), 'v']]],
    ['a long value', [['k', 'v'.repeat(257)]]],
    ['too many', Array.from({ length: 50 }, (_, i): [string, string] => [`k${i}`, 'v'])],
  ])('%s', (_, tags) => {
    const stack = stackOf();
    const repository = new Repository(stack, 'Api');
    tags.forEach(([key, value]) => Tags.of(repository).add(key, value));
    expect(() => Template.fromStack(stack)).toThrow(/DD-REPOSITORY-014/);
  });

  test('49 are none', () => {
    const stack = stackOf();
    const repository = new Repository(stack, 'Api');
    Array.from({ length: 49 }, (_, i) => Tags.of(repository).add(`k${i}`, 'v'.repeat(256)));
    expect(only(stack, TYPE).Properties.Tags).toHaveLength(49);
  });
});

describe('generated names', () => {
  const nameOf = (build: (stack: Stack) => void, stackName = 'Shop') => {
    const stack = stackOf(stackName);
    build(stack);
    return only(stack, TYPE).Properties.RepositoryName as string;
  };

  test('are the same in every synth, and another one in another stack', () => {
    const name = nameOf((stack) => new Repository(stack, 'Api'));
    expect(nameOf((stack) => new Repository(stack, 'Api'))).toBe(name);
    expect(nameOf((stack) => new Repository(stack, 'Api'), 'Shop2')).not.toBe(name);
  });

  test('change with the encryption, which ECR cannot change', () => {
    expect(nameOf((stack) => new Repository(stack, 'Api', { encryption: ecr.RepositoryEncryption.KMS }))).not.toBe(nameOf((stack) => new Repository(stack, 'Api')));
  });

  test('change with the key, also when only its ARN does', () => {
    const withKey = (id: string) => nameOf((stack) => new Repository(stack, 'Api', {
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:us-east-1:123456789012:key/${id}`),
    }));
    expect(withKey('a')).toBe(withKey('a'));
    expect(withKey('a')).not.toBe(withKey('b'));
  });

  test('in a nested stack carry the name of the stack that is deployed', () => {
    const names = ['Beta', 'Prod'].map((stackName) => {
      const nested = new NestedStack(new Stack(new App(), 'Shop', { env: ENV, stackName }), 'Nested');
      new Repository(nested, 'Api');
      return only(nested, TYPE).Properties.RepositoryName as string;
    });
    expect(names).toEqual([expect.stringMatching(/^beta-nested-api-/), expect.stringMatching(/^prod-nested-api-/)]);
  });

  test.each(['Api', '9Lives', 'Über__Straße', '--', 'A'.repeat(250), 'MyHTTPServer/x'.replace('/', '-')])('are legal for the id %s', (id) => {
    const name = nameOf((stack) => new Repository(stack, id));
    expect(name).toMatch(/^[a-z][a-z0-9]*((\.|_|-)[a-z0-9]+)*$/);
    expect(name.length).toBeLessThanOrEqual(256);
  });
});

describe('bad input', () => {
  test('every problem is thrown at once, with the construct path', () => {
    const stack = stackOf();
    const make = () => new Repository(stack, 'Api', {
      repositoryName: 'Shop//API', emptyOnDelete: true, encryption: ecr.RepositoryEncryption.AES_256, encryptionKey: new kms.Key(stack, 'Key'),
      imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION, removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    expect(codesOf(make).sort()).toEqual(['DD-REPOSITORY-001', 'DD-REPOSITORY-002', 'DD-REPOSITORY-003', 'DD-REPOSITORY-004', 'DD-REPOSITORY-005']);
    expect(() => new Repository(stack, 'Other', { repositoryName: 'Shop//API' })).toThrow(/^Shop\/Other: .*"Shop\/\/API".*Write for example "shop\/api"/s);
  });

  test.each(['a', 'a/', '/a', 'a//b', 'A', 'a_-b', 'a..b', 'a'.repeat(257), 'ab ', 'a/-b'])('the name %j is refused', (repositoryName) => {
    expect(codesOf(() => new Repository(stackOf(), 'Api', { repositoryName }))).toEqual(['DD-REPOSITORY-001']);
  });

  test.each(['ab', 'a--b', 'a__b', 'a.b_c-d/e', '00', 'a'.repeat(256)])('the name %j is accepted', (repositoryName) => {
    expect(() => new Repository(stackOf(), 'Api', { repositoryName })).not.toThrow();
  });

  test('all rules are read before one is refused', () => {
    expect(codesOf(() => new Repository(stackOf(), 'Api', { lifecycleRules: [{ tagPatternList: ['a'] }, { tagPatternList: ['b'] }] })))
      .toEqual(['DD-LIFECYCLE-201', 'DD-LIFECYCLE-201']);
  });

  test('a name that another construct has', () => {
    const app = new App();
    const make = (stack: Stack) => () => new Repository(stack, 'Api', { repositoryName: 'shop/api' });
    make(stackOf('Shop', app))();
    make(new Stack(app, 'OtherRegion', { env: { ...ENV, region: 'eu-west-1' } }))();
    make(new Stack(app, 'Agnostic'))();
    expect(codesOf(make(stackOf('Shop2', app)))).toEqual(['DD-REPOSITORY-013']);
  });

  test('a name known only at deployment is passed on', () => {
    expect(() => new Repository(stackOf(), 'Api', { repositoryName: Lazy.string({ produce: () => 'late' }) })).not.toThrow();
  });
});

describe('as an ecr.IRepository', () => {
  test('works with ECS, CodeBuild and grants, whose resources wait for it', () => {
    const stack = stackOf();
    const repository: ecr.IRepository = new Repository(stack, 'Api', { repositoryName: 'shop/api' });
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    task.addContainer('app', { image: ecs.ContainerImage.fromEcrRepository(repository, 'production') });
    new codebuild.Project(stack, 'Build', {
      buildSpec: codebuild.BuildSpec.fromObject({ version: '0.2' }),
      environment: { buildImage: codebuild.LinuxBuildImage.fromEcrRepository(repository) },
    });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    repository.grantPullPush(role);
    const { logicalId } = only(stack, TYPE);
    const statements = Object.values(resources(stack, 'AWS::IAM::Policy')).flatMap((policy) => policy.Properties.PolicyDocument.Statement);
    expect(statements.filter((statement: any) => JSON.stringify(statement).includes(`"${logicalId}","Arn"`)).length).toBeGreaterThanOrEqual(2);
  });

  test('a grant to another account becomes a statement in the repository policy', () => {
    const stack = stackOf();
    new Repository(stack, 'Api', { repositoryName: 'shop/api' }).grantPull(new iam.AccountPrincipal('210987654321'));
    const [statement] = only(stack, 'Custom::DrydockRepositoryPolicy').Properties.Statements;
    expect(statement).toMatchObject({ Effect: 'Allow', Sid: expect.stringMatching(/^Drydock[0-9a-f]{12}0$/) });
    expect(JSON.stringify(statement.Principal)).toContain('210987654321');
  });
});

describe('from stacks of other accounts and regions', () => {
  test('a generated name is written out, because CloudFormation cannot export it there', () => {
    const app = new App();
    const repository = new Repository(stackOf('Shop', app), 'Api');
    const consumers = [{ ...ENV, account: '210987654321' }, { ...ENV, region: 'eu-west-1' }].map((env) => {
      const consumer = new Stack(app, `Consumer-${env.account}-${env.region}`, { env });
      const task = new ecs.FargateTaskDefinition(consumer, 'Task');
      task.addContainer('app', { image: ecs.ContainerImage.fromEcrRepository(repository) });
      return consumer;
    });
    for (const consumer of consumers) {
      const template = JSON.stringify(Template.fromStack(consumer).toJSON());
      expect(template).toMatch(/:repository\/shop-api-[0-9a-f]{8}/);
      expect(template).not.toContain('Fn::ImportValue');
    }
    // The task's role is in another account, so the repository has to let it in.
    expect(only(repository.stack, 'Custom::DrydockRepositoryPolicy').Properties.Statements).toHaveLength(1);
  });

  test('of the same place the reference is an import', () => {
    const app = new App();
    const repository = new Repository(stackOf('Shop', app), 'Api');
    const consumer = stackOf('Consumer', app);
    repository.grantPull(new iam.Role(consumer, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }));
    expect(JSON.stringify(Template.fromStack(consumer).toJSON())).toContain('Fn::ImportValue');
  });
});

describe('imported repositories', () => {
  test('take statements, where the L2\'s drop them', () => {
    const stack = stackOf();
    const repository = Repository.fromRepositoryName(stack, 'Api', 'shop/api');
    expect(repository.addToResourcePolicy(new iam.PolicyStatement({ actions: ['ecr:BatchGetImage'], principals: [new iam.AccountPrincipal('210987654321')] })).statementAdded).toBe(true);
    expect(only(stack, 'Custom::DrydockRepositoryPolicy').Properties.RepositoryName).toBe('shop/api');
  });

  test('of another account carry its registry', () => {
    const stack = stackOf();
    Repository.fromRepositoryArn(stack, 'Api', 'arn:aws:ecr:us-east-1:210987654321:repository/shop/api').grantPull(new iam.AccountPrincipal('123456789012'));
    expect(only(stack, 'Custom::DrydockRepositoryPolicy').Properties).toMatchObject({ RepositoryName: 'shop/api', RegistryId: '210987654321' });
    expect(JSON.stringify(permissions(stack))).toContain('arn:aws:ecr:us-east-1:210987654321:repository/shop/api');
  });

  test('of another region fail loudly instead of being changed in the wrong one', () => {
    const stack = stackOf();
    const repository = Repository.fromRepositoryArn(stack, 'Api', 'arn:aws:ecr:eu-west-1:123456789012:repository/shop/api');
    expect(codesOf(() => repository.grantPull(new iam.AccountPrincipal('210987654321')))).toEqual(['DD-REPOSITORY-006']);
  });

  test.each([
    [{}, /Neither/],
    [{ repositoryArn: 'arn:aws:s3:::bucket' }, /not the ARN of a repository/],
    [{ repositoryArn: 'arn:aws:ecr:us-east-1:123456789012:repository/a-b', repositoryName: 'other' }, /is not the name in/],
    [{ repositoryArn: Lazy.string({ produce: () => 'arn' }) }, /known only at deployment/],
  ])('a reference like %j is refused', (attributes, message) => {
    expect(() => Repository.fromRepositoryAttributes(stackOf(), 'Api', attributes)).toThrow(message);
  });

  test('name and ARN known only at deployment can be given together', () => {
    const stack = new Stack(new App(), 'Agnostic');
    const repository = Repository.fromRepositoryAttributes(stack, 'Api', { repositoryArn: Lazy.string({ produce: () => 'arn:late' }), repositoryName: 'shop/api' });
    expect(stack.resolve(repository.repositoryArn)).toBe('arn:late');
  });
});
