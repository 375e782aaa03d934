import { isAccessDenied, isTooManyTags } from '../ecr/errors';
import { RepositoryAddress, Tag } from '../ecr/registry';
import { isDrydockError } from '../errors';
import { failure } from './codes';
import { Identity } from './ownership';
import { decodeRecord, encodeRecord, headKey, TagRecord } from './record';
import { exceedsTagLimit } from './repository-properties';
import { Run } from './run';

/**
 * Whose the lifecycle policy of a repository is, noted in its tags: by content alone one cannot tell a policy that was put by us from
 * an equal one that was there before, and a renamed construct could not tell its own from its predecessor's.
 */
export interface Mark extends Identity {
  /** `put`: this resource has put a policy; `found`: so far it only found an equal one, which it will not take away. */
  readonly origin: 'put' | 'found';
  /** What the request that made this mark met; absent when that is settled, or when there was nothing. */
  readonly before?: BeforePolicy;
  /** The tags that it stands in. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface BeforePolicy {
  /** The policy in force then. */
  readonly text?: string;
  /** Tags of an earlier mark, which go back with it. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The mark on one repository. */
export class LifecycleMarks {
  private readonly arn: string;
  private isUnreadable = false;

  constructor(private readonly run: Run, private readonly address: RepositoryAddress) {
    this.arn = run.arnOf(address);
  }

  /** Undefined when there is none, or none that may be read. */
  public async read(): Promise<Mark | undefined> {
    const record = decodeRecord('lifecycle', await this.present());
    return record && markOf(record);
  }

  /**
   * Whether a policy of this resource may be without its mark: it could not be read, or there was no room for it, or the registry is another
   * account's. Everywhere else what bears no mark is not ours, or not any more: a Delete that comes a second time must not take it for ours.
   */
  public async mayBeMissing(): Promise<boolean> {
    const present = await this.present();
    return this.address.registryId !== undefined || this.isUnreadable || exceedsTagLimit(present, [headKey('lifecycle')]) !== undefined;
  }

  /**
   * Writes this resource's mark. Where something must be remembered in it, it has to fit and has to be allowed; a mere name may be
   * missing, and then the policy's content alone says whose it is.
   */
  public async write(origin: Mark['origin'], before?: BeforePolicy): Promise<void> {
    try {
      await this.replace(origin, before);
    } catch (error) {
      const missing = isAccessDenied(error) || isTooManyTags(error) || (isDrydockError(error) && error.code === 'DD-HANDLER-302');
      if (before !== undefined || !missing) {
        throw error;
      }
      this.run.log.warn('The lifecycle policy cannot be marked as this resource\'s in the tags of the repository.', {
        repositoryName: this.address.repositoryName, tagKeys: [headKey('lifecycle')], reason: error instanceof Error ? error.message : '',
      });
    }
  }

  /** Makes the mark's tags what they were; without `tags`, takes them away. */
  public async reset(tags: Readonly<Record<string, string>> = {}): Promise<void> {
    const present = decodeRecord('lifecycle', await this.present())?.tags ?? {};
    const changed = Object.entries(tags).filter(([key, value]) => present[key] !== value);
    await this.run.registry.tag(this.arn, changed.map(([Key, Value]) => ({ Key, Value })));
    await this.run.registry.untag(this.arn, Object.keys(present).filter((key) => !(key in tags)));
  }

  private async replace(origin: Mark['origin'], before: BeforePolicy | undefined): Promise<void> {
    const present = await this.present();
    const { claim, request, stackName } = this.run.identity;
    const tags = encodeRecord('lifecycle', `${origin} ${claim} ${request} ${stackName}`, before);
    const stale = Object.keys(decodeRecord('lifecycle', present)?.tags ?? {}).filter((key) => !tags.some(({ Key }) => Key === key));
    const count = exceedsTagLimit(present.filter(({ Key }) => !stale.includes(Key)), tags.map(({ Key }) => Key));
    if (count !== undefined) {
      throw failure('DD-HANDLER-302', 'ReplaceExisting',
        `What was there before is remembered in ${tags.length} tags of the repository until the change is settled; it would then have ${count}, and ECR allows 50. Nothing was changed.`, {
          value: count, fix: 'Remove tags from the repository, or delete its lifecycle policy yourself before you deploy.',
        });
    }
    // Most requests that come a second time have nothing to say that is not there.
    const missing = tags.filter(({ Key, Value }) => !present.some((tag) => tag.Key === Key && tag.Value === Value));
    await this.run.registry.tag(this.arn, missing);
    await this.run.registry.untag(this.arn, stale);
  }

  private async present(): Promise<readonly Tag[]> {
    try {
      return await this.run.registry.listTags(this.arn) ?? [];
    } catch (error) {
      if (!isAccessDenied(error)) {
        throw error;
      }
      this.isUnreadable = true;
      this.run.log.warn('The tags of the repository cannot be read, so the policy\'s content alone says whose it is.', { repositoryName: this.address.repositoryName });
      return [];
    }
  }
}

function markOf({ head, body, tags }: TagRecord): Mark {
  const [, origin, claim = '', request = '', stackName = ''] = /^(put|found) ([0-9a-f]{32}) ([0-9a-f]{16}) (\S+)$/.exec(head) ?? [];
  return { origin: origin === 'found' ? 'found' : 'put', claim, request, stackName, tags, ...(isBefore(body) ? { before: body } : {}) };
}

/** Tags can be written by anybody. */
function isBefore(body: unknown): body is BeforePolicy {
  if (typeof body !== 'object' || body === null) {
    return false;
  }
  const { text, tags } = body as BeforePolicy;
  return (text === undefined || typeof text === 'string')
    && (tags === undefined || (typeof tags === 'object' && tags !== null && Object.values(tags).every((value) => typeof value === 'string')));
}
