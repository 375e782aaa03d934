import { aws_ecr as ecr, CustomResource, Duration, Resource, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { throwProblems } from './construct-support';
import { Problem } from './errors';
import { IMAGE_CLEANUP_TYPE } from './image-resources';
import { ImageSelection } from './image-selection';
import { checkImageDigest, imageTarget, targetProperties } from './image-support';
import { isDigest } from './images/digest';
import { parseReference } from './images/reference';
import { InUse } from './in-use';
import { DEFAULT_GATE } from './lifecycle/gate';
import { ImageProvider } from './provider/image-provider';
import { Refresh } from './refresh';

/** What an `ImageCleanup` does. */
export enum CleanupMode {
  /** Nothing is deleted: what would be is in the log and in the attributes. */
  DRY_RUN = 'dry-run',
  /** Images are deleted. They do not come back, not even when the deployment rolls back. */
  DELETE = 'delete',
}

/** What becomes of the deployment when ECR refuses to delete an image. */
export enum CleanupFailure {
  /** It fails, and names the images. The others are gone. */
  FAIL = 'fail',
  /** It goes on: the images are counted and in the log. */
  REPORT = 'report',
}

/** Properties of `ImageCleanup`. */
export interface ImageCleanupProps {
  /** The repository: any that exists when the construct is deployed. */
  readonly repository: ecr.IRepositoryRef;

  /** Which images are meant: each that one of the selections means. */
  readonly selections: ImageSelection[];

  /**
   * Whether images are deleted.
   *
   * @default CleanupMode.DRY_RUN
   */
  readonly mode?: CleanupMode;

  /**
   * No image that carries a matching tag is deleted, nor an index that lists one. `*` stands for any run of characters. An empty list protects none.
   *
   * @default ['latest', 'stable*', 'prod*', 'live*', 'release*']
   */
  readonly protectedTagPatterns?: string[];

  /**
   * None of these images is deleted: `sha256:` and 64 hexadecimal digits.
   *
   * @default - no digests
   */
  readonly protectedDigests?: string[];

  /**
   * No image pulled within this time is deleted. ECR records the pull time with up to a day's delay. A duration of zero protects none.
   *
   * @default Duration.days(30)
   */
  readonly protectPulledWithin?: Duration;

  /**
   * Services that are asked what they run, in the account and Region of the stack. No image that is found there is deleted, nor an index that lists one; if the
   * service cannot be asked, nothing is deleted. It grants permissions that reach beyond the repository; see `InUse`.
   *
   * @default - nobody is asked
   */
  readonly inUse?: InUse;

  /**
   * Images that are in use besides: URIs with a tag or a digest as a task definition or a function has them, or digests. None of them is deleted, nor an index that lists
   * one. References to other repositories protect nothing here.
   *
   * @default - no images
   */
  readonly imagesInUse?: string[];

  /**
   * If more images than this would be deleted, none is, and the deployment fails.
   *
   * @default - no limit on the number
   */
  readonly maxImages?: number;

  /**
   * If a larger share of the repository's images than this would be deleted, none is, and the deployment fails. 0 to 100; 100 turns the check off.
   *
   * @default 50
   */
  readonly maxPercent?: number;

  /**
   * Hashes of plans that may go over the limits; a deployment that fails prints the hash. It stands for the very images that would be deleted.
   *
   * @default - nothing is acknowledged
   */
  readonly acknowledgedPlans?: string[];

  /**
   * Whether the manifests of all indexes are read before, so that it is known which untagged images are platforms that an index holds. Otherwise only those of
   * indexes that are deleted are read, ECR refuses the others, and the limits count them. Reading counts as a pull of the index, unless the role of the function is
   * excluded from it.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-pull-time.html
   * @default false
   */
  readonly readIndexes?: boolean;

  /**
   * What becomes of the deployment when ECR refuses to delete an image, other than because an index holds it.
   *
   * @default CleanupFailure.FAIL
   */
  readonly onFailure?: CleanupFailure;

  /**
   * When it is done again. With the default it is done once, and again when a property changes.
   *
   * @default Refresh.onChange()
   */
  readonly refresh?: Refresh;
}

/**
 * Deletes images when the stack is deployed: once, for what a lifecycle policy cannot say or must not wait for. **By default it only shows what it would
 * delete.**
 *
 * Indexes go before the platforms that they list, and platforms, signatures and SBOMs go with the image that they belong to. An image that an index holds which
 * stays is never deleted, nor one that somebody has tagged in the meantime. Everything is judged before the first image goes.
 *
 * **What is deleted does not come back.** When the deployment rolls back later, the images are gone; a stack that is rolling back deletes nothing. When the
 * construct goes, nothing happens.
 *
 * Errors at synth: DD-IMAGE-002, -005, DD-REPOSITORY-006. Errors at deployment: DD-IMAGE-3xx, DD-HANDLER-101.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
 *
 * @example
 * declare const repository: ecr.IRepository;
 * new ImageCleanup(this, 'Cleanup', {
 *   repository,
 *   selections: [
 *     ImageSelection.untagged({ olderThan: Duration.days(7) }),
 *     ImageSelection.tagsMatching(['pr-*'], { keepLatest: 20 }),
 *   ],
 *   inUse: InUse.ecsAndLambda(),
 *   mode: CleanupMode.DELETE,
 * });
 */
export class ImageCleanup extends Resource {
  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: ImageCleanupProps) {
    super(scope, id);
    throwProblems(this, 'the cleanup is not valid', check(props));
    const target = imageTarget(this, props.repository);
    const mode = props.mode ?? CleanupMode.DRY_RUN;
    const readIndexes = props.readIndexes ?? false;
    this.resource = ImageProvider.getOrCreate(this).resource(this, 'Resource', {
      resourceType: IMAGE_CLEANUP_TYPE,
      places: { repository: target.permissionArn },
      situations: [
        ...(mode === CleanupMode.DELETE ? ['delete' as const] : []),
        ...(mode === CleanupMode.DELETE || readIndexes ? ['reads-indexes' as const] : []),
        ...(props.inUse?._render() ?? []).map((source) => `${source}-in-use` as const),
      ],
      properties: {
        ...targetProperties(target),
        Selections: props.selections.map((selection) => selection._render()),
        ProtectedTagPatterns: props.protectedTagPatterns ?? [...DEFAULT_GATE.protectedTagPatterns ?? []],
        ProtectedDigests: props.protectedDigests,
        ProtectPulledWithinDays: props.protectPulledWithin?.toDays({ integral: false }) ?? DEFAULT_GATE.protectPulledWithinDays,
        InUse: props.inUse?._render(),
        InUseReferences: props.imagesInUse,
        MaxImages: props.maxImages,
        MaxPercent: props.maxPercent ?? DEFAULT_GATE.maxExpiringPercent,
        Acknowledged: props.acknowledgedPlans,
        Mode: mode,
        OnFailure: props.onFailure ?? CleanupFailure.FAIL,
        ReadIndexes: readIndexes,
        Trigger: props.refresh?._render(),
      },
    });
  }

  /** Hash of the images that are meant: what `acknowledgedPlans` takes. */
  public get planHash(): string {
    return this.resource.getAttString('PlanHash');
  }

  /** Number of images in the repository before, as text. */
  public get imageCount(): string {
    return this.resource.getAttString('ImageCount');
  }

  /** Number of images that were to be deleted, or in a dry run would be, as text. */
  public get selectedImageCount(): string {
    return this.resource.getAttString('SelectedImageCount');
  }

  /** Number of images that a selection means and that stay because they are protected, as text. */
  public get protectedImageCount(): string {
    return this.resource.getAttString('ProtectedImageCount');
  }

  /** Number of images that ECR did not delete because an index holds them, as text. */
  public get heldImageCount(): string {
    return this.resource.getAttString('HeldImageCount');
  }

  /** Number of images that were deleted, as text; 0 in a dry run. */
  public get deletedImageCount(): string {
    return this.resource.getAttString('DeletedImageCount');
  }

  /** Number of images that ECR refused to delete, as text. */
  public get failedImageCount(): string {
    return this.resource.getAttString('FailedImageCount');
  }

  /** What happened, in one line. */
  public get summary(): string {
    return this.resource.getAttString('Summary');
  }
}

