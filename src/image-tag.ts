import { aws_ecr as ecr, CustomResource, RemovalPolicy, Resource, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { claim, throwProblems } from './construct-support';
import { Problem } from './errors';
import { IMAGE_TAG_TYPE } from './image-resources';
import { checkImageDigest, checkImageTag, imageTarget, targetProperties } from './image-support';
import { ImageProvider } from './provider/image-provider';
import { Refresh } from './refresh';

/** Properties of `ImageTag`. */
export interface ImageTagProps {
  /**
   * The repository of the image: any that exists when the construct is deployed. In another account its policy must allow what the role of the function calls;
   * without `ecr:ListTagsForResource`, `ecr:TagResource` and `ecr:UntagResource` a rollback cannot know what the tag stood for before.
   */
  readonly repository: ecr.IRepositoryRef;

  /** The tag that is put: `prod`. What it stood for before stays in the repository, untagged if this was its only tag. */
  readonly imageTag: string;

  /**
   * The image that gets the tag, by one of its other tags.
   *
   * @default - `sourceImageDigest` names the image
   */
  readonly sourceImageTag?: string;

  /**
   * The image that gets the tag, by its digest.
   *
   * @default - `sourceImageTag` names the image
   */
  readonly sourceImageDigest?: string;

  /**
   * The repository that the image is in, of the same region. What the repository of the tag does not have of the image is copied there first, with all platforms,
   * signatures and SBOMs. In another account, its policy must allow the pull.
   *
   * @default - `repository`
   */
  readonly sourceRepository?: ecr.IRepositoryRef;

  /**
   * The tag is moved only if it still stands for this digest, or with `none` only if nobody has it yet. Otherwise the deployment fails and nothing is changed.
   *
   * @default - the tag is moved whatever it stands for
   */
  readonly expectedDigest?: string;

  /**
   * When `sourceImageTag` is looked up again.
   *
   * @default Refresh.onChange()
   */
  readonly refresh?: Refresh;

  /**
   * What happens to the tag when the construct or the stack goes. DESTROY removes it if it still stands for the image that was put. A deployment that rolls
   * back always gives the tag back to the image that had it.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DESTROY removes the tag even if it is the image's last. ECR then deletes the image.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
   * @default false
   */
  readonly deleteLastTag?: boolean;
}

/**
 * A tag that stands for a certain image: promotion. The very same bytes get one more tag; within a repository nothing is moved. An index brings its platforms
 * with it.
 *
 * When the deployment rolls back, the tag stands again for the bytes that it stood for before, although the source tag may have moved meanwhile. Reading the
 * manifest counts as a pull of the image. `ImageCopy` brings images from other registries and regions, and takes longer than 15 minutes if it must.
 *
 * Errors at synth: DD-IMAGE-001 to -004, DD-REPOSITORY-006. Errors at deployment: DD-IMAGE-101 to -103, DD-IMAGE-2xx.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-retag.html
 *
 * @example
 * declare const repository: ecr.IRepository;
 * const promoted = new ImageTag(this, 'Promotion', {
 *   repository,
 *   imageTag: 'production',
 *   sourceImageTag: 'release-42',
 * });
 * new CfnOutput(this, 'RanBefore', { value: promoted.previousDigest });
 */
export class ImageTag extends Resource {
  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: ImageTagProps) {
    super(scope, id);
    throwProblems(this, 'the tag cannot be put', check(props));
    const target = imageTarget(this, props.repository);
    const source = props.sourceRepository && imageTarget(this, props.sourceRepository);
    throwProblems(this, 'the tag cannot be put', this.checkUnique(target.identity, props.imageTag));
    this.resource = ImageProvider.getOrCreate(this).resource(this, 'Resource', {
      resourceType: IMAGE_TAG_TYPE,
      places: { 'repository': target.permissionArn, 'source-repository': source?.permissionArn },
      situations: source ? ['other-repository'] : [],
      properties: {
        ...targetProperties(target),
        ImageTag: props.imageTag,
        SourceRepositoryName: source?.repositoryName,
        SourceRegistryId: source?.registryId,
        SourceImageTag: props.sourceImageTag,
        SourceImageDigest: props.sourceImageDigest,
        ExpectedDigest: props.expectedDigest,
        // The handler decides: CloudFormation itself could only leave a tag where a rollback should take it back.
        RemovalPolicy: props.removalPolicy === RemovalPolicy.DESTROY ? 'destroy' : 'retain',
        DeleteLastTag: props.deleteLastTag ?? false,
        Trigger: props.refresh?._render(),
      },
    });
  }

  /** Digest of the image that has the tag, for every property that takes a tag or a digest. */
  public get imageDigest(): string {
    // The beginning is there at synth: by it CDK tells a digest from a tag.
    return `sha256:${this.resource.getAttString('DigestHex')}`;
  }

  /** The image by its digest, as clients pull it. */
  public get imageUri(): string {
    return this.resource.getAttString('ImageUri');
  }

  /** Digest that the tag stood for before; empty when there was no such tag. */
  public get previousDigest(): string {
    return this.resource.getAttString('PreviousDigest');
  }

  private checkUnique(repository: string, tag: string): Problem[] {
    const other = Token.isUnresolved(tag) ? undefined : claim(this, `tag ${tag} of ${repository}`);
    return other === undefined ? [] : [{
      code: 'DD-IMAGE-004', pointer: 'imageTag', value: tag,
      message: `${other} puts the tag ${JSON.stringify(tag)} of the same repository.`,
      fix: 'Remove one of the two, or give it another tag.',
    }];
  }
}

function check(props: ImageTagProps): Problem[] {
  const problems = [
    ...checkImageTag('imageTag', props.imageTag),
    ...(props.sourceImageTag === undefined ? [] : checkImageTag('sourceImageTag', props.sourceImageTag)),
    ...(props.sourceImageDigest === undefined ? [] : checkImageDigest('sourceImageDigest', props.sourceImageDigest)),
    ...(props.expectedDigest === undefined || props.expectedDigest === 'none' ? [] : checkImageDigest('expectedDigest', props.expectedDigest)),
  ];
  const contradiction = (pointer: string, message: string, fix: string, value?: unknown) => problems.push({ code: 'DD-IMAGE-003', pointer, message, fix, value });
  if (props.sourceImageTag === undefined && props.sourceImageDigest === undefined) {
    contradiction('sourceImageTag', 'No image is given that gets the tag.', 'Give sourceImageTag or sourceImageDigest.');
  }
  if (props.sourceImageTag !== undefined && props.sourceImageDigest !== undefined) {
    contradiction('sourceImageTag', 'sourceImageTag and sourceImageDigest are both given.', 'Give one of them.', props.sourceImageTag);
  }
  if (props.sourceImageTag !== undefined && props.sourceImageTag === props.imageTag && props.sourceRepository === undefined && !Token.isUnresolved(props.imageTag)) {
    contradiction('sourceImageTag', `${JSON.stringify(props.imageTag)} is to stand for what it stands for.`, 'Give another tag, or the digest of the image.', props.sourceImageTag);
  }
  if (props.deleteLastTag && props.removalPolicy !== RemovalPolicy.DESTROY) {
    contradiction('deleteLastTag', 'deleteLastTag says how the tag is removed, and it is retained.', 'Set removalPolicy: RemovalPolicy.DESTROY, or leave deleteLastTag out.', true);
  }
  if (props.removalPolicy === RemovalPolicy.SNAPSHOT) {
    contradiction('removalPolicy', 'A tag has no snapshots.', 'Use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY.', props.removalPolicy);
  }
  return problems;
}
