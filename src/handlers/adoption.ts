import { RepositoryDescription, Tag, TagMutability } from '../ecr/registry';
import { OWNER_TAG } from '../resources';
import { failure } from './codes';
import { formatOwner, parseOwner } from './ownership';
import { decodeRecord, encodeRecord, headKey } from './record';
import {
  exceedsTagLimit, mutabilityOfRepository, RepositorySettings, sameMutability, scanOfRepository,
} from './repository-properties';
import { Run } from './run';

/** What a repository was like before a stack adopted or changed it; what is absent was not touched. */
export interface Before {
  readonly mutability?: TagMutability;
  readonly scanOnPush?: boolean;
  /** By key: the value before, or null where there was no such tag. */
  readonly tags: Readonly<Record<string, string | null>>;
}

type Found = RepositoryDescription & { readonly repositoryArn: string };

/** Takes a repository over that somebody else made: notes what it is like, says whose it is now, then converges its settings. */
export async function adopt(run: Run, wanted: RepositorySettings, found: Found, present: readonly Tag[]): Promise<void> {
  const before: Before = {
    mutability: mutabilityOfRepository(found),
    scanOnPush: scanOfRepository(found),
    tags: valuesBefore(present, [...wanted.tags.map(({ Key }) => Key), OWNER_TAG, ...recordKeys(present)]),
  };
  const owner = formatOwner({ origin: 'adopted', ...run.identity });
  const record = encodeRecord('repository', `${run.identity.claim} ${run.identity.request}`, before);
  checkRoom(present, [...wanted.tags, { Key: OWNER_TAG, Value: owner }, ...record]);
  run.undo.push((undoRun) => restore(undoRun, wanted, before));
  await run.registry.tag(found.repositoryArn, [...record, { Key: OWNER_TAG, Value: owner }]);
  await run.registry.untag(found.repositoryArn, recordKeys(present).filter((key) => !record.some(({ Key }) => Key === key)));

  const now = await run.registry.listTags(found.repositoryArn) ?? [];
  const holder = now.find(({ Key }) => Key === OWNER_TAG)?.Value;
  if (holder !== owner) {
    throw failure('DD-HANDLER-107', 'RepositoryName', `${wanted.address.repositoryName} was adopted by ${nameOfOwner(holder)} at the same moment.`, {
      value: wanted.address.repositoryName, fix: 'One stack can own a repository. Import it in the other one.',
    });
  }
  await converge(run, wanted, found);
  await run.registry.tag(found.repositoryArn, different(wanted.tags, present));
}

/** Brings mutability and scanning to what is wanted; nothing is sent where nothing changes. */
export async function converge(run: Run, wanted: Pick<RepositorySettings, 'address' | 'mutability' | 'scanOnPush'>, found: RepositoryDescription): Promise<void> {
  if (!sameMutability(mutabilityOfRepository(found), wanted.mutability)) {
    await run.registry.putImageTagMutability(wanted.address, wanted.mutability);
  }
  if (scanOfRepository(found) !== wanted.scanOnPush) {
    await run.registry.putImageScanningConfiguration(wanted.address, wanted.scanOnPush);
  }
}

/**
 * Makes a repository what it was before this resource took it over, where it still is what this resource made of it: what somebody has changed
 * since stays.
 */
export async function restore(run: Run, made: RepositorySettings, before: Before): Promise<void> {
  const found = await run.registry.describeRepository(made.address);
  const present = found?.repositoryArn === undefined ? undefined : await run.registry.listTags(found.repositoryArn);
  if (found?.repositoryArn === undefined || present === undefined) {
    return;
  }
  const holder = parseOwner(present.find(({ Key }) => Key === OWNER_TAG)?.Value);
  if (holder !== undefined && holder.claim !== run.identity.claim) {
    run.log.warn('The repository belongs to another stack by now; it is left alone.', { repositoryName: made.address.repositoryName });
    return;
  }
  const mutability = mutabilityOfRepository(found);
  const scanOnPush = scanOfRepository(found);
  await converge(run, {
    address: made.address,
    mutability: sameMutability(mutability, made.mutability) ? before.mutability ?? mutability : mutability,
    scanOnPush: scanOnPush === made.scanOnPush ? before.scanOnPush ?? scanOnPush : scanOnPush,
  }, found);
  await restoreTags(run, found.repositoryArn, present, made.tags, before.tags);
}

/** Gives back the tags of `before` whose value is still the one in `made`, then takes away the record. */
export async function restoreTags(run: Run, arn: string, present: readonly Tag[], made: readonly Tag[], before: Before['tags']): Promise<void> {
  const ours = new Map(made.map(({ Key, Value }) => [Key, Value]));
  const values = new Map(present.map(({ Key, Value }) => [Key, Value]));
  const record = recordKeys(present);
  const bookkeeping = (key: string) => key === OWNER_TAG || key.startsWith(headKey('repository'));
  const back = Object.entries(before).filter(([key]) => !bookkeeping(key) && ours.has(key) && values.get(key) === ours.get(key));
  await run.registry.tag(arn, back.flatMap(([Key, Value]) => Value === null || values.get(Key) === Value ? [] : [{ Key, Value }]));
  await run.registry.untag(arn, back.flatMap(([key, value]) => value === null ? [key] : []));
  // Last, so that an attempt that breaks off can be made again.
  await run.registry.untag(arn, record.filter((key) => typeof before[key] !== 'string'));
  const books = Object.entries(before).filter(([key]) => bookkeeping(key));
  await run.registry.tag(arn, books.flatMap(([Key, Value]) => Value === null || values.get(Key) === Value ? [] : [{ Key, Value }]));
  await run.registry.untag(arn, books.flatMap(([key, value]) => value === null && key === OWNER_TAG && values.has(key) ? [key] : []));
}

function recordKeys(present: readonly Tag[]): string[] {
  return Object.keys(decodeRecord('repository', present)?.tags ?? {});
}

export function valuesBefore(present: readonly Tag[], keys: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(keys.map((key) => [key, present.find(({ Key }) => Key === key)?.Value ?? null]));
}

/** Tags that are not there yet or have another value. */
export function different(wanted: readonly Tag[], present: readonly Tag[]): Tag[] {
  return wanted.filter(({ Key, Value }) => present.find((tag) => tag.Key === Key)?.Value !== Value);
}

export function checkRoom(present: readonly Tag[], added: readonly Tag[]): void {
  const count = exceedsTagLimit(present, added.map(({ Key }) => Key));
  if (count !== undefined) {
    throw failure('DD-HANDLER-106', 'Tags', `The repository would have ${count} tags: its own, those wanted, and those that remember what it was like before. ECR allows 50.`, {
      value: count, fix: 'Remove tags from the repository or from the template.',
    });
  }
}

export function nameOfOwner(tag: string | undefined): string {
  const owner = parseOwner(tag);
  return owner === undefined ? 'nobody that left a name' : `stack ${owner.stackName}`;
}
