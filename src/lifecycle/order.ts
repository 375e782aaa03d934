/* eslint-disable no-bitwise -- digits of a radix sort */
import { DigestTable } from './digest-table';

/**
 * Places of the images, youngest first; equal times in the order of their digests. ECR does not say how it breaks ties, so whoever
 * depends on it is told (TIE_AT_CUT).
 */
export function youngestFirst(times: Float64Array, { digests, keys }: Pick<DigestTable, 'digests' | 'keys'>): Int32Array {
  const order = sortByTime(times);
  sortTies(order, times, (a, b) => compareDigests(a, b, keys, digests));
  return order;
}

const DIGIT_BITS = 13;
const BUCKETS = 1 << DIGIT_BITS;
const HALF = 2 ** (2 * DIGIT_BITS);

/** Radix sort, descending. Times are whole milliseconds: what lies between the youngest and the oldest fits four digits of 13 bits. */
function sortByTime(times: Float64Array): Int32Array {
  const count = times.length;
  let youngest = -Infinity;
  let oldest = Infinity;
  for (let i = 0; i < count; i++) {
    const time = times[i];
    youngest = time > youngest ? time : youngest;
    oldest = time < oldest ? time : oldest;
  }
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    order[i] = i;
  }
  if (youngest - oldest >= HALF * HALF) {
    return order.sort((a, b) => times[b] - times[a] || a - b);
  }
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const age = youngest - times[i];
    high[i] = Math.floor(age / HALF);
    low[i] = age - high[i] * HALF;
  }
  const passes: readonly (readonly [Int32Array, number])[] = [[low, 0], [low, DIGIT_BITS], [high, 0], [high, DIGIT_BITS]];
  return passes.reduce<Int32Array>((from, [digits, shift]) => sortByDigit(from, digits, shift), order);
}

function sortByDigit(from: Int32Array, digits: Int32Array, shift: number): Int32Array {
  const starts = new Int32Array(BUCKETS);
  for (let i = 0; i < digits.length; i++) {
    starts[(digits[i] >> shift) & (BUCKETS - 1)]++;
  }
  let start = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const size = starts[bucket];
    if (size === digits.length) {
      return from;
    }
    starts[bucket] = start;
    start += size;
  }
  const to = new Int32Array(from.length);
  for (let k = 0; k < from.length; k++) {
    const i = from[k];
    to[starts[(digits[i] >> shift) & (BUCKETS - 1)]++] = i;
  }
  return to;
}

/** Longer runs are left to the engine's sort. */
const SHORT_RUN = 24;

/** Images of one build are pushed in the same second, so ties are many and short. */
function sortTies(order: Int32Array, times: Float64Array, compare: (a: number, b: number) => number): void {
  const count = order.length;
  for (let start = 0; start < count - 1;) {
    const time = times[order[start]];
    let end = start + 1;
    while (end < count && times[order[end]] === time) {
      end++;
    }
    if (end - start > SHORT_RUN) {
      order.subarray(start, end).sort(compare);
    } else {
      for (let k = start + 1; k < end; k++) {
        const i = order[k];
        let at = k;
        for (; at > start && compare(order[at - 1], i) > 0; at--) {
          order[at] = order[at - 1];
        }
        order[at] = i;
      }
    }
    start = end;
  }
}

/** By the first digits; whole digests are compared only where these are equal. */
function compareDigests(a: number, b: number, keys: Int32Array, digests: readonly string[]): number {
  return keys[a] - keys[b] || (digests[a] < digests[b] ? -1 : 1);
}
