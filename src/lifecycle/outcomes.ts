import { ARCHIVE, Columns } from './columns';
import { Inventory } from './model';
import { RuleColumns } from './apply-rules';

export const KEEP = 0;
export const EXPIRE = 1;
export const TRANSITION = 2;

/** What becomes of the images once indexes and subjects have had their say. */
export interface Outcomes {
  /** KEEP, EXPIRE or TRANSITION. */
  readonly outcome: Uint8Array;
  /** Marked images that indexes hold -> places of those indexes. */
  readonly heldBy: ReadonlyMap<number, readonly number[]>;
  /** Held images that every index holding them will have left by what the policy does already. */
  readonly followLater: readonly number[];
  /** Referrers that follow -> place of their subject. */
  readonly becauseOf: ReadonlyMap<number, number>;
  /** Referrers that would follow but are held by an index. */
  readonly heldReferrers: readonly number[];
  /** The rule by which an image goes: its owner, or for a follower that of its subject. */
  ruleOf(image: number): number;
}

export function settle(inventory: Inventory, columns: Columns, applied: RuleColumns): Outcomes {
  const { rules, owner, marked } = applied;
  const { count, profiles } = columns;
  const actions = rules.map((rule) => rule.action.type === 'transition' ? TRANSITION : EXPIRE);
  const holders = findHolders(inventory, columns, marked);
  const archived = (i: number) => (profiles[i] & ARCHIVE) !== 0;
  // An index keeps its children from going before it: from expiring while it is there at all, from being archived until it is archived.
  const holding = (image: number, action: number) => (holders.get(image) ?? []).filter((index) => action === EXPIRE || !archived(index));

  const outcome = new Uint8Array(count);
  const heldBy = new Map<number, readonly number[]>();
  for (let i = 0; i < count; i++) {
    if (marked[i] === 1) {
      outcome[i] = actions[owner[i]];
    }
  }
  for (const i of holders.keys()) {
    const by = outcome[i] === KEEP ? [] : holding(i, outcome[i]);
    if (by.length > 0) {
      heldBy.set(i, by);
      outcome[i] = KEEP;
    }
  }

  const becauseOf = new Map<number, number>();
  const heldReferrers: number[] = [];
  const referrers = referrersOf(columns);
  for (const action of [EXPIRE, TRANSITION]) {
    const going = [...referrers.keys()].filter((subject) => outcome[subject] === action);
    for (let subject = going.pop(); subject !== undefined; subject = going.pop()) {
      for (const referrer of referrers.get(subject) ?? []) {
        // The stronger action wins; an image that goes by a rule of its own goes by that one.
        if (outcome[referrer] === EXPIRE || outcome[referrer] === action || (action === TRANSITION && archived(referrer))) {
          continue;
        }
        if (holding(referrer, action).length > 0) {
          heldReferrers.push(referrer);
          continue;
        }
        outcome[referrer] = action;
        becauseOf.set(referrer, subject);
        going.push(referrer);
      }
    }
  }
  const ruleOf = (image: number): number => {
    const subject = becauseOf.get(image);
    return subject === undefined ? owner[image] : ruleOf(subject);
  };
  return { outcome, heldBy, becauseOf, heldReferrers, ruleOf, followLater: followers(heldBy, outcome, (i) => actions[owner[i]]) };
}

/** Indexes in the repository by the children that matter: marked ones, and referrers that may have to follow. */
function findHolders({ manifestChildren }: Inventory, { table, referrers }: Columns, marked: Uint8Array): Map<number, number[]> {
  const holders = new Map<number, number[]>();
  if (!manifestChildren) {
    return holders;
  }
  const isReferrer = new Set(referrers);
  for (const [digest, children] of Object.entries(manifestChildren)) {
    const index = table.find(digest);
    if (index < 0) {
      continue;
    }
    for (let k = 0; k < children.length; k++) {
      const image = table.find(children[k]);
      if (image < 0 || image === index || (marked[image] === 0 && !isReferrer.has(image))) {
        continue;
      }
      const known = holders.get(image);
      if (known === undefined) {
        holders.set(image, [index]);
      } else if (!known.includes(index)) {
        known.push(index);
      }
    }
  }
  return holders;
}

function referrersOf({ referrers, images, table }: Columns): Map<number, number[]> {
  const bySubject = new Map<number, number[]>();
  for (const referrer of referrers) {
    const subject = table.find(images[referrer].subjectManifestDigest!);
    if (subject >= 0 && subject !== referrer) {
      bySubject.set(subject, [...bySubject.get(subject) ?? [], referrer]);
    }
  }
  return bySubject;
}

/** Held images whose indexes all go in this run, or follow in a later one themselves. */
function followers(heldBy: ReadonlyMap<number, readonly number[]>, outcome: Uint8Array, action: (image: number) => number): number[] {
  const known = new Map<number, boolean>();
  const follows = (image: number): boolean => {
    const before = known.get(image);
    if (before !== undefined) {
      return before;
    }
    known.set(image, false);
    const result = heldBy.get(image)!.every((index) => outcome[index] === EXPIRE
      || (outcome[index] === TRANSITION && action(image) === TRANSITION)
      || (heldBy.has(index) && (action(index) === EXPIRE || action(image) === TRANSITION) && follows(index)));
    known.set(image, result);
    return result;
  };
  return [...heldBy.keys()].filter(follows);
}
