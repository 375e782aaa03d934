import { RuleColumns } from './apply-rules';
import { Columns, isArchived } from './columns';

export const KEEP = 0;
export const EXPIRE = 1;
export const TRANSITION = 2;

/** What becomes of the images once indexes and subjects have had their say. */
export interface Outcomes {
  /** KEEP, EXPIRE or TRANSITION. */
  readonly outcome: Uint8Array;
  /** Marked images that indexes hold. */
  readonly held: readonly number[];
  /** Held images that every index holding them will have left by what the policy does already. */
  readonly followLater: readonly number[];
  /** Referrers that follow their subject. */
  readonly followers: readonly number[];
  /** For those, the place of the subject; -1 for all others. */
  readonly subject: Int32Array;
  /** Referrers that would follow but are held by an index. */
  readonly heldReferrers: readonly number[];
  /** Digests of the indexes that hold the image against what its owner would do. */
  holdersOf(image: number): string[];
  /** The rule by which an image goes: its owner, or for a follower that of its subject. */
  ruleOf(image: number): number;
}

export function settle(columns: Columns, applied: RuleColumns): Outcomes {
  const { rules, owner, marked } = applied;
  const { count } = columns;
  const actions = Uint8Array.from(rules, (rule) => rule.action.type === 'transition' ? TRANSITION : EXPIRE);
  const holders = new Holders(columns, marked);

  const outcome = new Uint8Array(count);
  const marksHeld: number[] = [];
  for (let i = 0; i < count; i++) {
    if (marked[i] === 1) {
      const action = actions[owner[i]];
      if (holders.hold(i, action)) {
        marksHeld.push(i);
      } else {
        outcome[i] = action;
      }
    }
  }
  const cascade = followSubjects(columns, holders, outcome);
  // What an archived index keeps from expiring may still follow its subject into the archive.
  const held = cascade.followers.length === 0 ? marksHeld : marksHeld.filter((i) => outcome[i] === KEEP);
  return {
    outcome,
    held,
    followLater: followLater(holders, outcome, held, (i) => actions[owner[i]]),
    ...cascade,
    holdersOf: (image) => {
      const action = actions[owner[image]];
      const found: string[] = [];
      for (let edge = holders.first[image]; edge >= 0; edge = holders.next[edge]) {
        if (holders.holds(holders.index[edge], action)) {
          found.push(columns.digests[holders.index[edge]]);
        }
      }
      return found.length > 1 ? found.sort() : found;
    },
    ruleOf: (image) => {
      let subject = image;
      while (cascade.subject[subject] >= 0) {
        subject = cascade.subject[subject];
      }
      return owner[subject];
    },
  };
}

/** Indexes in the repository by the children that matter: marked ones, and referrers that may have to follow their subject. */
class Holders {
  /** Chains of edges: the first one of a child, the next one of an edge, -1 at the end; and the index that an edge leads to. */
  public readonly first: Int32Array;
  public readonly next: Int32Array;
  public readonly index: Int32Array;
  private readonly profiles: Int32Array;
  private readonly unseen: ReadonlySet<number>;

  constructor({ count, table, profiles, indexes, referrers, heldUnseen }: Columns, marked: Uint8Array) {
    this.unseen = heldUnseen;
    const size = indexes.reduce((sum, { children }) => sum + children.length, 0);
    this.profiles = profiles;
    this.first = new Int32Array(count).fill(-1);
    this.next = new Int32Array(size);
    this.index = new Int32Array(size);
    const matters = marked.slice();
    referrers.forEach((i) => matters[i] = 1);
    let edges = 0;
    for (const { place, children } of indexes) {
      for (let k = 0; k < children.length; k++) {
        const child = table.find(children[k]);
        if (child < 0 || child === place || matters[child] === 0) {
          continue;
        }
        const known = this.first[child];
        // An index may list one manifest for several platforms.
        if (known < 0 || this.index[known] !== place) {
          this.next[edges] = known;
          this.index[edges] = place;
          this.first[child] = edges++;
        }
      }
    }
  }

