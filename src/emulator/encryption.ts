import { createHash } from 'node:crypto';
import { EcrError, invalidParameter } from './ecr-error';
import { RepositoryRecord } from './registry/records';
import { partitionOf, RegistryIdentity } from './registry/registry';

type Encryption = RepositoryRecord['encryptionConfiguration'];

/** The encryption as it is stored: a key is always named by its ARN, whatever the caller wrote. */
export function readEncryption(registry: RegistryIdentity, wanted: Encryption | undefined): Encryption {
  const { encryptionType, kmsKey } = wanted ?? { encryptionType: 'AES256' as const, kmsKey: undefined };
  if (encryptionType === 'AES256') {
    if (kmsKey !== undefined) {
      throw invalidParameter('encryptionConfiguration', 'kmsKey can only be used with the encryption types KMS and KMS_DSSE');
    }
    return { encryptionType };
  }
  // @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
  if (encryptionType === 'KMS_DSSE' && partitionOf(registry.region) !== 'aws-us-gov') {
    throw invalidParameter('encryptionConfiguration', `The encryption type KMS_DSSE is not available in ${registry.region}, only in the AWS GovCloud Regions`);
  }
  return { encryptionType, kmsKey: keyArn(registry, kmsKey ?? 'alias/aws/ecr') };
}

const KEY_ARN = /^arn:(?:aws|aws-cn|aws-us-gov):kms:([a-z0-9-]+):[0-9]{12}:(key|alias)\/[a-zA-Z0-9/_-]+$/;
const KEY_ID = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const ALIAS = /^alias\/[a-zA-Z0-9/_-]+$/;

function keyArn(registry: RegistryIdentity, kmsKey: string): string {
  const [, region, kind] = KEY_ARN.exec(kmsKey) ?? [];
  if (region !== undefined && region !== registry.region) {
    throw new EcrError('KmsException', `The key ${kmsKey} is not in the Region of the repository, ${registry.region}`, { members: { kmsError: 'KMS.NotFoundException' } });
  }
  if (kind === 'key') {
    return kmsKey;
  }
  const prefix = `arn:${partitionOf(registry.region)}:kms:${registry.region}:${registry.accountId}`;
  if (KEY_ID.test(kmsKey)) {
    return `${prefix}:key/${kmsKey}`;
  }
  if (kind === 'alias' || ALIAS.test(kmsKey)) {
    return `${prefix}:key/${keyOfAlias(kmsKey.replace(/^.*:alias\//, 'alias/'))}`;
  }
  throw new EcrError('KmsException', `Invalid key ${kmsKey}`, { members: { kmsError: 'KMS.NotFoundException' } });
}

/** There is no KMS here: an alias always stands for the same made-up key. */
function keyOfAlias(alias: string): string {
  const hex = createHash('sha256').update(alias).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
