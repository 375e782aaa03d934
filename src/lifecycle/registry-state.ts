import { Problem } from '../errors';
import { Inventory, RepositorySettings } from './model';

/** What a registry holds, live or as a snapshot has it. */
export interface RegistryState {
  /** Undefined: there is none of that name. */
  repository(repositoryName: string): Promise<RepositoryState | undefined>;
  /** All names; undefined where they cannot be told. */
  names(): Promise<readonly string[] | undefined>;
}

export interface RepositoryState {
  readonly settings: RepositorySettings;
  readonly lifecyclePolicyText?: string;
  readonly repositoryPolicyText?: string;
  /** Undefined where the images were not read. */
  readonly inventory?: Inventory;
  /** What could not be read, and why: the member at the end of `pointer` is then absent (DD-SURVEY-101), or not complete (1xx besides). */
  readonly problems?: readonly Problem[];
}
