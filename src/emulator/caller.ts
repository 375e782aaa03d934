/** Who signed a request, as far as its credential scope says. Signatures are not verified. */
export interface Caller {
  readonly accessKeyId?: string;
  readonly region?: string;
  /** The access key when it is an account id, as local tools use it; else the registry's own account. */
  readonly accountId: string;
}

/** `AWS4-HMAC-SHA256 Credential=<access key>/<date>/<region>/ecr/aws4_request, ...` */
const CREDENTIAL = /Credential=([^/,\s]+)\/[0-9]{8}\/([a-z0-9-]+)\/[a-z-]+\/aws4_request/;

export function callerOf(authorization: string | undefined, registryId: string): Caller {
  const [, accessKeyId, region] = CREDENTIAL.exec(authorization ?? '') ?? [];
  return {
    ...(accessKeyId === undefined ? {} : { accessKeyId, region }),
    accountId: accessKeyId !== undefined && /^[0-9]{12}$/.test(accessKeyId) ? accessKeyId : registryId,
  };
}
