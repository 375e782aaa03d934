import { request as httpRequest } from 'node:http';
import { CreateRepositoryCommand, DeleteRepositoryCommand, UpdateImageStorageClassCommand } from '@aws-sdk/client-ecr';
import { content, createRepository, digestOf, http, login, MIB, noise, pushBlob, pushContent, uploadLayer } from './layers-support';
import { DAY, ecr, fakeDigest } from './support';
import { EmulatorOptions } from '../../src/emulator';

async function bench(options: EmulatorOptions = {}) {
  const both = await ecr({ allowMissingLayers: false, ...options });
  await createRepository(both.client);
  const headers = await login(both.client);
  const send = (path: string, method = 'GET', more: Record<string, string> = {}, body?: Buffer | string) =>
    http(new URL(path, both.emulator.endpoint).href, { method, headers: { ...headers, ...more }, body });
  const start = async () => String((await send('/v2/app/blobs/uploads/', 'POST')).headers.location);
  const layers = (repositoryName = 'app') => both.emulator.state.repository(repositoryName)!.layers;
  return { ...both, headers, send, start, layers };
}

const codeIn = ({ status, body }: { status: number; body: Buffer }) => [status, (JSON.parse(body.toString()) as { errors: { code: string }[] }).errors[0].code];

describe('a blob comes in', () => {
  const bytes = noise('blob', 3 * MIB + 17);
  const digest = digestOf(bytes);

  test('with one POST', async () => {
    const { send, layers } = await bench();
    expect(await send(`/v2/app/blobs/uploads/?digest=${digest}`, 'POST', {}, bytes)).toMatchObject({
      status: 201, headers: { 'location': `/v2/app/blobs/${digest}`, 'docker-content-digest': digest },
    });
    expect(layers().get(digest)!.layerSize).toBe(bytes.length);
  });

  test('with POST and PUT', async () => {
    const { send, start, layers } = await bench();
    expect((await send(`${await start()}?digest=${digest}`, 'PUT', {}, bytes)).status).toBe(201);
    expect(layers().has(digest)).toBe(true);
  });

  test('in chunks of any size, the last one in the PUT or before it', async () => {
    const { send, start, layers } = await bench();
    const location = await start();
    expect(await send(location)).toMatchObject({ status: 204, headers: { range: '0-0', location } });
    expect(await send(location, 'PATCH', { 'content-range': '0-9' }, bytes.subarray(0, 10))).toMatchObject({ status: 202, headers: { range: '0-9', location } });
    expect((await send(location, 'PATCH', {}, bytes.subarray(10, 1000))).headers.range).toBe('0-999');
    expect((await send(location)).headers.range).toBe('0-999');
    expect((await send(`${location}?digest=${digest}`, 'PUT', { 'content-range': `1000-${bytes.length - 1}` }, bytes.subarray(1000))).status).toBe(201);
    expect(layers().has(digest)).toBe(true);
    const other = await start();
    await send(other, 'PATCH', {}, bytes.subarray(0, 100));
    expect((await send(`${other}?digest=${digestOf(bytes.subarray(0, 100))}`, 'PUT')).status).toBe(201);
  });

  test('as a stream of unknown length', async () => {
    const { emulator, headers, send, start, layers } = await bench();
    const location = await start();
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest(new URL(location, emulator.endpoint), { method: 'PATCH', headers }, (response) => response.resume().on('end', resolve));
      request.on('error', reject);
      for (let at = 0; at < bytes.length; at += 100_000) {
        request.write(bytes.subarray(at, at + 100_000));
      }
      request.end();
    });
    expect((await send(`${location}?digest=${digest}`, 'PUT')).status).toBe(201);
    expect(layers().has(digest)).toBe(true);
  });

  test('again without an error', async () => {
    const { emulator, headers, layers } = await bench();
    await pushBlob(emulator.endpoint, headers, bytes);
    await pushBlob(emulator.endpoint, headers, bytes);
    expect(layers().size).toBe(1);
  });
});

describe('a chunk', () => {
  test.each(['5-14', '11-20', 'bytes 11-20/100'])('that says it is %s of an upload with 10 bytes is told where to go on', async (range) => {
    const { send, start } = await bench();
    const location = await start();
    await send(location, 'PATCH', {}, noise('a', 10));
    const answer = await send(location, 'PATCH', { 'content-range': range }, noise('b', 10));
    expect(codeIn(answer)).toEqual([416, 'RANGE_INVALID']);
    expect(answer.headers).toMatchObject({ range: '0-9', location });
  });

  test.each(['0-5', 'ten', '9-0'])('of 10 bytes that says it is %s is refused', async (range) => {
    const { send, start } = await bench();
    expect(codeIn(await send(await start(), 'PATCH', { 'content-range': range }, noise('a', 10)))).toEqual([400, 'BLOB_UPLOAD_INVALID']);
  });

  test('without bytes changes nothing', async () => {
    const { send, start } = await bench();
    const location = await start();
    await send(location, 'PATCH', {}, noise('a', 10));
    expect((await send(location, 'PATCH')).headers.range).toBe('0-9');
    expect((await send(`${location}?digest=${digestOf(noise('a', 10))}`, 'PUT')).status).toBe(201);
  });

  test('that broke off has brought what arrived: the client asks and goes on', async () => {
    const bytes = noise('broken', 4 * MIB);
    const { emulator, headers, send, start, layers } = await bench();
    const location = await start();
    await new Promise<void>((resolve) => {
      const request = httpRequest(new URL(location, emulator.endpoint), { method: 'PATCH', headers: { ...headers, 'content-length': String(bytes.length) } });
      request.on('error', () => resolve());
      request.write(bytes.subarray(0, MIB), () => request.destroy());
    });
    let received = 0;
    while (received < 1) {
      received = Number(/-([0-9]+)$/.exec(String((await send(location)).headers.range))![1]);
    }
    expect(received).toBeLessThan(MIB);
    expect((await send(`${location}?digest=${digestOf(bytes)}`, 'PUT', {}, bytes.subarray(received + 1))).status).toBe(201);
    expect(layers().get(digestOf(bytes))!.layerSize).toBe(bytes.length);
  });

  test('two at the same time: one counts, the other is told where to go on', async () => {
    const { send, start, layers } = await bench();
    const location = await start();
    const [one, two] = [noise('one', 2 * MIB), noise('two', 2 * MIB)];
    const answers = await Promise.all([send(location, 'PATCH', {}, one), send(location, 'PATCH', {}, two)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 416]);
    const winner = answers[0].status === 202 ? one : two;
    expect((await send(`${location}?digest=${digestOf(winner)}`, 'PUT')).status).toBe(201);
    expect(layers().has(digestOf(winner))).toBe(true);
  });

  test('beyond the size of a layer is refused', async () => {
    const { send, start } = await bench({ quotas: { layerBytes: 100 } });
    expect(codeIn(await send(await start(), 'PATCH', {}, noise('a', 101)))).toEqual([403, 'DENIED']);
  });
});

