import { Timestamp } from '../lifecycle/model';
import { epochMillis } from '../lifecycle/time';

/** Epoch milliseconds of a time. A number above 1e11 is read as milliseconds, what `Clock.now()` gives; a smaller one as epoch seconds. */
export function millisecondsOf(time: Timestamp): number {
  const milliseconds = typeof time === 'number' && Math.abs(time) >= 1e11 ? Math.round(time) : epochMillis(time);
  if (!Number.isFinite(milliseconds)) {
    throw new RangeError(`${String(time)} is not a point in time; write ISO 8601 with a zone (2026-01-31T12:00:00Z) or seconds since 1970`);
  }
  return milliseconds;
}

/** As AWS JSON 1.1 writes a time: epoch seconds, with the fraction. */
export const epochSeconds = (milliseconds: number): number => milliseconds / 1000;
