import {
  CreateStackCommand, CreateStackSetCommand, DeleteStackCommand, DescribeStackEventsCommand, DescribeStackResourcesCommand, DescribeStacksCommand, GetTemplateCommand,
  GetTemplateSummaryCommand, ListExportsCommand, ListStacksCommand, paginateDescribeStackEvents, RollbackStackCommand, UpdateStackCommand,
  UpdateTerminationProtectionCommand, ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { folder, laptop, Laptop, repositoriesOf, stackOf, statesOf, statusOf, templateOf } from './support';
import { refusal } from '../emulator/support';

const create = ({ cloudFormation }: Laptop, StackName: string, TemplateBody: string) => cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
const update = ({ cloudFormation }: Laptop, StackName: string, TemplateBody: string) => cloudFormation.send(new UpdateStackCommand({ StackName, TemplateBody }));
const remove = ({ cloudFormation }: Laptop, StackName: string) => cloudFormation.send(new DeleteStackCommand({ StackName }));

/** A name that ECR refuses, so that the operation fails on the way. */
const REFUSED = 'NOT-A-NAME';

test('an absent stack is said to be absent in CloudFormation\'s words', async () => {
  const one = await laptop();
  for (const command of [new DescribeStacksCommand({ StackName: 'Absent' }), new DescribeStackEventsCommand({ StackName: 'Absent' }), new GetTemplateCommand({ StackName: 'Absent' })]) {
    expect(await refusal(one.cloudFormation.send(command as DescribeStacksCommand))).toMatchObject({ name: 'ValidationError', message: 'Stack with id Absent does not exist', status: 400 });
  }
  await expect(remove(one, 'Absent')).resolves.toBeDefined();
});

test('an action that is not there is an InvalidAction; one that is left out on purpose says so', async () => {
  const { cloudFormation } = await laptop();
  expect(await refusal(cloudFormation.send(new CreateStackSetCommand({ StackSetName: 'all', TemplateBody: '{}' })))).toMatchObject({
    name: 'InvalidAction', message: expect.stringContaining('Could not find operation CreateStackSet'), status: 400,
  });
  expect((await refusal(cloudFormation.send(new RollbackStackCommand({ StackName: 'Shop' })))).message).toContain('DD-ACCOUNT-004');
});

test('events come newest first, a hundred at a time, none twice and none left out, also while new ones arrive', async () => {
  const one = await laptop();
  await create(one, 'Wide', templateOf({}, 70));
  await one.account.idle();
  const first = await one.cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'Wide' }));
  expect(first.StackEvents).toHaveLength(100);
  expect(first.StackEvents![0]).toMatchObject({ LogicalResourceId: 'Wide', ResourceStatus: 'CREATE_COMPLETE' });
  await remove(one, 'Wide');
  await one.account.idle();
  const { StackId } = first.StackEvents![0];
  const rest = await one.cloudFormation.send(new DescribeStackEventsCommand({ StackName: StackId, NextToken: first.NextToken }));
  const ids = [...first.StackEvents!, ...rest.StackEvents!].map(({ EventId }) => EventId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(rest.NextToken).toBeUndefined();
  expect(rest.StackEvents!.at(-1)).toMatchObject({ LogicalResourceId: 'Wide', ResourceStatus: 'CREATE_IN_PROGRESS' });
  let all = 0;
  for await (const page of paginateDescribeStackEvents({ client: one.cloudFormation }, { StackName: StackId })) {
    all += page.StackEvents!.length;
  }
  expect(all).toBeGreaterThan(ids.length);
  expect((await refusal(one.cloudFormation.send(new DescribeStackEventsCommand({ StackName: StackId, NextToken: 'bm9uZQ' })))).name).toBe('ValidationError');
});

test('a creation that fails is rolled back, and what it made is gone', async () => {
  const one = await laptop();
  await create(one, 'Shop', templateOf({ Api: 'shop/api', Bad: REFUSED }));
  expect(await statusOf(one, 'Shop')).toBe('ROLLBACK_COMPLETE');
  expect(await statesOf(one, 'Shop')).toEqual(['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE']);
  expect(repositoriesOf(one)).toEqual([]);
  expect((await refusal(update(one, 'Shop', templateOf({ Api: 'shop/api' })))).message).toMatch(/is in ROLLBACK_COMPLETE state and can not be updated/);
});

