/** The first place in an ascending list that comes after a key. */
export function placeAfter(sorted: readonly string[], key: string | undefined): number {
  if (key === undefined) {
    return 0;
  }
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (sorted[middle] <= key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Key of the last item, when more follow. */
  readonly last?: string;
}

/**
 * A page of what the keys stand for, in the order of the keys. A position is a key, not a number: whatever comes or goes between two
 * pages, everything that stays is listed exactly once. `read` gives undefined for what does not belong into the listing.
 */
export function pageOf<T>(sorted: readonly string[], after: string | undefined, limit: number, read: (key: string) => T | undefined): Page<T> {
  const items: T[] = [];
  let last: string | undefined;
  for (let i = placeAfter(sorted, after); i < sorted.length; i++) {
    const item = read(sorted[i]);
    if (item === undefined) {
      continue;
    }
    if (items.length === limit) {
      return { items, last };
    }
    items.push(item);
    last = sorted[i];
  }
  return { items };
}