describe('an upload', () => {
  test('ends with the digest of its bytes or not at all', async () => {
    const { send, start, layers } = await bench();
    const location = await start();
    await send(location, 'PATCH', {}, noise('a', 10));
    expect(codeIn(await send(location, 'PUT'))).toEqual([400, 'DIGEST_INVALID']);
    expect(codeIn(await send(`${location}?digest=latest`, 'PUT'))).toEqual([400, 'DIGEST_INVALID']);
    expect(codeIn(await send(`${location}?digest=${fakeDigest(1)}`, 'PUT'))).toEqual([400, 'DIGEST_INVALID']);
    expect(codeIn(await send(location))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    expect(layers().size).toBe(0);
  });

  test('without bytes is no blob', async () => {
    const { send, start } = await bench();
    expect(codeIn(await send(`${await start()}?digest=${digestOf('')}`, 'PUT'))).toEqual([400, 'BLOB_UPLOAD_INVALID']);
  });

  test('can be given up, expires after a day, and is of one repository', async () => {
    const { client, emulator, send, start } = await bench();
    await createRepository(client, 'other');
    const location = await start();
    expect(codeIn(await send(location.replace('/app/', '/other/')))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    expect((await send(location, 'DELETE')).status).toBe(204);
    expect(codeIn(await send(location, 'PATCH', {}, 'x'))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    expect(codeIn(await send('/v2/absent/blobs/uploads/', 'POST'))).toEqual([404, 'NAME_UNKNOWN']);
    const second = await start();
    emulator.clock.advance(DAY);
    expect(codeIn(await http(new URL(second, emulator.endpoint).href, { headers: await login(client) }))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });
});

describe('a blob is mounted', () => {
  test('from another repository, without its bytes', async () => {
    const { client, send, layers } = await bench();
    await createRepository(client, 'other');
    const digest = await uploadLayer(client, noise('a', 1000));
    expect(await send(`/v2/other/blobs/uploads/?mount=${digest}&from=app`, 'POST')).toMatchObject({ status: 201, headers: { location: `/v2/other/blobs/${digest}` } });
    expect(layers('other').get(digest)!.layerSize).toBe(1000);
    expect((await send(`/v2/other/blobs/${digest}`, 'HEAD')).status).toBe(200);
  });

  test('from wherever it is, when no repository is named', async () => {
    const { client, send } = await bench();
    await createRepository(client, 'other');
    const digest = await uploadLayer(client, noise('a', 1000));
    expect((await send(`/v2/other/blobs/uploads/?mount=${digest}`, 'POST')).status).toBe(201);
  });

  test('not from where it is not, nor across encryptions, nor out of the archive: an upload begins instead', async () => {
    const { client, send, layers } = await bench();
    await client.send(new CreateRepositoryCommand({ repositoryName: 'kms', encryptionConfiguration: { encryptionType: 'KMS' } }));
    await createRepository(client, 'other');
    const image = content('a');
    await pushContent(client, image);
    const digest = digestOf(image.layers[0]);
    const mount = async (to: string, from: string, blob = digest) => {
      const { status, headers } = await send(`/v2/${to}/blobs/uploads/?mount=${blob}&from=${from}`, 'POST');
      return [status, headers['docker-upload-uuid'] !== undefined];
    };
    expect(await mount('other', 'absent')).toEqual([202, true]);
    expect(await mount('other', 'app', fakeDigest(1))).toEqual([202, true]);
    expect(await mount('kms', 'app')).toEqual([202, true]);
    expect(layers('kms').size).toBe(0);
    await client.send(new UpdateImageStorageClassCommand({ repositoryName: 'app', imageId: { imageDigest: image.digest }, targetStorageClass: 'ARCHIVE' }));
    expect(await mount('other', 'app')).toEqual([202, true]);
  });

  test('and stays when the repository that it came from goes', async () => {
    const { client, emulator, headers, send } = await bench();
    await createRepository(client, 'other');
    const bytes = noise('a', 1000);
    const digest = await pushBlob(emulator.endpoint, headers, bytes);
    await send(`/v2/other/blobs/uploads/?mount=${digest}&from=app`, 'POST');
    await client.send(new DeleteRepositoryCommand({ repositoryName: 'app' }));
    const { headers: { location } } = await send(`/v2/other/blobs/${digest}`);
    expect((await http(String(location))).body.equals(bytes)).toBe(true);
  });
});
