import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Content } from './images';
import { OCI_INDEX } from '../../src/images/media-types';

export interface Scripted {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** How many requests for this path came before. */
  readonly number: number;
}

/** What a registry does in place of answering; undefined leaves it to answer. */
export type Script = (request: Scripted, response: ServerResponse, body: string) => void | true;

export interface ScriptedRegistry {
  readonly port: number;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly requests: Scripted[];
  stop(): Promise<void>;
}

interface ScriptedOptions {
  readonly referrersApi?: boolean;
  readonly script?: Script;
  readonly ranges?: boolean;
}

/** A registry that serves some content and does what it is told, however wrong. */
export async function scriptedRegistry(content: Content, { referrersApi = true, script, ranges = true }: ScriptedOptions = {}): Promise<ScriptedRegistry> {
  const requests: Scripted[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const seen: Scripted = { method: request.method ?? '', path, headers: request.headers, number: requests.filter((one) => one.path === path && one.method === request.method).length };
      requests.push(seen);
      if (script?.(seen, response, Buffer.concat(chunks).toString()) !== true) {
        answer(content, seen, response, referrersApi, ranges);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port, host: `127.0.0.1:${port}`, requests,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function answer(content: Content, { path, method, headers }: Scripted, response: ServerResponse, referrersApi: boolean, ranges: boolean): void {
  const [, kind, name] = /^\/v2\/.+\/(manifests|blobs|referrers)\/([^/?]+)$/.exec(path) ?? [];
  const notFound = () => response.writeHead(404, { 'content-type': 'application/json' }).end('{"errors":[{"code":"NOT_FOUND","message":"not here"}]}');
  if (kind === 'manifests') {
    const manifest = content.manifests.get(content.tags.get(name) ?? name);
    if (manifest === undefined) {
      notFound();
      return;
    }
    response.writeHead(200, { 'content-type': manifest.mediaType, 'docker-content-digest': manifest.digest, 'content-length': Buffer.byteLength(manifest.text) });
    response.end(method === 'HEAD' ? undefined : manifest.text);
  } else if (kind === 'blobs' && content.blobs.has(name)) {
    const bytes = content.blobs.get(name) as Buffer;
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? NaN);
    if (ranges && start >= 0) {
      response.writeHead(206, { 'content-length': bytes.length - start, 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }).end(bytes.subarray(start));
    } else {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    }
  } else if (kind === 'referrers' && referrersApi) {
    const manifests = [...content.manifests.values()].flatMap(({ digest, mediaType, text }) => {
      const { subject, artifactType } = JSON.parse(text) as { subject?: { digest: string }; artifactType?: string };
      return subject?.digest === name ? [{ mediaType, digest, size: Buffer.byteLength(text), artifactType }] : [];
    });
    response.writeHead(200, { 'content-type': OCI_INDEX }).end(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  } else {
    notFound();
  }
}
