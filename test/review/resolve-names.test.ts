import { App, aws_ecr as ecr, CfnParameter, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { appOf, removeAppFolders } from './apps';
import { ScriptedCloudFormation, ScriptedStack } from './cloudformation';
import { DeployedStacks } from '../../src/ecr/deployed';
import { readDesired } from '../../src/review/desired';
import { desiredPolicies } from '../../src/review/policies';
import { readResolved } from '../../src/review/resolve-names';

afterAll(removeAppFolders);

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop();
  }
});

async function account(stacks: readonly ScriptedStack[], exported: Readonly<Record<string, string>> = {}) {
  const cloudFormation = new ScriptedCloudFormation(stacks, exported);
  const endpoint = await cloudFormation.start();
  const names = new DeployedStacks({ endpoint, region: 'us-east-1' });
  stops.push(() => cloudFormation.stop(), () => names.close());
  return { cloudFormation, names };
}

const keep = [{ maxImageCount: 3 }];
const arn = (name: string) => `arn:aws:cloudformation:us-east-1:123456789012:stack/${name}/1`;
const idOf = (app: string, constructPath: string) => readDesired(app).stacks.flatMap(({ resources }) => resources)
  .find(({ at }) => at.constructPath === constructPath)!.at.logicalId;
const found = async (app: string, names: DeployedStacks | undefined) => {
  const resolved = await readResolved(app, {}, names);
  return {
    policies: desiredPolicies(resolved.app).map(({ name, isNew, at }) => `${at.constructPath} ${name ?? (isNew ? 'new' : '?')}`),
    findings: resolved.findings.map(({ code, effect, message }) => ({ code, effect, message })),
  };
};

describe('names that only the deployed stack has', () => {
  const app = () => appOf((root: App) => {
    const stack = new Stack(root, 'Shop');
    new ecr.Repository(stack, 'Made', { lifecycleRules: keep });
    const nested = new NestedStack(stack, 'Inner');
    new ecr.Repository(new NestedStack(nested, 'Deeper'), 'Db', { lifecycleRules: keep });
  });

  test('are found by logical id, in nested stacks too', async () => {
    const folder = app();
    const { stacks } = readDesired(folder);
    const [inner, deeper] = [stacks[1].nestedIn!.logicalId, stacks[2].nestedIn!.logicalId];
    const { names } = await account([
      { stackName: 'Shop', stackId: arn('Shop'), resources: { [idOf(folder, 'Shop/Made')]: ['AWS::ECR::Repository', 'shop-made-1'], [inner]: ['AWS::CloudFormation::Stack', arn('Shop-Inner')] } },
      { stackName: 'Shop-Inner', stackId: arn('Shop-Inner'), resources: { [deeper]: ['AWS::CloudFormation::Stack', arn('Shop-Deeper')] } },
      { stackName: 'Shop-Deeper', stackId: arn('Shop-Deeper'), resources: { [idOf(folder, 'Shop/Inner/Deeper/Db')]: ['AWS::ECR::Repository', 'shop-db-1'] } },
    ]);
    expect(await found(folder, names)).toEqual({ policies: ['Shop/Made shop-made-1', 'Shop/Inner/Deeper/Db shop-db-1'], findings: [] });
  });

  test('of a stack that is not there yet are new', async () => {
    const { names, cloudFormation } = await account([]);
    expect(await found(app(), names)).toEqual({ policies: ['Shop/Made new', 'Shop/Inner/Deeper/Db new'], findings: [] });
    expect(cloudFormation.calls).toEqual(['DescribeStacks Shop']);
  });

  test('stay open where nobody may ask, which is said once for each stack', async () => {
    const { names, cloudFormation } = await account([]);
    cloudFormation.denied = true;
    const { policies, findings } = await found(app(), names);
    expect(policies).toEqual(['Shop/Made ?', 'Shop/Inner/Deeper/Db ?']);
    expect(findings).toEqual([{ code: 'DD-REVIEW-017', effect: 'undetermined', message: expect.stringContaining('the stack Shop: cloudformation:DescribeStacks is not allowed') as string }]);
    expect(cloudFormation.calls).toEqual(['DescribeStacks Shop']);
  });
});

test('an app that names everything asks nobody', async () => {
  const { names, cloudFormation } = await account([]);
  const folder = appOf((root: App) => void new ecr.Repository(new Stack(root, 'Shop'), 'Web', { repositoryName: 'shop/web', lifecycleRules: keep }));
  expect(await found(folder, names)).toEqual({ policies: ['Shop/Web shop/web'], findings: [] });
  expect(cloudFormation.calls).toEqual([]);
});

test('the parameter of a deployed stack goes before the default, which counts where there is no stack', async () => {
  const folder = appOf((root: App) => {
    const stack = new Stack(root, 'Shop');
    new ecr.Repository(stack, 'Web', { repositoryName: `shop/${new CfnParameter(stack, 'Stage', { default: 'dev' }).valueAsString}`, lifecycleRules: keep });
  });
  const deployed = await account([{ stackName: 'Shop', stackId: arn('Shop'), parameters: { Stage: 'prod' } }]);
  expect(await found(folder, deployed.names)).toEqual({ policies: ['Shop/Web shop/prod'], findings: [] });
  expect(await found(folder, (await account([])).names)).toEqual({ policies: ['Shop/Web shop/dev'], findings: [] });
  // Offline nobody knows which of the two it is.
  expect(await found(folder, undefined)).toEqual({ policies: ['Shop/Web shop/dev'], findings: [{ code: 'DD-REVIEW-018', message: expect.stringContaining('The default of Stage was taken') as string }] });
});

test('exports of stacks outside the app are looked up in the account', async () => {
  const folder = appOf((root: App) => void new ecr.Repository(new Stack(root, 'Shop'), 'Web', { repositoryName: Fn.importValue('SharedName'), lifecycleRules: keep }));
  const { names, cloudFormation } = await account([], { SharedName: 'shop/shared' });
  expect(await found(folder, names)).toEqual({ policies: ['Shop/Web shop/shared'], findings: [] });
  expect(cloudFormation.calls).toEqual(['DescribeStacks Shop', 'ListExports']);
});
