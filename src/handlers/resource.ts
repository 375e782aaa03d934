import { Run } from './run';

export type Attributes = Readonly<Record<string, string>>;

/** What each resource type does with its three events. */
export interface Resource<P> {
  /** Reads and checks the properties; throws every problem at once. What the id depends on is looked up here, too: it changes nothing. */
  read(run: Run): P | Promise<P>;
  /** Derived from what was read: the same always gives the same id. */
  physicalId(run: Run, properties: P): string;
  /** Makes it, or, when an update leads to another id, makes it at the new place. */
  create(run: Run, properties: P): Promise<Attributes>;
  /** Changes it in place. */
  update(run: Run, properties: P): Promise<Attributes>;
  /**
   * What an update in a rollback answers when the repository is no longer there: nothing can be taken back, and the rollback must not fail for it.
   * Absent where a missing repository is no failure.
   */
  gone?(run: Run, properties: P): Attributes;
  /**
   * Removes it: reads what it needs itself, since properties of any release must do. Not found is success, and what is not ours stays.
   */
  delete(run: Run): Promise<void>;
}
