import { copyFailure } from './copy-failure';
import { isThere, removeCopied } from './copy-removal';
import { copy, Copied, handedOver } from './copying';
import { lookUp } from './find-image';
import { CopyWanted, readCopy } from './image-copy-properties';
import { takeBack } from './image-tag';
import { hashOfProperties } from './properties-hash';
import { PutRecord } from './put-record';
import { putTag, removeTag } from './retag';
import { TagRecord, TagRecords } from './tag-record';
import { RepositoryAddress } from '../../ecr/registry';
import type { ImageDetail } from '../../lifecycle/model';
import { physicalIdOf } from '../ownership';
import { PropertyReader } from '../properties';
import { Attributes, Resource } from '../resource';
import { Run } from '../run';

/**
 * `Custom::DrydockImageCopy`: an image of elsewhere under tags of a repository. The bytes are copied first; then what each tag stands for is noted, and the tags
 * are put. A rollback leads back to what they stood for.
 */
export const imageCopy: Resource<CopyWanted> = {
  read: readCopy,
  physicalId: (run, { address }) => physicalIdOf('image-copy', address, run.event.LogicalResourceId),
  create: apply,
  update: apply,
  gone: (run, wanted) => attributesOf(run, wanted, '', undefined),
  delete: remove,
};

async function apply(run: Run, wanted: CopyWanted): Promise<Attributes> {
  // Asked when the event comes: a copy that goes on in another invocation may find that the stack has turned back meanwhile.
  const begun = handedOver(run.event.Continuation);
  const isRollback = begun?.isRollback ?? (run.event.RequestType === 'Update' && await run.direction() === 'rolling-back');
  const attributes = isRollback && begun === undefined ? await goBack(run, wanted) : undefined;
  if (attributes !== undefined) {
    return attributes;
  }
  const copied = await copy(run, wanted, isRollback);
  const { address } = wanted;
  const [fresh, settled] = [new PutRecord(run, address, 'new'), new PutRecord(run, address, 'old')];
  const [noted, notedBefore] = [await fresh.read(), await settled.read()];
  const isAgain = noted.request === run.identity.request;
  const records = await Promise.all(wanted.tags.map((tag) => new TagRecords(run, address, tag).read()));
  if (isAgain || records.some((record) => record?.request === run.identity.request)) {
    // What another delivery has done, it may have answered already.
    run.undo.leaveToDelete();
  } else {
    run.undo.push(async (undoing) => {
      await removeCopied(undoing, address, copied.put.manifests, new Map());
      await new PutRecord(undoing, address, 'new').write(noted.digests);
      await new PutRecord(undoing, address, 'old').write(notedBefore.digests);
    });
  }
  if (!isRollback) {
    await run.mustStillGoForward(() =>
      copyFailure('DD-IMAGE-502', 'ImageTags', `The stack began to roll back before ${wanted.tags.join(', ')} of ${address.repositoryName} were put; no tag was changed.`));
  }
  if (!isAgain) {
    // A retained copy needs to know only what a rollback takes away.
    await settled.write(wanted.removal === 'retain' ? [] : [...noted.digests, ...notedBefore.digests]);
  }
  await fresh.add(copied.put.manifests);
  for (const tag of wanted.tags) {
    await place(run, wanted, tag, copied, fresh);
  }
  await dropTags(run, wanted);
  const { bytes, blobs, manifests } = copied.moved;
  run.log.info('The image is there.', { repositoryName: address.repositoryName, imageDigest: copied.digest, counts: { movedBytes: bytes, movedLayers: blobs, movedManifests: manifests } });
  return attributesOf(run, wanted, copied.digest, await lookUp(run, address, { imageDigest: copied.digest }), copied);
}

