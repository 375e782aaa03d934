import { aws_ecr as ecr, CustomResource, Duration, RemovalPolicy, Resource, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { claim, throwProblems } from './construct-support';
import { isDrydockError, Problem } from './errors';
import { IMAGE_COPY_TYPE } from './image-resources';
import { ImageSource } from './image-source';
import { checkImageTag, imageTarget, targetProperties } from './image-support';
import { parsePlatform } from './images/platform';
import { ImageProvider } from './provider/image-provider';
import { Refresh } from './refresh';
import { FUNCTION_TIMEOUT_SECONDS, SERVICE_TIMEOUT_SECONDS } from './resources';

/** Properties of `ImageCopy`. */
export interface ImageCopyProps {
  /** Where the image is copied from. */
  readonly source: ImageSource;

  /**
   * The repository that it is copied to: any that exists when the construct is deployed, in the Region of the stack. One of another account must allow in its
   * policy what the table of permissions says (docs/images.md).
   */
  readonly destination: ecr.IRepositoryRef;

  /**
   * The tags that the image gets: at least one. A tag that stands for another image is moved, unless it is immutable; that image stays, untagged if this
   * was its only tag.
   */
  readonly tags: string[];

  /**
   * The platforms that are copied of an image for several: `linux/amd64`, `linux/arm64`, `linux/arm/v7`. The index then names these only, so it has another
   * digest than at the source, and signatures of the whole do not come along.
   *
   * @default - all
   */
  readonly platforms?: string[];

  /**
   * Whether what belongs to the image comes along: signatures, SBOMs, provenance and whatever else refers to it.
   *
   * @default true
   */
  readonly referrers?: boolean;

  /**
   * When the source is looked at again. By default it is copied once, whatever its tag comes to stand for, until a property changes.
   *
   * @default Refresh.onChange()
   */
  readonly refresh?: Refresh;

  /**
   * What happens to the image when the construct or the stack goes. DESTROY removes what was put, but for what something else uses: an image with another tag,
   * or in an index that stays. A deployment that rolls back always removes what it has put, and moves tags back.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How long the copy may take: 1 minute to 1 hour, for which CloudFormation waits at most. More than 15 minutes, the longest that one invocation
   * can take, make a state machine in the stack (AWS Step Functions), which calls the function again and again.
   *
   * @default Duration.minutes(15), or Duration.hours(1) with `longRunning`
   */
  readonly timeout?: Duration;

  /**
   * Whether the copy may go on in further invocations, by a state machine.
   *
   * @default - whether `timeout` is more than 15 minutes
   */
  readonly longRunning?: boolean;
}

/**
 * An image of elsewhere, under tags of a repository: of another repository or account, of any OCI registry, built by `cdk deploy`, or from a file. Every
 * platform and every signature comes along; bytes are verified against their digests; layers that are there already are not moved. Tags are put last, so no
 * tag ever stands for half an image.
 *
 * Pin to the digest what runs the image: `imageDigest`, `imageUri`.
 *
 * When the deployment rolls back, the tags stand again for what they stood for before. In the repository's tags (`cdk-drydock:tag-...`) is noted what that was.
 *
 * Errors at synth: DD-IMAGE-001, DD-IMAGE-004, DD-IMAGE-550 to -554, DD-REPOSITORY-006. Errors at deployment: DD-COPY-0xx, DD-IMAGE-201, DD-IMAGE-501 to -505.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push.html
 *
 * @example
 * declare const repository: ecr.IRepository;
 * declare const taskDefinition: ecs.FargateTaskDefinition;
 * const copy = new ImageCopy(this, 'Nginx', {
 *   source: ImageSource.fromRegistry('docker.io/library/nginx:1.27'),
 *   destination: repository,
 *   tags: ['nginx-1.27'],
 * });
 * taskDefinition.addContainer('Web', {
 *   image: ecs.ContainerImage.fromEcrRepository(repository, copy.imageDigest),
 * });
 */
export class ImageCopy extends Resource {
  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: ImageCopyProps) {
    super(scope, id);
    throwProblems(this, 'the image cannot be copied', check(props));
    const target = imageTarget(this, props.destination);
    throwProblems(this, 'the image cannot be copied', this.checkUnique(target.identity, props.tags));
    const source = props.source._bind(this);
    const isLong = props.longRunning ?? (props.timeout !== undefined && props.timeout.toSeconds() > FUNCTION_TIMEOUT_SECONDS);
    const seconds = props.timeout?.toSeconds() ?? (isLong ? 3_600 : FUNCTION_TIMEOUT_SECONDS);
    const provider = ImageProvider.getOrCreate(this);
    const stateMachine = isLong ? provider.copyWorkflow() : undefined;
    this.resource = provider.resource(this, 'Resource', {
      resourceType: IMAGE_COPY_TYPE,
      places: {
        'repository': target.permissionArn,
        'source-repository': source.repositoryArn,
        'object': source.objectArn,
        'secret': source.login?.permissionArn,
        'key': source.login?.keyArn ?? source.bucketKeyArn,
        'state-machine': stateMachine,
      },
      serviceTimeoutSeconds: isLong ? seconds : SERVICE_TIMEOUT_SECONDS,
      properties: {
        ...targetProperties(target),
        Source: source.property,
        ImageTags: props.tags,
        Platforms: props.platforms,
        Referrers: props.referrers ?? true,
        // The handler decides: CloudFormation itself could only leave an image where a rollback should take it back.
        RemovalPolicy: props.removalPolicy === RemovalPolicy.DESTROY ? 'destroy' : 'retain',
        TimeoutSeconds: seconds,
        StateMachineArn: stateMachine,
        Trigger: props.refresh?._render(),
      },
    });
  }

  /** Digest of what was copied, for every property that takes a tag or a digest. With chosen `platforms` it is that of the index made of them. */
  public get imageDigest(): string {
    // The beginning is there at synth: by it CDK tells a digest from a tag.
    return `sha256:${this.resource.getAttString('DigestHex')}`;
  }

  /** The image by its digest, as clients pull it: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@sha256:...`. */
  public get imageUri(): string {
    return this.resource.getAttString('ImageUri');
  }

  /** The image by its first tag. What pulls it gets whatever the tag stands for then; it is not pulled before it was copied. */
  public get imageTagUri(): string {
    return this.resource.getAttString('ImageTagUri');
  }

  /** The compressed size in bytes, as text; of an index, that of its largest image. */
  public get imageSizeInBytes(): string {
    return this.resource.getAttString('ImageSizeInBytes');
  }

  /** The media type of the manifest: whether it is one image or an index of several platforms. Lambda takes no index. */
  public get imageManifestMediaType(): string {
    return this.resource.getAttString('ImageManifestMediaType');
  }

  /** Digest at the source, which signatures are for; empty after a deployment that rolled back. */
  public get sourceDigest(): string {
    return this.resource.getAttString('SourceDigest');
  }

  /** Bytes of layers that the deployment moved, as text: 0 when everything was there already. */
  public get movedBytes(): string {
    return this.resource.getAttString('MovedBytes');
  }

  /** Two constructs that put the same tag would move it away from each other at every deployment. */
  private checkUnique(repository: string, tags: readonly string[]): Problem[] {
    return tags.filter((tag) => !Token.isUnresolved(tag)).flatMap((tag) => {
      const other = claim(this, `tag ${tag} of ${repository}`);
      return other === undefined ? [] : [{
        code: 'DD-IMAGE-004', pointer: 'tags', value: tag,
        message: `${other} puts the tag ${JSON.stringify(tag)} of the same repository.`,
        fix: 'Remove one of the two, or give it another tag.',
      }];
    });
  }
}

