/* eslint-disable no-bitwise -- flags of a profile */
import { DrydockError } from '../errors';
import { Columns, isArchived, PROFILE_SHIFT, TAGGED } from './columns';
import { Rule } from './model';
import { youngestFirst } from './order';
import { TagIndex } from './tag-index';
import { DAY, epochMillis } from './time';

/** How the rules see the images that share a profile. */
interface Profile {
  /** Places of the rules that select them, highest priority first; the first one owns them. */
  readonly selecting: readonly number[];
  images: number;
}

export const NO_OWNER = -1;

export interface RuleColumns {
  /** Rules, highest priority first; everything below names them by their place here. */
  readonly rules: readonly Rule[];
  /** The rule that decides about an image, or NO_OWNER. */
  readonly owner: Int32Array;
  /** Whether the owner acts on the image. */
  readonly marked: Uint8Array;
  /** For images that a count rule owns: their place in its order, from 1. */
  readonly rank: Int32Array;
  readonly selected: Int32Array;
  readonly owned: Int32Array;
  /** Places of images whose mark depends on something ECR does not document. */
  readonly ties: readonly number[];
  readonly amongReferrers: readonly number[];
  readonly nearBoundary: readonly number[];
  readonly pullSlack: readonly number[];
  selecting(image: number): readonly number[];
}

/** Sections 4.1 and 4.2 of AWS's evaluation rules in one pass a kind of rule; see docs/semantics.md. */
export function applyRules(rules: readonly Rule[], tags: TagIndex, columns: Columns, now: number): RuleColumns {
  const { count, profiles } = columns;
  const table: (Profile | undefined)[] = [];
  const owner = new Int32Array(count);
  const owned = new Int32Array(rules.length);
  const selected = new Int32Array(rules.length);
  for (let i = 0; i < count; i++) {
    const number = profiles[i];
    const profile = table[number] ??= { selecting: selectingRules(rules, tags, number), images: 0 };
    profile.images++;
    owner[i] = profile.selecting.length > 0 ? profile.selecting[0] : NO_OWNER;
  }
  table.forEach((profile) => {
    if (profile && profile.images > 0) {
      profile.selecting.forEach((rule) => selected[rule] += profile.images);
      if (profile.selecting.length > 0) {
        owned[profile.selecting[0]] += profile.images;
      }
    }
  });
  const marked = new Uint8Array(count);
  const rank = new Int32Array(count);
  const byCount = applyCounts(rules, columns, table, { owner, owned, marked, rank });
  const byAge = applyAges(rules, columns, { owner, owned, marked }, now);
  return {
    rules,
    owner,
    marked,
    rank,
    selected,
    owned,
    ...byCount,
    ...byAge,
    selecting: (image) => table[profiles[image]]!.selecting,
  };
}

function selectingRules(rules: readonly Rule[], tags: TagIndex, profile: number): number[] {
  const tagged = (profile & TAGGED) !== 0;
  const storageClass = isArchived(profile) ? 'archive' : 'standard';
  return rules.flatMap(({ selection }, rule) => {
    if ((selection.storageClass ?? 'standard') !== storageClass) {
      return [];
    }
    switch (selection.tagStatus) {
      case 'any': return [rule];
      case 'untagged': return tagged ? [] : [rule];
      case 'tagged': return tagged && tags.selects(rule, profile >> PROFILE_SHIFT) ? [rule] : [];
    }
  });
}

type Results = Pick<RuleColumns, 'owner' | 'owned' | 'marked' | 'rank'>;

function applyCounts(
  rules: readonly Rule[], columns: Columns, table: readonly (Profile | undefined)[], { owner, owned, marked, rank }: Results,
): Pick<RuleColumns, 'ties' | 'amongReferrers'> {
  const { count, profiles, pushed } = columns;
  // A rule that owns nothing decides about nothing; what it would count does not matter.
  const counts = rules.map(({ selection }, rule) => selection.countType === 'imageCountMoreThan' && owned[rule] > 0);
  if (!counts.includes(true)) {
    return { ties: [], amongReferrers: [] };
  }
  const counted = table.map((profile) => Int32Array.from(profile?.selecting.filter((rule) => counts[rule]) ?? []));
  const keep = Int32Array.from(rules, (rule) => rule.selection.countNumber);
  const seen = new Int32Array(rules.length);
  const order = youngestFirst(pushed, columns.table);
  const lastKept = new Int32Array(rules.length).fill(-1);
  const tied = new Uint8Array(rules.length);
  for (let place = 0; place < count; place++) {
    const i = order[place];
    const selecting = counted[profiles[i]];
    for (let k = 0; k < selecting.length; k++) {
      const rule = selecting[k];
      const number = ++seen[rule];
      if (number === keep[rule]) {
        lastKept[rule] = place;
      } else if (number === keep[rule] + 1) {
        tied[rule] = pushed[order[lastKept[rule]]] === pushed[i] ? 1 : 0;
      }
      if (owner[i] === rule) {
        rank[i] = number;
        marked[i] = number > keep[rule] ? 1 : 0;
      }
    }
  }
  return {
    ties: tiesAtCut(order, pushed, owner, lastKept, tied),
    amongReferrers: rankedAmongReferrers(order, columns, owner, counted, { marked, rank, keep }),
  };
}

