import { writeLogin } from './login';
import { registryCredentials, scheduledLogin } from './registry-credentials';
import { Connection, connect } from '../../ecr/client';
import { Budget } from '../../ecr/retry';
import { REGISTRY_CREDENTIALS_TYPE } from '../../image-resources';
import { HandlerOptions, handlerOf, Handler } from '../handler';
import { Log } from '../log';
import { CustomResourceEvent, LambdaContext } from '../protocol';
import { reasonOf } from '../reason';
import { DEFAULT_TIMING, Timing } from '../timing';

export type { Handler, HandlerOptions } from '../handler';

/** Kept of the function's time, so that what went wrong gets into the log. */
const RESERVE_MILLIS = 5_000;

/** The function of a login: called by CloudFormation once, and by a schedule from then on. */
export function createHandler(options: HandlerOptions = {}): Handler {
  const deployment = handlerOf({ [REGISTRY_CREDENTIALS_TYPE]: registryCredentials }, options);
  const timing: Timing = { ...DEFAULT_TIMING, ...options.timing };
  const log = new Log(options.log);
  let connection: Connection | undefined;
  return async (event: CustomResourceEvent, context: LambdaContext) => {
    const login = scheduledLogin(event);
    if (login === undefined) {
      return deployment(event, context);
    }
    connection ??= connect(options);
    const started = performance.now();
    const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - RESERVE_MILLIS));
    try {
      return await writeLogin(connection, new Budget(signal, () => performance.now() - started, timing), log, login);
    } catch (error) {
      const { code, text } = reasonOf(error);
      log.error('The login could not be made anew.', { secretArn: login.secretId, code, reason: text });
      // Lambda tries twice more and counts an error, which an alarm can look at. Not the error itself: its text would be logged a second time.
      throw new Error(`${code}: the login could not be made anew.`);
    }
  };
}
