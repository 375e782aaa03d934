/**
 * The lifecycle policy document as ECR stores it, and the images it is applied to. Pure data: no SDK, no CDK.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */

export type TagStatus = 'tagged' | 'untagged' | 'any';
export type StorageClass = 'standard' | 'archive';
export type CountType = 'imageCountMoreThan' | 'sinceImagePushed' | 'sinceImagePulled' | 'sinceImageTransitioned';

export interface Selection {
  readonly tagStatus: TagStatus;
  readonly tagPatternList?: readonly string[];
  readonly tagPrefixList?: readonly string[];
  /** `standard` when omitted. */
  readonly storageClass?: StorageClass;
  readonly countType: CountType;
  /** `days` with every `since...` count type, absent otherwise. */
  readonly countUnit?: 'days';
  readonly countNumber: number;
}

export type RuleAction = { readonly type: 'expire' } | { readonly type: 'transition'; readonly targetStorageClass: 'archive' };

export interface Rule {
  /** A lower number is a higher priority. */
  readonly rulePriority: number;
  readonly description?: string;
  readonly selection: Selection;
  readonly action: RuleAction;
}

export interface PolicyDocument {
  readonly rules: readonly Rule[];
}

/** A point in time as the SDK (Date), the AWS CLI (ISO 8601 text) or the wire (epoch seconds) give it. */
export type Timestamp = Date | string | number;

/** One entry of DescribeImages. */
export interface ImageDetail {
  readonly registryId?: string;
  readonly repositoryName?: string;
  readonly imageDigest: string;
  /** Absent, not empty, for an untagged image; an empty list is read as untagged. */
  readonly imageTags?: readonly string[];
  /** Compressed size; for an index the size of its largest child. */
  readonly imageSizeInBytes?: number;
  readonly imagePushedAt: Timestamp;
  readonly imageManifestMediaType?: string;
  readonly artifactMediaType?: string;
  readonly lastRecordedPullTime?: Timestamp;
  /** Set on a referrer (signature, SBOM, attestation): the image it is about. */
  readonly subjectManifestDigest?: string;
  /** `ACTIVE` when omitted. */
  readonly imageStatus?: 'ACTIVE' | 'ARCHIVED' | 'ACTIVATING';
  readonly lastArchivedAt?: Timestamp;
  readonly lastActivatedAt?: Timestamp;
}

