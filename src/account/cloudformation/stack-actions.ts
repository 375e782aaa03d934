import { changesOf } from './changes';
import { Input, notHad, validationError } from './input';
import { Deployment } from './operations';
import { StackNotes } from './records';
import { checkCapabilities, deploymentOf, Front, notesOf, stackName, stackOf, UPDATABLE } from './requests';
import { templateOf } from './template-body';
import { createStack, updateStack } from '../../rehearsal/deployment';
import { StackRun } from '../../rehearsal/engine';
import { sameJson } from '../../rehearsal/equality';
import { deleteStack } from '../../rehearsal/nested-stack';
import { QueryError, Xml } from '../../rehearsal/query-protocol';
import { StackRecord } from '../../rehearsal/state';

export async function createStackAction(front: Front, input: Input): Promise<Xml> {
  const name = stackName(input);
  if (front.machinery.stacks.find(name) !== undefined) {
    throw new QueryError('AlreadyExistsException', `Stack [${name}] already exists`);
  }
  const { given, ...deployment } = await deploymentOf(front, input, undefined);
  checkCapabilities(input, deployment.template);
  const stack = front.operations.newStack(name);
  try {
    front.operations.check(stack, deployment);
  } catch (error) {
    forget(front, stack);
    throw error;
  }
  const notes = notesOf(front, input, stack, given.body, given.template);
  beginCreation(front, stack, deployment, notes, input.text('ClientRequestToken'));
  return { StackId: stack.stackId };
}

export async function updateStackAction(front: Front, input: Input): Promise<Xml> {
  const stack = updatable(front, input.required('StackName'));
  const { given, ...deployment } = await deploymentOf(front, input, stack);
  checkCapabilities(input, deployment.template);
  const run = front.operations.check(stack, deployment);
  if (hasNoChanges(front, stack, run, deployment)) {
    throw validationError('No updates are to be performed.');
  }
  beginUpdate(front, stack, deployment, notesOf(front, input, stack, given.body, given.template), input.text('ClientRequestToken'));
  return { StackId: stack.stackId };
}

export function deleteStackAction(front: Front, input: Input): Xml {
  const { machinery, records, operations } = front;
  const stack = machinery.stacks.find(input.required('StackName'));
  if (stack === undefined || stack.status === 'DELETE_COMPLETE') {
    return {};
  }
  if (stack.parentId !== undefined) {
    throw validationError(`Stack [${stack.stackName}] cannot be deleted: it belongs to the stack ${stack.parentId}.`);
  }
  if (records.notesOf(stack.stackId)?.terminationProtection) {
    throw validationError(`Stack [${stack.stackName}] cannot be deleted while TerminationProtection is enabled`);
  }
  if (stack.status === 'REVIEW_IN_PROGRESS') {
    records.removeChangeSets(({ stackId }) => stackId === stack.stackId);
  } else if (stack.status.endsWith('_IN_PROGRESS')) {
    throw validationError(`Stack [${stack.stackName}] cannot be deleted while in status ${stack.status}`);
  }
  const inUse = stack.exports.map((one) => ({ name: one.name, users: machinery.stacks.importers(one.name) })).find(({ users }) => users.length > 0);
  if (inUse !== undefined) {
    throw validationError(`Export ${inUse.name} cannot be deleted as it is in use by ${inUse.users.join(' and ')}`);
  }
  const retained = input.strings('RetainResources');
  if (retained.length > 0 && stack.status !== 'DELETE_FAILED') {
    throw validationError('RetainResources are only allowed for stacks in the DELETE_FAILED state.'.replace('.', ` (Stack [${stack.stackName}] is in ${stack.status}).`));
  }
  operations.start(stack, 'DELETE_IN_PROGRESS', input.text('ClientRequestToken'), 'DELETE_FAILED', async (context) => {
    retained.forEach((id) => stack.resources.delete(id));
    await deleteStack(context, stack);
    const notes = records.notesOf(stack.stackId);
    if (notes !== undefined && String(stack.status) === 'DELETE_COMPLETE') {
      notes.deletedAt = front.now();
    }
    records.removeChangeSets(({ stackId }) => stackId === stack.stackId);
  });
  return {};
}

export function updateTerminationProtection(front: Front, input: Input): Xml {
  const stack = stackOf(front, input.required('StackName'));
  const notes = front.records.notesOf(stack.stackId);
  if (notes === undefined || stack.parentId !== undefined) {
    throw validationError(`EnableTerminationProtection cannot be set on a nested stack [${stack.stackName}]`);
  }
  notes.terminationProtection = input.flag('EnableTerminationProtection');
  front.save();
  return { StackId: stack.stackId };
}

export function rollBackAction(action: string): never {
  throw notHad(`${action}: delete the stack, or deploy again`);
}

/** A stack that may be updated now. */
export function updatable(front: Front, name: string): StackRecord {
  const stack = front.machinery.stacks.find(name);
  if (stack === undefined) {
    throw validationError(`Stack [${name}] does not exist`);
  }
  if (!UPDATABLE.test(stack.status)) {
    throw validationError(`Stack:${stack.stackId} is in ${stack.status} state and can not be updated.`);
  }
  return stack;
}

/** Nothing that the template or its values would change: no resource, no output, no tag. */
export function hasNoChanges(front: Front, stack: StackRecord, run: StackRun, deployment: Deployment): boolean {
  const former = front.records.notesOf(stack.stackId)?.templateBody ?? '';
  const deployed = former === '' ? undefined : templateOf(former);
  return deployed !== undefined && (run.isNoUpdate()
    || sameJson(deployed.Outputs ?? {}, deployment.template.Outputs ?? {}) && sameJson(stack.tags, deployment.tags)
    && changesOf({ run, deployed, template: deployment.template, ssm: front.ssmParameters() }).length === 0);
}

export function beginCreation(
  front: Front, stack: StackRecord, deployment: Deployment, notes: StackNotes, token: string | undefined, ended: (ok: boolean) => void = () => undefined,
): void {
  front.records.setNotes(stack.stackId, notes);
  front.operations.start(stack, 'CREATE_IN_PROGRESS', token, 'ROLLBACK_FAILED', async (context) => {
    let ok = false;
    try {
      ok = await createStack(front.operations.run(context, stack, deployment));
    } finally {
      ended(ok);
    }
  });
}

export function beginUpdate(
  front: Front, stack: StackRecord, deployment: Deployment, notes: StackNotes, token: string | undefined, ended: (ok: boolean) => void = () => undefined,
): void {
  const { records, operations } = front;
  operations.start(stack, 'UPDATE_IN_PROGRESS', token, 'UPDATE_ROLLBACK_FAILED', async (context) => {
    let ok = false;
    try {
      ok = await updateStack(operations.run(context, stack, deployment));
    } finally {
      if (ok) {
        // A rollback takes the template back as well.
        records.setNotes(stack.stackId, notes);
      }
      ended(ok);
    }
  });
}

/** A stack of which nothing has come about. */
export function forget(front: Front, stack: StackRecord): void {
  stack.status = 'DELETE_COMPLETE';
  front.save();
}
