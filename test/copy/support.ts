import { BatchGetImageCommand, CreateRepositoryCommand, DescribeImagesCommand, ImageDetail } from '@aws-sdk/client-ecr';
import { Content } from './images';
import { Script, scriptedRegistry, ScriptedRegistry } from './scripted-registry';
import { CopyOptions, CopyOutcome, copyImage, ImageSource, registrySource } from '../../src/copy';
import { connect, Connection } from '../../src/ecr/client';
import { Emulator, EmulatorOptions, startEmulator } from '../../src/emulator';
import { MANIFEST_TYPES } from '../../src/images/media-types';

export const FAST = { retryBaseMillis: 2, retryMaxMillis: 10, transientWindowMillis: 3_000, accessDeniedWindowMillis: 0 };
const MIB = 1_048_576;

const closers: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});

export function closeLater(close: () => Promise<unknown> | void): void {
  closers.push(close);
}

export interface Desk {
  readonly emulator: Emulator;
  readonly connection: Connection;
  readonly calls: string[];
  /** Calls since the last look. */
  taken(): string[];
  create(repositoryName: string, immutable?: boolean): Promise<void>;
  copy(source: ImageSource, repositoryName: string, options?: Partial<CopyOptions>): Promise<CopyOutcome>;
  describe(repositoryName: string): Promise<ImageDetail[]>;
  manifest(repositoryName: string, reference: { imageTag?: string; imageDigest?: string }): Promise<string | undefined>;
}

/** An emulator, a connection to it, and what one does with both. */
export async function desk(options: EmulatorOptions = {}): Promise<Desk> {
  const calls: string[] = [];
  const emulator = await startEmulator({ ...options, onCall: ({ operation }) => calls.push(operation) });
  const connection = connect({ endpoints: { ecr: emulator.endpoint }, region: 'us-east-1', credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' } });
  closeLater(async () => {
    connection.close();
    await emulator.stop();
  });
  return {
    emulator, connection, calls,
    taken: () => calls.splice(0),
    create: async (repositoryName, immutable = false) => {
      await connection.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: immutable ? 'IMMUTABLE' : 'MUTABLE' }));
      calls.length = 0;
    },
    copy: (source, repositoryName, more = {}) => copyImage({
      source, destination: { connection, address: { repositoryName } }, tags: ['latest'], referrers: true, signal: new AbortController().signal, memoryBytes: 64 * MIB, retry: FAST, ...more,
    }).finally(() => source.close()),
    describe: async (repositoryName) => (await connection.ecr.send(new DescribeImagesCommand({ repositoryName }))).imageDetails ?? [],
    manifest: async (repositoryName, reference) =>
      (await connection.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [reference], acceptedMediaTypes: [...MANIFEST_TYPES] }))).images?.[0]?.imageManifest,
  };
}

export async function serve(content: Content, script?: Script, options: { referrersApi?: boolean; ranges?: boolean } = {}): Promise<ScriptedRegistry> {
  const registry = await scriptedRegistry(content, { script, ...options });
  closeLater(() => registry.stop());
  return registry;
}

export function from(registry: ScriptedRegistry, reference = 'latest', more: object = {}): ImageSource {
  return registrySource({ host: registry.host, repository: 'app', reference, plainHttp: true, connectTimeoutMillis: 2_000, idleTimeoutMillis: 2_000, ...more });
}

/** The code that a promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    return { code: (error as { code?: string }).code ?? 'none', message: (error as Error).message };
  }
  throw new Error('It did not fail.');
}
