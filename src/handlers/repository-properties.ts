import { RepositoryAddress, RepositoryDescription, Tag, TagMutability } from '../ecr/registry';
import { OWNER_TAG, RECORD_TAG_PREFIX } from '../resources';
import { problem } from './codes';
import { isObject, PropertyReader } from './properties';
import { Run } from './run';

export interface RepositorySettings {
  readonly address: RepositoryAddress;
  readonly mutability: TagMutability;
  readonly encryption: Encryption;
  readonly scanOnPush: boolean;
  readonly tags: readonly Tag[];
  readonly existing: 'fail' | 'adopt';
  readonly removal: 'retain' | 'destroy';
  readonly emptyOnDelete: boolean;
}

export interface Encryption {
  readonly encryptionType: string;
  readonly kmsKey?: string;
}

const MUTABILITIES = ['MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION'] as const;
/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Tag.html; our own come on top. */
const TAGS_MAX = 50;

export function readRepository(run: Run): RepositorySettings {
  const reader = new PropertyReader(run.event.ResourceProperties);
  const settings = settingsOf(reader);
  reader.check('The repository cannot be made:');
  return settings;
}

/** What can be read of properties that need not be complete: those of the state before, or of something to delete. */
export function readRepositoryLeniently(properties: Readonly<Record<string, unknown>>): RepositorySettings {
  return settingsOf(new PropertyReader(properties));
}

function settingsOf(reader: PropertyReader): RepositorySettings {
  return {
    address: { repositoryName: reader.repositoryName(true) },
    mutability: mutabilityOf(reader),
    encryption: encryptionOf(reader),
    scanOnPush: scanOf(reader),
    tags: tagsOf(reader),
    existing: reader.choice('ExistingRepository', ['fail', 'adopt'], 'fail'),
    removal: reader.choice('RemovalPolicy', ['retain', 'destroy'], 'retain'),
    emptyOnDelete: reader.flag('EmptyOnDelete', false),
  };
}

function mutabilityOf(reader: PropertyReader): TagMutability {
  const imageTagMutability = reader.choice('ImageTagMutability', MUTABILITIES, 'MUTABLE');
  const filters = reader.objects('ImageTagMutabilityExclusionFilters').map(({ filterType, filter }) => ({
    filterType: String(filterType ?? 'WILDCARD'), filter: String(filter ?? ''),
  }));
  if (imageTagMutability.endsWith('_WITH_EXCLUSION') !== filters.length > 0) {
    reader.wrong('ImageTagMutabilityExclusionFilters', filters,
      `must ${filters.length > 0 ? 'be left out' : 'name at least one filter'} with ImageTagMutability ${imageTagMutability}`);
  }
  return { imageTagMutability, ...(filters.length > 0 ? { imageTagMutabilityExclusionFilters: filters } : {}) };
}

function encryptionOf(reader: PropertyReader): Encryption {
  const { encryptionType = 'AES256', kmsKey } = reader.object('EncryptionConfiguration') ?? {};
  if (!['AES256', 'KMS', 'KMS_DSSE'].includes(encryptionType as string)) {
    reader.wrong('EncryptionConfiguration/encryptionType', encryptionType, 'must be one of AES256, KMS, KMS_DSSE');
  }
  if (kmsKey !== undefined && typeof kmsKey !== 'string') {
    reader.wrong('EncryptionConfiguration/kmsKey', kmsKey, 'must be the ARN of a key');
  }
  return { encryptionType: String(encryptionType), ...(typeof kmsKey === 'string' && kmsKey !== '' ? { kmsKey } : {}) };
}

function scanOf(reader: PropertyReader): boolean {
  const configuration = reader.object('ImageScanningConfiguration');
  const nested = new PropertyReader(isObject(configuration) ? configuration : {});
  const scanOnPush = nested.flag('scanOnPush', false);
  reader.add('ImageScanningConfiguration/', nested.problems);
  return scanOnPush;
}

function tagsOf(reader: PropertyReader): readonly Tag[] {
  const tags = reader.tags('Tags');
  for (const { Key } of tags) {
    if (Key === OWNER_TAG || Key.startsWith(RECORD_TAG_PREFIX)) {
      reader.wrong(`Tags/${Key}`, Key, 'is a tag that only the handler writes; give yours another key');
    }
  }
  if (tags.length >= TAGS_MAX) {
    reader.problems.push(problem('DD-HANDLER-106', 'Tags', `${tags.length} tags are too many: a repository has at most ${TAGS_MAX}, and one of them says who owns it.`, { value: tags.length }));
  }
  return tags;
}

/** Tags of AWS itself neither count against the limit nor can be written. */
export function exceedsTagLimit(present: readonly Tag[], added: readonly string[]): number | undefined {
  const keys = new Set([...present.map(({ Key }) => Key), ...added].filter((key) => !key.startsWith('aws:')));
  return keys.size > TAGS_MAX ? keys.size : undefined;
}

export function sameMutability(a: TagMutability, b: TagMutability): boolean {
  const text = ({ imageTagMutability, imageTagMutabilityExclusionFilters: filters }: TagMutability) =>
    JSON.stringify([imageTagMutability, (filters ?? []).map(({ filterType, filter }) => `${filterType} ${filter}`).sort()]);
  return text(a) === text(b);
}

export function mutabilityOfRepository({ imageTagMutability, imageTagMutabilityExclusionFilters }: RepositoryDescription): TagMutability {
  const filters = (imageTagMutabilityExclusionFilters ?? []).map(({ filterType, filter }) => ({ filterType: filterType ?? 'WILDCARD', filter: filter ?? '' }));
  return { imageTagMutability: imageTagMutability ?? 'MUTABLE', ...(filters.length > 0 ? { imageTagMutabilityExclusionFilters: filters } : {}) };
}

export function scanOfRepository({ imageScanningConfiguration }: RepositoryDescription): boolean {
  return imageScanningConfiguration?.scanOnPush ?? false;
}

/**
 * Whether a repository is encrypted as wanted. ECR shows the key's ARN; an alias may or may not stand for it, and the wish for the AWS managed
 * key names none.
 */
export function encryptionOfRepository({ encryptionConfiguration: found }: RepositoryDescription, wanted: Encryption): 'same' | 'different' | 'unknown' {
  if ((found?.encryptionType ?? 'AES256') !== wanted.encryptionType) {
    return 'different';
  }
  if (wanted.encryptionType === 'AES256' || found?.kmsKey === wanted.kmsKey) {
    return 'same';
  }
  if (wanted.kmsKey === undefined || /(^|:)alias\//.test(wanted.kmsKey)) {
    return 'unknown';
  }
  return found?.kmsKey?.split('/').at(-1) === wanted.kmsKey.split('/').at(-1) && sameKeyPlace(found?.kmsKey ?? '', wanted.kmsKey) ? 'same' : 'different';
}

/** A key id alone means the same Region and account. */
function sameKeyPlace(found: string, wanted: string): boolean {
  return !wanted.startsWith('arn:') || found.split('/')[0] === wanted.split('/')[0];
}
