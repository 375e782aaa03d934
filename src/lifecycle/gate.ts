import { GateCode } from './codes';
import { ActionType, PolicyDocument, Timestamp } from './model';

/** Services that know what runs. */
export type InUseSource = 'ecs' | 'lambda';

/** What the gate of a deployment checks. Counts are images; durations are days of 24 hours. */
export interface GateSettings {
  /** Images that may expire. */
  readonly maxExpiringImages?: number;
  /** Of all images in the repository, archived ones included, and of the tagged ones by themselves; 0 to 100. */
  readonly maxExpiringPercent?: number;
  /** No image with such a tag may expire or be archived. `*` stands for any run of characters; the whole tag must match. */
  readonly protectedTagPatterns?: readonly string[];
  /** No image pushed within so many days may expire or be archived. */
  readonly protectPushedWithinDays?: number;
  /** No image pulled within so many days may expire or be archived. */
  readonly protectPulledWithinDays?: number;
  /** None of these may expire or be archived. */
  readonly protectedDigests?: readonly string[];
  /** Against the policy in force (only what newly expires) or everything the new policy acts on. */
  readonly countAgainst: 'policy-in-force' | 'everything';
  /** What is asked, at the time of the deployment, for images that run: none of them may expire or be archived. */
  readonly inUse?: readonly InUseSource[];
  /** Hashes of the policies whose effect somebody has accepted. */
  readonly acknowledged?: readonly string[];
}

/** What applies when nobody says anything else; docs/gate.md explains the choice. */
export const DEFAULT_GATE: GateSettings = {
  maxExpiringPercent: 50,
  protectedTagPatterns: ['latest', 'stable*', 'prod*', 'live*', 'release*'],
  protectPulledWithinDays: 30,
  countAgainst: 'policy-in-force',
};

/** An image of a preview, with what DescribeImages knows about it. */
export interface PreviewedImage {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly imagePushedAt: Timestamp;
  readonly lastRecordedPullTime?: Timestamp;
  readonly imageSizeInBytes?: number;
  readonly action: ActionType;
  readonly appliedRulePriority: number;
  /** The policy in force does not act on it, or only archives what now expires. */
  readonly newly: boolean;
  /** For a count rule: place in its order, youngest is 1 (`Verdict.rank`). Lets the gate name the exact change. */
  readonly rank?: number;
  /** For an age rule: age in days by its own clock (`Verdict.ageDays`). */
  readonly ageDays?: number;
}

export interface GateInput {
  readonly repositoryName: string;
  /** Hash of the policy that is judged; an acknowledgement names it. */
  readonly policyHash: string;
  /** All images of the repository, archived ones included. */
  readonly imageCount: number;
  /** Images of the repository that have a tag; `maxExpiringPercent` then applies to these too. */
  readonly taggedImageCount?: number;
  readonly now: Timestamp;
  readonly images: readonly PreviewedImage[];
  /** Who uses which image, by digest (`inUseBy`). None of them may expire or be archived, newly or not, whatever the settings are. */
  readonly inUse?: ReadonlyMap<string, readonly string[]>;
  /** The policy that is judged. With it, and with ranks and ages of the images, the fixes name numbers. */
  readonly policy?: PolicyDocument;
}

export interface GateFinding {
  readonly code: GateCode;
  readonly message: string;
  readonly fix: string;
  /** The images in question, oldest first. */
  readonly images: readonly PreviewedImage[];
}

export interface GateCounts {
  readonly images: number;
  readonly expiring: number;
  readonly transitioning: number;
  readonly newlyExpiring: number;
  readonly newlyTransitioning: number;
}

export interface GateVerdict {
  readonly verdict: 'passed' | 'acknowledged' | 'blocked';
  readonly findings: readonly GateFinding[];
  readonly counts: GateCounts;
}

export { judge } from './judge';
export { previewedImages } from './previewed';
export { gateFromProperty } from './gate-property';