/** Notes what a tag stands for, then makes it stand for the image. */
async function place(run: Run, { address }: CopyWanted, imageTag: string, { digest: imageDigest }: Copied, fresh: PutRecord): Promise<void> {
  // In this order: whoever finds the tag put already finds the record of what was before, too.
  const current = await lookUp(run, address, { imageTag });
  const found = await new TagRecords(run, address, imageTag).read();
  const isAgain = found?.request === run.identity.request;
  const record: TagRecord = {
    request: run.identity.request,
    properties: hashOfProperties(run.event.ResourceProperties),
    from: hashOfProperties(run.event.OldResourceProperties ?? {}),
    put: imageDigest,
    before: isAgain ? found.before : current?.imageDigest,
    earlier: isAgain ? found.earlier : found?.put,
    // Its last tag takes it along then.
    brought: isAgain ? found.brought : (await fresh.read()).digests.includes(imageDigest),
  };
  if (current?.imageDigest === imageDigest && found?.put === imageDigest) {
    return;
  }
  if (!isAgain) {
    run.undo.push(async (undoing) => {
      await takeBack(undoing, { address, imageTag }, record);
      await new TagRecords(undoing, address, imageTag).restore(found);
    });
  }
  await new TagRecords(run, address, imageTag).write(record);
  if (current?.imageDigest !== imageDigest) {
    await putTag(run, address, imageTag, imageDigest);
    run.log.info('The tag has been put.', { repositoryName: address.repositoryName, imageTag, imageDigest, previousDigest: record.before });
  }
}

/** Tags that the properties no longer name. A retained copy leaves them; otherwise those go that are not their image's last. */
async function dropTags(run: Run, wanted: CopyWanted): Promise<void> {
  const { address, removal } = wanted;
  for (const imageTag of oldTags(run, wanted).filter((tag) => !wanted.tags.includes(tag))) {
    const records = new TagRecords(run, address, imageTag);
    const record = await records.read();
    if (removal === 'retain' || record === undefined) {
      run.log.info('The copy has this tag no more; it is left as it is.', { repositoryName: address.repositoryName, imageTag });
      continue;
    }
    if (await records.isSharedBy(record.put)) {
      run.log.info('The copy has this tag no more; another resource has it.', { repositoryName: address.repositoryName, imageTag });
      continue;
    }
    const removed = await removeTag(run, address, imageTag, record.put, false);
    if (removed === 'removed') {
      run.undo.push(async (undoing) => putTag(undoing, address, imageTag, record.put));
      // For the rollback: what it stood for is before, and nothing is what it stands for now.
      await records.write({
        ...record, request: run.identity.request,
        properties: hashOfProperties(run.event.ResourceProperties), from: hashOfProperties(run.event.OldResourceProperties ?? {}), before: record.put,
      });
    }
    run.log.info(removed === 'removed' ? 'The copy has this tag no more; it has been removed.' : `The copy has this tag no more; it is left as it is (${removed}).`, {
      repositoryName: address.repositoryName, imageTag,
    });
  }
}

function oldTags(run: Run, { address }: CopyWanted): string[] {
  const reader = new PropertyReader(run.event.OldResourceProperties ?? {});
  const old = reader.address(run.home, false);
  const tags = run.event.OldResourceProperties?.ImageTags;
  return old.repositoryName === address.repositoryName && old.registryId === address.registryId && Array.isArray(tags) ? tags.map(String) : [];
}

/**
 * An update in a rollback: the tags stand again for what they stood for, whatever the source has become. Undefined when nobody has the first tag any more, so
 * that it is copied again.
 */
async function goBack(run: Run, wanted: CopyWanted): Promise<Attributes | undefined> {
  const { address } = wanted;
  const failed = hashOfProperties(run.event.OldResourceProperties ?? {});
  const present = hashOfProperties(run.event.ResourceProperties);
  let isTouched = false;
  for (const imageTag of new Set([...wanted.tags, ...oldTags(run, wanted)])) {
    const records = new TagRecords(run, address, imageTag);
    const record = await records.read();
    if (record === undefined || record.properties !== failed || record.from !== present) {
      continue;
    }
    isTouched = true;
    if (!wanted.tags.includes(imageTag) && record.before === undefined) {
      await takeBack(run, { address, imageTag }, record);
      await records.remove();
      continue;
    }
    if (record.before === record.put && await lookUp(run, address, { imageTag }) === undefined && await lookUp(run, address, { imageDigest: record.put }) !== undefined) {
      // Taken away by the update that failed.
      await putTag(run, address, imageTag, record.put);
    } else {
      await takeBack(run, { address, imageTag }, record);
    }
    await records.write({
      request: run.identity.request, properties: present, from: failed, put: record.earlier ?? record.before ?? record.put, before: record.put, brought: false,
    });
  }
  if (isTouched) {
    const fresh = new PutRecord(run, address, 'new');
    await removeCopied(run, address, (await fresh.read()).digests, new Map());
    await fresh.write([]);
  }
  const now = await lookUp(run, address, { imageTag: wanted.tags[0] });
  return now === undefined ? undefined : attributesOf(run, wanted, now.imageDigest, now);
}

