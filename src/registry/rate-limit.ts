import { IncomingHttpHeaders } from 'node:http';

/** What an answer says of limits. */
export interface RateLimit {
  /** Milliseconds to wait, where the registry says so. */
  readonly retryAfterMillis?: number;
  /** Requests that are left in the window; 0 means that waiting a moment will not help. */
  readonly remaining?: number;
  readonly windowSeconds?: number;
  readonly limit?: number;
}

/**
 * @see https://docs.docker.com/docker-hub/usage/pulls/ : `ratelimit-limit: 100;w=21600`, `ratelimit-remaining: 0;w=21600`
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function rateLimitOf(headers: IncomingHttpHeaders, now: number): RateLimit {
  const [remaining, remainingWindow] = quota(headers['ratelimit-remaining']);
  const [limit, limitWindow] = quota(headers['ratelimit-limit']);
  const windowSeconds = remainingWindow ?? limitWindow;
  const retryAfterMillis = retryAfter(headers['retry-after'], now);
  return {
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const millis = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(millis) ? Math.max(0, millis) : undefined;
}

function quota(header: string | string[] | undefined): [number | undefined, number | undefined] {
  const [, value, window] = /^\s*(\d+)(?:\s*;\s*w=(\d+))?/.exec(String(header ?? '')) ?? [];
  return [value === undefined ? undefined : Number(value), window === undefined ? undefined : Number(window)];
}

/** In words: when to come back. */
export function describeReset({ retryAfterMillis, windowSeconds, limit }: RateLimit): string {
  if (retryAfterMillis !== undefined) {
    return `It says to come back in ${duration(retryAfterMillis / 1000)}.`;
  }
  if (windowSeconds !== undefined) {
    return `${limit === undefined ? 'The limit' : `The limit of ${limit} pulls`} is for any ${duration(windowSeconds)}.`;
  }
  return 'It does not say when to come back.';
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole >= 7_200 ? `${Math.round(whole / 3_600)} hours` : whole >= 120 ? `${Math.round(whole / 60)} minutes` : `${whole} ${whole === 1 ? 'second' : 'seconds'}`;
}
