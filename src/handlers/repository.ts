import { adopt, Before, checkRoom, converge, different, nameOfOwner, restore, restoreTags, valuesBefore } from './adoption';
import { failure } from './codes';
import { formatOwner, Origin, Owner, parseOwner } from './ownership';
import { OWNER_TAG, isRepositoryName } from '../resources';
import { decodeRecord, encodeRecord } from './record';
import { encryptionOfRepository, readRepository, readRepositoryLeniently, RepositorySettings } from './repository-properties';
import { Attributes, Resource } from './resource';
import { Run } from './run';
import { isRepositoryAlreadyExists, isRepositoryNotEmpty, isTransient } from '../ecr/errors';
import { RepositoryDescription, Tag } from '../ecr/registry';
import { isTimeIsUp } from '../ecr/retry';

interface Existing {
  readonly description: RepositoryDescription & { readonly repositoryArn: string };
  readonly tags: readonly Tag[];
  readonly owner?: Owner;
}

/** `Custom::DrydockRepository`: makes a repository or takes one over, and never deletes one that it did not. */
export const repository: Resource<RepositorySettings> = {
  read: readRepository,

  physicalId: (_run, { address }) => address.repositoryName,

  async create(run, wanted) {
    await refuseInRollback(run, wanted);
    // Somebody may delete, between two of our calls, what stood in our way.
    for (let attempt = 1; ; attempt += 1) {
      const made = await make(run, wanted);
      if (made !== undefined) {
        return attributesOf(run, made, 'created');
      }
      const existing = await find(run, wanted);
      if (existing !== undefined) {
        return attributesOf(run, existing.description, await takeExisting(run, wanted, existing));
      }
      if (attempt === 3) {
        throw failure('DD-HANDLER-101', 'RepositoryName', `${wanted.address.repositoryName} is said to exist when it is to be created, and not to exist when it is looked at.`, {
          value: wanted.address.repositoryName, fix: 'Is something else creating and deleting it? Deploy again.',
        });
      }
    }
  },

  async update(run, wanted) {
    const existing = await find(run, wanted);
    if (existing === undefined) {
      run.log.warn('The repository is gone, deleted by somebody else; it is made anew, without its images.', { repositoryName: wanted.address.repositoryName });
      return repository.create(run, wanted);
    }
    const { description, owner } = existing;
    if (owner !== undefined && owner.claim !== run.identity.claim) {
      if (await run.direction() === 'rolling-back') {
        run.log.warn('The repository belongs to another stack by now; it is left alone.', { repositoryName: wanted.address.repositoryName });
        return attributesOf(run, description, owner.origin);
      }
      throw failure('DD-HANDLER-104', 'RepositoryName', `${wanted.address.repositoryName} belongs to stack ${owner.stackName}, which has adopted it.`, {
        value: wanted.address.repositoryName, fix: `Remove it from this stack, or remove its tag ${OWNER_TAG} to take it back.`,
      });
    }
    if (owner === undefined) {
      run.log.warn(`The repository has lost its tag ${OWNER_TAG}: it will not be deleted with this stack.`, { repositoryName: wanted.address.repositoryName });
    }
    await checkEncryption(run, wanted, description);
    await converge(run, wanted, description);
    await updateTags(run, wanted, existing);
    return attributesOf(run, description, owner?.origin ?? 'adopted');
  },

  async delete(run) {
    const read = readRepositoryLeniently(run.event.ResourceProperties);
    // CloudFormation makes up an id, in its own form, for a resource whose creation was never answered.
    const id = run.event.PhysicalResourceId ?? '';
    const name = isRepositoryName(id) ? id : read.address.repositoryName;
    if (!isRepositoryName(name)) {
      run.log.warn('Neither the id nor the properties name a repository; there is nothing to delete.');
      return;
    }
    const made = { ...read, address: { repositoryName: name } };
    const log = run.log.with({ repositoryName: name });
    // Deleted by name, so before each attempt the name must still lead to what is ours.
    await run.budget.persist(async () => {
      const existing = await find(run, made);
      if (existing === undefined) {
        log.info('The repository does not exist any more.');
        return;
      }
      const { owner } = existing;
      if (owner === undefined || owner.claim !== run.identity.claim) {
        log.warn(`The repository is not this stack's (${OWNER_TAG}: ${nameOfOwner(ownerTag(existing.tags))}); it is left alone.`);
        return;
      }
      await (owner.origin === 'created' ? deleteCreated(run, made) : giveBackAdopted(run, made, existing.tags));
    });
  },
};

/** A creation that is delivered once more when it has failed already would make a repository that nobody deletes. */
async function refuseInRollback(run: Run, wanted: RepositorySettings): Promise<void> {
  if (run.event.RequestType !== 'Create' || await run.direction() !== 'rolling-back') {
    return;
  }
  const { owner } = await find(run, wanted) ?? {};
  if (owner?.claim === run.identity.claim && owner.request === run.identity.request) {
    // An earlier delivery has made it: the Delete of the rollback must find it.
    run.undo.leaveToDelete();
  }
  throw failure('DD-HANDLER-304', 'RepositoryName', `The stack rolls back; ${wanted.address.repositoryName} was neither made nor adopted.`);
}

