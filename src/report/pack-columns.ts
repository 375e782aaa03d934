import { isDigest } from '../images/digest';
import { Timestamp } from '../lifecycle/model';
import { epochMillis, isoText } from '../lifecycle/time';

type Value = string | number;

/** All the same; one of a few words; or every value by itself, 0 for a missing one where `gaps` says so. */
export type PackedColumn =
  | { readonly all: Value }
  | { readonly words: readonly Value[]; readonly at: readonly number[] }
  | { readonly values: readonly (Value | null)[] };

const FEW = 200;

export function packColumn(values: readonly (Value | undefined)[]): PackedColumn {
  const words = [...new Set(values)];
  if (words.length === 1 && words[0] !== undefined) {
    return { all: words[0] };
  }
  const known = words.filter((word): word is Value => word !== undefined);
  if (known.length <= Math.min(FEW, values.length / 4)) {
    const places = new Map<Value | undefined, number>(known.map((word, i) => [word, i]));
    return { words: known, at: values.map((value) => places.get(value) ?? -1) };
  }
  return { values: values.map((value) => value ?? null) };
}

export function unpackColumn(column: PackedColumn, count: number): (Value | undefined)[] {
  return 'all' in column ? Array.from({ length: count }, () => column.all)
    : 'words' in column ? column.at.map((place) => column.words[place])
      : column.values.map((value) => value ?? undefined);
}

/** Differences from one known time to the next, in units of so many milliseconds; null where there is none. */
export interface PackedTimes {
  readonly unit: 1 | 1000;
  readonly steps: readonly (number | null)[];
}

export function packTimes(times: readonly (Timestamp | undefined)[]): PackedTimes {
  const millis = times.map((time) => time === undefined ? undefined : Math.round(epochMillis(time)));
  const unit = millis.every((time) => time === undefined || time % 1000 === 0) ? 1000 : 1;
  let before = 0;
  return {
    unit,
    steps: millis.map((time) => {
      if (time === undefined) {
        return null;
      }
      const step = (time - before) / unit;
      before = time;
      return step;
    }),
  };
}

/** As ISO 8601, whatever they were before. */
export function unpackTimes({ unit, steps }: PackedTimes): (string | undefined)[] {
  let time = 0;
  return steps.map((step) => {
    if (step === null) {
      return undefined;
    }
    time += step * unit;
    return isoText(time);
  });
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES: Readonly<Record<string, number>> = Object.fromEntries([...ALPHABET].map((character, i) => [character, i]));
/** Three hexadecimal digits are two characters; the 64th stands alone. */
const WIDTH = 43;

export interface PackedDigests {
  /** 43 characters each. */
  readonly sha256: string;
  /** What has another form, with its place. */
  readonly others: readonly (readonly [number, string])[];
}

export function packDigests(digests: readonly string[]): PackedDigests {
  const others: [number, string][] = [];
  const packed: string[] = [];
  digests.forEach((digest, i) => {
    if (isDigest(digest)) {
      packed.push(packHex(digest.slice(7)));
    } else {
      others.push([i, digest]);
    }
  });
  return { sha256: packed.join(''), others };
}

export function unpackDigests({ sha256, others }: PackedDigests): string[] {
  const count = sha256.length / WIDTH + others.length;
  const special = new Map(others);
  let next = 0;
  return Array.from({ length: count }, (_, i) => special.get(i) ?? `sha256:${unpackHex(sha256.slice(next++ * WIDTH, next * WIDTH))}`);
}

function packHex(hex: string): string {
  let text = '';
  for (let i = 0; i < 63; i += 3) {
    const value = parseInt(hex.slice(i, i + 3), 16);
    text += ALPHABET[Math.floor(value / 64)] + ALPHABET[value % 64];
  }
  return text + hex[63];
}

function unpackHex(text: string): string {
  let hex = '';
  for (let i = 0; i < 42; i += 2) {
    hex += (VALUES[text[i]] * 64 + VALUES[text[i + 1]]).toString(16).padStart(3, '0');
  }
  return hex + text[42];
}
