import { Annotations as Acknowledgements, App, aws_ecr as ecr, CfnParameter, CfnResource, Duration, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { codesOf, ENV, only, permissions, resources, stackOf } from './support';
import { ImageStorageClass, LifecycleAction, LifecyclePolicy, LifecyclePolicyPreview, LifecycleRule, PreviewGate, Repository } from '../../src';
import { validatePolicy } from '../../src/lifecycle/validate';

const TYPE = 'Custom::DrydockLifecyclePolicy';

function document(rules: LifecycleRule[]): any {
  const stack = stackOf();
  new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules });
  return only(stack, TYPE).Properties.LifecyclePolicy;
}

const codes = (rules: LifecycleRule[]) => codesOf(() => document(rules));

describe('rules become the document', () => {
  test('every kind of limit, in one valid policy', () => {
    const policy = document([
      { tagPatternList: ['production'], protect: true },
      { tagPrefixList: ['v1.', 'stable'], maxImageCount: 5, description: 'old line' },
      { tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(14) },
      { maxTimeSinceLastPull: Duration.days(90) },
      { maxTimeInArchive: Duration.days(365) },
    ]);
    expect(validatePolicy(policy).problems).toEqual([]);
    expect(policy.rules).toEqual([
      { rulePriority: 1, selection: { tagStatus: 'tagged', tagPatternList: ['production'], countType: 'imageCountMoreThan', countNumber: 1_000_000 }, action: { type: 'expire' } },
      { rulePriority: 2, description: 'old line', selection: { tagStatus: 'tagged', tagPrefixList: ['v1.', 'stable'], countType: 'imageCountMoreThan', countNumber: 5 }, action: { type: 'expire' } },
      { rulePriority: 3, selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 }, action: { type: 'expire' } },
      { rulePriority: 4, selection: { tagStatus: 'any', countType: 'sinceImagePulled', countUnit: 'days', countNumber: 90 }, action: { type: 'transition', targetStorageClass: 'archive' } },
      { rulePriority: 5, selection: { tagStatus: 'any', storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 365 }, action: { type: 'expire' } },
    ]);
  });

  test('archiving by count, and protection inside the archive', () => {
    const policy = document([
      { tagPatternList: ['keep'], storageClass: ImageStorageClass.ARCHIVE, protect: true },
      { maxImageCount: 10, action: LifecycleAction.ARCHIVE },
    ]);
    expect(validatePolicy(policy).problems).toEqual([]);
    expect(policy.rules[0].selection).toMatchObject({ storageClass: 'archive', countType: 'sinceImageTransitioned', countNumber: 10_000 });
    expect(policy.rules[1].action).toEqual({ type: 'transition', targetStorageClass: 'archive' });
  });

  test('priorities follow the reading order around the numbers that are given', () => {
    const numbers = document([
      { tagPatternList: ['a'], maxImageCount: 1 },
      { tagPatternList: ['b'], maxImageCount: 1, rulePriority: 10 },
      { tagPatternList: ['c'], maxImageCount: 1 },
      { tagPatternList: ['d'], maxImageCount: 1, rulePriority: 12 },
      { maxImageCount: 1 },
    ]).rules.map(({ rulePriority }: { rulePriority: number }) => rulePriority);
    expect(numbers).toEqual([1, 10, 11, 12, 13]);
  });

  test('rules added later come after the others', () => {
    const stack = stackOf();
    const repository = new Repository(stack, 'Api', { lifecycleRules: [{ tagPatternList: ['a'], maxImageCount: 1 }] });
    repository.addLifecycleRule({ maxImageCount: 2 });
    expect(only(stack, TYPE).Properties.LifecyclePolicy.rules.map((rule: any) => [rule.rulePriority, rule.selection.countNumber])).toEqual([[1, 1], [2, 2]]);
  });
});

describe('bad input is refused at synth', () => {
  test('no limit, two limits, half a day', () => {
    expect(codes([{ tagPatternList: ['a'] }, { maxImageCount: 1, maxImageAge: Duration.days(1) }, { maxImageAge: Duration.hours(12) }]))
      .toEqual(['DD-LIFECYCLE-201', 'DD-LIFECYCLE-201', 'DD-LIFECYCLE-202']);
  });

  test('protection with an action', () => {
    expect(codes([{ tagPatternList: ['a'], protect: true, action: LifecycleAction.EXPIRE }])).toEqual(['DD-LIFECYCLE-204']);
  });

  test('what ECR would refuse, with the place of the rule', () => {
    expect(codes([{ maxImageCount: 1 }, { tagPatternList: ['a'], maxImageCount: 1 }])).toEqual(['DD-LIFECYCLE-018']);
    expect(codes([{ maxTimeSinceLastPull: Duration.days(9), action: LifecycleAction.EXPIRE }])).toEqual(['DD-LIFECYCLE-016']);
    expect(() => document([{ maxImageCount: 0 }])).toThrow(/^Shop\/Retention: .*\n.*DD-LIFECYCLE-014 at \/rules\/0\/selection\/countNumber: .*0/);
  });

  test('a policy without rules', () => {
    const stack = stackOf();
    new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [] });
    expect(() => Template.fromStack(stack)).toThrow(/DD-LIFECYCLE-203/);
  });

  test('an addition that breaks the policy fails where it is made', () => {
    const repository = new Repository(stackOf(), 'Api', { lifecycleRules: [{ maxImageCount: 1 }] });
    expect(codesOf(() => repository.addLifecycleRule({ tagPatternList: ['late'], maxImageCount: 1 }))).toEqual(['DD-LIFECYCLE-018']);
  });
});

