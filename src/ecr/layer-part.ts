/** Room before the bytes for the members that come first in the request. */
const HEAD_BYTES = 2_048;
const TAIL = Buffer.from('"}');
/** Base64 is written in pieces: each of them is garbage at once, and small. A multiple of three. */
const PIECE_BYTES = 49_152;

const encodedLength = (bytes: number) => Math.ceil(bytes / 3) * 4;

/**
 * One part of a layer, kept as the body of the request that sends it: bytes go into it as base64 as they come. So a part needs 4/3 of its size, and
 * not that three times over, which is what the SDK's serializer takes.
 */
export class LayerPart {
  /** What a part for so many bytes occupies. */
  public static memoryFor(capacity: number): number {
    return HEAD_BYTES + encodedLength(capacity) + TAIL.length;
  }

  /** Bytes of the layer, not of the body. */
  public length = 0;
  private readonly buffer: Buffer;
  private end = HEAD_BYTES;
  private readonly rest = Buffer.alloc(3);
  private restLength = 0;

  constructor(public readonly capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(LayerPart.memoryFor(capacity));
  }

  public get full(): boolean {
    return this.length >= this.capacity;
  }

  public reset(): void {
    this.length = 0;
    this.end = HEAD_BYTES;
    this.restLength = 0;
  }

  /** Takes what fits, and says how much that was. */
  public append(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.capacity - this.length);
    let at = 0;
    // What is left of the last piece, up to three bytes, comes first.
    while (this.restLength > 0 && this.restLength < 3 && at < taken) {
      this.rest[this.restLength++] = bytes[at++];
    }
    if (this.restLength === 3) {
      this.encode(this.rest);
      this.restLength = 0;
    }
    const whole = at + Math.floor((taken - at) / 3) * 3;
    for (; at < whole; at += PIECE_BYTES) {
      this.encode(bytes.subarray(at, Math.min(at + PIECE_BYTES, whole)));
    }
    for (at = Math.min(at, whole); at < taken; at++) {
      this.rest[this.restLength++] = bytes[at];
    }
    this.length += taken;
    return taken;
  }

  /** The body of the request, from a byte of the part on. `members` is what comes before `layerPartBlob`. Good until the part is changed. */
  public body(members: Readonly<Record<string, unknown>>, from = 0): Buffer {
    if (from > 0) {
      return this.without(from).body(members);
    }
    const end = this.closed();
    const head = Buffer.from(`${JSON.stringify(members).slice(0, -1)},"layerPartBlob":"`);
    if (head.length > HEAD_BYTES) {
      throw new RangeError('The members of the request are too long.');
    }
    head.copy(this.buffer, HEAD_BYTES - head.length);
    TAIL.copy(this.buffer, end);
    return this.buffer.subarray(HEAD_BYTES - head.length, end + TAIL.length);
  }

  private encode(bytes: Uint8Array): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
    this.end += this.buffer.write(text, this.end, 'latin1');
  }

  /** Where the base64 ends once the last one or two bytes are written; bytes that come later write over them. */
  private closed(): number {
    return this.restLength === 0 ? this.end : this.end + this.buffer.write(this.rest.subarray(0, this.restLength).toString('base64'), this.end, 'latin1');
  }

  private without(from: number): LayerPart {
    const part = new LayerPart(this.length - from);
    part.append(Buffer.from(this.buffer.toString('latin1', HEAD_BYTES, this.closed()), 'base64').subarray(from));
    return part;
  }
}
