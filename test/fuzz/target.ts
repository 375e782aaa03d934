/** Something that takes bytes from strangers. */
export interface FuzzTarget {
  readonly name: string;
  /** Words of its grammar, which chance alone would not find. */
  readonly words?: readonly string[];
  /** Inputs do not grow beyond this. @default 262144 */
  readonly maxBytes?: number;
  /** Inputs to begin with: what is taken in everyday life, and what has been found before. */
  seeds(): Iterable<string | Buffer>;
  /**
   * Takes an input. What comes back, and an error of this library with its code, are results; any other error, time without end and memory without bound are
   * findings.
   */
  run(input: Buffer): unknown;
  /** Errors besides those of this library that callers count on. */
  isExpected?(error: unknown): boolean;
  /** Before the first input. */
  open?(): Promise<void>;
  close?(): Promise<void>;
}

/** What a target throws when a result is not as it must be. */
export class PropertyFailure extends Error {
  public readonly name = 'PropertyFailure';
}

export function mustHold(holds: boolean, what: string): void {
  if (!holds) {
    throw new PropertyFailure(what);
  }
}
