import { App, aws_ecr as ecr, Aspects, CfnResource, Duration, IAspect, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { IConstruct } from 'constructs';
import { codesOf, ENV, only, permissions, resources, stackOf } from './support';
import { InUse, LifecyclePolicy, LifecyclePolicyPreview, PreviewBaseline, PreviewGate, Repository } from '../../src';
import { DEFAULT_GATE } from '../../src/lifecycle/gate';
import { gateFromProperty } from '../../src/lifecycle/gate-property';

const GATE = 'Custom::DrydockPreviewGate';

function rendered(gate?: PreviewGate): any {
  const stack = stackOf();
  new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [{ maxImageCount: 5 }], previewGate: gate });
  return only(stack, 'Custom::DrydockLifecyclePolicy').Properties.PreviewGate;
}

describe('settings', () => {
  test('the default in the template is the default of the handler', () => {
    expect(gateFromProperty(rendered())).toEqual(DEFAULT_GATE);
  });

  test('what is given replaces its own default and no other', () => {
    expect(gateFromProperty(rendered(PreviewGate.of({
      maxExpiringImages: 10, protectPulledWithin: Duration.hours(36), protectPushedWithin: Duration.days(2), countAgainst: PreviewBaseline.EVERYTHING,
      protectedDigests: [`sha256:${'a'.repeat(64)}`], acknowledgedPolicies: ['0123456789abcdef'],
    })))).toEqual({
      ...DEFAULT_GATE, maxExpiringImages: 10, protectPulledWithinDays: 1.5, protectPushedWithinDays: 2, countAgainst: 'everything',
      protectedDigests: [`sha256:${'a'.repeat(64)}`], acknowledged: ['0123456789abcdef'],
    });
  });

  test.each([
    [{ maxExpiringPercent: 101 }], [{ maxExpiringImages: -1 }], [{ maxExpiringImages: 1.5 }], [{ acknowledgedPolicies: ['yes'] }], [{ protectedDigests: ['latest'] }],
  ])('%j is refused', (options) => {
    expect(codesOf(() => PreviewGate.of(options))).toEqual(['DD-GATE-003']);
  });
});

describe('looking for images in use', () => {
  const actionsOf = (stack: Stack) => permissions(stack).flatMap(({ Action, Resource }) => Action.filter((action) => !/^(ecr|cloudformation):/.test(action)).map((action) => [action, Resource]));

  test.each<[string, InUse | undefined, string[] | undefined]>([
    ['nobody', undefined, undefined], ['ECS', InUse.ecs(), ['ecs']], ['Lambda', InUse.lambdaFunctions(), ['lambda']], ['both', InUse.ecsAndLambda(), ['ecs', 'lambda']],
  ])('by %s is in the template as the handler reads it', (_, inUse, expected) => {
    expect(gateFromProperty(rendered(PreviewGate.of({ inUse })))).toEqual({ ...DEFAULT_GATE, ...(expected && { inUse: expected }) });
  });

  test('is allowed to stacks with a gate that looks, and to no others', () => {
    const build = (previewGate?: PreviewGate) => {
      const stack = stackOf();
      new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [{ maxImageCount: 5 }], previewGate });
      return actionsOf(stack);
    };
    expect(build()).toEqual([]);
    expect(build(PreviewGate.off())).toEqual([]);
    expect(build(PreviewGate.of({ inUse: InUse.ecs() }))).toEqual(
      expect.arrayContaining(['DescribeTaskDefinition', 'ListClusters', 'ListServices', 'ListTasks'].map((name) => [`ecs:${name}`, '*'])));
    expect(JSON.stringify(build(PreviewGate.of({ inUse: InUse.ecs() })).filter(([action]) => /Describe(Services|Tasks)$/.test(String(action))))).toMatch(/:service\/\*.*:task\/\*/);
    expect(build(PreviewGate.of({ inUse: InUse.lambdaFunctions() }))).toEqual(expect.arrayContaining([
      ['lambda:ListFunctions', '*'],
      ['lambda:GetFunction', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':lambda:us-east-1:123456789012:function:*']] }],
    ]));
  });

  test('is what cdk-nag has to say about the permissions, and is not suppressed', () => {
    const findings = (inUse?: InUse) => {
      const app = new App();
      const stack = stackOf('Shop', app);
      new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [{ maxImageCount: 5 }], previewGate: PreviewGate.of({ inUse }) });
      return new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName);
    };
    expect(findings()).toEqual([]);
    expect(new Set(findings(InUse.ecsAndLambda()).map((name) => name.replace(/\[.*/, '')))).toEqual(new Set(['AwsSolutions-IAM5']));
  });

  test('is allowed to the gate of a native repository, too', () => {
    const stack = stackOf();
    new ecr.Repository(stack, 'Api', { repositoryName: 'shop/api', lifecycleRules: [{ maxImageCount: 5 }] });
    PreviewGate.protect(stack, { gate: PreviewGate.of({ inUse: InUse.ecsAndLambda() }) });
    expect(only(stack, GATE).Properties.PreviewGate.InUse).toEqual(['ecs', 'lambda']);
    expect(actionsOf(stack)).toHaveLength(8);
  });
});

