import { Log, withoutSecrets } from './log';

/**
 * The custom-resource protocol: events as CloudFormation sends them, and the one answer that it waits for. Nothing here needs more than
 * Node itself, so that an answer can be given even when the rest of the handler cannot be loaded.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export type RequestType = 'Create' | 'Update' | 'Delete';

export interface CustomResourceEvent {
  readonly RequestType: RequestType;
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  /** With Update and Delete. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  /** With Update. */
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
  /** Not of CloudFormation: a state machine of ours goes on with this event; what it has come to. */
  readonly Continuation?: unknown;
  /** The same: why the state machine cannot go on. */
  readonly Failure?: unknown;
}

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
  readonly Data?: Readonly<Record<string, string>>;
}

export interface DeliverySettings {
  readonly putAttempts: number;
  readonly putBackoffMillis: number;
  readonly putTimeoutMillis: number;
}

export const DEFAULT_DELIVERY: DeliverySettings = { putAttempts: 6, putBackoffMillis: 250, putTimeoutMillis: 5_000 };

/** "The total size of the response body can't exceed 4096 bytes"; we stay below. */
export const MAX_BODY_BYTES = 4_095;
/** What the console and `cdk deploy` show of a reason in full. */
export const MAX_REASON_CHARACTERS = 1_000;

const FAILED_CREATE = 'drydock:create-failed:';

/** The id of something that was never made: its Delete, which CloudFormation sends when it rolls back, has nothing to do. */
export function failedCreateId(requestId: string): string {
  return `${FAILED_CREATE}${requestId}`;
}

export function isFailedCreateId(physicalResourceId: string): boolean {
  return physicalResourceId.startsWith(FAILED_CREATE);
}

/** The answer as UTF-8. What does not fit is cut from the reason, between characters; without a reason there is nothing to cut. */
export function answerBody(event: CustomResourceEvent, answer: Answer): Buffer {
  const render = (reason: string | undefined, data = answer.Data) => Buffer.from(JSON.stringify({
    Status: answer.Status,
    ...(reason === undefined ? {} : { Reason: reason }),
    PhysicalResourceId: answer.PhysicalResourceId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    ...(data === undefined ? {} : { Data: data }),
  }), 'utf8');

  const reason = answer.Reason === undefined ? undefined : withoutSecrets(answer.Reason);
  const whole = render(reason === undefined ? undefined : cut(reason, MAX_REASON_CHARACTERS));
  if (whole.length <= MAX_BODY_BYTES) {
    return whole;
  }
  if (answer.Status === 'SUCCESS') {
    const text = 'DD-HANDLER-009 at Data: What was asked for is done, but its attributes do not fit into an answer of 4,096 bytes.';
    return answerBody(event, { Status: 'FAILED', PhysicalResourceId: answer.PhysicalResourceId, Reason: text });
  }
  const characters = [...reason ?? ''];
  let low = 0;
  let high = Math.min(characters.length, MAX_REASON_CHARACTERS);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (render(cut(reason ?? '', middle), undefined).length <= MAX_BODY_BYTES) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return render(cut(reason ?? '', low), undefined);
}

/** At most so many characters (not UTF-16 units: half of one would be no text). */
function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`;
}

/**
 * Sends the answer. It is sent again when the connection breaks or the server fails; a refusal (the URL is used up or no longer
 * valid) is final. Throws when it could not be delivered, so that Lambda delivers the event once more.
 */
export async function deliver(event: CustomResourceEvent, answer: Answer, log: Log, settings: DeliverySettings = DEFAULT_DELIVERY): Promise<void> {
  const body = answerBody(event, answer);
  for (let attempt = 1; ; attempt += 1) {
    let failure: string;
    let final = false;
    try {
      const status = await put(event.ResponseURL, body, settings.putTimeoutMillis);
      if (status >= 200 && status < 300) {
        return;
      }
      final = FINAL_STATUSES.has(status);
      failure = `status ${status}`;
    } catch (error) {
      final = (error as NodeJS.ErrnoException).code === 'ERR_INVALID_URL' || (error as NodeJS.ErrnoException).code === 'ERR_INVALID_PROTOCOL';
      // Not the message: it may quote the URL.
      failure = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
    }
    if (final || attempt >= settings.putAttempts) {
      log.error('The answer could not be delivered.', { attempts: attempt, reason: failure, status: answer.Status });
      throw new Error(`The answer could not be delivered after ${attempt} ${attempt === 1 ? 'attempt' : 'attempts'}: ${failure}.`);
    }
    log.warn('The answer was not accepted; it is sent again.', { attempts: attempt, reason: failure });
    await new Promise((resolve) => setTimeout(resolve, settings.putBackoffMillis * 2 ** (attempt - 1) * (0.5 + Math.random() / 2)));
  }
}

const FINAL_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 405, 410, 411, 413]);

/** Loaded when an answer is ready; the start of the function need not wait for it. */
function clientOf({ protocol }: URL): typeof import('node:https') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return protocol === 'http:' ? require('node:http') : require('node:https');
}

function put(url: string, body: Buffer, timeoutMillis: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const request = clientOf(target).request(target, {
      method: 'PUT',
      // The URL is signed for an empty content type.
      headers: { 'content-type': '', 'content-length': body.length },
      agent: false,
    }, (response) => {
      // The status is the whole answer; what becomes of the rest of it does not matter.
      response.on('error', () => undefined);
      response.resume();
      clearTimeout(timer);
      resolve(response.statusCode ?? 0);
    });
    // The socket's own timeout counts idle time only.
    const timer = setTimeout(() => request.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })), timeoutMillis);
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
}
