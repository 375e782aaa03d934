import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aspects, aws_ecr as ecr, aws_iam as iam, aws_kms as kms, aws_s3_assets as s3assets, aws_secretsmanager as secretsmanager, Duration, NestedStack, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { pack } from 'tar-stream';
import { IamWorld, NOW, WorldOptions } from './world';
import { Intercept } from '../../src/emulator';
import { ImageDetail } from '../../src/lifecycle/model';
import { credentialsOf } from '../../src/rehearsal';
import { Content } from '../copy/images';
import { scriptedRegistry } from '../copy/scripted-registry';
import { temporaryDirectory } from '../rehearsal/assembly-builder';
import {
  CleanupMode, ExistingRepository, ImageCleanup, ImageCopy, ImageCopyProps, ImageDigest, ImageSelection, ImageSource, ImageTag, InUse, LifecyclePolicy,
  LifecyclePolicyPreview, PreviewGate, Refresh, RegistryCredentials, RegistryLogin, Repository, RepositoryPolicy, Retention,
} from 'cdk-drydock';

/** A construct with certain properties, and everything that can happen to it. */
export interface Scenario {
  readonly construct: string;
  readonly variant: string;
  /** Part of npm test. */
  readonly quick?: boolean;
  walk(open: (options?: WorldOptions) => Promise<IamWorld>): Promise<void>;
}

const NAME = 'shop/api';
const OTHER = 'platform/api';
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/0a0a0a0a-1111-2222-3333-444444444444';
const day = 86_400_000;

const images = (count = 12, repositoryName = NAME): ImageDetail[] => Array.from({ length: count }, (_, i) => ({
  repositoryName, imageDigest: `sha256:${String(i).padStart(64, '0')}`, imageTags: [`1.0.${i}`], imagePushedAt: new Date(Date.parse(NOW) - i * 10 * day).toISOString(),
  imageSizeInBytes: 1000, imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
}));
const seed = (count?: number) => ({ repositories: [{ repositoryName: NAME }, { repositoryName: OTHER }], imageDetails: images(count) });
const imported = (stack: Stack, name = NAME, id = name) => Repository.fromRepositoryName(stack, id, name);

