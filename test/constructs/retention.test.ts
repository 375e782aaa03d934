import { App, aws_ecr as ecr, Aspects, Duration, IAspect, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { IConstruct } from 'constructs';
import { codesOf, ENV, only, resources, stackOf } from './support';
import { LifecyclePolicy, PreviewGate, Repository, Retention } from '../../src';

const RULES = [{ maxImageCount: 7 }];
const POLICY = '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":7},"action":{"type":"expire"}}]}';

const errorsOf = (stack: Stack) => Annotations.fromStack(stack).findError('*', Match.anyValue()).map(({ id, entry }) => `${id} ${String(entry.data).split(' ')[0]}`).sort();

function everyKind(stack: Stack): void {
  new Repository(stack, 'Ours');
  new ecr.Repository(stack, 'L2');
  new ecr.CfnRepository(stack, 'L1');
  new ecr.CfnRepositoryCreationTemplate(stack, 'Template', { prefix: 'hub', appliedFor: ['PULL_THROUGH_CACHE'] });
}

function everyKindRetained(stack: Stack): void {
  new Repository(stack, 'Ours', { lifecycleRules: RULES });
  new ecr.Repository(stack, 'L2', { lifecycleRules: [{ maxImageCount: 3 }] });
  const override = new ecr.Repository(stack, 'Overridden');
  (override.node.defaultChild as ecr.CfnRepository).addPropertyOverride('LifecyclePolicy.LifecyclePolicyText', POLICY);
  new ecr.CfnRepositoryCreationTemplate(stack, 'Template', { prefix: 'hub', appliedFor: ['PULL_THROUGH_CACHE'], lifecyclePolicy: POLICY });
  new LifecyclePolicy(stack, 'Beside', { repository: new Repository(stack, 'OursBeside'), rules: RULES });
  new LifecyclePolicy(stack, 'Native', { repository: new ecr.Repository(stack, 'L2Beside'), rules: RULES });
  new Repository(stack, 'OursByName', { repositoryName: 'shop/x' });
  new LifecyclePolicy(stack, 'ByName', { repository: Repository.fromRepositoryName(stack, 'X', 'shop/x'), rules: RULES });
}

describe('Retention.require', () => {
  test('puts an error on every repository without lifecycle policy, at the path that the author knows', () => {
    const stack = stackOf();
    everyKind(stack);
    Retention.require().applyTo(stack.node.root);
    expect(errorsOf(stack)).toEqual(['/Shop/L1 DD-RETENTION-001', '/Shop/L2 DD-RETENTION-001', '/Shop/Ours DD-RETENTION-001', '/Shop/Template DD-RETENTION-001']);
  });

  test('says nothing of those that have one, wherever it was given', () => {
    const stack = stackOf();
    everyKindRetained(stack);
    Retention.require().applyTo(stack.node.root);
    expect(errorsOf(stack)).toEqual([]);
  });

  test('is an aspect like any other', () => {
    const stack = stackOf();
    everyKind(stack);
    Aspects.of(stack).add(Retention.require());
    expect(errorsOf(stack)).toHaveLength(4);
  });

  test('leaves exempted scopes out', () => {
    const stack = stackOf();
    everyKind(stack);
    stack.node.children.filter(({ node }) => node.id !== 'L2').forEach((child) => Retention.exempt(child));
    Retention.require().applyTo(stack.node.root);
    expect(errorsOf(stack)).toHaveLength(1);
  });

  test('looks after other aspects have given rules', () => {
    const stack = stackOf();
    new ecr.Repository(stack, 'L2');
    Retention.require().applyTo(stack.node.root);
    Aspects.of(stack).add(new class implements IAspect {
      public visit(node: IConstruct): void {
        if (node instanceof ecr.Repository) {
          node.addLifecycleRule({ maxImageCount: 3 });
        }
      }
    }());
    expect(errorsOf(stack)).toEqual([]);
  });

  test('reaches into stages that are there, and fails the synthesis for those that came later', () => {
    const build = (later: boolean) => {
      const app = new App();
      const stages: Stage[] = [];
      const make = () => {
        const stage = new Stage(app, 'Prod', { env: ENV });
        new ecr.Repository(new Stack(stage, 'Shop'), 'Api');
        stages.push(stage);
      };
      if (!later) {
        make();
      }
      Retention.require().applyTo(app);
      if (later) {
        make();
      }
      return { app, stage: stages[0] };
    };
    const { stage } = build(false);
    expect(errorsOf(stage.node.findChild('Shop') as Stack)).toHaveLength(1);
    expect(() => build(true).app.synth()).toThrow(/DD-RETENTION-002.*Prod\/Shop\/Api/);
  });
});

describe('Retention.add', () => {
  test('gives each kind of repository the policy, with a gate before it', () => {
    const stack = stackOf();
    everyKind(stack);
    Retention.add(RULES).applyTo(stack.node.root);
    const natives = Object.values(resources(stack, 'AWS::ECR::Repository'));
    expect(natives.map(({ Properties }) => Properties.LifecyclePolicy.LifecyclePolicyText)).toEqual([POLICY, POLICY]);
    expect(Object.keys(resources(stack, 'Custom::DrydockPreviewGate'))).toHaveLength(2);
    expect(JSON.stringify(only(stack, 'Custom::DrydockLifecyclePolicy').Properties.LifecyclePolicy)).toBe(POLICY);
    expect(only(stack, 'AWS::ECR::RepositoryCreationTemplate').Properties.LifecyclePolicy).toBe(POLICY);
  });

  test('touches no repository that has a policy', () => {
    const before = stackOf();
    everyKindRetained(before);
    const after = stackOf();
    everyKindRetained(after);
    Retention.add([{ maxImageCount: 99 }]).applyTo(after.node.root);
    expect(Template.fromStack(after).toJSON()).toEqual(Template.fromStack(before).toJSON());
  });

  test('then nothing is left to require, in either order', () => {
    for (const order of ['add first', 'require first']) {
      const stack = stackOf();
      everyKind(stack);
      const all = [Retention.add(RULES), Retention.require()];
      (order === 'add first' ? all : all.reverse()).forEach((one) => one.applyTo(stack.node.root));
      expect(errorsOf(stack)).toEqual([]);
    }
  });

  test('the rules of the innermost scope count, in either order', () => {
    for (const order of ['outer first', 'inner first']) {
      const app = new App();
      const stack = stackOf('Shop', app);
      new Repository(stack, 'Ours');
      const calls = [() => Retention.add(RULES).applyTo(app), () => Retention.add([{ maxImageCount: 99 }]).applyTo(stack)];
      (order === 'outer first' ? calls : calls.reverse()).forEach((call) => call());
      expect(only(stack, 'Custom::DrydockLifecyclePolicy').Properties.LifecyclePolicy.rules[0].selection.countNumber).toBe(99);
    }
  });

  test.each<[string, (app: App) => void, PreviewGate | undefined, number]>([
    ['the standard one', () => undefined, undefined, 50],
    ['the one of PreviewGate.protect', (app) => PreviewGate.protect(app, { gate: PreviewGate.of({ maxExpiringPercent: 11 }) }), undefined, 11],
    ['the one that is given, before all', (app) => PreviewGate.protect(app, { gate: PreviewGate.of({ maxExpiringPercent: 11 }) }), PreviewGate.of({ maxExpiringPercent: 22 }), 22],
  ])('the gate is %s', (_, protect, previewGate, percent) => {
    const app = new App();
    const stack = stackOf('Shop', app);
    new ecr.Repository(stack, 'L2');
    protect(app);
    Retention.add(RULES, { previewGate }).applyTo(app);
    expect(only(stack, 'Custom::DrydockPreviewGate').Properties.PreviewGate.MaxExpiringPercent).toBe(percent);
  });

  test('a repository of ours keeps a gate of its own', () => {
    const stack = stackOf();
    new Repository(stack, 'Mine', { previewGate: PreviewGate.of({ maxExpiringPercent: 33 }) });
    Retention.add(RULES, { previewGate: PreviewGate.off() }).applyTo(stack);
    expect(only(stack, 'Custom::DrydockLifecyclePolicy').Properties.PreviewGate.MaxExpiringPercent).toBe(33);
  });

  test('tokens in the rules reach the templates', () => {
    const stack = stackOf();
    everyKind(stack);
    Retention.add([{ maxImageCount: 7, description: Lazy.string({ produce: () => 'told late' }) }]).applyTo(stack);
    expect(JSON.parse(only(stack, 'AWS::ECR::RepositoryCreationTemplate').Properties.LifecyclePolicy).rules[0].description).toBe('told late');
    expect(only(stack, 'Custom::DrydockLifecyclePolicy').Properties.LifecyclePolicy.rules[0].description).toBe('told late');
  });

  test('refuses rules that ECR would refuse, and none', () => {
    expect(codesOf(() => Retention.add([{ maxImageAge: Duration.hours(1) }]))).toEqual(['DD-LIFECYCLE-202']);
    expect(codesOf(() => Retention.add([]))).toEqual(['DD-LIFECYCLE-203']);
  });
});
