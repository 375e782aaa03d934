import { problem } from './codes';
import type { StackRun, Step } from './engine';
import { StackOperation } from './operation';
import { ResourceFailure } from './provider';
import { isCustomResource } from './scope';
import { ResourceRecord } from './state';
import { Graph, inOrder } from '../assembly/graph';

/**
 * What CloudFormation does after the forward phase.
 *
 * A failed creation deletes, last made first (ROLLBACK_IN_PROGRESS); a delete that fails makes it ROLLBACK_FAILED. A failed
 * update first updates back what it has updated (UPDATE_ROLLBACK_IN_PROGRESS), and only when all of that has succeeded deletes what it has
 * created (UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS). Deletes of the two clean-up phases never fail the stack: "Update successful. One or
 * more resources could not be deleted."
 *
 * The resource that failed to update is updated back as well: CloudFormation cannot know how far it came.
 * An update that gave a new physical id, successfully or not, is not updated back: the old resource is still there and is taken back as it is, and
 * the new id gets a Delete (aws/aws-cdk#22670 lost a deployment to that). Whether DeletionPolicy applies to such a new resource is not
 * documented ("this capability doesn't apply to resources whose physical instance is replaced"): it is deleted. DeletionPolicy Snapshot is a
 * deletion: nothing that is executed here has snapshots.
 */

interface Target {
  readonly record: ResourceRecord;
  readonly keep: boolean;
}

/** Deletes what a failed creation has made. Whether all of it is gone or meant to stay. */
export async function removeCreated(run: StackRun): Promise<boolean> {
  const targets = run.steps.filter(hasAfter).reverse().map((step): Target => ({ record: step.after, keep: step.after.deletionPolicy === 'Retain' }));
  const failed = await removeAll(run, targets, 'backward', true);
  if (failed.length > 0) {
    run.setStatus('ROLLBACK_FAILED', `The following resource(s) failed to delete: [${failed.join(', ')}].`);
  }
  return failed.length === 0;
}

/** Deletes all resources of a stack, in reverse order of their dependencies. Returns the logical IDs of those that could not be deleted. */
export async function removeStackResources(host: StackOperation, rollbackOfCreation: boolean): Promise<string[]> {
  const targets = reverseOrder(host.stack.resources, host.stack.stackName).map((record): Target => ({
    record,
    keep: record.deletionPolicy === 'Retain' || record.deletionPolicy === 'RetainExceptOnCreate' && !rollbackOfCreation,
  }));
  return removeAll(host, targets, rollbackOfCreation ? 'backward' : 'forward', true);
}

/** After a successful update: what is not in the new template, and what has been replaced; in the order of the old template, reversed. */
export async function cleanUp(run: StackRun): Promise<void> {
  const replaced = new Map(run.steps.filter(isReplaced).map((step) => [step.before.physicalId, step.after]));
  const targets = reverseOrder(run.former, run.stack.stackName).flatMap((record): Target[] => {
    const successor = replaced.get(record.physicalId);
    if (successor !== undefined && successor.logicalId === record.logicalId) {
      return [{ record, keep: successor.updateReplacePolicy === 'Retain' }];
    }
    return run.plan.resources.has(record.logicalId) ? [] : [{ record, keep: ['Retain', 'RetainExceptOnCreate'].includes(record.deletionPolicy) }];
  });
  await removeInCleanUp(run, targets);
  for (const step of run.steps) {
    await step.nested?.cleanUp();
  }
}

