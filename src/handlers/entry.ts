import { ANSWERED } from './goes-on';
import type { Handler } from './handler';
import { Log } from './log';
import { CustomResourceEvent, deliver, failedCreateId, isFailedCreateId, LambdaContext } from './protocol';

/**
 * The outermost layer: whatever goes wrong further in, loading the rest of the handler included, CloudFormation gets its answer
 * instead of waiting for an hour. `isOther`: events of others than CloudFormation that the function knows; nobody waits for an answer to them.
 */
export function guarded(load: () => Handler, log = new Log(), isOther: (event: object) => boolean = () => false): Handler {
  let handler: Handler | undefined;
  let reason = '';
  try {
    handler = load();
  } catch (error) {
    reason = `DD-HANDLER-006 at Handler: The handler could not start: ${(error as Error)?.message ?? error}`;
  }
  return async (event: CustomResourceEvent, context: LambdaContext) => {
    if (typeof event === 'object' && event !== null && isOther(event)) {
      if (handler === undefined) {
        throw new Error(reason);
      }
      return handler(event, context);
    }
    const wrong = malformed(event);
    if (wrong !== undefined) {
      const text = `DD-HANDLER-004 at Event: This is not an event that CloudFormation would send: ${wrong}.`;
      log.error('Not an event of CloudFormation.', { reason: wrong });
      if (!isAnswerable(event)) {
        throw new Error(text);
      }
      return deliver(event, { Status: 'FAILED', PhysicalResourceId: event.PhysicalResourceId ?? failedCreateId(event.RequestId), Reason: text }, log).then(() => ANSWERED);
    }
    if (handler !== undefined) {
      return handler(event, context);
    }
    log.error('answer', { requestId: event.RequestId, status: 'FAILED', reason });
    if (event.RequestType === 'Delete' && isFailedCreateId(event.PhysicalResourceId ?? '')) {
      return deliver(event, { Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId as string }, log);
    }
    return deliver(event, { Status: 'FAILED', PhysicalResourceId: event.PhysicalResourceId ?? failedCreateId(event.RequestId), Reason: reason }, log);
  };
}

const NEEDED_TO_ANSWER = ['ResponseURL', 'StackId', 'RequestId', 'LogicalResourceId'] as const;

function isAnswerable(event: unknown): event is CustomResourceEvent {
  return typeof event === 'object' && event !== null && NEEDED_TO_ANSWER.every((name) => typeof (event as Record<string, unknown>)[name] === 'string');
}

function malformed(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null) {
    return 'it is not an object';
  }
  const members = event as Record<string, unknown>;
  const missing = [...NEEDED_TO_ANSWER, 'RequestType', 'ResourceType'].filter((name) => typeof members[name] !== 'string');
  if (missing.length > 0) {
    return `it has no ${missing.join(', ')}`;
  }
  if (!['Create', 'Update', 'Delete'].includes(members.RequestType as string)) {
    return 'its RequestType is unknown';
  }
  if (typeof members.ResourceProperties !== 'object' || members.ResourceProperties === null) {
    return 'it has no ResourceProperties';
  }
  return members.RequestType !== 'Create' && typeof members.PhysicalResourceId !== 'string' ? 'it has no PhysicalResourceId' : undefined;
}
