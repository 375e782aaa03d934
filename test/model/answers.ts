import { createServer, request as httpRequest, Server } from 'node:http';
import { AddressInfo } from 'node:net';

/** One delivery of an event to a handler, and what came of it. */
export interface Delivery {
  readonly event: Readonly<Record<string, any>>;
  /** Bodies that were accepted, in order. */
  readonly answers: Record<string, any>[];
  /** What made an answer none. */
  readonly faults: string[];
  /** The function was killed: whatever it still sends, nobody hears. */
  killed: boolean;
}

/** What becomes of an answer on its way; for planted mistakes. */
export type Alter = (answer: Record<string, any>, event: Delivery['event']) => Record<string, any>;

/** Stands between handlers and the place where CloudFormation waits, and counts what each single delivery of an event answers. */
export class Answers {
  public static async start(): Promise<Answers> {
    const answers = new Answers();
    await new Promise<void>((resolve) => answers.server.listen(0, '127.0.0.1', resolve));
    return answers;
  }

  private readonly open = new Map<string, { readonly delivery: Delivery; readonly url: string; readonly alter?: Alter }>();
  private readonly server: Server;
  private count = 0;

  private constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      request.on('end', () => {
        const found = this.open.get(request.url ?? '');
        if (found === undefined || found.delivery.killed) {
          response.writeHead(403).end();
          return;
        }
        const sent = Buffer.concat(chunks);
        const body = found.alter === undefined ? sent : Buffer.from(JSON.stringify(found.alter(JSON.parse(sent.toString('utf8')), found.delivery.event)));
        this.take(found.delivery, body, request.headers['content-type'], request.method);
        const onward = httpRequest(found.url, { method: request.method, headers: { 'content-length': body.length }, agent: false }, (answer) => {
          answer.resume();
          // A pre-signed URL of S3 is good for as long as it is valid, whether somebody still waits or not.
          response.writeHead(answer.statusCode === 403 ? 200 : answer.statusCode ?? 500).end();
        });
        onward.on('error', () => response.destroy());
        onward.end(body);
      });
    });
  }

  /** A place for the answer to one delivery; `event` has it instead of CloudFormation's. */
  public expect(event: Readonly<Record<string, any>>, alter?: Alter): { readonly delivery: Delivery; readonly event: Record<string, any>; close(): void } {
    const path = `/${++this.count}?X-Amz-Signature=secret`;
    const delivery: Delivery = { event, answers: [], faults: [], killed: false };
    this.open.set(path, { delivery, url: event.ResponseURL, alter });
    const { port } = this.server.address() as AddressInfo;
    return { delivery, event: { ...event, ResponseURL: `http://127.0.0.1:${port}${path}` }, close: () => void this.open.delete(path) };
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(delivery: Delivery, body: Buffer, contentType: string | undefined, method: string | undefined): void {
    if (method !== 'PUT' || (contentType ?? '') !== '' || body.length > 4096) {
      delivery.faults.push(`${method} of ${body.length} bytes with content type ${JSON.stringify(contentType ?? '')}`);
    }
    try {
      delivery.answers.push(JSON.parse(body.toString('utf8')));
    } catch {
      delivery.faults.push('a body that is not JSON');
    }
  }
}
