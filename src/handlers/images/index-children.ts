import { ImageData } from '../../ecr/images-data';
import { RepositoryAddress } from '../../ecr/registry';
import { isIndex } from '../../images/cleanup/graph';
import { parseManifest } from '../../images/manifest';
import { MANIFEST_TYPES } from '../../images/media-types';
import type { ImageDetail } from '../../lifecycle/model';
import { batches } from '../../lists';
import { Run } from '../run';

/** Manifests may have four megabytes each. */
const AT_ONCE = 20;

/** What indexes list. Read by BatchGetImage: ECR counts it as a pull, unless the role of the function is excluded from that. */
export class IndexChildren {
  public readonly known = new Map<string, readonly string[]>();

  constructor(private readonly run: Run, private readonly address: RepositoryAddress) {}

  /** An index whose manifest is not given (it is archived) is taken to list nothing: ECR then decides about its images. */
  public async read(digests: readonly string[]): Promise<void> {
    const data = new ImageData(this.run.connection, this.run.budget, this.address);
    const unread = digests.filter((digest) => !this.known.has(digest));
    for (const some of batches(unread, AT_ONCE)) {
      const { images, failures } = await data.getImages(some.map((imageDigest) => ({ imageDigest })), MANIFEST_TYPES);
      for (const { imageDigest, imageManifest, imageManifestMediaType } of images) {
        this.known.set(imageDigest, childrenOf(imageManifest, imageManifestMediaType, imageDigest));
      }
      for (const { imageId, failureCode, failureReason } of failures) {
        this.run.log.warn('The manifest of an index cannot be read, so its images stay unless they are meant themselves.', {
          repositoryName: this.address.repositoryName, imageDigest: imageId.imageDigest, code: failureCode, reason: failureReason,
        });
      }
      some.filter((digest) => !this.known.has(digest)).forEach((digest) => this.known.set(digest, []));
    }
  }

  public readAll(images: readonly ImageDetail[]): Promise<void> {
    return this.read(images.filter(isIndex).map(({ imageDigest }) => imageDigest));
  }
}

function childrenOf(text: string, mediaType: string | undefined, digest: string): string[] {
  const manifest = parseManifest(text, mediaType, digest);
  return manifest.kind === 'index' ? manifest.manifests.map((child) => child.digest) : [];
}
