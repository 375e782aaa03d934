/**
 * Throughput of `drydock copy` / `skopeo copy`, both from the same OCI layout to the same emulator, and peak memory of `drydock copy` with a layer of 2 GiB.
 * Every round copies with both, the one that goes first alternating, to repositories of their own; the ratio is that of the best times.
 *
 *   npm run bench:copy -- [--rounds 3] [--large 4] [--mebibytes 256] [--small 60] [--peak 2048]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CreateRepositoryCommand, DeleteRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { writeLayout } from './copy-data';

const root = join(__dirname, '..');
const MIB = 1_048_576;
const environment = { ...process.env, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' }, large: { type: 'string', default: '4' }, mebibytes: { type: 'string', default: '256' },
    small: { type: 'string', default: '60' }, peak: { type: 'string', default: '2048' },
  },
});

interface Ran {
  readonly seconds: number;
  readonly peakMebibytes: number;
}

/** Runs a program and watches its memory. */
function run(program: string, args: readonly string[], more: object = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(program, args, { env: { ...environment, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    let peak = 0;
    child.stdout.resume();
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    // The kernel keeps the peak for us; it is read often enough to be read shortly before the end.
    const timer = setInterval(() => {
      try {
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
      } catch {
        // It has ended, or this is no Linux.
      }
    }, 20);
    child.on('error', reject);
    child.on('close', (status) => {
      clearInterval(timer);
      if (status === 0) {
        resolve({ seconds: (performance.now() - began) / 1000, peakMebibytes: peak });
      } else {
        reject(new Error(`${program} ${args.join(' ')}: ${status}\n${errors}`));
      }
    });
  });
}

async function startEmulator(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(root, 'bin/drydock'), 'emulator', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const first = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))));
  return {
    endpoint: (JSON.parse(first) as { endpoint: string }).endpoint,
    stop: () => new Promise((resolve) => {
      child.once('close', () => resolve());
      child.kill('SIGTERM');
    }),
  };
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-copy-'));
  const emulator = await startEmulator();
  const ecr = new ECRClient({ endpoint: emulator.endpoint, region: 'us-east-1', credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: 'secret' } });
  let repositories = 0;
  const inRepository = async <T>(use: (repositoryName: string) => Promise<T>): Promise<T> => {
    const repositoryName = `bench-${repositories += 1}`;
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    try {
      return await use(repositoryName);
    } finally {
      await ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
    }
  };
  try {
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const login = Buffer.from(authorizationData?.[0].authorizationToken ?? '', 'base64').toString();
    const host = new URL(emulator.endpoint).host;
    const drydock = (layout: string) => inRepository((name) => run(process.execPath, [join(root, 'bin/drydock'), 'copy', `oci:${layout}:bench`, `${name}:1`], { AWS_ENDPOINT_URL_ECR: emulator.endpoint }));
    const skopeo = (layout: string) => inRepository((name) => run('skopeo', ['copy', '--all', '--dest-tls-verify=false', '--dest-creds', login, `oci:${layout}:bench`, `docker://${host}/${name}:1`],
      // Without what it remembers of earlier pushes.
      { XDG_DATA_HOME: join(directory, `skopeo-${repositories}`), HOME: join(directory, `skopeo-${repositories}`) }));

    const cases: [string, readonly number[]][] = [
      [`${values.large} layers of ${values.mebibytes} MiB`, Array.from({ length: Number(values.large) }, () => Number(values.mebibytes) * MIB)],
      [`${values.small} small layers`, Array.from({ length: Number(values.small) }, (_, i) => 100_000 + i * 5_000)],
    ];
    for (const [name, layers] of cases) {
      const layout = join(directory, name.replace(/ /g, '-'));
      const bytes = writeLayout(layout, layers, name).reduce((sum, { size }) => sum + size, 0);
      const times: { ours: Ran[]; theirs: Ran[] } = { ours: [], theirs: [] };
      for (let round = 0; round < Number(values.rounds); round += 1) {
        if (round % 2 === 0) {
          times.theirs.push(await skopeo(layout));
          times.ours.push(await drydock(layout));
        } else {
          times.ours.push(await drydock(layout));
          times.theirs.push(await skopeo(layout));
        }
      }
      const best = (list: readonly Ran[]) => Math.min(...list.map(({ seconds }) => seconds));
      const rate = (seconds: number) => `${(bytes / MIB / seconds).toFixed(0)} MiB/s`;
      console.log(`${name} (${(bytes / MIB).toFixed(1)} MiB): drydock ${best(times.ours).toFixed(2)} s (${rate(best(times.ours))}), skopeo ${best(times.theirs).toFixed(2)} s (${rate(best(times.theirs))})`);
      console.log(`  throughput drydock / skopeo: ${(best(times.theirs) / best(times.ours)).toFixed(2)} (aim: at least 1.0); peak memory of drydock ${Math.max(...times.ours.map(({ peakMebibytes }) => peakMebibytes)).toFixed(0)} MiB`);
      rmSync(layout, { recursive: true, force: true });
    }

    const layout = join(directory, 'peak');
    writeLayout(layout, [Number(values.peak) * MIB], 'peak');
    const { seconds, peakMebibytes } = await drydock(layout);
    console.log(`one layer of ${values.peak} MiB: peak memory ${peakMebibytes.toFixed(0)} MiB (aim: under 256), ${(Number(values.peak) / seconds).toFixed(0)} MiB/s`);
  } finally {
    ecr.destroy();
    await emulator.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
