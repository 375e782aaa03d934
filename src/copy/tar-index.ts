import { posix } from 'node:path';
import { RandomAccess } from './random-access';
import { copyError } from '../images/codes';

const BLOCK = 512;
/** Headers that stand close together are read together. */
const WINDOW = 65_536;
/** Bounds for what strangers wrote. */
const MAX_ENTRIES = 100_000;
const MAX_EXTENSION_BYTES = 1_048_576;
const MAX_LINKS = 8;

interface Entry {
  readonly offset: number;
  readonly size: number;
  /** Another name in this archive whose bytes it has. */
  readonly link?: string;
}

export interface Span {
  readonly offset: number;
  readonly size: number;
}

/**
 * Where the files of a tar archive are, from its headers alone: what lies between is never read. Names are only looked up, nothing is unpacked.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13
 */
export class TarIndex {
  public static async read(file: RandomAccess, signal: AbortSignal): Promise<TarIndex> {
    return new TarIndex(await new Scanner(file, signal, await file.size(signal)).scan());
  }

  private constructor(private readonly entries: ReadonlyMap<string, Entry>) {}

  public get names(): string[] {
    return [...this.entries.keys()];
  }

  /** Links are followed inside the archive. */
  public find(name: string): Span | undefined {
    let entry = this.entries.get(clean(name));
    for (let links = 0; entry?.link !== undefined && links < MAX_LINKS; links += 1) {
      entry = this.entries.get(entry.link);
    }
    return entry === undefined || entry.link !== undefined ? undefined : { offset: entry.offset, size: entry.size };
  }
}

/** `./blobs/x`, `/blobs/x` and `blobs/x` are one name. */
function clean(name: string): string {
  return posix.normalize(name).replace(/^(?:\.?\/)+/, '').replace(/\/$/, '');
}

class Scanner {
  private window: Buffer = Buffer.alloc(0);
  private windowAt = 0;

  constructor(private readonly file: RandomAccess, private readonly signal: AbortSignal, private readonly size: number) {}

  public async scan(): Promise<Map<string, Entry>> {
    const entries = new Map<string, Entry>();
    let extended: Record<string, string> = {};
    let at = 0;
    while (at + BLOCK <= this.size) {
      const header = await this.bytes(at, BLOCK);
      if (header.every((byte) => byte === 0)) {
        break;
      }
      this.checkHeader(header, at);
      const type = String.fromCharCode(header[156]);
      const size = extended.size !== undefined && !'xgLK'.includes(type) ? Number(extended.size) : numberOf(header.subarray(124, 136));
      const offset = at + BLOCK;
      if (!Number.isSafeInteger(size) || size < 0) {
        throw this.broken(`the entry at byte ${at} has no size`);
      }
      if (offset + size > this.size) {
        throw this.broken(`it ends in the middle of ${JSON.stringify(extended.path ?? textOf(header.subarray(0, 100)))}`, 'It was cut short: write or download it again.');
      }
      if (type === 'x') {
        extended = { ...extended, ...paxRecords(await this.extension(offset, size)) };
      } else if (type === 'L' || type === 'K') {
        extended[type === 'L' ? 'path' : 'linkpath'] = textOf(await this.extension(offset, size));
      } else if (type !== 'g') {
        this.add(entries, header, type, offset, size, extended);
        extended = {};
      }
      at = offset + Math.ceil(size / BLOCK) * BLOCK;
    }
    if (entries.size === 0) {
      throw this.broken('it is no tar archive, or an empty one', 'Give a file as `docker save` or an OCI exporter writes it.');
    }
    return entries;
  }

  private add(entries: Map<string, Entry>, header: Buffer, type: string, offset: number, size: number, extended: Readonly<Record<string, string>>): void {
    const prefix = header.subarray(257, 262).toString('latin1') === 'ustar' && header[263] === 0x30 ? textOf(header.subarray(345, 500)) : '';
    const short = textOf(header.subarray(0, 100));
    const name = clean(extended.path ?? (prefix === '' ? short : `${prefix}/${short}`));
    const target = extended.linkpath ?? textOf(header.subarray(157, 257));
    if (type === '0' || type === '\0' || type === '7') {
      entries.set(name, { offset, size });
    } else if (type === '1') {
      entries.set(name, { offset, size: 0, link: clean(target) });
    } else if (type === '2') {
      entries.set(name, { offset, size: 0, link: clean(posix.join(posix.dirname(name), target)) });
    }
    if (entries.size > MAX_ENTRIES) {
      throw this.broken(`it has more than ${MAX_ENTRIES} files`);
    }
  }

  private async extension(offset: number, size: number): Promise<Buffer> {
    if (size > MAX_EXTENSION_BYTES) {
      throw this.broken('a name in it is too long');
    }
    return this.bytes(offset, size);
  }

  private async bytes(offset: number, length: number): Promise<Buffer> {
    if (offset < this.windowAt || offset + length > this.windowAt + this.window.length) {
      this.windowAt = offset;
      this.window = await this.file.read(offset, Math.min(Math.max(WINDOW, length), this.size - offset), this.signal);
    }
    return this.window.subarray(offset - this.windowAt, offset - this.windowAt + length);
  }

  private checkHeader(header: Buffer, at: number): void {
    if (at === 0 && header[0] === 0x1f && header[1] === 0x8b) {
      throw copyError('DD-COPY-029', this.file.name, 'The file is compressed with gzip. Layers are read from anywhere in it, so it must not be.', 'Unpack it with `gunzip`, and give the .tar.');
    }
    if (at === 0 && header.readUInt32BE(0) === 0x28b52ffd) {
      throw copyError('DD-COPY-029', this.file.name, 'The file is compressed with zstd. Layers are read from anywhere in it, so it must not be.', 'Unpack it with `unzstd`, and give the .tar.');
    }
    const stored = numberOf(header.subarray(148, 156));
    let sum = 8 * 0x20;
    header.forEach((byte, i) => {
      sum += i >= 148 && i < 156 ? 0 : byte;
    });
    if (stored !== sum) {
      throw at === 0 ? this.broken('it is no tar archive', 'Give a file as `docker save` or an OCI exporter writes it.') : this.broken(`the header at byte ${at} is damaged`, 'Write or download it again.');
    }
  }

  private broken(what: string, fix?: string): Error {
    return copyError('DD-COPY-027', this.file.name, `The archive cannot be read: ${what}.`, fix);
  }
}

/** Octal digits, or, for what does not fit in them, base 256. */
function numberOf(field: Buffer): number {
  if (field[0] >= 0x80) {
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, field[0] - 0x80);
  }
  const text = field.toString('latin1').replace(/\0.*$/s, '').trim();
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : text === '' ? 0 : NaN;
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? field.length : end).toString('utf8');
}

/** `LENGTH KEY=VALUE\n`, the length counting the whole record. */
function paxRecords(bytes: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at);
    const length = Number(bytes.subarray(at, blank < 0 ? bytes.length : blank).toString('latin1'));
    const equals = bytes.indexOf(0x3d, blank);
    if (blank < 0 || !(length > 0) || equals < 0 || equals >= at + length || at + length > bytes.length) {
      break;
    }
    const key = bytes.subarray(blank + 1, equals).toString('utf8');
    // Of the rest there may be any amount.
    if (key === 'path' || key === 'linkpath' || key === 'size') {
      records[key] = bytes.subarray(equals + 1, at + length - 1).toString('utf8');
    }
    at += length;
  }
  return records;
}
