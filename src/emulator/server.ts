import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { strangerIn } from './web-pages';
import { DrydockError } from '../errors';

/** Enough for the largest manifest with everything in it escaped. Layers are streams, which have no limit here. */
export const BODY_LIMIT = 32 * 1024 * 1024;
/** Longer than clients keep idle connections, so that none is closed under a request that is on its way. */
const KEEP_ALIVE_MS = 120_000;

/** Bytes that are made when they are wanted. */
export interface BodyStream {
  /** Absent where nobody knows: the body then goes out in chunks. */
  readonly size?: number;
  open(): Promise<Readable>;
}

export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | BodyStream;
  /** Reset the connection after so many bytes of the body. */
  readonly cutAfter?: number;
}

/** An answer that somebody made up. */
export const rawReply = ({ statusCode, contentType, body }: { readonly statusCode: number; readonly contentType: string; readonly body: string }): Reply =>
  ({ statusCode, headers: { 'content-type': contentType }, body });

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** The body as it comes. It is read once, either so or as a whole. */
  readonly stream: AsyncIterable<Buffer>;
  /** The whole body; `undefined` when it is too large. What follows is thrown away, up to as much again. */
  bytes(limit?: number): Promise<Buffer | undefined>;
}

/** Answers a request; `undefined` resets the connection. */
export type Handler = (request: Request) => Promise<Reply | undefined>;

/** Another service at the same address. */
export interface Door {
  readonly handle: Handler;
  /** Whether a request is for it. */
  accepts(request: Request): boolean;
}

/** HTTP on the loopback address only, and not for web pages: bodies in and out, nothing about ECR. */
export class HttpServer {
  private readonly server: Server;

  constructor(handler: Handler) {
    // A large layer may take longer than any limit.
    this.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (message, response) => void this.serve(handler, message, response));
  }

  /** Opens the port and returns its number. */
  public listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (cause: NodeJS.ErrnoException) => reject(new DrydockError({
        code: 'DD-EMULATOR-001',
        pointer: 'port',
        value: port,
        message: `Port ${port} of 127.0.0.1 cannot be opened: ${cause.code === 'EADDRINUSE' ? 'it is in use' : cause.message}.`,
        fix: 'Choose another port, or 0 for any free one.',
      }, { cause })));
      this.server.listen(port, '127.0.0.1', () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  /** Closes the port and every connection, busy ones too. */
  public close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(handler: Handler, message: IncomingMessage, response: ServerResponse): Promise<void> {
    // The registry has a clock of its own.
    response.sendDate = false;
    try {
      const refusal = strangerIn(message.headers);
      const reply = refusal === undefined ? await handler(requestOf(message)) : refuse(refusal);
      if (reply) {
        await send(message, response, reply);
        // What nobody read is thrown away, so that the connection can be used again.
        message.resume();
      } else {
        message.socket.resetAndDestroy();
      }
    } catch {
      // The client is gone, or nothing sensible can be said any more.
      message.socket.destroy();
    }
  }
}

const refuse = (message: string): Reply => ({
  statusCode: 403,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ code: 'DD-EMULATOR-105', message }),
});

/** Whether a body broke off because nobody sends it any more. */
export function isClientGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ECONNRESET';
}

function requestOf(message: IncomingMessage): Request {
  const [path, query = ''] = (message.url ?? '').split(/\?(.*)/s);
  return {
    method: message.method ?? '',
    path,
    query: new URLSearchParams(query),
    headers: message.headers,
    // Whoever stops reading must still be able to answer.
    get stream() {
      return message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    },
    bytes: (limit = BODY_LIMIT) => readBody(message, limit),
  };
}

async function send(message: IncomingMessage, response: ServerResponse, { statusCode, headers, body, cutAfter }: Reply): Promise<void> {
  const size = typeof body === 'string' ? Buffer.byteLength(body) : Buffer.isBuffer(body) ? body.length : body.size;
  response.writeHead(statusCode, { ...size === undefined ? {} : { 'content-length': String(size) }, ...headers });
  if (message.method === 'HEAD') {
    response.end();
  } else if (cutAfter !== undefined) {
    await sendPart(response, Readable.from(typeof body === 'string' || Buffer.isBuffer(body) ? [Buffer.from(body)] : await body.open()), cutAfter);
    message.socket.resetAndDestroy();
  } else if (typeof body === 'string' || Buffer.isBuffer(body)) {
    response.end(body);
  } else {
    await pipeline(await body.open(), response);
  }
}

/** The beginning of a body, all of it on its way to the client when this returns. */
async function sendPart(response: ServerResponse, body: Readable, length: number): Promise<void> {
  let left = length;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const piece = chunk.subarray(0, left);
    left -= piece.length;
    await new Promise<void>((resolve, reject) => response.write(piece, (error) => (error ? reject(error) : resolve())));
    if (left === 0) {
      break;
    }
  }
}

function readBody(message: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
      } else if (size <= limit * 2) {
        chunks.length = 0;
        resolve(undefined);
      } else {
        message.socket.destroy();
      }
    });
    message.on('end', () => resolve(size <= limit ? Buffer.concat(chunks) : undefined));
    message.on('error', reject);
    message.on('close', () => reject(Object.assign(new Error('The client has gone'), { code: 'ECONNRESET' })));
  });
}
