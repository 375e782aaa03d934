import { isAccessDenied, operationOf } from '../ecr/errors';
import { isTimeIsUp } from '../ecr/retry';
import { isDrydockError } from '../errors';
import { HandlerCode } from './codes';

export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly operation?: string;
}

/** What an error says to the person who reads the stack's events. */
export function reasonOf(error: unknown): Reason {
  if (isDrydockError(error)) {
    return { code: error.code, text: error.message };
  }
  if (isTimeIsUp(error)) {
    const before = error.cause === undefined ? '' : ` Last: ${shortly(error.cause)}`;
    return coded('DD-HANDLER-005', 'Handler', `${error.message} What was begun has been taken back as far as time allowed.${before}`);
  }
  const operation = operationOf(error);
  if (operation !== undefined) {
    const fix = isAccessDenied(error)
      ? ` Fix: allow the handler's role ${operation} on the repository; a policy of the repository or the organization may deny it.`
      : '';
    return { ...coded('DD-HANDLER-008', operation, `${shortly(error)}${fix}`), operation };
  }
  return coded('DD-HANDLER-007', 'Handler', shortly(error));
}

function coded(code: HandlerCode, pointer: string, text: string): Reason {
  return { code, text: `${code} at ${pointer}: ${text}` };
}

function shortly(error: unknown): string {
  if (isDrydockError(error) || (error instanceof Error && error.name === 'Error')) {
    return error.message;
  }
  return error instanceof Error ? `${error.name}: ${error.message || 'no message'}` : String(error);
}
