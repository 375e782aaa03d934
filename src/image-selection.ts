import { Duration, Token } from 'aws-cdk-lib';
import { Problem } from './errors';
import { ImageSelectionProperty } from './image-resources';
import { checkImageDigest } from './image-support';

/** Options of `ImageSelection.untagged`. */
export interface UntaggedOptions {
  /**
   * Only images that were pushed longer ago, in whole days. A build that is still pushing has untagged images for a while.
   *
   * @default Duration.days(1)
   */
  readonly olderThan?: Duration;
}

/** Options of `ImageSelection.tagsMatching`. */
export interface TagsMatchingOptions {
  /**
   * Only images that were pushed longer ago, in whole days.
   *
   * @default - however young they are
   */
  readonly olderThan?: Duration;

  /**
   * So many of the youngest that have a matching tag stay.
   *
   * @default 0
   */
  readonly keepLatest?: number;
}

/**
 * Which images an `ImageCleanup` means.
 *
 * @example
 * const oldBuilds = ImageSelection.tagsMatching(['pr-*', 'build-*'], {
 *   olderThan: Duration.days(30),
 *   keepLatest: 20,
 * });
 */
export class ImageSelection {
  /**
   * Images without a tag. Signatures, SBOMs and attestations are not meant: they go with the image that they are about. Platforms of an index are held by it and
   * stay while it stays.
   *
   * @param options which of them
   */
  public static untagged(options: UntaggedOptions = {}): ImageSelection {
    return new ImageSelection({ Kind: 'untagged', OlderThanDays: (options.olderThan ?? Duration.days(1)).toDays({ integral: false }) });
  }

  /**
   * Images all of whose tags match one of the patterns: `pr-*`. An image that has another tag, too, stays. The platforms of an index go with it, and so do
   * signatures, SBOMs and attestations.
   *
   * @param patterns `*` stands for any run of characters, and the whole tag must match
   * @param options which of them
   */
  public static tagsMatching(patterns: string[], options: TagsMatchingOptions = {}): ImageSelection {
    return new ImageSelection({
      Kind: 'tagged', TagPatterns: patterns, OlderThanDays: options.olderThan?.toDays({ integral: false }), KeepLatest: options.keepLatest,
    });
  }

  /**
   * These images, with all of their tags. One that is not in the repository is nothing to worry about.
   *
   * @param digests `sha256:` and 64 hexadecimal digits
   */
  public static digests(digests: string[]): ImageSelection {
    return new ImageSelection({ Kind: 'digests', Digests: digests });
  }

  private constructor(private readonly property: ImageSelectionProperty) {}

  /**
   * The property of the custom resource.
   * @internal
   */
  public _render(): ImageSelectionProperty {
    return this.property;
  }

  /**
   * What is wrong with it.
   * @internal
   */
  public _check(pointer: string): Problem[] {
    const { Kind, TagPatterns = [], Digests = [], OlderThanDays, KeepLatest } = this.property;
    const problems: Problem[] = Digests.flatMap((digest) => checkImageDigest(`${pointer}.digests`, digest));
    const wrong = (message: string, fix: string, value?: unknown) => problems.push({ code: 'DD-IMAGE-005', pointer, message, fix, value });
    if (Kind === 'tagged' && TagPatterns.length === 0) {
      wrong('No pattern is given, so no tag is meant.', 'Give at least one pattern; * means every tag.');
    }
    if (Kind === 'digests' && Digests.length === 0) {
      wrong('No digest is given.', 'Give at least one digest.');
    }
    const illegal = TagPatterns.find((pattern) => !Token.isUnresolved(pattern) && !/^[a-zA-Z0-9_.*-]{1,128}$/.test(pattern));
    if (illegal !== undefined) {
      wrong(`${JSON.stringify(illegal)} matches no tag: a pattern is 1 to 128 letters, digits, \`_\`, \`.\`, \`-\` and \`*\`.`, 'Correct the pattern.', illegal);
    }
    if (TagPatterns.some((pattern) => /^\*+$/.test(pattern)) && OlderThanDays === undefined && !KeepLatest) {
      wrong('Every tagged image is meant.', 'Say what stays with olderThan or keepLatest.', TagPatterns);
    }
    if (OlderThanDays !== undefined && !Token.isUnresolved(OlderThanDays) && !Number.isInteger(OlderThanDays)) {
      wrong(`olderThan is ${OlderThanDays} days; it must be a whole number of days.`, 'Give Duration.days(...).', OlderThanDays);
    }
    if (KeepLatest !== undefined && !Token.isUnresolved(KeepLatest) && !(Number.isInteger(KeepLatest) && Number(KeepLatest) >= 0)) {
      wrong(`keepLatest is ${KeepLatest}; it must be a whole number of images, 0 or more.`, 'Correct it.', KeepLatest);
    }
    return problems;
  }
}
