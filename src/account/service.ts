import type { Request } from '../emulator';

/** For which service a request was signed, by its credential scope; signatures themselves are not verified. */
export function serviceOf({ headers, query }: Pick<Request, 'headers' | 'query'>): string | undefined {
  return scopeOf({ headers, query })?.service;
}

export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** `AWS4-HMAC-SHA256 Credential=<access key>/<date>/<region>/<service>/aws4_request, ...`, or the same in the query of a presigned URL. */
export function scopeOf({ headers, query }: Pick<Request, 'headers' | 'query'>): CredentialScope | undefined {
  const text = /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1] ?? query.get('X-Amz-Credential') ?? '';
  const [, accessKeyId, region, service] = /^(.+)\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(text) ?? [];
  return accessKeyId === undefined ? undefined : { accessKeyId, region, service };
}
