import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchDeleteImageCommand, DeleteRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import * as fc from 'fast-check';
import { content, createRepository, digestOf, http, login, noise, pushContent, pushV2, sendPart, startUpload, uploadLayer } from './layers-support';
import { clientOf, DAY, NOW } from './support';
import { Emulator, startEmulator } from '../../src/emulator';

/** Images that share layers. */
const LAYERS = [0, 1, 2, 3].map((n) => noise(`layer ${n}`, 50 + n));
const IMAGES = [[0], [0, 1], [1, 2], [2, 3], [0, 3]].map((layers, n) => content(`image ${n}`, layers.map((one) => LAYERS[one])));

const repository = fc.constantFrom('one', 'two');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('pushByApi' as const, 'pushByV2' as const, 'deleteImage' as const), repository, image: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('uploadOnly' as const, 'mount' as const), repository, layer: fc.nat(3) }) },
  fc.record({ kind: fc.constantFrom('beginUpload' as const, 'recreate' as const), repository }),
  fc.record({ kind: fc.constantFrom('wait' as const, 'restart' as const), repository }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Bench {
  public static async open(data: string): Promise<Bench> {
    const emulator = await startEmulator({ data, now: NOW });
    const bench = new Bench(data, emulator, clientOf(emulator));
    await createRepository(bench.client, 'one');
    await createRepository(bench.client, 'two');
    return bench;
  }

  private constructor(private readonly data: string, private emulator: Emulator, private client: ECRClient) {}

  public async close(): Promise<void> {
    this.client.destroy();
    await this.emulator.stop();
  }

  public async take(one: Step): Promise<void> {
    const repositoryName = one.repository;
    const present = (error: Error) => {
      if (!['ImageAlreadyExistsException', 'LayerAlreadyExistsException'].includes(error.name)) {
        throw error;
      }
    };
    switch (one.kind) {
      case 'pushByApi':
        await pushContent(this.client, IMAGES[one.image], undefined, repositoryName).catch(present);
        break;
      case 'pushByV2':
        expect((await pushV2(this.emulator.endpoint, await login(this.client), IMAGES[one.image], IMAGES[one.image].digest, repositoryName)).status).toBe(201);
        break;
      case 'deleteImage':
        await this.client.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageDigest: IMAGES[one.image].digest }] }));
        break;
      case 'uploadOnly':
        await uploadLayer(this.client, LAYERS[one.layer], repositoryName).catch(present);
        break;
      case 'mount': {
        const from = repositoryName === 'one' ? 'two' : 'one';
        await http(`${this.emulator.endpoint}/v2/${repositoryName}/blobs/uploads/?mount=${digestOf(LAYERS[one.layer])}&from=${from}`, { method: 'POST', headers: await login(this.client) });
        break;
      }
      case 'beginUpload':
        await sendPart(this.client, await startUpload(this.client, repositoryName), 0, noise('begun', 10), repositoryName);
        break;
      case 'recreate':
        await this.client.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
        await createRepository(this.client, repositoryName);
        break;
      case 'wait':
        this.emulator.clock.advance(DAY / 2);
        break;
      default:
        await this.restart();
    }
  }

  public check(): void {
    const repositories = this.emulator.state.repositories();
    const union = (all: readonly (readonly string[])[]) => [...new Set(all.flat())].sort();
    const files = (...path: string[]) => {
      try {
        return readdirSync(join(this.data, ...path)).sort();
      } catch {
        return [];
      }
    };
    const blobs = files('blobs', 'sha256');
    expect(blobs.map((hex) => `sha256:${hex}`)).toEqual(union(repositories.map(({ layers }) => [...layers.keys()])));
    blobs.forEach((hex) => expect(digestOf(readFileSync(join(this.data, 'blobs', 'sha256', hex)))).toBe(`sha256:${hex}`));
    const begun = repositories.flatMap(({ uploads }) => [...uploads.values()]);
    expect(files('uploads')).toEqual(begun.filter(({ received }) => received > 0).map(({ uploadId }) => uploadId).sort());
    for (const { images, layers, unreferencedLayers } of repositories) {
      const listed = union([...images.keys()].map((digest) => {
        const { config, layers: own } = IMAGES.find((image) => image.digest === digest)!;
        return [config, ...own].map(digestOf);
      }));
      expect([...layers.keys()]).toEqual(expect.arrayContaining(listed));
      expect([...unreferencedLayers].sort()).toEqual([...layers.keys()].filter((digest) => !listed.includes(digest)).sort());
    }
  }

  private async restart(): Promise<void> {
    const state = () => this.emulator.state.repositories()
      .map((one) => [one.record.repositoryName, [...one.images.values()], [...one.layers.values()], [...one.uploads.values()]]);
    const before = state();
    await this.close();
    this.emulator = await startEmulator({ data: this.data });
    this.client = clientOf(this.emulator);
    expect(state()).toEqual(before);
  }
}

test('whatever is pushed, mounted, deleted, left lying and restarted: the disk has exactly the layers that some repository has', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    const data = mkdtempSync(join(tmpdir(), 'drydock-disk-'));
    const bench = await Bench.open(data);
    try {
      for (const one of steps) {
        await bench.take(one);
        bench.check();
      }
    } finally {
      await bench.close();
      rmSync(data, { recursive: true, force: true });
    }
  }), { numRuns: 25 });
}, 120_000);
