import { sanitise } from './sanitise';
import { ByteRange, Timestamp } from '../lifecycle/model';
import { DAY, epochMillis, isoText } from '../lifecycle/time';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units, as ECR bills. */
export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** Layers may be shared with images that stay, so what is freed lies in a range. */
export function byteRange({ min, max, unknown }: ByteRange): string {
  const range = max === 0 ? '0 B' : min === max ? bytes(max) : min === 0 ? `up to ${bytes(max)}` : `${bytes(min)} to ${bytes(max)}`;
  return unknown > 0 ? `${range}, and ${count(unknown, 'image')} of unknown size` : range;
}

export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `2024-06-01 (609 d ago)` */
export function day(time: Timestamp | undefined, now: number): string {
  if (time === undefined) {
    return 'never';
  }
  const millis = epochMillis(time);
  return `${isoText(millis).slice(0, 10)} (${number(Math.max(0, Math.floor((now - millis) / DAY)))} d ago)`;
}

export function shortDigest(digest: string): string {
  return sanitise(digest.replace(/^sha256:/, '').slice(0, 12));
}

/** The tags, so many that they fit, or `(untagged)`. */
export function tagList(tags: readonly string[], most = 4): string {
  if (tags.length === 0) {
    return '(untagged)';
  }
  // A hash for a tag is recognised by its beginning.
  const shown = tags.slice(0, most).map((tag) => sanitise(tag.length > 40 ? `${tag.slice(0, 24)}...` : tag)).join(', ');
  return tags.length > most ? `${shown} and ${tags.length - most} more` : shown;
}