async function remove(run: Run): Promise<void> {
  const wanted = readForDelete(run);
  if (wanted === undefined) {
    run.log.warn('The properties do not say what was copied; nothing is removed.');
    return;
  }
  const { address, tags, removal } = wanted;
  const log = run.log.with({ repositoryName: address.repositoryName });
  if (!await isThere(run, address, tags[0])) {
    log.info('The repository does not exist any more.');
    return;
  }
  const isRollback = await run.direction() === 'rolling-back';
  const put = [new PutRecord(run, address, 'new'), new PutRecord(run, address, 'old')];
  const records = new Map<string, TagRecord>();
  for (const tag of tags) {
    const record = await new TagRecords(run, address, tag).read();
    if (record !== undefined) {
      records.set(tag, record);
    }
  }
  if (isRollback) {
    for (const [imageTag, record] of records) {
      if (record.before !== undefined) {
        await takeBack(run, { address, imageTag }, record);
      }
    }
  }
  if (isRollback || removal === 'destroy') {
    const shared = new Set(await tagsOfOthers(run, address, records));
    const fresh = [...records].filter(([tag, record]) => !shared.has(tag) && (!isRollback || record.before === undefined));
    const candidates = (await Promise.all(put.map((record) => record.read()))).flatMap((record) => record.digests);
    await removeCopied(run, address, candidates, new Map(fresh.map(([tag, record]) => [tag, record.put])));
    for (const [imageTag, record] of fresh) {
      const removed = await removeTag(run, address, imageTag, record.put, false);
      if (removed !== 'absent') {
        log.info(removed === 'removed' ? 'The tag has been removed.' : `The tag is left as it is (${removed}).`, { imageTag });
      }
    }
  } else {
    log.info('The copy is retained.');
  }
  await Promise.all(put.map((record) => record.write([])));
  for (const tag of tags) {
    await new TagRecords(run, address, tag).remove();
  }
}

/** Tags that another resource has made stand for the same image. */
async function tagsOfOthers(run: Run, address: RepositoryAddress, records: ReadonlyMap<string, TagRecord>): Promise<string[]> {
  const shared: string[] = [];
  for (const [imageTag, { put }] of records) {
    if (await new TagRecords(run, address, imageTag).isSharedBy(put)) {
      run.log.info('Another resource has the tag, too; tag and image are left to it.', { repositoryName: address.repositoryName, imageTag });
      shared.push(imageTag);
    }
  }
  return shared;
}

/** Properties of any release must do. */
function readForDelete(run: Run): CopyWanted | undefined {
  try {
    return readCopy(run);
  } catch {
    return undefined;
  }
}

function attributesOf(run: Run, { address, repositoryUri, tags }: CopyWanted, imageDigest: string, image: ImageDetail | undefined, copied?: Copied): Attributes {
  return {
    RepositoryName: address.repositoryName,
    RegistryId: run.registryIdOf(address),
    DigestHex: imageDigest.slice('sha256:'.length),
    ImageUri: `${repositoryUri}@${imageDigest}`,
    ImageTagUri: `${repositoryUri}:${tags[0]}`,
    ImageSizeInBytes: image?.imageSizeInBytes === undefined ? '' : String(image.imageSizeInBytes),
    ImageManifestMediaType: image?.imageManifestMediaType ?? copied?.mediaType ?? '',
    SourceDigest: copied?.sourceDigest ?? '',
    MovedBytes: String(copied?.moved.bytes ?? 0),
    MovedLayers: String(copied?.moved.blobs ?? 0),
    MovedManifests: String(copied?.moved.manifests ?? 0),
  };
}
