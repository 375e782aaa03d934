import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, aws_ecr as ecr, aws_iam as iam, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { ENV } from './support';
import { DrydockValidation, DrydockValidationProps, LifecyclePolicy, PreviewGate, Repository, RepositoryPolicy } from '../../src';

const NO_IMAGES = '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":0},"action":{"type":"expire"}}]}';
const RULES = [{ maxImageCount: 5 }];
const everybody = () => new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['ecr:BatchGetImage'] });

let directory: string;
let environment: NodeJS.ProcessEnv;
let printed: jest.SpyInstance;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drydock-validation-'));
  environment = { ...process.env };
  // From aws-cdk-lib 2.263 on, this switch turns plugins off; these tests want them.
  delete process.env.CDK_VALIDATION;
  printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(() => {
  printed.mockRestore();
  process.env = environment;
  process.exitCode = undefined;
  rmSync(directory, { recursive: true, force: true });
});

interface Reported {
  readonly success: boolean;
  readonly rules: string[];
  readonly exitCode: unknown;
}

/** What a real synthesis reports: rule, severity, construct path and location. */
function synthesized(build: (app: App) => void, props?: DrydockValidationProps): Reported {
  const app = new App({ outdir: join(directory, 'cdk.out') });
  Validations.of(app).addPlugins(new DrydockValidation(props));
  build(app);
  app.synth();
  const file = ['validation-report.json', 'policy-validation-report.json'].map((name) => join(directory, 'cdk.out', name)).find((name) => existsSync(name));
  const { pluginReports } = JSON.parse(readFileSync(file as string, 'utf8'));
  const ours = pluginReports.find((report: any) => (report.summary?.pluginName ?? report.pluginName) === 'cdk-drydock');
  return {
    // A report without violations is left out of the file.
    success: ours === undefined ? printed.mock.calls.flat().join().includes('Performing Policy Validations') : (ours.summary?.status ?? ours.conclusion) === 'success',
    rules: (ours?.violations ?? []).flatMap((violation: any) => violation.violatingConstructs.map((construct: any) =>
      [violation.ruleName, violation.severity, construct.constructPath, ...construct.locations ?? []].join(' '))).sort(),
    exitCode: process.exitCode,
  };
}

const stackIn = (scope: App | Stage, name = 'Shop') => new Stack(scope, name, { env: ENV });

test('an app that is sound is reported as a success', () => {
  const { success, rules, exitCode } = synthesized((app) => {
    const stack = stackIn(app);
    new ecr.Repository(stack, 'Native', { repositoryName: 'shop/native', lifecycleRules: RULES });
    new Repository(stack, 'Ours', { repositoryName: 'shop/ours', lifecycleRules: RULES });
    PreviewGate.protect(app);
  });
  expect({ success, rules, exitCode }).toEqual({ success: true, rules: [], exitCode: undefined });
});

