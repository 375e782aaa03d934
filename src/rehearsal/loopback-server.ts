import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

const MAXIMUM_BODY_BYTES = 1024 * 1024;

/** An HTTP server on a free port of this machine, and nowhere else. */
export class LoopbackServer {
  private server: Server | undefined;
  private origin = '';

  constructor(private readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {}

  public get url(): string {
    return this.origin;
  }

  public async start(): Promise<void> {
    this.server = createServer((request, response) => {
      this.handle(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => this.server === undefined ? resolve() : this.server.close(() => resolve()));
    this.server = undefined;
  }
}

/** Undefined: it was too long, and that has been answered. */
export async function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<string | undefined> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MAXIMUM_BODY_BYTES) {
      response.writeHead(413, { connection: 'close' }).end();
      return undefined;
    }
  }
  return body;
}
