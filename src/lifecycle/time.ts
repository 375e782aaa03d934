import { Timestamp } from './model';

export const DAY = 86_400_000;

/**
 * Milliseconds since 1970 of a point in time, `NaN` when it cannot be read. ISO 8601 text as the AWS CLI and JSON write it is read here, for
 * speed; other texts are left to `Date.parse`, but only with a zone: without one they would mean another time on another machine.
 */
export function epochMillis(time: Timestamp): number {
  if (typeof time === 'string') {
    return parseText(time);
  }
  if (typeof time === 'number') {
    // The wire gives seconds; a number this large is milliseconds taken for seconds (year 5138 and later).
    return Math.abs(time) < 1e11 ? Math.round(time * 1000) : NaN;
  }
  return time instanceof Date ? time.getTime() : NaN;
}

const ZONED = /(?:Z|GMT|UTC|[+-]\d\d:?\d\d)(?:\s*\([^()]*\))?$/i;
const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

const ZERO = 48;

function parseText(text: string): number {
  const length = text.length;
  // YYYY-MM-DDTHH:MM:SS and at least a zone; anything that does not fit goes the slow way.
  if (length >= 20
    && text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45 && text.charCodeAt(13) === 58 && text.charCodeAt(16) === 58
    && (text.charCodeAt(10) | 32) === 116) {
    const year = two(text, 0) * 100 + two(text, 2);
    const month = two(text, 5);
    const day = two(text, 8);
    const hour = two(text, 11);
    const minute = two(text, 14);
    const second = two(text, 17);
    // A digit that is none made its number NaN, which no comparison lets through.
    if (month >= 1 && month <= 12 && day >= 1 && day <= monthDays(year, month) && hour <= 23 && minute <= 59 && second <= 59) {
      const seconds = (daysTo(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
      return seconds * 1000 + fractionAndZone(text, 19, length);
    }
    return NaN;
  }
  return ZONED.test(text) || DATE_ONLY.test(text) ? Date.parse(text) : NaN;
}

/** What follows the seconds, in milliseconds: the fraction, less the offset from UTC. */
function fractionAndZone(text: string, start: number, length: number): number {
  let at = start;
  let fraction = 0;
  if (text.charCodeAt(at) === 46) {
    let scale = 1000;
    at++;
    const first = at;
    for (; at < length; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) {
        break;
      }
      scale /= 10;
      fraction += digit * scale;
    }
    if (at === first) {
      return NaN;
    }
    fraction = Math.round(fraction);
  }
  const sign = text.charCodeAt(at);
  if (sign === 90 || sign === 122) {
    return at + 1 === length ? fraction : NaN;
  }
  if (sign !== 43 && sign !== 45) {
    return NaN;
  }
  const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0;
  if (at + 5 + colon !== length) {
    return NaN;
  }
  const hours = two(text, at + 1);
  const minutes = two(text, at + 3 + colon);
  if (!(hours <= 23 && minutes <= 59)) {
    return NaN;
  }
  const offset = (hours * 60 + minutes) * 60_000;
  return sign === 43 ? fraction - offset : fraction + offset;
}

function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** Days from 1970-01-01 to the day, in the Gregorian calendar. */
function daysTo(year: number, month: number, day: number): number {
  const y = year - 1;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leapDays - 719_162 + DAYS_BEFORE[month - 1] + (month > 2 && isLeap(year) ? 1 : 0) + day - 1;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function monthDays(year: number, month: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** ISO 8601 in UTC, without a fraction where there is none. */
export function isoText(millis: number): string {
  return new Date(millis).toISOString().replace('.000Z', 'Z');
}