describe('tokens', () => {
  test('numbers, tags and durations that are known only at deployment pass, and what is known is still checked', () => {
    const stack = new Stack(new App(), 'Late');
    const keep = new CfnParameter(stack, 'Keep', { type: 'Number' });
    const tag = new CfnParameter(stack, 'Tag');
    const repository = Repository.fromRepositoryName(stack, 'Api', new CfnParameter(stack, 'Name').valueAsString);
    const rules = [
      { tagPatternList: [tag.valueAsString, Fn.importValue('other')], maxImageCount: keep.valueAsNumber },
      { maxImageAge: Duration.days(Lazy.number({ produce: () => 30 })) },
    ];
    new LifecyclePolicy(stack, 'Retention', { repository, rules });
    const { LifecyclePolicy: policy } = only(stack, TYPE).Properties;
    expect(policy.rules[0].selection).toMatchObject({ tagPatternList: [{ Ref: 'Tag' }, { 'Fn::ImportValue': 'other' }], countNumber: { Ref: 'Keep' } });
    expect(policy.rules[1].selection.countNumber).toBe(30);
    expect(codesOf(() => new LifecyclePolicy(stack, 'Wrong', { repository, rules: [{ maxImageCount: keep.valueAsNumber }, ...rules] }))).toContain('DD-LIFECYCLE-018');
  });
});

describe('warnings', () => {
  test('the AND trap is told at synth, with its code', () => {
    const stack = stackOf();
    new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [{ tagPatternList: ['prod', 'staging'], maxImageCount: 5 }] });
    Annotations.fromStack(stack).hasWarning('/Shop/Retention', Match.stringLikeRegexp('DD-LIFECYCLE-101'));
  });
});

test('a warning can be acknowledged', () => {
  const stack = stackOf();
  const policy = new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [{ tagPatternList: ['prod', 'staging'], maxImageCount: 5 }] });
  Acknowledgements.of(policy).acknowledgeWarning('cdk-drydock:DD-LIFECYCLE-101');
  Annotations.fromStack(stack).hasNoWarning('/Shop/Retention', Match.anyValue());
});

describe('on repositories that CloudFormation manages', () => {
  test('the document goes into the native property, and the gate is asked first', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api', { repositoryName: 'shop/api' });
    const policy = new LifecyclePolicy(stack, 'Retention', { repository, rules: [{ maxImageCount: 5 }] });
    const native = only(stack, 'AWS::ECR::Repository');
    const gate = only(stack, 'Custom::DrydockPreviewGate');
    expect(JSON.parse(native.Properties.LifecyclePolicy.LifecyclePolicyText).rules).toHaveLength(1);
    expect(gate.Properties).toMatchObject({ RepositoryName: 'shop/api', LifecyclePolicyText: native.Properties.LifecyclePolicy.LifecyclePolicyText });
    expect(native.DependsOn).toEqual([gate.logicalId]);
    expect(resources(stack, TYPE)).toEqual({});
    expect(stack.resolve(policy.verdict)).toEqual({ 'Fn::GetAtt': [gate.logicalId, 'Verdict'] });
  });

  test('an L1 is enough', () => {
    const stack = stackOf();
    new LifecyclePolicy(stack, 'Retention', { repository: new ecr.CfnRepository(stack, 'Api'), rules: [{ maxImageCount: 5 }] });
    expect(only(stack, 'AWS::ECR::Repository').Properties.LifecyclePolicy).toBeDefined();
  });

  test('rules that the L2 gets later are not silently dropped', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api');
    new LifecyclePolicy(stack, 'Retention', { repository, rules: [{ maxImageCount: 5 }] });
    repository.addLifecycleRule({ maxImageCount: 99 });
    expect(() => Template.fromStack(stack)).toThrow(/\[Shop\/Retention\] DD-REPOSITORY-008/);
  });

  test('an override that would lose the rules is told', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api');
    new LifecyclePolicy(stack, 'Retention', { repository, rules: [{ maxImageCount: 5 }] });
    (repository.node.defaultChild as CfnResource).addPropertyOverride('LifecyclePolicy.LifecyclePolicyText', '{"rules":[]}');
    expect(() => Template.fromStack(stack)).toThrow(/\[Shop\/Retention\] DD-REPOSITORY-008/);
  });

  test('a token of another stack is imported from it, in the gate as in the repository', () => {
    const app = new App();
    const stack = stackOf('Shop', app);
    const tag = new CfnParameter(stackOf('Settings', app), 'Tag');
    new LifecyclePolicy(stack, 'Retention', { repository: new ecr.Repository(stack, 'Api'), rules: [{ tagPatternList: [tag.valueAsString], maxImageCount: 5 }] });
    const text = only(stack, 'AWS::ECR::Repository').Properties.LifecyclePolicy.LifecyclePolicyText;
    expect(JSON.stringify(text)).toContain('{"Fn::ImportValue":"Settings:');
    expect(only(stack, 'Custom::DrydockPreviewGate').Properties.LifecyclePolicyText).toEqual(text);
  });

  test('rules that are there already are not silently replaced', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api', { lifecycleRules: [{ maxImageCount: 99 }] });
    expect(codesOf(() => new LifecyclePolicy(stack, 'Retention', { repository, rules: [{ maxImageCount: 5 }] }))).toEqual(['DD-REPOSITORY-008']);
    new LifecyclePolicy(stack, 'Replacement', { repository, rules: [{ maxImageCount: 5 }], replaceExisting: true });
    expect(only(stack, 'AWS::ECR::Repository').Properties.LifecyclePolicy.LifecyclePolicyText).toContain('"countNumber":5');
  });
});

