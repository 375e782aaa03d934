import { IncomingMessage, ServerResponse } from 'node:http';
import { LoopbackServer } from './loopback-server';
import { isObject } from '../assembly/intrinsics';

/** A custom resource's answer, checked. */
export interface Answer {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly reason?: string;
  readonly physicalId: string;
  readonly data: Record<string, unknown>;
  readonly noEcho: boolean;
}

/** What arrived at a ResponseURL: an answer, or something that CloudFormation does not take for one. */
export type Received = { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'malformed'; readonly reason: string; readonly physicalId?: string };

export interface Expectation {
  readonly url: string;
  /** The first thing that arrives. Everything later goes to `onLater`. */
  readonly received: Promise<Received>;
  /** Whether something has arrived. */
  isAnswered(): boolean;
  /** Later arrivals find nothing behind the URL. */
  close(): void;
}

interface Asked {
  readonly stackId: string;
  readonly requestId: string;
  readonly logicalResourceId: string;
}

interface Waiting extends Asked {
  answered: boolean;
  settle(received: Received): void;
  later(received: Received): void;
}

/** "The total size of the response body can't exceed 4096 bytes" (crpg-ref-responses in the CloudFormation user guide). */
export const MAXIMUM_RESPONSE_BYTES = 4096;

/** What is read at most before the connection is cut: S3 would take five gigabytes, a rehearsal should not. */
const MAXIMUM_READ_BYTES = 1024 * 1024;

/**
 * Where custom resources PUT their answers. It behaves as the presigned S3 URL that CloudFormation gives: any body of any content is
 * stored and answered with 200; what the body says is CloudFormation's affair. It is strict where S3 is: PUT only, a
 * Content-Length, no content type (it is not part of the signature), an unknown or used-up URL refused.
 */
export class ResponseServer {
  private readonly waiting = new Map<string, Waiting>();
  private readonly server = new LoopbackServer((request, response) => this.handle(request, response));

  public start(): Promise<void> {
    return this.server.start();
  }

  public stop(): Promise<void> {
    return this.server.stop();
  }

  /** One use: a place for the answer to this request. `secret` makes the URL impossible to guess. */
  public expect(asked: Asked, secret: string, onLater: (received: Received) => void): Expectation {
    const path = `/${encodeURIComponent(asked.stackId)}%7C${asked.logicalResourceId}%7C${asked.requestId}`;
    const url = `${this.server.url}${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host&X-Amz-Expires=7200&X-Amz-Signature=${secret}`;
    const key = url.slice(this.server.url.length);
    let settle: (received: Received) => void = () => undefined;
    const received = new Promise<Received>((resolve) => { settle = resolve; });
    const entry: Waiting = { ...asked, answered: false, settle, later: onLater };
    this.waiting.set(key, entry);
    return { url, received, isAnswered: () => entry.answered, close: () => void this.waiting.delete(key) };
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, code: string) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/xml', 'connection': 'close' }).end(`<Error><Code>${code}</Code></Error>`);
    };
    const entry = this.waiting.get(request.url ?? '');
    if (entry === undefined) {
      return refuse(403, 'AccessDenied');
    }
    if (request.method !== 'PUT') {
      return refuse(405, 'MethodNotAllowed');
    }
    if (request.headers['content-length'] === undefined) {
      return refuse(411, 'MissingContentLength');
    }
    if ((request.headers['content-type'] ?? '') !== '') {
      return refuse(403, 'SignatureDoesNotMatch');
    }
    const body = await readBody(request);
    if (body === undefined) {
      return refuse(400, 'EntityTooLarge');
    }
    const received = understand(body, entry);
    response.writeHead(200, { 'content-length': 0 }).end();
    if (entry.answered) {
      entry.later(received);
    } else {
      entry.answered = true;
      entry.settle(received);
    }
  }
}

/** Exactly Content-Length bytes, as HTTP has it: a length counted in characters cuts the body short, and it is no JSON any more. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAXIMUM_READ_BYTES) {
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function understand(body: Buffer, asked: Asked): Received {
  if (body.length > MAXIMUM_RESPONSE_BYTES) {
    return { kind: 'malformed', reason: 'Response object is too long.' };
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { kind: 'malformed', reason: 'Invalid response object: the body is not JSON. (Is Content-Length counted in bytes?)' };
  }
  if (!isObject(json)) {
    return { kind: 'malformed', reason: 'Invalid response object: the body is not a JSON object.' };
  }
  const physicalId = typeof json.PhysicalResourceId === 'string' && json.PhysicalResourceId !== '' ? json.PhysicalResourceId : undefined;
  const malformed = (reason: string): Received => ({ kind: 'malformed', reason, physicalId });
  if (physicalId === undefined || Buffer.byteLength(physicalId) > 1024) {
    return { kind: 'malformed', reason: 'Invalid PhysicalResourceId' };
  }
  for (const [member, expected] of [['StackId', asked.stackId], ['RequestId', asked.requestId], ['LogicalResourceId', asked.logicalResourceId]]) {
    if (json[member] !== expected) {
      return malformed(`Invalid response object: ${member} must be ${expected}, as in the request.`);
    }
  }
  if (json.Status !== 'SUCCESS' && json.Status !== 'FAILED') {
    return malformed('Invalid response object: Status must be SUCCESS or FAILED.');
  }
  if (json.Status === 'FAILED' && (typeof json.Reason !== 'string' || json.Reason === '')) {
    return malformed('Invalid response object: Reason is required when Status is FAILED.');
  }
  if (json.Data !== undefined && json.Data !== null && !isObject(json.Data)) {
    return malformed('Invalid response object: Data must be an object of name-value pairs.');
  }
  return {
    kind: 'answer',
    answer: {
      status: json.Status,
      reason: typeof json.Reason === 'string' ? json.Reason : undefined,
      physicalId,
      data: (json.Data as Record<string, unknown> | undefined | null) ?? {},
      noEcho: json.NoEcho === true || json.NoEcho === 'true',
    },
  };
}
