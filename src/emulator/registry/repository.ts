import { ImageRecord, PreviewRecord, RepositoryRecord } from './records';

/** Read access to one repository. */
export interface RepositoryView {
  readonly record: RepositoryRecord;
  readonly preview: PreviewRecord | undefined;
  /** In the order in which they came. */
  readonly images: ReadonlyMap<string, ImageRecord>;
  /** Digests of images that are being restored. */
  readonly activating: ReadonlySet<string>;
  /** All digests in ascending order: the order of listings, which is not the order of pushes, on purpose. */
  sortedDigests(): readonly string[];
  tagged(imageTag: string): ImageRecord | undefined;
  /** Indexes in this repository that list the digest. */
  parentsOf(imageDigest: string): readonly string[];
  /** Images in this repository whose subject the digest is. */
  referrersOf(imageDigest: string): readonly string[];
  /** Bytes of the manifest as they were pushed; absent for an image that is known from a seed only. */
  manifestOf(imageDigest: string): string | undefined;
}

export class Repository implements RepositoryView {
  public preview: PreviewRecord | undefined;
  public readonly images = new Map<string, ImageRecord>();
  public readonly activating = new Set<string>();
  private readonly tags = new Map<string, string>();
  private readonly parents = new Map<string, Set<string>>();
  private readonly referrers = new Map<string, Set<string>>();
  private readonly manifests = new Map<string, string>();
  private digests: string[] | undefined;

  constructor(public record: RepositoryRecord) {}

  public sortedDigests(): readonly string[] {
    this.digests ??= [...this.images.keys()].sort();
    return this.digests;
  }

  public tagged(imageTag: string): ImageRecord | undefined {
    const digest = this.tags.get(imageTag);
    return digest === undefined ? undefined : this.images.get(digest);
  }

  public parentsOf(imageDigest: string): readonly string[] {
    return [...this.parents.get(imageDigest) ?? []];
  }

  public referrersOf(imageDigest: string): readonly string[] {
    return [...this.referrers.get(imageDigest) ?? []].sort();
  }

  public manifestOf(imageDigest: string): string | undefined {
    return this.manifests.get(imageDigest);
  }

  public putImage(image: ImageRecord): void {
    const earlier = this.images.get(image.imageDigest);
    if (earlier) {
      this.unlink(earlier);
    } else {
      this.digests = undefined;
    }
    this.images.set(image.imageDigest, image);
    image.imageTags.forEach((tag) => this.tags.set(tag, image.imageDigest));
    image.children?.forEach((child) => addTo(this.parents, child, image.imageDigest));
    if (image.subjectManifestDigest !== undefined) {
      addTo(this.referrers, image.subjectManifestDigest, image.imageDigest);
    }
    if (image.imageStatus === 'ACTIVATING') {
      this.activating.add(image.imageDigest);
    }
  }

  public deleteImage(imageDigest: string): void {
    const image = this.images.get(imageDigest);
    if (image) {
      this.unlink(image);
      this.images.delete(imageDigest);
      this.manifests.delete(imageDigest);
      this.digests = undefined;
    }
  }

  public putManifest(imageDigest: string, manifest: string): void {
    this.manifests.set(imageDigest, manifest);
  }

  private unlink(image: ImageRecord): void {
    for (const tag of image.imageTags) {
      // A tag that has moved on belongs to another image by now.
      if (this.tags.get(tag) === image.imageDigest) {
        this.tags.delete(tag);
      }
    }
    image.children?.forEach((child) => removeFrom(this.parents, child, image.imageDigest));
    if (image.subjectManifestDigest !== undefined) {
      removeFrom(this.referrers, image.subjectManifestDigest, image.imageDigest);
    }
    this.activating.delete(image.imageDigest);
  }
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  if (values) {
    values.add(value);
  } else {
    map.set(key, new Set([value]));
  }
}

function removeFrom(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  if (values?.delete(value) && values.size === 0) {
    map.delete(key);
  }
}
