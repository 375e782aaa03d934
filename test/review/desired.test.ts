import { App, aws_ecr as ecr, aws_iam as iam, CfnCondition, CfnOutput, CfnParameter, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { appOf, nativeRepository, ownPolicy, removeAppFolders, writeApp } from './apps';
import { DesiredApp, DesiredOptions, readDesired, textOf, unresolvedIn } from '../../src/review/desired';
import { LifecyclePolicy, Repository } from 'cdk-drydock';

afterAll(removeAppFolders);

const read = (build: (app: App) => void, options: DesiredOptions = {}) => readDesired(appOf(build), options);
const find = (app: DesiredApp, constructPath: string) => {
  const found = app.stacks.flatMap(({ resources }) => resources).find(({ at }) => at.constructPath === constructPath);
  if (found === undefined) {
    throw new Error(`${constructPath} is not among ${app.stacks.flatMap(({ resources }) => resources.map(({ at }) => at.constructPath)).join(', ')}`);
  }
  return found;
};
const text = (app: DesiredApp, constructPath: string, property = 'RepositoryName') => textOf(find(app, constructPath), property);
const hangs = (app: DesiredApp, constructPath: string, pointer = '/RepositoryName') => unresolvedIn(find(app, constructPath), pointer)?.hangsOn;
const ENV = { account: '123456789012', region: 'eu-west-1' };

describe('what an app says', () => {
  const app = read((root) => {
    const stack = new Stack(root, 'Shop');
    new ecr.Repository(stack, 'Web', { repositoryName: 'shop/web', lifecycleRules: [{ maxImageCount: 5 }] });
    const own = new Repository(stack, 'Api', { repositoryName: 'shop/api' });
    new LifecyclePolicy(stack, 'Retention', { repository: own, rules: [{ maxImageCount: 3 }] });
    new ecr.CfnRepositoryCreationTemplate(stack, 'Cache', { prefix: 'docker-hub', appliedFor: ['PULL_THROUGH_CACHE'] });
    const nested = new NestedStack(stack, 'Inner');
    new ecr.Repository(new NestedStack(nested, 'Deeper'), 'Db', { repositoryName: 'shop/db' });
    new ecr.Repository(new Stack(new Stage(root, 'Prod', { env: ENV }), 'Eu'), 'Web', { repositoryName: 'shop/web' });
  });

  test('has every stack and stage, nested ones behind the stack that holds them', () => {
    expect(app.stacks.map(({ displayName, stackName }) => `${displayName} ${stackName}`)).toEqual(['Prod/Eu Prod-Eu', 'Shop Shop', 'Shop/Inner Shop', 'Shop/Inner/Deeper Shop']);
    expect(app.findings).toEqual([]);
  });

  test('names resources by construct path, stack, logical id and template file', () => {
    expect(find(app, 'Prod/Eu/Web')).toMatchObject({
      at: { stackName: 'Prod-Eu', resourceType: 'AWS::ECR::Repository', templateFile: expect.stringMatching(/^assembly-Prod\/.*\.template\.json$/) as string }, ...ENV,
      deletionPolicy: 'Retain', updateReplacePolicy: 'Retain',
    });
    expect(find(app, 'Shop/Inner/Deeper/Db').at).toMatchObject({ logicalId: expect.stringMatching(/^Db/) as string, templateFile: expect.stringMatching(/\.nested\.template\.json$/) as string });
    expect(find(app, 'Shop/Cache').type).toBe('AWS::ECR::RepositoryCreationTemplate');
  });

  test('leaves out what makes a custom resource go', () => {
    expect(Object.keys(find(app, 'Shop/Retention').properties)).toEqual(expect.not.arrayContaining(['ServiceToken', 'ServiceTimeout']));
    expect(find(app, 'Shop/Retention').unresolved).toEqual([]);
  });

  test('follows references to repositories that the app names', () => {
    expect(text(app, 'Shop/Retention')).toBe('shop/api');
  });
});

describe('names', () => {
  const build = (root: App) => {
    const stack = new Stack(root, 'Shop', { env: ENV });
    const stage = new CfnParameter(stack, 'Stage', { default: 'dev' });
    const open = new CfnParameter(stack, 'Open');
    const stored = new CfnParameter(stack, 'Stored', { type: 'AWS::SSM::Parameter::Value<String>', default: '/names/api' });
    const native = (id: string, repositoryName: string) => new ecr.CfnRepository(stack, id, { repositoryName });
    native('ByDefault', `shop/${stage.valueAsString}`);
    native('ByOpen', `shop/${open.valueAsString}`);
    native('ByStored', stored.valueAsString);
    native('Ssm', 'x-{{resolve:ssm:/names/web}}');
    native('Split', Fn.select(1, Fn.split('/', 'a/shop-split')));
    native('Region', Fn.sub('shop/${AWS::Region}-${AWS::AccountId}'));
    native('Imported', Fn.importValue('SharedName'));
    native('Nobody', Fn.importValue('NobodyMakesIt'));
    native('Own', Fn.importValue('OwnName'));
    const nested = new NestedStack(stack, 'Inner', { parameters: { Name: `nested-${stage.valueAsString}` } });
    const name = new CfnParameter(nested, 'Name');
    const inner = new ecr.CfnRepository(nested, 'Inner', { repositoryName: name.valueAsString });
    native('FromNested', inner.ref);
    const other = new Stack(root, 'Other', { env: ENV });
    new CfnOutput(other, 'Out', { value: 'shop/exported', exportName: 'SharedName' });
    new CfnOutput(other, 'Out2', { value: new ecr.CfnRepository(other, 'R', { repositoryName: 'shop/other' }).ref, exportName: 'OwnName' });
    const abroad = new Stack(root, 'Abroad', { env: { ...ENV, region: 'us-east-1' } });
    new CfnOutput(abroad, 'Out', { value: 'wrong', exportName: 'NobodyMakesIt' });
  };
  const app = read(build);

  test.each([
    ['Shop/ByDefault', 'shop/dev'],
    ['Shop/Split', 'shop-split'],
    ['Shop/Region', 'shop/eu-west-1-123456789012'],
    ['Shop/Imported', 'shop/exported'],
    ['Shop/Own', 'shop/other'],
    ['Shop/Inner/Inner', 'nested-dev'],
    ['Shop/FromNested', 'nested-dev'],
  ])('%s is %s', (constructPath, name) => {
    expect(text(app, constructPath)).toBe(name);
  });

  test.each([
    ['Shop/ByOpen', 'parameter', 'Open'],
    ['Shop/ByStored', 'parameter', 'Stored'],
    ['Shop/Ssm', 'dynamic-reference', '{{resolve:ssm:/names/web}}'],
    ['Shop/Nobody', 'import', 'NobodyMakesIt'],
  ])('%s hangs on the %s %s', (constructPath, kind, name) => {
    expect(text(app, constructPath)).toBeUndefined();
    expect(hangs(app, constructPath)).toMatchObject({ kind, name });
  });

  test('what was resolved with a default says so, through nested stacks too', () => {
    expect(find(app, 'Shop/ByDefault').assumed).toEqual({ RepositoryName: ['Shop:Stage'] });
    expect(find(app, 'Shop/Inner/Inner').assumed).toEqual({ RepositoryName: ['Shop:Stage'] });
    expect(find(app, 'Shop/Split').assumed).toEqual({});
  });

  test('a value that is given goes before the default, and that of one stack before that of all', () => {
    const given = read(build, { parameters: { 'Stage': 'qa', 'Shop:Open': 'sesame', 'Open': 'other' } });
    expect(text(given, 'Shop/ByDefault')).toBe('shop/qa');
    expect(text(given, 'Shop/ByOpen')).toBe('shop/sesame');
    expect(find(given, 'Shop/ByDefault').assumed).toEqual({});
  });
});

describe('what is deployed', () => {
  const build = (root: App) => {
    const stack = new Stack(root, 'Shop', { env: ENV });
    const stage = new CfnParameter(stack, 'Stage', { default: 'dev' });
    const stored = new CfnParameter(stack, 'Stored', { type: 'AWS::SSM::Parameter::Value<String>', default: '/names/api' });
    const made = new ecr.CfnRepository(stack, 'Made');
    new ecr.CfnRepository(stack, 'Param', { repositoryName: `shop/${stage.valueAsString}` });
    new ecr.CfnRepository(stack, 'ByStored', { repositoryName: stored.valueAsString });
    new LifecyclePolicy(stack, 'Retention', { repository: ecr.Repository.fromRepositoryName(stack, 'I', made.ref), rules: [{ maxImageCount: 3 }] });
    new ecr.CfnRepository(stack, 'Fresh');
    const role = new iam.CfnRole(stack, 'Role', { assumeRolePolicyDocument: {}, path: '/ci/' });
    new ecr.CfnRepository(stack, 'Shared', { repositoryPolicyText: { Statement: [{ Principal: { AWS: role.attrArn } }] } });
    new ecr.CfnRepository(stack, 'Imported', { repositoryName: Fn.importValue('FromElsewhere') });
  };
  const stack = {
    stackName: 'Shop', stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/Shop/1', status: 'UPDATE_COMPLETE', outputs: {},
    parameters: { Stage: 'prod', Stored: 'shop/stored' },
    resources: { Made: { type: 'AWS::ECR::Repository', physicalId: 'shop-made-x1' }, Role: { type: 'AWS::IAM::Role', physicalId: 'shop-Role-1' } },
  };
  const deployed = (found: typeof stack | undefined) => ({ environments: new Map([['123456789012/eu-west-1', { stacks: new Map([['Shop', found]]), exports: { FromElsewhere: 'shop/elsewhere' } }]]) });
  const app = read(build, { deployed: deployed(stack) });

  test('gives generated names, the parameters of the stack, stored parameters and exports of others', () => {
    expect(text(app, 'Shop/Retention')).toBe('shop-made-x1');
    expect(text(app, 'Shop/Param')).toBe('shop/prod');
    expect(find(app, 'Shop/Param').assumed).toEqual({});
    expect(text(app, 'Shop/ByStored')).toBe('shop/stored');
    expect(text(app, 'Shop/Imported')).toBe('shop/elsewhere');
    expect(find(app, 'Shop/Shared').properties.RepositoryPolicyText).toEqual({ Statement: [{ Principal: { AWS: 'arn:aws:iam::123456789012:role/ci/shop-Role-1' } }] });
  });

  test('tells what is new', () => {
    expect(find(app, 'Shop/Made').deployed).toEqual({ type: 'AWS::ECR::Repository', physicalId: 'shop-made-x1' });
    expect(find(app, 'Shop/Fresh').deployed).toBe('none');
    expect(find(read(build, { deployed: deployed(undefined) }), 'Shop/Made').deployed).toBe('none');
    expect(find(read(build), 'Shop/Made').deployed).toBeUndefined();
  });
});

describe('conditions', () => {
  const build = (root: App) => {
    const stack = new Stack(root, 'Shop');
    const stage = new CfnParameter(stack, 'Stage');
    const isProd = new CfnCondition(stack, 'IsProd', { expression: Fn.conditionEquals(stage, 'prod') });
    new ecr.CfnRepository(stack, 'Only', { repositoryName: 'only' }).cfnOptions.condition = isProd;
    new ecr.CfnRepository(stack, 'Named', { repositoryName: Fn.conditionIf('IsProd', 'big', 'small').toString() });
  };

  test('that hold or not decide', () => {
    const [prod, dev] = ['prod', 'dev'].map((value) => read(build, { parameters: { Stage: value } }));
    expect(text(prod, 'Shop/Only')).toBe('only');
    expect(text(prod, 'Shop/Named')).toBe('big');
    expect(dev.stacks.flatMap(({ resources }) => resources.map(({ at }) => at.constructPath))).toEqual(['Shop/Named']);
    expect(text(dev, 'Shop/Named')).toBe('small');
  });

  test('that nobody can decide are said, and nothing is skipped', () => {
    const app = read(build);
    expect(find(app, 'Shop/Only').undecidedCondition).toBe('IsProd');
    expect(hangs(app, 'Shop/Named')).toMatchObject({ kind: 'condition', name: 'IsProd', text: expect.stringContaining('the parameter Stage, which has no value') as string });
  });
});

describe('apps that are not in order', () => {
  test('a stack that cannot be read is a finding, and the others are read', () => {
    const app = readDesired(writeApp({
      Good: { Resources: { R: nativeRepository({ RepositoryName: 'good' }) } },
      Odd: { Resources: { R: ownPolicy({ RepositoryName: { 'Fn::Magic': 'x' } }) } },
      Macro: { Transform: 'AWS::Serverless-2016-10-31', Resources: { R: nativeRepository() } },
      Cut: '{"Resources": {"R": ',
      Empty: { Resources: {} },
    }));
    expect(app.stacks.map(({ stackName }) => stackName)).toEqual(['Good']);
    expect(app.findings.map(({ code, effect }) => `${code} ${effect}`).sort()).toEqual(['DD-ASSEMBLY-001 undetermined', 'DD-ASSEMBLY-003 undetermined', 'DD-ASSEMBLY-004 undetermined']);
  });

  test('a stack that nobody asked for is no finding', () => {
    const directory = writeApp({ Good: { Resources: { R: nativeRepository() } }, Cut: '{' });
    expect(readDesired(directory, { stacks: ['Goo*'] }).findings).toEqual([]);
    expect(() => readDesired(directory, { stacks: ['Nothing'] })).toThrow(/DD-ASSEMBLY-002.*Good, Cut/s);
  });

  test('values that hang on themselves are known to nobody', () => {
    const circle = { R: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: { Ref: 'Q' } } }, Q: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: { Ref: 'R' } } } };
    const app = readDesired(writeApp({ S: { Resources: circle } }));
    expect(app.stacks[0].resources.map((resource) => unresolvedIn(resource, '/RepositoryName')?.hangsOn.kind)).toEqual(['resource', 'resource']);
  });

  test('a mapping or index that is not there leaves the value open, with the words of CloudFormation', () => {
    const app = readDesired(writeApp({ S: { Mappings: { M: { a: { b: 'x' } } }, Resources: { R: nativeRepository({ RepositoryName: { 'Fn::FindInMap': ['M', 'a', 'c'] } }) } } }));
    expect(app.stacks[0].resources[0].unresolved).toEqual([expect.objectContaining({ pointer: '/RepositoryName', hangsOn: expect.objectContaining({ kind: 'function' }) as object })]);
  });
});
