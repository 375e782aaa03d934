/** A test by its file and its full title, as it is written: the titles of what is around it, then its own. */
export interface TestName {
  readonly file: string;
  readonly title: string;
  /** Of a table of `each`: what its first placeholder stands for. A table of handlers (`%s: ...`) without it is about all of them. */
  readonly row?: string;
}

/** A change of the source that takes a protection out. `find` must occur exactly once. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** One way in which one handler (or all of them) is kept from a classic failure. */
export interface Protection {
  /** Whose: `all`, or the resource. */
  readonly handler: string;
  /** What it does. */
  readonly protection: string;
  /** Takes it out, in one place or in several; the first names the place. */
  readonly edits: readonly Edit[];
  /** Fail without it, each of them. */
  readonly tests: readonly TestName[];
  /** The tests look at the bundle, which has to be made anew. */
  readonly isBundled?: boolean;
}

/** What custom resources have always got wrong. */
export interface ClassicFailure {
  readonly number: number;
  readonly failure: string;
  /** What it costs the users of such a resource. */
  readonly cost: string;
  readonly protections: readonly Protection[];
}

/** Several edits make one protection: taken out alone, another one of them would still hold. */
export function protect(handler: string, protection: string, edits: Edit | readonly Edit[], ...tests: readonly TestName[]): Protection {
  return { handler, protection, edits: Array.isArray(edits) ? edits as readonly Edit[] : [edits as Edit], tests };
}

/** Edits of one file below src/. */
export function source(file: string): (find: string, replace: string) => Edit {
  return (find, replace) => ({ file: `src/${file}`, find, replace });
}

/** Tests of one file below test/. */
export function testsOf(file: string): (title: string, row?: string) => TestName {
  return (title, row) => ({ file: `test/${file}.test.ts`, title, ...(row === undefined ? {} : { row }) });
}
