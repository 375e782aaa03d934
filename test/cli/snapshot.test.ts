import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { start } from './processes';
import { drydock, root, workspace } from './support';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { expireAny, fakeDigest, image, NOW } from '../emulator/support';
import { realInventories } from '../lifecycle/data';

const files = workspace();
const emulators: Emulator[] = [];
let made = 0;

afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.stop()));
});
afterAll(() => files.remove());

async function emulate(options: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator({ now: NOW, ...options });
  emulators.push(emulator);
  return emulator;
}

const output = () => files.path(`snapshot-${++made}.json`);
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const names = (file: string) => read(file).repositories.map(({ repositoryName }: { repositoryName: string }) => repositoryName);
const ofFive = {
  repositories: ['shop/web', 'shop/api', 'shop/old', 'tools/ci', 'base'].map((repositoryName) => ({ repositoryName, createdAt: '2025-01-01T00:00:00Z', lifecyclePolicyText: expireAny(3) })),
  imageDetails: ['shop/web', 'shop/api', 'base'].flatMap((repositoryName) => Array.from({ length: 40 }, (_, i) => image(repositoryName, `${repositoryName}-${i}`, { imageTags: [`v${i}`, `a${i}`] }))),
};

test.each<[string, string[], string[]]>([
  ['all', ['--all'], ['base', 'shop/api', 'shop/old', 'shop/web', 'tools/ci']],
  ['by name', ['--repository', 'tools/ci', 'base'], ['base', 'tools/ci']],
  ['by prefix', ['--prefix', 'shop/', 'tools/'], ['shop/api', 'shop/old', 'shop/web', 'tools/ci']],
  ['by pattern', ['--pattern', '*a*e'], ['base']],
  ['by several', ['--pattern', 'shop/*i', '--repository', 'base', '--prefix', 'ba'], ['base', 'shop/api']],
])('repositories are chosen %s', async (_, args, expected) => {
  const { endpoint } = await emulate({ seed: ofFive });
  const file = output();
  const { status, stderr } = await start(['snapshot', ...args, '--out', file], { AWS_ENDPOINT_URL: endpoint }).ended;
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(names(file)).toEqual(expected);
});

test('a snapshot is an inventory by the schema, and a registry made of it gives the same snapshot', async () => {
  const first = await emulate({ seed: ofFive });
  const [one, two] = [output(), output()];
  const { stdout } = await start(['snapshot', '--all', '--out', one, '--endpoint', first.endpoint]).ended;
  expect(stdout).toMatch(/5 repositories, 120 images/);
  expect(stdout).toMatch(/21 calls in .*at most .*MB of memory/);
  const schema = read(join(root, 'schemas', 'inventory.schema.json'));
  const validate = new Ajv2020({ allErrors: true }).compile(schema);
  expect(validate(read(one)) || validate.errors).toBe(true);
  expect(read(one).repositories[0]).toMatchObject({ createdAt: '2025-01-01T00:00:00Z', imageTagMutability: 'MUTABLE' });
  expect(read(one).imageDetails[0].imageTags).toEqual([...read(one).imageDetails[0].imageTags].sort());
  const second = await emulate({ seed: read(one) });
  await start(['snapshot', '--all', '--out', two, '--endpoint', second.endpoint]).ended;
  expect(readFileSync(two, 'utf8')).toBe(readFileSync(one, 'utf8'));
});

test('commands that take an inventory take a snapshot, and its policy is the one in force', async () => {
  const { endpoint } = await emulate({ seed: ofFive });
  const file = output();
  await start(['snapshot', '--prefix', 'shop/', '--out', file], { AWS_ENDPOINT_URL_ECR: endpoint }).ended;
  const policy = files.file('two.json', expireAny(2));
  const simulated = drydock(['simulate', '--policy', policy, '--images', file, '--repository', 'shop/web', '--now', NOW, '--format', 'json']);
  expect(simulated.stderr).toBe('');
  expect(simulated.json().comparison.newlyExpires).toHaveLength(1);
  expect(simulated.json().comparison.stillActs).toHaveLength(37);
  const other = drydock(['simulate', '--policy', policy, '--images', file, '--repository', 'shop/web', '--now', NOW, '--format', 'json', '--against', files.file('nine.json', expireAny(9))]);
  expect(other.json().comparison.newlyExpires).toHaveLength(7);
});

