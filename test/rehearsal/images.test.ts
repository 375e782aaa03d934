import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { App, aws_ecs as ecs, aws_lambda as lambda, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { removeAssemblies, temporaryDirectory } from './assembly-builder';
import { Emulator, startEmulator } from '../../src/emulator';
import { OperationOptions, RehearsalResult, RehearsalSession, SessionOptions } from '../../src/rehearsal';
import { CleanupMode, ImageCleanup, ImageDigest, ImageSelection, ImageTag, Refresh, Repository } from 'cdk-drydock';

const ROOT = join(__dirname, '..', '..');
const NAME = 'shop/api';
const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';

beforeAll(() => {
  if (!existsSync(join(ROOT, 'assets', 'images', 'index.js'))) {
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'bundle.js')], { cwd: ROOT });
  }
});

afterAll(removeAssemblies);

class World {
  public static async open(session: Partial<SessionOptions> = {}): Promise<World> {
    const emulator = await startEmulator({ now: '2026-01-31T12:00:00Z', allowMissingLayers: true, seed: { repositories: [{ repositoryName: NAME }], imageDetails: [] } });
    const handlerEnv = { NODE_OPTIONS: `--require=${join(__dirname, 'fixtures', 'fast-timers.js')}` };
    const world = new World(emulator, await RehearsalSession.open({ ecrEndpoint: emulator.endpoint, handlerEnv, ...session }));
    worlds.push(world);
    return world;
  }

  private constructor(public readonly emulator: Emulator, private readonly session: RehearsalSession) {}

  public run(build: (stack: Stack) => void, options: Partial<OperationOptions> = {}): Promise<RehearsalResult> {
    const app = new App({ outdir: temporaryDirectory() });
    build(new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } }));
    return this.session.run({ assembly: app.synth().directory, ...options });
  }

  public async push(content: string, ...tags: string[]): Promise<string> {
    const imageManifest = JSON.stringify({
      schemaVersion: 2, mediaType: OCI_IMAGE, layers: [],
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${createHash('sha256').update(content).digest('hex')}`, size: content.length },
    });
    for (const imageTag of tags) {
      const response = await fetch(this.emulator.endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.PutImage' },
        body: JSON.stringify({ repositoryName: NAME, imageManifest, imageTag }),
      });
      expect(response.status).toBe(200);
    }
    return `sha256:${createHash('sha256').update(imageManifest).digest('hex')}`;
  }

  public tagged(tag: string): string | undefined {
    return this.emulator.inventory(NAME).imageDetails.find((image) => image.imageTags?.includes(tag))?.imageDigest;
  }

  public async close(): Promise<void> {
    await this.session.close();
    await this.emulator.stop();
  }
}

const worlds: World[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

interface Release {
  readonly release: string;
  readonly mode?: CleanupMode;
}

/** A promotion, a Lambda function and an ECS task that run what was promoted, and a cleanup of pull requests. */
const shop = ({ release, mode }: Release) => (stack: Stack) => {
  const repository = Repository.fromRepositoryName(stack, 'Api', NAME);
  const { digest } = new ImageDigest(stack, 'Candidate', { repository, imageTag: 'candidate', refresh: Refresh.onChange(release) });
  const tag = new ImageTag(stack, 'Prod', { repository, imageTag: 'prod', sourceImageDigest: digest, removalPolicy: RemovalPolicy.DESTROY });
  const handler = new lambda.DockerImageFunction(stack, 'Handler', { code: lambda.DockerImageCode.fromEcr(repository, { tagOrDigest: digest }) });
  const task = new ecs.FargateTaskDefinition(stack, 'Task');
  task.addContainer('api', { image: ecs.ContainerImage.fromEcrRepository(repository, tag.imageDigest) });
  const cleanup = new ImageCleanup(stack, 'Cleanup', {
    repository, selections: [ImageSelection.tagsMatching(['pr-*'])], maxPercent: 100, mode, refresh: Refresh.onChange(release),
  });
  cleanup.node.addDependency(handler);
  new CfnOutput(stack, 'Digest', { value: digest });
  new CfnOutput(stack, 'Image', { value: tag.imageUri });
  new CfnOutput(stack, 'Before', { value: tag.previousDigest });
  new CfnOutput(stack, 'Cleaned', { value: cleanup.summary });
};

const failed = (result: RehearsalResult) => result.events.filter(({ status }) => status.endsWith('_FAILED')).map(({ reason }) => reason);

/** Images that the function and the task were given, by digest. */
function running(result: RehearsalResult): string[] {
  const { resources } = result.state.stacks[0];
  const code = resources.find(({ type, properties }) => type === 'AWS::Lambda::Function' && properties.PackageType === 'Image')!.properties.Code as { ImageUri: string };
  const [{ Image }] = resources.find(({ type }) => type === 'AWS::ECS::TaskDefinition')!.properties.ContainerDefinitions as { Image: string }[];
  return [code.ImageUri, Image].map((uri) => uri.split('@')[1]);
}

test('an app without image operations has no function for them', async () => {
  const world = await World.open();
  const result = await world.run((stack) => void new Repository(stack, 'Other', { repositoryName: 'shop/other' }));
  expect(failed(result)).toEqual([]);
  expect(result.stacks[0].resources.filter(({ type }) => type === 'AWS::Lambda::Function')).toHaveLength(1);
});

test('a release pins, promotes and cleans up; the next one follows the tag; the end takes the tag away', async () => {
  const world = await World.open();
  const old = await world.push('old', 'prod', 'v1');
  const first = await world.push('first', 'candidate', 'v2');
  const pr = await world.push('a pull request', 'pr-1');
  const created = await world.run(shop({ release: '1' }));
  expect(failed(created)).toEqual([]);
  expect(created.notices).toEqual([]);
  expect(created.stacks[0].outputs).toMatchObject({
    Digest: first, Before: old, Image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/api@${first}`, Cleaned: 'Dry run: 1 of 3 images would be deleted.',
  });
  expect(running(created)).toEqual([first, first]);
  expect(world.tagged('prod')).toBe(first);
  expect(world.tagged('pr-1')).toBe(pr);
  const calls = { ...world.emulator.calls };
  expect((await world.run(shop({ release: '1' }))).ok).toBe(true);
  expect(world.emulator.calls).toEqual(calls);
  const second = await world.push('second', 'candidate', 'v3');
  const updated = await world.run(shop({ release: '2', mode: CleanupMode.DELETE }));
  expect(failed(updated)).toEqual([]);
  expect(running(updated)).toEqual([second, second]);
  expect(updated.stacks[0].outputs).toMatchObject({ Digest: second, Before: first, Cleaned: '1 of 4 images deleted.' });
  expect(world.tagged('pr-1')).toBeUndefined();
  const destroyed = await world.run(shop({ release: '2' }), { action: 'destroy' });
  expect(destroyed.stacks[0].status).toBe('DELETE_COMPLETE');
  expect([world.tagged('prod'), world.tagged('candidate'), world.tagged('v1')]).toEqual([undefined, second, old]);
});

