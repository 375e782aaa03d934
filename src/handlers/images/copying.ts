import { copyFailure } from './copy-failure';
import { openSource } from './copy-source';
import { CopyWanted } from './image-copy-properties';
import { copyImage, CopyOutcome, CopyState } from '../../copy';
import { sha256Hex } from '../../digest';
import { startExecution } from '../../ecr/workflow';
import { GoesOn } from '../goes-on';
import { isObject } from '../properties';
import { Run } from '../run';

export type Copied = Extract<CopyOutcome, { finished: true }>;

/** Bytes of layers that are in memory at once; the function has a gibibyte. */
const MEMORY_BYTES = 192 * 1024 * 1024;
/** Before CloudFormation stops waiting: for the tags, and for the answer. */
const ANSWER_MILLIS = 30_000;

/** What a copy hands to the invocation that goes on with it. */
export interface HandedOver {
  /** Milliseconds since 1970: when CloudFormation stops waiting. */
  readonly deadline: number;
  /** Whether the stack was going back when the event came. */
  readonly isRollback: boolean;
  readonly copy?: CopyState;
}

/**
 * Copies the bytes, without a tag. Where one invocation is too short and there is a state machine, throws GoesOn: the state machine calls the function
 * again with what this one has come to.
 */
export async function copy(run: Run, wanted: CopyWanted, isRollback: boolean): Promise<Copied> {
  const { event } = run;
  if (event.Failure !== undefined) {
    // Whatever the invocation that died has done, the Delete of the rollback finds it noted.
    run.undo.leaveToDelete();
    throw copyFailure('DD-IMAGE-504', 'Source', `The state machine could not go on with the copy: ${failureText(event.Failure)}.`, {
      fix: 'See its execution in Step Functions and the log of the function, and deploy again: what was copied is there already.',
    });
  }
  const before = handedOver(event.Continuation);
  const deadline = before?.deadline ?? Date.now() + wanted.timeoutSeconds * 1_000;
  const source = await openSource(run, wanted.source);
  run.log.info(before === undefined ? 'The image is copied.' : 'The copy goes on.', { repositoryName: wanted.address.repositoryName, source: source.name });
  const timeUp = AbortSignal.timeout(Math.max(0, deadline - Date.now() - Math.min(ANSWER_MILLIS, wanted.timeoutSeconds * 250)));
  try {
    const outcome = await copyImage({
      source,
      destination: { connection: run.connection, address: wanted.address },
      // Tags are put afterwards, when what they stand for is noted and the stack still goes forward.
      tags: [],
      platforms: wanted.platforms,
      referrers: wanted.referrers,
      signal: AbortSignal.any([run.soon, timeUp]),
      memoryBytes: MEMORY_BYTES,
      resume: before?.copy,
      retry: run.timing,
      log: (level, message, fields) => run.log[level](message, { ...fields, source: source.name }),
    });
    if (outcome.finished) {
      return outcome;
    }
    if (wanted.stateMachineArn === undefined || timeUp.aborted) {
      throw outOfTime(wanted, source.name, outcome.state);
    }
    return await handOver(run, wanted.stateMachineArn, { deadline, isRollback, copy: outcome.state });
  } finally {
    await source.close();
  }
}

async function handOver(run: Run, stateMachineArn: string, state: HandedOver): Promise<never> {
  const { event } = run;
  if (event.Continuation === undefined) {
    // Only what the next invocation needs. The address at which CloudFormation waits is among that, and stays in the history of the execution.
    const { RequestType, ResponseURL, StackId, RequestId, ResourceType, LogicalResourceId, PhysicalResourceId, ResourceProperties, OldResourceProperties } = event;
    const started = await startExecution(run.connection, run.budget, stateMachineArn, executionName(RequestId), {
      RequestType, ResponseURL, StackId, RequestId, ResourceType, LogicalResourceId, PhysicalResourceId, ResourceProperties, OldResourceProperties,
      Continuation: { Finished: false, State: state },
    });
    run.log.info(started === 'started' ? 'A state machine goes on with the copy.' : 'A state machine is at the copy already.');
  }
  throw new GoesOn(state);
}

/** The same for every delivery of an event. */
function executionName(requestId: string): string {
  return /^[\w-]{1,80}$/.test(requestId) ? requestId : sha256Hex(requestId);
}

export function handedOver(continuation: unknown): HandedOver | undefined {
  const state = isObject(continuation) ? continuation.State : undefined;
  return isObject(state) && typeof state.deadline === 'number' ? state as unknown as HandedOver : undefined;
}

function failureText(failure: unknown): string {
  const { Error: error, Cause: cause } = isObject(failure) ? failure : {};
  let message: unknown;
  try {
    message = (JSON.parse(String(cause)) as { errorMessage?: unknown }).errorMessage;
  } catch {
    message = cause;
  }
  return [error, message].filter((part) => part !== undefined && part !== '').join(': ') || 'no reason is known';
}

function outOfTime({ timeoutSeconds, stateMachineArn, address }: CopyWanted, source: string, state: CopyState): Error {
  const minutes = Math.round(timeoutSeconds / 60);
  const moved = `${state.moved.blobs} layers (${state.moved.bytes} bytes) had been moved and stay there for the next attempt`;
  return copyFailure('DD-IMAGE-501', 'Timeout', `${source} was not copied to ${address.repositoryName} within ${minutes} minutes; ${moved}. No tag was put.`, {
    value: timeoutSeconds,
    fix: stateMachineArn === undefined ? 'Deploy again, or give the copy more than one invocation: timeout: Duration.hours(1).'
      : 'Deploy again: it goes on from there. CloudFormation waits for an hour at most; `drydock copy` has no such limit.',
  });
}
