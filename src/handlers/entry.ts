import type { Handler } from './dispatch';
import { Log } from './log';
import { CustomResourceEvent, deliver, failedCreateId, LambdaContext } from './protocol';

/**
 * The outermost layer: whatever goes wrong further in, loading the rest of the handler included, CloudFormation gets its answer
 * instead of waiting for an hour.
 */
export function guarded(load: () => Handler, log = new Log()): Handler {
  let handler: Handler | undefined;
  let reason = '';
  try {
    handler = load();
  } catch (error) {
    reason = `DD-HANDLER-006 at Handler: The handler could not start: ${(error as Error)?.message ?? error}`;
  }
  return async (event: CustomResourceEvent, context: LambdaContext) => {
    const wrong = malformed(event);
    if (wrong !== undefined) {
      log.error('DD-HANDLER-004 at Event: not an event of CloudFormation.', { reason: wrong });
      throw new Error(`DD-HANDLER-004 at Event: not an event of CloudFormation: ${wrong}.`);
    }
    if (handler !== undefined) {
      return handler(event, context);
    }
    log.error('answer', { requestId: event.RequestId, status: 'FAILED', reason });
    // A Delete fails, too: nothing was deleted.
    return deliver(event, { Status: 'FAILED', PhysicalResourceId: event.PhysicalResourceId ?? failedCreateId(event.RequestId), Reason: reason }, log);
  };
}

/** What is missing for an answer to be possible at all. */
function malformed(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null) {
    return 'not an object';
  }
  const members = event as Record<string, unknown>;
  const missing = ['RequestType', 'ResponseURL', 'StackId', 'RequestId', 'ResourceType', 'LogicalResourceId'].filter((name) => typeof members[name] !== 'string');
  if (missing.length > 0) {
    return `no ${missing.join(', ')}`;
  }
  if (!['Create', 'Update', 'Delete'].includes(members.RequestType as string)) {
    return 'unknown RequestType';
  }
  return members.RequestType !== 'Create' && typeof members.PhysicalResourceId !== 'string' ? 'no PhysicalResourceId' : undefined;
}
