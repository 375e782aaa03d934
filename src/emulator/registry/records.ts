/** What the emulator remembers. Records are replaced, never altered; times are epoch milliseconds of the emulator's clock. */

export type ImageStatus = 'ACTIVE' | 'ARCHIVED' | 'ACTIVATING';
export type TagMutability = 'MUTABLE' | 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION';

export interface ExclusionFilter {
  readonly filterType: 'WILDCARD';
  readonly filter: string;
}

export interface ResourceTag {
  readonly Key: string;
  readonly Value: string;
}

export interface LifecycleRecord {
  readonly text: string;
  /** Absent before the first run. */
  readonly lastEvaluatedAt?: number;
  readonly nextRunAt: number;
}

export interface RepositoryRecord {
  readonly repositoryName: string;
  readonly createdAt: number;
  readonly imageTagMutability: TagMutability;
  readonly imageTagMutabilityExclusionFilters?: readonly ExclusionFilter[];
  readonly scanOnPush: boolean;
  readonly encryptionConfiguration: { readonly encryptionType: 'AES256' | 'KMS' | 'KMS_DSSE'; readonly kmsKey?: string };
  readonly tags: readonly ResourceTag[];
  readonly repositoryPolicyText?: string;
  readonly lifecycle?: LifecycleRecord;
}

export interface ImageRecord {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly imageSizeInBytes?: number;
  readonly imagePushedAt: number;
  readonly imageManifestMediaType?: string;
  readonly artifactMediaType?: string;
  readonly lastRecordedPullTime?: number;
  readonly subjectManifestDigest?: string;
  readonly imageStatus: ImageStatus;
  readonly lastArchivedAt?: number;
  readonly lastActivatedAt?: number;
  /** While ACTIVATING: when the restoration is complete. */
  readonly activatesAt?: number;
  /** Of an index: the manifests it lists. */
  readonly children?: readonly string[];
}

/** A layer or config that a repository has. Its bytes are in the blob store, once for all repositories. */
export interface LayerRecord {
  readonly layerDigest: string;
  readonly layerSize: number;
  readonly addedAt: number;
}

/** An upload that is not complete. */
export interface UploadRecord {
  readonly uploadId: string;
  /** When it was started, or went on. */
  readonly touchedAt: number;
  /** Bytes that were accepted. */
  readonly received: number;
  readonly parts: number;
  /** Whether the last part, or one before it, is smaller than a part that another one may follow. */
  readonly lastPartShort: boolean;
  readonly earlierPartShort: boolean;
}

export type PreviewOutcome = 'COMPLETE' | 'FAILED' | 'EXPIRED';

export interface PreviewResult {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly imagePushedAt: number;
  readonly action: 'EXPIRE' | 'TRANSITION';
  readonly appliedRulePriority: number;
  readonly storageClass: 'STANDARD' | 'ARCHIVE';
}

export interface PreviewRecord {
  readonly id: string;
  readonly lifecyclePolicyText: string;
  readonly startedAt: number;
  /** How it ends. */
  readonly outcome: PreviewOutcome;
  readonly results: readonly PreviewResult[];
}

/** One step of the registry's history; the journal is a list of these. */
export type Change =
  | { readonly kind: 'repository'; readonly record: RepositoryRecord }
  | { readonly kind: 'repository-deleted'; readonly repositoryName: string }
  | { readonly kind: 'image'; readonly repositoryName: string; readonly image: ImageRecord }
  | { readonly kind: 'image-deleted'; readonly repositoryName: string; readonly imageDigest: string }
  | { readonly kind: 'manifest'; readonly repositoryName: string; readonly imageDigest: string; readonly manifest: string }
  | { readonly kind: 'layer'; readonly repositoryName: string; readonly layer: LayerRecord }
  | { readonly kind: 'layer-deleted'; readonly repositoryName: string; readonly layerDigest: string }
  | { readonly kind: 'upload'; readonly repositoryName: string; readonly upload: UploadRecord }
  | { readonly kind: 'upload-ended'; readonly repositoryName: string; readonly uploadId: string }
  | { readonly kind: 'preview'; readonly repositoryName: string; readonly preview?: PreviewRecord }
  /** Here and above: without a time, or a preview, it is no more. */
  | { readonly kind: 'pull-time-exclusion'; readonly principalArn: string; readonly createdAt?: number }
  | { readonly kind: 'clock'; readonly clock: ClockRecord };

/** Either it stands still at a time, or it runs at an offset from real time. */
export type ClockRecord = { readonly frozenAt: number } | { readonly offset: number };
