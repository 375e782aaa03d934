import { Demand } from './model';
import { ACTION_OF_OPERATION, REGISTRY_ACTIONS } from '../access/actions';

/** Whose registry is meant where a request does not say. */
export interface RegistryPlace {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** What is known of a repository, for condition keys and keys of KMS. */
export interface KnownRepository {
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly kmsKey?: string;
}

type Input = Readonly<Record<string, any>>;
type Look = (repositoryName: string, registryId: string) => KnownRepository | undefined;

const ON_REGISTRY: ReadonlySet<string> = new Set(REGISTRY_ACTIONS);

/**
 * What a call of the ECR API needs.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
 */
export function ecrDemands(operation: string, input: Input, place: RegistryPlace, look: Look): Demand[] {
  if (ON_REGISTRY.has(operation)) {
    return [{ action: `ecr:${operation}`, resource: '*' }];
  }
  const action = ACTION_OF_OPERATION.get(`ecr:${operation.toLowerCase()}`) ?? `ecr:${operation}`;
  const registryId = String(input.registryId ?? place.accountId);
  const on = (name: string, wanted = action): Demand => repositoryDemand(wanted, name, { ...place, accountId: registryId }, operation === 'CreateRepository' ? undefined : look(name, registryId));
  switch (operation) {
    case 'DescribeRepositories':
      // The unnamed list is one of all repositories.
      return ((input.repositoryNames as string[] | undefined) ?? ['*']).map((name) => on(name));
    case 'TagResource': case 'UntagResource': case 'ListTagsForResource':
      return [withRequestTags(on(String(input.resourceArn).replace(/^.*?:repository\//, '')), input)];
    case 'CreateRepository':
      return createDemands(on, input, place);
    case 'DeleteRepository': {
      const kmsKey = look(String(input.repositoryName), registryId)?.kmsKey;
      // The repository goes also when its grants cannot be retired: https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
      return [on(input.repositoryName), ...(kmsKey === undefined ? [] : [{ action: 'kms:RetireGrant', resource: kmsKey, optional: true }])];
    }
    default:
      return [on(input.repositoryName)];
  }
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-supported-iam-actions-tagging.html, https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html */
function createDemands(on: (name: string, action?: string) => Demand, input: Input, { partition, region, accountId }: RegistryPlace): Demand[] {
  const { repositoryName, tags = [], encryptionConfiguration: { kmsKey = undefined } = {} } = input;
  const key = kmsKey === undefined || /(?:^|:)alias\//.test(kmsKey) ? undefined : /^arn:/.test(kmsKey) ? kmsKey as string : `arn:${partition}:kms:${region}:${accountId}:key/${kmsKey}`;
  return [
    withRequestTags(on(repositoryName), input),
    ...(tags.length === 0 ? [] : [withRequestTags(on(repositoryName, 'ecr:TagResource'), input)]),
    ...(key === undefined ? [] : ['kms:DescribeKey', 'kms:CreateGrant'].map((action) => ({ action, resource: key }))),
  ];
}

/** Operations of the registry protocol, as the emulator calls them, and the actions that ECR asks for. */
const REGISTRY_PROTOCOL: Readonly<Record<string, readonly string[]>> = {
  'v2:Ping': [],
  'v2:Catalog': ['DescribeRepositories'],
  'v2:ListTags': ['ListImages'],
  'v2:ListReferrers': ['BatchGetImage'],
  'v2:HeadManifest': ['BatchGetImage'],
  'v2:GetManifest': ['BatchGetImage'],
  'v2:PutManifest': ['PutImage'],
  'v2:DeleteManifest': ['BatchDeleteImage'],
  'v2:HeadBlob': ['BatchCheckLayerAvailability'],
  'v2:GetBlob': ['GetDownloadUrlForLayer'],
  'v2:StartBlobUpload': ['InitiateLayerUpload'],
  'v2:PatchBlob': ['UploadLayerPart'],
  'v2:PutBlob': ['CompleteLayerUpload'],
  'v2:GetBlobUpload': ['UploadLayerPart'],
  'v2:CancelBlobUpload': ['UploadLayerPart'],
};

/** What a request of the registry protocol needs. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html */
export function registryDemands(operation: string, { repositoryName, digest, mount, from }: Input, place: RegistryPlace, look: Look): Demand[] {
  const on = (action: string, name: string) => repositoryDemand(`ecr:${action}`, name, place, look(name, place.accountId));
  const wholeBlob = operation === 'v2:StartBlobUpload' && digest !== undefined && mount === undefined;
  return [
    ...[...REGISTRY_PROTOCOL[operation] ?? [], ...(wholeBlob ? ['UploadLayerPart', 'CompleteLayerUpload'] : [])].map((action) => on(action, operation === 'v2:Catalog' ? '*' : repositoryName)),
    // Without it nothing is mounted, and the layer is uploaded: https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
    ...(mount !== undefined && from !== undefined ? [{ ...on('GetDownloadUrlForLayer', from), optional: true }] : []),
  ];
}

function repositoryDemand(action: string, name: string, { partition, region, accountId }: RegistryPlace, known: KnownRepository | undefined): Demand {
  const context = Object.fromEntries((known?.tags ?? []).flatMap(({ Key, Value }) => [[`aws:ResourceTag/${Key}`, [Value]], [`ecr:ResourceTag/${Key}`, [Value]]]));
  return { action, resource: `arn:${partition}:ecr:${region}:${accountId}:repository/${name}`, resourceAccount: accountId, context };
}

function withRequestTags(demand: Demand, { tags, tagKeys }: Input): Demand {
  const list = (tags ?? []) as readonly { readonly Key: string; readonly Value: string }[];
  const keys = [...list.map(({ Key }) => Key), ...(tagKeys as string[] | undefined ?? [])];
  return keys.length === 0 ? demand : {
    ...demand, context: { ...demand.context, 'aws:TagKeys': keys, ...Object.fromEntries(list.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, [Value]])) },
  };
}
