export interface Entry {
  readonly name: string;
  readonly bytes?: Buffer;
  /** `0` a file, `1` and `2` links, `x` and `g` pax headers, `L` a long name. @default 0 */
  readonly type?: string;
  readonly link?: string;
  /** In place of the size of the bytes. */
  readonly size?: string;
}

const BLOCK = 512;

/** An archive, as right or as wrong as its entries: libraries that write archives refuse what is tried here. */
export function tarOf(entries: readonly Entry[], { end = true } = {}): Buffer {
  return Buffer.concat([...entries.map(entryOf), ...(end ? [Buffer.alloc(2 * BLOCK)] : [])]);
}

function entryOf({ name, bytes = Buffer.alloc(0), type = '0', link = '', size = bytes.length.toString(8).padStart(11, '0') }: Entry): Buffer {
  const block = Buffer.alloc(BLOCK + Math.ceil(bytes.length / BLOCK) * BLOCK);
  block.write(name, 0, 100);
  block.write('0000644\0', 100);
  block.write(size, 124, 12, 'latin1');
  block.write(type, 156);
  block.write(link, 157, 100);
  block.write('ustar\x0000', 257, 'latin1');
  bytes.copy(block, BLOCK);
  sum(block, 0);
  return block;
}

/** Records of a pax header. */
export function pax(values: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(values).map(([key, value]) => {
    const rest = Buffer.from(` ${key}=${value}\n`);
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) {
      length += 1;
    }
    return Buffer.concat([Buffer.from(String(length)), rest]);
  }));
}

function sum(bytes: Buffer, at: number): void {
  bytes.fill(0x20, at + 148, at + 156);
  let total = 0;
  for (let i = at; i < at + BLOCK; i += 1) {
    total += bytes[i];
  }
  bytes.write(`${total.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

/** The same bytes, with checksums that are right wherever a header seems to be. */
export function repaired(input: Buffer): Buffer {
  const bytes = Buffer.from(input);
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    if (at === 0 || bytes.toString('latin1', at + 257, at + 262) === 'ustar') {
      sum(bytes, at);
    }
  }
  return bytes;
}
