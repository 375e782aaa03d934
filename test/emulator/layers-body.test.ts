import { complete, createRepository, digestOf, http, noise, sendPart, startUpload } from './layers-support';
import { call, ecr } from './support';

async function bench() {
  const both = await ecr({ allowMissingLayers: false });
  await createRepository(both.client);
  return both;
}

describe('the body of UploadLayerPart', () => {
  const bytes = noise('body', 300);
  const base64 = bytes.toString('base64');

  test.each<[string, (members: Record<string, string>) => string]>([
    ['with the bytes first', ({ blob, rest }) => `{"layerPartBlob":"${blob}",${rest}}`],
    ['with the bytes last', ({ blob, rest }) => `{${rest},"layerPartBlob":"${blob}"}`],
    ['with white space everywhere', ({ blob, rest }) => `\n{ "layerPartBlob" \t:\r\n "${blob}" , ${rest} }\n`],
    ['with escaped slashes', ({ blob, rest }) => `{${rest},"layerPartBlob":"${blob.replace(/\//g, '\\/')}"}`],
    ['with codes for characters', ({ blob, rest }) => `{${rest},"layerPartBlob":"${blob.replace(/\+/g, '\\u002b').replace('A', '\\u0041')}"}`],
    ['with a name in codes', ({ blob, rest }) => `{${rest},"layer\\u0050artBlob":"${blob}"}`],
    ['with members that look like it', ({ blob, rest }) => `{"x":{"layerPartBlob":"no"},"y":["layerPartBlob","no"],"z":"layerPartBlob\\":\\"no",${rest},"layerPartBlob":"${blob}"}`],
  ])('%s is read', async (_, write) => {
    const { client, emulator } = await bench();
    const uploadId = await startUpload(client);
    const rest = `"repositoryName":"app","uploadId":"${uploadId}","partFirstByte":0,"partLastByte":299`;
    const reply = await rawPart(emulator, write({ blob: base64, rest }));
    expect(reply).toMatchObject({ lastByteReceived: 299 });
    await complete(client, uploadId, digestOf(bytes));
  });

  test.each<[string, (members: Record<string, string>) => string]>([
    ['whose bytes are a number', ({ rest }) => `{${rest},"layerPartBlob":7}`],
    ['whose bytes are true', ({ rest }) => `{${rest},"layerPartBlob":true}`],
    ['whose bytes are no base64', ({ rest }) => `{${rest},"layerPartBlob":"AAA!"}`],
    ['whose base64 is cut short', ({ rest }) => `{${rest},"layerPartBlob":"AAAAA"}`],
    ['whose base64 goes on after its end', ({ rest }) => `{${rest},"layerPartBlob":"AA==AAAA"}`],
    ['with the bytes twice', ({ rest, blob }) => `{${rest},"layerPartBlob":"${blob}","layerPartBlob":"${blob}"}`],
    ['that ends in the bytes', ({ rest }) => `{${rest},"layerPartBlob":"AAAA`],
    ['that ends after the bytes', ({ rest }) => `{${rest},"layerPartBlob":"AAAA"`],
    ['that is no JSON', ({ rest }) => `{${rest},,"layerPartBlob":"AAAA"}`],
    ['with another member that is too long', ({ rest }) => `{${rest},"x":"${'x'.repeat(70_000)}"}`],
    ['that is a list', () => '["layerPartBlob","AAAA"]'],
  ])('%s is a SerializationException, and the upload goes on', async (_, write) => {
    const { client, emulator } = await bench();
    const uploadId = await startUpload(client);
    const rest = `"repositoryName":"app","uploadId":"${uploadId}","partFirstByte":0,"partLastByte":299`;
    expect(await rawPart(emulator, write({ blob: base64, rest }))).toMatchObject({ __type: 'SerializationException' });
    await sendPart(client, uploadId, 0, bytes);
    await complete(client, uploadId, digestOf(bytes));
  });

  test('without bytes, or with a negative place, is an InvalidParameterException', async () => {
    const { client, emulator } = await bench();
    const uploadId = await startUpload(client);
    expect((await call(emulator, 'UploadLayerPart', { repositoryName: 'app', uploadId, partFirstByte: 0, partLastByte: 1 })).json)
      .toMatchObject({ __type: 'InvalidParameterException', message: expect.stringContaining('layerPartBlob') });
    expect((await call(emulator, 'UploadLayerPart', { repositoryName: 'app', uploadId, partFirstByte: -1, partLastByte: 1, layerPartBlob: 'AAAA' })).json)
      .toMatchObject({ __type: 'InvalidParameterException', message: expect.stringContaining('partFirstByte') });
    expect((await call(emulator, 'UploadLayerPart', { repositoryName: 'app', uploadId: '7', partFirstByte: 0, partLastByte: 1, layerPartBlob: 'AAAA' })).json)
      .toMatchObject({ __type: 'InvalidParameterException', message: expect.stringContaining('uploadId') });
  });

  async function rawPart(emulator: Awaited<ReturnType<typeof bench>>['emulator'], body: string): Promise<unknown> {
    const { body: answer } = await http(emulator.endpoint, {
      method: 'POST', body,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.UploadLayerPart' },
    });
    return JSON.parse(answer.toString());
  }
});