/** Undefined when the repository exists already. */
async function make(run: Run, { address, mutability, encryption, scanOnPush, tags }: RepositorySettings): Promise<RepositoryDescription | undefined> {
  try {
    return await run.registry.createRepository({
      repositoryName: address.repositoryName,
      ...mutability as object,
      imageScanningConfiguration: { scanOnPush },
      encryptionConfiguration: encryption as never,
      // One call, so that there is no moment at which it is nobody's.
      tags: [...tags, { Key: OWNER_TAG, Value: formatOwner({ origin: 'created', ...run.identity }) }],
    });
  } catch (error) {
    if (isRepositoryAlreadyExists(error)) {
      return undefined;
    }
    if (isTimeIsUp(error) || isTransient(error)) {
      run.undo.leaveToDelete();
    }
    throw error;
  }
}

async function find(run: Run, { address }: RepositorySettings): Promise<Existing | undefined> {
  const description = await run.registry.describeRepository(address);
  if (description?.repositoryArn === undefined) {
    return undefined;
  }
  const tags = await run.registry.listTags(description.repositoryArn);
  return tags && { description: description as Existing['description'], tags, owner: parseOwner(ownerTag(tags)) };
}

async function takeExisting(run: Run, wanted: RepositorySettings, { description, tags, owner }: Existing): Promise<Origin> {
  if (owner?.claim === run.identity.claim) {
    if (owner.request === run.identity.request) {
      run.log.info('This request has made or adopted the repository before: the event was delivered again.');
    } else if (run.event.RequestType === 'Update' && await run.direction() !== 'forward') {
      // Back to the name of before, which the failed update had left as it was.
      run.log.info('The repository is this resource\'s own from before the update that is rolled back.');
    } else {
      return takeForeign(run, wanted, description, tags);
    }
    await converge(run, wanted, description);
    await run.registry.tag(description.repositoryArn, different(wanted.tags, tags));
    return owner.origin;
  }
  return takeForeign(run, wanted, description, tags);
}

async function takeForeign(run: Run, wanted: RepositorySettings, found: Existing['description'], tags: readonly Tag[]): Promise<Origin> {
  const { repositoryName } = wanted.address;
  if (wanted.existing === 'fail') {
    throw failure('DD-HANDLER-102', 'RepositoryName', `A repository ${repositoryName} exists already; its owner is ${nameOfOwner(ownerTag(tags))}.`, {
      value: repositoryName,
      fix: 'To take it over with its images, set existing to ExistingRepository.ADOPT; to use it as it is, import it with Repository.fromRepositoryName; otherwise choose another name.',
    });
  }
  const encrypted = encryptionOfRepository(found, wanted.encryption);
  // Whoever asks for no particular key gets the repository's.
  if (encrypted === 'different' || (encrypted === 'unknown' && wanted.encryption.kmsKey !== undefined)) {
    throw failure('DD-HANDLER-103', 'EncryptionConfiguration',
      `${repositoryName} exists and is encrypted with ${encryptionText(found.encryptionConfiguration)}, not ${encryptionText(wanted.encryption)}; ECR cannot change that.`, {
        value: wanted.encryption,
        fix: encrypted === 'unknown'
          ? 'Give the ARN of the key instead of an alias, so that it can be compared.'
          : 'Declare the encryption that it has, or choose another name.',
      });
  }
  await adopt(run, wanted, found, tags);
  return 'adopted';
}

async function checkEncryption(run: Run, wanted: RepositorySettings, found: RepositoryDescription): Promise<void> {
  const encrypted = encryptionOfRepository(found, wanted.encryption);
  const before = readRepositoryLeniently(run.event.OldResourceProperties ?? {}).encryption;
  if (encrypted === 'same' || (encrypted === 'unknown' && (wanted.encryption.kmsKey === undefined || before.kmsKey === wanted.encryption.kmsKey))) {
    return;
  }
  if (await run.direction() === 'rolling-back') {
    run.log.warn('The repository is encrypted in another way than the template that is rolled back to says.', { repositoryName: wanted.address.repositoryName });
    return;
  }
  throw failure('DD-HANDLER-103', 'EncryptionConfiguration',
    `${wanted.address.repositoryName} is encrypted with ${encryptionText(found.encryptionConfiguration)}, not ${encryptionText(wanted.encryption)}; ECR cannot change that.`, {
      value: wanted.encryption,
      fix: 'Leave repositoryName out, so that the repository is replaced under another name, or give another one. Its images stay with the old repository.',
    });
}

/**
 * Sets our tags and takes away those that are ours no more. A value that somebody else gave to one of our keys is noted before it is
 * overwritten, and given back when this very update is rolled back.
 */
