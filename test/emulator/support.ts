import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { ECRClient, ECRServiceException, PutImageCommand } from '@aws-sdk/client-ecr';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { ImageDetail } from '../../src/lifecycle/model';

export const NOW = '2026-01-31T12:00:00Z';
export const DAY = 86_400_000;
export const ACCOUNT = '123456789012';

const running: { emulator: Emulator; client: ECRClient }[] = [];

/** An emulator with the SDK's own client on it; both end with the test. */
export async function ecr(options: EmulatorOptions = {}): Promise<{ emulator: Emulator; client: ECRClient }> {
  const emulator = await startEmulator({ now: NOW, allowMissingLayers: true, ...options });
  const client = clientOf(emulator);
  running.push({ emulator, client });
  return { emulator, client };
}

export function clientOf(emulator: Emulator, options: { region?: string; accessKeyId?: string; maxAttempts?: number } = {}): ECRClient {
  return new ECRClient({
    endpoint: emulator.endpoint,
    region: options.region ?? 'us-east-1',
    credentials: { accessKeyId: options.accessKeyId ?? 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: options.maxAttempts ?? 1,
  });
}

afterEach(async () => {
  for (const { emulator, client } of running.splice(0)) {
    client.destroy();
    await emulator.stop();
  }
});

/** The error that a call fails with. */
export async function refusal(sent: Promise<unknown>): Promise<{ name: string; message: string; status?: number; error: ECRServiceException }> {
  try {
    await sent;
  } catch (error) {
    const e = error as ECRServiceException;
    return { name: e.name, message: e.message, status: e.$metadata?.httpStatusCode, error: e };
  }
  throw new Error('The call succeeded.');
}

export interface RawReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  json: any;
}

export function raw(
  emulator: Emulator, options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1', port: emulator.port, method: options.method ?? 'POST', path: options.path ?? '/', headers: options.headers, agent: false,
    }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        let json: unknown;
        try {
          json = JSON.parse(body);
        } catch {
          json = undefined;
        }
        resolve({ status: response.statusCode!, headers: response.headers, body, json });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

/** A call as it goes over the wire, for what SDKs would not send. */
export function call(emulator: Emulator, operation: string, input: unknown): Promise<RawReply> {
  return raw(emulator, {
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}` },
    body: JSON.stringify(input),
  });
}

export const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
export const fakeDigest = (seed: number | string) => sha256(String(seed));

export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

export function imageManifest(name: string, extra: Record<string, unknown> = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_IMAGE,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(`config ${name}`), size: 10 },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: sha256(`layer ${name}`), size: 1000 }],
    ...extra,
  });
}

export function indexManifest(children: readonly string[], extra: Record<string, unknown> = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: children.map((digest) => ({ mediaType: OCI_IMAGE, digest, size: 400, platform: { architecture: 'amd64', os: 'linux' } })),
    ...extra,
  });
}

/** Pushes a manifest and returns its digest. */
export async function push(client: ECRClient, repositoryName: string, imageManifestText: string, imageTag?: string): Promise<string> {
  const answer = await client.send(new PutImageCommand({ repositoryName, imageManifest: imageManifestText, imageTag }));
  return answer.image!.imageId!.imageDigest!;
}

export const ageDays = (days: number, from = NOW) => new Date(Date.parse(from) - days * DAY).toISOString();

export function image(repositoryName: string, name: string, details: Partial<ImageDetail> = {}): ImageDetail {
  return { repositoryName, imageDigest: fakeDigest(name), imagePushedAt: ageDays(10), imageSizeInBytes: 100, ...details };
}

export const expireAny = (countNumber: number) => JSON.stringify({
  rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber }, action: { type: 'expire' } }],
});

export const expireAfterDays = (countNumber: number, selection: object = { tagStatus: 'any' }) => JSON.stringify({
  rules: [{ rulePriority: 1, selection: { ...selection, countType: 'sinceImagePushed', countUnit: 'days', countNumber }, action: { type: 'expire' } }],
});

export const archiveAny = (countNumber: number) => JSON.stringify({
  rules: [{
    rulePriority: 1,
    selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber },
    action: { type: 'transition', targetStorageClass: 'archive' },
  }],
});
