import { Annotations as Acknowledgements, App, aws_ecr as ecr, aws_iam as iam, CfnParameter, CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { codesOf, ENV, only, stackOf } from './support';
import { Repository, RepositoryPolicy } from '../../src';

const TYPE = 'Custom::DrydockRepositoryPolicy';
const pull = (sid?: string) => new iam.PolicyStatement({ sid, actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], principals: [new iam.AccountPrincipal('210987654321')] });

function policy(statements: iam.PolicyStatement[], stack = stackOf()) {
  return new RepositoryPolicy(stack, 'Access', { repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), statements });
}

function sids(stack: Stack): string[] {
  return only(stack, TYPE).Properties.Statements.map(({ Sid }: { Sid: string }) => Sid);
}

describe('Sids', () => {
  test('a given one stays, a missing one is made: the same in every synth, legal, and no other stack\'s', () => {
    const of = (name: string) => {
      const stack = stackOf(name);
      policy([pull('Mine'), pull(), pull()], stack);
      return sids(stack);
    };
    const [mine, ...made] = of('Shop');
    expect(mine).toBe('Mine');
    expect(new Set(made).size).toBe(2);
    made.forEach((sid) => expect(sid).toMatch(/^[A-Za-z0-9]+$/));
    expect(of('Shop').slice(1)).toEqual(made);
    expect(of('Other').slice(1).filter((sid) => made.includes(sid))).toEqual([]);
  });

  test('the same construct in two stages has different ones', () => {
    const app = new App();
    const stacks = ['Beta', 'Prod'].map((name) => new Stack(new Stage(app, name), 'Shop', { env: ENV }));
    stacks.forEach((stack) => policy([pull()], stack));
    const made = stacks.flatMap(sids);
    expect(new Set(made).size).toBe(2);
  });
});

describe('one stack, deployed into several accounts, that share a repository', () => {
  const shared = (stack: Stack) => new RepositoryPolicy(stack, 'Access', {
    repository: Repository.fromRepositoryArn(stack, 'Api', 'arn:aws:ecr:us-east-1:999999999999:repository/shop/api'), statements: [pull()],
  });

  test('has Sids of its own in each, when the accounts are known', () => {
    const made = ['111111111111', '222222222222'].flatMap((account) => {
      const stack = new Stack(new App(), 'Shop', { env: { account, region: 'us-east-1' } });
      shared(stack);
      return sids(stack);
    });
    expect(new Set(made).size).toBe(2);
  });

  test('and when they are known at deployment only', () => {
    const stack = new Stack(new App(), 'Shop');
    shared(stack);
    expect(sids(stack)).toEqual([{ 'Fn::Join': ['', [expect.stringMatching(/^Drydock[0-9a-f]{12}x$/), { Ref: 'AWS::AccountId' }, 'x0']] }]);
  });
});

