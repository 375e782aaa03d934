import * as fc from 'fast-check';
import { epochMillis, isoText } from '../../src/lifecycle/time';

const instant = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9998-12-31T23:59:59Z'), noInvalidDate: true });
const two = (n: number) => String(n).padStart(2, '0');

describe('a point in time', () => {
  test('is read as Date.parse reads it, in every form that AWS writes', () => {
    fc.assert(fc.property(instant, fc.integer({ min: -23 * 60, max: 23 * 60 }), (date, offset) => {
      const iso = date.toISOString();
      expect(epochMillis(iso)).toBe(date.getTime());
      expect(epochMillis(date)).toBe(date.getTime());
      const whole = Math.floor(date.getTime() / 1000) * 1000;
      expect(epochMillis(iso.replace(/\.\d+/, ''))).toBe(whole);
      expect(epochMillis(iso.replace('Z', '000+00:00'))).toBe(date.getTime());
      const sign = offset < 0 ? '-' : '+';
      const zone = `${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
      const shifted = iso.replace(/\..*/, zone);
      expect(epochMillis(shifted)).toBe(Date.parse(shifted));
      expect(epochMillis(shifted)).toBe(whole - offset * 60_000);
      expect(epochMillis(shifted.replace(/:(\d\d)$/, '$1'))).toBe(whole - offset * 60_000);
    }), { numRuns: 800 });
  });

  test('in seconds is rounded to milliseconds', () => {
    expect(epochMillis(1448875853.241)).toBe(1448875853241);
    expect(epochMillis(1.563223656e9)).toBe(1563223656000);
    expect(epochMillis(0)).toBe(0);
    expect(epochMillis(-1.5)).toBe(-1500);
  });

  test.each([
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2026-01-31 12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31t12:00:00z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00.1239999Z', Date.UTC(2026, 0, 31, 12, 0, 0, 124)],
    ['2026-01-31T12:00Z', Date.UTC(2026, 0, 31, 12)],
    ['Sat, 31 Jan 2026 12:00:00 GMT', Date.UTC(2026, 0, 31, 12)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
  ])('%s is read', (text, millis) => {
    expect(epochMillis(text)).toBe(millis);
  });

  test.each([
    '', 'yesterday', '2026-01-31T12:00:00', '2026-01-31T12:00', '1/2/2026', 'Jan 31 2026 12:00', '1563223656', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z', '2026-01-32T00:00:00Z', '2026-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-01-31T24:00:01Z', '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:60Z', '2O26-01-31T12:00:00Z', '2026-01-3:T12:00:00Z', '2026-01-31T12:00:0?Z', '2026-01-31T12:00:00+24:00', '2026-01-31T12:00:00+01:60',
    '2026-01-31T12:00:00+1:000', '2026-01-31T12:00:00.Z', '2026-01-31T12:00:00X', '2026-01-31T12:00:00Z0', '20260-1-31T12:00:00Z',
  ])('%j is none', (text) => {
    expect(epochMillis(text)).toBeNaN();
  });

  test('of no kind that we know is none', () => {
    for (const value of [NaN, Infinity, 1769860800000, new Date(NaN), null, undefined, {}, true, []]) {
      expect(epochMillis(value as never)).toBeNaN();
    }
  });

  test('is written without a fraction where there is none', () => {
    expect(isoText(Date.UTC(2026, 0, 31, 12))).toBe('2026-01-31T12:00:00Z');
    expect(isoText(1448875853241)).toBe('2015-11-30T09:30:53.241Z');
  });
});