async function call(world: IamWorld, operation: string, input: object): Promise<any> {
  const response = await fetch(world.emulator.endpoint, {
    method: 'POST', headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}` }, body: JSON.stringify(input),
  });
  return response.json();
}

/** Pushes a small image with its layers. */
async function push(world: IamWorld, content: string, tag: string, repositoryName = NAME): Promise<string> {
  const ask = (operation: string, input: object) => call(world, operation, { repositoryName, ...input });
  const blob = async (text: string) => {
    const bytes = Buffer.from(text);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const { uploadId } = await ask('InitiateLayerUpload', {});
    await ask('UploadLayerPart', { uploadId, partFirstByte: 0, partLastByte: bytes.length - 1, layerPartBlob: bytes.toString('base64') });
    await ask('CompleteLayerUpload', { uploadId, layerDigests: [digest] });
    return { digest, size: bytes.length };
  };
  const config = await blob(JSON.stringify({ os: 'linux', architecture: 'amd64', content }));
  const layer = await blob(`layer of ${content}`);
  const imageManifest = JSON.stringify({
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
  });
  const { image } = await ask('PutImage', { imageManifest, imageTag: tag });
  return image.imageId.imageDigest;
}

const repositoryScenario: Scenario = {
  construct: 'Repository',
  variant: 'with a key of the customer: created, changed, adopted, rolled back, deleted',
  walk: async (open) => {
    const app = (changed: boolean, props: object = {}) => (stack: Stack) => {
      const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', KEY);
      new Repository(stack, 'Api', {
        repositoryName: NAME, encryptionKey, removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true,
        imageTagMutability: changed ? ecr.TagMutability.IMMUTABLE : ecr.TagMutability.MUTABLE, imageScanOnPush: changed, ...props,
      });
      Tags.of(stack).add(changed ? 'b' : 'a', '1');
    };
    const world = await open();
    await world.run(app(false));
    await world.run(app(true));
    await world.run(app(false), { rollsBack: true });
    await world.run(app(true), { action: 'destroy' });
    const encryptionConfiguration = { encryptionType: 'KMS' as const, kmsKey: KEY };
    const adopting = await open({ emulator: { seed: { repositories: [{ repositoryName: NAME, encryptionConfiguration }], imageDetails: images(2) } } });
    await adopting.run(app(true, { existing: ExistingRepository.ADOPT, removalPolicy: RemovalPolicy.RETAIN, emptyOnDelete: false }), { rollsBack: true });
  },
};

const nestedScenario: Scenario = {
  construct: 'RepositoryPolicy',
  variant: 'in a nested stack',
  walk: async (open) => {
    const app = (account: string, sid?: string) => (stack: Stack) => {
      const nested = new NestedStack(stack, 'Nested');
      new RepositoryPolicy(nested, 'Access', { repository: imported(nested), statements: [pull(account, sid)] });
    };
    const world = await open({ emulator: { seed: seed() } });
    await world.run(app('111122223333'));
    await world.run(app('444455556666'), { rollsBack: true });
    await world.run(app('444455556666'));
    await changePolicy(world);
    await world.run(app('444455556666', 'Fetch'));
    await world.run(app('444455556666', 'Fetch'), { action: 'destroy' });
  },
};

const pull = (account: string, sid = 'Pull') => new iam.PolicyStatement({ sid, principals: [new iam.AccountPrincipal(account)], actions: ['ecr:BatchGetImage'] });

/** Somebody else gives what stands under our Sid another meaning: whether it goes with our statement depends on where the stack goes. */
const changePolicy = (world: IamWorld) => call(world, 'SetRepositoryPolicy', {
  repositoryName: NAME,
  policyText: JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Pull', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'ecr:DescribeImages' }] }),
});

const policyScenario: Scenario = {
  construct: 'RepositoryPolicy',
  variant: 'created, changed, rolled back, deleted',
  quick: true,
  walk: async (open) => {
    const app = (account: string, sid?: string) => (stack: Stack) => {
      new RepositoryPolicy(stack, 'Access', { repository: imported(stack), statements: [pull(account, sid)] });
    };
    const world = await open({ emulator: { seed: seed() } });
    await world.run(app('111122223333'));
    await world.run(app('444455556666'), { rollsBack: true });
    await changePolicy(world);
    await world.run(app('111122223333', 'Fetch'));
    await world.run(app('111122223333', 'Fetch'), { action: 'destroy' });
  },
};

const latePrincipalScenario: Scenario = {
  construct: 'RepositoryPolicy',
  variant: 'for a role that IAM learns of late',
  walk: async (open) => {
    const role = 'arn:aws:iam::111122223333:role/puller';
    let attempts = 0;
    const world = await open({
      emulator: { seed: seed(), unknownPrincipals: (principal) => principal === role && attempts < 2, onCall: ({ operation }) => { attempts += operation === 'SetRepositoryPolicy' ? 1 : 0; } },
    });
    const app = (stack: Stack) => {
      new RepositoryPolicy(stack, 'Access', {
        repository: imported(stack), statements: [new iam.PolicyStatement({ sid: 'Pull', principals: [new iam.ArnPrincipal(role)], actions: ['ecr:BatchGetImage'] })],
      });
    };
    await world.run(app);
    await world.run(app, { action: 'destroy' });
  },
};

function lifecycleScenario(variant: string, gate: () => PreviewGate, session?: WorldOptions['session']): Scenario {
  return {
    construct: 'LifecyclePolicy',
    variant,
    walk: async (open) => {
      const app = (count: number) => (stack: Stack) => {
        new LifecyclePolicy(stack, 'Retention', { repository: imported(stack), rules: [{ maxImageCount: count }], previewGate: gate() });
      };
      const world = await open({ emulator: { seed: seed() }, session });
      await world.run(app(11));
      await world.run(app(10), { rollsBack: true });
      await world.run(app(10));
      await world.run(app(10), { action: 'destroy' });
      await (await open({ emulator: { seed: seed() }, session })).run(app(11), { rollsBack: true });
    },
  };
}

const running = { inUse: [{ reference: `123456789012.dkr.ecr.us-east-1.amazonaws.com/${NAME}:1.0.0`, by: 'web' }] };

const previewScenario: Scenario = {
  construct: 'LifecyclePolicyPreview',
  variant: 'created and changed',
  walk: async (open) => {
    const app = (count: number) => (stack: Stack) => {
      new LifecyclePolicyPreview(stack, 'Preview', { repository: imported(stack), rules: [{ maxImageCount: count }] });
    };
    const world = await open({ emulator: { seed: seed() } });
    await world.run(app(5));
    await world.run(app(4));
    await world.run(app(4), { action: 'destroy' });
  },
};

function nativeScenario(variant: string, gate: () => PreviewGate, repositoryName: string | undefined, session?: WorldOptions['session']): Scenario {
  return {
    construct: 'PreviewGate.protect',
    variant,
    walk: async (open) => {
      const app = (count: number, gated = true) => (stack: Stack) => {
        new ecr.Repository(stack, 'Native', { repositoryName, lifecycleRules: [{ maxImageCount: count }], removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
        if (gated) {
          PreviewGate.protect(stack, { gate: gate() });
        }
      };
      const world = await open({ session });
      await world.run(app(9));
      const [name] = world.emulator.inventory().repositories?.map((one) => one.repositoryName) ?? [];
      for (const tag of ['1', '2', '3']) {
        await push(world, tag, tag, name);
      }
      await world.run(app(2));
      await world.run(app(1), { rollsBack: true });
      await world.run(app(1), { action: 'destroy' });
    },
  };
}

const digestScenario: Scenario = {
  construct: 'ImageDigest',
  variant: 'looked up, again, rolled back',
  quick: true,
  walk: async (open) => {
    const app = (trigger: string) => (stack: Stack) => {
      new ImageDigest(stack, 'Digest', { repository: imported(stack), imageTag: 'live', refresh: Refresh.onChange(trigger) });
    };
    const world = await open({ emulator: { seed: seed(0) } });
    await push(world, 'one', 'live');
    await world.run(app('1'));
    await push(world, 'two', 'live');
    await world.run(app('2'), { rollsBack: true });
    await world.run(app('2'), { action: 'destroy' });
  },
};

function tagScenario(variant: string, source: string | undefined): Scenario {
  return {
    construct: 'ImageTag',
    variant,
    walk: async (open) => {
      const app = (trigger: string) => (stack: Stack) => {
        new ImageTag(stack, 'Tag', {
          repository: imported(stack), imageTag: 'prod', sourceImageTag: 'candidate', removalPolicy: RemovalPolicy.DESTROY, refresh: Refresh.onChange(trigger), deleteLastTag: true,
          ...(source !== undefined && { sourceRepository: imported(stack, source) }),
        });
      };
      const from = source ?? NAME;
      const world = await open({ emulator: { seed: seed(0) } });
      await push(world, 'one', 'candidate', from);
      await world.run(app('1'), { rollsBack: true });
      await world.run(app('1'), { action: 'destroy' });
      await world.run(app('1'));
      const gone = world.emulator.inventory(from).imageDetails.find(({ imageTags }) => imageTags?.includes('candidate'))!.imageDigest;
      await push(world, 'two', 'candidate', from);
      if (source !== undefined) {
        // The source has lost what the tag stood for; the rollback finds it in the repository itself.
        await call(world, 'BatchDeleteImage', { repositoryName: from, imageIds: [{ imageDigest: gone }] });
      }
      await world.run(app('2'), { rollsBack: true });
      await world.run(app('2'));
      await world.run(app('2'), { action: 'destroy' });
    },
  };
}

function cleanupScenario(variant: string, props: object, session?: WorldOptions['session']): Scenario {
  return {
    construct: 'ImageCleanup',
    variant,
    walk: async (open) => {
      const app = (trigger: string) => (stack: Stack) => {
        new ImageCleanup(stack, 'Cleanup', {
          repository: imported(stack), selections: [ImageSelection.tagsMatching(['pr-*'])], maxPercent: 100, protectPulledWithin: Duration.days(0), refresh: Refresh.onChange(trigger), ...props,
        });
      };
      const world = await open({ emulator: { seed: seed(0) }, session });
      await push(world, 'one', 'pr-1');
      const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] as object[] };
      const child = world.emulator.inventory(NAME).imageDetails[0];
      manifest.manifests.push({ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: child.imageDigest, size: 100, platform: { os: 'linux', architecture: 'amd64' } });
      await fetch(world.emulator.endpoint, {
        method: 'POST', headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.PutImage' },
        body: JSON.stringify({ repositoryName: NAME, imageManifest: JSON.stringify(manifest), imageTag: 'pr-2' }),
      });
      await world.run(app('1'));
      await world.run(app('2'), { rollsBack: true });
      await world.run(app('2'), { action: 'destroy' });
    },
  };
}

function copyScenario(variant: string, prepare: (world: IamWorld) => Promise<(stack: Stack) => Partial<ImageCopyProps> & Pick<ImageCopyProps, 'source'>>, session?: WorldOptions['session'], slow = 0): Scenario {
  return {
    construct: 'ImageCopy',
    variant,
    walk: async (open) => {
      const intercept: Intercept = async ({ operation, phase }) => {
        if (operation === 'UploadLayerPart' && phase === 'before') {
          await new Promise((resolve) => setTimeout(resolve, slow));
        }
      };
      const world = await open({ emulator: { seed: seed(0), ...(slow > 0 && { intercept }) }, session });
      const props = await prepare(world);
      const app = (tag: string) => (stack: Stack) => {
        new ImageCopy(stack, 'Copy', { destination: imported(stack), tags: [tag], removalPolicy: RemovalPolicy.DESTROY, ...props(stack) });
      };
      await world.run(app('a'), { rollsBack: true });
      await world.run(app('a'), { action: 'destroy' });
      await world.run(app('a'));
      await world.run(app('b'), { rollsBack: true });
      await world.run(app('b'));
      await world.run(app('b'), { action: 'destroy' });
    },
  };
}

const registries: { stop(): Promise<void> }[] = [];
/** Ends what the walks have started. */
export async function stopRegistries(): Promise<void> {
  await Promise.all(registries.splice(0).map((registry) => registry.stop()));
}

async function upstream(): Promise<{ host: string; content: Content }> {
  const content = new Content();
  content.multi('app', [9_000, 1_000], '1.0');
  const registry = await scriptedRegistry(content);
  registries.push(registry);
  return { host: registry.host, content };
}

function credentialsScenario(variant: string, isPush: boolean, key: boolean): Scenario {
  return {
    construct: 'RegistryCredentials',
    variant,
    walk: async (open) => {
      const app = (hours: number) => (stack: Stack) => {
        new RegistryCredentials(stack, 'Login', {
          ...(isPush ? { pushRepositories: [imported(stack)] } : { repositories: [imported(stack)] }), rotateEvery: Duration.hours(hours), secretName: 'login',
          ...(key && { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY) }),
        });
      };
      const world = await open({ emulator: { seed: seed(0) } });
      await push(world, 'one', 'live');
      const { state } = await world.run(app(6));
      const role = state.stacks[0].resources.find(({ type }) => type === 'AWS::IAM::Role')!;
      await useLogin(world, String(role.attributes.Arn), isPush);
      await world.run(app(5), { action: 'destroy' });
    },
  };
}

/** What a docker client does with the login of the role. */
async function useLogin(world: IamWorld, roleArn: string, isPush: boolean): Promise<void> {
  const { endpoint } = world.emulator;
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
      'authorization': `AWS4-HMAC-SHA256 Credential=${credentialsOf(roleArn).AWS_ACCESS_KEY_ID}/20260131/us-east-1/ecr/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: '{}',
  });
  const { authorizationData: [{ authorizationToken }] } = await answer.json() as any;
  const request = (method: string, path: string, body?: Buffer | string, headers = {}) =>
    fetch(new URL(path, endpoint), { method, body, redirect: 'manual', headers: { authorization: `Basic ${authorizationToken}`, ...headers } });
  const manifest = await request('GET', `/v2/${NAME}/manifests/live`);
  const text = await manifest.text();
  const { layers: [{ digest }] } = JSON.parse(text);
  await request('HEAD', `/v2/${NAME}/blobs/${digest}`);
  await request('GET', `/v2/${NAME}/blobs/${digest}`);
  if (isPush) {
    const blob = Buffer.from('a new layer');
    const begun = await request('POST', `/v2/${NAME}/blobs/uploads/`);
    const location = begun.headers.get('location')!;
    await request('PATCH', location, blob, { 'content-type': 'application/octet-stream' });
    await request('PUT', `${location}?digest=sha256:${createHash('sha256').update(blob).digest('hex')}`);
    await request('PUT', `/v2/${NAME}/manifests/next`, text, { 'content-type': manifest.headers.get('content-type')! });
  }
}

