import { push, Pushed } from './images/support';
import { SecretsStub } from './secrets-stub';
import { keep, NOW, Properties, World, WorldOptions } from './support';
import { createHandler as createCredentialsHandler } from '../../src/handlers/credentials/dispatch';
import { createHandler as createImagesHandler } from '../../src/handlers/images/dispatch';
import { IMAGE_CLEANUP_TYPE, IMAGE_COPY_TYPE, IMAGE_DIGEST_TYPE, IMAGE_TAG_TYPE, REGISTRY_CREDENTIALS_TYPE } from '../../src/image-resources';
import { Inventory } from '../../src/lifecycle/model';
import { LIFECYCLE_POLICY_PREVIEW_TYPE, LIFECYCLE_POLICY_TYPE, PREVIEW_GATE_TYPE, REPOSITORY_POLICY_TYPE, REPOSITORY_TYPE } from '../../src/resources';

export const NAME = 'shop/web';
export const UPSTREAM = 'upstream/web';
export const SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:login-a1b2c3';

/** One resource in the middle of what others have put into the same repository. */
export interface Scenario {
  /** The resource, as a person would call it. */
  readonly handler: string;
  readonly type: string;
  readonly properties: Properties;
  /** Updated in place. */
  readonly changed: Properties;
  readonly physicalId: string;
  /** The call that makes the difference. */
  readonly effect: string;
  /** Whether it changes something that a rollback must take back. */
  readonly isReversible: boolean;
  start(options?: WorldOptions): Promise<World>;
}

const secrets: SecretsStub[] = [];
afterEach(async () => {
  await Promise.all(secrets.splice(0).map((one) => one.stop()));
});

/** The secrets of a world that was started last. */
export const lastSecrets = () => secrets.at(-1)!;

const THEIRS = {
  repositoryPolicyText: JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Theirs', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'ecr:BatchGetImage' }] }),
  tags: [{ Key: 'cost', Value: '42' }],
};

/** The repository of the scenarios with an image that is tagged twice and one that is not, and one from which images come. */
async function fill(world: World): Promise<World> {
  const put = (content: string, repositoryName: string, tags: string[] = []): Promise<Pushed> => push(world, content, { stored: true, repositoryName, tags });
  await put('first', NAME, ['v1', 'stable']);
  await put('second', NAME, ['v2']);
  await put('left over', NAME);
  await put('new', UPSTREAM, ['v3']);
  world.calls.splice(0);
  return world;
}

const open = (createHandler?: WorldOptions['createHandler'], settings: object = THEIRS) => async (options: WorldOptions = {}) => fill(await World.start({
  now: NOW, seed: { repositories: [{ repositoryName: NAME, ...settings }, { repositoryName: UPSTREAM }], imageDetails: [] }, ...options, ...(createHandler && { createHandler }),
}));

async function openWithSecrets(options: WorldOptions = {}): Promise<World> {
  const stub = await new SecretsStub().start();
  secrets.push(stub);
  return open(createCredentialsHandler)({ ...options, endpoints: { secretsManager: stub.url } });
}

const repository = (more: Properties = {}): Properties => ({
  RepositoryName: NAME, ImageTagMutability: 'IMMUTABLE', EncryptionConfiguration: { encryptionType: 'AES256' }, ImageScanningConfiguration: { scanOnPush: true },
  Tags: [{ Key: 'team', Value: 'blue' }], ExistingRepository: 'adopt', RemovalPolicy: 'retain', EmptyOnDelete: false, ...more,
});
const statement = (Sid: string, account = '111122223333') => ({ Sid, Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: ['ecr:BatchGetImage'] });
const lifecycle = (count: number, more: Properties = {}): Properties => ({ RepositoryName: NAME, LifecyclePolicy: keep(count), PreviewGate: 'off', ...more });
const upstream = { Type: 'ecr', RepositoryName: UPSTREAM, ImageTag: 'v3' };
const copy = (more: Properties = {}): Properties => ({ RepositoryName: NAME, Source: upstream, ImageTags: ['v3'], Referrers: true, RemovalPolicy: 'destroy', TimeoutSeconds: 900, ...more });

