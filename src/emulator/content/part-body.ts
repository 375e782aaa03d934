import { Base64Decoder } from './base64';

/** The other members of UploadLayerPart are small. */
const REST_LIMIT = 64 * 1024;

/** Takes the decoded bytes of the member. */
export interface PartSink {
  write(bytes: Buffer): Promise<void>;
}

export class MalformedBody extends Error {}

/**
 * Reads a JSON object with one large member in base64 without ever holding it: the member's bytes go to a sink as they come, everything
 * else is returned as JSON text in which the member is `true`. JSON parsers that stream hand out strings in one piece, or a token at a
 * time, which for 28 MB is too much or too slow.
 *
 * `open` makes the sink when the member begins, from the JSON text before it.
 */
export async function readPartBody(
  body: AsyncIterable<Buffer>, member: string, open: (before: string) => Promise<PartSink>,
): Promise<Buffer> {
  const scanner = new Scanner(member);
  let sink: PartSink | undefined;
  let decoder = new Base64Decoder();
  for await (const chunk of body) {
    // One character a byte: whatever lies outside ASCII stays as it is until the end.
    const text = chunk.toString('latin1');
    for (let at = 0; at < text.length;) {
      if (!scanner.inMember) {
        at = scanner.scan(text, at);
        if (scanner.inMember) {
          if (sink) {
            throw new MalformedBody(`The member ${member} is there twice`);
          }
          decoder = new Base64Decoder();
          sink = await open(scanner.before);
        }
      } else {
        const end = text.indexOf('"', at);
        const piece = text.slice(at, end < 0 ? text.length : end);
        const bytes = decoded(decoder, scanner.unescape(piece), member, end >= 0);
        if (bytes.length > 0) {
          await sink!.write(bytes);
        }
        at = end < 0 ? text.length : end + 1;
        if (end >= 0) {
          scanner.leaveMember();
        }
      }
    }
  }
  return Buffer.from(scanner.rest, 'latin1');
}

function decoded(decoder: Base64Decoder, text: string, member: string, last: boolean): Buffer {
  try {
    const bytes = decoder.push(text);
    if (last) {
      decoder.end();
    }
    return bytes;
  } catch {
    throw new MalformedBody(`The member ${member} is not base64`);
  }
}

/** Finds the member in JSON text and gathers everything else. It needs no more of JSON than strings and nesting: the rest is parsed later. */
class Scanner {
  public inMember = false;
  /** Everything outside the member, which is written `true`. */
  public rest = '';
  /** What came before the member, without its name. */
  public before = '';
  private depth = 0;
  private inString = false;
  private escaped = false;
  private stringStart = 0;
  private nameStart = -1;
  private afterName = false;
  private escape = '';

  constructor(private readonly member: string) {}

  /** Reads on until the text ends or the member begins. Returns where it stopped. */
  public scan(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const character = text[at];
      this.rest += character;
      if (this.rest.length > REST_LIMIT) {
        throw new MalformedBody(`The members besides ${this.member} are too long`);
      }
      if (this.inString) {
        this.inText(character);
      } else if (character === '"') {
        if (this.afterName && this.depth === 1) {
          return this.enterMember(at + 1);
        }
        this.inString = true;
        this.stringStart = this.rest.length - 1;
      } else {
        this.between(character);
      }
    }
    return text.length;
  }

  public leaveMember(): void {
    if (this.escape !== '') {
      throw new MalformedBody(`The member ${this.member} is not base64`);
    }
    this.inMember = false;
  }

  /** Some encoders write `\/` for a slash, or a code for a plus. */
  public unescape(piece: string): string {
    if (this.escape === '' && !piece.includes('\\')) {
      return piece;
    }
    let text = '';
    for (const character of piece) {
      if (this.escape === '' && character !== '\\') {
        text += character;
        continue;
      }
      this.escape += character;
      if (this.escape.length === (this.escape[1] === 'u' ? 6 : 2)) {
        text += parsedText(this.escape);
        this.escape = '';
      }
    }
    return text;
  }

  private inText(character: string): void {
    if (this.escaped) {
      this.escaped = false;
    } else if (character === '\\') {
      this.escaped = true;
    } else if (character === '"') {
      this.inString = false;
      const isName = this.depth === 1 && parsedText(this.rest.slice(this.stringStart + 1, -1)) === this.member;
      this.nameStart = isName ? this.stringStart : -1;
    }
  }

  private between(character: string): void {
    if (character === '{' || character === '[') {
      this.depth++;
    } else if (character === '}' || character === ']') {
      this.depth--;
    }
    if (character === ':') {
      this.afterName = this.nameStart >= 0;
    } else if (!/\s/.test(character)) {
      this.afterName = false;
      this.nameStart = -1;
    }
  }

  private enterMember(next: number): number {
    this.before = this.rest.slice(0, this.nameStart);
    this.rest = `${this.rest.slice(0, -1)}true`;
    this.inMember = true;
    this.afterName = false;
    this.nameStart = -1;
    return next;
  }
}

function parsedText(inside: string): string {
  try {
    return JSON.parse(`"${inside}"`) as string;
  } catch {
    throw new MalformedBody('The request body is not valid JSON');
  }
}

/** What is known of an object whose text ends in the middle, behind a comma; an empty object when the text is no beginning of one. */
export function membersOf(before: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(`${before.trimEnd().replace(/,$/, '')}}`);
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
