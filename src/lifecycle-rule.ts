import { aws_ecr as ecr, Duration } from 'aws-cdk-lib';

/** What a lifecycle rule does with an image that is past its limit. */
export enum LifecycleAction {
  /** Delete the image with all its tags. Cannot be undone. */
  EXPIRE = 'expire',
  /**
   * Move the image to the archive storage class: cheaper, but it can no longer be pulled until it is restored (up to about 20 minutes),
   * and at least 90 days are billed.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html
   */
  ARCHIVE = 'transition',
}

/** The storage class a lifecycle rule selects images of. */
export enum ImageStorageClass {
  /** Images that can be pulled. */
  STANDARD = 'standard',
  /** Archived images. */
  ARCHIVE = 'archive',
}

/**
 * One rule of a lifecycle policy.
 *
 * Rules are read from the lowest `rulePriority` up. An image belongs to the first rule that selects it, whether or not that rule acts on it; later
 * rules never touch it. Give exactly one of `maxImageCount`, `maxImageAge`, `maxTimeSinceLastPull`, `maxTimeInArchive` and `protect`.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
export interface LifecycleRule {
  /**
   * Place of the rule; a lower number is a higher priority. Unique in the policy.
   *
   * @default - one more than the rule before it (from 1 on): reading order
   */
  readonly rulePriority?: number;

  /**
   * What the rule is for; shown in the console and in every preview.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * Which images the rule selects by tag.
   *
   * @default - TAGGED when a list of tags is given, otherwise ANY
   */
  readonly tagStatus?: ecr.TagStatus;

  /**
   * Patterns of tags, at most four `*` in each. **An image must match every entry**, with one or several of its tags: `['prod*', 'staging*']`
   * selects images that have both. Only with `tagStatus` TAGGED; not together with `tagPrefixList`.
   *
   * @default - no patterns
   */
  readonly tagPatternList?: string[];

  /**
   * Beginnings of tags; `*` is an ordinary character here. **An image must match every entry.** Only with `tagStatus` TAGGED; not
   * together with `tagPatternList`.
   *
   * @default - no prefixes
   */
  readonly tagPrefixList?: string[];

  /**
   * Which storage class the rule selects images of. Rules of different classes do not shield images from each other.
   *
   * @default ImageStorageClass.STANDARD, with `maxTimeInArchive` ImageStorageClass.ARCHIVE
   */
  readonly storageClass?: ImageStorageClass;

  /**
   * How many of the selected images stay, youngest by push time first; all others are acted on. Images that belong to earlier rules are counted too.
   *
   * @default - the number of images does not matter
   */
  readonly maxImageCount?: number;

  /**
   * Images pushed longer ago are acted on. Whole days, from 1 on.
   *
   * @default - the age does not matter
   */
  readonly maxImageAge?: Duration;

  /**
   * Images that were pulled longer ago (if never, pushed longer ago) are archived. Whole days, from 1 on. Cannot expire images.
   *
   * @default - the last pull does not matter
   */
  readonly maxTimeSinceLastPull?: Duration;

  /**
   * Images that were archived longer ago expire. Whole days, from 90 on.
   *
   * @default - the time in the archive does not matter
   */
  readonly maxTimeInArchive?: Duration;

  /**
   * The selected images are never acted on, neither by this rule nor by any later one. Written as a rule that keeps 1,000,000 images (a repository
   * holds 100,000 unless the quota was raised), in the archive as one that keeps them 10,000 days. Takes no `action`.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
   * @default false
   */
  readonly protect?: boolean;

  /**
   * What happens to an image past the limit.
   *
   * @default LifecycleAction.EXPIRE, with `maxTimeSinceLastPull` LifecycleAction.ARCHIVE
   */
  readonly action?: LifecycleAction;
}
