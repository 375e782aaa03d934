import { createCipheriv, createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import {
  CompleteLayerUploadCommand, CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand, InitiateLayerUploadCommand, PutImageCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { OCI_IMAGE } from './support';

export const MIB = 1024 * 1024;

export const digestOf = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Bytes that are always the same for the same name, and do not compress. */
export function noise(name: string, length: number): Buffer {
  const key = createHash('sha256').update(name).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

export async function startUpload(client: ECRClient, repositoryName = 'app'): Promise<string> {
  return (await client.send(new InitiateLayerUploadCommand({ repositoryName }))).uploadId!;
}

export function sendPart(client: ECRClient, uploadId: string, partFirstByte: number, bytes: Uint8Array, repositoryName = 'app') {
  return client.send(new UploadLayerPartCommand({
    repositoryName, uploadId, partFirstByte, partLastByte: partFirstByte + bytes.length - 1, layerPartBlob: bytes,
  }));
}

export function complete(client: ECRClient, uploadId: string, layerDigest: string, repositoryName = 'app') {
  return client.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [layerDigest] }));
}

/** A layer through the API, in parts of a size. */
export async function uploadLayer(client: ECRClient, bytes: Buffer, repositoryName = 'app', partSize = 10 * MIB): Promise<string> {
  const uploadId = await startUpload(client, repositoryName);
  for (let at = 0; at < bytes.length; at += partSize) {
    await sendPart(client, uploadId, at, bytes.subarray(at, at + partSize), repositoryName);
  }
  return (await complete(client, uploadId, digestOf(bytes), repositoryName)).layerDigest!;
}

export interface Content {
  readonly manifest: string;
  readonly digest: string;
  readonly config: Buffer;
  readonly layers: readonly Buffer[];
}

/** An image whose bytes exist. */
export function content(name: string, layers: readonly Buffer[] = [noise(name, 1000)], extra: Record<string, unknown> = {}): Content {
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', name }));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_IMAGE,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
    layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(layer), size: layer.length })),
    ...extra,
  });
  return { manifest, digest: digestOf(manifest), config, layers };
}

/** Layers, config and manifest through the API. */
export async function pushContent(client: ECRClient, image: Content, imageTag?: string, repositoryName = 'app'): Promise<string> {
  for (const bytes of [...image.layers, image.config]) {
    await uploadLayer(client, bytes, repositoryName).catch((error: Error) => {
      if (error.name !== 'LayerAlreadyExistsException') {
        throw error;
      }
    });
  }
  await client.send(new PutImageCommand({ repositoryName, imageManifest: image.manifest, imageTag }));
  return image.digest;
}

export async function createRepository(client: ECRClient, repositoryName = 'app'): Promise<void> {
  await client.send(new CreateRepositoryCommand({ repositoryName }));
}

export interface Download {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Any request, its answer in bytes. */
export function http(url: string, options: { method?: string; headers?: Record<string, string>; body?: Buffer | string } = {}): Promise<Download> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: options.method ?? 'GET', headers: options.headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

/** The headers that let a registry client in. */
export async function login(client: ECRClient): Promise<{ authorization: string }> {
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  return { authorization: `Basic ${authorizationData![0].authorizationToken}` };
}

/** A blob through the registry protocol, as every registry takes it. */
export async function pushBlob(endpoint: string, headers: Record<string, string>, bytes: Buffer, repositoryName = 'app'): Promise<string> {
  const digest = digestOf(bytes);
  const started = await http(`${endpoint}/v2/${repositoryName}/blobs/uploads/`, { method: 'POST', headers });
  const location = new URL(String(started.headers.location), endpoint);
  location.searchParams.set('digest', digest);
  const { status, body } = await http(location.href, { method: 'PUT', headers, body: bytes });
  if (status !== 201) {
    throw new Error(`${status} ${body.toString()}`);
  }
  return digest;
}

/** Layers, config and manifest through the registry protocol. */
export async function pushV2(endpoint: string, headers: Record<string, string>, image: Content, reference: string = image.digest, repositoryName = 'app'): Promise<Download> {
  for (const bytes of [...image.layers, image.config]) {
    await pushBlob(endpoint, headers, bytes, repositoryName);
  }
  return putManifest(endpoint, headers, image.manifest, reference, repositoryName);
}

export function putManifest(endpoint: string, headers: Record<string, string>, manifest: string, reference: string, repositoryName = 'app'): Promise<Download> {
  const { mediaType } = JSON.parse(manifest) as { mediaType: string };
  return http(`${endpoint}/v2/${repositoryName}/manifests/${reference}`, { method: 'PUT', headers: { ...headers, 'content-type': mediaType }, body: manifest });
}
