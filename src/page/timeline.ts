import { Fate, Row } from './rows';
import { DAY } from '../lifecycle/time';

/** What is drawn in one colour: `stays`, `held`, or a rule with what it does. */
export interface Series {
  readonly fate: Fate;
  /** Absent where it does not matter, and for the rules that are too many for colours of their own. */
  readonly rulePriority?: number;
  readonly label: string;
  /** One a bucket, or one a rule. */
  readonly values: readonly number[];
}

export interface Timeline {
  readonly unit: 'day' | 'week' | 'month' | 'quarter' | 'year';
  readonly buckets: readonly { readonly label: string; readonly from: number; readonly to: number }[];
  readonly series: readonly Series[];
}

export type Measured = 'images' | 'bytes';

/** Colours that people can tell apart. */
const MOST_RULES = 6;
const UNITS: readonly (readonly [Timeline['unit'], number])[] = [['day', 62 * DAY], ['week', 500 * DAY], ['month', 3300 * DAY], ['quarter', 10_000 * DAY], ['year', Infinity]];

/** Pushes over time, divided by what becomes of the images. */
export function timeline(rows: readonly Row[], measured: Measured): Timeline {
  const times = rows.map(({ pushed }) => pushed).filter((time) => Number.isFinite(time));
  if (times.length === 0) {
    return { unit: 'day', buckets: [], series: [] };
  }
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const [unit] = UNITS.find(([, span]) => last - first <= span)!;
  const buckets: { label: string; from: number; to: number }[] = [];
  for (let from = startOf(unit, first); from <= last;) {
    const to = nextOf(unit, from);
    buckets.push({ label: labelOf(unit, from), from, to });
    from = to;
  }
  const placeOf = (time: number) => {
    let low = 0;
    let high = buckets.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (buckets[middle].from <= time) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  };
  return { unit, buckets, series: seriesOf(rows, buckets.length, measured, ({ pushed }) => Number.isFinite(pushed) ? placeOf(pushed) : -1) };
}

/** What each rule does, and what no rule decides. */
export function byRule(rows: readonly Row[], priorities: readonly number[], measured: Measured): { readonly labels: readonly string[]; readonly series: readonly Series[] } {
  const places = new Map(priorities.map((priority, i) => [priority, i]));
  const unruled = rows.some(({ rulePriority }) => rulePriority === undefined || !places.has(rulePriority));
  const count = priorities.length + (unruled ? 1 : 0);
  const fates: Fate[] = ['expires', 'archived', 'held', 'stays'];
  const series = fates.map((fate): Series => {
    const values = new Array<number>(count).fill(0);
    rows.filter((row) => row.fate === fate).forEach((row) => values[places.get(row.rulePriority ?? NaN) ?? count - 1] += amountOf(row, measured));
    return { fate, label: FATE_WORDS[fate], values };
  });
  return { labels: [...priorities.map((priority) => `rule ${priority}`), ...(unruled ? ['no rule'] : [])], series: series.filter(({ values }) => values.some((value) => value > 0)) };
}

export const FATE_WORDS: Readonly<Record<Fate, string>> = { expires: 'expires', archived: 'archived', held: 'held by an index', stays: 'stays' };

function amountOf(row: Row, measured: Measured): number {
  return measured === 'images' ? 1 : row.ownBytes;
}

function seriesOf(rows: readonly Row[], count: number, measured: Measured, placeOf: (row: Row) => number): Series[] {
  const sums = new Map<string, { fate: Fate; rulePriority?: number; values: number[]; total: number }>();
  for (const row of rows) {
    const place = placeOf(row);
    if (place < 0) {
      continue;
    }
    const rulePriority = row.fate === 'expires' || row.fate === 'archived' ? row.rulePriority : undefined;
    const key = `${row.fate} ${rulePriority ?? ''}`;
    const sum = sums.get(key) ?? { fate: row.fate, rulePriority, values: new Array<number>(count).fill(0), total: 0 };
    sum.values[place] += amountOf(row, measured);
    sum.total += 1;
    sums.set(key, sum);
  }
  const all = [...sums.values()];
  const ruled = all.filter(({ rulePriority }) => rulePriority !== undefined).sort((a, b) => b.total - a.total);
  const own = new Set(ruled.slice(0, ruled.length > MOST_RULES ? MOST_RULES - 1 : MOST_RULES));
  const other = (fate: Fate): Series[] => {
    const rest = ruled.filter((sum) => sum.fate === fate && !own.has(sum));
    return rest.length === 0 ? [] : [{ fate, label: `other rules: ${FATE_WORDS[fate]}`, values: rest[0].values.map((_, i) => rest.reduce((sum, { values }) => sum + values[i], 0)) }];
  };
  const of = (fate: Fate) => all.filter((sum) => sum.fate === fate && (sum.rulePriority === undefined || own.has(sum)))
    .sort((a, b) => (a.rulePriority ?? 0) - (b.rulePriority ?? 0)).map(({ rulePriority, values }): Series => ({
      fate, ...(rulePriority !== undefined && { rulePriority }), label: rulePriority === undefined ? FATE_WORDS[fate] : `rule ${rulePriority}: ${FATE_WORDS[fate]}`, values,
    }));
  return [...of('stays'), ...of('held'), ...of('archived'), ...other('archived'), ...of('expires'), ...other('expires')];
}

function startOf(unit: Timeline['unit'], time: number): number {
  const date = new Date(time);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case 'day': return Date.UTC(year, month, day);
    // Weeks begin on Monday.
    case 'week': return Date.UTC(year, month, day - (date.getUTCDay() + 6) % 7);
    case 'month': return Date.UTC(year, month, 1);
    case 'quarter': return Date.UTC(year, month - month % 3, 1);
    case 'year': return Date.UTC(year, 0, 1);
  }
}

function nextOf(unit: Timeline['unit'], from: number): number {
  const date = new Date(from);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case 'day': return Date.UTC(year, month, day + 1);
    case 'week': return Date.UTC(year, month, day + 7);
    case 'month': return Date.UTC(year, month + 1, 1);
    case 'quarter': return Date.UTC(year, month + 3, 1);
    case 'year': return Date.UTC(year + 1, 0, 1);
  }
}

function labelOf(unit: Timeline['unit'], from: number): string {
  const text = new Date(from).toISOString();
  switch (unit) {
    case 'day':
    case 'week': return text.slice(0, 10);
    case 'month': return text.slice(0, 7);
    case 'quarter': return `${text.slice(0, 4)} Q${Number(text.slice(5, 7)) / 3 + 2 / 3}`;
    case 'year': return text.slice(0, 4);
  }
}