describe('a snapshot that is broken off', () => {
  const large = {
    repositories: [{ repositoryName: 'large', createdAt: NOW }, ...Array.from({ length: 30 }, (_, i) => ({ repositoryName: `small/${i}`, createdAt: NOW }))],
    imageDetails: Array.from({ length: 5_500 }, (_, i) => image('large', `i${i}`)),
  };

  async function whole(emulator: Emulator): Promise<string> {
    const file = output();
    await start(['snapshot', '--all', '--out', file, '--endpoint', emulator.endpoint]).ended;
    return readFileSync(file, 'utf8');
  }

  test('by a kill, at any call, goes on where it was, to the same file', async () => {
    let killAt = Infinity;
    let kill = () => undefined as void;
    let calls = 0;
    const emulator = await emulate({
      seed: large,
      intercept: ({ operation, phase }) => {
        calls += phase === 'before' ? 1 : 0;
        if (phase === 'before' && operation !== 'DescribeRepositories' && calls === killAt) {
          kill();
        }
      },
    });
    const expected = await whole(emulator);
    const file = output();
    let pages = 0;
    for (const after of [20, 40, 60]) {
      calls = 0;
      killAt = after;
      const process = start(['snapshot', '--all', '--out', file, '--endpoint', emulator.endpoint]);
      kill = () => process.kill('SIGKILL');
      const { signal } = await process.ended;
      expect(signal).toBe('SIGKILL');
      expect(existsSync(file)).toBe(false);
      pages += calls;
    }
    killAt = Infinity;
    calls = 0;
    const { status, stdout } = await start(['snapshot', '--all', '--out', file, '--endpoint', emulator.endpoint]).ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/an earlier run had read \d+ repositories and [\d,]+ images/);
    expect(calls).toBeLessThan(60);
    expect(pages).toBeGreaterThan(100);
    expect(readFileSync(file, 'utf8')).toBe(expected);
    expect(existsSync(`${file}.partial`)).toBe(false);
  });

  test('in the middle of a record is read up to the last whole one', async () => {
    const emulator = await emulate({ seed: large });
    const expected = await whole(emulator);
    const file = output();
    const header = { snapshot: 1, of: emulator.endpoint, registryId: '123456789012', selection: { repositoryNames: [], prefixes: [], patterns: [], all: true }, manifests: 'auto' };
    writeFileSync(`${file}.partial`, `${JSON.stringify(header)}\n{"kind":"images","repositoryName":"large","images":[{"imageDig`);
    expect((await start(['snapshot', '--all', '--out', file, '--endpoint', emulator.endpoint]).ended).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(expected);
  });

  test('whose page tokens have expired, begins that repository again', async () => {
    const emulator = await emulate({ seed: large });
    const expected = await whole(emulator);
    const file = output();
    const header = { snapshot: 1, of: emulator.endpoint, registryId: '123456789012', selection: { repositoryNames: [], prefixes: [], patterns: [], all: true }, manifests: 'auto' };
    const page = { kind: 'images', repositoryName: 'large', images: [{ imageDigest: fakeDigest('gone'), imagePushedAt: NOW }], nextToken: 'of-another-time' };
    writeFileSync(`${file}.partial`, `${JSON.stringify(header)}\n${JSON.stringify(page)}\n`);
    expect((await start(['snapshot', '--all', '--out', file, '--endpoint', emulator.endpoint]).ended).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(expected);
  });

  test('with other options is left alone, unless it is to begin anew', async () => {
    const emulator = await emulate({ seed: ofFive });
    const file = output();
    writeFileSync(`${file}.partial`, '{"snapshot":1,"of":"elsewhere"}\n');
    const refused = await start(['snapshot', '--all', '--out', file, '--endpoint', emulator.endpoint]).ended;
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('DD-SURVEY-011')]);
    expect(readFileSync(`${file}.partial`, 'utf8')).toBe('{"snapshot":1,"of":"elsewhere"}\n');
    expect((await start(['snapshot', '--all', '--restart', '--out', file, '--endpoint', emulator.endpoint]).ended).status).toBe(0);
  });
});

const real = realInventories().filter(({ name }) => name === 'python.json');

(real.length > 0 ? test.each(real.map(({ name, inventory }) => [name, inventory] as const)) : test.skip.each([['no inventory of python', undefined]] as never[]))(
  'the published images of %s are read with a call for a thousand, and killed half way, to the same file', async (_, inventory) => {
    let kill: (() => void) | undefined;
    const emulator = await emulate({
      seed: inventory,
      intercept: ({ operation, phase, input }) => {
        // The eighth page has been asked for, and half of the images have been told.
        if (phase === 'before' && operation === 'DescribeImages' && input.nextToken !== undefined && (pages += 1) === 7) {
          kill?.();
        }
      },
    });
    let pages = 0;
    const [whole, killed] = [output(), output()];
    const first = await start(['snapshot', '--all', '--out', whole, '--endpoint', emulator.endpoint]).ended;
    expect(first.stdout).toMatch(/1 repository, 13,437 images/);
    expect(first.stdout).toMatch(/ecr:DescribeImages 14\n/);
    expect(read(whole).imageDetails.map(({ imageDigest }: { imageDigest: string }) => imageDigest)).toEqual(inventory.imageDetails.map(({ imageDigest }) => imageDigest).sort());
    pages = 0;
    const process = start(['snapshot', '--all', '--out', killed, '--endpoint', emulator.endpoint]);
    kill = () => process.kill('SIGKILL');
    expect((await process.ended).signal).toBe('SIGKILL');
    kill = undefined;
    const { stdout } = await start(['snapshot', '--all', '--out', killed, '--endpoint', emulator.endpoint]).ended;
    const [, before] = /an earlier run had read 0 repositories and ([\d,]+) images/.exec(stdout)!;
    expect(Number(before.replace(',', ''))).toBeGreaterThanOrEqual(6_000);
    expect(readFileSync(killed, 'utf8')).toBe(readFileSync(whole, 'utf8'));
  });

