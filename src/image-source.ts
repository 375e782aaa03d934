import { aws_ecr as ecr, aws_ecr_assets as assets, aws_s3_assets as s3assets, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { throwProblems } from './construct-support';
import { isImageTag } from './image-resources';
import { isDigest } from './images/digest';
import { RegistryLogin, RegistryLoginConfig } from './registry-login';
import { OwnRepository } from './target';

/** Which image of a repository: give one of the two. */
export interface EcrImageOptions {
  /**
   * The tag. What it stands for is looked up at each deployment that copies.
   *
   * @default - `digest` is given
   */
  readonly tag?: string;

  /**
   * The digest (`sha256:` and 64 hexadecimal digits): always the same image.
   *
   * @default - `tag` is given
   */
  readonly digest?: string;
}

/** How an image is read from a registry. */
export interface RegistryImageOptions {
  /**
   * How the registry is logged in to.
   *
   * @default - anonymously
   */
  readonly credentials?: RegistryLogin;

  /**
   * Hosts of the same owner as the registry, by name: its token service, which then gets the credentials, and what is in a private network although the
   * registry is not. Hosts that share the registry's domain (`auth.docker.io`, `gitlab.com` for `registry.gitlab.com`) need not be named.
   *
   * @default - only hosts of the registry's own domain get the credentials
   */
  readonly trustedHosts?: string[];
}

/** What a copy needs to know of its source. @internal */
export interface ImageSourceConfig {
  /** Goes into the template as it is. */
  readonly property: Record<string, unknown>;
  readonly repositoryArn?: string;
  readonly objectArn?: string;
  readonly bucketKeyArn?: string;
  readonly login?: RegistryLoginConfig;
}


/**
 * Where an image is copied from.
 *
 * @example
 * declare const platform: ecr.IRepository;
 * const shared = ImageSource.fromEcr(platform, { tag: 'stable' });
 * const upstream = ImageSource.fromRegistry('docker.io/library/nginx:1.27', {
 *   credentials: RegistryLogin.fromSecret(secretsmanager.Secret.fromSecretNameV2(this, 'DockerHub', 'docker-hub')),
 * });
 */
export abstract class ImageSource {
  /**
   * An image in a repository of ECR: of this app or imported, of this or another account or Region.
   *
   * The function of images may then call `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer` on that
   * repository. A repository of another account must allow the same to the function's role, or to the account of the stack, in its repository policy.
   *
   * @param repository the repository
   * @param image which image of it
   */
  public static fromEcr(repository: ecr.IRepositoryRef, image: EcrImageOptions): ImageSource {
    return new EcrSource(repository, image);
  }

  /**
   * An image in any registry that speaks the OCI distribution protocol: Docker Hub, GitHub, Quay, a registry of your own that the function can reach.
   *
   * @param reference the whole reference, host included: `docker.io/library/nginx:1.27`, `ghcr.io/org/app@sha256:...`
   * @param options how to log in
   */
  public static fromRegistry(reference: string, options: RegistryImageOptions = {}): ImageSource {
    return new RegistrySource(reference, options);
  }

  /**
   * An image that `cdk deploy` builds and pushes to the assets repository: under a name and tags of your own.
   *
   * @param asset a `DockerImageAsset` or a `TarballImageAsset`
   */
  public static fromDockerImageAsset(asset: assets.DockerImageAsset): ImageSource {
    return new EcrSource(asset.repository, { tag: asset.imageTag });
  }

  /**
   * An OCI image layout as one uncompressed tar file, which `cdk deploy` uploads to S3. It is read in pieces and never unpacked.
   *
   * @param asset the file as an asset
   * @param referenceName which image, where the layout holds several (`org.opencontainers.image.ref.name`); the only one when absent
   */
  public static fromOciLayoutAsset(asset: s3assets.Asset, referenceName?: string): ImageSource {
    return new ObjectSource(asset, 'oci-layout', referenceName);
  }

  /**
   * What `docker save` writes, as one uncompressed tar file, which `cdk deploy` uploads to S3. It is read in pieces and never unpacked.
   *
   * @param asset the file as an asset
   * @param repositoryTag which image, where the archive holds several (`app:1.0`); the only one when absent
   */
  public static fromDockerArchiveAsset(asset: s3assets.Asset, repositoryTag?: string): ImageSource {
    return new ObjectSource(asset, 'docker-archive', repositoryTag);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): ImageSourceConfig;
}

function incomplete(scope: IConstruct, message: string, value: unknown, fix: string): void {
  throwProblems(scope, 'the source of the image is not complete', [{ code: 'DD-IMAGE-550', pointer: 'source', message, value, fix }]);
}

class EcrSource extends ImageSource {
  constructor(private readonly repository: ecr.IRepositoryRef, private readonly image: EcrImageOptions) {
    super();
  }

  public _bind(scope: IConstruct): ImageSourceConfig {
    const { tag, digest } = this.image;
    if ((tag === undefined) === (digest === undefined)) {
      incomplete(scope, `The image of the repository is given by ${tag === undefined ? 'neither tag nor digest' : 'both tag and digest'}.`, this.image, 'Give one of the two.');
    }
    if (tag !== undefined && !Token.isUnresolved(tag) && !isImageTag(tag)) {
      incomplete(scope, `${JSON.stringify(tag)} is not a tag.`, tag, 'A tag has 1 to 128 letters, digits and any of _ . - and begins with a letter, a digit or _.');
    }
    if (digest !== undefined && !Token.isUnresolved(digest) && !isDigest(digest)) {
      incomplete(scope, `${JSON.stringify(digest)} is not a digest.`, digest, 'Give sha256: and 64 hexadecimal digits in lower case.');
    }
    const stack = Stack.of(scope);
    const { account, region } = this.repository.env;
    const { repositoryName, repositoryArn } = this.repository.repositoryRef;
    const literal = (this.repository as Partial<OwnRepository>)._literal;
    return {
      property: {
        Type: 'ecr',
        RepositoryName: repositoryName,
        ...(account === stack.account ? {} : { RegistryId: account }),
        ...(region === stack.region ? {} : { Region: region }),
        ...(tag === undefined ? { ImageDigest: digest } : { ImageTag: tag }),
      },
      repositoryArn: literal?.repositoryArn ?? repositoryArn,
    };
  }
}

class RegistrySource extends ImageSource {
  constructor(private readonly reference: string, private readonly options: RegistryImageOptions) {
    super();
  }

  public _bind(scope: IConstruct): ImageSourceConfig {
    const login = this.options.credentials?._bind();
    const { trustedHosts = [] } = this.options;
    if (!Token.isUnresolved(this.reference)) {
      this.check(scope);
    }
    return {
      property: {
        Type: 'registry', Reference: this.reference,
        ...(login === undefined ? {} : { CredentialsSecretArn: login.secretArn }),
        ...(trustedHosts.length === 0 ? {} : { TrustedHosts: trustedHosts }),
      },
      ...(login === undefined ? {} : { login }),
    };
  }

  private check(scope: IConstruct): void {
    const wrong = this.options.trustedHosts?.find((one) => !Token.isUnresolved(one) && !/^[A-Za-z0-9.-]+$/.test(one));
    if (wrong !== undefined) {
      incomplete(scope, `${JSON.stringify(wrong)} is not the name of a host.`, wrong, 'Give trustedHosts without scheme, port and path: auth.example.com.');
    }
    const [host, ...path] = this.reference.split('/');
    const last = path.at(-1) ?? '';
    if (path.length === 0 || !/[.:]|^localhost$/.test(host) || /\s|:\/\//.test(this.reference) || host.includes('@')) {
      incomplete(scope, `${JSON.stringify(this.reference)} does not begin with the host of a registry.`, this.reference, 'Write it in full: docker.io/library/nginx:1.27.');
    }
    if (!last.includes(':') && !last.includes('@')) {
      incomplete(scope, `${JSON.stringify(this.reference)} names no tag and no digest.`, this.reference, 'Say which image: append :TAG or @sha256:DIGEST.');
    }
  }
}

class ObjectSource extends ImageSource {
  constructor(private readonly asset: s3assets.Asset, private readonly type: 'oci-layout' | 'docker-archive', private readonly chosen: string | undefined) {
    super();
  }

  public _bind(scope: IConstruct): ImageSourceConfig {
    if (this.asset.isZipArchive && !this.asset.isFile) {
      incomplete(scope, 'The asset is a directory, which is uploaded as a zip file.', this.asset.assetPath, 'Make one tar file of it (tar -cf image.tar -C DIRECTORY .) and give that to the asset.');
    }
    return {
      property: { Type: this.type, Bucket: this.asset.s3BucketName, Key: this.asset.s3ObjectKey, ...(this.chosen === undefined ? {} : { Image: this.chosen }) },
      objectArn: this.asset.bucket.arnForObjects(this.asset.s3ObjectKey),
      ...(this.asset.bucket.encryptionKey === undefined ? {} : { bucketKeyArn: this.asset.bucket.encryptionKey.keyArn }),
    };
  }
}
