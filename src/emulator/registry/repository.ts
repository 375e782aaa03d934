import { ImageRecord, LayerRecord, PreviewRecord, RepositoryRecord, UploadRecord } from './records';
import { Descriptor, parseManifest } from '../manifest';

/** Read access to one repository. */
export interface RepositoryView {
  readonly record: RepositoryRecord;
  readonly preview: PreviewRecord | undefined;
  /** In the order in which they came. */
  readonly images: ReadonlyMap<string, ImageRecord>;
  /** Digests of images that are being restored. */
  readonly activating: ReadonlySet<string>;
  /** Layers and configs that were uploaded, by digest. */
  readonly layers: ReadonlyMap<string, LayerRecord>;
  /** Uploads that are not complete, by id. */
  readonly uploads: ReadonlyMap<string, UploadRecord>;
  /** Layers that no image lists. */
  readonly unreferencedLayers: ReadonlySet<string>;
  /** All digests in ascending order: the order of listings, which is not the order of pushes, on purpose. */
  sortedDigests(): readonly string[];
  tagged(imageTag: string): ImageRecord | undefined;
  /** Indexes in this repository that list the digest. */
  parentsOf(imageDigest: string): readonly string[];
  /** Images in this repository whose subject the digest is. */
  referrersOf(imageDigest: string): readonly string[];
  /** Bytes of the manifest as they were pushed; absent for an image that is known from a seed only. */
  manifestOf(imageDigest: string): string | undefined;
  /** Images that list the layer, and what they say it is. */
  usersOf(layerDigest: string): ReadonlyMap<string, Descriptor>;
}

export class Repository implements RepositoryView {
  public preview: PreviewRecord | undefined;
  public readonly images = new Map<string, ImageRecord>();
  public readonly activating = new Set<string>();
  private readonly tags = new Map<string, string>();
  private readonly parents = new Map<string, Set<string>>();
  private readonly referrers = new Map<string, Set<string>>();
  public readonly layers = new Map<string, LayerRecord>();
  public readonly uploads = new Map<string, UploadRecord>();
  public readonly unreferencedLayers = new Set<string>();
  private readonly manifests = new Map<string, string>();
  private readonly content = new Map<string, readonly Descriptor[]>();
  private readonly layerUsers = new Map<string, Map<string, Descriptor>>();
  private digests: string[] | undefined;

  constructor(public record: RepositoryRecord) {}

  /** The repository as it is now, whatever becomes of it. */
  public copy(): Repository {
    const copy = new Repository(this.record);
    copy.preview = this.preview;
    this.images.forEach((image, digest) => copy.images.set(digest, image));
    this.activating.forEach((digest) => copy.activating.add(digest));
    this.tags.forEach((digest, tag) => copy.tags.set(tag, digest));
    this.parents.forEach((digests, child) => copy.parents.set(child, new Set(digests)));
    this.referrers.forEach((digests, subject) => copy.referrers.set(subject, new Set(digests)));
    this.layers.forEach((layer, digest) => copy.layers.set(digest, layer));
    this.uploads.forEach((upload, uploadId) => copy.uploads.set(uploadId, upload));
    this.unreferencedLayers.forEach((digest) => copy.unreferencedLayers.add(digest));
    this.manifests.forEach((manifest, digest) => copy.manifests.set(digest, manifest));
    this.content.forEach((blobs, digest) => copy.content.set(digest, blobs));
    this.layerUsers.forEach((users, digest) => copy.layerUsers.set(digest, new Map(users)));
    return copy;
  }

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
      this.content.get(imageDigest)?.forEach(({ digest }) => this.removeUser(digest, imageDigest));
      this.content.delete(imageDigest);
      this.digests = undefined;
    }
  }

  public putManifest(imageDigest: string, manifest: string): void {
    this.manifests.set(imageDigest, manifest);
    const blobs = blobsIn(manifest, this.images.get(imageDigest)?.imageManifestMediaType);
    this.content.set(imageDigest, blobs);
    for (const blob of blobs) {
      const users = this.layerUsers.get(blob.digest);
      if (users) {
        users.set(imageDigest, blob);
      } else {
        this.layerUsers.set(blob.digest, new Map([[imageDigest, blob]]));
      }
      this.unreferencedLayers.delete(blob.digest);
    }
  }

  /** Config and layers that an image lists, as far as its manifest is known. */
  public layersOf(imageDigest: string): readonly Descriptor[] {
    return this.content.get(imageDigest) ?? [];
  }

  public usersOf(layerDigest: string): ReadonlyMap<string, Descriptor> {
    return this.layerUsers.get(layerDigest) ?? new Map<string, Descriptor>();
  }

  public putLayer(layer: LayerRecord): void {
    this.layers.set(layer.layerDigest, layer);
    if (!this.layerUsers.has(layer.layerDigest)) {
      this.unreferencedLayers.add(layer.layerDigest);
    }
  }

  public deleteLayer(layerDigest: string): void {
    this.layers.delete(layerDigest);
    this.unreferencedLayers.delete(layerDigest);
  }

  private removeUser(layerDigest: string, imageDigest: string): void {
    const users = this.layerUsers.get(layerDigest);
    if (users?.delete(imageDigest) && users.size === 0) {
      this.layerUsers.delete(layerDigest);
      if (this.layers.has(layerDigest)) {
        this.unreferencedLayers.add(layerDigest);
      }
    }
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

/** What a manifest lists. One that an earlier version stored under another type than its own lists nothing. */
function blobsIn(manifest: string, mediaType: string | undefined): readonly Descriptor[] {
  try {
    return parseManifest(manifest, mediaType).blobs;
  } catch {
    return [];
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
