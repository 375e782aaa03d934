import type { ImageDetail, Timestamp } from '../../lifecycle/model';

/** Which images go; all members of one selection must hold. */
export interface CleanupSelection {
  readonly kind: 'untagged' | 'tagged' | 'digests';
  /** `*` stands for any run of characters. An image is meant only if each of its tags matches one of them. */
  readonly tagPatterns?: readonly string[];
  readonly digests?: readonly string[];
  readonly olderThanDays?: number;
  /** So many of the youngest that have a matching tag stay. */
  readonly keepLatest?: number;
}

export interface CleanupSettings {
  readonly selections: readonly CleanupSelection[];
  readonly protectedTagPatterns: readonly string[];
  readonly protectedDigests: readonly string[];
  readonly protectPulledWithinDays?: number;
  readonly maxImages?: number;
  readonly maxPercent?: number;
}

export interface CleanupInput {
  /** All images of the repository, archived ones included. */
  readonly images: readonly ImageDetail[];
  readonly now: Timestamp;
  /** Digests that an index lists, for those indexes whose manifest has been read. */
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** Who uses an image, by digest. */
  readonly inUse: ReadonlyMap<string, readonly string[]>;
}

/** An image that goes. */
export interface DoomedImage {
  readonly image: ImageDetail;
  /** `selected` by a selection; `child` and `referrer` follow another image, and go only when that one has gone. */
  readonly role: 'selected' | 'child' | 'referrer';
  readonly follows?: string;
}

/** Why an image that is meant stays nevertheless. */
export type KeepReason = 'PROTECTED_TAG' | 'PROTECTED_DIGEST' | 'PULLED_LATELY' | 'IN_USE' | 'OTHER_TAGS' | 'HOLDS_PROTECTED' | 'HELD_BY_INDEX';

export interface KeptImage {
  readonly image: ImageDetail;
  readonly why: KeepReason;
  /** The tag, the user, the other image. */
  readonly detail: string;
}

export interface CleanupPlan {
  readonly imageCount: number;
  readonly doomed: readonly DoomedImage[];
  readonly kept: readonly KeptImage[];
  /** Digests that a selection names and the repository does not have. */
  readonly missing: readonly string[];
  /** Indexes that go and whose manifest has not been read: what they list is not in the plan. */
  readonly unread: readonly string[];
}