async function updateTags(run: Run, wanted: RepositorySettings, { description: { repositoryArn }, tags, owner }: Existing): Promise<void> {
  const before = readRepositoryLeniently(run.event.OldResourceProperties ?? {}).tags;
  const record = owner === undefined ? undefined : decodeRecord('repository', tags);
  // The note of an adoption belongs to a creation that has long succeeded: an update that is taken back may never have reached us.
  const noteBefore = record?.body as Before | undefined;
  const unsettled = noteBefore !== undefined && OWNER_TAG in noteBefore.tags ? undefined : noteBefore;
  // Whoever delivers the same update again must not take the note of the first time for one that is settled.
  const isAgain = record?.head === `${run.identity.claim} ${run.identity.request}`;
  const direction = unsettled === undefined ? 'forward' : await run.direction();
  const takeBack = unsettled !== undefined && direction === 'rolling-back';
  if (takeBack) {
    const added = before.filter(({ Key }) => !wanted.tags.some((tag) => tag.Key === Key));
    await restoreTags(run, repositoryArn, tags, added, unsettled.tags);
  }
  const present = takeBack ? await run.registry.listTags(repositoryArn) ?? [] : tags;
  const set = different(wanted.tags, present);
  const overwritten = set.filter(({ Key }) => present.some((tag) => tag.Key === Key) && !before.some((tag) => tag.Key === Key));
  const gone = before.filter(({ Key, Value }) => !wanted.tags.some((tag) => tag.Key === Key)
    && present.some((tag) => tag.Key === Key && tag.Value === Value) && !(takeBack && Key in unsettled.tags));
  const values = valuesBefore(present, overwritten.map(({ Key }) => Key));
  const note: Before = isAgain || direction === 'unknown' ? { ...unsettled, tags: { ...values, ...unsettled?.tags } } : { tags: values };
  const noted = owner === undefined || Object.keys(note.tags).length === 0 ? [] : encodeRecord('repository', `${run.identity.claim} ${run.identity.request}`, note);
  checkRoom(present.filter(({ Key }) => !gone.some((tag) => tag.Key === Key)), [...set, ...noted]);
  await run.registry.tag(repositoryArn, noted);
  await run.registry.tag(repositoryArn, set);
  const settled = takeBack ? [] : Object.keys(record?.tags ?? {}).filter((key) => !noted.some(({ Key }) => Key === key));
  await run.registry.untag(repositoryArn, [...gone.map(({ Key }) => Key), ...settled]);
}

async function deleteCreated(run: Run, made: RepositorySettings): Promise<void> {
  const log = run.log.with({ repositoryName: made.address.repositoryName });
  // With DeletionPolicy RetainExceptOnCreate a Delete comes only when CloudFormation takes the creation back.
  if (made.removal === 'retain' && await run.direction() === 'forward') {
    log.warn('The repository is to be retained, and the stack does not roll back; it is left alone.');
    return;
  }
  try {
    await run.registry.deleteRepository(made.address, made.removal === 'destroy' && made.emptyOnDelete);
    log.info('The repository has been deleted.');
  } catch (error) {
    if (!isRepositoryNotEmpty(error)) {
      throw error;
    }
    if (made.removal === 'retain' || await run.direction() === 'rolling-back') {
      log.warn('The repository holds images already; it is left alone, although its creation is rolled back.');
      return;
    }
    throw failure('DD-HANDLER-105', 'RepositoryName', `${made.address.repositoryName} still holds images and is not deleted.`, {
      value: made.address.repositoryName, fix: 'Set emptyOnDelete (and deploy) to delete it with its images, delete them yourself, or choose RemovalPolicy.RETAIN.', cause: error,
    });
  }
}

async function giveBackAdopted(run: Run, made: RepositorySettings, tags: readonly Tag[]): Promise<void> {
  const log = run.log.with({ repositoryName: made.address.repositoryName });
  const direction = await run.direction();
  if (direction !== 'forward') {
    const before = decodeRecord('repository', tags)?.body as Before | undefined;
    await restore(run, made, before ?? { tags: { [OWNER_TAG]: null } });
    log.info('The repository was adopted; its adoption has been taken back.');
    return;
  }
  if (made.removal === 'destroy') {
    await deleteCreated(run, made);
  } else {
    log.warn('The repository is to be retained; it is left alone.');
  }
}

function ownerTag(tags: readonly Tag[]): string | undefined {
  return tags.find(({ Key }) => Key === OWNER_TAG)?.Value;
}

function encryptionText(encryption: { readonly encryptionType?: string; readonly kmsKey?: string } | undefined): string {
  const type = encryption?.encryptionType ?? 'AES256';
  return encryption?.kmsKey === undefined ? type : `${type} and key ${encryption.kmsKey}`;
}

function attributesOf(run: Run, { repositoryArn, repositoryName, repositoryUri, registryId }: RepositoryDescription, origin: Origin): Attributes {
  return {
    Arn: repositoryArn ?? '', RepositoryName: repositoryName ?? '', RepositoryUri: repositoryUri ?? '', RegistryId: registryId ?? run.home.accountId, Origin: origin,
  };
}
