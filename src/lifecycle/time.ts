/* eslint-disable no-bitwise -- whole numbers that the engine need not box */
import { Timestamp } from './model';

export const DAY = 86_400_000;

/**
 * Milliseconds since 1970 of a point in time, `NaN` when it cannot be read. ISO 8601 text as the AWS CLI and JSON write it is read here, for
 * speed; other texts are left to `Date.parse`, but only with a zone: without one they would mean another time on another machine.
 */
export function epochMillis(time: Timestamp): number {
  if (typeof time === 'string') {
    const seconds = wholeSeconds(time);
    return seconds === seconds ? seconds * 1000 : otherText(time);
  }
  if (typeof time === 'number') {
    // The wire gives seconds; a number this large is milliseconds taken for seconds (year 5138 and later).
    return Math.abs(time) < 1e11 ? Math.round(time * 1000) : NaN;
  }
  return time instanceof Date ? time.getTime() : NaN;
}

/**
 * Seconds since 1970 of the two forms that nearly all times have, `2026-01-31T12:00:00Z` and `2026-01-31T12:00:00+00:00`; `NaN` for all else.
 * A small whole number as result keeps the engine from boxing it, which would cost more than the reading.
 */
function wholeSeconds(text: string): number {
  const length = text.length;
  if ((length !== 20 && length !== 25) || text.charCodeAt(10) !== 84
    || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) {
    return NaN;
  }
  const y0 = text.charCodeAt(0) - 48;
  const y1 = text.charCodeAt(1) - 48;
  const y2 = text.charCodeAt(2) - 48;
  const y3 = text.charCodeAt(3) - 48;
  const mo0 = text.charCodeAt(5) - 48;
  const mo1 = text.charCodeAt(6) - 48;
  const d0 = text.charCodeAt(8) - 48;
  const d1 = text.charCodeAt(9) - 48;
  const h0 = text.charCodeAt(11) - 48;
  const h1 = text.charCodeAt(12) - 48;
  const mi0 = text.charCodeAt(14) - 48;
  const mi1 = text.charCodeAt(15) - 48;
  const s0 = text.charCodeAt(17) - 48;
  const s1 = text.charCodeAt(18) - 48;
  // Together, for speed: a digit is 0 to 15 as it stands, and still after 6 is added.
  const digits = (y0 | y1 | y2 | y3 | mo0 | mo1 | d0 | d1 | h0 | h1 | mi0 | mi1 | s0 | s1)
    | (y0 + 6) | (y1 + 6) | (y2 + 6) | (y3 + 6) | (mo0 + 6) | (mo1 + 6) | (d0 + 6) | (d1 + 6)
    | (h0 + 6) | (h1 + 6) | (mi0 + 6) | (mi1 + 6) | (s0 + 6) | (s1 + 6);
  const year = y0 * 1000 + y1 * 100 + y2 * 10 + y3;
  const month = mo0 * 10 + mo1;
  const day = d0 * 10 + d1;
  const hour = h0 * 10 + h1;
  const minute = mi0 * 10 + mi1;
  const second = s0 * 10 + s1;
  if ((digits & ~15) !== 0 || month < 1 || month > 12 || day < 1 || day > monthDays(year, month) || hour > 23 || minute > 59 || second > 59) {
    return NaN;
  }
  const seconds = daysTo(year, month, day) * 86_400 + (hour * 3600 + minute * 60 + second);
  return length === 25 ? seconds - offsetSeconds(text, 19) : text.charCodeAt(19) === 90 ? seconds : NaN;
}

/** Seconds that `+01:00` at the end of a text is ahead of UTC, `NaN` when there is no such thing. */
function offsetSeconds(text: string, at: number): number {
  const found = /^([+-])([01]\d|2[0-3]):?([0-5]\d)$/.exec(text.slice(at));
  const size = found ? Number(found[2]) * 3600 + Number(found[3]) * 60 : NaN;
  return found?.[1] === '-' ? -size : size;
}

const FRACTION = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?(.+)$/;
const ZONED = /(?:Z|GMT|UTC|[+-]\d\d:?\d\d)(?:\s*\([^()]*\))?$/i;
const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

/** Fractions of a second (rounded to milliseconds, as the SDK does), other ways to write a zone, and whatever `Date.parse` reads that has one. */
function otherText(text: string): number {
  const found = FRACTION.exec(text);
  if (found) {
    const [, date, time, fraction = '', zone] = found;
    const seconds = wholeSeconds(`${date}T${time}Z`) - (/^Z$/i.test(zone) ? 0 : offsetSeconds(zone, 0));
    return seconds * 1000 + Math.round(Number(`0${fraction}`) * 1000);
  }
  return ZONED.test(text) || DATE_ONLY.test(text) ? Date.parse(text) : NaN;
}

const DAYS_BEFORE = Int32Array.of(0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334);

/** Days from 1970-01-01 to the day, in the Gregorian calendar. */
function daysTo(year: number, month: number, day: number): number {
  const y = (year - 1) | 0;
  const leapDays = ((y / 4) | 0) - ((y / 100) | 0) + ((y / 400) | 0);
  return y * 365 + leapDays - 719_162 + DAYS_BEFORE[month - 1] + (month > 2 && isLeap(year) ? 1 : 0) + day - 1;
}

function isLeap(year: number): boolean {
  return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function monthDays(year: number, month: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** ISO 8601 in UTC, without a fraction where there is none. */
export function isoText(millis: number): string {
  return new Date(millis).toISOString().replace('.000Z', 'Z');
}
