import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, keep, seedOf, text, World } from './support';
import { CustomResourceEvent } from '../../src/handlers/protocol';
import { IMAGE_CLEANUP_TYPE, IMAGE_DIGEST_TYPE } from '../../src/image-resources';
import { PREVIEW_GATE_TYPE, REPOSITORY_TYPE } from '../../src/resources';
import { RunningServices } from '../ecr/running';

const ASSETS = join(__dirname, '..', '..', 'assets');
const FUNCTIONS = ['handler', 'images'] as const;
let directory: string;

beforeAll(() => {
  if (FUNCTIONS.some((name) => !existsSync(join(ASSETS, name, 'dispatch.js')))) {
    throw new Error('The handlers are not bundled: run `npx projen bundle`.');
  }
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drydock-bundle-'));
  ship('handler');
});

/** Puts the files of one function where Lambda would have them. */
function ship(name: (typeof FUNCTIONS)[number]): void {
  rmSync(directory, { recursive: true });
  cpSync(join(ASSETS, name), directory, { recursive: true });
}

afterEach(() => rmSync(directory, { recursive: true }));

interface Invocation {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The function as Lambda has it: its own files, its environment, nothing of this project. */
function invoke(event: CustomResourceEvent, environment: Record<string, string> = {}): Promise<Invocation> {
  const code = `
    const { handler } = require(process.env.LAMBDA_TASK_ROOT + '/index.js');
    handler(JSON.parse(process.env.EVENT), { getRemainingTimeInMillis: () => 20000 }).then(() => process.exit(0), (e) => { console.error(e); process.exit(3); });`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', code], { cwd: directory, env: { LAMBDA_TASK_ROOT: directory, EVENT: JSON.stringify(event), AWS_REGION: 'us-east-1', ...environment } });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => { output.stdout += chunk; });
    child.stderr.on('data', (chunk) => { output.stderr += chunk; });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...output }));
  });
}

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMIsecret', AWS_SESSION_TOKEN: 'SESSIONTOKEN' };

const environmentOf = (world: World) => ({
  ...CREDENTIALS, AWS_ENDPOINT_URL_ECR: world.emulator.endpoint, AWS_ENDPOINT_URL_CLOUDFORMATION: world.cloudFormation.url,
});

test('the shipped function makes a repository with nothing but its own files and environment, and writes JSON lines', async () => {
  const world = await World.start();
  const event = world.event('Create', REPOSITORY_TYPE, { RepositoryName: 'shop/web' });
  const { exitCode, stdout, stderr } = await invoke(event, environmentOf(world));
  expect(stderr.replace(/\(node:\d+\)[^]*NodeVersionSupportWarning[^]*/, '')).toBe('');
  expect(exitCode).toBe(0);
  expect(world.responses.of(event.RequestId)).toEqual([expect.objectContaining({ status: 'SUCCESS', physicalId: 'shop/web' })]);
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line));
  expect(lines.map(({ message }) => message)).toEqual(['request', 'answer']);
  expect(lines[0].handlerVersion).toMatch(/^\d+\.\d+\.\d+/);
  expect(stdout).not.toMatch(/s3cr3t|t0k3n|wJalrX|SESSIONTOKEN|AKIA/);
});

test('asks CloudFormation at the endpoint of its environment', async () => {
  const world = await World.start();
  await world.create(REPOSITORY_TYPE, { RepositoryName: 'shop/web' });
  world.cloudFormation.status = 'ROLLBACK_IN_PROGRESS';
  const event = world.event('Delete', REPOSITORY_TYPE, { RepositoryName: 'shop/web' }, { physicalId: 'shop/web' });
  await invoke(event, environmentOf(world));
  expect([...new Set(world.cloudFormation.calls.map(({ action }) => action))]).toEqual(['DescribeStacks']);
  expect(world.repository('shop/web')).toBeUndefined();
});

test('the shipped function of images looks a tag up with nothing but its own files and environment', async () => {
  ship('images');
  const world = await World.start({ seed: seedOf('shop/web', 2) });
  const event = world.event('Create', IMAGE_DIGEST_TYPE, { RepositoryName: 'shop/web', ImageTag: 'v2' });
  const { exitCode, stdout } = await invoke(event, environmentOf(world));
  expect(exitCode).toBe(0);
  expect(world.responses.of(event.RequestId)).toEqual([expect.objectContaining({ status: 'SUCCESS', data: expect.objectContaining({ DigestHex: digestOf(2).slice(7) }) })]);
  expect(stdout).not.toMatch(/s3cr3t|t0k3n|wJalrX|SESSIONTOKEN|AKIA/);
});