/** After a failed update: updates back what was updated. Whether all of it is as it was. */
export async function revert(run: StackRun): Promise<boolean> {
  const failed: string[] = [];
  const inSteps = new Set(run.steps.map((step) => step.logicalId));
  for (const [id, record] of run.former) {
    if (!inSteps.has(id)) {
      run.stack.resources.set(id, record);
    }
  }
  for (const step of run.context.behaviour.rollbackOrder === 'reverse' ? [...run.steps].reverse() : run.steps) {
    if (step.before !== undefined && !await revertStep(run, step, step.before)) {
      failed.push(step.logicalId);
    }
  }
  if (failed.length > 0) {
    run.setStatus('UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${failed.join(', ')}].`);
  }
  return failed.length === 0;
}

/** After `revert`: deletes what the failed update has created, last made first. */
export async function removeNew(run: StackRun): Promise<void> {
  for (const step of [...run.steps].reverse()) {
    if (step.after !== undefined && step.before === undefined) {
      await removeInCleanUp(run, [{ record: step.after, keep: step.after.deletionPolicy === 'Retain' }]);
    } else {
      const leftovers = step.leftovers ?? (isReplaced(step) ? [step.after] : []);
      await removeInCleanUp(run, leftovers.map((record): Target => ({ record, keep: false })));
      await step.nested?.removeNew();
    }
  }
}

async function revertStep(run: StackRun, step: Step, before: ResourceRecord): Promise<boolean> {
  const { after } = step;
  const again = run.context.behaviour.replacedInRollback === 'update-then-delete' && isCustomResource(before.type);
  if (after === undefined || after.physicalId !== before.physicalId && !again) {
    run.stack.resources.set(step.logicalId, before);
    run.emit(before, 'UPDATE_COMPLETE', before.physicalId);
    return true;
  }
  run.emit(before, 'UPDATE_IN_PROGRESS', after.physicalId);
  try {
    if (step.nested !== undefined) {
      if (!await step.nested.revert()) {
        throw new ResourceFailure(`Embedded stack ${before.physicalId} was not successfully rolled back.`, before.physicalId);
      }
      run.stack.resources.set(step.logicalId, before);
    } else {
      run.context.faults.raise(before, 'update', 'before', 'backward', after.physicalId);
      const outcome = await run.context.providerFor(before.type).update({
        stack: run.stack, logicalId: before.logicalId, type: before.type, properties: before.properties, constructPath: before.constructPath,
      }, after);
      run.context.faults.raise(before, 'update', 'after', 'backward', after.physicalId);
      run.stack.resources.set(step.logicalId, { ...before, ...outcome, codeDirectory: before.codeDirectory });
      // Usually the way back leads to the old physical id. Wherever it leads: what is behind the other ids, nobody needs any more.
      const candidates = before.physicalId === after.physicalId ? [after] : [after, before];
      step.leftovers = candidates.filter((record) => record.physicalId !== outcome.physicalId);
    }
    run.emit(before, 'UPDATE_COMPLETE', run.stack.resources.get(step.logicalId)?.physicalId);
    return true;
  } catch (error) {
    if (!(error instanceof ResourceFailure)) {
      throw error;
    }
    run.emit(before, 'UPDATE_FAILED', after.physicalId, error.message);
    return false;
  }
}

async function removeInCleanUp(run: StackRun, targets: readonly Target[]): Promise<void> {
  for (const id of await removeAll(run, targets, 'backward', false)) {
    run.context.notice(problem('DD-REHEARSAL-108', `${run.stack.stackName}/${id}`, `${id} could not be deleted. It is no longer part of the stack.`, {
      fix: 'Delete by hand what is left behind; the DELETE_FAILED event says why it stayed.',
    }));
  }
}

/**
 * Deletes one after another. `guarded`: what another one depends on stays when that other one could not be deleted.
 * Returns the logical IDs of those that could not be deleted.
 */
async function removeAll(host: StackOperation, targets: readonly Target[], during: 'forward' | 'backward', guarded: boolean): Promise<string[]> {
  const { context, stack } = host;
  const failed: ResourceRecord[] = [];
  const stuck: ResourceRecord[] = [];
  for (const { record, keep } of targets) {
    const forget = () => {
      if (stack.resources.get(record.logicalId)?.physicalId === record.physicalId) {
        stack.resources.delete(record.logicalId);
      }
    };
    if (keep) {
      host.emit(record, 'DELETE_SKIPPED', record.physicalId);
      forget();
      continue;
    }
    if (guarded && stuck.some((other) => other.dependsOn.includes(record.logicalId))) {
      stuck.push(record);
      continue;
    }
    host.emit(record, 'DELETE_IN_PROGRESS', record.physicalId);
    try {
      context.faults.raise(record, 'delete', 'before', during, record.physicalId);
      await context.providerFor(record.type).delete(stack, record);
      context.faults.raise(record, 'delete', 'after', during, record.physicalId);
      host.emit(record, 'DELETE_COMPLETE', record.physicalId);
      forget();
    } catch (error) {
      if (!(error instanceof ResourceFailure)) {
        throw error;
      }
      host.emit(record, 'DELETE_FAILED', record.physicalId, error.message);
      failed.push(record);
      stuck.push(record);
      if (!guarded) {
        forget();
      }
    }
  }
  return failed.map((record) => record.logicalId);
}

function reverseOrder(records: ReadonlyMap<string, ResourceRecord>, place: string): ResourceRecord[] {
  const graph: Graph = new Map([...records].map(([id, record]) => [id, record.dependsOn]));
  return inOrder(graph, place).reverse().map((id) => records.get(id) as ResourceRecord);
}

function hasAfter(step: Step): step is Step & { readonly after: ResourceRecord } {
  return step.after !== undefined;
}

function isReplaced(step: Step): step is Step & { readonly before: ResourceRecord; readonly after: ResourceRecord } {
  return step.before !== undefined && step.after !== undefined && step.before.physicalId !== step.after.physicalId;
}