function check(props: ImageCleanupProps): Problem[] {
  const problems: Problem[] = [
    ...props.selections.flatMap((selection, index) => selection._check(`selections[${index}]`)),
    ...(props.protectedDigests ?? []).flatMap((digest) => checkImageDigest('protectedDigests', digest)),
    ...(props.imagesInUse ?? []).flatMap(checkReference),
  ];
  const wrong = (pointer: string, message: string, fix: string, value?: unknown) => problems.push({ code: 'DD-IMAGE-005', pointer, message, fix, value });
  if (props.selections.length === 0) {
    wrong('selections', 'No image is meant.', 'Give at least one selection.');
  }
  const { maxImages, maxPercent } = props;
  if (maxImages !== undefined && !Token.isUnresolved(maxImages) && !(Number.isInteger(maxImages) && maxImages >= 0)) {
    wrong('maxImages', `maxImages is ${maxImages}; it must be a whole number of images, 0 or more.`, 'Correct it.', maxImages);
  }
  if (maxPercent !== undefined && !Token.isUnresolved(maxPercent) && !(maxPercent >= 0 && maxPercent <= 100)) {
    wrong('maxPercent', `maxPercent is ${maxPercent}; it must be 0 to 100.`, 'Correct it; 100 turns the check off.', maxPercent);
  }
  const hash = (props.acknowledgedPlans ?? []).find((one) => !Token.isUnresolved(one) && !/^[0-9a-f]{16}$/.test(one));
  if (hash !== undefined) {
    wrong('acknowledgedPlans', `${JSON.stringify(hash)} is no hash of a plan: 16 hexadecimal digits.`, 'Copy the hash that the failed deployment prints.', hash);
  }
  return problems;
}

function checkReference(reference: string): Problem[] {
  if (Token.isUnresolved(reference) || isDigest(reference)) {
    return [];
  }
  try {
    parseReference(reference);
    return [];
  } catch {
    return [{
      code: 'DD-IMAGE-005', pointer: 'imagesInUse', value: reference,
      message: `${JSON.stringify(reference)} is no reference to an image.`, fix: 'Write the URI that a task definition or a function has, or a digest.',
    }];
  }
}
