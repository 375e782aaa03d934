import { AddressInfo, createServer, Server, Socket } from 'node:net';
import { reading } from './tar';
import { gather } from '../../../src/copy/gather';
import { registrySource } from '../../../src/copy/registry-source';
import { OCI_INDEX } from '../../../src/images/media-types';
import { Content } from '../../copy/images';
import { FuzzTarget } from '../target';

const SPLIT = '\n=====\n';
let server: Server;
let answers: string[] = [];
const sockets = new Set<Socket>();

const answer = (status: string, headers: Record<string, string>, body: string) =>
  `HTTP/1.1 ${status}\r\n${Object.entries({ ...headers, 'Content-Length': String(Buffer.byteLength(body)) }).map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`;

/** A registry that answers each request with the next piece of the input. What is read of it ends in an image or in an error with a code. */
export const upstream: FuzzTarget = {
  name: 'upstream',
  maxBytes: 65_536,
  words: [
    SPLIT, 'HTTP/1.1 302 Found\r\n', 'Location: ', 'http://169.254.169.254/', 'WWW-Authenticate: Bearer realm="', 'Link: <', '>; rel="next"', 'Docker-Content-Digest: ', 'Transfer-Encoding: chunked\r\n', 'Retry-After: ',
    'ratelimit-remaining: 0;w=1\r\n', 'Content-Encoding: gzip\r\n', 'HTTP/1.1 429 Too Many Requests\r\n', 'HTTP/1.1 401 Unauthorized\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', OCI_INDEX,
  ],
  seeds: () => {
    const content = new Content();
    content.multi('app', [10], 'latest');
    const manifests = [...content.manifests.values()].reverse().map(({ text, mediaType, digest }) => answer('200 OK', { 'Content-Type': mediaType, 'Docker-Content-Digest': digest }, text));
    return [
      manifests.join(SPLIT), answer('401 Unauthorized', { 'WWW-Authenticate': 'Bearer realm="http://127.0.0.1:1/token",service="x"' }, '{}') + SPLIT + manifests[0],
      answer('302 Found', { Location: '/v2/app/manifests/other' }, '') + SPLIT + manifests.join(SPLIT), answer('429 Too Many Requests', { 'Retry-After': '0' }, '{"errors":[{"code":"TOOMANYREQUESTS","message":"x"}]}'),
      manifests.concat(answer('200 OK', { 'Content-Type': OCI_INDEX, 'Link': '</v2/app/referrers/x>; rel="next"' }, JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }))).join(SPLIT),
    ];
  },
  async open() {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
      socket.on('data', () => {
        const next = answers.length > 1 ? answers.shift() : answers[0];
        socket.end(Buffer.from(next ?? '', 'latin1'));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  },
  async close() {
    sockets.forEach((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.close(() => resolve()));
  },
  async run(input) {
    answers = input.toString('latin1').split(SPLIT);
    const { port } = server.address() as AddressInfo;
    const source = registrySource({ host: `127.0.0.1:${port}`, repository: 'app', reference: 'latest', plainHttp: true, connectTimeoutMillis: 500, idleTimeoutMillis: 500 });
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 3_000);
    try {
      await gather({ ...reading, signal: controller.signal }, { source, tags: ['latest'], referrers: true });
    } finally {
      clearTimeout(timer);
      await source.close();
    }
  },
};