export const SCENARIOS: readonly Scenario[] = [
  {
    handler: 'repository', type: REPOSITORY_TYPE, physicalId: 'shop/new', effect: 'CreateRepository', isReversible: true,
    properties: repository({ RepositoryName: 'shop/new' }),
    changed: repository({ RepositoryName: 'shop/new', ImageTagMutability: 'MUTABLE', Tags: [{ Key: 'team', Value: 'red' }] }), start: open(),
  },
  {
    handler: 'adopted repository', type: REPOSITORY_TYPE, physicalId: NAME, effect: 'PutImageTagMutability', isReversible: true,
    properties: repository(), changed: repository({ ImageScanningConfiguration: { scanOnPush: false }, Tags: [{ Key: 'cost', Value: '43' }] }), start: open(),
  },
  {
    handler: 'repository policy', type: REPOSITORY_POLICY_TYPE, physicalId: `drydock:repository-policy:-:${NAME}:Resource`, effect: 'SetRepositoryPolicy', isReversible: true,
    properties: { RepositoryName: NAME, Statements: [statement('Ours'), statement('Second')] },
    changed: { RepositoryName: NAME, Statements: [statement('Ours', '222233334444'), statement('Third')] }, start: open(),
  },
  {
    handler: 'lifecycle policy', type: LIFECYCLE_POLICY_TYPE, physicalId: `drydock:lifecycle-policy:-:${NAME}:Resource`, effect: 'PutLifecyclePolicy', isReversible: true,
    properties: lifecycle(30, { ReplaceExisting: true }), changed: lifecycle(40, { ReplaceExisting: true }),
    start: open(undefined, { ...THEIRS, lifecyclePolicyText: JSON.stringify(keep(99)) }),
  },
  {
    handler: 'lifecycle policy preview', type: LIFECYCLE_POLICY_PREVIEW_TYPE, physicalId: `drydock:lifecycle-policy-preview:-:${NAME}:Resource`, effect: 'StartLifecyclePolicyPreview',
    isReversible: false, properties: { RepositoryName: NAME, LifecyclePolicy: keep(1) }, changed: { RepositoryName: NAME, LifecyclePolicy: keep(2) }, start: open(),
  },
  {
    handler: 'preview gate', type: PREVIEW_GATE_TYPE, physicalId: `drydock:preview-gate:-:${NAME}:Resource`, effect: 'StartLifecyclePolicyPreview', isReversible: false,
    properties: { RepositoryName: NAME, LifecyclePolicyText: JSON.stringify(keep(30)), PreviewGate: { MaxExpiringImages: 5 } },
    changed: { RepositoryName: NAME, LifecyclePolicyText: JSON.stringify(keep(40)), PreviewGate: { MaxExpiringImages: 5 } }, start: open(),
  },
  {
    handler: 'image copy', type: IMAGE_COPY_TYPE, physicalId: `drydock:image-copy:-:${NAME}:Resource`, effect: 'TagResource', isReversible: true,
    properties: copy(), changed: copy({ ImageTags: ['v3', 'stable'] }), start: open(createImagesHandler),
  },
  {
    handler: 'image tag', type: IMAGE_TAG_TYPE, physicalId: `drydock:image-tag:-:${NAME}:Resource:stable`, effect: 'PutImage', isReversible: true,
    properties: { RepositoryName: NAME, ImageTag: 'stable', SourceImageTag: 'v2', RemovalPolicy: 'destroy', DeleteLastTag: false },
    changed: { RepositoryName: NAME, ImageTag: 'stable', SourceImageTag: 'v1', RemovalPolicy: 'destroy', DeleteLastTag: false }, start: open(createImagesHandler),
  },
  {
    handler: 'image digest', type: IMAGE_DIGEST_TYPE, physicalId: `drydock:image-digest:-:${NAME}:Resource`, effect: 'DescribeImages', isReversible: false,
    properties: { RepositoryName: NAME, ImageTag: 'v1' }, changed: { RepositoryName: NAME, ImageTag: 'stable' }, start: open(createImagesHandler),
  },
  {
    handler: 'image cleanup', type: IMAGE_CLEANUP_TYPE, physicalId: `drydock:image-cleanup:-:${NAME}:Resource`, effect: 'BatchDeleteImage', isReversible: false,
    properties: { RepositoryName: NAME, Selections: [{ Kind: 'untagged' }], Mode: 'delete', MaxPercent: 100, OnFailure: 'fail' },
    changed: { RepositoryName: NAME, Selections: [{ Kind: 'tagged', TagPatterns: ['v2'] }], Mode: 'delete', MaxPercent: 100, OnFailure: 'fail' }, start: open(createImagesHandler),
  },
  {
    handler: 'registry credentials', type: REGISTRY_CREDENTIALS_TYPE, physicalId: `drydock:registry-credentials:${SECRET_ARN}:Resource`, effect: 'GetAuthorizationToken', isReversible: false,
    properties: { SecretArn: SECRET_ARN, Registries: ['123456789012.dkr.ecr.us-east-1.amazonaws.com'] },
    changed: { SecretArn: SECRET_ARN, Registries: ['210987654321.dkr.ecr.us-east-1.amazonaws.com'] }, start: openWithSecrets,
  },
];

/** Everything that a registry holds; when an image was read last is no matter of a rollback. */
export function stateOf(world: World): Inventory {
  const { imageDetails, ...rest } = world.emulator.inventory();
  return { ...rest, imageDetails: imageDetails.map(({ lastRecordedPullTime: _, ...image }) => image) };
}
