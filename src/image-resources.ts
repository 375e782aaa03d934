/**
 * The wire between the synthesized template and the handler of images: resource types, properties, attributes. CloudFormation turns
 * every number and boolean of a custom resource into a string on the way; the handler reads both.
 */

export const IMAGE_COPY_TYPE = 'Custom::DrydockImageCopy';
export const IMAGE_TAG_TYPE = 'Custom::DrydockImageTag';
export const IMAGE_DIGEST_TYPE = 'Custom::DrydockImageDigest';
export const IMAGE_CLEANUP_TYPE = 'Custom::DrydockImageCleanup';
export const REGISTRY_CREDENTIALS_TYPE = 'Custom::DrydockRegistryCredentials';

/** Megabytes of memory of the function of images. */
export const IMAGE_FUNCTION_MEMORY_MEBIBYTES = 1024;

/** Tags (`<prefix><resource>-<tag>`) that remember what a tag of an image was made to stand for, and what it stood for before. */
export const TAG_RECORD_PREFIX = 'cdk-drydock:tag-';

/** A repository that images are in. */
interface ImageRepository {
  readonly RepositoryName: string;
  /** Twelve digits; the account of the stack when absent. */
  readonly RegistryId?: string;
  /** As clients write it: `ACCOUNT.dkr.ecr.REGION.SUFFIX/NAME`. */
  readonly RepositoryUri: string;
}

/** Whatever makes CloudFormation call the handler again although nothing else has changed: the handler does not look at it. */
interface Triggered {
  readonly Trigger?: string;
}

/** `Custom::DrydockImageDigest`: what a tag stands for at deployment. The physical id holds the digest, so that a rollback gives the old one. */
export interface ImageDigestProperties extends ImageRepository, Triggered {
  readonly ImageTag: string;
}
export const IMAGE_DIGEST_ATTRIBUTES = [
  'RepositoryName',
  'RegistryId',
  'ImageTag',
  /** The 64 hexadecimal digits after `sha256:`, which the template writes itself: CDK tells a digest from a tag by that beginning. */
  'DigestHex',
  /** Repository URI, `@` and digest. */
  'ImageUri',
  /** ISO 8601. */
  'ImagePushedAt',
  /** Bytes, as text. */
  'ImageSizeInBytes',
  'ImageManifestMediaType',
] as const;

/** `Custom::DrydockImageTag`: a tag of a repository that stands for a certain image. */
export interface ImageTagProperties extends ImageRepository, Triggered {
  /** The tag that is put. */
  readonly ImageTag: string;
  /** The image that gets it, by one of the two. */
  readonly SourceImageTag?: string;
  readonly SourceImageDigest?: string;
  /** Where the image is, when that is another repository. */
  readonly SourceRepositoryName?: string;
  readonly SourceRegistryId?: string;
  /** The tag is put only if it stands for this one, for none (`none`), or already for the image. */
  readonly ExpectedDigest?: string;
  readonly RemovalPolicy: 'retain' | 'destroy';
  /** Whether the tag may go when it is the image's last: the image goes with it. */
  readonly DeleteLastTag: boolean | string;
}
export const IMAGE_TAG_ATTRIBUTES = [
  'RepositoryName', 'RegistryId', 'ImageTag', 'DigestHex', 'ImageUri',
  /** What the tag stood for before; empty when there was no such tag. */
  'PreviousDigest',
] as const;

/** Where an image is copied from. */
export type ImageSourceProperty =
  | {
    readonly Type: 'ecr';
    readonly RepositoryName: string;
    readonly RegistryId?: string;
    /** That of the stack when absent. */
    readonly Region?: string;
    /** One of the two. */
    readonly ImageTag?: string;
    readonly ImageDigest?: string;
  }
  /** `CredentialsSecretArn`: a secret with user name and password, or a docker configuration. `TrustedHosts`: what belongs to the registry besides its own host. */
  | { readonly Type: 'registry'; readonly Reference: string; readonly CredentialsSecretArn?: string; readonly TrustedHosts?: readonly string[] }
  /** A tar file in S3; `Image`: which one of several. */
  | { readonly Type: 'oci-layout' | 'docker-archive'; readonly Bucket: string; readonly Key: string; readonly Image?: string };

/** `Custom::DrydockImageCopy`: an image of elsewhere, under tags of a repository. */
export interface ImageCopyProperties extends ImageRepository, Triggered {
  readonly Source: ImageSourceProperty;
  readonly ImageTags: readonly string[];
  /** `OS/ARCHITECTURE[/VARIANT]`; all when absent. */
  readonly Platforms?: readonly string[];
  /** Whether signatures, SBOMs and provenance come along. */
  readonly Referrers: boolean | string;
  readonly RemovalPolicy: 'retain' | 'destroy';
  /** For all invocations together. */
  readonly TimeoutSeconds: number | string;
  /** What calls the function again when one invocation is too short. */
  readonly StateMachineArn?: string;
}
export const IMAGE_COPY_ATTRIBUTES = [
  'RepositoryName', 'RegistryId', 'DigestHex', 'ImageUri',
  /** The image by the first tag. */
  'ImageTagUri',
  'ImageSizeInBytes', 'ImageManifestMediaType',
  /** Digest at the source: another one where platforms were chosen. Empty after a rollback. */
  'SourceDigest',
  /** What this deployment moved: bytes and number of layers, number of manifests. */
  'MovedBytes', 'MovedLayers', 'MovedManifests',
] as const;

/** Which images an `ImageCleanup` deletes; all members of one selection must hold. */
export interface ImageSelectionProperty {
  readonly Kind: 'untagged' | 'tagged' | 'digests';
  readonly TagPatterns?: readonly string[];
  readonly Digests?: readonly string[];
  readonly OlderThanDays?: number | string;
  /** So many of the youngest that the selection matches stay. */
  readonly KeepLatest?: number | string;
}

/** `Custom::DrydockImageCleanup`. */
export interface ImageCleanupProperties extends ImageRepository, Triggered {
  readonly Selections: readonly ImageSelectionProperty[];
  readonly ProtectedTagPatterns?: readonly string[];
  readonly ProtectedDigests?: readonly string[];
  readonly ProtectPulledWithinDays?: number | string;
  readonly MaxImages?: number | string;
  readonly MaxPercent?: number | string;
  /** Services that are asked what they run. */
  readonly InUse?: readonly ('ecs' | 'lambda')[];
  /** Images that are in use besides, as whatever runs them names them. */
  readonly InUseReferences?: readonly string[];
  /** Hashes of plans that may go over the limits. */
  readonly Acknowledged?: readonly string[];
  readonly Mode: 'dry-run' | 'delete';
  /** What becomes of the deployment when images could not be deleted. */
  readonly OnFailure: 'fail' | 'report';
  /** Whether the manifests of all indexes are read before, not only of those that go. */
  readonly ReadIndexes: boolean | string;
}
export const IMAGE_CLEANUP_ATTRIBUTES = [
  'RepositoryName', 'RegistryId',
  'Mode',
  /** Sixteen hex digits: what an acknowledgement names. */
  'PlanHash',
  'ImageCount', 'SelectedImageCount', 'ProtectedImageCount', 'HeldImageCount', 'DeletedImageCount', 'FailedImageCount',
  /** One line for people. */
  'Summary',
] as const;

/** Whether it can be the tag of an image. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html */
export function isImageTag(text: string): boolean {
  return /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text);
}
