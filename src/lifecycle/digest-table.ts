/* eslint-disable no-bitwise -- hashing */
/**
 * Digest -> place in the inventory. A Map would hash every digest in full; digests are random already, so a few of their characters do.
 */
export class DigestTable {
  /** Digests by place. */
  public readonly digests: string[];
  /** By place: numbers that order `sha256:` digests as their texts are ordered; other digests have one number, and come first. */
  public readonly keys: Int32Array;
  /** Places whose digest an earlier place has too. */
  public readonly duplicates: number[] = [];

  // A place from 1 on (0: the slot is free) and the hash beside it, which spares most comparisons of texts.
  private readonly slots: Int32Array;
  private readonly mask: number;
  private hash: (digest: string) => number = hashOfSome;
  private probesMax = MANY_PROBES;

  constructor(capacity: number) {
    let size = 16;
    while (size < capacity * 2) {
      size *= 2;
    }
    this.digests = new Array<string>(capacity);
    this.keys = new Int32Array(capacity);
    this.mask = size * 2 - 1;
    this.slots = new Int32Array(size * 2);
  }

  /** Adds a digest; places are added in order. */
  public add(place: number, digest: string): void {
    this.digests[place] = digest;
    this.keys[place] = orderKey(digest);
    const hash = this.hash(digest);
    let slot = (hash << 1) & this.mask;
    let probes = 0;
    while (this.slots[slot] !== 0) {
      if (this.slots[slot + 1] === hash && this.digests[this.slots[slot] - 1] === digest) {
        this.duplicates.push(place);
        return;
      }
      slot = (slot + 2) & this.mask;
      probes++;
    }
    this.slots[slot] = place + 1;
    this.slots[slot + 1] = hash;
    if (probes > this.probesMax) {
      this.hashInFull(place + 1);
    }
  }

  /** The place of a digest, -1 when it is not there. */
  public find(digest: string): number {
    const hash = this.hash(digest);
    for (let slot = (hash << 1) & this.mask; ; slot = (slot + 2) & this.mask) {
      const place = this.slots[slot];
      if (place === 0) {
        return -1;
      }
      if (this.slots[slot + 1] === hash && this.digests[place - 1] === digest) {
        return place - 1;
      }
    }
  }

  /** Starts over for digests that look alike where we look, as those written by hand may do. */
  private hashInFull(count: number): void {
    this.hash = hashOfAll;
    this.probesMax = Infinity;
    this.slots.fill(0);
    this.duplicates.length = 0;
    for (let place = 0; place < count; place++) {
      this.add(place, this.digests[place]);
    }
  }
}

const MANY_PROBES = 200;

/** The first four digits of a `sha256:` digest. */
function orderKey(digest: string): number {
  if (digest.length !== 71 || digest.charCodeAt(3) !== 50 || digest.charCodeAt(6) !== 58) {
    return -1;
  }
  const start = (digest.charCodeAt(7) & 127) << 21 | (digest.charCodeAt(8) & 127) << 14;
  return start | (digest.charCodeAt(9) & 127) << 7 | digest.charCodeAt(10) & 127;
}

/** Characters after `sha256:` and at the end. */
function hashOfSome(digest: string): number {
  const end = digest.length;
  const start = digest.charCodeAt(7) | digest.charCodeAt(8) << 4 | digest.charCodeAt(9) << 8 | digest.charCodeAt(10) << 12;
  const more = digest.charCodeAt(11) | digest.charCodeAt(12) << 4 | digest.charCodeAt(end - 2) << 8 | digest.charCodeAt(end - 1) << 12;
  return spread(Math.imul(start, 0x9e3779b1) ^ more);
}

function hashOfAll(digest: string): number {
  let h = 0;
  for (let k = 0; k < digest.length; k++) {
    h = Math.imul(h, 31) + digest.charCodeAt(k) | 0;
  }
  return spread(h);
}

function spread(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return h ^ (h >>> 15);
}
