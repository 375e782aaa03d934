import { StoredObject } from './object-store';
import { S3_NAMESPACE, xmlReply } from './replies';
import type { Reply } from '../../emulator';
import { renderXml } from '../../rehearsal/query-protocol';

const MOST = 1000;

/** ListObjectsV2, and ListObjects as far as its callers look at keys only. */
export function listObjects(bucket: string, objects: readonly StoredObject[], query: URLSearchParams): Reply {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const asked = Number(query.get('max-keys') ?? MOST);
  const most = Number.isInteger(asked) && asked >= 0 ? Math.min(asked, MOST) : MOST;
  const after = query.has('continuation-token') ? Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString('utf8') : query.get('start-after') ?? query.get('marker') ?? '';
  const contents: StoredObject[] = [];
  const prefixes = new Set<string>();
  let last = '';
  let truncated = false;
  for (const stored of objects) {
    const { key } = stored;
    if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) {
      continue;
    }
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
    if (common !== undefined && (prefixes.has(common) || after.startsWith(common))) {
      last = key;
      continue;
    }
    if (contents.length + prefixes.size >= most) {
      truncated = true;
      break;
    }
    last = key;
    if (common === undefined) {
      contents.push(stored);
    } else {
      prefixes.add(common);
    }
  }
  const shown = (text: string) => query.get('encoding-type') === 'url' ? encodeURIComponent(text).replace(/%2F/g, '/') : text;
  return xmlReply(200, `<ListBucketResult xmlns="${S3_NAMESPACE}">${renderXml({
    Name: bucket,
    Prefix: shown(prefix),
    KeyCount: String(contents.length + prefixes.size),
    MaxKeys: String(most),
    EncodingType: query.get('encoding-type') ?? undefined,
    IsTruncated: String(truncated),
    ...truncated ? { NextContinuationToken: Buffer.from(last).toString('base64url') } : {},
  })}${contents.map((stored) => `<Contents>${renderXml({
    Key: shown(stored.key), LastModified: stored.lastModified, ETag: `"${stored.etag}"`, Size: String(stored.size), StorageClass: 'STANDARD',
  })}</Contents>`).join('')}${[...prefixes].map((common) => `<CommonPrefixes>${renderXml({ Prefix: shown(common) })}</CommonPrefixes>`).join('')}</ListBucketResult>`);
}
