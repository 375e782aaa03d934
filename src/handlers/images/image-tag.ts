import type { ImageDetail } from '../../lifecycle/model';
import { addressInPhysicalId, physicalIdOf } from '../ownership';
import { Attributes, Resource } from '../resource';
import { Run } from '../run';
import { imageFailure } from './failure';
import { findByDigest, findByTag, lookUp } from './find-image';
import { readTag, TagWanted } from './image-tag-properties';
import { promoteFrom } from './promotion';
import { hashOfProperties } from './properties-hash';
import { putTag, Removal, removeTag } from './retag';
import { TagRecord, TagRecords } from './tag-record';

/** `Custom::DrydockImageTag`: a tag that stands for a certain image. What it stood for before is noted first, so that a rollback leads back to the same bytes. */
export const imageTag: Resource<TagWanted> = {
  read: readTag,

  // A tag has no colon in it.
  physicalId: (run, { address, imageTag: tag }) => `${physicalIdOf('image-tag', address, run.event.LogicalResourceId)}:${tag}`,

  create: apply,
  update: apply,
  gone: (run, wanted) => attributesOf(run, wanted, '', undefined),

  async delete(run) {
    const wanted = readForDelete(run);
    if (wanted === undefined) {
      run.log.warn('Neither the id nor the properties name a tag; there is nothing to delete.');
      return;
    }
    const { address, imageTag: tag } = wanted;
    if (await lookUpOrGone(run, wanted) === 'no-repository') {
      run.log.info('The repository does not exist any more.', { repositoryName: address.repositoryName });
      return;
    }
    const records = new TagRecords(run, address, tag);
    const record = await records.read();
    if (await run.direction() === 'rolling-back') {
      // Only what the operation that failed has made is deleted in a rollback.
      await takeBack(run, wanted, record);
    } else if (wanted.removal === 'destroy') {
      await remove(run, wanted, records, record);
    } else {
      run.log.info('The tag is retained.', { repositoryName: address.repositoryName, imageTag: tag });
    }
    await records.remove();
  },
};

/** A tag of a repository. */
export type TagPlace = Pick<TagWanted, 'address' | 'imageTag'>;

async function apply(run: Run, wanted: TagWanted): Promise<Attributes> {
  const { address, imageTag: tag } = wanted;
  // In this order: whoever finds the tag put already finds the record of what was before, too.
  const current = await lookUp(run, address, { imageTag: tag });
  const records = new TagRecords(run, address, tag);
  const found = await records.read();
  const isRollback = run.event.RequestType === 'Update' && await run.direction() === 'rolling-back';
  // A digest is the same then and now; a tag may not be.
  if (isRollback && (found !== undefined || 'imageTag' in wanted.source)) {
    return goBack(run, wanted, records, found, current);
  }
  const again = found?.request === run.identity.request;
  const { imageDigest: put } = await sourceOf(run, wanted);
  if (!isRollback && !again) {
    checkExpected(wanted, current, put);
  }
  const record: TagRecord = {
    request: run.identity.request,
    properties: hashOfProperties(run.event.ResourceProperties),
    from: hashOfProperties(run.event.OldResourceProperties ?? {}),
    put,
    before: again ? found.before : current?.imageDigest,
    earlier: again ? found.earlier : found?.put,
    brought: again ? found.brought : wanted.sourceAddress !== undefined && await lookUp(run, address, { imageDigest: put }) === undefined,
  };
  if (again) {
    // What another delivery has done, it may have answered already.
    run.undo.leaveToDelete();
  } else {
    run.undo.push(async (undoing) => {
      await takeBack(undoing, wanted, record);
      await new TagRecords(undoing, address, tag).restore(found);
    });
  }
  await records.write(record);
  if (current?.imageDigest === put) {
    run.log.info('The tag stands for the image already.', { repositoryName: address.repositoryName, imageTag: tag, imageDigest: put });
  } else {
    await (wanted.sourceAddress === undefined ? putTag(run, address, tag, put) : promoteFrom(run, wanted.sourceAddress, address, tag, put));
    run.log.info('The tag has been put.', { repositoryName: address.repositoryName, imageTag: tag, imageDigest: put, previousDigest: record.before });
  }
  return attributesOf(run, wanted, put, record.before);
}

/** An update in a rollback. Only what the update from these very properties has done is taken back: an earlier one is settled. */
async function goBack(run: Run, wanted: TagWanted, records: TagRecords, found: TagRecord | undefined, current: ImageDetail | undefined): Promise<Attributes> {
  const { address, imageTag: tag } = wanted;
  const present = hashOfProperties(run.event.ResourceProperties);
  const failed = hashOfProperties(run.event.OldResourceProperties ?? {});
  if (found === undefined || found.properties !== failed || found.from !== present) {
    run.log.info(found === undefined ? 'What the tag stood for before is not known; it is left as it is.' : 'The update that failed did not touch the tag.', {
      repositoryName: address.repositoryName, imageTag: tag,
    });
    return attributesOf(run, wanted, current?.imageDigest ?? found?.put ?? '', found?.before);
  }
  await takeBack(run, wanted, found);
  await records.write({ request: run.identity.request, properties: present, from: failed, put: found.earlier ?? found.before ?? found.put, before: found.put });
  const now = await lookUp(run, address, { imageTag: tag });
  return attributesOf(run, wanted, now?.imageDigest ?? found.before ?? found.put, found.put);
}

