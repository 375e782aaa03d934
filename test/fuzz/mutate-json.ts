import type { Chance } from './mutate';

type Container = unknown[] | Record<string, unknown>;
interface Slot {
  readonly owner: Container;
  readonly key: string | number;
}

const ODD_VALUES: readonly unknown[] = [
  null, true, false, 0, -1, 1.5, 1e308, 9_007_199_254_740_993, '', 'a', '0', '*', '\u0000', '\u001b[2J', '\u202e', '\ud800', '<b>', '__proto__', 'constructor', 'toString', '../../etc/passwd', '/', 'null',
  [], {}, [[]], [null], [{}], { Ref: 'A' }, { 'Fn::Sub': '${A.B}' }, { __proto__: null }, '2026-01-31T12:00:00Z', 'sha256:0', '::1', 'a:b@c', 'x'.repeat(5_000),
];
const ODD_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'a/b~0', 'Ref', 'Fn::If', 'length', '\u0000', 'then', '0'];
const MOST_SLOTS = 2_000;
const MOST_DEPTH = 64;

/** Changes a JSON document as a document: values, members and lists instead of letters. Undefined for what is none. */
export function mutateJson(bytes: Buffer, other: Buffer, words: readonly Buffer[], maxBytes: number, chance: Chance): Buffer | undefined {
  const json = parse(bytes);
  if (typeof json !== 'object' || json === null) {
    return undefined;
  }
  const root = { root: json as unknown };
  const slots = slotsOf(root);
  const { owner, key } = slots[chance(slots.length)];
  const value = (owner as Record<string, unknown>)[key];
  const donor = () => {
    const all = slotsOf({ root: chance(2) === 0 ? json : parse(other) ?? json });
    const from = all[chance(all.length)];
    return (from.owner as Record<string, unknown>)[from.key];
  };
  switch (chance(9)) {
    case 0: set(owner, key, ODD_VALUES[chance(ODD_VALUES.length)]); break;
    case 1: remove(owner, key); break;
    case 2: set(owner, key, donor()); break;
    case 3: set(owner, key, [value]); break;
    case 4: set(owner, key, { [ODD_KEYS[chance(ODD_KEYS.length)]]: value }); break;
    case 5: rename(owner, key, words.length > 0 && chance(2) === 0 ? words[chance(words.length)].toString() : ODD_KEYS[chance(ODD_KEYS.length)]); break;
    case 6: set(owner, key, words.length > 0 ? words[chance(words.length)].toString() : 'a'); break;
    case 7: pump(owner, key, value, maxBytes, chance); break;
    default:
      if (typeof value === 'object' && value !== null) {
        add(value as Container, donor(), chance);
      } else {
        set(owner, key, typeof value === 'string' ? value + String(ODD_VALUES[10 + chance(10)]) : ODD_VALUES[chance(ODD_VALUES.length)]);
      }
  }
  try {
    const text = JSON.stringify(root.root);
    return text === undefined || text.length > maxBytes ? undefined : Buffer.from(text);
  } catch {
    return undefined;
  }
}

function parse(bytes: Buffer): unknown {
  if (bytes.length > 65_536) {
    return undefined;
  }
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function slotsOf(root: Container): Slot[] {
  const slots: Slot[] = [];
  const walk = (owner: Container, depth: number) => {
    for (const key of Array.isArray(owner) ? owner.keys() : Object.keys(owner)) {
      if (slots.length >= MOST_SLOTS) {
        return;
      }
      slots.push({ owner, key });
      const value = (owner as Record<string, unknown>)[key];
      if (typeof value === 'object' && value !== null && depth < MOST_DEPTH) {
        walk(value as Container, depth + 1);
      }
    }
  };
  walk(root, 0);
  return slots;
}

/** Also where the key is one that objects treat in a way of their own. */
function set(owner: Container, key: string | number, value: unknown): void {
  Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(owner: Container, key: string | number): void {
  if (Array.isArray(owner)) {
    owner.splice(Number(key), 1);
  } else {
    delete owner[key];
  }
}

function rename(owner: Container, key: string | number, name: string): void {
  if (!Array.isArray(owner)) {
    const value = owner[key];
    delete owner[key];
    set(owner, name, value);
  }
}

function add(target: Container, value: unknown, chance: Chance): void {
  if (Array.isArray(target)) {
    target.splice(chance(target.length + 1), 0, value);
  } else {
    set(target, ODD_KEYS[chance(ODD_KEYS.length)], value);
  }
}

/** Much of one thing: a long text, a long list, many members, deep nesting. */
function pump(owner: Container, key: string | number, value: unknown, maxBytes: number, chance: Chance): void {
  const size = Math.max(2, JSON.stringify(value)?.length ?? 2);
  const times = Math.max(2, Math.floor(maxBytes / (size + 16) / [1, 4, 32, 200][chance(4)]));
  if (typeof value === 'string' && chance(2) === 0) {
    set(owner, key, value.repeat(value.length === 0 ? 0 : times));
  } else if (chance(3) > 0) {
    set(owner, key, new Array(times).fill(Array.isArray(value) && value.length > 0 ? value[0] : value));
  } else if (chance(2) === 0) {
    set(owner, key, Object.fromEntries(Array.from({ length: times }, (_, i) => [`k${i}`, value])));
  } else {
    let nested = value;
    for (let i = Math.min(times, 3_000); i > 0; i -= 1) {
      nested = chance(2) === 0 ? [nested] : { a: nested };
    }
    set(owner, key, nested);
  }
}