describe('PreviewGate.protect', () => {
  test('puts a gate before every native repository with a lifecycle policy, and before no other', () => {
    const app = new App();
    const stack = stackOf('Shop', app);
    new ecr.Repository(stack, 'Named', { repositoryName: 'shop/api', lifecycleRules: [{ maxImageCount: 5 }] });
    new ecr.Repository(stack, 'Generated', { lifecycleRules: [{ maxImageCount: 5 }] });
    new ecr.CfnRepository(stack, 'L1', { lifecyclePolicy: { lifecyclePolicyText: '{"rules":[]}' } });
    new ecr.Repository(stack, 'Plain');
    PreviewGate.protect(app);
    const gates = Object.values(resources(stack, GATE)).map(({ Properties }) => Properties.RepositoryName ?? Properties.RepositoryLogicalId);
    expect(gates.sort()).toEqual([expect.stringMatching(/^Generated/), 'L1', 'shop/api']);
    for (const native of Object.values(resources(stack, 'AWS::ECR::Repository'))) {
      expect(native.DependsOn?.length ?? 0).toBe(native.Properties?.LifecyclePolicy ? 1 : 0);
    }
  });

  test('changes nothing but the dependency: without the line the app is a plain L2 app', () => {
    const build = (protect: boolean) => {
      const stack = stackOf();
      new ecr.Repository(stack, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
      if (protect) {
        PreviewGate.protect(stack);
      }
      return only(stack, 'AWS::ECR::Repository');
    };
    const { DependsOn, ...gated } = build(true);
    expect(DependsOn).toHaveLength(1);
    expect(gated).toEqual(build(false));
  });

  test('sees rules that arrive late', () => {
    const stack = stackOf();
    PreviewGate.protect(stack);
    const repository = new ecr.Repository(stack, 'Api', { repositoryName: 'shop/api' });
    class Retention implements IAspect {
      public visit(node: IConstruct): void {
        if (node === repository) {
          repository.addLifecycleRule({ maxImageCount: 7 });
        }
      }
    }
    Aspects.of(stack).add(new Retention());
    expect(only(stack, GATE).Properties.LifecyclePolicyText).toContain('"countNumber":7');
  });

  test('sees rules that are given by an override, which the L2 knows nothing of', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api', { repositoryName: 'shop/api' });
    const text = JSON.stringify({ rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 9 }, action: { type: 'expire' } }] });
    (repository.node.defaultChild as ecr.CfnRepository).addPropertyOverride('LifecyclePolicy.LifecyclePolicyText', text);
    PreviewGate.protect(stack);
    expect(only(stack, GATE).Properties.LifecyclePolicyText).toBe(text);
  });

  test('the innermost gate counts, and the last on the same scope', () => {
    const app = new App();
    const stack = stackOf('Shop', app);
    new ecr.Repository(stack, 'Api', { repositoryName: 'shop/api', lifecycleRules: [{ maxImageCount: 5 }] });
    PreviewGate.protect(app, { gate: PreviewGate.of({ maxExpiringImages: 1 }) });
    PreviewGate.protect(stack, { gate: PreviewGate.of({ maxExpiringImages: 2 }) });
    PreviewGate.protect(stack, { gate: PreviewGate.of({ maxExpiringImages: 3 }) });
    expect(only(stack, GATE).Properties.PreviewGate.MaxExpiringImages).toBe(3);
  });

  test('may only look: nothing that changes, on the named repository or on names that CloudFormation generates for the stack', () => {
    const stack = stackOf();
    new ecr.Repository(stack, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
    PreviewGate.protect(stack);
    const all = permissions(stack);
    expect(all.flatMap(({ Action }) => Action).filter((action) => !/:(Describe|Get|StartLifecyclePolicyPreview)/.test(action))).toEqual([]);
    expect(JSON.stringify(all)).toContain(':repository/shop-*');
  });

  test('reaches into the stages of an app, and says so when it was called before one was made', () => {
    const build = (early: boolean) => {
      const app = new App();
      if (early) {
        PreviewGate.protect(app);
      }
      const stack = new Stack(new Stage(app, 'Prod', { env: ENV }), 'Shop');
      new ecr.Repository(stack, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
      if (!early) {
        PreviewGate.protect(app);
      }
      return { app, stack };
    };
    const { app, stack } = build(false);
    app.synth();
    expect(Object.keys(resources(stack, GATE))).toHaveLength(1);
    expect(() => build(true).app.synth()).toThrow(/DD-REPOSITORY-011 at Prod\/Shop\/Api/);
  });

  test('works across stacks of an app', () => {
    const app = new App();
    const [first, second] = ['One', 'Two'].map((name) => new Stack(app, name, { env: ENV }));
    new ecr.Repository(first, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
    new ecr.Repository(second, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
    PreviewGate.protect(app);
    app.synth();
    for (const stack of [first, second]) {
      expect(Object.keys(resources(stack, GATE))).toHaveLength(1);
      expect(Object.keys(resources(stack, 'AWS::Lambda::Function'))).toHaveLength(1);
    }
  });

  test('leaves out a scope whose gate is off', () => {
    const app = new App();
    const [stack, exempt] = ['Shop', 'Sandbox'].map((name) => stackOf(name, app));
    [stack, exempt].forEach((scope) => new ecr.Repository(scope, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] }));
    PreviewGate.protect(app);
    PreviewGate.protect(exempt, { gate: PreviewGate.off() });
    expect(Object.keys(resources(stack, GATE))).toHaveLength(1);
    Template.fromStack(exempt).resourceCountIs('AWS::Lambda::Function', 0);
    expect(only(exempt, 'AWS::ECR::Repository').DependsOn).toBeUndefined();
  });

  test('sees names that are given by an override', () => {
    const stack = stackOf();
    const native = new ecr.Repository(stack, 'Api').node.defaultChild as CfnResource;
    native.addPropertyOverride('LifecyclePolicy.LifecyclePolicyText', '{"rules":["archive, which the L2 does not know"]}');
    native.addPropertyOverride('RepositoryName', 'shop/api');
    PreviewGate.protect(stack);
    expect(only(stack, GATE).Properties).toMatchObject({ RepositoryName: 'shop/api', LifecyclePolicyText: expect.stringContaining('archive') });
    expect(only(stack, GATE).Properties.RepositoryLogicalId).toBeUndefined();
  });

  test('in a nested stack is allowed on names that begin with the outer stack\'s', () => {
    const app = new App();
    const nested = new NestedStack(stackOf('Shop', app), 'Nested');
    new ecr.Repository(nested, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
    PreviewGate.protect(app);
    expect(JSON.stringify(permissions(nested))).toContain(':repository/shop-*');
  });
});

describe('a gate', () => {
  class Naming implements IAspect {
    public visit(node: IConstruct): void {
      if (node instanceof ecr.CfnRepository) {
        node.repositoryName = `company/${node.node.scope!.node.id.toLowerCase()}`;
      }
    }
  }

  test('follows a name that an aspect gives, its permission too', () => {
    const stack = stackOf();
    new LifecyclePolicy(stack, 'Retention', { repository: new ecr.Repository(stack, 'Api'), rules: [{ maxImageCount: 5 }] });
    new LifecyclePolicy(stack, 'Retention2', { repository: new ecr.Repository(stack, 'Web'), rules: [{ maxImageCount: 5 }] });
    Aspects.of(stack).add(new Naming());
    expect(Object.values(resources(stack, GATE)).map(({ Properties }) => [Properties.RepositoryName, Properties.RepositoryLogicalId])).toEqual([
      ['company/api', undefined], ['company/web', undefined],
    ]);
    const allowed = JSON.stringify(permissions(stack));
    expect(allowed).toContain(':repository/company/api');
    expect(allowed).toContain(':repository/company/web');
  });

  test('finds a repository with a generated name by the logical id that the template has', () => {
    const stack = stackOf();
    const native = new ecr.CfnRepository(stack, 'Api', { lifecyclePolicy: { lifecyclePolicyText: '{"rules":[]}' } });
    native.overrideLogicalId('OldName');
    PreviewGate.protect(stack);
    expect(Object.keys(resources(stack, 'AWS::ECR::Repository'))).toEqual(['OldName']);
    expect(only(stack, GATE).Properties.RepositoryLogicalId).toBe('OldName');
  });

  test('names a pattern once, however many generated names it stands for', () => {
    const stack = stackOf();
    ['Api', 'Web', 'Worker'].forEach((id) => new ecr.Repository(stack, id, { lifecycleRules: [{ maxImageCount: 5 }] }));
    PreviewGate.protect(stack);
    expect(JSON.stringify(permissions(stack)).split(':repository/').length - 1).toBe(1);
  });

  test.each<[string, (stack: Stack, repository: ecr.Repository) => void]>([
    ['the construct', (stack, repository) => new LifecyclePolicyPreview(stack, 'Preview', { repository, rules: [{ maxImageCount: 3 }] })],
    ['its name', (stack, { repositoryName }) => {
      const repository = Repository.fromRepositoryName(stack, 'ByName', repositoryName);
      new LifecyclePolicyPreview(stack, 'Preview', { repository, rules: [{ maxImageCount: 3 }] });
    }],
  ])('lets other constructs of the stack refer to its repository by %s', (_, refer) => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api', { lifecycleRules: [{ maxImageCount: 5 }] });
    refer(stack, repository);
    PreviewGate.protect(stack);
    // `Template.fromStack` refuses circular dependencies.
    const gate = only(stack, GATE);
    expect(only(stack, 'AWS::ECR::Repository').DependsOn).toEqual([gate.logicalId]);
    expect(gate.DependsOn).toEqual([expect.stringMatching(/GatePermissions/)]);
  });
});
