import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchGetImageCommand, CreateRepositoryCommand, DescribeImagesCommand } from '@aws-sdk/client-ecr';
import { bin, workspace } from './support';
import { dockerCredentials } from '../../src/cli/docker-config';
import { connect } from '../../src/ecr/client';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { Content } from '../copy/images';
import { Script, scriptedRegistry, ScriptedRegistry } from '../copy/scripted-registry';

const MIB = 1_048_576;
const files = workspace();
const closers: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});
afterAll(() => files.remove());

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function stage(content: Content, options: { emulator?: EmulatorOptions; script?: Script } = {}) {
  const emulator: Emulator = await startEmulator(options.emulator);
  const registry: ScriptedRegistry = await scriptedRegistry(content, { script: options.script });
  const connection = connect({ endpoints: { ecr: emulator.endpoint }, region: 'us-east-1', credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' } });
  closers.push(() => emulator.stop(), () => registry.stop(), () => connection.close());
  await connection.ecr.send(new CreateRepositoryCommand({ repositoryName: 'shop/api' }));
  const run = (args: readonly string[], environment: object = {}, signalAt?: RegExp): Promise<Ran> => new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, 'copy', ...args], {
      env: {
        ...process.env, AWS_ENDPOINT_URL_ECR: emulator.endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret',
        DOCKER_CONFIG: files.path('none'), ...environment,
      },
    });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (text.stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (text.stderr += String(chunk)));
    child.on('close', (status) => resolve({ status, ...text }));
    if (signalAt) {
      const timer = setInterval(() => {
        if (registry.requests.some(({ path }) => signalAt.test(path))) {
          clearInterval(timer);
          child.kill('SIGINT');
        }
      }, 5);
      child.on('close', () => clearInterval(timer));
    }
  });
  return { run, emulator, registry, connection };
}

test('an image is copied, and a second time it is there already', async () => {
  const content = new Content();
  const { index } = content.multi('app', [3_000], '1.2');
  const { run, registry, connection } = await stage(content);
  const first = await run([`${registry.host}/app:1.2`, 'shop/api', '--tag', 'stable', '--tag', '1.2', '--source-plain-http']);
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(first.stdout).toMatch(new RegExp(`Copied ${registry.host}/app:1.2 to shop/api:stable, :1.2\\.\\ndigest     ${index.digest}\\n`));
  const second = await run([`${registry.host}/app:1.2`, 'shop/api:stable', '--source-plain-http', '--format', 'json']);
  expect(second.status).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject({ finished: true, repositoryName: 'shop/api', tags: ['stable'], digest: index.digest, moved: { blobs: 0, bytes: 0, manifests: 0 } });
  const { images } = await connection.ecr.send(new BatchGetImageCommand({ repositoryName: 'shop/api', imageIds: [{ imageTag: '1.2' }] }));
  expect(images?.[0].imageManifest).toBe(content.manifests.get(index.digest)?.text);
});

test('--platform and --no-referrers leave behind what is not wanted; without a tag the source\'s is taken', async () => {
  const content = new Content();
  const { index, arm64 } = content.multi('app', [3_000], '1.2');
  content.referrer(arm64, 'sbom');
  const { run, registry, connection } = await stage(content);
  const ran = await run([`${registry.host}/app:1.2`, 'shop/api', '--platform', 'linux/arm64', '--no-referrers', '--source-plain-http']);
  expect(ran.stdout).toContain(`digest     ${arm64.digest} (cut from ${index.digest})`);
  const { imageDetails } = await connection.ecr.send(new DescribeImagesCommand({ repositoryName: 'shop/api' }));
  expect(imageDetails).toMatchObject([{ imageDigest: arm64.digest, imageTags: ['1.2'] }]);
});

test('Ctrl-C leaves no tag, says so, and the next run goes on', async () => {
  const content = new Content();
  const { digest } = content.image('app', [200, 20 * MIB], { tag: 'latest' });
  let slow = true;
  const large = [...content.blobs].find(([, bytes]) => bytes.length > MIB)?.[0] ?? '';
  const script: Script = ({ path }, response) => {
    if (slow && path.endsWith(large)) {
      response.writeHead(200, { 'content-length': 20 * MIB });
      response.write((content.blobs.get(large) as Buffer).subarray(0, MIB));
      return true;
    }
    return undefined;
  };
  const { run, registry, connection } = await stage(content, { script });
  const stopped = await run([`${registry.host}/app`, 'shop/api', '--source-plain-http'], {}, new RegExp(large));
  expect(stopped).toMatchObject({ status: 130, stdout: '' });
  expect(stopped.stderr).toMatch(/DD-COPY-049.*no tag was put.*Run the command again/);
  expect((await connection.ecr.send(new DescribeImagesCommand({ repositoryName: 'shop/api' }))).imageDetails).toEqual([]);
  slow = false;
  expect(await run([`${registry.host}/app`, 'shop/api', '--source-plain-http'])).toMatchObject({ status: 0 });
  expect((await connection.ecr.send(new DescribeImagesCommand({ repositoryName: 'shop/api' }))).imageDetails).toMatchObject([{ imageDigest: digest, imageTags: ['latest'] }]);
});

