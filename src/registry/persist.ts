import { RegistryRetry } from './options';
import { describeReset, rateLimitOf } from './rate-limit';
import { ConnectionFailure, discard, readBounded, Response } from './transport';
import { copyError } from '../images/codes';
import { isLoopbackRegistry } from '../images/reference';

const MAX_ERROR_BYTES = 65_536;

interface PersistOptions {
  readonly name: string;
  readonly retry: RegistryRetry;
  readonly signal: AbortSignal;
  readonly log?: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Waits, unless the signal aborts before; it then throws. */
export async function pause(millis: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', done, { once: true });
  });
  signal.throwIfAborted();
}

/** Half of the wait is by chance: many that were refused together must not come back together. */
export function backoff({ retryBaseMillis, retryMaxMillis }: RegistryRetry, failures: number): number {
  const most = Math.min(retryMaxMillis, retryBaseMillis * 2 ** (failures - 1));
  return most / 2 + Math.random() * most / 2;
}

/** Sends a request until it is answered with something else than "not now", or that has lasted too long. */
export async function persist(attempt: () => Promise<Response>, { name, retry, signal, log }: PersistOptions): Promise<Response> {
  const until = performance.now() + retry.transientWindowMillis;
  for (let failures = 1; ; failures += 1) {
    let wait = backoff(retry, failures);
    let failure: string;
    let give: () => Promise<Error>;
    try {
      const response = await attempt();
      if (response.status !== 429 && response.status < 500) {
        return response;
      }
      const limit = rateLimitOf(response.headers, Date.now());
      wait = Math.max(wait, limit.retryAfterMillis ?? 0);
      failure = `HTTP ${response.status}`;
      const words = await errorWords(response);
      // Nothing is left for hours: waiting seconds is of no use.
      const hopeless = response.status === 429 && limit.remaining === 0 && limit.retryAfterMillis === undefined;
      give = async () => (response.status === 429
        ? copyError('DD-COPY-022', name, `The registry answers that it is asked too often (HTTP 429${words}). ${describeReset(limit)}`,
          'Log in to have a higher limit, copy from a mirror (public.ecr.aws, mirror.gcr.io) or through an ECR pull-through cache, or deploy again later.', { value: limit })
        : copyError('DD-COPY-023', name, `The registry keeps answering HTTP ${response.status}${words}.`, 'Try again later.', { value: response.status }));
      if (hopeless) {
        throw await give();
      }
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) {
        throw error;
      }
      failure = error.message;
      give = async () => connectionError(name, error);
      if (isHopeless(error)) {
        throw await give();
      }
    }
    if (performance.now() + wait > until) {
      throw await give();
    }
    log?.('The registry is asked again.', { registry: name, failure, waitMillis: Math.round(wait), failures });
    await pause(wait, signal);
  }
}

/** A name that does not exist, a certificate that is not trusted, a port without TLS: asking again changes nothing. */
function isHopeless(error: ConnectionFailure): boolean {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  return code === 'ENOTFOUND' || /^ERR_TLS|^ERR_SSL|CERT|^UNABLE_TO|^EPROTO$|^DEPTH_ZERO/.test(code);
}

export function connectionError(name: string, error: ConnectionFailure): Error {
  return copyError('DD-COPY-023', name, `${error.connected ? `The connection to ${error.host} breaks` : `${error.host} cannot be reached`}: ${error.message}.`,
    isHopeless(error) ? 'Check the name of the registry, its certificate, and whether it speaks TLS (--source-plain-http for one on this machine that does not).'
      : isLoopbackRegistry(error.host) ? 'See whether a registry listens there: its port, and whether it has started.'
        : 'Check the name of the registry, and that there is a way to it: in a VPC, a NAT gateway or an endpoint.', { cause: error });
}

/** What the registry says in its own words, shortened: `: TOOMANYREQUESTS, You have reached your pull rate limit`. */
export async function errorWords(response: Response): Promise<string> {
  try {
    const text = (await readBounded(response, MAX_ERROR_BYTES))?.toString() ?? '';
    const { errors } = JSON.parse(text) as { errors?: { code?: unknown; message?: unknown }[] };
    const words = (errors ?? []).slice(0, 3).flatMap(({ code, message }) => [code, message]).filter((word) => typeof word === 'string' && word !== '');
    // eslint-disable-next-line no-control-regex
    return words.length === 0 ? '' : `: ${words.join(', ').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 300)}`;
  } catch {
    discard(response);
    return '';
  }
}
