import { App, aws_ecr as ecr, aws_iam as iam, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ENV, only, permissions, resources, stackOf } from './support';
import { LifecyclePolicy, LifecyclePolicyPreview, PreviewGate, Repository, RepositoryPolicy } from '../../src';
import { HANDLER_PERMISSIONS } from '../../src/permissions';

const POLICY = 'AWS::IAM::ManagedPolicy';

describe('what a stack gets', () => {
  test('one function, one role, one log group, one policy, and one resource for each construct', () => {
    const stack = stackOf();
    for (const id of ['A', 'B', 'C']) {
      new Repository(stack, id, { lifecycleRules: [{ maxImageCount: 5 }] });
    }
    const types = Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type).sort();
    expect(types).toEqual([
      'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup',
      ...Array(3).fill('Custom::DrydockLifecyclePolicy'), ...Array(3).fill('Custom::DrydockRepository'),
    ]);
  });

  test('every stack has its own, nested ones and stages too', () => {
    const app = new App();
    const stage = new Stage(app, 'Prod', { env: ENV });
    const outer = new Stack(stage, 'Outer');
    const nested = new NestedStack(outer, 'Nested');
    new Repository(outer, 'Api');
    new Repository(nested, 'Api');
    const assembly = app.synth();
    expect(assembly.nestedAssemblies).toHaveLength(1);
    expect(Object.keys(resources(outer, 'AWS::Lambda::Function'))).toHaveLength(1);
    expect(Object.keys(resources(nested as Stack, 'AWS::Lambda::Function'))).toHaveLength(1);
    const statuses = permissions(nested as Stack).filter(({ Action }) => Action.includes('cloudformation:DescribeStacks'));
    expect(JSON.stringify(statuses)).toContain('AWS::StackId');
    expect(statuses.flatMap(({ Resource }) => Resource)).toHaveLength(2);
  });

  test('the role may do nothing but write its own log and what the policy says', () => {
    const stack = stackOf();
    new Repository(stack, 'Api');
    const role = only(stack, 'AWS::IAM::Role').Properties;
    expect(role.ManagedPolicyArns).toBeUndefined();
    expect(role.Policies).toHaveLength(1);
    expect(role.Policies[0].PolicyDocument.Statement).toEqual([{
      Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [only(stack, 'AWS::Logs::LogGroup').logicalId, 'Arn'] },
    }]);
  });
});

describe('permissions', () => {
  const policyIds = (build: (stack: Stack) => void) => {
    const stack = stackOf();
    build(stack);
    return Object.keys(resources(stack, POLICY));
  };

  test('another set is another policy, so that the old one is still there when removed constructs are deleted', () => {
    const both = policyIds((stack) => ['A', 'B'].forEach((id) => new Repository(stack, id, { repositoryName: `shop/${id.toLowerCase()}` })));
    const one = policyIds((stack) => new Repository(stack, 'A', { repositoryName: 'shop/a' }));
    const renamed = policyIds((stack) => new Repository(stack, 'A', { repositoryName: 'shop/x' }));
    expect(new Set([...both, ...one, ...renamed]).size).toBe(3);
    expect(policyIds((stack) => new Repository(stack, 'A', { repositoryName: 'shop/a' }))).toEqual(one);
  });

  test('every resource waits for the policies', () => {
    const stack = stackOf();
    new Repository(stack, 'A', { lifecycleRules: [{ maxImageCount: 5 }] });
    const ids = Object.keys(resources(stack, POLICY));
    for (const type of ['Custom::DrydockRepository', 'Custom::DrydockLifecyclePolicy']) {
      expect(only(stack, type).DependsOn).toEqual(expect.arrayContaining(ids));
    }
  });

  test('two hundred repositories fit, in policies below the size that IAM takes', () => {
    const stack = stackOf();
    for (let i = 0; i < 200; i++) {
      new LifecyclePolicy(stack, `P${i}`, { repository: Repository.fromRepositoryName(stack, `R${i}`, `a-rather-long-team-name/and-a-service-${i}`), rules: [{ maxImageCount: 5 }] });
    }
    const policies = Object.values(resources(stack, POLICY));
    expect(policies.length).toBeGreaterThan(1);
    expect(policies.length).toBeLessThanOrEqual(10);
    for (const { Properties } of policies) {
      expect(JSON.stringify(Properties.PolicyDocument).replace(/\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]*)"\]\]\}/g, '"arn:aws$1"').length).toBeLessThan(6_144);
    }
    const all = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    expect(new Set(all.flatMap(({ Resource }: any) => [Resource].flat().map((r) => JSON.stringify(r)).filter((r) => r.includes('service-')))).size).toBe(200);
  });

  test('the table has an entry for every resource type that is used', () => {
    const stack = stackOf();
    everything(stack);
    const used = Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type).filter((type) => type.startsWith('Custom::Drydock'));
    expect(new Set(used)).toEqual(new Set(Object.keys(HANDLER_PERMISSIONS)));
  });
});

function everything(stack: Stack): void {
  const repository = new Repository(stack, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
  const foreign = Repository.fromRepositoryName(stack, 'Foreign', 'shop/foreign');
  new RepositoryPolicy(stack, 'Access', { repository, statements: [new iam.PolicyStatement({ actions: ['ecr:BatchGetImage'], principals: [new iam.AccountPrincipal('210987654321')] })] });
  new LifecyclePolicyPreview(stack, 'Preview', { repository: foreign, rules: [{ maxImageCount: 5 }] });
  new ecr.Repository(stack, 'Native', { repositoryName: 'shop/native', lifecycleRules: [{ maxImageCount: 5 }] });
  PreviewGate.protect(stack);
}

test('cdk-nag AwsSolutions has nothing to say', () => {
  const app = new App();
  const stack = stackOf('Shop', app);
  everything(stack);
  app.synth();
  expect(new AwsSolutionsChecks().validateScope(app).violations.map((violation) => JSON.stringify(violation))).toEqual([]);
});