  public hold(image: number, action: number): boolean {
    if (this.holdsUnseen(image)) {
      return true;
    }
    let edge = this.first[image];
    while (edge >= 0 && !this.holds(this.index[edge], action)) {
      edge = this.next[edge];
    }
    return edge >= 0;
  }

  public holdsUnseen(image: number): boolean {
    return this.unseen.size > 0 && this.unseen.has(image);
  }

  /** An index keeps its children from going before it: from expiring while it is there at all, from being archived until it is archived. */
  public holds(index: number, action: number): boolean {
    return action === EXPIRE || !isArchived(this.profiles[index]);
  }
}

function followSubjects(
  columns: Columns, holders: Holders, outcome: Uint8Array,
): Pick<Outcomes, 'followers' | 'subject' | 'heldReferrers'> {
  const subject = new Int32Array(columns.count).fill(-1);
  const heldReferrers = new Set<number>();
  const followers = new Set<number>();
  const referrers = referrersBySubject(columns);
  for (const action of [EXPIRE, TRANSITION]) {
    const going = [...referrers.keys()].filter((i) => outcome[i] === action);
    for (let gone = going.pop(); gone !== undefined; gone = going.pop()) {
      for (const referrer of referrers.get(gone) ?? []) {
        // The stronger action wins, and an image that goes by a rule of its own goes by that one.
        const stays = action === TRANSITION && isArchived(columns.profiles[referrer]);
        if (outcome[referrer] === EXPIRE || outcome[referrer] === action || stays) {
          continue;
        }
        if (holders.hold(referrer, action)) {
          heldReferrers.add(referrer);
          continue;
        }
        outcome[referrer] = action;
        subject[referrer] = gone;
        followers.add(referrer);
        going.push(referrer);
      }
    }
  }
  return { subject, followers: inOrder(followers), heldReferrers: inOrder(heldReferrers) };
}

function inOrder(places: ReadonlySet<number>): number[] {
  return [...places].sort((a, b) => a - b);
}

function referrersBySubject({ referrers, images, table }: Columns): Map<number, number[]> {
  const bySubject = new Map<number, number[]>();
  for (const referrer of referrers) {
    const subject = table.find(images[referrer].subjectManifestDigest!);
    if (subject >= 0 && subject !== referrer) {
      const known = bySubject.get(subject);
      if (known) {
        known.push(referrer);
      } else {
        bySubject.set(subject, [referrer]);
      }
    }
  }
  return bySubject;
}

/** Held images whose indexes all go in this run, or follow in a later one themselves. */
function followLater(holders: Holders, outcome: Uint8Array, held: readonly number[], action: (image: number) => number): number[] {
  const isHeld = new Uint8Array(outcome.length);
  const waiting = new Int32Array(outcome.length);
  const waitFor = new Map<number, number[]>();
  const free: number[] = [];
  held.forEach((image) => isHeld[image] = 1);
  // An archived index lets its children be archived; only one that is gone lets them expire.
  const frees = (going: number, wanted: number) => going === EXPIRE || (going === TRANSITION && wanted === TRANSITION);
  for (const image of held) {
    const wanted = action(image);
    if (holders.holdsUnseen(image)) {
      // Whether that index goes nobody knows.
      waiting[image]++;
    }
    for (let edge = holders.first[image]; edge >= 0; edge = holders.next[edge]) {
      const index = holders.index[edge];
      if (!holders.holds(index, wanted) || frees(outcome[index], wanted)) {
        continue;
      }
      waiting[image]++;
      if (isHeld[index] === 1 && frees(action(index), wanted)) {
        const others = waitFor.get(index);
        if (others) {
          others.push(image);
        } else {
          waitFor.set(index, [image]);
        }
      }
    }
    if (waiting[image] === 0) {
      free.push(image);
    }
  }
  // The list grows while it is walked: whoever is free frees others.
  for (const index of free) {
    for (const image of waitFor.get(index) ?? []) {
      if (--waiting[image] === 0) {
        free.push(image);
      }
    }
  }
  return free;
}
