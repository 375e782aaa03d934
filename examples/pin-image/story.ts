/** The app deployed three times on this machine, against the embedded ECR, with the calls that each deployment made. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { startEmulator } from '../../src/emulator';
import { RehearsalSession, type ResourceRecord } from '../../src/rehearsal';

export interface Deployment {
  readonly release: string;
  readonly ok: boolean;
  /** By operation. */
  readonly calls: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** What the ECS task and the Lambda function run. */
  readonly runs: { readonly web: string; readonly thumbnail: string };
}

/** Deploys twice, moves the tag of the platform team, deploys again. `work`: where the app was synthesized for each release. */
export async function pinImageStory(work: string, print: (line: string) => void): Promise<Deployment[]> {
  const calls: string[] = [];
  const emulator = await startEmulator({ onCall: ({ operation }) => calls.push(operation) });
  const session = await RehearsalSession.open({ ecrEndpoint: emulator.endpoint });
  const upstream = new Pusher(emulator.endpoint);
  const deployments: Deployment[] = [];
  const deploy = async (release: string) => {
    calls.length = 0;
    const result = await session.run({ assembly: join(work, release) });
    const counts: Record<string, number> = {};
    calls.forEach((operation) => { counts[operation] = (counts[operation] ?? 0) + 1; });
    const [{ outputs, reason }] = result.stacks;
    deployments.push({ release, ok: result.ok, calls: counts, outputs, runs: runsOf(result.state.stacks[0].resources) });
    print(`deployment ${release}: ${result.ok ? 'complete' : `failed: ${reason}`}`);
    print(`  web is pinned to ${outputs.WebDigest}, thumbnails to ${outputs.ThumbnailDigest}; ${outputs.MovedBytes} bytes of layers moved`);
    print(`  calls: ${Object.entries(counts).sort().map(([operation, count]) => `${operation} ${count}`).join(', ')}`);
  };
  try {
    await upstream.repository('platform/web', 'shop/thumbnails');
    await upstream.push('platform/web', 'stable', ['amd64', 'arm64'], ['a base that never changes', 'version 1']);
    await upstream.push('shop/thumbnails', 'live', ['arm64'], ['thumbnails']);
    await deploy('first');
    await deploy('second');
    print('the platform team moves platform/web:stable to version 2');
    await upstream.push('platform/web', 'stable', ['amd64', 'arm64'], ['a base that never changes', 'version 2']);
    await deploy('third');
  } finally {
    await session.close();
    await emulator.stop();
  }
  return deployments;
}

function runsOf(resources: readonly ResourceRecord[]): Deployment['runs'] {
  const propertiesOf = (type: string, wanted: (properties: any) => unknown): string => {
    const found = resources.filter((resource) => resource.type === type).map(({ properties }) => wanted(properties)).find((value) => value !== undefined);
    return String(found);
  };
  return {
    web: propertiesOf('AWS::ECS::TaskDefinition', ({ ContainerDefinitions }) => ContainerDefinitions[0].Image),
    thumbnail: propertiesOf('AWS::Lambda::Function', ({ Code }) => Code.ImageUri),
  };
}

const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** Whoever pushes: with the API of ECR, as `docker push` does with the registry's. */
export class Pusher {
  constructor(private readonly endpoint: string) {}

  public async repository(...names: string[]): Promise<void> {
    for (const repositoryName of names) {
      await this.call('CreateRepository', { repositoryName });
    }
  }

  /** An image, or an index of one for each architecture; every text is a layer of 64 KiB. */
  public async push(repositoryName: string, imageTag: string, architectures: readonly string[], layers: readonly string[]): Promise<void> {
    const entries: object[] = [];
    for (const architecture of architectures) {
      const described = [];
      for (const layer of layers) {
        described.push(await this.blob(repositoryName, Buffer.alloc(65_536, `${layer} ${architecture} `), 'application/vnd.oci.image.layer.v1.tar'));
      }
      const config = await this.blob(repositoryName, Buffer.from(JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: described.map(({ digest }) => digest) } })), 'application/vnd.oci.image.config.v1+json');
      const manifest = JSON.stringify({ schemaVersion: 2, mediaType: IMAGE, config, layers: described });
      await this.call('PutImage', { repositoryName, imageManifest: manifest, ...(architectures.length === 1 ? { imageTag } : {}) });
      entries.push({ mediaType: IMAGE, digest: sha256(manifest), size: manifest.length, platform: { os: 'linux', architecture } });
    }
    if (architectures.length > 1) {
      await this.call('PutImage', { repositoryName, imageTag, imageManifest: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: entries }) });
    }
  }

  private async blob(repositoryName: string, bytes: Buffer, mediaType: string): Promise<{ mediaType: string; digest: string; size: number }> {
    const digest = sha256(bytes);
    const { layers } = await this.call('BatchCheckLayerAvailability', { repositoryName, layerDigests: [digest] });
    if (layers[0].layerAvailability !== 'AVAILABLE') {
      const { uploadId } = await this.call('InitiateLayerUpload', { repositoryName });
      await this.call('UploadLayerPart', { repositoryName, uploadId, partFirstByte: 0, partLastByte: bytes.length - 1, layerPartBlob: bytes.toString('base64') });
      await this.call('CompleteLayerUpload', { repositoryName, uploadId, layerDigests: [digest] });
    }
    return { mediaType, digest, size: bytes.length };
  }

  private async call(operation: string, input: object): Promise<any> {
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}` },
      body: JSON.stringify(input),
    });
    const body: any = await response.json();
    // As with `docker push`, what is there is no error.
    if (!response.ok && body.__type !== 'ImageAlreadyExistsException') {
      throw new Error(`${operation}: ${JSON.stringify(body)}`);
    }
    return body;
  }
}
