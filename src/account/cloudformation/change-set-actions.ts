import { randomUUID } from 'node:crypto';
import { Change, ChangeDetail, changesOf } from './changes';
import { Input, validationError } from './input';
import { page } from './pages';
import { ChangeSet } from './records';
import { checkCapabilities, deploymentOf, Front, notesOf, stackName, stackOf } from './requests';
import { beginCreation, beginUpdate, hasNoChanges, updatable } from './stack-actions';
import { templateOf } from './template-body';
import { partitionOf } from '../../assembly/partition';
import { QueryError, Xml } from '../../rehearsal/query-protocol';
import { StackRecord } from '../../rehearsal/state';

/** In these words CloudFormation says it, and the CLI looks for them. */
const NO_CHANGES = 'The submitted information didn\'t contain changes. Submit different information to create a change set.';

const CHANGE_SET_NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

export async function createChangeSet(front: Front, input: Input): Promise<Xml> {
  const name = input.required('ChangeSetName');
  if (!CHANGE_SET_NAME.test(name)) {
    throw validationError(`1 validation error detected: Value '${name}' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`);
  }
  const type = input.text('ChangeSetType') === 'CREATE' ? 'CREATE' : 'UPDATE';
  const existing = type === 'UPDATE' ? updatable(front, input.required('StackName')) : creatable(front, stackName(input), name);
  if (existing !== undefined && front.records.findChangeSet(name, existing.stackId) !== undefined) {
    throw new QueryError('AlreadyExistsException', `ChangeSet ${name} already exists`);
  }
  const { given, ...deployment } = await deploymentOf(front, input, type === 'UPDATE' ? existing : undefined);
  checkCapabilities(input, deployment.template);
  const stack = existing ?? inReview(front, stackName(input));
  const former = front.records.notesOf(stack.stackId)?.templateBody;
  const run = front.operations.check(stack, deployment);
  const nothing = type === 'UPDATE' && hasNoChanges(front, stack, run, deployment);
  const changes = nothing ? [] : changesOf({ run, deployed: type === 'CREATE' || !former ? undefined : templateOf(former), template: deployment.template, ssm: front.ssmParameters() });
  const changeSet: ChangeSet = {
    id: `arn:${partitionOf(stack.region)}:cloudformation:${stack.region}:${stack.account}:changeSet/${name}/${randomUUID()}`,
    name,
    stackId: stack.stackId,
    stackName: stack.stackName,
    type,
    description: input.text('Description'),
    createdAt: front.now(),
    templateBody: given.body,
    parameters: deployment.parameters,
    tags: deployment.tags,
    capabilities: input.strings('Capabilities'),
    notificationArns: input.strings('NotificationARNs'),
    roleArn: input.text('RoleARN'),
    includeNestedStacks: input.flag('IncludeNestedStacks'),
    changes,
    deploymentMode: input.text('DeploymentConfig.Mode'),
    ...nothing ? { status: 'FAILED', statusReason: NO_CHANGES, executionStatus: 'UNAVAILABLE' } : { status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE' },
  };
  front.records.addChangeSet(changeSet);
  front.save();
  return { Id: changeSet.id, StackId: stack.stackId };
}

export function describeChangeSet(front: Front, input: Input): Xml {
  const changeSet = find(front, input);
  const { members, nextToken } = page(changeSet.changes, input.text('NextToken'), (_, index) => String(index));
  const values = input.flag('IncludePropertyValues');
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: changeSet.stackId,
    StackName: changeSet.stackName,
    Description: changeSet.description,
    Parameters: Object.entries(changeSet.parameters).map(([ParameterKey, ParameterValue]): Xml => ({ ParameterKey, ParameterValue })),
    CreationTime: changeSet.createdAt,
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    NotificationARNs: [...changeSet.notificationArns],
    Capabilities: [...changeSet.capabilities],
    Tags: Object.entries(changeSet.tags).map(([Key, Value]): Xml => ({ Key, Value })),
    Changes: members.map((change): Xml => ({ Type: 'Resource', ResourceChange: resourceChange(change, values) })),
    IncludeNestedStacks: String(changeSet.includeNestedStacks),
    NextToken: nextToken,
  };
}

