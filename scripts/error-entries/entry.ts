/** What docs/errors.md says about a code besides its title. */
export interface ErrorEntry {
  /** When it comes, and what is behind it. */
  readonly when: string;
  /** What to do. */
  readonly fix: string;
}

/** One entry for every code of a room: a missing or a surplus one does not compile. */
export type EntriesOf<Code extends string> = Readonly<Record<Code, ErrorEntry>>;