/** Settings of a repository; every one but the name may be unknown. */
export interface RepositorySettings {
  readonly repositoryName: string;
  readonly registryId?: string;
  readonly repositoryArn?: string;
  readonly repositoryUri?: string;
  readonly createdAt?: Timestamp;
  readonly imageTagMutability?: string;
  readonly imageTagMutabilityExclusionFilters?: readonly { readonly filterType: string; readonly filter: string }[];
  readonly imageScanningConfiguration?: { readonly scanOnPush?: boolean };
  readonly encryptionConfiguration?: { readonly encryptionType: string; readonly kmsKey?: string };
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** A repository of an inventory. */
export interface InventoryRepository extends RepositorySettings {
  readonly lifecyclePolicyText?: string;
  readonly repositoryPolicyText?: string;
  /** Members that could not be read, `imageDetails` of the inventory among them: they are unknown, not none. */
  readonly unread?: readonly string[];
}

/**
 * The images of one or more repositories. `imageDetails` and `manifestChildren` alone are a complete inventory of the
 * repositories that the images name.
 */
export interface Inventory {
  /** 1, or absent. */
  readonly formatVersion?: number;
  readonly repositories?: readonly InventoryRepository[];
  readonly imageDetails: readonly ImageDetail[];
  /** Index digest -> digests of the manifests it lists. */
  readonly manifestChildren?: Readonly<Record<string, readonly string[]>>;
  /** Images that an index holds, where nobody has read which one: as ECR's own preview of a policy tells by leaving them. */
  readonly heldImages?: readonly string[];
}

export type ActionType = 'EXPIRE' | 'TRANSITION';

/** An image that the policy acts on. */
export interface ImageAction {
  readonly imageDigest: string;
  readonly action: ActionType;
  readonly rulePriority: number;
}

/** An image that a rule marked but that an index in the repository still holds. */
export interface BlockedAction extends ImageAction {
  /** Digests of the indexes that hold it. */
  readonly heldBy: readonly string[];
}

/** A referrer that goes with its subject. */
export interface CascadeAction {
  readonly imageDigest: string;
  readonly action: ActionType;
  readonly becauseOf: string;
}

/** Why a result should be read with care; see docs/semantics.md. */
export type Uncertainty =
  | 'TIE_AT_CUT' // equal push times straddle the cut of a count rule
  | 'DAY_BOUNDARY' // within one day of an age limit, where the length of a day matters
  | 'PULL_TIME_SLACK' // the recorded pull time may be a day old
  | 'REFERRER_SELECTED' // whether rules count and match referrers is undocumented
  | 'REFERRER_CASCADE' // follows its subject within 24 hours
  | 'HELD_BY_INDEX' // marked, but an index in the repository references it
  | 'INDEX_GOES_FIRST' // its index is due in the same run; the child follows in a later one
  | 'RESTORED_AGE' // age counted from the restoration
  | 'ACTIVATING'; // being restored; read as still archived

export interface Verdict {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  /** What will happen to the image: `KEEP` also for an image that is marked but held by an index. */
  readonly outcome: ActionType | 'KEEP';
  /** Why: see docs/semantics.md. */
  readonly reason: 'MARKED' | 'WITHIN_COUNT' | 'WITHIN_AGE' | 'NO_RULE' | 'HELD_BY_INDEX' | 'FOLLOWS_SUBJECT';
  /** Priority of the rule that decided; absent when no rule selects the image. */
  readonly rulePriority?: number;
  /** For a count rule: place in the rule's order, youngest is 1. */
  readonly rank?: number;
  /** For a count rule: how many the rule keeps. */
  readonly keep?: number;
  /** For a count rule: how many images the rule's selection matches. */
  readonly selected?: number;
  /** For an age rule: age in days (of 24 hours) by the rule's own clock. */
  readonly ageDays?: number;
  /** For an age rule: what its clock started from. */
  readonly ageFrom?: 'PUSHED' | 'PULLED' | 'RESTORED' | 'ARCHIVED';
  /** For an age rule: the limit in days. */
  readonly limitDays?: number;
  /** What the rule would do to an image that an index holds. */
  readonly heldAction?: ActionType;
  readonly heldBy?: readonly string[];
  /** The subject that a referrer follows; `rulePriority` is then the rule that acts on it. */
  readonly becauseOf?: string;
  /** Rules of lower priority that select the image too, and may not touch it. */
  readonly shieldedFrom: readonly number[];
  readonly uncertain: readonly Uncertainty[];
}

export interface RuleSummary {
  readonly rulePriority: number;
  /** Images that the rule's selection matches, whoever owns them. */
  readonly selected: number;
  /** Images that this rule decides about: no rule of higher priority selects them. */
  readonly owned: number;
  readonly expires: number;
  readonly transitions: number;
  /** Marked by this rule but held by an index. */
  readonly blocked: number;
}

/** Bytes in the registry, as a range: layers are shared, and inventories do not say which. */
export interface ByteRange {
  /** The largest image that goes, less everything that stays: so much at least no other image can share. */
  readonly min: number;
  /** The sum of the images' own sizes. An index adds nothing: its size is that of its largest child. */
  readonly max: number;
  /** Images among those that go whose size is not recorded; they are left out of the sum. */
  readonly unknown: number;
}

export interface Summary {
  /** All images; each expires, is archived or is kept. */
  readonly images: number;
  /** Images that expire, those that follow a subject included. */
  readonly expires: number;
  /** Images that are archived, those that follow a subject included. */
  readonly transitions: number;
  /** Images that stay as they are, those that an index holds included. */
  readonly keeps: number;
  readonly blocked: number;
  readonly cascades: number;
  readonly expiringBytes: ByteRange;
  readonly transitioningBytes: ByteRange;
  /** Image of the standard class with the oldest push time that stays there. */
  readonly oldestSurvivor?: { readonly imageDigest: string; readonly imageTags: readonly string[]; readonly imagePushedAt: string };
  readonly rules: readonly RuleSummary[];
  /** How many verdicts carry each mark. */
  readonly uncertain: Readonly<Partial<Record<Uncertainty, number>>>;
}
