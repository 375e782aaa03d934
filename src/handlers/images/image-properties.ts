import { RepositoryAddress } from '../../ecr/registry';
import { isImageTag } from '../../image-resources';
import { isDigest } from '../../images/digest';
import { PropertyReader } from '../properties';
import { Run } from '../run';

/** Properties of images as CloudFormation sends them. */
export class ImagePropertyReader extends PropertyReader {
  constructor(private readonly run: Run, properties = run.event.ResourceProperties) {
    super(properties);
  }

  public repository(): RepositoryAddress {
    return this.address(this.run.home);
  }

  /** As clients write the repository; without the property (a template written by hand) it is made up. */
  public repositoryUri(address: RepositoryAddress): string {
    const { partition, region } = this.run.home;
    const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    return this.text('RepositoryUri') ?? `${this.run.registryIdOf(address)}.dkr.ecr.${region}.${suffix}/${address.repositoryName}`;
  }

  public imageTag(name: string): string | undefined {
    const tag = this.text(name);
    if (tag !== undefined && !isImageTag(tag)) {
      this.wrong(name, tag, 'must be 1 to 128 letters, digits, _ . - and begin with a letter, a digit or _');
    }
    return tag;
  }

  public imageDigest(name: string): string | undefined {
    const digest = this.text(name);
    if (digest !== undefined && !isDigest(digest)) {
      this.wrong(name, digest, 'must be sha256: and 64 lower-case hexadecimal digits');
    }
    return digest;
  }

  public required<T>(name: string, value: T | undefined, what: string): T | undefined {
    if (value === undefined && this.problems.every(({ pointer }) => pointer !== name)) {
      this.missing(name, what);
    }
    return value;
  }
}
