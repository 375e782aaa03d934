import { mutateJson } from './mutate-json';

/** A whole number from 0 up to, and without, `below`. */
export type Chance = (below: number) => number;

const ODD_NUMBERS = ['0', '-1', '1', '2', '10', '255', '65536', '2147483648', '4294967296', '9007199254740993', '1e999', '-0', '0x10', '00', '99999999999999999999999'];
const ODD_PIECES = [
  '', '\0', '\n', '\r\n', '\t', ' ', '"', "'", '\\', '/', '..', '../', '%2e%2e%2f', '%00', '%', ':', '@', ',', ';', '=', '*', '**', '<', '>', '&', '{', '}', '[', ']', '(', ')', '${', '}}',
  '\u001b[31m', '\u202e', '\u2028', '\ufeff', '\ud800', '__proto__', 'constructor', 'null', 'true', '{}', '[]', '""', 'a', 'é', '😀',
].map((text) => Buffer.from(text));

/** Changes an input in a few places. */
export function mutate(input: Buffer, other: Buffer, words: readonly Buffer[], maxBytes: number, chance: Chance): Buffer {
  let bytes = input;
  for (let left = 1 + chance(4); left > 0; left -= 1) {
    bytes = (chance(3) > 0 ? mutateJson(bytes, other, words, maxBytes, chance) : undefined) ?? mutateBytes(bytes, other, words, maxBytes, chance);
  }
  return bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes;
}

function mutateBytes(bytes: Buffer, other: Buffer, words: readonly Buffer[], maxBytes: number, chance: Chance): Buffer {
  const at = chance(bytes.length + 1);
  const length = chance(Math.min(bytes.length - at, 1 + chance(64)) + 1);
  const piece = () => (words.length > 0 && chance(2) === 0 ? words[chance(words.length)] : ODD_PIECES[chance(ODD_PIECES.length)]);
  const put = (from: number, to: number, ...pieces: Buffer[]) => Buffer.concat([bytes.subarray(0, from), ...pieces, bytes.subarray(to)]);
  switch (chance(9)) {
    case 0: return put(at, at + length);
    case 1: return put(at, at, piece());
    case 2: return put(at, at + length, piece());
    case 3: return put(at, at, bytes.subarray(at, at + length));
    case 4: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) {
        flipped[at] = chance(256);
      }
      return flipped;
    }
    case 5: {
      const from = chance(other.length + 1);
      return put(at, at + length, other.subarray(from, from + chance(512)));
    }
    case 6: return oddNumber(bytes, chance);
    case 7: return bytes.subarray(0, at);
    default: return chance(12) === 0 ? pump(bytes, piece(), maxBytes, chance) : put(at, at, piece(), piece());
  }
}

/** One piece very often: what takes more than its share of time for that takes too much. */
function pump(bytes: Buffer, piece: Buffer, maxBytes: number, chance: Chance): Buffer {
  const at = chance(bytes.length + 1);
  const unit = chance(2) === 0 || bytes.length === 0 ? piece : bytes.subarray(at, at + 1 + chance(40));
  const times = unit.length === 0 ? 0 : Math.floor(Math.max(0, maxBytes - bytes.length) / unit.length / [1, 1, 8, 64][chance(4)]);
  return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(times * unit.length, unit), bytes.subarray(at)]);
}

function oddNumber(bytes: Buffer, chance: Chance): Buffer {
  const text = bytes.toString('latin1');
  const found = [...text.slice(0, 65_536).matchAll(/\d+/g)];
  if (found.length === 0) {
    return bytes;
  }
  const { index, 0: digits } = found[chance(found.length)];
  return Buffer.from(text.slice(0, index) + ODD_NUMBERS[chance(ODD_NUMBERS.length)] + text.slice(index + digits.length), 'latin1');
}