describe.each(FUNCTIONS)('the main part of %s', (name) => {
  test.each([
    ['is missing', () => rmSync(join(directory, 'dispatch.js'))],
    ['is damaged', () => writeFileSync(join(directory, 'dispatch.js'), readFileSync(join(directory, 'dispatch.js'), 'utf8').slice(0, 100_000))],
    ['throws when it is loaded', () => writeFileSync(join(directory, 'dispatch.js'), 'throw new Error("no such region")')],
  ])('%s: it answers FAILED at once', async (_, damage) => {
    ship(name);
    damage();
    const world = await World.start();
    const event = world.event('Create', REPOSITORY_TYPE, { RepositoryName: 'shop/web' });
    const { exitCode } = await invoke(event);
    expect(exitCode).toBe(0);
    expect(world.responses.of(event.RequestId)).toEqual([
      expect.objectContaining({ status: 'FAILED', physicalId: `drydock:create-failed:${event.RequestId}`, reason: expect.stringContaining('DD-HANDLER-006') }),
    ]);
  });
});

test('the clients of ECS and Lambda are loaded by a gate that looks for images in use, and by nothing else', async () => {
  const services = await new RunningServices({ services: { prod: { api: '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:v3' } } }).start();
  try {
    const world = await World.start({ seed: seedOf('shop/web', 3) });
    const gate = (PreviewGate: unknown) => world.event('Create', PREVIEW_GATE_TYPE, { RepositoryName: 'shop/web', LifecyclePolicyText: text(keep(2)), PreviewGate });
    const environment = { ...environmentOf(world), AWS_ENDPOINT_URL_ECS: services.url, AWS_ENDPOINT_URL_LAMBDA: services.url };
    const looking = gate({ InUse: ['ecs', 'lambda'] });
    await invoke(looking, environment);
    expect(world.responses.of(looking.RequestId)).toEqual([expect.objectContaining({ status: 'FAILED', reason: expect.stringContaining('DD-GATE-107') })]);
    expect(world.responses.of(looking.RequestId)[0].reason).toContain('v3, by ECS service prod/api (rule 1)');
    rmSync(join(directory, 'in-use.js'));
    const plain = gate({ MaxExpiringImages: 3 });
    await invoke(plain, environment);
    expect(world.responses.of(plain.RequestId)).toEqual([expect.objectContaining({ status: 'SUCCESS' })]);
  } finally {
    await services.stop();
  }
});

test('a cleanup of the shipped function of images asks services what they run, with the clients that lie beside it', async () => {
  ship('images');
  const uri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web';
  const services = await new RunningServices({ services: { prod: { api: `${uri}:v2` } } }).start();
  try {
    const world = await World.start({ seed: seedOf('shop/web', 3) });
    const event = world.event('Create', IMAGE_CLEANUP_TYPE, {
      RepositoryName: 'shop/web', Selections: [{ Kind: 'tagged', TagPatterns: ['v*'] }], Mode: 'delete', MaxPercent: 100, InUse: ['ecs'],
    });
    await invoke(event, { ...environmentOf(world), AWS_ENDPOINT_URL_ECS: services.url });
    expect(world.responses.of(event.RequestId)).toEqual([expect.objectContaining({ status: 'SUCCESS', data: expect.objectContaining({ DeletedImageCount: '2' }) })]);
    expect(world.emulator.inventory('shop/web').imageDetails.map(({ imageTags }) => imageTags)).toEqual([['v2']]);
  } finally {
    await services.stop();
  }
});

test('a function without credentials says so', async () => {
  const world = await World.start();
  const event = world.event('Create', REPOSITORY_TYPE, { RepositoryName: 'shop/web' });
  await invoke(event, { AWS_ENDPOINT_URL_ECR: world.emulator.endpoint });
  expect(world.responses.of(event.RequestId)[0].reason).toContain('No AWS credentials in the environment');
});

test.each([['handler', 350_000], ['images', 600_000]] as const)('the bundle of %s stays below %d bytes and holds none of the SDK\'s other sources of credentials', (name, most) => {
  const files = readdirSync(join(ASSETS, name)).filter((file) => file.endsWith('.js'));
  expect(files.sort()).toEqual(['dispatch.js', 'in-use.js', 'index.js']);
  const sizeOf = (...names: string[]) => names.reduce((sum, file) => sum + statSync(join(ASSETS, name, file)).size, 0);
  expect(sizeOf('dispatch.js', 'index.js')).toBeLessThan(most);
  expect(sizeOf('in-use.js')).toBeLessThan(350_000);
  const code = files.map((file) => readFileSync(join(ASSETS, name, file), 'utf8')).join('');
  expect(code).not.toMatch(/GetRoleCredentials|AssumeRoleWithWebIdentity|sso_start_url/);
});