describe.each<[string, Partial<SessionOptions>]>([
  ['as it is', {}],
  ['when a replaced resource is updated back before it is deleted', { behaviour: { replacedInRollback: 'update-then-delete' } }],
  ['when updates are taken back in the order in which they were made', { behaviour: { rollbackOrder: 'forward' } }],
  ['when every event comes twice', { duplicates: 'sequential' }],
  ['when every event comes twice at the same time', { duplicates: 'concurrent' }],
])('a rollback, %s', (_, session) => {
  test('of a creation gives the tag back', async () => {
    const world = await World.open(session);
    const old = await world.push('old', 'prod', 'v1');
    await world.push('first', 'candidate', 'v2');
    const result = await world.run(shop({ release: '1' }), { failAt: ['Shop/Cleanup/Resource/Default'] });
    expect(result.stacks[0].status).toBe('ROLLBACK_COMPLETE');
    expect(world.tagged('prod')).toBe(old);
    expect(world.emulator.inventory(NAME).repositories![0].tags ?? []).toEqual([]);
  });

  test('of an update leads back to the images of before, although the tag has moved again', async () => {
    const world = await World.open(session);
    await world.push('old', 'prod', 'v1');
    const first = await world.push('first', 'candidate', 'v2');
    expect((await world.run(shop({ release: '1' }))).ok).toBe(true);
    await world.push('second', 'candidate', 'v3');
    const result = await world.run(shop({ release: '2', mode: CleanupMode.DELETE }), { failAt: ['Shop/Cleanup/Resource/Default'] });
    expect(result.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(running(result)).toEqual([first, first]);
    expect(world.tagged('prod')).toBe(first);
    // And the stack goes on from there.
    const third = await world.push('third', 'candidate', 'v4');
    const next = await world.run(shop({ release: '3' }));
    expect(failed(next)).toEqual([]);
    expect(running(next)).toEqual([third, third]);
    expect(next.stacks[0].outputs.Before).toBe(first);
  });
});