describe('bad statements are refused at synth', () => {
  test('also those that became bad after they were added', () => {
    const stack = stackOf();
    const statement = pull();
    policy([statement], stack);
    statement.addActions('s3:GetObject');
    expect(() => Template.fromStack(stack)).toThrow(/\[Shop\/Access\] DD-ACCESS-006/);
  });

  test.each<[string, iam.PolicyStatement, string]>([
    ['no principal', new iam.PolicyStatement({ actions: ['ecr:BatchGetImage'] }), 'DD-ACCESS-003'],
    ['no action', new iam.PolicyStatement({ principals: [new iam.AccountPrincipal('210987654321')] }), 'DD-ACCESS-004'],
    ['a resource', new iam.PolicyStatement({ actions: ['ecr:BatchGetImage'], resources: ['*'], principals: [new iam.AnyPrincipal()] }), 'DD-ACCESS-005'],
    ['another service', new iam.PolicyStatement({ actions: ['s3:GetObject'], principals: [new iam.AccountPrincipal('210987654321')] }), 'DD-ACCESS-006'],
    ['a typo', new iam.PolicyStatement({ actions: ['ecr:BatchGetImages'], principals: [new iam.AccountPrincipal('210987654321')] }), 'DD-ACCESS-007'],
    ['the login', new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], principals: [new iam.AccountPrincipal('210987654321')] }), 'DD-ACCESS-008'],
    ['a Sid with a blank', pull('not legal'), 'DD-ACCESS-010'],
    ['a lock-out', new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['ecr:*'], principals: [new iam.AnyPrincipal()] }), 'DD-ACCESS-013'],
  ])('%s', (_, statement, code) => {
    expect(codesOf(() => policy([statement]))).toEqual([code]);
  });

  test('a typo gets the right name for a fix', () => {
    expect(() => policy([new iam.PolicyStatement({ actions: ['ecr:BatchGetImages'], principals: [new iam.AnyPrincipal()] })])).toThrow(/Did you mean ecr:BatchGetImage\?/);
  });

  test('two statements of one Sid, whenever the second comes', () => {
    const access = policy([pull('Same')]);
    expect(codesOf(() => access.addStatements(pull('Same')))).toEqual(['DD-ACCESS-009']);
  });

  test('one Sid in two constructs, if it is for one repository', () => {
    const stack = stackOf();
    const put = (id: string, name: string, sid?: string) => new RepositoryPolicy(stack, id, { repository: Repository.fromRepositoryName(stack, `${id}Api`, name), statements: [pull(sid)] });
    put('One', 'shop/api', 'Same');
    put('Other', 'shop/other', 'Same');
    put('Unnamed', 'shop/api');
    put('UnnamedToo', 'shop/api');
    put('Two', 'shop/api', 'Same');
    const native = new ecr.Repository(stack, 'Native');
    ['First', 'Second'].forEach((id) => new RepositoryPolicy(stack, id, { repository: native, statements: [pull('Same')] }));
    let message = '';
    try {
      Template.fromStack(stack);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.match(/\[.*?DD-ACCESS-009 at .*? has/g)).toEqual([
      '[Shop/Two] DD-ACCESS-009 at /Statement/0/Sid: Shop/One has', '[Shop/Second] DD-ACCESS-009 at /Statement/0/Sid: Shop/First has',
    ]);
  });

  test('a policy without statements', () => {
    const stack = stackOf();
    policy([], stack);
    expect(() => Template.fromStack(stack)).toThrow(/DD-ACCESS-020/);
  });

  test('the lock-out passes when the author insists, and the handler is told', () => {
    const stack = stackOf();
    new RepositoryPolicy(stack, 'Access', {
      repository: Repository.fromRepositoryName(stack, 'Api', 'shop/api'), allowLockOut: true,
      statements: [new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['ecr:*'], principals: [new iam.AnyPrincipal()] })],
    });
    expect(only(stack, TYPE).Properties.AllowLockOut).toBe(true);
  });
});

describe('what is legal and rarely meant is warned about', () => {
  test.each<[string, iam.IPrincipal, string]>([
    ['the public', new iam.AnyPrincipal(), 'DD-ACCESS-101'],
    ['a service on behalf of anybody', new iam.ServicePrincipal('codebuild.amazonaws.com'), 'DD-ACCESS-102'],
  ])('%s', (_, principal, code) => {
    const stack = stackOf();
    policy([new iam.PolicyStatement({ actions: ['ecr:BatchGetImage'], principals: [principal] })], stack);
    Annotations.fromStack(stack).hasWarning('/Shop/Access', Match.stringLikeRegexp(code));
  });

  test('a warning can be acknowledged, on the construct or above it', () => {
    for (const place of ['Access', 'Shop']) {
      const stack = stackOf();
      const access = policy([new iam.PolicyStatement({ actions: ['ecr:BatchGetImage'], principals: [new iam.AnyPrincipal()] })], stack);
      Acknowledgements.of(place === 'Shop' ? stack : access).acknowledgeWarning('cdk-drydock:DD-ACCESS-101');
      Annotations.fromStack(stack).hasNoWarning('/Shop/Access', Match.anyValue());
    }
  });

  test('a service with its source is not', () => {
    const stack = stackOf();
    policy([new iam.PolicyStatement({
      actions: ['ecr:BatchGetImage'], principals: [new iam.ServicePrincipal('codebuild.amazonaws.com')], conditions: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
    })], stack);
    Annotations.fromStack(stack).hasNoWarning('/Shop/Access', Match.anyValue());
  });
});

test('principals and actions that are known only at deployment pass', () => {
  const stack = new Stack(new App(), 'Late');
  policy([new iam.PolicyStatement({
    actions: [new CfnParameter(stack, 'Action').valueAsString], principals: [new iam.ArnPrincipal(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }).roleArn)],
  })], stack);
  expect(only(stack, TYPE).Properties.Statements[0].Action).toEqual({ Ref: 'Action' });
});

