import { sanitise } from './sanitise';
import { ByteRange, Timestamp } from '../lifecycle/model';
import { DAY, epochMillis, isoText } from '../lifecycle/time';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const HOUR = 3_600_000;

/** Decimal units, as ECR bills. */
export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** Layers may be shared with images that stay, so what is freed lies in a range. */
export function byteRange({ min, max, unknown }: ByteRange): string {
  const range = max === 0 ? 'no bytes of their own' : min === max ? bytes(max) : min === 0 ? `up to ${bytes(max)}` : `${bytes(min)} to ${bytes(max)}`;
  return unknown > 0 ? `${max === 0 ? '' : `${range}, and `}${count(unknown, 'image')} of unknown size` : range;
}

export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export function count(value: number, noun: string, several = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : several}`;
}

/** `2024-06-01 (609 d ago)`, on the last day in hours. */
export function day(time: Timestamp | undefined, now: number): string {
  if (time === undefined) {
    return 'never';
  }
  const millis = epochMillis(time);
  const age = Math.max(0, now - millis);
  return `${isoText(millis).slice(0, 10)} (${age < DAY ? `${Math.floor(age / HOUR)} h` : `${number(Math.floor(age / DAY))} d`} ago)`;
}

/** A length of time in days: whole ones from ten on, tenths below. Rounded down: no image is called older than it is. */
export function days(age: number): string {
  return `${number(Math.abs(age) >= 10 ? Math.floor(age) : Math.floor(age * 10) / 10)} d`;
}

export function shortDigest(digest: string): string {
  return sanitise(digest.replace(/^sha256:/, '').slice(0, 12));
}

/** The tags, so many that they fit, or `(untagged)`. */
export function tagList(tags: readonly string[], most = 3): string {
  if (tags.length === 0) {
    return '(untagged)';
  }
  // A hash for a tag is recognised by its beginning.
  const shown = tags.slice(0, most).map((tag) => sanitise(/^[0-9a-f]{32,}$/.test(tag) ? `${tag.slice(0, 12)}...` : tag)).join(', ');
  return tags.length > most ? `${shown} and ${tags.length - most} more` : shown;
}

/** A tag where there is one, otherwise the beginning of the digest. */
export function imageName({ imageDigest, imageTags }: { readonly imageDigest: string; readonly imageTags: readonly string[] }): string {
  return imageTags.length > 0 ? tagList(imageTags, 1) : shortDigest(imageDigest);
}

/** `a`, `a and b`, `a, b and c`. */
export function andList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}
