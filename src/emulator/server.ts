import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { DrydockError } from '../errors';
import { EcrError } from './ecr-error';

/** Enough for the largest layer part, 20 MiB in base64. */
export const BODY_LIMIT = 32 * 1024 * 1024;
/** Longer than clients keep idle connections, so that none is closed under a request that is on its way. */
const KEEP_ALIVE_MS = 120_000;

export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Answers a request; `undefined` resets the connection. */
export type Handler = (request: Request) => Promise<Reply | undefined>;

/** HTTP on the loopback address only: bodies in and out, nothing about ECR. */
export class HttpServer {
  private readonly server: Server;

  constructor(handler: Handler, private readonly tooLarge: (error: EcrError) => Reply) {
    this.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => void this.serve(handler, message, response));
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
      const body = await readBody(message);
      if (body === undefined) {
        const reply = this.tooLarge(new EcrError('RequestEntityTooLargeException', `The request is larger than ${BODY_LIMIT} bytes`));
        send(response, { ...reply, headers: { ...reply.headers, connection: 'close' } });
        return;
      }
      const reply = await handler({ method: message.method ?? '', path: (message.url ?? '').split('?')[0], headers: message.headers, body });
      if (reply) {
        send(response, reply);
      } else {
        message.socket.resetAndDestroy();
      }
    } catch {
      // The client is gone, or nothing sensible can be said any more.
      message.socket.destroy();
    }
  }
}

function send(response: ServerResponse, { statusCode, headers, body }: Reply): void {
  response.writeHead(statusCode, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}

/** The whole body, or undefined when it is too large; what follows is thrown away, up to as much again. */
function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) {
        chunks.push(chunk);
      } else if (size <= BODY_LIMIT * 2) {
        chunks.length = 0;
        resolve(undefined);
      } else {
        message.socket.destroy();
      }
    });
    message.on('end', () => resolve(size <= BODY_LIMIT ? Buffer.concat(chunks) : undefined));
    message.on('error', reject);
    message.on('close', () => reject(new Error('The client has gone')));
  });
}
