/** Where in a JSON text a value stands: from its first character to behind its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface JsonPlaces {
  /** JSON pointer -> where the value stands. */
  readonly places: ReadonlyMap<string, Span>;
  /** The first place where the text is no JSON, the same in every browser. */
  readonly error?: { readonly at: number; readonly message: string };
}

const DEEPEST = 200;

/** Finds every value of a JSON text. Reads exactly the texts that JSON.parse reads. */
export function jsonPlaces(text: string): JsonPlaces {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return { places: scanner.places };
  } catch (error) {
    if (error instanceof NoJson) {
      return { places: scanner.places, error: { at: error.at, message: error.message } };
    }
    throw error;
  }
}

/** The value at a pointer, or the nearest one around it: what is missing is said of what it is missing from. */
export function spanOf({ places }: JsonPlaces, pointer: string): Span | undefined {
  for (let path = pointer; ; path = path.slice(0, path.lastIndexOf('/'))) {
    const span = places.get(path);
    if (span !== undefined || path === '') {
      return span;
    }
    if (!path.includes('/')) {
      return places.get('');
    }
  }
}

/** Line of a place in a text, the first is 1. */
export function lineOf(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) {
    line += 1;
  }
  return line;
}

class NoJson extends Error {
  constructor(public readonly at: number, message: string) {
    super(message);
  }
}

class Scanner {
  public readonly places = new Map<string, Span>();
  private at = 0;

  constructor(private readonly text: string) {}

  public document(): void {
    this.value('', 0);
    if (this.at < this.text.length) {
      this.fail('nothing may follow the closing bracket of the policy');
    }
  }

  private value(pointer: string, depth: number): void {
    if (depth > DEEPEST) {
      this.fail('this is nested too deeply');
    }
    this.blanks();
    const start = this.at;
    const character = this.text[start];
    if (character === '{') {
      this.list('}', () => this.member(pointer, depth));
    } else if (character === '[') {
      let index = 0;
      this.list(']', () => this.value(`${pointer}/${index++}`, depth + 1));
    } else if (character === '"') {
      this.string();
    } else {
      this.take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y, character === undefined ? 'the text ends where a value is expected' : 'a value is expected here');
    }
    this.places.set(pointer, { start, end: this.at });
    this.blanks();
  }

  private list(close: string, item: () => void): void {
    this.at += 1;
    this.blanks();
    if (this.text[this.at] === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      item();
      const next = this.text[this.at];
      if (next === close) {
        this.at += 1;
        return;
      }
      if (next !== ',') {
        this.fail(next === undefined ? `the text ends, and a "${close}" is missing` : `a comma or "${close}" is expected here`);
      }
      this.at += 1;
      this.blanks();
      if (this.text[this.at] === close) {
        this.fail(`nothing follows the comma before this "${close}"`, this.at);
      }
    }
  }

  private member(pointer: string, depth: number): void {
    this.blanks();
    const start = this.at;
    if (this.text[start] !== '"') {
      this.fail('a name in double quotation marks is expected here');
    }
    this.string();
    const name = JSON.parse(this.text.slice(start, this.at)) as string;
    this.blanks();
    if (this.text[this.at] !== ':') {
      this.fail('a colon is expected here');
    }
    this.at += 1;
    this.value(`${pointer}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`, depth + 1);
  }

  private string(): void {
    this.take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y, 'this text is not closed, or holds a character that must be escaped');
  }

  private take(pattern: RegExp, otherwise: string): void {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) {
      this.fail(otherwise);
    }
    this.at += found![0].length;
  }

  private blanks(): void {
    const pattern = /[ \t\n\r]*/y;
    pattern.lastIndex = this.at;
    this.at += pattern.exec(this.text)![0].length;
  }

  private fail(message: string, at = this.at): never {
    throw new NoJson(at, message);
  }
}