const retentionScenario: Scenario = {
  construct: 'Retention',
  variant: 'adds lifecycle policies',
  walk: async (open) => {
    const app = (count: number) => (stack: Stack) => {
      new Repository(stack, 'Api', {
        repositoryName: NAME, removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true,
        imageTagMutability: count > 8 ? ecr.TagMutability.MUTABLE : ecr.TagMutability.IMMUTABLE, imageScanOnPush: count < 9,
      });
      Aspects.of(stack).add(Retention.add([{ maxImageCount: count }]));
    };
    const world = await open();
    await world.run(app(9));
    for (const tag of ['1', '2', '3']) {
      await push(world, tag, tag);
    }
    await world.run(app(8));
    await world.run(app(7), { rollsBack: true });
    await world.run(app(7), { action: 'destroy' });
  },
};

export const SCENARIOS: readonly Scenario[] = [
  repositoryScenario,
  policyScenario,
  nestedScenario,
  latePrincipalScenario,
  lifecycleScenario('with the standard gate', () => PreviewGate.of({ maxExpiringPercent: 90 })),
  lifecycleScenario('without a gate', () => PreviewGate.off()),
  lifecycleScenario('with a gate that asks ECS and Lambda', () => PreviewGate.of({ maxExpiringPercent: 90, inUse: InUse.ecsAndLambda() }), running),
  previewScenario,
  nativeScenario('by name', () => PreviewGate.of({ maxExpiringPercent: 90 }), NAME),
  nativeScenario('by logical id', () => PreviewGate.of({ maxExpiringPercent: 90 }), undefined),
  nativeScenario('that asks ECS and Lambda', () => PreviewGate.of({ maxExpiringPercent: 90, inUse: InUse.ecsAndLambda() }), NAME, running),
  digestScenario,
  tagScenario('of an image of the repository', undefined),
  tagScenario('of an image of another repository', OTHER),
  cleanupScenario('dry run', {}),
  cleanupScenario('dry run that reads indexes', { readIndexes: true }),
  cleanupScenario('that deletes', { mode: CleanupMode.DELETE }),
  cleanupScenario('dry run that asks ECS and Lambda', { inUse: InUse.ecsAndLambda() }, running),
  copyScenario('of another repository', async (world) => {
    await push(world, 'one', 'live', OTHER);
    return (stack) => ({ source: ImageSource.fromEcr(imported(stack, OTHER), { tag: 'live' }), longRunning: false });
  }),
  copyScenario('of a registry, with a login in a secret with a key', async () => {
    const { host } = await upstream();
    return (stack) => {
      const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', KEY);
      const secret = new secretsmanager.CfnSecret(stack, 'Login', { kmsKeyId: KEY, secretString: '{"username":"robot","password":"hunter2-and-more"}' });
      const credentials = RegistryLogin.fromSecret(secretsmanager.Secret.fromSecretAttributes(stack, 'Hub', { secretCompleteArn: secret.ref, encryptionKey }));
      return { source: ImageSource.fromRegistry(`${host}/app:1.0`, { credentials }), longRunning: false };
    };
  }),
  copyScenario('of a file', async () => {
    const { content } = await upstream();
    const path = join(temporaryDirectory(), 'image.tar');
    writeFileSync(path, await layoutTar(content));
    return (stack) => ({ source: ImageSource.fromOciLayoutAsset(new s3assets.Asset(stack, 'File', { path })), longRunning: false });
  }),
  copyScenario('that one invocation cannot finish', async () => {
    const { host, content } = await upstream();
    content.image('big', Array.from({ length: 20 }, (_, i) => 2_000 + i), { tag: 'big' });
    return () => ({ source: ImageSource.fromRegistry(`${host}/app:big`), longRunning: true });
  }, { timeLimits: { functionSeconds: 8 }, handlerEnv: {} }, 700),
  credentialsScenario('that pulls', false, false),
  credentialsScenario('that pushes, in a secret with a key', true, true),
  retentionScenario,
];

async function layoutTar(content: Content): Promise<Buffer> {
  const tar = pack();
  const [, digest] = [...content.tags][0];
  const stored = content.manifests.get(digest)!;
  tar.entry({ name: 'oci-layout' }, '{"imageLayoutVersion":"1.0.0"}');
  tar.entry({ name: 'index.json' }, JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: stored.mediaType, digest, size: Buffer.byteLength(stored.text) }] }));
  content.blobs.forEach((bytes, name) => tar.entry({ name: `blobs/sha256/${name.slice(7)}` }, bytes));
  content.manifests.forEach(({ text }, name) => tar.entry({ name: `blobs/sha256/${name.slice(7)}` }, text));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