test('an update that fails is rolled back: registry, template and outputs are what they were', async () => {
  const one = await laptop();
  const outputs = (Value: string) => ({ Outputs: { Uri: { Value } } });
  const before = templateOf({ Api: 'shop/api' }, 0, outputs('before'));
  await create(one, 'Shop', before);
  await one.account.idle();
  await update(one, 'Shop', templateOf({ Api: 'shop/api', Web: 'shop/web', Bad: REFUSED }, 0, outputs('after')));
  expect(await statusOf(one, 'Shop')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await statesOf(one, 'Shop')).toEqual([
    'CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE',
  ]);
  expect(repositoriesOf(one)).toEqual(['shop/api']);
  expect((await stackOf(one, 'Shop')).Outputs).toEqual([expect.objectContaining({ OutputKey: 'Uri', OutputValue: 'before' })]);
  expect((await one.cloudFormation.send(new GetTemplateCommand({ StackName: 'Shop' }))).TemplateBody).toBe(before);
  await update(one, 'Shop', templateOf({ Api: 'shop/api', Web: 'shop/web' }, 0, outputs('after')));
  expect(await statusOf(one, 'Shop')).toBe('UPDATE_COMPLETE');
  expect((await refusal(update(one, 'Shop', templateOf({ Api: 'shop/api', Web: 'shop/web' }, 0, outputs('after'))))).message).toBe('No updates are to be performed.');
});

test('a stack says that it is in progress from the moment it is accepted, and refuses a second operation', async () => {
  const one = await laptop();
  await create(one, 'First', templateOf({}, 40));
  await create(one, 'Second', templateOf({ Api: 'shop/api' }));
  expect((await refusal(update(one, 'Second', templateOf({ Api: 'shop/other' })))).message).toMatch(/CREATE_IN_PROGRESS state and can not be updated/);
  expect(await statusOf(one, 'Second')).toBe('CREATE_COMPLETE');
});

test('several stacks: exports hold the exporting one as long as another imports, and names are free again after deletion', async () => {
  const one = await laptop();
  await create(one, 'Base', templateOf({ Api: 'shop/api' }, 0, { Outputs: { Name: { Value: { Ref: 'Api' }, Export: { Name: 'api-name' } } } }));
  await one.account.idle();
  await create(one, 'User', JSON.stringify({ Resources: { Copy: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: { 'Fn::Sub': ['${base}-copy', { base: { 'Fn::ImportValue': 'api-name' } }] } } } } }));
  expect(await statusOf(one, 'User')).toBe('CREATE_COMPLETE');
  expect(repositoriesOf(one)).toEqual(['shop/api', 'shop/api-copy']);
  expect((await one.cloudFormation.send(new ListExportsCommand({}))).Exports).toMatchObject([{ Name: 'api-name', Value: 'shop/api' }]);
  expect((await refusal(remove(one, 'Base'))).message).toBe('Export api-name cannot be deleted as it is in use by User');
  for (const name of ['User', 'Base']) {
    await remove(one, name);
    await one.account.idle();
    expect((await refusal(stackOf(one, name))).message).toBe(`Stack with id ${name} does not exist`);
  }
  expect(repositoriesOf(one)).toEqual([]);
  const { StackSummaries } = await one.cloudFormation.send(new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }));
  expect(StackSummaries!.map(({ StackName }) => StackName).sort()).toEqual(['Base', 'User']);
  await create(one, 'Base', templateOf({ Api: 'shop/api' }));
  expect(await statusOf(one, 'Base')).toBe('CREATE_COMPLETE');
});

test('termination protection refuses the deletion until it is taken away', async () => {
  const one = await laptop();
  await create(one, 'Shop', templateOf({ Api: 'shop/api' }));
  await one.account.idle();
  const protect = (EnableTerminationProtection: boolean) => one.cloudFormation.send(new UpdateTerminationProtectionCommand({ StackName: 'Shop', EnableTerminationProtection }));
  await protect(true);
  expect((await stackOf(one, 'Shop')).EnableTerminationProtection).toBe(true);
  expect((await refusal(remove(one, 'Shop'))).message).toBe('Stack [Shop] cannot be deleted while TerminationProtection is enabled');
  expect(repositoriesOf(one)).toEqual(['shop/api']);
  await protect(false);
  await remove(one, 'Shop');
  await one.account.idle();
  expect(repositoriesOf(one)).toEqual([]);
});

test('YAML with the short forms of functions is deployed, and given back as it came', async () => {
  const one = await laptop();
  const yaml = `
Parameters:
  Team: { Type: String, Default: shop }
Conditions:
  IsShop: !Equals [!Ref Team, shop]
Resources:
  Api:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryName: !Join ['/', [!Ref Team, !If [IsShop, api, other]]]
  Web:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryName: !Sub '\${Team}/\${Part}-web'
    Metadata: { note: !Select [0, !Split [',', 'a,b']] }
Outputs:
  Arn: { Value: !GetAtt Api.Arn }
`.replace('${Part}', '${AWS::Region}');
  await create(one, 'Shop', yaml);
  expect(await statusOf(one, 'Shop')).toBe('CREATE_COMPLETE');
  expect(repositoriesOf(one)).toEqual(['shop/api', 'shop/us-east-1-web']);
  expect((await stackOf(one, 'Shop')).Outputs![0].OutputValue).toBe('arn:aws:ecr:us-east-1:123456789012:repository/shop/api');
  expect((await one.cloudFormation.send(new GetTemplateCommand({ StackName: 'Shop' }))).TemplateBody).toBe(yaml);
  expect((await one.cloudFormation.send(new GetTemplateSummaryCommand({ StackName: 'Shop' })))).toMatchObject({
    Parameters: [{ ParameterKey: 'Team', DefaultValue: 'shop', ParameterType: 'String' }], ResourceTypes: ['AWS::ECR::Repository'],
  });
});

