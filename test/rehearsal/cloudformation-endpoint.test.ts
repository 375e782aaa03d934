import { CloudFormationClient, DescribeStackEventsCommand, DescribeStackResourceCommand, DescribeStackResourcesCommand, DescribeStacksCommand, ListExportsCommand } from '@aws-sdk/client-cloudformation';
import { custom, customStack, NO_ECR, removeAssemblies, writeAssembly } from './assembly-builder';
import { RehearsalSession } from '../../src/rehearsal';

let session: RehearsalSession;
let client: CloudFormationClient;

beforeEach(async () => {
  session = await RehearsalSession.open({ ecrEndpoint: NO_ECR, now: () => Date.UTC(2026, 0, 31, 12) });
  client = new CloudFormationClient({ endpoint: session.cloudFormationEndpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 });
});

afterEach(async () => {
  client.destroy();
  await session.close();
});

afterAll(removeAssemblies);

const stack = (v: string, behaviour = 'cloudformation') => writeAssembly({
  S: {
    ...customStack({ A: custom({ V: v, OnCreate: behaviour, OnUpdate: behaviour, OnDelete: behaviour, PhysicalId: '<id> & "more"' }), B: custom({ V: v, OnUpdate: v === 'bad' ? 'fail' : 'ok' }, { DependsOn: 'A' }) }, {
      Parameters: { P: { Type: 'String', Default: 'p' } }, Outputs: { O: { Value: { Ref: 'A' } } },
    }),
    tags: { team: 'blue' },
  },
});

test('DescribeStacks gives the SDK the stack, by name and by ARN', async () => {
  await session.run({ assembly: stack('1') });
  const { Stacks: [byName] = [] } = await client.send(new DescribeStacksCommand({ StackName: 'S' }));
  expect(byName).toMatchObject({
    StackName: 'S',
    StackStatus: 'CREATE_COMPLETE',
    CreationTime: new Date(Date.UTC(2026, 0, 31, 12)),
    Parameters: [{ ParameterKey: 'P', ParameterValue: 'p' }],
    Outputs: [{ OutputKey: 'O', OutputValue: '<id> & "more"' }],
    Tags: [{ Key: 'team', Value: 'blue' }],
  });
  const { Stacks: byId } = await client.send(new DescribeStacksCommand({ StackName: byName.StackId }));
  expect(byId).toEqual([byName]);
  expect((await client.send(new DescribeStacksCommand({}))).Stacks).toEqual([byName]);
});

test('a handler sees the status of the moment: creation, update, both rollbacks, deletion', async () => {
  const statuses = async (...operation: Parameters<RehearsalSession['run']>) => (await session.run(...operation)).handlerLogs
    .filter((log) => log.record.describe !== undefined)
    .map((log) => `${log.requestType} ${/<StackStatus>(.*)<\/StackStatus>/.exec((log.record.describe as { text: string }).text)?.[1]}`);
  expect(await statuses({ assembly: stack('1') })).toEqual(['Create CREATE_IN_PROGRESS']);
  expect(await statuses({ assembly: stack('2') })).toEqual(['Update UPDATE_IN_PROGRESS']);
  expect(await statuses({ assembly: stack('bad') })).toEqual(['Update UPDATE_IN_PROGRESS', 'Update UPDATE_ROLLBACK_IN_PROGRESS']);
  const without = writeAssembly({ S: customStack({ B: custom({ V: '2' }) }) });
  expect(await statuses({ assembly: without })).toEqual(['Delete UPDATE_COMPLETE_CLEANUP_IN_PROGRESS']);
  expect(await statuses({ assembly: stack('2'), failAt: ['B'] })).toEqual(['Create UPDATE_IN_PROGRESS', 'Delete UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS']);
  await session.run({ assembly: without, action: 'destroy' });
  expect(await statuses({ assembly: stack('1'), failAt: ['B'] })).toEqual(['Create CREATE_IN_PROGRESS', 'Delete ROLLBACK_IN_PROGRESS']);
});

test('resources are found by logical id, with physical id and status', async () => {
  await session.run({ assembly: stack('1') });
  const { StackResourceDetail } = await client.send(new DescribeStackResourceCommand({ StackName: 'S', LogicalResourceId: 'A' }));
  expect(StackResourceDetail).toMatchObject({ LogicalResourceId: 'A', PhysicalResourceId: '<id> & "more"', ResourceType: 'Custom::Thing', ResourceStatus: 'CREATE_COMPLETE' });
  const all = await client.send(new DescribeStackResourcesCommand({ StackName: 'S' }));
  expect(all.StackResources?.map((r) => r.LogicalResourceId)).toEqual(['Handler', 'A', 'B']);
  const one = await client.send(new DescribeStackResourcesCommand({ PhysicalResourceId: 'made-B' }));
  expect(one.StackResources?.map((r) => r.StackName)).toEqual(['S', 'S', 'S']);
});

test('events come newest first', async () => {
  await session.run({ assembly: stack('bad') });
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: 'S' }));
  expect(StackEvents[0]).toMatchObject({ LogicalResourceId: 'S', ResourceStatus: 'CREATE_COMPLETE' });
  expect(StackEvents.at(-1)).toMatchObject({ LogicalResourceId: 'S', ResourceStatus: 'CREATE_IN_PROGRESS' });
  expect(new Set(StackEvents.map((e) => e.EventId)).size).toBe(StackEvents.length);
});

test('stacks and resources that do not exist are ValidationErrors, as is a deleted stack by name, but not by ARN', async () => {
  await session.run({ assembly: stack('1') });
  const { Stacks: [{ StackId }] = [{}] } = await client.send(new DescribeStacksCommand({ StackName: 'S' }));
  await expect(client.send(new DescribeStacksCommand({ StackName: 'T' }))).rejects.toMatchObject({ name: 'ValidationError', message: 'Stack with id T does not exist' });
  await expect(client.send(new DescribeStackResourceCommand({ StackName: 'S', LogicalResourceId: 'Z' }))).rejects.toMatchObject({ name: 'ValidationError', message: 'Resource Z does not exist for stack S' });
  await session.run({ assembly: stack('1'), action: 'destroy' });
  await expect(client.send(new DescribeStacksCommand({ StackName: 'S' }))).rejects.toMatchObject({ name: 'ValidationError' });
  expect((await client.send(new DescribeStacksCommand({ StackName: StackId }))).Stacks?.[0].StackStatus).toBe('DELETE_COMPLETE');
});

test('an operation that is not there is said to be unknown', async () => {
  await expect(client.send(new ListExportsCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' });
});
