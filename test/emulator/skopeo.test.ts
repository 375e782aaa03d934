import { ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  BatchGetImageCommand, DeleteRepositoryCommand, ECRClient, GetAuthorizationTokenCommand, GetDownloadUrlForLayerCommand, ListImagesCommand,
} from '@aws-sdk/client-ecr';
import { createRepository, digestOf, http, login, MIB, pushV2, putManifest } from './layers-support';
import { descriptor, dockerMultiArch, MultiArch, multiArch, referrer, writeDirectory, writeLayout } from './oci-layout';
import { DOCKER_LIST, ecr, OCI_INDEX } from './support';

const run = promisify(execFile);
const has = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const skopeoTest = has('skopeo') ? test : test.skip;
const bothTest = has('skopeo') && has('docker-registry') ? test : test.skip;
if (!has('skopeo') || !has('docker-registry')) {
  console.info('Skipped: skopeo or docker-registry does not run.');
}

/** On a busy machine every tool takes its time. */
const SLOW = 120_000;

let directory: string;
const processes: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drydock-skopeo-'));
});

afterEach(async () => {
  await Promise.all(processes.splice(0).map((child) => new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill();
  })));
  rmSync(directory, { recursive: true, force: true });
});

async function bench() {
  const both = await ecr({ allowMissingLayers: false });
  await createRepository(both.client, 'team/app');
  const { authorizationData } = await both.client.send(new GetAuthorizationTokenCommand({}));
  return { ...both, creds: Buffer.from(authorizationData![0].authorizationToken!, 'base64').toString() };
}

const at = ({ port }: { port: number }, reference: string) => `docker://127.0.0.1:${port}/${reference}`;

async function skopeo(...args: string[]): Promise<string> {
  try {
    return (await run('skopeo', args, { env: { ...process.env, HOME: directory, XDG_RUNTIME_DIR: directory }, encoding: 'utf8' })).stdout;
  } catch (error) {
    throw new Error((error as { stderr: string }).stderr);
  }
}

async function layout(image: MultiArch): Promise<string> {
  const folder = join(directory, 'layout');
  mkdirSync(folder);
  if (image.index.includes(DOCKER_LIST)) {
    writeDirectory(folder, image);
    return `dir:${folder}`;
  }
  writeLayout(folder, image, 'v1');
  return `oci:${folder}:v1`;
}

/** Debian's registry, on a port of its own. */
async function dockerRegistry(): Promise<{ port: number; endpoint: string }> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  const config = join(directory, 'registry.yml');
  writeFileSync(config, JSON.stringify({
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(directory, 'registry') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
  }));
  processes.push(spawn('docker-registry', ['serve', config], { stdio: 'ignore' }));
  const endpoint = `http://127.0.0.1:${port}`;
  for (;;) {
    try {
      await http(`${endpoint}/v2/`);
      return { port, endpoint };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function throughTheApi(client: ECRClient, image: MultiArch, repositoryName: string): Promise<void> {
  const { images } = await client.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: 'v1' }, ...image.images.map(({ digest }) => ({ imageDigest: digest }))] }));
  expect(images!.map(({ imageManifest }) => imageManifest)).toEqual([image.index, ...image.images.map(({ manifest }) => manifest)]);
  for (const bytes of image.images.flatMap(({ config, layers }) => [config, ...layers])) {
    const { downloadUrl } = await client.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: digestOf(bytes) }));
    expect(digestOf((await http(downloadUrl!)).body)).toBe(digestOf(bytes));
  }
}

skopeoTest.each([
  ['OCI, with an attestation', multiArch('app', 6 * MIB)],
  ['Docker', dockerMultiArch('app')],
])('skopeo pushes a multi-architecture image (%s); the API has the same bytes; skopeo pulls them again', async (_, image) => {
  const { client, emulator, creds } = await bench();
  await skopeo('copy', '--all', '--preserve-digests', '--dest-tls-verify=false', `--dest-creds=${creds}`, await layout(image), at(emulator, 'team/app:v1'));
  await throughTheApi(client, image, 'team/app');

  expect(await skopeo('inspect', '--raw', '--tls-verify=false', `--creds=${creds}`, at(emulator, 'team/app:v1'))).toBe(image.index);
  const back = join(directory, 'back');
  await skopeo('copy', '--all', '--preserve-digests', '--src-tls-verify=false', `--src-creds=${creds}`, at(emulator, `team/app@${image.digest}`), `dir:${back}`);
  expect(readFileSync(join(back, 'manifest.json'), 'utf8')).toBe(image.index);
  for (const bytes of image.images.flatMap(({ layers }) => layers)) {
    expect(digestOf(readFileSync(join(back, digestOf(bytes).slice('sha256:'.length))))).toBe(digestOf(bytes));
  }
}, SLOW);

skopeoTest('skopeo inspects and lists what it pushed, and deletes it', async () => {
  const { emulator, creds } = await bench();
  const image = multiArch('app');
  await skopeo('copy', '--all', '--dest-tls-verify=false', `--dest-creds=${creds}`, await layout(image), at(emulator, 'team/app:v1'));
  const flags = ['--tls-verify=false', `--creds=${creds}`];
  expect(JSON.parse(await skopeo('list-tags', ...flags, at(emulator, 'team/app')))).toMatchObject({ Tags: ['v1'] });
  expect(JSON.parse(await skopeo('inspect', '--override-arch=arm64', '--override-variant=v8', '--override-os=linux', ...flags, at(emulator, 'team/app:v1'))).Architecture).toBe('amd64');
  await skopeo('delete', ...flags, at(emulator, 'team/app:v1'));
  expect(emulator.state.repository('team/app')!.tagged('v1')).toBeUndefined();
}, SLOW);

