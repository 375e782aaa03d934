import { Change, ImageRecord, LayerRecord, RepositoryRecord } from './records';
import { Repository, RepositoryView } from './repository';

export interface RegistryIdentity {
  readonly accountId: string;
  readonly region: string;
}

/** Read access to everything the emulator remembers. */
export interface RegistryView extends RegistryIdentity {
  /** Principals whose pulls leave pull times alone, and since when. */
  readonly pullTimeExclusions: ReadonlyMap<string, number>;
  /** In ascending order of their names. */
  repositories(): readonly RepositoryView[];
  repository(repositoryName: string): RepositoryView | undefined;
}

/** The state of one account in one Region. Every alteration is a `Change`, so that a journal of changes is the whole truth. */
export class Registry implements RegistryView {
  public readonly accountId: string;
  public readonly region: string;
  public readonly pullTimeExclusions = new Map<string, number>();
  private readonly byName = new Map<string, Repository>();
  private sorted: readonly Repository[] | undefined;
  private pending: Change[] = [];
  /** In how many repositories a blob is. */
  private readonly blobUses = new Map<string, number>();
  private freedBlobs = new Set<string>();
  private endedUploads: string[] = [];

  constructor(identity: RegistryIdentity) {
    this.accountId = identity.accountId;
    this.region = identity.region;
  }

  public repositories(): readonly Repository[] {
    this.sorted ??= [...this.byName.values()].sort((a, b) => (a.record.repositoryName < b.record.repositoryName ? -1 : 1));
    return this.sorted;
  }

  public get size(): number {
    return this.byName.size;
  }

  public repository(repositoryName: string): Repository | undefined {
    return this.byName.get(repositoryName);
  }

  /** Makes a change and remembers it for the journal. */
  public commit(change: Change): void {
    this.replay(change);
    this.pending.push(change);
  }

  public putRecord(record: RepositoryRecord): void {
    this.commit({ kind: 'repository', record });
  }

  public putImage(repository: RepositoryView, image: ImageRecord): void {
    this.commit({ kind: 'image', repositoryName: repository.record.repositoryName, image });
  }

  /** An image takes the layers with it that no other image of the repository lists. */
  public deleteImage(repository: Repository, imageDigest: string): void {
    const { repositoryName } = repository.record;
    const layers = repository.layersOf(imageDigest);
    this.commit({ kind: 'image-deleted', repositoryName, imageDigest });
    for (const { digest } of layers) {
      if (repository.unreferencedLayers.has(digest)) {
        this.commit({ kind: 'layer-deleted', repositoryName, layerDigest: digest });
      }
    }
  }

  public hasBlob(digest: string): boolean {
    return this.blobUses.has(digest);
  }

  /** Blobs that no repository has any more, and uploads that are over, since the last call. */
  public takeFreed(): { readonly blobs: readonly string[]; readonly uploads: readonly string[] } {
    const freed = { blobs: [...this.freedBlobs].filter((digest) => !this.hasBlob(digest)), uploads: this.endedUploads };
    this.freedBlobs = new Set();
    this.endedUploads = [];
    return freed;
  }

  /** The changes since the last call. */
  public takePending(): readonly Change[] {
    const changes = this.pending;
    this.pending = [];
    return changes;
  }

  /** Makes a change that the journal already holds. */
  public replay(change: Change): void {
    switch (change.kind) {
      case 'repository': {
        const existing = this.byName.get(change.record.repositoryName);
        if (existing) {
          existing.record = change.record;
        } else {
          this.byName.set(change.record.repositoryName, new Repository(change.record));
          this.sorted = undefined;
        }
        break;
      }
      case 'repository-deleted': {
        const deleted = this.byName.get(change.repositoryName);
        deleted?.layers.forEach(({ layerDigest }) => this.releaseBlob(layerDigest));
        this.endedUploads.push(...deleted?.uploads.keys() ?? []);
        this.byName.delete(change.repositoryName);
        this.sorted = undefined;
        break;
      }
      case 'image':
        this.mustHave(change.repositoryName).putImage(change.image);
        break;
      case 'image-deleted':
        this.mustHave(change.repositoryName).deleteImage(change.imageDigest);
        break;
      case 'manifest':
        this.mustHave(change.repositoryName).putManifest(change.imageDigest, change.manifest);
        break;
      case 'layer':
        this.addLayer(this.mustHave(change.repositoryName), change.layer);
        break;
      case 'layer-deleted':
        if (this.mustHave(change.repositoryName).layers.has(change.layerDigest)) {
          this.mustHave(change.repositoryName).deleteLayer(change.layerDigest);
          this.releaseBlob(change.layerDigest);
        }
        break;
      case 'upload':
        this.mustHave(change.repositoryName).uploads.set(change.upload.uploadId, change.upload);
        break;
      case 'upload-ended':
        this.mustHave(change.repositoryName).uploads.delete(change.uploadId);
        this.endedUploads.push(change.uploadId);
        break;
      case 'pull-time-exclusion':
        if (change.createdAt === undefined) {
          this.pullTimeExclusions.delete(change.principalArn);
        } else {
          this.pullTimeExclusions.set(change.principalArn, change.createdAt);
        }
        break;
      case 'preview':
        this.mustHave(change.repositoryName).preview = change.preview;
        break;
      default:
    }
  }

  private addLayer(repository: Repository, layer: LayerRecord): void {
    if (!repository.layers.has(layer.layerDigest)) {
      this.blobUses.set(layer.layerDigest, (this.blobUses.get(layer.layerDigest) ?? 0) + 1);
    }
    repository.putLayer(layer);
  }

  private releaseBlob(digest: string): void {
    const uses = (this.blobUses.get(digest) ?? 0) - 1;
    if (uses > 0) {
      this.blobUses.set(digest, uses);
    } else {
      this.blobUses.delete(digest);
      this.freedBlobs.add(digest);
    }
  }

  private mustHave(repositoryName: string): Repository {
    const repository = this.byName.get(repositoryName);
    if (!repository) {
      throw new Error(`A change names the repository ${repositoryName}, which does not exist`);
    }
    return repository;
  }
}

/** The registry as a list of changes that makes it again. */
export function* snapshot(registry: RegistryView): Iterable<Change> {
  for (const [principalArn, createdAt] of registry.pullTimeExclusions) {
    yield { kind: 'pull-time-exclusion', principalArn, createdAt };
  }
  for (const repository of registry.repositories()) {
    const { repositoryName } = repository.record;
    yield { kind: 'repository', record: repository.record };
    for (const layer of repository.layers.values()) {
      yield { kind: 'layer', repositoryName, layer };
    }
    for (const upload of repository.uploads.values()) {
      yield { kind: 'upload', repositoryName, upload };
    }
    for (const image of repository.images.values()) {
      yield { kind: 'image', repositoryName, image };
      const manifest = repository.manifestOf(image.imageDigest);
      if (manifest !== undefined) {
        yield { kind: 'manifest', repositoryName, imageDigest: image.imageDigest, manifest };
      }
    }
    if (repository.preview) {
      yield { kind: 'preview', repositoryName, preview: repository.preview };
    }
  }
}

export function partitionOf(region: string): 'aws' | 'aws-cn' | 'aws-us-gov' {
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

export function repositoryArn({ accountId, region }: RegistryIdentity, repositoryName: string): string {
  return `arn:${partitionOf(region)}:ecr:${region}:${accountId}:repository/${repositoryName}`;
}

export function registryHost({ accountId, region }: RegistryIdentity): string {
  return `${accountId}.dkr.ecr.${region}.amazonaws.com${partitionOf(region) === 'aws-cn' ? '.cn' : ''}`;
}
