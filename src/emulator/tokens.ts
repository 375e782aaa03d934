import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { invalidParameter } from './ecr-error';

export interface Password {
  readonly accountId: string;
  readonly expiresAt: number;
  readonly accessKeyId?: string;
  /** Where the token was asked for. */
  readonly region?: string;
}

/** Page tokens and passwords: opaque, and worth something only where they were made. */
export class Tokens {
  constructor(private readonly secret: string) {}

  /** `scope` says which listing the position belongs to; a token of another listing, or of another registry, is refused. */
  public sealPage(scope: readonly unknown[], position: unknown): string {
    const body = Buffer.from(JSON.stringify(position));
    return Buffer.concat([this.mac('page', JSON.stringify(scope), body), body]).toString('base64url');
  }

  public openPage(scope: readonly unknown[], token: string): unknown {
    const bytes = Buffer.from(token, 'base64url');
    const mac = bytes.subarray(0, MAC_BYTES);
    const body = bytes.subarray(MAC_BYTES);
    if (mac.length < MAC_BYTES || !timingSafeEqual(mac, this.mac('page', JSON.stringify(scope), body))) {
      throw invalidParameter('nextToken', 'The token was not returned by an earlier request of this kind');
    }
    return JSON.parse(body.toString());
  }

  /** A fresh password for docker clients, which act as whoever asked for it. */
  public password({ accountId, expiresAt, accessKeyId, region }: Password): string {
    const body = Buffer.from(JSON.stringify({ accountId, expiresAt, accessKeyId, region, id: randomBytes(12).toString('hex') }));
    return Buffer.concat([this.mac('password', '', body), body]).toString('base64');
  }

  /** What a password stands for; nothing when it was not given out here. */
  public openPassword(password: string): Password | undefined {
    const bytes = Buffer.from(password, 'base64');
    const mac = bytes.subarray(0, MAC_BYTES);
    const body = bytes.subarray(MAC_BYTES);
    return mac.length === MAC_BYTES && timingSafeEqual(mac, this.mac('password', '', body))
      ? JSON.parse(body.toString()) as Password : undefined;
  }

  /** For addresses that carry their permission in them. */
  public signature(use: string, scope: readonly unknown[]): string {
    return this.mac(use, JSON.stringify(scope), Buffer.alloc(0)).toString('hex');
  }

  public isSignature(signature: string, use: string, scope: readonly unknown[]): boolean {
    const given = Buffer.from(signature, 'hex');
    return given.length === MAC_BYTES && timingSafeEqual(given, this.mac(use, JSON.stringify(scope), Buffer.alloc(0)));
  }

  private mac(use: string, scope: string, body: Buffer): Buffer {
    return createHmac('sha256', this.secret).update(`${use}\n${scope}\n`).update(body).digest().subarray(0, MAC_BYTES);
  }
}

const MAC_BYTES = 16;
