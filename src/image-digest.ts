import { aws_ecr as ecr, CustomResource, Resource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { throwProblems } from './construct-support';
import { IMAGE_DIGEST_TYPE } from './image-resources';
import { checkImageTag, imageTarget, targetProperties } from './image-support';
import { ImageProvider } from './provider/image-provider';
import { Refresh } from './refresh';

/** Properties of `ImageDigest`. */
export interface ImageDigestProps {
  /** The repository: any that exists when the construct is deployed. In another account, its policy must allow `ecr:DescribeImages`. */
  readonly repository: ecr.IRepositoryRef;

  /** The tag that is looked up. The deployment fails when no image has it, or when the image is archived. */
  readonly imageTag: string;

  /**
   * When the tag is looked up again. With the default it stays pinned, whatever is pushed, until a property changes: give `Refresh.onChange` what changes
   * with a release.
   *
   * @default Refresh.onChange()
   */
  readonly refresh?: Refresh;
}

/**
 * The digest that a tag stands for when the stack is deployed, so that whatever runs the image is pinned to these bytes and is updated when the tag has moved.
 * A deployment that rolls back gives the digest of before, although the tag has moved meanwhile. Looking it up does not count as a pull.
 *
 * Errors at synth: DD-IMAGE-001, DD-REPOSITORY-006. Errors at deployment: DD-IMAGE-101, -102, DD-HANDLER-101.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
 *
 * @example
 * declare const repository: ecr.IRepository;
 * const pinned = new ImageDigest(this, 'Live', {
 *   repository,
 *   imageTag: 'live',
 *   refresh: Refresh.onChange('release-42'),
 * });
 * new lambda.DockerImageFunction(this, 'Thumbnails', {
 *   code: lambda.DockerImageCode.fromEcr(repository, { tagOrDigest: pinned.digest }),
 * });
 */
export class ImageDigest extends Resource {
  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: ImageDigestProps) {
    super(scope, id);
    throwProblems(this, 'the digest cannot be looked up', checkImageTag('imageTag', props.imageTag));
    const target = imageTarget(this, props.repository);
    this.resource = ImageProvider.getOrCreate(this).resource(this, 'Resource', {
      resourceType: IMAGE_DIGEST_TYPE,
      places: { repository: target.permissionArn },
      properties: {
        ...targetProperties(target),
        ImageTag: props.imageTag,
        Trigger: props.refresh?._render(),
      },
    });
  }

  /**
   * The digest, for every property that takes a tag or a digest: `DockerImageCode.fromEcr(repository, { tagOrDigest: pinned.digest })`,
   * `ContainerImage.fromEcrRepository(repository, pinned.digest)`.
   */
  public get digest(): string {
    // The beginning is there at synth: by it CDK tells a digest from a tag.
    return `sha256:${this.resource.getAttString('DigestHex')}`;
  }

  /** The image by its digest, as clients pull it: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@sha256:...`. */
  public get imageUri(): string {
    return this.resource.getAttString('ImageUri');
  }

  /** When the image was pushed, in ISO 8601. */
  public get imagePushedAt(): string {
    return this.resource.getAttString('ImagePushedAt');
  }

  /** The compressed size of the image in bytes, as text; of an index, that of its largest image. */
  public get imageSizeInBytes(): string {
    return this.resource.getAttString('ImageSizeInBytes');
  }

  /** The media type of the manifest: whether it is one image or an index of several platforms. Lambda takes no index. */
  public get imageManifestMediaType(): string {
    return this.resource.getAttString('ImageManifestMediaType');
  }
}
