import { Input, validationError } from './input';
import { page } from './pages';
import { RecordedEvent } from './records';
import { Front, stackOf } from './requests';
import { templateOf } from './template-body';
import { Template } from '../../assembly/template';
import { describeResource, describeStack } from '../../rehearsal/cloudformation-endpoint';
import { Xml } from '../../rehearsal/query-protocol';
import { ResourceRecord, StackRecord } from '../../rehearsal/state';

export function describeStacks(front: Front, input: Input): Xml {
  const name = input.text('StackName');
  const stacks = name === undefined ? front.machinery.stacks.all() : [stackOf(front, name)];
  const { members, nextToken } = page(stacks, input.text('NextToken'), ({ stackId }) => stackId);
  return { Stacks: members.map((stack) => fullStack(front, stack)), NextToken: nextToken };
}

export function listStacks(front: Front, input: Input): Xml {
  const statuses = input.strings('StackStatusFilter');
  // A stack whose creation was refused was never there.
  const deleted = front.machinery.stacks.deleted().filter(({ stackId }) => front.records.notesOf(stackId)?.deletedAt !== undefined);
  const stacks = [...front.machinery.stacks.all(), ...deleted].filter(({ status }) => statuses.length === 0 || statuses.includes(status));
  const { members, nextToken } = page(stacks, input.text('NextToken'), ({ stackId }) => stackId);
  return {
    StackSummaries: members.map((stack): Xml => ({
      StackId: stack.stackId,
      StackName: stack.stackName,
      TemplateDescription: front.records.notesOf(stack.stackId)?.description,
      CreationTime: stack.createdAt,
      LastUpdatedTime: stack.updatedAt,
      DeletionTime: front.records.notesOf(stack.stackId)?.deletedAt,
      StackStatus: stack.status,
      StackStatusReason: stack.reason,
      ParentId: stack.parentId,
      RootId: stack.parentId,
      DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    })),
    NextToken: nextToken,
  };
}

/** Newest first, a hundred at a time. */
export function describeStackEvents(front: Front, input: Input): Xml {
  const stack = stackOf(front, input.required('StackName'));
  const { members, nextToken } = page(front.records.eventsOf(stack.stackId), input.text('NextToken'), ({ id }) => id);
  return { StackEvents: members.map(describeEvent), NextToken: nextToken };
}

/** The newer list of events, by operation; of change sets there are none, because their creation does nothing. */
export function describeEvents(front: Front, input: Input): Xml {
  const stack = input.text('StackName') === undefined ? undefined : stackOf(front, input.required('StackName'));
  const failed = input.flag('Filters.FailedEvents');
  const operation = input.text('OperationId');
  const events = input.has('ChangeSetName') ? [] : stack === undefined ? [...front.records.events].reverse() : front.records.eventsOf(stack.stackId);
  const wanted = events.filter((event) => (!failed || event.status.endsWith('_FAILED')) && (operation === undefined || event.operationId === operation));
  const { members, nextToken } = page(wanted, input.text('NextToken'), ({ id }) => id);
  return {
    OperationEvents: members.map((event): Xml => ({
      EventId: event.id,
      StackId: event.stackId,
      OperationId: event.operationId,
      EventType: event.logicalId === event.stackName ? 'STACK_EVENT' : 'RESOURCE_EVENT',
      LogicalResourceId: event.logicalId,
      PhysicalResourceId: event.physicalId,
      ResourceType: event.type,
      Timestamp: event.time,
      ResourceStatus: event.status,
      ResourceStatusReason: event.reason,
      ClientRequestToken: event.clientRequestToken,
    })),
    NextToken: nextToken,
  };
}

export function describeStackResource(front: Front, input: Input): Xml {
  const stack = stackOf(front, input.required('StackName'));
  const id = input.required('LogicalResourceId');
  const record = stack.resources.get(id);
  if (record === undefined) {
    throw validationError(`Resource ${id} does not exist for stack ${stack.stackName}`);
  }
  return { StackResourceDetail: { ...describeResource(stack, record, 'LastUpdatedTimestamp'), Metadata: metadataOf(templateOfStack(front, stack), id) } };
}

