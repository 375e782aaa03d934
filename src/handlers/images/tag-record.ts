import { packDigest, unlessRefused, unpackDigest } from './repository-note';
import { sha256Hex } from '../../digest';
import { RepositoryAddress } from '../../ecr/registry';
import { TAG_RECORD_PREFIX } from '../../image-resources';
import { Run } from '../run';

/**
 * What a resource did to a tag, noted in a tag of the repository before it is done. It must outlive the invocation: a rollback comes later, in another
 * one, when the source tag may have moved, and a second delivery of the same event finds the tag put already.
 */
export interface TagRecord {
  /** The request that wrote it. */
  readonly request: string;
  /** Of the properties that it was written for. */
  readonly properties: string;
  /** Of the properties before, empty ones with a creation. */
  readonly from: string;
  /** What the tag was made to stand for. */
  readonly put: string;
  /** What it stood for before; absent when there was no such tag. */
  readonly before?: string;
  /** What this resource had put before that. */
  readonly earlier?: string;
  /** Whether the image was not in the repository before, and was brought there for the tag. */
  readonly brought?: boolean;
}

const RECORD = /^([12]) ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16}) ([\w-]{43}) ([\w-]{43}|-) ([\w-]{43}|-)$/;

/** The record of one resource about one tag. */
export class TagRecords {
  private readonly arn: string;
  private readonly key: string;
  /** How the records of every resource about this tag end. */
  private readonly ending: string;

  constructor(private readonly run: Run, private readonly address: RepositoryAddress, imageTag: string) {
    this.arn = run.arnOf(address);
    this.ending = `-${sha256Hex(imageTag).slice(0, 8)}`;
    this.key = `${TAG_RECORD_PREFIX}${run.identity.claim.slice(0, 16)}${this.ending}`;
  }

  /**
   * Whether another resource, say this construct under its new name, has made the tag stand for the image, too. CloudFormation makes it before it
   * deletes this one, and then the tag is its.
   */
  public async isSharedBy(imageDigest: string): Promise<boolean> {
    const tags = await this.leniently('read', () => this.run.registry.listTags(this.arn)) ?? [];
    return tags.some(({ Key, Value }) => Key !== this.key && Key.startsWith(TAG_RECORD_PREFIX) && Key.endsWith(this.ending) && RECORD.exec(Value)?.[5] === packDigest(imageDigest));
  }

  /** Undefined when there is none, or none that may be read. */
  public async read(): Promise<TagRecord | undefined> {
    const tags = await this.leniently('read', () => this.run.registry.listTags(this.arn)) ?? [];
    const [, kind, request, properties, from, put, before, earlier] = RECORD.exec(tags.find(({ Key }) => Key === this.key)?.Value ?? '') ?? [];
    return request === undefined ? undefined : {
      request, properties, from, put: unpackDigest(put), ...(kind === '2' ? { brought: true } : {}), ...(before === '-' ? {} : { before: unpackDigest(before) }), ...(earlier === '-' ? {} : { earlier: unpackDigest(earlier) }),
    };
  }

  public async write({ request, properties, from, put, before, earlier, brought }: TagRecord): Promise<void> {
    const Value = `${brought ? 2 : 1} ${request} ${properties} ${from} ${packed(put)} ${packed(before)} ${packed(earlier)}`;
    await this.leniently('written', () => this.run.registry.tag(this.arn, [{ Key: this.key, Value }]));
  }

  public async remove(): Promise<void> {
    await this.leniently('removed', () => this.run.registry.untag(this.arn, [this.key]));
  }

  public async restore(record: TagRecord | undefined): Promise<void> {
    await (record === undefined ? this.remove() : this.write(record));
  }

  private leniently<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    return unlessRefused(act, ({ message }) => this.run.log.warn(`What the tag stood for before cannot be ${what} in the tags of the repository: a rollback may not find it again.`, {
      repositoryName: this.address.repositoryName, tagKeys: [this.key], reason: message,
    }));
  }
}

/** Nothing is a dash. */
function packed(digest: string | undefined): string {
  return digest === undefined ? '-' : packDigest(digest);
}