describe('one repository has one lifecycle policy', () => {
  const rules = [{ maxImageCount: 5 }];

  test('a second one is refused and named, whatever the repository is', () => {
    const stack = stackOf();
    const own = new Repository(stack, 'Own', { repositoryName: 'shop/own', lifecycleRules: rules });
    expect(() => new LifecyclePolicy(stack, 'Second', { repository: own, rules })).toThrow(/^Shop\/Second: .*\n.*DD-REPOSITORY-008 at Shop\/Own\/LifecyclePolicy/);
    const named = Repository.fromRepositoryName(stack, 'Named', 'shop/own');
    expect(codesOf(() => new LifecyclePolicy(stack, 'Third', { repository: named, rules }))).toEqual(['DD-REPOSITORY-008']);
    const native = new ecr.CfnRepository(stack, 'Native');
    new LifecyclePolicy(stack, 'Fourth', { repository: native, rules });
    expect(codesOf(() => new LifecyclePolicy(stack, 'Fifth', { repository: native, rules, replaceExisting: true }))).toEqual(['DD-REPOSITORY-008']);
  });

  test('in any stack of the same account and region, and in no other', () => {
    const app = new App();
    const put = (stack: Stack) => new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules });
    put(stackOf('One', app));
    put(new Stack(app, 'OtherRegion', { env: { ...ENV, region: 'eu-west-1' } }));
    put(new Stack(app, 'Agnostic'));
    put(new Stack(app, 'AgnosticToo'));
    expect(codesOf(() => put(stackOf('Two', app)))).toEqual(['DD-REPOSITORY-008']);
  });
});

describe('repositories of this library in other stacks', () => {
  const repositoryIn = (app: App) => new Repository(stackOf('Shop', app), 'Api', { repositoryName: 'shop/api' });

  test('of another account carry its registry', () => {
    const app = new App();
    const stack = new Stack(app, 'Other', { env: { ...ENV, account: '210987654321' } });
    new LifecyclePolicy(stack, 'Retention', { repository: repositoryIn(app), rules: [{ maxImageCount: 5 }] });
    expect(only(stack, TYPE).Properties).toMatchObject({ RepositoryName: 'shop/api', RegistryId: ENV.account });
    expect(JSON.stringify(permissions(stack))).toContain(':123456789012:repository/shop/api');
  });

  test('of another region fail loudly', () => {
    const app = new App();
    const stack = new Stack(app, 'Other', { env: { ...ENV, region: 'eu-west-1' } });
    expect(codesOf(() => new LifecyclePolicy(stack, 'Retention', { repository: repositoryIn(app), rules: [{ maxImageCount: 5 }] }))).toEqual(['DD-REPOSITORY-006']);
  });
});

describe('permissions', () => {
  test('name the repository and the operations used, nothing wider', () => {
    const stack = stackOf();
    new LifecyclePolicy(stack, 'Retention', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [{ maxImageCount: 5 }] });
    const all = permissions(stack);
    expect(all.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
    expect(JSON.stringify(all)).not.toContain('"*"');
    expect(all.flatMap(({ Action }) => Action)).toEqual(expect.arrayContaining(['ecr:PutLifecyclePolicy', 'ecr:StartLifecyclePolicyPreview']));
  });

  test('without a gate nothing is previewed and the permission for it is not asked for', () => {
    const stack = stackOf();
    new LifecyclePolicy(stack, 'Retention', {
      repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [{ maxImageCount: 5 }], previewGate: PreviewGate.off(),
    });
    expect(only(stack, TYPE).Properties.PreviewGate).toBe('off');
    expect(permissions(stack).flatMap(({ Action }) => Action)).not.toContain('ecr:StartLifecyclePolicyPreview');
  });

  test('a preview alone can change nothing', () => {
    const stack = stackOf();
    new LifecyclePolicyPreview(stack, 'Preview', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), rules: [{ maxImageCount: 5 }] });
    expect(permissions(stack).flatMap(({ Action }) => Action).filter((action) => /:(Put|Set|Delete|Create|Tag|Untag|Batch)/.test(action))).toEqual([]);
  });
});