export function executeChangeSet(front: Front, input: Input): Xml {
  const changeSet = find(front, input);
  if (changeSet.executionStatus !== 'AVAILABLE') {
    throw new QueryError('InvalidChangeSetStatus', `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.status === 'FAILED' ? 'FAILED' : changeSet.executionStatus}]`);
  }
  const stack = stackOf(front, changeSet.stackId);
  if (changeSet.type === 'UPDATE') {
    updatable(front, stack.stackId);
  }
  const template = templateOf(changeSet.templateBody);
  const deployment = { template, parameters: changeSet.parameters, tags: changeSet.tags };
  front.operations.check(stack, deployment);
  const { Description } = template as { readonly Description?: unknown };
  const notes = {
    ...notesOf(front, input, stack, changeSet.templateBody, template),
    ...typeof Description === 'string' ? { description: Description } : {},
    capabilities: changeSet.capabilities,
    notificationArns: changeSet.notificationArns,
    roleArn: changeSet.roleArn,
    changeSetId: changeSet.id,
  };
  // The others were made for a stack that will not be the same any more.
  front.records.removeChangeSets((other) => other.stackId === stack.stackId && other !== changeSet);
  changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
  const begin = changeSet.type === 'CREATE' ? beginCreation : beginUpdate;
  begin(front, stack, deployment, notes, input.text('ClientRequestToken'), (ok) => { changeSet.executionStatus = ok ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED'; });
  return {};
}

export function deleteChangeSet(front: Front, input: Input): Xml {
  const name = input.required('ChangeSetName');
  const stack = name.startsWith('arn:') ? undefined : stackOf(front, input.required('StackName'));
  const found = front.records.findChangeSet(name, stack?.stackId);
  if (found?.executionStatus === 'EXECUTE_IN_PROGRESS') {
    throw new QueryError('InvalidChangeSetStatus', `ChangeSet [${found.id}] cannot be deleted in its current status of [${found.executionStatus}]`);
  }
  front.records.removeChangeSets((other) => other === found);
  front.save();
  return {};
}

export function listChangeSets(front: Front, input: Input): Xml {
  const stack = stackOf(front, input.required('StackName'));
  return {
    Summaries: front.records.changeSetsOf(stack.stackId).map((changeSet): Xml => ({
      StackId: changeSet.stackId,
      StackName: changeSet.stackName,
      ChangeSetId: changeSet.id,
      ChangeSetName: changeSet.name,
      ExecutionStatus: changeSet.executionStatus,
      Status: changeSet.status,
      StatusReason: changeSet.statusReason,
      CreationTime: changeSet.createdAt,
      Description: changeSet.description,
      IncludeNestedStacks: String(changeSet.includeNestedStacks),
    })),
  };
}

export function find(front: Front, input: Input): ChangeSet {
  const name = input.required('ChangeSetName');
  return front.records.changeSet(name, name.startsWith('arn:') ? undefined : stackOf(front, input.required('StackName')).stackId);
}

function creatable(front: Front, name: string, changeSetName: string): StackRecord | undefined {
  const stack = front.machinery.stacks.find(name);
  if (stack !== undefined && stack.status !== 'REVIEW_IN_PROGRESS') {
    throw validationError(`Stack [${name}] already exists and cannot be created again with the changeSet [${changeSetName}].`);
  }
  return stack;
}

function inReview(front: Front, name: string): StackRecord {
  const stack = front.operations.newStack(name);
  front.machinery.events.emit({
    stackName: stack.stackName, stackId: stack.stackId, logicalId: stack.stackName, type: 'AWS::CloudFormation::Stack', status: 'REVIEW_IN_PROGRESS', physicalId: stack.stackId,
  });
  return stack;
}

function resourceChange({ action, logicalId, physicalId, type, replacement, policyAction, details, before, after }: Change, values: boolean): Xml {
  return {
    PolicyAction: policyAction,
    Action: action,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    Replacement: replacement,
    Scope: [...new Set(details.map(({ attribute }) => attribute))],
    Details: details.map((detail) => describeDetail(detail, values)),
    ...values ? { BeforeContext: text(before), AfterContext: text(after) } : {},
  };
}

function describeDetail({ attribute, name, requiresRecreation, evaluation, changeSource, causingEntity, before, after }: ChangeDetail, values: boolean): Xml {
  return {
    Target: {
      Attribute: attribute,
      Name: name,
      RequiresRecreation: requiresRecreation,
      ...values ? {
        Path: `/${attribute}${name === undefined ? '' : `/${name}`}`,
        BeforeValue: text(before),
        AfterValue: text(after),
        AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
      } : {},
    },
    Evaluation: evaluation,
    ChangeSource: changeSource,
    CausingEntity: causingEntity,
  };
}

function text(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}
