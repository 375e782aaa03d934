/**
 * What it costs to take in and give out one large layer: time / that of decoding and hashing the same bytes in memory, and the peak memory of
 * the emulator's process. The layer's size in MiB is the first argument.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const SIZE = Number(process.argv[2] ?? 2048) * MIB;
const PART = 20 * MIB;
const agent = new Agent({ keepAlive: true });

/** The same bytes over and over, with a count in them so that no two pieces are equal. */
const piece = Buffer.alloc(PART, 'drydock ');
function pieceAt(offset: number): Buffer {
  piece.writeDoubleBE(offset, 0);
  return piece.subarray(0, Math.min(PART, SIZE - offset));
}

interface Answer { readonly status: number; readonly headers: Record<string, unknown>; readonly body: string; readonly bytes: number }

type Body = string | Buffer | ((write: (chunk: Buffer) => Promise<void>) => Promise<void>);

function send(url: string, method: string, headers: Record<string, string>, body?: Body, keep = true): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (keep) {
          chunks.push(chunk);
        }
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString(), bytes }));
    });
    request.on('error', reject);
    if (typeof body === 'function') {
      body((chunk) => new Promise((written, failed) => request.write(chunk, (error) => (error ? failed(error) : written())))).then(() => request.end(), reject);
    } else {
      request.end(body);
    }
  });
}

async function main(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'drydock-bench-'));
  const child = spawn(process.execPath, [join(__dirname, '..', 'bin', 'drydock'), 'emulator', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const { endpoint } = JSON.parse(await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())))) as { endpoint: string };
    const call = async (operation: string, input: object | Buffer): Promise<any> => {
      const { status, body } = await send(endpoint, 'POST', { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}` },
        Buffer.isBuffer(input) ? input : JSON.stringify(input));
      if (status !== 200) {
        throw new Error(body);
      }
      return JSON.parse(body);
    };
    await call('CreateRepository', { repositoryName: 'app' });
    const { authorizationData: [{ authorizationToken }] } = await call('GetAuthorizationToken', {});
    const authorization = { authorization: `Basic ${authorizationToken}` };

    const hash = createHash('sha256');
    const [decoding, hashing] = [stopwatch(), stopwatch()];
    for (let at = 0; at < SIZE; at += PART) {
      const text = pieceAt(at).toString('base64');
      decoding.run(() => Buffer.from(text, 'base64'));
      hashing.run(() => hash.update(pieceAt(at)));
    }
    const digest = `sha256:${hash.digest('hex')}`;

    const { uploadId } = await call('InitiateLayerUpload', { repositoryName: 'app' });
    let start = performance.now();
    for (let at = 0; at < SIZE; at += PART) {
      const bytes = pieceAt(at);
      // Written by hand: JSON.stringify would cost the client more than the emulator takes.
      await call('UploadLayerPart', Buffer.from(`{"repositoryName":"app","uploadId":"${uploadId}","partFirstByte":${at},"partLastByte":${at + bytes.length - 1},`
        + `"layerPartBlob":"${bytes.toString('base64')}"}`, 'latin1'));
    }
    await call('CompleteLayerUpload', { repositoryName: 'app', uploadId, layerDigests: [digest] });
    report('UploadLayerPart, 20 MiB each', performance.now() - start, decoding.total + hashing.total, child.pid!);

    await call('CreateRepository', { repositoryName: 'other' });
    const { headers: { location } } = await send(`${endpoint}/v2/other/blobs/uploads/`, 'POST', authorization);
    start = performance.now();
    await send(new URL(String(location), endpoint).href, 'PATCH', authorization, async (write) => {
      for (let at = 0; at < SIZE; at += PART) {
        await write(pieceAt(at));
      }
    });
    const { status } = await send(`${new URL(String(location), endpoint).href}?digest=${digest}`, 'PUT', authorization);
    if (status !== 201) {
      throw new Error(`${status}`);
    }
    report('PATCH, one stream', performance.now() - start, hashing.total, child.pid!);

    const { headers } = await send(`${endpoint}/v2/app/blobs/${digest}`, 'GET', authorization);
    start = performance.now();
    const { bytes } = await send(String(headers.location), 'GET', {}, undefined, false);
    if (bytes !== SIZE) {
      throw new Error(`${bytes} bytes`);
    }
    report('download', performance.now() - start, hashing.total, child.pid!);
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(data, { recursive: true, force: true });
  }
}

function stopwatch(): { total: number; run(work: () => unknown): void } {
  return {
    total: 0,
    run(work) {
      const start = performance.now();
      work();
      this.total += performance.now() - start;
    },
  };
}

function report(what: string, milliseconds: number, inMemory: number, pid: number): void {
  const peak = Number(/VmHWM:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  console.log(`${what.padEnd(30)} ${(SIZE / MIB / (milliseconds / 1000)).toFixed(0).padStart(5)} MiB/s   x ${(milliseconds / inMemory).toFixed(2)} of decoding and hashing   peak memory ${peak.toFixed(0)} MiB`);
}

agent.maxSockets = 1;
void main().then(() => agent.destroy());
