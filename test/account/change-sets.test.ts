import {
  CreateChangeSetCommand, DeleteChangeSetCommand, DescribeChangeSetCommand, ExecuteChangeSetCommand, GetTemplateCommand, ListChangeSetsCommand,
} from '@aws-sdk/client-cloudformation';
import { laptop, Laptop, repositoriesOf, statesOf, statusOf, templateOf } from './support';
import { refusal } from '../emulator/support';

const set = (StackName: string, ChangeSetName: string) => ({ StackName, ChangeSetName });

async function create({ cloudFormation }: Laptop, name: string, TemplateBody: string, ChangeSetType: 'CREATE' | 'UPDATE' = 'CREATE', stack = 'Shop') {
  return cloudFormation.send(new CreateChangeSetCommand({ ...set(stack, name), ChangeSetType, TemplateBody }));
}

async function deployed(): Promise<Laptop> {
  const one = await laptop();
  await create(one, 'first', templateOf({ Api: 'shop/api' }));
  await one.cloudFormation.send(new ExecuteChangeSetCommand(set('Shop', 'first')));
  await one.account.idle();
  return one;
}

test('a change set does nothing until it is executed, and then it creates the stack', async () => {
  const one = await laptop();
  const { Id } = await create(one, 'first', templateOf({ Api: 'shop/api' }));
  expect(Id).toMatch(/^arn:aws:cloudformation:us-east-1:123456789012:changeSet\/first\//);
  expect(await statusOf(one, 'Shop')).toBe('REVIEW_IN_PROGRESS');
  expect(repositoriesOf(one)).toEqual([]);
  const described = await one.cloudFormation.send(new DescribeChangeSetCommand({ ChangeSetName: Id }));
  expect(described).toMatchObject({ Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE', StackName: 'Shop' });
  expect(described.Changes!.map(({ ResourceChange }) => [ResourceChange!.Action, ResourceChange!.LogicalResourceId])).toEqual([['Add', 'Api']]);

  await one.cloudFormation.send(new ExecuteChangeSetCommand({ ChangeSetName: Id }));
  expect(await statusOf(one, 'Shop')).toBe('CREATE_COMPLETE');
  expect(repositoriesOf(one)).toEqual(['shop/api']);
  expect(await statesOf(one, 'Shop')).toEqual(['REVIEW_IN_PROGRESS', 'CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  expect((await refusal(one.cloudFormation.send(new ExecuteChangeSetCommand({ ChangeSetName: Id })))).name).toBe('InvalidChangeSetStatusException');
});

test('a change set without changes is FAILED in the words that the CLI looks for, and cannot be executed', async () => {
  const one = await deployed();
  await create(one, 'same', templateOf({ Api: 'shop/api' }), 'UPDATE');
  const described = await one.cloudFormation.send(new DescribeChangeSetCommand(set('Shop', 'same')));
  expect(described).toMatchObject({ Status: 'FAILED', ExecutionStatus: 'UNAVAILABLE' });
  expect(described.StatusReason).toContain('The submitted information didn\'t contain changes.');
  expect((await refusal(one.cloudFormation.send(new ExecuteChangeSetCommand(set('Shop', 'same'))))).message).toContain('cannot be executed in its current status of [FAILED]');
  expect(await statusOf(one, 'Shop')).toBe('CREATE_COMPLETE');
});

test('a change set tells what is added, replaced and removed', async () => {
  const one = await deployed();
  await create(one, 'next', templateOf({ Api: 'shop/renamed', Web: 'shop/web' }), 'UPDATE');
  const { Changes } = await one.cloudFormation.send(new DescribeChangeSetCommand(set('Shop', 'next')));
  expect(Changes!.map(({ ResourceChange: change }) => [change!.LogicalResourceId, change!.Action, change!.Replacement]).sort()).toEqual([['Api', 'Modify', 'True'], ['Web', 'Add', undefined]]);
  await create(one, 'without', templateOf({ Web: 'shop/web' }), 'UPDATE');
  const removed = await one.cloudFormation.send(new DescribeChangeSetCommand(set('Shop', 'without')));
  expect(removed.Changes!.map(({ ResourceChange: change }) => [change!.LogicalResourceId, change!.Action]).sort()).toEqual([['Api', 'Remove'], ['Web', 'Add']]);
});

test('the template of a change set and of its stack are kept apart until it is executed', async () => {
  const one = await deployed();
  const next = templateOf({ Api: 'shop/api', Web: 'shop/web' });
  await create(one, 'next', next, 'UPDATE');
  expect((await one.cloudFormation.send(new GetTemplateCommand({ StackName: 'Shop' }))).TemplateBody).toBe(templateOf({ Api: 'shop/api' }));
  expect((await one.cloudFormation.send(new GetTemplateCommand(set('Shop', 'next')))).TemplateBody).toBe(next);
});

test('executing one change set removes the others of the stack; a deleted one is not found', async () => {
  const one = await deployed();
  const names = async () => (await one.cloudFormation.send(new ListChangeSetsCommand({ StackName: 'Shop' }))).Summaries!.map(({ ChangeSetName }) => ChangeSetName).sort();
  for (const name of ['one', 'two', 'three']) {
    await create(one, name, templateOf({ Api: 'shop/api' }, 1), 'UPDATE');
  }
  await one.cloudFormation.send(new DeleteChangeSetCommand(set('Shop', 'three')));
  expect((await refusal(one.cloudFormation.send(new DescribeChangeSetCommand(set('Shop', 'three'))))).name).toBe('ChangeSetNotFoundException');
  expect(await names()).toEqual(['first', 'one', 'two']);
  await one.cloudFormation.send(new ExecuteChangeSetCommand(set('Shop', 'two')));
  await one.account.idle();
  expect(await names()).toEqual(['two']);
});

test('names that are taken, wrong types and impossible names are refused', async () => {
  const one = await deployed();
  expect((await refusal(create(one, 'again', templateOf({ Api: 'shop/api' })))).message).toBe('Stack [Shop] already exists and cannot be created again with the changeSet [again].');
  expect((await refusal(create(one, 'first', templateOf({ Api: 'shop/api' }, 1), 'UPDATE'))).name).toBe('AlreadyExistsException');
  expect((await refusal(create(one, '1st', templateOf({ Api: 'shop/api' }), 'UPDATE'))).message).toContain("Value '1st' at 'changeSetName' failed to satisfy constraint");
  expect((await refusal(create(one, 'up', templateOf({ Api: 'shop/api' }), 'UPDATE', 'Absent'))).message).toBe('Stack [Absent] does not exist');
});
