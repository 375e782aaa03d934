import { createHash, randomBytes, randomUUID } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/**
 * Where request ids, stack ids and the suffixes of generated names come from: random as with CloudFormation, or the same
 * in each run when a seed is given.
 */
export class Ids {
  private count = 0;

  constructor(private readonly seed?: string) {}

  public uuid(): string {
    if (this.seed === undefined) {
      return randomUUID();
    }
    const hex = this.next().toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  /** Capital letters and digits, as CloudFormation puts behind generated names. */
  public suffix(length = 12): string {
    return [...this.next()].slice(0, length).map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  }

  public hex(length: number): string {
    return this.next().toString('hex').slice(0, length);
  }

  private next(): Buffer {
    this.count += 1;
    return this.seed === undefined ? randomBytes(32) : createHash('sha256').update(`${this.seed}|${this.count}`).digest();
  }
}
