import { createHash } from 'node:crypto';
import { ForbiddenAddress, isLoopbackAddress, kindOfAddress, Reach } from './addresses';
import { Authorizer } from './authorizer';
import { parseChallenges } from './challenge';
import { RegistryOptions } from './options';
import { reachTo } from './owner';
import { errorWords, persist } from './persist';
import { ConnectionFailure, discard, readBounded, Request, Response, Transport } from './transport';
import { copyError } from '../images/codes';
import { hexOf, isDigest } from '../images/digest';
import { Descriptor, MAX_MANIFEST_BYTES, parseManifest } from '../images/manifest';
import { bareType, isSchema1Type, MANIFEST_TYPES, OCI_INDEX } from '../images/media-types';
import { apiHostOf, isLoopbackRegistry } from '../images/reference';

const MAX_REDIRECTS = 5;
/** Pages of referrers that are read; more than any image has. */
const MAX_PAGES = 50;
const ACCEPT = [...MANIFEST_TYPES, 'application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1'].join(', ');

export interface FetchedManifest {
  readonly digest: string;
  readonly mediaType: string | undefined;
  readonly text: string;
}

/**
 * Reads one repository of any registry that speaks the OCI distribution protocol. What is asked for by digest is verified; what a registry says of its
 * own bytes is never believed.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export class RegistryClient {
  /** For messages. */
  public readonly name: string;
  private readonly base: URL;
  private readonly transport: Transport;
  private readonly authorizer: Authorizer;
  private referrersApi = true;

  constructor(private readonly options: RegistryOptions) {
    const { registry, repository, plainHttp, credentials } = options;
    this.name = `${registry}/${repository}`;
    this.base = new URL(`${plainHttp ? 'http' : 'https'}://${apiHostOf(registry)}/v2/${repository}/`);
    this.transport = new Transport({
      userAgent: options.userAgent, ca: options.ca,
      connectTimeoutMillis: options.connectTimeoutMillis, idleTimeoutMillis: options.idleTimeoutMillis,
    });
    if (plainHttp && credentials && !isLoopbackRegistry(registry)) {
      throw copyError('DD-COPY-025', this.name, 'Credentials are not sent over plain HTTP to another machine.', 'Use TLS, or leave the credentials out.');
    }
    this.authorizer = new Authorizer({
      transport: this.transport, name: this.name, registry, repository, trustedHosts: options.trustedHosts, credentials,
      insecure: (url) => plainHttp === true && (credentials === undefined || isLoopbackAddress(url.hostname.replace(/^\[|\]$/g, '')) || url.hostname === 'localhost'),
      persist: (attempt, signal) => persist(attempt, { name: this.name, retry: options.retry, signal, log: options.log }),
    });
  }

  /** Undefined when there is none. */
  public async manifest(reference: string, signal: AbortSignal): Promise<FetchedManifest | undefined> {
    const what = `the manifest ${reference}`;
    const { response, bytes } = await this.document(new URL(`manifests/${reference}`, this.base), ACCEPT, what, signal);
    if (response.status === 404) {
      discard(response);
      return undefined;
    }
    if (bytes === undefined) {
      throw await this.refusal(response, what);
    }
    if (bareType(response.headers['content-type']) === 'text/html') {
      throw copyError('DD-COPY-026', this.name, `For ${what} comes a page of HTML: something else answers in place of the registry.`);
    }
    const digest = digestOf(bytes);
    const mediaType = bareType(response.headers['content-type']);
    const told = isDigest(reference) ? reference : String(response.headers['docker-content-digest'] ?? digest);
    if (told !== digest && !isSchema1Type(mediaType ?? '')) {
      throw copyError('DD-COPY-024', this.name, `The manifest ${reference} came as ${told}, and its bytes have the digest ${digest}.`,
        'Something between here and the registry changes what it serves, or the registry is broken. Nothing was tagged.', { value: digest });
    }
    return { digest, mediaType, text: utf8(bytes, this.name) };
  }

  /** Whether there is a manifest under this tag, without reading it: that is no pull. */
  public async hasManifest(reference: string, signal: AbortSignal): Promise<boolean> {
    const response = await this.get(`manifests/${reference}`, { method: 'HEAD', headers: { accept: ACCEPT }, signal });
    discard(response);
    // Some registries deny what does not exist.
    return response.status === 200;
  }

  /** The bytes of a blob from an offset on. Whoever reads them verifies them. */
  public async blob(digest: string, offset: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.get(`blobs/${digest}`, { headers: offset > 0 ? { range: `bytes=${offset}-` } : {}, signal });
    if (response.status === 404) {
      discard(response);
      throw copyError('DD-COPY-020', this.name, `The registry does not have the layer ${digest} that the image names.`, 'Push the image again: it is incomplete at the source.', { value: digest });
    }
    if (offset > 0 && response.status === 206) {
      const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1];
      if (Number(start) !== offset) {
        response.body.destroy();
        throw copyError('DD-COPY-026', this.name, `Asked for ${digest} from byte ${offset} on, the registry sends ${response.headers['content-range'] ?? 'something else'}.`);
      }
      return response.body as AsyncIterable<Uint8Array>;
    }
    if (response.status !== 200) {
      throw await this.refusal(response, `the layer ${digest}`);
    }
    return offset > 0 ? skip(response.body as AsyncIterable<Uint8Array>, offset) : response.body as AsyncIterable<Uint8Array>;
  }

  /**
   * Manifests whose subject is this digest, by the API or, where the registry has none, by the tag that stands in for it.
   * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
   */
  public async referrers(digest: string, signal: AbortSignal): Promise<readonly Descriptor[]> {
    if (this.referrersApi) {
      const found = await this.listReferrers(digest, signal);
      if (found !== undefined) {
        return found;
      }
      this.referrersApi = false;
    }
    const fallback = await this.manifest(`sha256-${hexOf(digest)}`, signal);
    if (fallback === undefined) {
      return [];
    }
    const index = parseManifest(fallback.text, fallback.mediaType, `${this.name}:sha256-${hexOf(digest)}`);
    return index.kind === 'index' ? index.manifests : [];
  }

  public close(): void {
    this.transport.close();
  }

  private async listReferrers(digest: string, signal: AbortSignal): Promise<Descriptor[] | undefined> {
    const found: Descriptor[] = [];
    let url: URL | undefined = new URL(`referrers/${digest}`, this.base);
    for (let page = 0; url !== undefined && page < MAX_PAGES; page += 1) {
      const { response, bytes }: Document = await this.document(url, OCI_INDEX, 'the referrers', signal);
      if (bytes === undefined || bareType(response.headers['content-type']) !== OCI_INDEX) {
        // What a registry without this API says differs: 404 of a router, 405, 400 or 401 of a proxy, a page of HTML.
        discard(response);
        return undefined;
      }
      const index = parseManifest(utf8(bytes, this.name), OCI_INDEX, `${this.name} referrers`);
      found.push(...(index.kind === 'index' ? index.manifests : []));
      url = this.nextPage(response, url);
    }
    if (url !== undefined) {
      throw copyError('DD-COPY-007', this.name, `The referrers of ${digest} fill more than ${MAX_PAGES} pages.`, 'Copy without referrers.');
    }
    return found;
  }

  private nextPage({ headers }: Response, url: URL): URL | undefined {
    const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(headers.link ?? ''))?.[1];
    const page = next === undefined ? undefined : new URL(next, url);
    if (page !== undefined && (page.host !== this.base.host || page.protocol !== this.base.protocol)) {
      throw copyError('DD-COPY-026', this.name, `The list of referrers goes on at ${page.origin}, which is not this registry.`);
    }
    return page;
  }

  private get(path: string, request: Request): Promise<Response> {
    return this.follow(new URL(path, this.base), request);
  }

  /** A short answer, read to its end: one that breaks off is asked for again. */
  private async document(url: URL, accept: string, what: string, signal: AbortSignal): Promise<Document> {
    let bytes: Buffer | undefined;
    const response = await this.follow(url, { headers: { accept }, signal }, async (answer) => {
      if (answer.status !== 200) {
        return;
      }
      try {
        bytes = await readBounded(answer, MAX_MANIFEST_BYTES);
      } catch (error) {
        throw signal.aborted ? error : new ConnectionFailure(answer.url.host, true, (error as Error).message, error);
      }
      if (bytes === undefined) {
        throw copyError('DD-COPY-026', this.name, `For ${what} the registry sends more than ${MAX_MANIFEST_BYTES} bytes, the most that ECR takes.`);
      }
    });
    return { response, bytes };
  }

  /** Sends with authorization, renewing it when asked to, and follows redirects without it. */
  private async follow(url: URL, request: Request, read?: (response: Response) => Promise<void>): Promise<Response> {
    const name = this.name;
    return persist(async () => {
      let response = await this.authorized(url, request);
      let reach = this.reachOf(response);
      for (let redirects = 0; isRedirect(response); redirects += 1) {
        discard(response);
        const target = this.redirectTarget(response, redirects);
        if (target.host === this.base.host && target.protocol === this.base.protocol) {
          response = await this.authorized(target, request);
        } else {
          response = await this.transport.send(target, { ...request, headers: withoutAuthorization(request.headers) }, reachTo(target, reach, this.options.trustedHosts));
          // Whoever is further outside than the registry sends no further than that.
          reach = narrower(reach, this.reachOf(response));
        }
      }
      await read?.(response);
      return response;
    }, { name, retry: this.options.retry, signal: request.signal, log: this.options.log }).catch((error: unknown) => {
      throw error instanceof ForbiddenAddress ? copyError('DD-COPY-025', name, `The registry sends on to ${error.message}. That was not followed.`,
        error.kind === 'private' ? `A registry outside of that network has no reason for this. If it belongs to the registry, say so: --source-trusted-host ${error.host}, or trustedHosts of ImageSource.fromRegistry.`
          : 'A registry has no reason for this. Find out who answers in its place.', { value: error.host, cause: error }) : error;
    });
  }

  private async authorized(url: URL, request: Request): Promise<Response> {
    for (let renewals = 0; ; renewals += 1) {
      const used = this.authorizer.current();
      const response = await this.transport.send(url, { ...request, headers: { ...request.headers, ...(used === undefined ? {} : { authorization: used }) } });
      const challenge = response.status === 401 ? parseChallenges(response.headers['www-authenticate']) : undefined;
      if (challenge === undefined || renewals === 2) {
        return response;
      }
      discard(response);
      await this.authorizer.renew(challenge, used, this.reachOf(response), request.signal);
    }
  }

  /** How far somebody may send us: as far as he is himself. Only a registry that was named as this machine sends to it. */
  private reachOf({ address }: Response): Reach {
    const kind = address === undefined ? 'internet' : kindOfAddress(address);
    return kind === 'forbidden' ? 'internet' : kind === 'machine' && !isLoopbackRegistry(this.options.registry) ? 'private' : kind;
  }

  private redirectTarget(response: Response, redirects: number): URL {
    const { location } = response.headers;
    let target: URL;
    try {
      target = new URL(location ?? '', response.url);
    } catch {
      throw copyError('DD-COPY-026', this.name, `The registry redirects to ${JSON.stringify(location)}, which is no URL.`);
    }
    if (location === undefined || redirects === MAX_REDIRECTS) {
      throw copyError('DD-COPY-026', this.name, location === undefined ? 'The registry redirects without saying where to.' : `The registry redirects more than ${MAX_REDIRECTS} times.`);
    }
    if (target.protocol !== 'https:' && !(target.protocol === 'http:' && this.options.plainHttp)) {
      throw copyError('DD-COPY-025', this.name, `The registry redirects to ${target.protocol}//${target.host}, which is not TLS. That was not followed.`, undefined, { value: target.origin });
    }
    return target;
  }

  private async refusal(response: Response, what: string): Promise<Error> {
    const words = await errorWords(response);
    if (response.status === 401 || response.status === 403) {
      return copyError('DD-COPY-021', this.name, `The registry refuses ${what} (HTTP ${response.status}${words}).`, this.options.credentials
        ? 'The user may not read this repository, or it does not exist.' : 'The repository is private or does not exist: give credentials, or correct its name.', { value: response.status });
    }
    return copyError('DD-COPY-026', this.name, `Asked for ${what}, the registry answers HTTP ${response.status}${words}.`, undefined, { value: response.status });
  }
}

interface Document {
  readonly response: Response;
  /** Only of an answer with status 200. */
  readonly bytes: Buffer | undefined;
}

const REACHES: readonly Reach[] = ['internet', 'private', 'machine'];

const narrower = (...reaches: Reach[]) => REACHES.find((reach) => reaches.includes(reach)) as Reach;

const isRedirect = ({ status }: Response) => [301, 302, 303, 307, 308].includes(status);

function withoutAuthorization(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A manifest as text: byte for byte the same when it is sent on. */
export function utf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw copyError('DD-COPY-004', name, 'The manifest cannot be read: it is not UTF-8.', undefined, { cause: error });
  }
}

/** A registry that does not know ranges sends everything. */
async function* skip(stream: AsyncIterable<Uint8Array>, bytes: number): AsyncIterable<Uint8Array> {
  let left = bytes;
  for await (const chunk of stream) {
    if (chunk.length > left) {
      yield left === 0 ? chunk : chunk.subarray(left);
    }
    left = Math.max(0, left - chunk.length);
  }
}
