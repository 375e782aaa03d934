import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { App, aws_ecr as ecr, CfnOutput, CfnWaitConditionHandle, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as s3Assets from 'aws-cdk-lib/aws-s3-assets';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { pack } from 'tar-stream';
import { removeAssemblies, temporaryDirectory } from './assembly-builder';
import { Emulator, startEmulator } from '../../src/emulator';
import { OperationOptions, RehearsalResult, RehearsalSession, SessionOptions } from '../../src/rehearsal';
import { Content } from '../copy/images';
import { scriptedRegistry, ScriptedRegistry } from '../copy/scripted-registry';
import { ImageCopy, ImageCopyProps, ImageSource, Refresh, RegistryLogin } from 'cdk-drydock';

afterAll(removeAssemblies);

const NAME = 'shop/web';
let content: Content;
let registry: ScriptedRegistry;
let emulator: Emulator;
let slow = 0;
const sessions: RehearsalSession[] = [];

beforeEach(async () => {
  content = new Content();
  content.multi('app', [9_000, 1_000], '1.0');
  registry = await scriptedRegistry(content);
  slow = 0;
  emulator = await startEmulator({
    intercept: async ({ operation, phase }) => {
      if (operation === 'UploadLayerPart' && phase === 'before') {
        await new Promise((resolve) => setTimeout(resolve, slow));
      }
    },
  });
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((open) => open.close()));
  await Promise.all([emulator.stop(), registry.stop()]);
});

async function session(options: Partial<SessionOptions> = {}): Promise<(build: (stack: Stack) => void, more?: Partial<OperationOptions>) => Promise<RehearsalResult>> {
  const opened = await RehearsalSession.open({ ecrEndpoint: emulator.endpoint, stateMachineWaitMillis: 1, ...options });
  sessions.push(opened);
  return (build, more = {}) => {
    const app = new App({ outdir: temporaryDirectory() });
    build(new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } }));
    return opened.run({ assembly: app.synth().directory, ...more });
  };
}

