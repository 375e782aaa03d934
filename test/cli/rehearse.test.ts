import { ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateRepositoryCommand, DescribeImagesCommand, DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { bin, drydock, root, workspace } from './support';
import { bootstrapRepository } from '../../examples/bootstrap-repository/app';
import { gateNative } from '../../examples/gate-native/app';
import { retention } from '../../examples/typescript/retention/app';
import { inventories, inventoryText } from '../../scripts/generate-inventories';

const files = workspace();
afterAll(() => files.remove());

const NOW = '2026-01-31T12:00:00Z';
const synthesized = new Map<string, string>();

function app(name: string, variant: string): string {
  const key = `${name}-${variant}`;
  if (!synthesized.has(key)) {
    const outdir = files.path(key);
    ({ 'retention': retention, 'bootstrap-repository': bootstrapRepository, 'gate-native': gateNative }[name]!)(variant, outdir).synth();
    synthesized.set(key, outdir);
  }
  return synthesized.get(key)!;
}

const seed = (name: string) => `${root}/examples/${name}/inventory.json`;
const rehearse = (...args: string[]) => drydock(['rehearse', ...(args.includes('--endpoint') ? [] : ['--now', NOW]), ...args]);
const digests = (images: any[], action?: string) => images.filter((image) => action === undefined || image.action === action).map(({ imageDigest }) => imageDigest).sort();

test('the inventories of the examples are what their generator makes, to the letter', () => {
  for (const [file, inventory] of Object.entries(inventories())) {
    const text = inventoryText(inventory);
    expect(readFileSync(`${root}/examples/${file}`, 'utf8')).toBe(text);
    expect(text.length).toBeLessThan(400_000);
  }
});

describe('examples/retention', () => {
  test('the careless policy is stopped with the images and the rule, the registry unchanged; the corrected one passes', () => {
    const run = rehearse('--app', app('retention', 'careless'), '--then', app('retention', 'corrected'), '--seed', seed('retention'), '--format', 'json');
    const { ok, steps: [careless, corrected], finalState } = run.json();
    expect([run.status, ok, careless.ok, corrected.ok]).toEqual([2, false, false, true]);
    expect(careless.registryUnchanged).toBe(true);
    expect(careless.previews[0]).toMatchObject({ verdict: 'blocked', repositoryName: 'shop/api' });
    expect(careless.previews[0].counts.newlyExpiring).toBeGreaterThan(200);
    expect(careless.previews[0].findings.map(({ code }: { code: string }) => code)).toEqual(['DD-GATE-102', 'DD-GATE-103', 'DD-GATE-105']);
    expect(careless.previews[0].images.some(({ imageTags }: { imageTags: string[] }) => imageTags.includes('production'))).toBe(true);
    expect(corrected.previews[0]).toMatchObject({ verdict: 'passed' });
    const repository = finalState.repositories.find(({ repositoryName }: { repositoryName: string }) => repositoryName === 'shop/api');
    expect(JSON.parse(repository.lifecyclePolicyText).rules).toHaveLength(3);
    expect(repository.imageScanningConfiguration.scanOnPush).toBe(true);
  });

  test('events are told as they happen, with the reason and the way out', () => {
    const { stdout, status } = rehearse('--app', app('retention', 'careless'), '--seed', seed('retention'));
    expect(status).toBe(2);
    expect(stdout).toMatch(/CREATE_FAILED\s+Custom::DrydockLifecyclePolicy/);
    expect(stdout).toMatch(/DD-GATE-103: .*prod\*/);
    expect(stdout).toMatch(/Rule 1 \(keep the last 100 images\) expires \d+ images\n tags .*last pulled .*stopped by\n 2\.2\.0, production .*\(305 d ago\) .*\(20 h ago\) .*DD-GATE-103, DD-GATE-105\n/);
    expect(stdout).toMatch(/and \d+ more: --all lists them/);
    expect(stdout).toMatch(/The registry now: 1 repository\n.*\n shop\/api +\d+ {2}none/);
    expect(stdout).toMatch(/In the gate: .*add '[0-9a-f]{16}' to acknowledgedPolicies/);
    expect(stdout).toMatch(/The registry is exactly what it was before\./);
  });

  test('--fail-at makes a resource fail, and the rollback restores what was adopted', () => {
    const { stdout, status } = rehearse('--app', app('retention', 'corrected'), '--seed', seed('retention'), '--fail-at', 'Shop/Api/LifecyclePolicy');
    expect(status).toBe(2);
    expect(stdout).toMatch(/ROLLBACK_COMPLETE/);
    expect(stdout).toMatch(/The registry is exactly what it was before\./);
  });

  test('--destroy leaves the adopted repository with all its images and takes the policy along', () => {
    const { json, status } = rehearse('--app', app('retention', 'corrected'), '--seed', seed('retention'), '--destroy', '--format', 'json');
    expect(status).toBe(0);
    const { finalState } = json();
    expect(finalState.repositories.map((repository: any) => [repository.repositoryName, repository.lifecyclePolicyText])).toEqual([['shop/api', undefined]]);
    expect(finalState.imageDetails.length).toBe(inventories()['retention/inventory.json'].imageDetails.length);
  });
});

describe('examples/bootstrap-repository', () => {
  test('a repository that the stack does not own gets a policy, and only after the preview', () => {
    const { steps: [careless, corrected], finalState } = rehearse('--app', app('bootstrap-repository', 'careless'), '--then', app('bootstrap-repository', 'corrected'),
      '--seed', seed('bootstrap-repository'), '--format', 'json').json();
    expect(careless).toMatchObject({ ok: false, registryUnchanged: true });
    expect(careless.previews[0].findings.map(({ code }: { code: string }) => code)).toContain('DD-GATE-105');
    expect(corrected.ok).toBe(true);
    expect(corrected.previews[0].counts).toMatchObject({ expiring: 0 });
    expect(corrected.previews[0].counts.transitioning).toBeGreaterThan(100);
    expect(finalState.repositories[0].lifecyclePolicyText).toContain('sinceImagePulled');
  });
});

describe('examples/gate-native', () => {
  test('the gate stops the change before the native repository is touched; a good one passes, a new repository is made', () => {
    const { steps: [careless, corrected], finalState } = rehearse('--deployed', app('gate-native', 'first'), '--app', app('gate-native', 'careless'),
      '--then', app('gate-native', 'corrected'), '--seed', seed('gate-native'), '--format', 'json').json();
    expect(careless).toMatchObject({ ok: false, registryUnchanged: true });
    expect(careless.stacks[0].status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(careless.events.filter(({ type }: { type: string }) => type === 'AWS::ECR::Repository')).toEqual([]);
    expect(corrected.ok).toBe(true);
    expect(finalState.repositories.map(({ repositoryName }: { repositoryName: string }) => repositoryName).sort()).toEqual([expect.stringMatching(/^shop-worker/), 'shop/api']);
  });
});

test('faults of a script happen to what the deployment calls, and the end says which did', () => {
  const script = files.file('faults.json', JSON.stringify({
    rules: [
      { name: 'lost', operation: 'PutLifecyclePolicy', calls: 1, fault: 'reset', when: 'after' },
      { operation: 'Get*', calls: 1, fault: 'throttle' },
      { name: 'never', operation: 'v2:*', fault: 'throttle' },
    ],
  }));
  const { status, stdout } = rehearse('--app', app('retention', 'corrected'), '--seed', seed('retention'), '--faults', script);
  expect(stdout).toMatch(/Faults\n +lost: reset, 1 of \d+ calls\n +throttle, 1 of \d+ calls\n +never: throttle, 0 of 0 calls/);
  expect(status).toBe(0);
  const { faults } = rehearse('--app', app('retention', 'corrected'), '--seed', seed('retention'), '--faults', script, '--format', 'json').json();
  expect(faults.map(({ rule, fired }: { rule: string; fired: number }) => [rule, fired])).toEqual([['lost', 1], ['1', 1], ['never', 0]]);
});

describe('bad use', () => {
  test.each<[string, string[], RegExp]>([
    ['no assembly', ['--app', '/nowhere'], /DD-ASSEMBLY-001/],
    ['an unknown resource to fail', ['--app', 'APP', '--fail-at', 'Nothing'], /DD-REHEARSAL-008.*Nothing/s],
    ['an unknown stack', ['--app', 'APP', '--stack', 'Nothing'], /DD-ASSEMBLY-002.*Nothing/s],
    ['a parameter without a value', ['--app', 'APP', '--parameters', 'Key'], /DD-CLI-005 at --parameters/],
    ['a seed for somebody else\'s registry', ['--app', 'APP', '--endpoint', 'http://127.0.0.1:1', '--seed', 'SEED'], /DD-CLI-007/],
    ['a clock for somebody else\'s registry', ['--app', 'APP', '--endpoint', 'http://127.0.0.1:1', '--now', NOW], /DD-CLI-007 at --endpoint: .*--now/],
    ['faults for somebody else\'s registry', ['--app', 'APP', '--endpoint', 'http://127.0.0.1:1', '--faults', 'SEED'], /DD-CLI-007 at --endpoint: .*--faults/],
    ['an endpoint that is no URL', ['--app', 'APP', '--endpoint', '127.0.0.1:4510'], /DD-CLI-005 at --endpoint: .*Did you mean http:\/\/127\.0\.0\.1:4510\?/],
    ['an endpoint of another kind', ['--app', 'APP', '--endpoint', 'localhost:4510'], /DD-CLI-005 at --endpoint: .*Did you mean http:\/\/localhost:4510\?/],
    ['an endpoint where nothing answers', ['--app', 'APP', '--endpoint', 'http://127.0.0.1:1'], /DD-REHEARSAL-013/],
  ])('%s: exit 1, a code and no stack trace', (_, args, message) => {
    const { status, stderr } = rehearse(...args.map((arg) => arg.replace('APP', app('retention', 'corrected')).replace('SEED', seed('retention'))));
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(status).toBe(1);
  });
});

describe('emulator', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  async function emulate(...args: string[]): Promise<{ endpoint: string }> {
    child = spawn(process.execPath, [bin, 'emulator', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout! });
    return JSON.parse((await lines[Symbol.asyncIterator]().next()).value as string) as { endpoint: string };
  }

  test('prints one line when it is ready, serves the seed to an unmodified client, moves its clock, and stops when told', async () => {
    const ready = await emulate('--seed', seed('retention'), '--now', NOW);
    expect(ready).toMatchObject({ endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), accountId: '123456789012', region: 'us-east-1' });
    const client = new ECRClient({ endpoint: ready.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } });
    expect((await client.send(new DescribeRepositoriesCommand({}))).repositories?.map(({ repositoryName }) => repositoryName)).toEqual(['shop/api']);
    const { imageDetails } = await client.send(new DescribeImagesCommand({ repositoryName: 'shop/api', imageIds: [{ imageTag: 'production' }] }));
    expect(digests(imageDetails!)).toHaveLength(1);
    const moved = await fetch(`${ready.endpoint}/_drydock/clock`, { method: 'POST', body: JSON.stringify({ advanceSeconds: 3600 }) });
    expect(await moved.json()).toMatchObject({ now: '2026-01-31T13:00:00.000Z' });
    client.destroy();
    const ended = new Promise((resolve) => child!.once('exit', resolve));
    child!.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('is rehearsed on from another process: unchanged after a rollback, and the final state told', async () => {
    const { endpoint } = await emulate('--seed', seed('retention'), '--now', NOW);
    const failed = rehearse('--endpoint', endpoint, '--app', app('retention', 'careless'), '--format', 'json').json();
    expect(failed.steps[0]).toMatchObject({ ok: false, registryUnchanged: true, registryChanges: [] });
    expect(failed.finalState.imageDetails.length).toBe(inventories()['retention/inventory.json'].imageDetails.length);
    // By the registry's clock, not by ours.
    expect(rehearse('--endpoint', endpoint, '--app', app('retention', 'careless')).stdout).toMatch(/2\.2\.0, production .*\(305 d ago\)/);
    const passed = rehearse('--endpoint', endpoint, '--app', app('retention', 'corrected'), '--format', 'json').json();
    expect(passed.ok).toBe(true);
    expect(passed.steps[0].registryChanges).toEqual(expect.arrayContaining(['shop/api: lifecyclePolicyText changed']));
  });

  test('lets calls go wrong as its script says, tells what came of it, and takes another one while it runs', async () => {
    const { endpoint } = await emulate('--faults', join(root, 'test', 'cli', 'lost-answer.json'));
    const client = new ECRClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' }, maxAttempts: 3 });
    await expect(client.send(new CreateRepositoryCommand({ repositoryName: 'app' }))).rejects.toMatchObject({ name: 'RepositoryAlreadyExistsException' });
    const faults = async (method = 'GET', body?: object) => (await fetch(`${endpoint}/_drydock/faults`, { method, body: JSON.stringify(body) })).json();
    expect(await faults()).toEqual({ fired: 1, counts: [{ rule: 'lost', fault: 'reset', calls: 2, fired: 1 }] });
    expect(await faults('PUT', { rules: [{ operation: 'Describe*', calls: 1, fault: 'throttle' }] })).toMatchObject({ fired: 0 });
    expect((await client.send(new DescribeRepositoriesCommand({}))).$metadata.attempts).toBe(2);
    client.destroy();
  });

  test('a fault script with a mistake is refused with its place', () => {
    const { status, stderr } = drydock(['emulator', '--faults', join(root, 'package.json')]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/DD-EMULATOR-010 at \/name/);
  });

  test('a taken port is an error with a code', async () => {
    const { endpoint } = await emulate();
    const second = drydock(['emulator', '--port', new URL(endpoint).port]);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/DD-EMULATOR-\d+/);
  });
});