skopeoTest('a second push of the same image moves no layer', async () => {
  const { emulator, creds } = await bench();
  const from = await layout(multiArch('app'));
  const push = () => skopeo('copy', '--all', '--dest-tls-verify=false', `--dest-creds=${creds}`, from, at(emulator, 'team/app:v1'));
  await push();
  const { 'v2:PutBlob': puts } = emulator.calls;
  await push();
  expect(emulator.calls['v2:PutBlob']).toBe(puts);
}, SLOW);

skopeoTest('skopeo is told what is wrong in ECR\'s words', async () => {
  const { client, emulator, creds } = await bench();
  const from = await layout(multiArch('app'));
  const push = (to: string, with_ = creds) => skopeo('copy', '--all', '--dest-tls-verify=false', `--dest-creds=${with_}`, from, at(emulator, to));
  await expect(push('absent:v1')).rejects.toThrow('The repository with name \'absent\' does not exist in the registry with id \'123456789012\'');
  await expect(push('team/app:v1', 'AWS:wrong')).rejects.toThrow(/invalid|unauthorized/i);
  emulator.clock.advance(12 * 3_600_000);
  await expect(push('team/app:v1')).rejects.toThrow('403 (Forbidden)');
  await expect(skopeo('inspect', '--tls-verify=false', `--creds=${creds}`, at(emulator, 'team/app:v1'))).rejects.toThrow('Your authorization token has expired');
  expect((await client.send(new ListImagesCommand({ repositoryName: 'team/app' }))).imageIds).toEqual([]);
}, SLOW);

bothTest('an image goes from Debian\'s registry to the emulator and back, byte for byte, with signature and SBOM', async () => {
  const { client, emulator, creds } = await bench();
  const registry = await dockerRegistry();
  const image = multiArch('app', 3 * MIB);
  const flags = ['--all', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false'];
  await skopeo('copy', ...flags, await layout(image), at(registry, 'upstream:v1'));
  await skopeo('copy', ...flags, `--dest-creds=${creds}`, at(registry, 'upstream:v1'), at(emulator, 'team/app:v1'));
  await throughTheApi(client, image, 'team/app');

  const subject = descriptor(image.index, OCI_INDEX);
  const [signature, sbom] = [referrer('signature', subject, 'application/vnd.dev.cosign.artifact.sig.v1+json'), referrer('sbom', subject, 'application/spdx+json')];
  for (const artifact of [signature, sbom]) {
    await pushV2(registry.endpoint, {}, artifact, artifact.digest, 'upstream');
    await skopeo('copy', ...flags, `--dest-creds=${creds}`, at(registry, `upstream@${artifact.digest}`), at(emulator, `team/app@${artifact.digest}`));
  }
  const { body } = await http(`${emulator.endpoint}/v2/team/app/referrers/${image.digest}`, { headers: await login(client) });
  expect(JSON.parse(body.toString()).manifests.map((one: { digest: string }) => one.digest).sort()).toEqual([signature.digest, sbom.digest].sort());

  await skopeo('copy', ...flags, `--src-creds=${creds}`, at(emulator, 'team/app:v1'), at(registry, 'back:v1'));
  expect(await skopeo('inspect', '--raw', '--tls-verify=false', at(registry, 'back:v1'))).toBe(image.index);
}, SLOW);

skopeoTest('what skopeo pushed goes with the repository, from the disk too', async () => {
  const { client, emulator, creds } = await bench();
  await skopeo('copy', '--all', '--dest-tls-verify=false', `--dest-creds=${creds}`, await layout(multiArch('app')), at(emulator, 'team/app:v1'));
  await client.send(new DeleteRepositoryCommand({ repositoryName: 'team/app', force: true }));
  await expect(skopeo('inspect', '--tls-verify=false', `--creds=${creds}`, at(emulator, 'team/app:v1'))).rejects.toThrow('does not exist');
}, SLOW);

/** Kept together with the tools: what they would not send. */
skopeoTest('an index that skopeo pushed holds its children', async () => {
  const { client, emulator, creds } = await bench();
  const image = multiArch('app');
  await skopeo('copy', '--all', '--dest-tls-verify=false', `--dest-creds=${creds}`, await layout(image), at(emulator, 'team/app:v1'));
  const headers = await login(client);
  const remove = (reference: string) => http(`${emulator.endpoint}/v2/team/app/manifests/${reference}`, { method: 'DELETE', headers });
  const held = await remove(image.images[0].digest);
  expect([held.status, held.body.toString()]).toEqual([403, expect.stringContaining(`referenced by manifest list: [${image.digest}]`)]);
  expect((await remove(image.digest)).status).toBe(202);
  expect((await remove(image.images[0].digest)).status).toBe(202);
  expect((await putManifest(emulator.endpoint, headers, image.index, 'v2', 'team/app')).status).toBe(404);
}, SLOW);

