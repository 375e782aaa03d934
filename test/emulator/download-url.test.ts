import { BatchDeleteImageCommand, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import { content, createRepository, digestOf, http, noise, pushContent, uploadLayer } from './layers-support';
import { ecr, refusal } from './support';
import { EmulatorOptions } from '../../src/emulator';

async function bench(options: EmulatorOptions = {}) {
  const both = await ecr({ allowMissingLayers: false, ...options });
  await createRepository(both.client);
  return both;
}

describe('a download URL', () => {
  async function downloadable(options: EmulatorOptions = {}) {
    const both = await bench(options);
    const image = content('a', [noise('layer', 1000)]);
    await pushContent(both.client, image);
    const layerDigest = digestOf(image.layers[0]);
    const { downloadUrl } = await both.client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest }));
    return { ...both, bytes: image.layers[0], layerDigest, url: downloadUrl! };
  }

  test.each([
    ['bytes=0-99', 206, 0, 100, 'bytes 0-99/1000'],
    ['bytes=990-', 206, 990, 1000, 'bytes 990-999/1000'],
    ['bytes=-10', 206, 990, 1000, 'bytes 990-999/1000'],
    ['bytes=-5000', 206, 0, 1000, 'bytes 0-999/1000'],
    ['bytes=999-5000', 206, 999, 1000, 'bytes 999-999/1000'],
    ['bytes=5-2', 200, 0, 1000, undefined],
    ['bytes=0-1,5-6', 200, 0, 1000, undefined],
    ['lines=1-2', 200, 0, 1000, undefined],
  ])('with the range %s answers %d', async (range, status, start, end, contentRange) => {
    const { url, bytes } = await downloadable();
    const answer = await http(url, { headers: { range } });
    expect([answer.status, answer.headers['content-range'], answer.headers['content-length']]).toEqual([status, contentRange, String(end - start)]);
    expect(answer.body.equals(bytes.subarray(start, end))).toBe(true);
  });

  test.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=-0'])('with the range %s answers 416 and the size', async (range) => {
    const { url } = await downloadable();
    expect(await http(url, { headers: { range } })).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */1000' } });
  });

  test('tells the size at HEAD', async () => {
    const { url } = await downloadable();
    const answer = await http(url, { method: 'HEAD' });
    expect([answer.status, answer.headers['content-length'], answer.headers['accept-ranges'], answer.body.length]).toEqual([200, '1000', 'bytes', 0]);
  });

  test('holds for an hour of the emulator\'s clock', async () => {
    const { url, emulator } = await downloadable();
    emulator.clock.advance(3_600_000);
    expect((await http(url)).status).toBe(200);
    emulator.clock.advance(1);
    const { status, body } = await http(url);
    expect(status).toBe(403);
    expect(body.toString()).toContain('Request has expired');
  });

  test('is of one layer of one repository for one time', async () => {
    const { url, emulator } = await downloadable();
    const other = digestOf('other');
    for (const forged of [
      url.replace(/sha256:[0-9a-f]+/, other), url.replace('/app/', '/apq/'), url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=36000'),
      url.replace(/X-Amz-Date=2026/, 'X-Amz-Date=2027'), url.replace(/X-Amz-Signature=.*/, 'X-Amz-Signature=00'),
      url.replace(/\?.*/, ''), `${emulator.endpoint}/layers/`, `${emulator.endpoint}/layers/%2e%2e%2f%2e%2e%2fetc/passwd`,
    ]) {
      expect((await http(forged)).status).toBe(403);
    }
    expect((await http(url, { method: 'PUT' })).status).toBe(405);
  });

  test('needs no credentials and is not troubled by any', async () => {
    const { url } = await downloadable();
    expect((await http(url, { headers: { authorization: 'Basic bm9ib2R5Og==' } })).status).toBe(200);
  });

  test('names the emulator as the client did', async () => {
    const { emulator, layerDigest } = await downloadable();
    const { body } = await http(`http://localhost:${emulator.port}`, {
      method: 'POST', body: JSON.stringify({ repositoryName: 'app', layerDigest }),
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetDownloadUrlForLayer' },
    });
    expect(JSON.parse(body.toString()).downloadUrl).toMatch(new RegExp(`^http://localhost:${emulator.port}/layers/app/sha256:`));
  });

  test('is not given for what the repository lacks, nor for a layer that no image lists', async () => {
    const { client } = await bench();
    const layer = await uploadLayer(client, noise('loose', 10));
    const ask = (layerDigest: string) => refusal(client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest })));
    expect((await ask(layer)).name).toBe('LayerInaccessibleException');
    expect((await ask(digestOf('absent'))).name).toBe('LayersNotFoundException');
    expect((await ask('latest')).name).toBe('InvalidParameterException');
  });

  test('of a layer that has gone answers as Amazon S3 does', async () => {
    const { url, client, emulator } = await downloadable();
    const images = [...emulator.state.repository('app')!.images.keys()];
    await client.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: images.map((imageDigest) => ({ imageDigest })) }));
    const { status, body } = await http(url);
    expect(status).toBe(404);
    expect(body.toString()).toContain('NoSuchKey');
  });
});
