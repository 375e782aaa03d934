import { V2Error, unsupported } from './errors';

export const V2_PREFIX = '/v2/';

/** What a request wants. Every member comes from the address. */
export interface V2Call {
  /** As the hooks see it. */
  readonly operation: V2Operation;
  readonly repositoryName: string;
  /** Tag or digest of a manifest. */
  readonly reference?: string;
  readonly digest?: string;
  readonly uploadId?: string;
  readonly mount?: string;
  readonly from?: string;
}

export const V2_OPERATIONS = [
  'v2:Ping', 'v2:Catalog', 'v2:ListTags', 'v2:ListReferrers',
  'v2:HeadManifest', 'v2:GetManifest', 'v2:PutManifest', 'v2:DeleteManifest',
  'v2:HeadBlob', 'v2:GetBlob',
  'v2:StartBlobUpload', 'v2:PatchBlob', 'v2:PutBlob', 'v2:GetBlobUpload', 'v2:CancelBlobUpload',
] as const;

export type V2Operation = (typeof V2_OPERATIONS)[number];

/** As ECR's service model has it. */
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-fA-F0-9]{32,}$/;

type Methods = Readonly<Record<string, V2Operation>>;

const MANIFEST: Methods = { HEAD: 'v2:HeadManifest', GET: 'v2:GetManifest', PUT: 'v2:PutManifest', DELETE: 'v2:DeleteManifest' };
const BLOB: Methods = { HEAD: 'v2:HeadBlob', GET: 'v2:GetBlob' };
const UPLOADS: Methods = { POST: 'v2:StartBlobUpload' };
const UPLOAD: Methods = { PATCH: 'v2:PatchBlob', PUT: 'v2:PutBlob', GET: 'v2:GetBlobUpload', DELETE: 'v2:CancelBlobUpload' };

export const isDigestReference = (reference: string) => DIGEST.test(reference);

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints */
export function routeOf(method: string, path: string, query: URLSearchParams): V2Call {
  const rest = decoded(path.slice(V2_PREFIX.length));
  if (rest === '') {
    return { operation: pick({ GET: 'v2:Ping', HEAD: 'v2:Ping' }, method), repositoryName: '' };
  }
  if (rest === '_catalog') {
    return { operation: pick({ GET: 'v2:Catalog' }, method), repositoryName: '' };
  }
  const [, name, kind, last] = /^(.+)\/(manifests|blobs|blobs\/uploads|tags|referrers)\/([^/]*)$/.exec(rest) ?? [];
  if (name === undefined) {
    throw new V2Error('NAME_UNKNOWN', 404, `There is no ${path}`);
  }
  if (!NAME.test(name) || name.length < 2 || name.length > 256) {
    throw new V2Error('NAME_INVALID', 400, `Invalid repository name ${name}`);
  }
  return { ...routeWithin(kind, last, method, query), repositoryName: name };
}

function routeWithin(kind: string, last: string, method: string, query: URLSearchParams): Omit<V2Call, 'repositoryName'> {
  const given = (key: string) => (query.has(key) ? { [key]: query.get(key)! } : {});
  switch (kind) {
    case 'manifests':
      return { operation: pick(MANIFEST, method), reference: last };
    case 'tags':
      if (last !== 'list') {
        throw new V2Error('NAME_UNKNOWN', 404, `There is no tags/${last}`);
      }
      return { operation: pick({ GET: 'v2:ListTags' }, method) };
    case 'referrers':
      return { operation: pick({ GET: 'v2:ListReferrers' }, method), digest: mustBeDigest(last) };
    case 'blobs/uploads':
      return last === ''
        ? { operation: pick(UPLOADS, method), ...given('digest'), ...given('mount'), ...given('from') }
        : { operation: pick(UPLOAD, method), uploadId: last, ...given('digest') };
    default:
      // POST .../blobs/uploads without the slash at the end.
      return last === 'uploads' && method === 'POST'
        ? { operation: 'v2:StartBlobUpload', ...given('digest'), ...given('mount'), ...given('from') }
        : { operation: pick(BLOB, method), digest: mustBeDigest(last) };
  }
}

function pick(methods: Methods, method: string): V2Operation {
  if (!Object.hasOwn(methods, method)) {
    throw unsupported(`${method}; there is ${Object.keys(methods).join(', ')}`);
  }
  return methods[method];
}

export function mustBeDigest(text: string | undefined): string {
  if (text === undefined || !isDigestReference(text)) {
    throw new V2Error('DIGEST_INVALID', 400, `Invalid digest ${text ?? '(none)'}`);
  }
  return text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new V2Error('NAME_INVALID', 400, `${text} is not an address`);
  }
}
