import { Change, ImageRecord, RepositoryRecord } from './records';
import { Repository, RepositoryView } from './repository';

export interface RegistryIdentity {
  readonly accountId: string;
  readonly region: string;
}

/** Read access to everything the emulator remembers. */
export interface RegistryView extends RegistryIdentity {
  /** In ascending order of their names. */
  repositories(): readonly RepositoryView[];
  repository(repositoryName: string): RepositoryView | undefined;
}

/** The state of one account in one Region. Every alteration is a `Change`, so that a journal of changes is the whole truth. */
export class Registry implements RegistryView {
  public readonly accountId: string;
  public readonly region: string;
  private readonly byName = new Map<string, Repository>();
  private sorted: readonly Repository[] | undefined;
  private pending: Change[] = [];

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

  public deleteImage(repository: RepositoryView, imageDigest: string): void {
    this.commit({ kind: 'image-deleted', repositoryName: repository.record.repositoryName, imageDigest });
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
      case 'repository-deleted':
        this.byName.delete(change.repositoryName);
        this.sorted = undefined;
        break;
      case 'image':
        this.mustHave(change.repositoryName).putImage(change.image);
        break;
      case 'image-deleted':
        this.mustHave(change.repositoryName).deleteImage(change.imageDigest);
        break;
      case 'manifest':
        this.mustHave(change.repositoryName).putManifest(change.imageDigest, change.manifest);
        break;
      case 'preview':
        this.mustHave(change.repositoryName).preview = change.preview;
        break;
      default:
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
  for (const repository of registry.repositories()) {
    const { repositoryName } = repository.record;
    yield { kind: 'repository', record: repository.record };
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