/** A repository of CloudFormation's own, and a copy. */
const app = (props: Partial<ImageCopyProps> = {}, last = false) => (stack: Stack) => {
  const destination = new ecr.Repository(stack, 'Web', { repositoryName: NAME, removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
  const copy = new ImageCopy(stack, 'Copy', { source: ImageSource.fromRegistry(`${registry.host}/app:1.0`), destination, tags: ['1.0'], ...props });
  new CfnOutput(stack, 'Digest', { value: copy.imageDigest });
  if (last) {
    new CfnWaitConditionHandle(stack, 'Last').node.addDependency(copy);
  }
};
const failed = (result: RehearsalResult) => result.events.filter(({ status }) => status.endsWith('_FAILED')).map(({ reason }) => reason);
const tagged = (tag: string) => emulator.inventory(NAME).imageDetails.find(({ imageTags }) => imageTags?.includes(tag))?.imageDigest;
const moveTag = () => content.image('app amd64', [9_000, Buffer.from('next')], { tag: '1.0' }).digest;

test('an app is deployed, updated when the tag has moved, and destroyed', async () => {
  const run = await session();
  const created = await run(app({ refresh: Refresh.onChange('1') }));
  expect(failed(created)).toEqual([]);
  expect([created.notices, created.stacks[0].outputs.Digest]).toEqual([[], content.tags.get('1.0')]);
  const next = moveTag();
  const updated = await run(app({ refresh: Refresh.onChange('2') }));
  expect([updated.ok, updated.stacks[0].outputs.Digest, tagged('1.0')]).toEqual([true, next, next]);
  const destroyed = await run(app({ refresh: Refresh.onChange('2') }), { action: 'destroy' });
  expect(destroyed.ok).toBe(true);
});

test('a deployment that fails after the tag was moved gives it back, and so does one of which the creation fails', async () => {
  const run = await session();
  await run(app({ refresh: Refresh.onChange('1') }));
  const before = tagged('1.0');
  moveTag();
  const rolledBack = await run(app({ refresh: Refresh.onChange('2') }, true), { failAt: ['Last'] });
  expect([rolledBack.stacks[0].status, tagged('1.0')]).toEqual(['UPDATE_ROLLBACK_COMPLETE', before]);
  expect(rolledBack.stacks[0].outputs.Digest).toBe(before);

  const other = await session();
  const never = await other((stack) => {
    const destination = ecr.Repository.fromRepositoryName(stack, 'Web', NAME);
    const copy = new ImageCopy(stack, 'Other', { source: ImageSource.fromRegistry(`${registry.host}/app:1.0`), destination, tags: ['new'] });
    new CfnWaitConditionHandle(stack, 'Last').node.addDependency(copy);
  }, { failAt: ['Last'] });
  expect([never.stacks[0].status, tagged('new'), tagged('1.0')]).toEqual(['ROLLBACK_COMPLETE', undefined, before]);
});

test('a copy that one invocation cannot finish goes on by its state machine', async () => {
  content.image('big', Array.from({ length: 20 }, (_, i) => 2_000 + i), { tag: 'big' });
  slow = 700;
  const run = await session({ timeLimits: { functionSeconds: 8 } });
  const result = await run(app({ source: ImageSource.fromRegistry(`${registry.host}/app:big`), longRunning: true }));
  expect(failed(result)).toEqual([]);
  expect(tagged('1.0')).toBe(content.tags.get('big'));
  const messages = result.handlerLogs.map(({ record }) => record.message);
  expect(messages).toContain('A state machine goes on with the copy.');
  expect(messages.filter((message) => message === 'The copy goes on.').length).toBeGreaterThan(0);
  expect(result.notices).toEqual([]);
});

test('every event delivered twice, at the same time, ends in the same', async () => {
  const run = await session({ duplicates: 'concurrent' });
  const created = await run(app({ refresh: Refresh.onChange('1') }));
  expect([failed(created), tagged('1.0')]).toEqual([[], content.tags.get('1.0')]);
  const next = moveTag();
  const updated = await run(app({ refresh: Refresh.onChange('2') }));
  expect([failed(updated), tagged('1.0')]).toEqual([[], next]);
});

test('a login in a secret of the app, or of elsewhere, is read; nothing of it is told', async () => {
  const run = await session({ secrets: { 'hub-login': '{"username":"robot","password":"hunter2-and-more"}' } });
  const result = await run((stack) => {
    const secret = secretsmanager.Secret.fromSecretNameV2(stack, 'Hub', 'hub-login');
    app({ source: ImageSource.fromRegistry(`${registry.host}/app:1.0`, { credentials: RegistryLogin.fromSecret(secret) }) })(stack);
  });
  expect(failed(result)).toEqual([]);
  expect(JSON.stringify(result)).not.toContain('hunter2');
});

test('nothing leaves the machine: a copy of elsewhere is simulated, and said to be; where this machine has the registry, it is copied from there', async () => {
  const hub = ImageSource.fromRegistry('docker.io/library/app:1.0');
  const run = await session();
  const result = await run(app({ source: hub }));
  expect(failed(result)).toEqual([]);
  expect(result.notices).toContainEqual(expect.objectContaining({ code: 'DD-REHEARSAL-102', message: expect.stringContaining('a registry that is not on this machine') }));
  expect(emulator.inventory(NAME).imageDetails).toEqual([]);
  await run(app({ source: hub }), { action: 'destroy' });

  const mirrored = await session({ registries: { 'docker.io': registry.host } });
  expect((await mirrored(app({ source: hub }))).notices).toEqual([]);
  expect(tagged('1.0')).toBe(content.tags.get('1.0'));
});

test('an OCI layout that the app has as an asset is read from where cdk deploy uploads it', async () => {
  const { index } = content.multi('file', [5_000]);
  const path = join(temporaryDirectory(), 'image.tar');
  const tar = pack();
  const stored = content.manifests.get(index.digest) as { mediaType: string; text: string };
  const files: Record<string, string | Buffer> = {
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: stored.mediaType, digest: index.digest, size: Buffer.byteLength(stored.text) }] }),
    ...Object.fromEntries([...content.blobs].map(([digest, bytes]) => [`blobs/sha256/${digest.slice(7)}`, bytes])),
    ...Object.fromEntries([...content.manifests].map(([digest, { text }]) => [`blobs/sha256/${digest.slice(7)}`, text])),
  };
  Object.entries(files).forEach(([name, bytes]) => tar.entry({ name }, bytes));
  tar.finalize();
  await pipeline(tar, createWriteStream(path));
  const run = await session();
  const result = await run((stack) => app({ source: ImageSource.fromOciLayoutAsset(new s3Assets.Asset(stack, 'File', { path })) })(stack));
  expect(failed(result)).toEqual([]);
  expect(tagged('1.0')).toBe(index.digest);
});