/** Makes the tag stand again for what it stood for before, if it is still what this resource made it. */
export async function takeBack(run: Run, wanted: TagPlace, record: TagRecord | undefined): Promise<void> {
  const { address, imageTag: tag } = wanted;
  const log = run.log.with({ repositoryName: address.repositoryName, imageTag: tag });
  if (record === undefined) {
    log.warn('What the tag stood for before is not known; it is left as it is.');
    return;
  }
  const current = await lookUp(run, address, { imageTag: tag });
  if (record.before === record.put || current?.imageDigest === record.before) {
    log.info('The tag stands for what it stood for before.');
    return;
  }
  if (current?.imageDigest !== record.put) {
    log.warn('Somebody else has moved the tag meanwhile; it is left as it is.', { imageDigest: current?.imageDigest });
    return;
  }
  if (record.before === undefined) {
    tell(run, wanted, await removeTag(run, address, tag, record.put, record.brought ?? false));
    return;
  }
  const before = await lookUp(run, address, { imageDigest: record.before });
  if (before === undefined || (before.imageStatus ?? 'ACTIVE') !== 'ACTIVE') {
    log.warn(`The image that the tag stood for before ${before === undefined ? 'has been deleted' : 'is archived'}; the tag is left as it is.`, { previousDigest: record.before });
    return;
  }
  try {
    await putTag(run, address, tag, record.before);
    log.info('The tag stands again for what it stood for before.', { imageDigest: record.before });
  } catch (error) {
    // Immutability has been switched on meanwhile: a rollback must not fail for it.
    if ((error as { code?: string }).code !== 'DD-IMAGE-201') {
      throw error;
    }
    log.warn('The tag has become immutable; it is left as it is.', { previousDigest: record.before });
  }
}

/** At the end of the resource: only what it put itself. */
async function remove(run: Run, wanted: TagWanted, records: TagRecords, record: TagRecord | undefined): Promise<void> {
  const { source, address, imageTag: tag } = wanted;
  const put = record?.put ?? ('imageDigest' in source ? source.imageDigest : undefined);
  if (put === undefined) {
    run.log.warn('Whether the tag is still what this resource made it is not known; it is left alone.', { repositoryName: address.repositoryName, imageTag: tag });
    return;
  }
  if (await records.isSharedBy(put)) {
    run.log.info('Another resource has the tag, too; it is left to it.', { repositoryName: address.repositoryName, imageTag: tag });
    return;
  }
  tell(run, wanted, await removeTag(run, address, tag, put, wanted.deleteLastTag));
}

function tell(run: Run, { address, imageTag: tag }: TagPlace, removal: Removal): void {
  const log = run.log.with({ repositoryName: address.repositoryName, imageTag: tag });
  switch (removal) {
    case 'removed': return log.info('The tag has been removed.');
    case 'absent': return log.info('The tag is gone already.');
    case 'moved': return log.warn('The tag stands for another image by now; it is left alone.');
    case 'last-tag': return log.warn('The tag is the last one of its image, which would be deleted with it; it is left alone.');
    case 'held': return log.warn('The tag is the last one of an image that an index holds; it is left alone.');
  }
}

function checkExpected({ address, imageTag: tag, expected }: TagWanted, current: ImageDetail | undefined, put: string): void {
  const digest = current?.imageDigest ?? 'none';
  if (expected !== undefined && digest !== expected && digest !== put) {
    throw imageFailure('DD-IMAGE-202', 'ExpectedDigest',
      `The tag ${JSON.stringify(tag)} of ${address.repositoryName} stands for ${digest === 'none' ? 'no image' : digest}, not for ${expected}. It was not moved.`, {
        value: expected, fix: 'Somebody else has moved it: look at what it stands for now, and give that as expectedDigest.',
      });
  }
}

function sourceOf(run: Run, { address, source, sourceAddress = address }: TagWanted): Promise<ImageDetail> {
  return 'imageTag' in source ? findByTag(run, sourceAddress, source.imageTag, 'SourceImageTag') : findByDigest(run, sourceAddress, source.imageDigest, 'SourceImageDigest');
}

/** Properties of any release must do, and those of a resource whose creation was never answered. */
function readForDelete(run: Run): TagWanted | undefined {
  try {
    return readTag(run);
  } catch {
    const [, place, tag] = /^(.*):([^:]+)$/.exec(run.event.PhysicalResourceId ?? '') ?? [];
    const address = addressInPhysicalId(place ?? '');
    return address && { address, imageTag: tag, repositoryUri: '', source: { imageTag: tag }, removal: 'retain', deleteLastTag: false };
  }
}

async function lookUpOrGone(run: Run, { address, imageTag: tag }: TagWanted): Promise<'no-repository' | undefined> {
  try {
    await lookUp(run, address, { imageTag: tag });
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code === 'DD-HANDLER-101') {
      return 'no-repository';
    }
    throw error;
  }
}

function attributesOf(run: Run, { address, repositoryUri, imageTag: tag }: TagWanted, imageDigest: string, previous: string | undefined): Attributes {
  return {
    RepositoryName: address.repositoryName,
    RegistryId: run.registryIdOf(address),
    ImageTag: tag,
    DigestHex: imageDigest.slice('sha256:'.length),
    ImageUri: `${repositoryUri}@${imageDigest}`,
    PreviousDigest: previous ?? '',
  };
}
