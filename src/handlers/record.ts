import { sha256Hex } from '../digest';
import { Tag } from '../ecr/registry';
import { RECORD_TAG_PREFIX } from '../resources';

/**
 * What was there before us, kept in tags of the repository itself: it must survive until CloudFormation rolls back, in another
 * invocation, and nothing else of ours is certain to be there then. The head is readable; the body is compressed, in tags
 * of up to 256 characters out of the alphabet that tag values allow.
 */
export interface TagRecord {
  readonly head: string;
  /** Absent when nothing was recorded, or when the tags no longer hold all of it. */
  readonly body?: unknown;
  /** All tags that belong to it. */
  readonly tags: Readonly<Record<string, string>>;
}

export type RecordKind = 'repository' | 'lifecycle';

const VALUE_MAX = 256;
/** More than any policy or any set of fifty tags; tags can be written by anybody. */
const BODY_MAX = 1_000_000;

export function headKey(kind: RecordKind): string {
  return `${RECORD_TAG_PREFIX}${kind}`;
}

export function encodeRecord(kind: RecordKind, head: string, body?: unknown): Tag[] {
  const packed = body === undefined ? '' : zlib().deflateRawSync(JSON.stringify(body), { level: 9 }).toString('base64url');
  const chunks = packed.match(new RegExp(`.{1,${VALUE_MAX}}`, 'g')) ?? [];
  return [
    { Key: headKey(kind), Value: `${head} ${chunks.length} ${chunks.length === 0 ? '-' : sum(packed)}` },
    ...chunks.map((Value, index) => ({ Key: `${headKey(kind)}-${index}`, Value })),
  ];
}

export function decodeRecord(kind: RecordKind, tags: readonly Tag[]): TagRecord | undefined {
  const key = headKey(kind);
  const ours = tags.filter(({ Key }) => Key === key || (Key.startsWith(`${key}-`) && /^\d{1,2}$/.test(Key.slice(key.length + 1))));
  const found = { tags: Object.fromEntries(ours.map(({ Key, Value }) => [Key, Value])) };
  const [, head, count, check] = /^(.*) (\d{1,2}) (-|[0-9a-f]{8})$/.exec(found.tags[key] ?? '') ?? [];
  if (head === undefined) {
    return ours.length === 0 ? undefined : { head: '', ...found };
  }
  const packed = Array.from({ length: Number(count) }, (_, index) => found.tags[`${key}-${index}`] ?? '').join('');
  if (packed === '' || sum(packed) !== check) {
    return { head, ...found };
  }
  try {
    return { head, ...found, body: JSON.parse(zlib().inflateRawSync(Buffer.from(packed, 'base64url'), { maxOutputLength: BODY_MAX }).toString('utf8')) };
  } catch {
    return { head, ...found };
  }
}

/** Few resources ever record anything; the start of the function need not wait for it. */
function zlib(): typeof import('node:zlib') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('node:zlib');
}

function sum(text: string): string {
  return sha256Hex(text).slice(0, 8);
}
