import { Selection } from './model';

/** One list entry of a policy, told apart by what it matches: the prefix `v` and the pattern `v*` are the same entry. */
interface Entry {
  /** Characters that the tag starts with: those that the trie holds, and more that it does not. */
  readonly head: string;
  readonly more: string;
  /** What follows: nothing, anything, or pieces with a `*` before each of them. */
  readonly tail: 'end' | 'anything' | readonly string[];
}

/**
 * All list entries of a policy in one trie, so that a tag is compared with every entry in one walk over its first characters. What a tag
 * or an image matches is a set of entries; equal sets have one number, and 0 is the empty set.
 */
export class TagIndex {
  private readonly entries: Entry[] = [];
  private readonly entryNumbers = new Map<string, number>();
  private readonly entriesOfRules: readonly (readonly number[] | undefined)[];

  // The trie. Characters that no entry has stop a walk; the others are columns of the table of children.
  private readonly column = new Uint8Array(128);
  private width = 1;
  private children: Int32Array;
  private readonly prefixSet: number[] = [];
  private readonly exactEntry: number[] = [];
  private readonly tails: number[][] = [];

  private readonly sets: (readonly number[])[] = [[]];
  private readonly setNumbers = new Map<string, number>([['', 0]]);
  // By set: the sets that it becomes with one more entry, and with another set.
  private readonly extensions: (Map<number, number> | undefined)[] = [];
  private readonly unions: (Map<number, number> | undefined)[] = [];

  constructor(selections: readonly Selection[]) {
    this.entriesOfRules = selections.map((selection) => {
      if (selection.tagStatus !== 'tagged') {
        return undefined;
      }
      const patterns = (selection.tagPatternList ?? []).map((pattern) => this.entryNumber(entryOfPattern(pattern)));
      const prefixes = (selection.tagPrefixList ?? []).map((prefix) => this.entryNumber(entryOf(prefix, 'anything')));
      return [...patterns, ...prefixes];
    });
    for (const { head } of this.entries) {
      for (let k = 0; k < head.length; k++) {
        const code = head.charCodeAt(k);
        if (this.column[code] === 0) {
          this.column[code] = this.width++;
        }
      }
    }
    this.children = this.build();
  }

  /** The set of entries that the tags match, each by one tag or another. */
  public setOf(tags: readonly string[]): number {
    let set = 0;
    for (let t = 0; t < tags.length; t++) {
      const one = this.lookup(tags[t]);
      if (one !== 0 && one !== set) {
        set = set === 0 ? one : this.union(set, one);
      }
    }
    return set;
  }

  /** Whether a rule for tagged images selects an image that is tagged and matches the set. */
  public selects(rule: number, set: number): boolean {
    const needed = this.entriesOfRules[rule];
    return needed !== undefined && needed.length > 0 && needed.every((entry) => this.sets[set].includes(entry));
  }

  private lookup(tag: string): number {
    const { column, children, width } = this;
    const length = tag.length;
    let node = 0;
    let at = 0;
    for (; at < length; at++) {
      const code = tag.charCodeAt(at);
      const next = code < 128 ? children[node * width + column[code]] : 0;
      if (next === 0) {
        break;
      }
      node = next;
    }
    let set = this.prefixSet[node];
    if (at === length && this.exactEntry[node] >= 0) {
      set = this.with(set, this.exactEntry[node]);
    }
    const tails = this.tails[node];
    for (let k = 0; k < tails.length; k++) {
      if (matchesRest(this.entries[tails[k]], tag)) {
        set = this.with(set, tails[k]);
      }
    }
    return set;
  }

  private entryNumber(entry: Entry): number {
    const key = JSON.stringify([entry.head, entry.more, entry.tail]);
    const known = this.entryNumbers.get(key);
    if (known !== undefined) {
      return known;
    }
    this.entryNumbers.set(key, this.entries.length);
    return this.entries.push(entry) - 1;
  }

  private build(): Int32Array {
    const own: number[][] = [[]];
    const parents: number[] = [-1];
    const links = new Map<number, number>();
    this.entries.forEach((entry, number) => {
      let node = 0;
      for (let k = 0; k < entry.head.length; k++) {
        const link = node * this.width + this.column[entry.head.charCodeAt(k)];
        let next = links.get(link);
        if (next === undefined) {
          next = own.push([]) - 1;
          parents.push(node);
          links.set(link, next);
        }
        node = next;
      }
      own[node].push(number);
    });
    const children = new Int32Array(own.length * this.width);
    for (const [link, node] of links) {
      children[link] = node;
    }
    // Parents come before their children, so what they have can be handed down.
    own.forEach((numbers, node) => {
      const parent = parents[node];
      let prefixes = parent < 0 ? 0 : this.prefixSet[parent];
      const tails = parent < 0 ? [] : [...this.tails[parent]];
      let exact = -1;
      for (const number of numbers) {
        const { more, tail } = this.entries[number];
        if (more === '' && tail === 'anything') {
          prefixes = this.with(prefixes, number);
        } else if (more === '' && tail === 'end') {
          exact = number;
        } else {
          tails.push(number);
        }
      }
      this.prefixSet[node] = prefixes;
      this.exactEntry[node] = exact;
      this.tails[node] = tails;
    });
    return children;
  }

  private with(set: number, entry: number): number {
    const known = (this.extensions[set] ??= new Map()).get(entry);
    if (known !== undefined) {
      return known;
    }
    const number = this.setNumber([...this.sets[set], entry]);
    this.extensions[set]!.set(entry, number);
    return number;
  }

  private union(a: number, b: number): number {
    const known = (this.unions[a] ??= new Map()).get(b);
    if (known !== undefined) {
      return known;
    }
    const number = this.setNumber([...this.sets[a], ...this.sets[b]]);
    this.unions[a]!.set(b, number);
    return number;
  }

  private setNumber(entries: readonly number[]): number {
    const distinct = [...new Set(entries)].sort((a, b) => a - b);
    const key = distinct.join();
    const known = this.setNumbers.get(key);
    if (known !== undefined) {
      return known;
    }
    this.setNumbers.set(key, this.sets.length);
    return this.sets.push(distinct) - 1;
  }
}

function entryOfPattern(pattern: string): Entry {
  const [literal, ...pieces] = pattern.split('*');
  return entryOf(literal, pieces.length === 0 ? 'end' : pieces.every((piece) => piece === '') ? 'anything' : pieces);
}

/** The trie has columns for ASCII; no legal tag has other characters, but a policy may be written with them. */
function entryOf(literal: string, tail: Entry['tail']): Entry {
  let ascii = 0;
  while (ascii < literal.length && literal.charCodeAt(ascii) < 128) {
    ascii++;
  }
  return { head: literal.slice(0, ascii), more: literal.slice(ascii), tail };
}

function matchesRest({ head, more, tail }: Entry, tag: string): boolean {
  if (!tag.startsWith(more, head.length)) {
    return false;
  }
  let at = head.length + more.length;
  if (tail === 'anything' || tail === 'end') {
    return tail === 'anything' || tag.length === at;
  }
  const last = tail.length - 1;
  for (let k = 0; k < last; k++) {
    const found = tag.indexOf(tail[k], at);
    if (found < 0) {
      return false;
    }
    at = found + tail[k].length;
  }
  return tag.length - at >= tail[last].length && tag.endsWith(tail[last]);
}
