import { ServerResponse } from 'node:http';
import { BatchCheckLayerAvailabilityCommand } from '@aws-sdk/client-ecr';
import { Content, sha256, Stored } from './images';
import { Scripted } from './scripted-registry';
import { desk, failure, from, serve } from './support';
import { CopyProgress } from '../../src/copy';
import { invalidLayerPart } from '../../src/emulator/ecr-error';

const MIB = 1_048_576;

/** An image whose one large layer takes three parts. */
function large(): { content: Content; layer: string; size: number; digest: string } {
  const content = new Content();
  const { digest } = content.image('large', [22 * MIB, 400], { tag: 'latest' });
  const [layer, bytes] = [...content.blobs].find(([, one]) => one.length > MIB) as [string, Buffer];
  return { content, layer, size: bytes.length, digest };
}

const isBlob = (digest: string) => ({ path }: Scripted) => path.endsWith(`/blobs/${digest}`);

describe('the source', () => {
  test('a connection that is cut in the middle of a layer is resumed where it broke, by Range', async () => {
    const { content, layer, size, digest } = large();
    const registry = await serve(content, (request, response) => {
      if (!isBlob(layer)(request) || request.number > 2) {
        return;
      }
      const start = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': size - start, ...(start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {}) });
      response.write((content.blobs.get(layer) as Buffer).subarray(start, start + 4 * MIB), () => response.destroy());
      return true;
    });
    const { create, copy, describe: list, taken } = await desk();
    await create('app');
    expect(await copy(from(registry), 'app')).toMatchObject({ finished: true, digest });
    const ranges = registry.requests.filter(isBlob(layer)).map(({ headers }) => headers.range);
    expect(ranges).toHaveLength(4);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
    expect(await list('app')).toMatchObject([{ imageDigest: digest, imageTags: ['latest'] }]);
    expect(taken().filter((operation) => operation === 'InitiateLayerUpload')).toHaveLength(3);
  });

  test('a registry that knows no ranges is read over the part that is there already', async () => {
    const { content, layer, digest } = large();
    const registry = await serve(content, (request, response) => {
      if (isBlob(layer)(request) && request.number === 0) {
        response.writeHead(200, { 'content-length': 22 * MIB });
        response.write((content.blobs.get(layer) as Buffer).subarray(0, 3 * MIB), () => response.destroy());
        return true;
      }
      return undefined;
    }, { ranges: false });
    const { create, copy } = await desk();
    await create('app');
    expect(await copy(from(registry), 'app')).toMatchObject({ finished: true, digest });
  });

  test('bursts of 429 and 500 are ridden out', async () => {
    const { content, digest } = large();
    const registry = await serve(content, ({ number, path }, response) => {
      if (number < 3 && path.startsWith('/v2/')) {
        response.writeHead(number === 1 ? 500 : 429, number === 0 ? { 'retry-after': '0' } : {}).end('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}');
        return true;
      }
      return undefined;
    });
    const { create, copy } = await desk();
    await create('app');
    expect(await copy(from(registry), 'app')).toMatchObject({ finished: true, digest });
  });

  test('a limit that is used up for hours fails at once and says for how long', async () => {
    const { content } = large();
    const registry = await serve(content, (_, response) => {
      response.writeHead(429, { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' })
        .end('{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}');
      return true;
    });
    const { create, copy, calls } = await desk();
    await create('app');
    const { code, message } = await failure(copy(from(registry), 'app'));
    expect(code).toBe('DD-COPY-022');
    expect(message).toMatch(/You have reached your pull rate limit.*limit of 100 pulls is for any 6 hours/);
    expect(registry.requests).toHaveLength(1);
    expect(calls).toEqual([]);
  });

  test('a wait that is longer than there is patience for fails with its length', async () => {
    const { content } = large();
    const registry = await serve(content, (_, response) => {
      response.writeHead(429, { 'retry-after': '900' }).end();
      return true;
    });
    const { create, copy } = await desk();
    await create('app');
    expect(await failure(copy(from(registry), 'app'))).toMatchObject({ code: 'DD-COPY-022', message: expect.stringMatching(/come back in 15 minutes/) });
  });

  test('a layer with wrong bytes fails with its code, is not completed, and nothing is tagged', async () => {
    const { content, layer, size } = large();
    content.blobs.set(layer, Buffer.alloc(size, 1));
    const registry = await serve(content);
    const { create, copy, describe: list, connection } = await desk();
    await create('app');
    expect(await failure(copy(from(registry), 'app'))).toMatchObject({ code: 'DD-COPY-024', message: expect.stringContaining(sha256(Buffer.alloc(size, 1))) });
    expect(await list('app')).toEqual([]);
    const { layers } = await connection.ecr.send(new BatchCheckLayerAvailabilityCommand({ repositoryName: 'app', layerDigests: [layer] }));
    expect(layers?.[0].layerAvailability).toBe('UNAVAILABLE');
  });

  test.each<[string, (content: Content, digest: string) => void]>([
    ['a child with other bytes', (content, digest) => content.manifests.set(digest, { ...content.manifests.get(digest) as Stored, text: '{"schemaVersion":2}' })],
    ['a root whose header says another digest', (content) => {
      const root = content.manifests.get(content.tags.get('latest') as string) as { digest: string; mediaType: string; text: string };
      content.manifests.set(root.digest, { ...root, digest: sha256('other') });
    }],
  ])('%s fails with its code', async (_, spoil) => {
    const content = new Content();
    const { amd64 } = content.multi('app', [100], 'latest');
    spoil(content, amd64.digest);
    const { create, copy, describe: list } = await desk();
    await create('app');
    expect((await failure(copy(from(await serve(content)), 'app'))).code).toBe('DD-COPY-024');
    expect(await list('app')).toEqual([]);
  });

  test('a body without end is broken off: of a layer once it has more bytes than it should, of a manifest at 4 MiB', async () => {
    const { content } = large();
    let pumped = 0;
    const pump = (response: ServerResponse) => {
      const chunk = Buffer.alloc(MIB, 'x');
      const go = () => {
        while (!response.destroyed && pumped < 200 * MIB) {
          pumped += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', go);
            return;
          }
        }
      };
      go();
    };
    const endless = (part: string) => serve(content, ({ path }, response) => {
      if (path.includes(part)) {
        response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' });
        pump(response);
        return true;
      }
      return undefined;
    });
    const { create, copy } = await desk();
    await create('app');
    expect((await failure(copy(from(await endless('/blobs/')), 'app'))).code).toBe('DD-COPY-024');
    expect(await failure(copy(from(await endless('/manifests/')), 'app'))).toMatchObject({ code: 'DD-COPY-026', message: expect.stringContaining('4194304') });
    expect(pumped).toBeLessThan(200 * MIB);
  });

  test('a registry that goes silent is given up, within the time that the copy has', async () => {
    const { content } = large();
    const registry = await serve(content, ({ path }) => (path.includes('/blobs/') ? true : undefined));
    const { create, copy } = await desk();
    await create('app');
    const outcome = await copy(from(registry, 'latest', { idleTimeoutMillis: 60_000 }), 'app', { signal: AbortSignal.timeout(300) });
    expect(outcome).toMatchObject({ finished: false, state: { sourceDigest: content.tags.get('latest'), put: { manifests: [], tags: [] } } });
    const { code } = await failure(copy(from(registry, 'latest', { idleTimeoutMillis: 50 }), 'app', { retry: { retryBaseMillis: 1, retryMaxMillis: 2, transientWindowMillis: 300, accessDeniedWindowMillis: 0 } }));
    expect(code).toBe('DD-COPY-023');
  });

  test.each(['http://169.254.169.254/latest/meta-data/iam/', 'http://[fd00:ec2::254]/x', 'http://[::ffff:169.254.170.2]/v2/credentials', 'http://0.0.0.0/x'])('a redirect to %s is not followed', async (location) => {
    const { content } = large();
    const registry = await serve(content, ({ path }, response) => {
      if (path.includes('/blobs/')) {
        response.writeHead(307, { location }).end();
        return true;
      }
      return undefined;
    });
    const { create, copy, describe: list } = await desk();
    await create('app');
    expect((await failure(copy(from(registry), 'app'))).code).toBe('DD-COPY-025');
    expect(await list('app')).toEqual([]);
  });

  test('what does not exist says so', async () => {
    const content = new Content();
    content.image('app', [100], { tag: 'latest' });
    const registry = await serve(content);
    const { create, copy } = await desk();
    await create('app');
    expect(await failure(copy(from(registry, 'nosuch'), 'app'))).toMatchObject({ code: 'DD-COPY-020', message: expect.stringContaining(':nosuch') });
    const layer = [...content.blobs.keys()][0];
    content.blobs.delete(layer);
    expect(await failure(copy(from(registry), 'app'))).toMatchObject({ code: 'DD-COPY-020', message: expect.stringContaining(layer) });
  });
});

describe('the destination', () => {
  test('a part whose answer was lost is not sent into the layer twice', async () => {
    const { content, digest } = large();
    const parts: unknown[] = [];
    const { create, copy } = await desk({
      intercept: ({ operation, phase, number, input }) => {
        if (operation === 'UploadLayerPart' && phase === 'after') {
          parts.push(input.partFirstByte);
          return number <= 2 ? { disconnect: true } : undefined;
        }
        return undefined;
      },
    });
    await create('app');
    expect(await copy(from(await serve(content)), 'app')).toMatchObject({ finished: true, digest, moved: { blobs: 3, bytes: [...content.blobs.values()].reduce((sum, { length }) => sum + length, 0) } });
  });

  test('a connection that is cut in the middle of a part is resumed from the last byte that ECR has', async () => {
    const { content, digest } = large();
    const { create, copy } = await desk({
      intercept: ({ operation, phase, number }) => (operation === 'UploadLayerPart' && phase === 'start' && number % 2 === 1 && number < 6 ? { disconnect: true, afterBytes: 3 * MIB } : undefined),
    });
    await create('app');
    expect(await copy(from(await serve(content)), 'app')).toMatchObject({ finished: true, digest });
  });

  test('an upload that ECR has forgotten begins anew, and is counted once', async () => {
    const { content, digest } = large();
    let forgotten = 0;
    const { create, copy, taken } = await desk({
      intercept: ({ operation, phase, input }) => {
        if (operation === 'UploadLayerPart' && phase === 'before' && input.partFirstByte === 10 * MIB && forgotten < 2) {
          forgotten += 1;
          return { error: { type: 'UploadNotFoundException', message: 'gone' } };
        }
        return undefined;
      },
    });
    await create('app');
    const bytes = [...content.blobs.values()].reduce((sum, { length }) => sum + length, 0);
    expect(await copy(from(await serve(content)), 'app')).toMatchObject({ finished: true, digest, moved: { blobs: 3, bytes } });
    expect(taken().filter((operation) => operation === 'InitiateLayerUpload')).toHaveLength(5);
  });

  test('an upload of which ECR has less than it said goes on from there', async () => {
    const { content, digest, layer, size } = large();
    let refused = false;
    const firstBytes: unknown[] = [];
    const { create, copy } = await desk({
      intercept: ({ operation, phase, input }) => {
        if (operation === 'UploadLayerPart' && phase === 'before' && size > 0 && (input.partFirstByte as number) > 0) {
          firstBytes.push(input.partFirstByte);
          if (!refused) {
            refused = true;
            throw invalidLayerPart({ registryId: '123456789012', repositoryName: 'app' }, String(input.uploadId), -1, 'lost');
          }
        }
        return undefined;
      },
    });
    await create('app');
    expect(await copy(from(await serve(content)), 'app')).toMatchObject({ finished: true, digest });
    expect(firstBytes.slice(0, 2)).toEqual([10 * MIB, 10 * MIB]);
    expect(layer).toBe(sha256(content.blobs.get(layer) as Buffer));
  });

  test('throttling and server errors of every operation are ridden out, and each layer is completed once', async () => {
    const { content, digest } = large();
    const { create, copy, emulator } = await desk({
      intercept: ({ operation, phase, number }) => (phase === 'before' && operation !== 'CreateRepository' && number % 3 === 1
        ? { error: number % 2 === 0 ? { type: 'ServerException', message: 'no', statusCode: 500 } : { type: 'ThrottlingException', message: 'Rate exceeded' } } : undefined),
    });
    await create('app').catch(() => undefined);
    expect(await copy(from(await serve(content)), 'app')).toMatchObject({ finished: true, digest });
    expect(emulator.endpoint).toContain('127.0.0.1');
  });

  test('a deadline in the middle of a layer leaves no tag, and the next call sends only what is missing', async () => {
    const { content, size, digest } = large();
    const controller = new AbortController();
    const received: number[] = [];
    const { create, copy, describe: list } = await desk({
      intercept: ({ operation, phase, input }) => {
        if (operation === 'UploadLayerPart' && phase === 'after') {
          received.push(Number(input.partLastByte) - Number(input.partFirstByte) + 1);
        }
      },
    });
    await create('app');
    const registry = await serve(content);
    const onProgress = (event: CopyProgress) => {
      if (event.kind === 'bytes' && event.bytes === 10 * MIB) {
        controller.abort();
      }
    };
    const first = await copy(from(registry), 'app', { signal: controller.signal, onProgress });
    if (first.finished) {
      throw new Error('It was not stopped.');
    }
    expect(first.state).toMatchObject({ sourceDigest: digest, put: { manifests: [], tags: [] }, uploads: [{ nextByte: 10 * MIB }] });
    expect(JSON.stringify(first.state).length).toBeLessThan(2_000);
    expect(await list('app')).toEqual([]);
    content.image('moved on', [100], { tag: 'latest' });
    const second = await copy(from(registry), 'app', { resume: JSON.parse(JSON.stringify(first.state)) });
    const all = [...content.blobs.values()].filter((bytes) => bytes.length === size || bytes.length === 400 || bytes.toString().includes('"large"')).reduce((sum, { length }) => sum + length, 0);
    expect(second).toMatchObject({ finished: true, digest, sourceDigest: digest, put: { manifests: [digest], tags: ['latest'] }, moved: { blobs: 3, bytes: all } });
    // A part that was under way when time was up may have arrived.
    expect(received.reduce((sum, one) => sum + one, 0)).toBe(all);
  });

  test('a state whose upload has expired is no obstacle', async () => {
    const { content, digest, layer } = large();
    const { create, copy } = await desk();
    await create('app');
    const nothing = { blobs: 0, bytes: 0, manifests: 0 };
    const resume = {
      formatVersion: 1 as const, sourceDigest: digest, uploads: [{ digest: layer, uploadId: '6bb4e5a2-8c8d-4b0b-9d3c-0a7b1f4f6a11', partSize: 10 * MIB, nextByte: 10 * MIB }],
      put: { manifests: [], tags: [], referrerTags: [], replaced: {} }, moved: nothing, present: nothing,
    };
    expect(await copy(from(await serve(content)), 'app', { resume })).toMatchObject({ finished: true, digest });
  });

  test('with its time up before it begins, a copy does nothing and says so', async () => {
    const { content } = large();
    const { create, copy, calls } = await desk();
    await create('app');
    expect(await copy(from(await serve(content)), 'app', { signal: AbortSignal.abort() })).toMatchObject({ finished: false, state: { uploads: [], moved: { blobs: 0 } } });
    expect(calls).toEqual([]);
  });

  test('an immutable tag is success for the same image and a code for another', async () => {
    const content = new Content();
    const { digest } = content.image('first', [100], { tag: 'latest' });
    const registry = await serve(content);
    const { create, copy, describe: list } = await desk();
    await create('app', true);
    await copy(from(registry), 'app');
    expect(await copy(from(registry), 'app')).toMatchObject({ finished: true, put: { tags: [] } });
    const other = content.image('second', [100], { tag: 'latest' });
    const { code, message } = await failure(copy(from(registry), 'app'));
    expect(code).toBe('DD-COPY-042');
    expect(message).toContain(digest);
    expect(message).toContain(other.digest);
    expect((await list('app')).find(({ imageTags }) => imageTags?.includes('latest'))?.imageDigest).toBe(digest);
  });

  test('a mutable tag moves, and what it was is said', async () => {
    const content = new Content();
    const before = content.image('first', [100], { tag: 'latest' });
    const registry = await serve(content);
    const { create, copy } = await desk();
    await create('app');
    await copy(from(registry), 'app');
    const after = content.image('second', [100], { tag: 'latest' });
    expect(await copy(from(registry), 'app')).toMatchObject({ digest: after.digest, put: { manifests: [after.digest], tags: ['latest'], replaced: { latest: before.digest } } });
  });

  test.each<[string, { type: string; message: string; statusCode?: number }, string, string]>([
    ['PutImage', { type: 'AccessDeniedException', message: 'no', statusCode: 403 }, 'DD-COPY-041', 'ecr:PutImage'],
    ['InitiateLayerUpload', { type: 'KmsException', message: 'disabled' }, 'DD-COPY-047', 'disabled'],
    ['PutImage', { type: 'LimitExceededException', message: 'too many' }, 'DD-COPY-044', 'too many'],
    ['PutImage', { type: 'InvalidParameterException', message: 'bad manifest' }, 'DD-COPY-045', 'bad manifest'],
    ['CompleteLayerUpload', { type: 'InvalidLayerException', message: 'digest differs' }, 'DD-COPY-046', 'digest differs'],
    ['DescribeImages', { type: 'AccessDeniedException', message: 'no', statusCode: 403 }, 'DD-COPY-041', 'ecr:DescribeImages'],
  ])('%s that fails with %j is %s, and nothing is tagged', async (wrong, error, code, words) => {
    const content = new Content();
    content.image('app', [100], { tag: 'latest' });
    const { create, copy, emulator } = await desk({ intercept: ({ operation, phase }) => (operation === wrong && phase === 'before' ? { error } : undefined) });
    await create('app');
    expect(await failure(copy(from(await serve(content)), 'app'))).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(JSON.stringify(await (await fetch(`${emulator.endpoint}/_drydock/state`)).json())).not.toContain('"latest"');
  });

  test('a repository that does not exist is told before anything moves', async () => {
    const { content } = large();
    const { copy, calls } = await desk();
    expect((await failure(copy(from(await serve(content)), 'nowhere'))).code).toBe('DD-COPY-040');
    expect(calls).not.toContain('InitiateLayerUpload');
  });

  test('layers that ECR collected before their image was put are moved again, once', async () => {
    const content = new Content();
    const { digest } = content.image('app', [100, 200], { tag: 'latest' });
    const { create, copy, taken } = await desk({
      intercept: ({ operation, phase, number }) => (operation === 'PutImage' && phase === 'before' && number === 1 ? { error: { type: 'LayersNotFoundException', message: 'gone' } } : undefined),
    });
    await create('app');
    expect(await copy(from(await serve(content)), 'app')).toMatchObject({ finished: true, digest });
    expect(taken().filter((operation) => operation === 'BatchCheckLayerAvailability')).toHaveLength(2);
  });
});