test('what ECR would refuse in native resources fails the synthesis, with the construct and the place', () => {
  const { success, rules, exitCode } = synthesized((app) => {
    const stack = stackIn(app);
    new ecr.CfnRepository(stack, 'Bad', { lifecyclePolicy: { lifecyclePolicyText: NO_IMAGES } });
    new ecr.CfnRepositoryCreationTemplate(stack, 'Template', { prefix: 'hub', appliedFor: ['PULL_THROUGH_CACHE'], lifecyclePolicy: NO_IMAGES });
    new ecr.CfnRepository(stack, 'Typo', { repositoryPolicyText: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImages' }] } });
    new ecr.CfnRepository(stack, 'NoPolicy', { repositoryPolicyText: {} });
    PreviewGate.protect(app);
  });
  expect(success).toBe(false);
  expect(exitCode).toBe(1);
  expect(rules).toEqual([
    'DD-ACCESS-001 error Shop/NoPolicy Properties/RepositoryPolicyText/Statement',
    'DD-ACCESS-007 error Shop/Typo Properties/RepositoryPolicyText/Statement/0/Action',
    'DD-ACCESS-101 warning Shop/Typo Properties/RepositoryPolicyText/Statement/0/Principal',
    'DD-LIFECYCLE-014 error Shop/Bad Properties/LifecyclePolicy/LifecyclePolicyText/rules/0/selection/countNumber',
    'DD-LIFECYCLE-014 error Shop/Template Properties/LifecyclePolicy/rules/0/selection/countNumber',
  ]);
});

test('warnings are reported and fail only a strict synthesis', () => {
  const build = (app: App) => {
    new ecr.Repository(stackIn(app), 'Api', { lifecycleRules: RULES });
  };
  expect(synthesized(build)).toEqual({ success: true, rules: ['DD-REVIEW-232 warning Shop/Api/Resource Properties/LifecyclePolicy'], exitCode: undefined });
  expect(synthesized(build, { strict: true })).toMatchObject({ success: false, exitCode: 1 });
});

describe('resources that get into each other\'s way are found across stacks and stages', () => {
  test.each<[string, (app: App) => void, string]>([
    ['two lifecycle policies', (app) => {
      const [one, two] = [stackIn(app), stackIn(app, 'Other')];
      new ecr.Repository(one, 'Api', { repositoryName: 'shop/api', lifecycleRules: RULES });
      new LifecyclePolicy(two, 'Again', { repository: Repository.fromRepositoryName(two, 'R', 'shop/api'), rules: RULES });
    }, 'DD-REVIEW-230 error Other/Again/Resource/Default'],
    ['a lifecycle policy beside a native repository', (app) => {
      const [one, two] = [stackIn(app), stackIn(app, 'Other')];
      new ecr.Repository(one, 'Api', { repositoryName: 'shop/api' });
      new LifecyclePolicy(two, 'Beside', { repository: Repository.fromRepositoryName(two, 'R', 'shop/api'), rules: RULES });
    }, 'DD-REVIEW-231 warning Other/Beside/Resource/Default'],
    ['statements beside a native policy', (app) => {
      const [one, two] = [stackIn(app), stackIn(new Stage(app, 'Prod', { env: ENV }), 'Other')];
      new ecr.Repository(one, 'Api', { repositoryName: 'shop/api' }).addToResourcePolicy(new iam.PolicyStatement({
        principals: [new iam.AccountPrincipal('210987654321')], actions: ['ecr:BatchGetImage'],
      }));
      new RepositoryPolicy(two, 'Access', {
        repository: Repository.fromRepositoryName(two, 'R', 'shop/api'),
        statements: [new iam.PolicyStatement({ principals: [new iam.AccountPrincipal('333344445555')], actions: ['ecr:BatchGetImage'] })],
      });
    }, 'DD-REVIEW-226 error Prod/Other/Access/Resource/Default'],
    ['one repository made twice', (app) => {
      new ecr.Repository(stackIn(app), 'Api', { repositoryName: 'shop/api' });
      new Repository(stackIn(app, 'Other'), 'Api', { repositoryName: 'shop/api' });
    }, 'DD-REVIEW-214 error Other/Api/Resource/Default Properties/RepositoryName'],
  ])('%s', (_, build, expected) => {
    const { rules } = synthesized((app) => {
      build(app);
      PreviewGate.protect(app);
    });
    expect(rules).toEqual([expected]);
  });

  test('the same names in different environments are different repositories', () => {
    const { rules } = synthesized((app) => {
      new ecr.Repository(stackIn(app), 'Api', { repositoryName: 'shop/api' });
      new ecr.Repository(new Stack(app, 'There', { env: { ...ENV, region: 'eu-west-1' } }), 'Api', { repositoryName: 'shop/api' });
    });
    expect(rules).toEqual([]);
  });
});

test('nested stacks and stages are looked into, each with its own path', () => {
  const { rules } = synthesized((app) => {
    new ecr.Repository(new NestedStack(stackIn(app), 'Deep'), 'Inside', { lifecycleRules: RULES });
    new ecr.Repository(stackIn(new Stage(app, 'Prod', { env: ENV })), 'Staged', { lifecycleRules: RULES });
  });
  expect(rules).toEqual([
    'DD-REVIEW-232 warning Prod/Shop/Staged/Resource Properties/LifecyclePolicy',
    'DD-REVIEW-232 warning Shop/Deep/Inside/Resource Properties/LifecyclePolicy',
  ]);
});

test('a plugin of one stage looks at that stage only', () => {
  const { rules } = synthesized((app) => {
    new ecr.Repository(stackIn(new Stage(app, 'Prod', { env: ENV })), 'Staged', { lifecycleRules: RULES });
  });
  expect(rules).toHaveLength(1);
  const app = new App({ outdir: join(directory, 'staged') });
  const [watched, other] = ['Watched', 'Other'].map((name) => new Stage(app, name, { env: ENV }));
  [watched, other].forEach((stage) => new ecr.Repository(stackIn(stage), 'Api', { lifecycleRules: RULES }));
  const plugin = new DrydockValidation();
  const seen = jest.spyOn(plugin, 'validate');
  Validations.of(watched).addPlugins(plugin);
  app.synth();
  const reported = seen.mock.results.flatMap(({ value }) => value.violations.flatMap((violation: any) => violation.violatingResources));
  expect(reported.map(({ templatePath }: any) => templatePath)).toEqual([expect.stringContaining('assembly-Watched')]);
});

test('what this library\'s constructs warn of is not reported again', () => {
  const { rules } = synthesized((app) => {
    const stack = stackIn(app);
    new RepositoryPolicy(stack, 'Public', { repository: Repository.fromRepositoryName(stack, 'R', 'shop/api'), statements: [everybody()] });
    new LifecyclePolicy(stack, 'Unseen', { repository: Repository.fromRepositoryName(stack, 'S', 'shop/s'), rules: RULES, previewGate: PreviewGate.off() });
  });
  expect(rules).toEqual(['DD-REVIEW-232 warning Shop/Unseen/Resource/Default Properties/PreviewGate']);
});

test('an acknowledged rule is left out', () => {
  const { rules } = synthesized((app) => {
    new ecr.Repository(stackIn(app), 'Api', { lifecycleRules: RULES });
    Validations.of(app).acknowledge({ id: 'cdk-drydock::DD-REVIEW-232', reason: 'nothing is in it yet' });
  });
  expect(rules).toEqual([]);
});

test('a template that cannot be found is said', () => {
  expect(() => new DrydockValidation().validate({ templatePaths: [join(directory, 'x.template.json')] } as any)).toThrow(/DD-ASSEMBLY-001/);
});

describe('the CDK CLI', () => {
  const cdk = (variant: string) => spawnSync(process.execPath, [
    require.resolve('aws-cdk/bin/cdk'), 'synth', '--quiet', '--no-notices', '--output', join(directory, 'out'),
    '--app', `${process.execPath} -r ts-node/register/transpile-only -r tsconfig-paths/register ${join(__dirname, 'fixtures', 'validated-app.ts')}`,
  ], {
    cwd: join(__dirname, '..', '..'), encoding: 'utf8',
    env: {
      PATH: process.env.PATH, HOME: directory, TS_NODE_PROJECT: 'tsconfig.dev.json', DRYDOCK_TEST_VARIANT: variant, CDK_DISABLE_VERSION_CHECK: '1', CDK_DISABLE_CLI_TELEMETRY: 'true',
      AWS_EC2_METADATA_DISABLED: 'true', JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20', NO_COLOR: '1', FORCE_COLOR: '0',
    },
  });

  test('stops at what the plugin reports, and shows where it is', () => {
    const { status, stdout, stderr } = cdk('careless');
    expect(stdout + stderr).toMatch(/DD-ACCESS-007[\s\S]*Shop\/Api[\s\S]*Did you mean ecr:BatchGetImage\?/);
    expect(status).not.toBe(0);
  });

  test('goes on where there is nothing to report', () => {
    const { status, stdout, stderr } = cdk('clean');
    expect({ status, said: /DD-[A-Z]+-\d/.test(stdout + stderr) }).toEqual({ status: 0, said: false });
  });
});
