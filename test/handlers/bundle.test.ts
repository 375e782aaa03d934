import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World } from './support';
import { CustomResourceEvent } from '../../src/handlers/protocol';
import { REPOSITORY_TYPE } from '../../src/resources';

const SHIPPED = join(__dirname, '..', '..', 'assets', 'handler');
let directory: string;

beforeAll(() => {
  if (!existsSync(join(SHIPPED, 'dispatch.js'))) {
    throw new Error('The handler is not bundled: run `npx projen bundle`.');
  }
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drydock-bundle-'));
  cpSync(SHIPPED, directory, { recursive: true });
});

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
  expect(world.cloudFormation.calls.map(({ action }) => action)).toEqual(['DescribeStacks']);
  expect(world.repository('shop/web')).toBeUndefined();
});

test.each([
  ['is missing', () => rmSync(join(directory, 'dispatch.js'))],
  ['is damaged', () => writeFileSync(join(directory, 'dispatch.js'), readFileSync(join(directory, 'dispatch.js'), 'utf8').slice(0, 100_000))],
  ['throws when it is loaded', () => writeFileSync(join(directory, 'dispatch.js'), 'throw new Error("no such region")')],
])('a function whose main part %s answers FAILED at once', async (_, damage) => {
  damage();
  const world = await World.start();
  const event = world.event('Create', REPOSITORY_TYPE, { RepositoryName: 'shop/web' });
  const { exitCode } = await invoke(event);
  expect(exitCode).toBe(0);
  expect(world.responses.of(event.RequestId)).toEqual([
    expect.objectContaining({ status: 'FAILED', physicalId: `drydock:create-failed:${event.RequestId}`, reason: expect.stringContaining('DD-HANDLER-006') }),
  ]);
});

test('a function without credentials says so', async () => {
  const world = await World.start();
  const event = world.event('Create', REPOSITORY_TYPE, { RepositoryName: 'shop/web' });
  await invoke(event, { AWS_ENDPOINT_URL_ECR: world.emulator.endpoint });
  expect(world.responses.of(event.RequestId)[0].reason).toContain('No AWS credentials in the environment');
});

test('the bundle stays below 350 KB and holds none of the SDK\'s other sources of credentials', () => {
  const files = readdirSync(SHIPPED).filter((name) => name.endsWith('.js'));
  expect(files.sort()).toEqual(['dispatch.js', 'index.js']);
  expect(files.reduce((sum, name) => sum + statSync(join(SHIPPED, name)).size, 0)).toBeLessThan(350_000);
  const text = files.map((name) => readFileSync(join(SHIPPED, name), 'utf8')).join('');
  expect(text).not.toMatch(/GetRoleCredentials|AssumeRoleWithWebIdentity|sso_start_url/);
});
