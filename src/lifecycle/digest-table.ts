/**
 * Digest -> place in the inventory. A Map would hash every digest in full; digests are random already, so a few of their characters do.
 */
export class DigestTable {
  /** Places (from 1), 0 for a free slot. */
  private slots: Int32Array;
  private hashes: Int32Array;
  private mask: number;
  private hash: (digest: string) => number = hashOfSome;

  constructor(private readonly digests: readonly string[]) {
    let size = 16;
    while (size < digests.length * 2) {
      size *= 2;
    }
    this.mask = size - 1;
    this.slots = new Int32Array(size);
    this.hashes = new Int32Array(size);
    this.duplicates = [];
    if (!this.fill(MANY_PROBES)) {
      // Digests that look alike where we look, as those written by hand may do.
      this.hash = hashOfAll;
      this.fill(Infinity);
    }
  }

  /** Places whose digest an earlier place has too. */
  public readonly duplicates: number[];

  /** The place of a digest, -1 when it is not there. */
  public find(digest: string): number {
    const hash = this.hash(digest);
    for (let slot = hash & this.mask; ; slot = (slot + 1) & this.mask) {
      const place = this.slots[slot];
      if (place === 0) {
        return -1;
      }
      if (this.hashes[slot] === hash && this.digests[place - 1] === digest) {
        return place - 1;
      }
    }
  }

  private fill(probesMax: number): boolean {
    const { digests, slots, hashes, mask, hash } = this;
    slots.fill(0);
    this.duplicates.length = 0;
    for (let i = 0; i < digests.length; i++) {
      const digest = digests[i];
      const h = hash(digest);
      let slot = h & mask;
      let probes = 0;
      while (slots[slot] !== 0 && !(hashes[slot] === h && digests[slots[slot] - 1] === digest)) {
        slot = (slot + 1) & mask;
        if (++probes > probesMax) {
          return false;
        }
      }
      if (slots[slot] !== 0) {
        this.duplicates.push(i);
      } else {
        slots[slot] = i + 1;
        hashes[slot] = h;
      }
    }
    return true;
  }
}

const MANY_PROBES = 200;

/** Characters after `sha256:` and at the end. */
function hashOfSome(digest: string): number {
  const end = digest.length;
  let h = 0;
  for (let k = 7; k < 13; k++) {
    h = Math.imul(h, 31) + digest.charCodeAt(k) | 0;
  }
  for (let k = end - 4; k < end; k++) {
    h = Math.imul(h, 31) + digest.charCodeAt(k) | 0;
  }
  return spread(h);
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
