/**
 * The wire between the synthesized template and the handler: resource types, properties, attributes. CloudFormation turns
 * every number and boolean of a custom resource into a string on the way; the handler reads both.
 */

export const REPOSITORY_TYPE = 'Custom::DrydockRepository';
export const REPOSITORY_POLICY_TYPE = 'Custom::DrydockRepositoryPolicy';
export const LIFECYCLE_POLICY_TYPE = 'Custom::DrydockLifecyclePolicy';
export const LIFECYCLE_POLICY_PREVIEW_TYPE = 'Custom::DrydockLifecyclePolicyPreview';
export const PREVIEW_GATE_TYPE = 'Custom::DrydockPreviewGate';

/** Seconds that CloudFormation waits for an answer: the function's 15 minutes and a margin for its start. */
export const SERVICE_TIMEOUT_SECONDS = 960;
/** Seconds the function may run. */
export const FUNCTION_TIMEOUT_SECONDS = 900;

/** Tag on every repository that a stack created or adopted; its value says who and how. */
export const OWNER_TAG = 'cdk-drydock:owner';
/** Tags (`<prefix>0`, `<prefix>1`, ...) that remember what was there before, until the change is settled; for rollbacks. */
export const RECORD_TAG_PREFIX = 'cdk-drydock:before-';

interface Addressed {
  readonly RepositoryName: string;
  /** Twelve digits; the account of the stack when absent. */
  readonly RegistryId?: string;
}

/** `Custom::DrydockRepository`. Ref: repository name. */
export interface RepositoryProperties {
  readonly RepositoryName: string;
  readonly ImageTagMutability: 'MUTABLE' | 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION';
  readonly ImageTagMutabilityExclusionFilters?: readonly { readonly filterType: 'WILDCARD'; readonly filter: string }[];
  readonly EncryptionConfiguration: { readonly encryptionType: 'AES256' | 'KMS' | 'KMS_DSSE'; readonly kmsKey?: string };
  readonly ImageScanningConfiguration: { readonly scanOnPush: boolean | string };
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly ExistingRepository: 'fail' | 'adopt';
  readonly RemovalPolicy: 'retain' | 'destroy';
  readonly EmptyOnDelete: boolean | string;
}
export const REPOSITORY_ATTRIBUTES = ['Arn', 'RepositoryName', 'RepositoryUri', 'RegistryId', 'Origin'] as const;

/** `Custom::DrydockRepositoryPolicy`. Every statement has a Sid; the Sids are what this resource owns. */
export interface RepositoryPolicyProperties extends Addressed {
  readonly Statements: readonly Record<string, unknown>[];
  /** Sends `force`: the policy may lock its own author out. */
  readonly AllowLockOut?: boolean | string;
}
export const REPOSITORY_POLICY_ATTRIBUTES = ['RepositoryName', 'RegistryId'] as const;

/** Gate settings in a template: `off`, or the settings in PascalCase. */
export type GateProperty =
  | 'off'
  | {
    readonly MaxExpiringImages?: number | string;
    readonly MaxExpiringPercent?: number | string;
    readonly ProtectedTagPatterns?: readonly string[];
    readonly ProtectPushedWithinDays?: number | string;
    readonly ProtectPulledWithinDays?: number | string;
    readonly ProtectedDigests?: readonly string[];
    readonly CountAgainst?: 'policy-in-force' | 'everything';
    /** Services that are asked for images in use. */
    readonly InUse?: readonly ('ecs' | 'lambda')[];
    readonly Acknowledged?: readonly string[];
  };

/** `Custom::DrydockLifecyclePolicy`: previews, asks the gate, puts the policy. */
export interface LifecyclePolicyProperties extends Addressed {
  /** The document in ECR's own spelling (`rules`, `rulePriority`, ...), as an object so that a template can be reviewed. */
  readonly LifecyclePolicy: unknown;
  /** Whether a policy that is already there, and is not ours, is replaced. */
  readonly ReplaceExisting: boolean | string;
  readonly PreviewGate: GateProperty;
}

/** `Custom::DrydockLifecyclePolicyPreview`: previews, changes nothing. */
export interface LifecyclePolicyPreviewProperties extends Addressed {
  readonly LifecyclePolicy: unknown;
}

/**
 * `Custom::DrydockPreviewGate`: the gate in front of a repository that CloudFormation manages itself. The repository is named, or,
 * where its name is generated, found by its logical id in the stack.
 */
export interface PreviewGateProperties {
  readonly RepositoryName?: string;
  readonly RepositoryLogicalId?: string;
  /** The very text that the native resource will put. */
  readonly LifecyclePolicyText: string;
  readonly PreviewGate: GateProperty;
}

/** Attributes of the three resources that preview. Every one is always set; counts are decimal strings. */
export const PREVIEW_ATTRIBUTES = [
  'RepositoryName',
  /** Sixteen hex digits: the policy's hash, which an acknowledgement names. */
  'PolicyHash',
  'ImageCount',
  'ExpiringImageCount',
  'TransitioningImageCount',
  'NewlyExpiringImageCount',
  'NewlyTransitioningImageCount',
  /** `passed`, `acknowledged`, `not-needed` (nothing to lose or nothing changes), `off`, `preview-only`. */
  'Verdict',
  /** One line for people. */
  'Summary',
] as const;

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const REPOSITORY_NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

/** Whether ECR takes the text for the name of a repository. */
export function isRepositoryName(text: string): boolean {
  return text.length >= 2 && text.length <= 256 && REPOSITORY_NAME.test(text);
}