test.each<[string[], string]>([
  [['alpine', 'ghcr.io/owner/image'], 'DD-COPY-001'], [['https://ghcr.io/a/b', 'shop/api'], 'DD-COPY-001'], [['alpine', 'shop/api', '--platform', 'arm64'], 'DD-COPY-003'],
  [['alpine', 'shop/api', '--memory', '0'], 'DD-CLI-005'], [['alpine', 'shop/api', '--concurrency', 'many'], 'DD-CLI-005'], [['alpine', 'shop/api', '--format', 'xml'], 'DD-CLI-005'],
  [['alpine', 'shop/api', '--tag', 'no good'], 'DD-COPY-001'], [['oci:/nowhere', 'shop/api'], 'DD-COPY-027'], [['docker-archive:/nowhere.tar', 'shop/api:x'], 'DD-COPY-027'], [['alpine'], 'DD-CLI-008'],
])('%j fails with %s and exit code 1', async (args, code) => {
  const { run } = await stage(new Content());
  const ran = await run(args);
  expect(ran.stderr).toContain(code);
  expect(ran).toMatchObject({ status: 1, stdout: '' });
});

test('without a region or credentials it says what to set', async () => {
  const content = new Content();
  content.image('app', [10], { tag: 'latest' });
  const { run, registry } = await stage(content);
  const nowhere = { HOME: files.path('none'), AWS_EC2_METADATA_DISABLED: 'true', AWS_PROFILE: '', AWS_REGION: '', AWS_DEFAULT_REGION: '' };
  const args = [`${registry.host}/app`, 'shop/api', '--source-plain-http'];
  expect((await run(args, nowhere)).stderr).toMatch(/DD-COPY-048.*Set the region/);
  expect((await run(args, { ...nowhere, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })).stderr).toMatch(/DD-COPY-041.*Log in, or set AWS_PROFILE/);
});

describe('logins', () => {
  const config = (name: string, content: unknown) => {
    mkdirSync(files.path(name), { recursive: true });
    writeFileSync(join(files.path(name), 'config.json'), typeof content === 'string' ? content : JSON.stringify(content));
    return { DOCKER_CONFIG: files.path(name) };
  };
  const auth = Buffer.from('me:p:ss').toString('base64');

  test('are found under every name that docker and podman write', () => {
    const environment = config('auths', { auths: { 'https://index.docker.io/v1/': { auth }, 'ghcr.io': { auth }, 'https://quay.io/v2/': { identitytoken: 'idt' }, 'empty.example': {} } });
    expect(dockerCredentials('docker.io', environment)).toEqual({ username: 'me', password: 'p:ss' });
    expect(dockerCredentials('ghcr.io', environment)).toEqual({ username: 'me', password: 'p:ss' });
    expect(dockerCredentials('quay.io', environment)).toEqual({ identityToken: 'idt' });
    expect(dockerCredentials('empty.example', environment)).toBeUndefined();
    expect(dockerCredentials('other.example', environment)).toBeUndefined();
    expect(dockerCredentials('ghcr.io', { DOCKER_CONFIG: files.path('nowhere') })).toBeUndefined();
  });

  test.each<[unknown, string]>([
    ['{', 'JSON'], ['[]', 'object'], [{ auths: { 'ghcr.io': { auth: 'bm9jb2xvbg==' } } }, 'USER:PASSWORD'], [{ credsStore: '../evil' }, 'not the name'], [{ credsStore: 'nosuchhelper' }, 'ENOENT'],
  ])('in %j have a code', (content, words) => {
    expect(() => dockerCredentials('ghcr.io', config('bad', content))).toThrow(new RegExp(`DD-COPY-060.*${words}`));
  });

  test('come from a credential helper where one is named', () => {
    const environment = config('helper', { credHelpers: { 'ghcr.io': 'drydocktest' }, auths: { 'ghcr.io': {} } });
    const helper = files.path('docker-credential-drydocktest');
    writeFileSync(helper, '#!/bin/sh\nread server\n[ "$1 $server" = "get ghcr.io" ] || exit 1\necho \'{"ServerURL":"ghcr.io","Username":"<token>","Secret":"s3"}\'\n');
    chmodSync(helper, 0o755);
    expect(dockerCredentials('ghcr.io', { ...environment, PATH: `${files.path('.')}:${process.env.PATH}` })).toEqual({ identityToken: 's3' });
  });
});

const have = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
(have('script') ? test : test.skip)('on a terminal a bar shows how far it is', async () => {
  const content = new Content();
  content.image('app', [3 * MIB], { tag: 'latest' });
  const { registry, emulator } = await stage(content);
  const command = `${process.execPath} ${bin} copy ${registry.host}/app shop/api --source-plain-http`;
  const ran: Ran = await new Promise((resolve) => {
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: {
        ...process.env, TERM: 'xterm', AWS_ENDPOINT_URL_ECR: emulator.endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret',
        DOCKER_CONFIG: files.path('none'),
      },
    });
    let stdout = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.on('close', (status) => resolve({ status, stdout, stderr: '' }));
  });
  expect(ran.status).toBe(0);
  expect(ran.stdout).toMatch(/%.*of 3\.1 MB/);
  expect(ran.stdout).toContain('Copied');
});