export function describeStackResources(front: Front, input: Input): Xml {
  const physicalId = input.text('PhysicalResourceId');
  const name = input.text('StackName') ?? front.machinery.stacks.all().find((stack) => [...stack.resources.values()].some((record) => record.physicalId === physicalId))?.stackName;
  if (name === undefined) {
    throw validationError(physicalId === undefined ? 'Either StackName or PhysicalResourceId must be given' : `Stack for ${physicalId} does not exist`);
  }
  const stack = stackOf(front, name);
  const logicalId = input.text('LogicalResourceId');
  return { StackResources: [...stack.resources.values()].filter((record) => logicalId === undefined || record.logicalId === logicalId).map((record) => describeResource(stack, record, 'Timestamp')) };
}

export function listStackResources(front: Front, input: Input): Xml {
  const stack = stackOf(front, input.required('StackName'));
  const { members, nextToken } = page<ResourceRecord>([...stack.resources.values()], input.text('NextToken'), ({ logicalId }) => logicalId);
  return { StackResourceSummaries: members.map((record) => describeResource(stack, record, 'LastUpdatedTimestamp')), NextToken: nextToken };
}

export function listExports(front: Front, input: Input): Xml {
  const exports = front.machinery.stacks.all().flatMap((stack) => stack.exports.map((one) => ({ ...one, stack })));
  const { members, nextToken } = page(exports, input.text('NextToken'), ({ name }) => name);
  return { Exports: members.map(({ name, value, stack }): Xml => ({ ExportingStackId: stack.stackId, Name: name, Value: value })), NextToken: nextToken };
}

export function listImports(front: Front, input: Input): Xml {
  const name = input.required('ExportName');
  const users = front.machinery.stacks.importers(name);
  if (users.length === 0) {
    throw validationError(`Export '${name}' is not imported by any stack.`);
  }
  return { Imports: users };
}

function fullStack(front: Front, stack: StackRecord): Xml {
  const notes = front.records.notesOf(stack.stackId);
  const template = templateOfStack(front, stack);
  const noEcho = new Set(Object.entries(template?.Parameters ?? {}).filter(([, declared]) => String((declared as { NoEcho?: unknown }).NoEcho) === 'true').map(([name]) => name));
  const ssm = front.ssmParameters();
  const isSsm = (name: string) => String(template?.Parameters?.[name]?.Type ?? '').startsWith('AWS::SSM::Parameter::Value<');
  return {
    ...describeStack(stack),
    ChangeSetId: notes?.changeSetId,
    Description: notes?.description,
    DeletionTime: notes?.deletedAt,
    RoleARN: notes?.roleArn,
    Capabilities: [...notes?.capabilities ?? []],
    NotificationARNs: [...notes?.notificationArns ?? []],
    EnableTerminationProtection: String(notes?.terminationProtection ?? false),
    DisableRollback: String(notes?.disableRollback ?? false),
    RollbackConfiguration: {},
    RootId: stack.parentId,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    Parameters: Object.entries(stack.parameters).map(([ParameterKey, value]): Xml => ({
      ParameterKey, ParameterValue: noEcho.has(ParameterKey) ? '****' : value, ...isSsm(ParameterKey) ? { ResolvedValue: ssm[value] } : {},
    })),
    Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]): Xml => ({
      OutputKey,
      OutputValue,
      Description: (template?.Outputs?.[OutputKey] as { Description?: string } | undefined)?.Description,
      ExportName: exportName(stack, OutputValue, template?.Outputs?.[OutputKey]?.Export !== undefined),
    })),
  };
}

function exportName(stack: StackRecord, value: string, exported: boolean): string | undefined {
  return exported ? stack.exports.find((one) => one.value === value)?.name : undefined;
}

function describeEvent(event: RecordedEvent): Xml {
  return {
    StackId: event.stackId,
    EventId: event.id,
    StackName: event.stackName,
    OperationId: event.operationId,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId ?? '',
    ResourceType: event.type,
    Timestamp: event.time,
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
    ClientRequestToken: event.clientRequestToken,
  };
}

function templateOfStack({ records }: Front, { stackId }: StackRecord): Template | undefined {
  const body = records.notesOf(stackId)?.templateBody;
  return body === undefined || body === '' ? undefined : templateOf(body);
}

function metadataOf(template: Template | undefined, logicalId: string): string | undefined {
  const metadata = template?.Resources[logicalId]?.Metadata;
  return metadata === undefined ? undefined : JSON.stringify(metadata);
}