test('a principal of another stack is imported from it', () => {
  const app = new App();
  const [from, to] = ['From', 'To'].map((name) => stackOf(name, app));
  const role = new iam.Role(from, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
  const statement = (sid: string) => new iam.PolicyStatement({ sid, actions: ['ecr:BatchGetImage'], principals: [role] });
  policy([statement('Foreign')], to);
  const native = new ecr.Repository(to, 'Native');
  native.addToResourcePolicy(statement('Own'));
  new RepositoryPolicy(to, 'NativeAccess', { repository: native, statements: [statement('Ours')] });
  const imported = { AWS: { 'Fn::ImportValue': expect.stringMatching(/^From:.*Role/) } };
  const all = [...only(to, TYPE).Properties.Statements, ...only(to, 'AWS::ECR::Repository').Properties.RepositoryPolicyText.Statement];
  expect(all.map(({ Sid, Principal }) => [Sid, Principal])).toEqual([['Foreign', imported], ['Own', imported], ['Ours', imported]]);
});

describe('on repositories that CloudFormation manages', () => {
  test('a lock-out cannot be had: CloudFormation never sends force', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api');
    expect(codesOf(() => new RepositoryPolicy(stack, 'Access', { repository, allowLockOut: true }))).toEqual(['DD-REPOSITORY-012']);
    const deny = new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['ecr:*'], principals: [new iam.AnyPrincipal()] });
    expect(codesOf(() => new RepositoryPolicy(stack, 'Deny', { repository, statements: [deny] }))).toEqual(['DD-ACCESS-013']);
  });

  test('statements that an override would lose are missed', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api');
    new RepositoryPolicy(stack, 'Access', { repository, statements: [pull('Ours')] });
    (repository.node.defaultChild as CfnResource).addPropertyOverride('RepositoryPolicyText', { Version: '2012-10-17', Statement: [{ Sid: 'Theirs' }] });
    expect(() => Template.fromStack(stack)).toThrow(/\[Shop\/Access\] DD-REPOSITORY-009/);
  });

  test('the size counts the statements of both', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api');
    const many = (from: number) => new iam.PolicyStatement({
      actions: ['ecr:BatchGetImage'], principals: Array.from({ length: 150 }, (_, i) => new iam.ArnPrincipal(`arn:aws:iam::${111111111111 + from + i}:role/puller`)),
    });
    repository.addToResourcePolicy(many(0));
    new RepositoryPolicy(stack, 'Access', { repository, statements: [many(500)] });
    expect(() => Template.fromStack(stack)).toThrow(/\[Shop\/Access\] DD-ACCESS-012/);
  });

  test('the statements join those of the L2 in the native property', () => {
    const stack = stackOf();
    const repository = new ecr.Repository(stack, 'Api');
    repository.addToResourcePolicy(pull('Own'));
    const access = new RepositoryPolicy(stack, 'Access', { repository, statements: [pull('Ours')] });
    access.addStatements(pull('Late'));
    repository.addToResourcePolicy(pull('OwnLate'));
    const native = only(stack, 'AWS::ECR::Repository');
    expect(native.Properties.RepositoryPolicyText.Statement.map(({ Sid }: { Sid: string }) => Sid).sort()).toEqual(['Late', 'Ours', 'Own', 'OwnLate']);
    expect(native.Properties.RepositoryPolicyText.Version).toBe('2012-10-17');
    Template.fromStack(stack).resourceCountIs(TYPE, 0);
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('two policies on one L1, its own text included', () => {
    const stack = stackOf();
    const repository = new ecr.CfnRepository(stack, 'Api', { repositoryPolicyText: JSON.stringify({ Version: '2008-10-17', Statement: [{ Sid: 'Own', Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }] }) });
    new RepositoryPolicy(stack, 'One', { repository, statements: [pull('One')] });
    new RepositoryPolicy(stack, 'Two', { repository, statements: [pull('Two')] });
    const text = only(stack, 'AWS::ECR::Repository').Properties.RepositoryPolicyText;
    expect(text.Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual(['Own', 'One', 'Two']);
    expect(text.Version).toBe('2008-10-17');
  });

  test('a document without a version stays one: a newer version would give its ${...} a meaning', () => {
    const stack = stackOf();
    const repository = new ecr.CfnRepository(stack, 'Api', { repositoryPolicyText: { Statement: [{ Sid: 'Own', Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }] } });
    new RepositoryPolicy(stack, 'One', { repository, statements: [pull('One')] });
    expect(only(stack, 'AWS::ECR::Repository').Properties.RepositoryPolicyText.Version).toBeUndefined();
  });

  test('a text that is not known at synth is not overwritten', () => {
    const stack = stackOf();
    const repository = new ecr.CfnRepository(stack, 'Api', { repositoryPolicyText: new CfnParameter(stack, 'Text').valueAsString });
    new RepositoryPolicy(stack, 'One', { repository, statements: [pull('One')] });
    expect(() => Template.fromStack(stack)).toThrow(/DD-REPOSITORY-009/);
  });
});
