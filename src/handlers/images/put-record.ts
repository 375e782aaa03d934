import { packDigest, unlessRefused, unpackDigest } from './repository-note';
import { RepositoryAddress } from '../../ecr/registry';
import { TAG_RECORD_PREFIX } from '../../image-resources';
import { batches } from '../../lists';
import { Run } from '../run';

/** A tag's value has 256 characters, a digest 43 of base64url, and the request that wrote it 16. */
const DIGESTS_A_TAG = 5;
/** A repository has 50 tags, and they are the user's. */
const MAXIMUM_TAGS = 8;
/** How often what is noted is looked at again: two deliveries may write at the same time. */
const ATTEMPTS = 3;

/**
 * Which manifests one resource has put into a repository, noted in tags of the repository: what was there before it is never removed with it. What does not
 * fit, or may not be written, is not removed either. `new`: by the latest event, whose rollback takes them away. `old`: by those before it.
 */
export class PutRecord {
  private readonly arn: string;
  private readonly prefix: string;

  constructor(private readonly run: Run, private readonly address: RepositoryAddress, private readonly kind: 'new' | 'old') {
    this.arn = run.arnOf(address);
    this.prefix = `${TAG_RECORD_PREFIX}${run.identity.claim.slice(0, 16)}-${this.kind}-`;
  }

  /** `request`: the one that wrote it. */
  public async read(): Promise<{ readonly request?: string; readonly digests: readonly string[] }> {
    const words = (await this.tags()).map(({ Value }) => Value.split(' '));
    return { request: words[0]?.[0], digests: words.flatMap(([, ...packedDigests]) => packedDigests.filter((text) => /^[\w-]{43}$/.test(text)).map(unpackDigest)) };
  }

  /** The latest first: they are the ones that are kept when not all fit. */
  public async write(digests: readonly string[]): Promise<void> {
    await this.note(digests, () => false);
  }

  private async note(digests: readonly string[], stays: (value: string) => boolean): Promise<void> {
    const different = [...new Set(digests)];
    const noted = different.slice(0, DIGESTS_A_TAG * MAXIMUM_TAGS);
    if (noted.length < different.length) {
      this.warn(`${different.length - noted.length} of the manifests that were put are not noted: they are not removed with the copy.`);
    }
    const wanted = batches(noted, DIGESTS_A_TAG).map((some, index) => ({
      Key: `${this.prefix}${index}`, Value: [this.run.identity.request, ...some.map(packDigest)].join(' '),
    }));
    const there = await this.tags();
    await this.leniently(async () => {
      await this.run.registry.tag(this.arn, wanted.filter(({ Key, Value }) => there.every((tag) => tag.Key !== Key || tag.Value !== Value)));
      await this.run.registry.untag(this.arn, there.filter((tag) => !stays(tag.Value) && wanted.every(({ Key }) => Key !== tag.Key)).map(({ Key }) => Key));
    });
  }

  /** What another delivery of this very event has noted meanwhile stays: both have put something. */
  public async add(digests: readonly string[]): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { request, digests: noted } = await this.read();
      const theirs = request === this.run.identity.request ? noted : [];
      if (attempt > 1 && digests.every((digest) => theirs.includes(digest))) {
        return;
      }
      // The other one may note something between this look and the next.
      await this.note([...digests, ...theirs], (value) => value.startsWith(`${this.run.identity.request} `));
    }
  }

  private async tags() {
    const tags = await this.leniently(() => this.run.registry.listTags(this.arn)) ?? [];
    return tags.filter(({ Key }) => Key.startsWith(this.prefix)).sort((a, b) => a.Key < b.Key ? -1 : 1);
  }

  private leniently<T>(act: () => Promise<T>): Promise<T | undefined> {
    return unlessRefused(act, ({ message }) => this.warn(`What was put cannot be noted in the tags of the repository, so it is not removed with the copy: ${message}`));
  }

  private warn(message: string): void {
    this.run.log.warn(message, { repositoryName: this.address.repositoryName });
  }
}
