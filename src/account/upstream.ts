import { IncomingMessage, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { accountError } from './codes';
import type { Reply, Request } from '../emulator';

/** Headers that belong to one connection only. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** Somebody else's services, such as moto's: requests go there as they came, bodies as streams. */
export class Upstream {
  private readonly url: URL;

  constructor(url: string) {
    try {
      this.url = new URL(url);
    } catch {
      throw notUsable(url);
    }
    if (this.url.protocol !== 'http:' || !['127.0.0.1', '[::1]', 'localhost'].includes(this.url.hostname)) {
      throw notUsable(url);
    }
  }

  /** `body`: what has been read of the request already, which is then all of it. */
  public async pass(request: Request, body?: Buffer): Promise<Reply> {
    const { method, path, query } = request;
    const search = query.size === 0 ? '' : `?${query.toString()}`;
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.has(name)));
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = httpRequest({ host: this.url.hostname.replace(/^\[|\]$/g, ''), port: this.url.port || 80, method, path: `${path}${search}`, headers }, resolve);
      outgoing.on('error', reject);
      if (body !== undefined) {
        outgoing.end(body);
      } else {
        Readable.from(request.stream).on('error', reject).pipe(outgoing);
      }
    }).catch((cause: Error) => cause);
    if (answer instanceof Error) {
      return { statusCode: 502, headers: { 'content-type': 'text/plain' }, body: `DD-ACCOUNT-002: ${this.url.origin} (--upstream) does not answer: ${answer.message}\n` };
    }
    const length = answer.headers['content-length'];
    return {
      statusCode: answer.statusCode ?? 502,
      headers: Object.fromEntries(Object.entries(answer.headers).filter(([name, value]) => value !== undefined && !HOP_BY_HOP.has(name) && name !== 'content-length')
        .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)])),
      body: { ...length === undefined ? {} : { size: Number(length) }, open: async () => answer },
    };
  }
}

function notUsable(value: string) {
  return accountError('DD-ACCOUNT-001', '--upstream', 'It is not the address of a server on this machine: http://127.0.0.1:PORT.', {
    value, fix: 'Start one there, for instance `moto_server -p 5000`, and name it: --upstream http://127.0.0.1:5000.',
  });
}
