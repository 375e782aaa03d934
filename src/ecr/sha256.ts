import { createHash, createHmac, webcrypto } from 'node:crypto';

/** From this size on, a digest is computed on a thread of its own. */
const LARGE_BYTES = 262_144;

/**
 * SHA-256 as the SDK asks for it to sign requests. A part of a layer is signed with the digest of its 14 MB, which takes a third of all the time that a
 * copy spends; so it is taken to another thread, while this one reads and writes.
 */
export class Sha256 {
  private pieces: Uint8Array[] = [];

  constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {}

  public update(data: string | ArrayBuffer | ArrayBufferView, encoding?: 'utf8' | 'ascii' | 'latin1'): void {
    this.pieces.push(bytesOf(data, encoding));
  }

  public async digest(): Promise<Uint8Array> {
    const { pieces, secret } = this;
    if (secret === undefined && pieces.length === 1 && pieces[0].length >= LARGE_BYTES) {
      return new Uint8Array(await webcrypto.subtle.digest('SHA-256', pieces[0] as Uint8Array<ArrayBuffer>));
    }
    const hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
    pieces.forEach((piece) => hash.update(piece));
    return hash.digest();
  }

  public reset(): void {
    this.pieces = [];
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView, encoding: BufferEncoding = 'utf8'): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, encoding) : ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}