/** Owned images with the very push time at which a count rule cuts. */
function tiesAtCut(order: Int32Array, pushed: Float64Array, owner: Int32Array, lastKept: Int32Array, tied: Uint8Array): number[] {
  const ties: number[] = [];
  lastKept.forEach((place, rule) => {
    if (tied[rule] === 0) {
      return;
    }
    const time = pushed[order[place]];
    let at = place;
    while (at > 0 && pushed[order[at - 1]] === time) {
      at--;
    }
    for (; at < order.length && pushed[order[at]] === time; at++) {
      if (owner[order[at]] === rule) {
        ties.push(order[at]);
      }
    }
  });
  return ties;
}

/** Images past a count only because referrers were counted before them; whether ECR counts referrers is not documented. */
function rankedAmongReferrers(
  order: Int32Array, { referrers, profiles }: Columns, owner: Int32Array, counted: readonly Int32Array[],
  { marked, rank, keep }: { marked: Uint8Array; rank: Int32Array; keep: Int32Array },
): number[] {
  if (referrers.length === 0) {
    return [];
  }
  const isReferrer = new Uint8Array(owner.length);
  referrers.forEach((i) => isReferrer[i] = 1);
  const seen = new Int32Array(keep.length);
  const found: number[] = [];
  for (const i of order) {
    const rule = owner[i];
    if (isReferrer[i] === 1) {
      counted[profiles[i]].forEach((selecting) => seen[selecting]++);
    } else if (rule >= 0 && marked[i] === 1 && rank[i] > 0 && rank[i] - seen[rule] <= keep[rule]) {
      found.push(i);
    }
  }
  return found;
}

function applyAges(
  rules: readonly Rule[], columns: Columns, { owner, owned, marked }: Pick<Results, 'owner' | 'owned' | 'marked'>, now: number,
): Pick<RuleColumns, 'nearBoundary' | 'pullSlack'> {
  const nearBoundary: number[] = [];
  const pullSlack: number[] = [];
  const ageRules = rules.map(({ selection }, rule) => selection.countType !== 'imageCountMoreThan' && owned[rule] > 0);
  if (!ageRules.includes(true)) {
    return { nearBoundary, pullSlack };
  }
  const pushRule = rules.map(({ selection }) => selection.countType === 'sinceImagePushed');
  const limits = Float64Array.from(rules, (rule) => rule.selection.countNumber * DAY);
  for (let i = 0; i < columns.count; i++) {
    const rule = owner[i];
    if (rule < 0 || !ageRules[rule]) {
      continue;
    }
    const since = pushRule[rule] ? columns.pushed[i] : clock(rules[rule], columns, i).time;
    // Strictly older than so many times 24 hours: the guide's example E is exactly one day old and stays.
    const over = now - since - limits[rule];
    if (over > 0) {
      marked[i] = 1;
    }
    if (over < DAY && over > -DAY) {
      nearBoundary.push(i);
      if (over > 0 && !pushRule[rule] && clock(rules[rule], columns, i).from === 'PULLED') {
        pullSlack.push(i);
      }
    }
  }
  return { nearBoundary, pullSlack };
}

interface Clock {
  readonly time: number;
  readonly from: 'PUSHED' | 'PULLED' | 'RESTORED' | 'ARCHIVED';
}

/** What an age rule's clock starts from for an image. */
export function clock(rule: Rule, { images, pushed }: Columns, i: number): Clock {
  const { lastActivatedAt, lastRecordedPullTime, lastArchivedAt, imageDigest } = images[i];
  const push: Clock = { time: pushed[i], from: lastActivatedAt ? 'RESTORED' : 'PUSHED' };
  switch (rule.selection.countType) {
    case 'sinceImagePulled': {
      if (!lastRecordedPullTime) {
        return push;
      }
      const pulled = readable(lastRecordedPullTime, i, imageDigest, 'lastRecordedPullTime');
      return lastActivatedAt && pulled < push.time ? push : { time: pulled, from: 'PULLED' };
    }
    case 'sinceImageTransitioned':
      return { time: readable(lastArchivedAt, i, imageDigest, 'lastArchivedAt'), from: 'ARCHIVED' };
    default:
      return push;
  }
}

function readable(time: Parameters<typeof epochMillis>[0] | undefined, i: number, digest: string, member: string): number {
  const millis = time === undefined ? NaN : epochMillis(time);
  if (Number.isNaN(millis)) {
    throw new DrydockError({
      code: time === undefined ? 'DD-INVENTORY-008' : 'DD-INVENTORY-003',
      pointer: `/imageDetails/${i}/${member}`,
      message: `Image ${digest} has no readable ${member}, and a rule counts days from it.`,
      value: time,
      fix: `Add ${member} as \`aws ecr describe-images\` prints it.`,
    });
  }
  return millis;
}
