/** Decodes base64 that comes in pieces of any length. Anything but base64 is an error, with Node's own decoder it would be skipped. */
export class Base64Decoder {
  private rest = '';
  private ended = false;

  public push(text: string): Buffer {
    const all = this.rest + text;
    const whole = all.length - all.length % 4;
    this.rest = all.slice(whole);
    if (whole === 0) {
      return Buffer.alloc(0);
    }
    const quads = whole === all.length ? all : all.slice(0, whole);
    const padding = quads.endsWith('==') ? 2 : quads.endsWith('=') ? 1 : 0;
    const bytes = Buffer.from(quads, 'base64');
    if (this.ended || bytes.length !== whole / 4 * 3 - padding) {
      throw new RangeError('not base64');
    }
    this.ended = padding > 0;
    return bytes;
  }

  public end(): void {
    if (this.rest !== '') {
      throw new RangeError('not base64');
    }
  }
}