test('templates that cannot be read are refused with what is wrong, and nothing comes about', async () => {
  const one = await laptop();
  const message = async (TemplateBody: string) => (await refusal(one.cloudFormation.send(new ValidateTemplateCommand({ TemplateBody })))).message;
  expect(await message('{"Resources": {')).toContain('Template format error: JSON not well-formed.');
  expect(await message('Resources: [a, b')).toContain('Template format error: YAML not well-formed. (line 1');
  expect(await message('Resources: {}')).toBe('Template format error: At least one Resources member must be defined.');
  expect(await message('just words')).toBe('Template format error: unsupported structure.');
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)].join('\n');
  expect(await message(`${bomb}\nResources: {}`)).toContain('Template format error: YAML not well-formed.');
  expect((await refusal(create(one, 'Shop', '{'))).name).toBe('ValidationError');
  expect((await one.cloudFormation.send(new DescribeStacksCommand({}))).Stacks ?? []).toEqual([]);
});

test.each(['https://example.com/x/t.json', 'not an address', 'http://127.0.0.1:1/bucket/%zz', 'file:///etc/passwd', 'http://169.254.169.254/latest/meta-data'])('the template address %s is refused and never fetched', async (TemplateURL) => {
  const one = await laptop();
  expect(await refusal(one.cloudFormation.send(new CreateStackCommand({ StackName: 'Shop', TemplateURL })))).toMatchObject({ name: 'ValidationError', message: 'TemplateURL must be a supported URL.' });
});

test('a nested stack comes from the uploaded object, is rolled back and deleted with its parent', async () => {
  const one = await laptop();
  await one.s3.send(new CreateBucketCommand({ Bucket: 'templates' }));
  await one.s3.send(new PutObjectCommand({ Bucket: 'templates', Key: 'child.json', Body: templateOf({ Child: 'shop/child' }) }));
  const parent = (key: string, more: object = {}) => JSON.stringify({
    Resources: { Nested: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: `https://s3.us-east-1.amazonaws.com/templates/${key}` } }, ...more },
  });
  await create(one, 'Shop', parent('child.json'));
  expect(await statusOf(one, 'Shop')).toBe('CREATE_COMPLETE');
  expect(repositoriesOf(one)).toEqual(['shop/child']);
  const { StackResources } = await one.cloudFormation.send(new DescribeStackResourcesCommand({ StackName: 'Shop' }));
  const nested = StackResources![0].PhysicalResourceId!;
  expect(await stackOf(one, nested)).toMatchObject({ StackStatus: 'CREATE_COMPLETE', ParentId: (await stackOf(one, 'Shop')).StackId });
  expect((await refusal(remove(one, nested))).name).toBe('ValidationError');
  await update(one, 'Shop', parent('child.json', { Bad: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: REFUSED } } }));
  expect(await statusOf(one, 'Shop')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(repositoriesOf(one)).toEqual(['shop/child']);
  await remove(one, 'Shop');
  await one.account.idle();
  expect(repositoriesOf(one)).toEqual([]);
});

test('stacks, templates, events and objects outlive the process in a data directory', async () => {
  const data = folder();
  const before = await laptop({ data });
  await create(before, 'Shop', templateOf({}, 3, { Outputs: { Word: { Value: 'kept' } } }));
  await before.account.idle();
  const { StackEvents } = await before.cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'Shop' }));
  await before.close();
  const after = await laptop({ data });
  expect(await stackOf(after, 'Shop')).toMatchObject({ StackStatus: 'CREATE_COMPLETE', Outputs: [{ OutputKey: 'Word', OutputValue: 'kept' }] });
  expect((await after.cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'Shop' }))).StackEvents).toEqual(StackEvents);
  expect((await refusal(update(after, 'Shop', templateOf({}, 3, { Outputs: { Word: { Value: 'kept' } } })))).message).toBe('No updates are to be performed.');
  await remove(after, 'Shop');
  await after.account.idle();
  expect((await refusal(stackOf(after, 'Shop'))).message).toBe('Stack with id Shop does not exist');
});
