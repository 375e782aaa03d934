import { Agent as HttpAgent, IncomingHttpHeaders, IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { checkHost, guardedLookup, Reach } from './addresses';

export interface Request {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where the answer came from, redirects followed. */
  readonly url: URL;
  /** The address that it came from, as long as that was known. */
  readonly address?: string;
  /** To be read or destroyed. */
  readonly body: IncomingMessage;
}

export interface TransportOptions {
  readonly userAgent?: string;
  /** Certificates to trust besides those of Node, in PEM. */
  readonly ca?: string;
  readonly connectTimeoutMillis?: number;
  /** Without a byte for so long, a connection is taken for lost. */
  readonly idleTimeoutMillis?: number;
}

/** A connection that did not come about, or broke: worth another try. */
export class ConnectionFailure extends Error {
  public readonly name = 'ConnectionFailure';

  constructor(public readonly host: string, public readonly connected: boolean, reason: string, cause?: unknown) {
    super(reason, { cause });
  }
}

const CONNECT_TIMEOUT_MILLIS = 10_000;
const IDLE_TIMEOUT_MILLIS = 60_000;
/** Blobs are read while the next ones begin, so this is more than moves at once. */
const MAX_SOCKETS = 64;

/**
 * Plain HTTP, one request at a time. Node's own client, since `fetch` hands out web streams, which take more time for each chunk than its digest does.
 */
export class Transport {
  private readonly agents = new Map<string, HttpAgent | HttpsAgent>();

  constructor(private readonly options: TransportOptions = {}) {}

  /** `reach`: somebody else than the user named the host, who may send us so far. */
  public send(url: URL, request: Request, reach?: Reach): Promise<Response> {
    request.signal.throwIfAborted();
    if (reach !== undefined) {
      checkHost(url.hostname, reach);
    }
    return new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      let connected = false;
      const outgoing = (secure ? httpsRequest : httpRequest)(url, {
        method: request.method ?? 'GET',
        agent: this.agent(secure, reach) as never,
        signal: request.signal,
        headers: {
          'accept-encoding': 'identity',
          ...(this.options.userAgent === undefined ? {} : { 'user-agent': this.options.userAgent }),
          ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
          ...request.headers,
        },
      });
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error.name === 'ForbiddenAddress' || request.signal.aborted ? error : new ConnectionFailure(url.host, connected, reasonOf(error), error));
      };
      const timer = setTimeout(() => outgoing.destroy(new Error('no connection within the time allowed')), this.options.connectTimeoutMillis ?? CONNECT_TIMEOUT_MILLIS);
      outgoing.on('socket', (socket) => {
        const ready = () => {
          connected = true;
          clearTimeout(timer);
        };
        if (socket.connecting) {
          socket.once(secure ? 'secureConnect' : 'connect', ready);
        } else {
          ready();
        }
      });
      const idle = this.options.idleTimeoutMillis ?? IDLE_TIMEOUT_MILLIS;
      let answer: IncomingMessage | undefined;
      outgoing.setTimeout(idle, () => {
        // With bytes that wait to be read, it is the reader who is slow.
        if ((answer?.readableLength ?? 0) === 0) {
          outgoing.destroy(new Error(`no byte for ${idle / 1000} s`));
        }
      });
      outgoing.on('error', fail);
      outgoing.on('response', (body: IncomingMessage) => {
        clearTimeout(timer);
        answer = body;
        // Errors after this come to whoever reads the body; one that nobody reads must not end the process.
        body.on('error', () => undefined);
        resolve({ status: body.statusCode ?? 0, headers: body.headers, url, address: body.socket.remoteAddress, body });
      });
      outgoing.end(request.body);
    });
  }

  public close(): void {
    this.agents.forEach((agent) => agent.destroy());
    this.agents.clear();
  }

  private agent(secure: boolean, reach: Reach | undefined): HttpAgent | HttpsAgent {
    const key = `${secure} ${reach}`;
    let agent = this.agents.get(key);
    if (agent === undefined) {
      const options = {
        keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: 'lifo' as const,
        ...(reach === undefined ? {} : { lookup: guardedLookup(reach) as never }),
      };
      agent = secure ? new HttpsAgent({ ...options, ...(this.options.ca === undefined ? {} : { ca: this.options.ca }) }) : new HttpAgent(options);
      this.agents.set(key, agent);
    }
    return agent;
  }
}

function reasonOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  // Happy Eyeballs: one error for each address, and no message of its own.
  const inner = (error as AggregateError).errors as Error[] | undefined;
  return error.message || (inner?.length ? inner.map(({ message }) => message).join('; ') : code ?? 'unknown failure');
}

/** Reads a body up to a bound; undefined when there is more. */
export async function readBounded({ body }: Response, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) {
      body.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  if (!body.complete) {
    throw new Error('the answer broke off');
  }
  return Buffer.concat(chunks);
}

/** Leaves a body unread; a short one is read to its end, so that its connection can be used again. */
export function discard({ body }: Response): void {
  const length = Number(body.headers['content-length'] ?? NaN);
  if (length <= 65_536) {
    body.resume();
  } else {
    body.destroy();
  }
}
