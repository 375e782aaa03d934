import { Severity } from './blocks';
import { ByteRange, CountType, Uncertainty, Verdict } from '../lifecycle/model';

/**
 * What a lifecycle policy does to the images of one repository, as data: made from an evaluation or from a handler's log, shown as a terminal's text
 * now. Its texts are as they came; what shows them makes them safe.
 */
export interface Preview {
  readonly repositoryName?: string;
  readonly policyHash?: string;
  /** The moment that it holds for, ISO 8601. */
  readonly now: string;
  /** What the gate said, where there is one. */
  readonly verdict?: GateVerdictName;
  readonly counts: PreviewCounts;
  readonly bytes?: { readonly expiring: ByteRange; readonly transitioning: ByteRange };
  readonly oldestSurvivor?: ImageName & { readonly imagePushedAt: string };
  /** In the order of their priorities. */
  readonly rules: readonly PreviewRule[];
  /** What the policy acts on or would act on, and what it spares. */
  readonly images: readonly PreviewImage[];
  readonly findings: readonly Finding[];
  /** How many verdicts carry each mark. */
  readonly uncertain: Readonly<Partial<Record<Uncertainty, number>>>;
}

export type GateVerdictName = 'passed' | 'acknowledged' | 'blocked' | 'not-needed' | 'off' | 'preview-only';

export interface PreviewCounts {
  /** All images of the repository. */
  readonly images: number;
  readonly expiring: number;
  readonly transitioning: number;
  /** Against the policy in force; absent where nothing is compared. */
  readonly newlyExpiring?: number;
  readonly newlyTransitioning?: number;
  readonly spared?: number;
  /** Images that a rule marked but that an index holds. */
  readonly held?: number;
}

export interface PreviewRule {
  readonly rulePriority: number;
  readonly description?: string;
  readonly countType: CountType;
  /** What it does, in words. */
  readonly text: string;
  /** What became of the images: absent where only the rule is known. */
  readonly counts?: { readonly selected: number; readonly owned: number; readonly expires: number; readonly transitions: number; readonly blocked: number };
}

export interface ImageName {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
}

/** HELD: marked, but an index in the repository lists it. SPARED: the policy in force would act on it. */
export type Effect = 'EXPIRE' | 'TRANSITION' | 'HELD' | 'SPARED';

export interface PreviewImage extends ImageName, Measure {
  readonly imagePushedAt: string;
  readonly lastRecordedPullTime?: string;
  readonly imageSizeInBytes?: number;
  readonly effect: Effect;
  /** The rule that decided; of the policy in force where the image is spared. */
  readonly rulePriority: number;
  /** Absent where nothing is compared. */
  readonly newly?: boolean;
  /** The subject that a referrer goes with. */
  readonly follows?: ImageName;
  /** Indexes that hold it. */
  readonly heldBy?: readonly ImageName[];
  readonly uncertain?: readonly Uncertainty[];
  /** A sentence, where one came with the image. */
  readonly why?: string;
}

/** By what a rule decided about an image: its place in the rule's order, or its age by the rule's clock. */
export type Measure = Pick<Verdict, 'rank' | 'ageDays' | 'ageFrom'>;

export interface Finding {
  readonly severity: Severity;
  readonly code: string;
  /** Where: a JSON pointer into the policy, a construct path. */
  readonly place?: string;
  readonly message: string;
  readonly fix?: string;
  /** Images that it names: the first ones where there are many. */
  readonly digests?: readonly string[];
}

export function measureOf({ rank, ageDays, ageFrom }: Verdict): Measure {
  return { ...(rank !== undefined && { rank }), ...(ageDays !== undefined && { ageDays }), ...(ageFrom !== undefined && { ageFrom }) };
}
