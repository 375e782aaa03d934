/**
 * Places of the images, youngest first; equal times in the order of their digests. ECR does not say how it breaks ties, so whoever
 * depends on it is told (TIE_AT_CUT).
 */
export function youngestFirst(times: Float64Array, digests: readonly string[]): Int32Array {
  const order = sortByTime(times);
  sortTies(order, times, digests);
  return order;
}

const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;

/** Radix sort, descending: times are whole milliseconds, so a few passes over small digits beat any comparison. */
function sortByTime(times: Float64Array): Int32Array {
  const count = times.length;
  let from = new Int32Array(count);
  let to = new Int32Array(count);
  let youngest = -Infinity;
  let oldest = Infinity;
  let sorted = true;
  for (let i = 0; i < count; i++) {
    const time = times[i];
    from[i] = i;
    youngest = time > youngest ? time : youngest;
    oldest = time < oldest ? time : oldest;
    sorted = sorted && (i === 0 || time <= times[i - 1]);
  }
  if (sorted) {
    return from;
  }
  const starts = new Int32Array(BUCKETS);
  for (let scale = 1; scale <= youngest - oldest; scale *= BUCKETS) {
    starts.fill(0);
    for (let i = 0; i < count; i++) {
      starts[Math.floor((youngest - times[i]) / scale) % BUCKETS]++;
    }
    for (let bucket = 0, start = 0; bucket < BUCKETS; bucket++) {
      const size = starts[bucket];
      starts[bucket] = start;
      start += size;
    }
    for (let k = 0; k < count; k++) {
      const i = from[k];
      to[starts[Math.floor((youngest - times[i]) / scale) % BUCKETS]++] = i;
    }
    [from, to] = [to, from];
  }
  return from;
}

function sortTies(order: Int32Array, times: Float64Array, digests: readonly string[]): void {
  const count = order.length;
  for (let start = 0; start < count - 1;) {
    const time = times[order[start]];
    let end = start + 1;
    while (end < count && times[order[end]] === time) {
      end++;
    }
    if (end - start > 1) {
      order.subarray(start, end).sort((a, b) => compare(digests[a], digests[b]));
    }
    start = end;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
