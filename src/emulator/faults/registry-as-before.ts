import { Change } from '../registry/records';
import { Registry } from '../registry/registry';
import { Repository } from '../registry/repository';

/** The registry with some repositories as they were before a write. For reads. */
export class RegistryAsBefore extends Registry {
  constructor(private readonly present: Registry, private readonly before: ReadonlyMap<string, Repository | undefined>) {
    super(present);
    present.pullTimeExclusions.forEach((createdAt, principalArn) => this.pullTimeExclusions.set(principalArn, createdAt));
  }

  public repository(repositoryName: string): Repository | undefined {
    return this.before.has(repositoryName) ? this.before.get(repositoryName) : this.present.repository(repositoryName);
  }

  public repositories(): readonly Repository[] {
    const others = this.present.repositories().filter(({ record }) => !this.before.has(record.repositoryName));
    const then = [...this.before.values()].filter((repository) => repository !== undefined);
    return [...others, ...then].sort((a, b) => (a.record.repositoryName < b.record.repositoryName ? -1 : 1));
  }

  /** A pull is recorded where the image is still there; nothing that is gone comes back by it. */
  public commit(change: Change): void {
    if (change.kind !== 'image') {
      this.present.commit(change);
      return;
    }
    const repository = this.present.repository(change.repositoryName);
    const image = repository?.images.get(change.image.imageDigest);
    if (repository && image) {
      this.present.putImage(repository, { ...image, lastRecordedPullTime: change.image.lastRecordedPullTime });
    }
  }
}