test('docs/snapshot.md allows what a snapshot calls, and nothing else', async () => {
  const [, policy] = /```json\n(\{\n {2}"Version"[^`]*)```/.exec(readFileSync(join(root, 'docs', 'snapshot.md'), 'utf8'))!;
  const allowed = (JSON.parse(policy) as { Statement: { Action: string[] }[] }).Statement.flatMap(({ Action }) => Action);
  const index = { mediaType: 'application/vnd.oci.image.index.v1+json', schemaVersion: 2, manifests: [] };
  const called = new Set<string>();
  for (const manifests of ['auto', 'always']) {
    const emulator = await emulate({ seed: { imageDetails: [image('shop/web', 'index', { imageTags: ['v1'], imageManifestMediaType: index.mediaType })] }, allowMissingLayers: true });
    await start(['snapshot', '--all', '--manifests', manifests, '--out', output(), '--endpoint', emulator.endpoint]).ended;
    Object.keys(emulator.calls).forEach((operation) => called.add(`ecr:${operation}`));
  }
  expect([...called].sort()).toEqual([...allowed].sort());
});

test('what may not be read is said, left out as unknown, and makes the exit code 1', async () => {
  const { endpoint } = await emulate({
    seed: ofFive,
    intercept: ({ operation, input }) => ['DescribeImages', 'GetRepositoryPolicy'].includes(operation) && input.repositoryName === 'shop/web'
      ? { error: { type: 'AccessDeniedException', message: 'not authorized', statusCode: 403 } } : undefined,
  });
  const file = output();
  const { status, stdout } = await start(['snapshot', '--all', '--out', file, '--endpoint', endpoint]).ended;
  expect(status).toBe(1);
  expect(stdout).toContain('DD-SURVEY-101 at shop/web/imageDetails');
  const web = read(file).repositories.find(({ repositoryName }: { repositoryName: string }) => repositoryName === 'shop/web');
  expect(web.unread).toEqual(['imageDetails', 'repositoryPolicyText']);
  expect(read(file).imageDetails).toHaveLength(80);
});

test('manifests that do not come are one finding for a repository, with their whole number, and make the exit code 1', async () => {
  const indexes = (repositoryName: string, length: number) => Array.from({ length }, (_, i) => image(repositoryName, `${repositoryName}-${i}`, {
    imageTags: [`v${i}`], imageManifestMediaType: 'application/vnd.oci.image.index.v1+json',
  }));
  const { endpoint } = await emulate({ seed: { imageDetails: [...indexes('shop/web', 114), ...indexes('shop/api', 1)] }, allowMissingLayers: true });
  const { status, stdout } = await start(['snapshot', '--all', '--manifests', 'always', '--out', output(), '--endpoint', endpoint]).ended;
  expect(status).toBe(1);
  expect(stdout.match(/DD-SURVEY-103 at .*/g)).toEqual([
    expect.stringContaining('The manifest of one index of shop/api'), expect.stringContaining('The manifests of 114 indexes of shop/web'),
  ]);
});

test.each<[string, string[], string]>([
  ['nothing selected', [], 'DD-CLI-007'],
  ['a name that is none', ['--repository', 'shop/nope', 'shop/web'], 'DD-SURVEY-008'],
  ['a prefix that nothing has', ['--prefix', 'nope/'], 'DD-SURVEY-010'],
  ['a word for --manifests', ['--all', '--manifests', 'sometimes'], 'DD-CLI-005'],
  ['no concurrency', ['--all', '--concurrency', '0'], 'DD-CLI-005'],
  ['a directory that is none', ['--all', '--out', '/nonexistent/a.json'], 'DD-SURVEY-012'],
])('%s has a code and exit 1', async (_, args, code) => {
  const { endpoint } = await emulate({ seed: ofFive });
  const { status, stderr } = await start(['snapshot', '--out', output(), ...args, '--endpoint', endpoint]).ended;
  expect([status, stderr]).toEqual([1, expect.stringContaining(code)]);
});

test.each<[string, Record<string, string>, string]>([
  ['no endpoint that answers', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'DD-SURVEY-001'],
  ['no Region', {}, 'DD-SURVEY-004'],
  ['no credentials', { AWS_REGION: 'eu-central-1' }, 'DD-SURVEY-002'],
])('%s has a code and exit 1', async (_, environment, code) => {
  const { status, stderr } = await start(['snapshot', '--all', '--out', output()], environment).ended;
  expect([status, stderr]).toEqual([1, expect.stringContaining(code)]);
});