function check({ tags, platforms = [], timeout, longRunning, removalPolicy }: ImageCopyProps): Problem[] {
  const problems: Problem[] = tags.flatMap((tag) => checkImageTag('tags', tag));
  const add = (code: string, pointer: string, value: unknown, message: string, fix: string) => problems.push({ code, pointer, value, message, fix });
  if (tags.length === 0 || new Set(tags).size < tags.length) {
    add('DD-IMAGE-551', 'tags', tags, tags.length === 0 ? 'The copy gets no tag.' : 'A tag is given twice.', 'Give at least one tag, and each once.');
  }
  const seconds = timeout === undefined || timeout.isUnresolved() ? undefined : timeout.toMilliseconds() / 1_000;
  if (seconds !== undefined && (seconds < 60 || seconds > 3_600 || !Number.isInteger(seconds))) {
    add('DD-IMAGE-552', 'timeout', timeout?.toHumanString(), `CloudFormation waits an hour at most, and ${timeout?.toHumanString()} is not from 1 minute to 1 hour.`,
      'Take 1 minute to 1 hour; what takes longer is copied with `drydock copy` before.');
  }
  if (longRunning === false && seconds !== undefined && seconds > FUNCTION_TIMEOUT_SECONDS) {
    add('DD-IMAGE-552', 'timeout', timeout?.toHumanString(), `One invocation takes 15 minutes at most, and the copy has ${timeout?.toHumanString()} without being longRunning.`,
      'Leave longRunning out, or take up to 15 minutes.');
  }
  if (removalPolicy === RemovalPolicy.SNAPSHOT) {
    add('DD-IMAGE-553', 'removalPolicy', removalPolicy, 'An image has no snapshots.', 'Use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY.');
  }
  for (const platform of platforms.filter((one) => !Token.isUnresolved(one))) {
    try {
      parsePlatform(platform);
    } catch (error) {
      const [found] = isDrydockError(error) ? error.problems : [];
      add('DD-IMAGE-554', 'platforms', platform, found.message, found.fix ?? 'Write linux/amd64.');
    }
  }
  return problems;
}
