import { GetDownloadUrlForLayerCommand, UploadLayerPartCommand } from '@aws-sdk/client-ecr';
import { complete, content, createRepository, digestOf, http, login, MIB, noise, pushContent, pushV2, sendPart, startUpload } from './layers-support';
import { clientOf, ecr, refusal } from './support';
import { Intercept, InterceptedCall, Interception, LogRecord } from '../../src/emulator';

let hook: Intercept = () => undefined;

afterEach(() => {
  hook = () => undefined;
});

async function bench() {
  const records: LogRecord[] = [];
  const both = await ecr({ allowMissingLayers: false, intercept: (call) => hook(call), log: (record) => records.push(record) });
  await createRepository(both.client);
  return { ...both, records, headers: await login(both.client) };
}

/** Answers the first `faults.length` calls of an operation in a phase. */
const first = (operation: string, phase: InterceptedCall['phase'], ...faults: Interception[]): Intercept => {
  let count = 0;
  return (call) => (call.operation === operation && call.phase === phase ? faults[count++] : undefined);
};

const broken = { code: expect.stringMatching(/ECONNRESET|EPIPE/) };

describe('a part', () => {
  test('is seen before its body, when it is checked, and when it counts', async () => {
    const seen: unknown[] = [];
    const { client } = await bench();
    const uploadId = await startUpload(client);
    hook = ({ operation, phase, number, input, output }) => {
      seen.push([operation, phase, number, input.uploadId, (input.layerPartBlob as { size?: number } | undefined)?.size, output?.lastByteReceived]);
    };
    await sendPart(client, uploadId, 0, noise('a', 10));
    expect(seen).toEqual([
      ['UploadLayerPart', 'start', 1, undefined, undefined, undefined],
      ['UploadLayerPart', 'before', 1, uploadId, 10, undefined],
      ['UploadLayerPart', 'after', 1, uploadId, 10, 9],
    ]);
  });

  test.each([['at once', undefined], ['in the middle of its body', 3 * MIB]])('whose connection breaks %s does not count, and is sent again', async (_, afterBytes) => {
    const { client, emulator } = await bench();
    const bytes = noise('a', 6 * MIB);
    const uploadId = await startUpload(client);
    hook = first('UploadLayerPart', 'start', { disconnect: true, afterBytes });
    const failed = await refusal(sendPart(client, uploadId, 0, bytes));
    expect(failed.status).toBeUndefined();
    expect(emulator.state.repository('app')!.uploads.get(uploadId)!.received).toBe(0);
    await sendPart(client, uploadId, 0, bytes);
    await complete(client, uploadId, digestOf(bytes));
  });

  test('that counts though its answer is lost is refused when it is sent again, with the place to go on', async () => {
    const { client } = await bench();
    const bytes = noise('a', 6 * MIB);
    const uploadId = await startUpload(client);
    hook = first('UploadLayerPart', 'after', { disconnect: true });
    await refusal(sendPart(client, uploadId, 0, bytes.subarray(0, 5 * MIB)));
    expect((await refusal(sendPart(client, uploadId, 0, bytes.subarray(0, 5 * MIB)))).error).toMatchObject({
      name: 'InvalidLayerPartException', lastValidByteReceived: 5 * MIB - 1,
    });
    await sendPart(client, uploadId, 5 * MIB, bytes.subarray(5 * MIB));
    await complete(client, uploadId, digestOf(bytes));
  });

  test('can be throttled and refused; the SDK tries again by itself', async () => {
    const { emulator, client } = await bench();
    const patient = clientOf(emulator, { maxAttempts: 5 });
    const uploadId = await startUpload(client);
    hook = first('UploadLayerPart', 'before', { error: { type: 'ThrottlingException', message: 'Rate exceeded' } }, { error: { type: 'ServerException', message: 'oops' } });
    await patient.send(new UploadLayerPartCommand({ repositoryName: 'app', uploadId, partFirstByte: 0, partLastByte: 9, layerPartBlob: noise('a', 10) }));
    expect(emulator.calls.UploadLayerPart).toBe(3);
    hook = first('UploadLayerPart', 'start', { error: { type: 'AccessDeniedException', message: 'no' } });
    expect(await refusal(sendPart(client, uploadId, 10, noise('b', 10)))).toMatchObject({ name: 'AccessDeniedException', status: 403 });
    patient.destroy();
  });
});

describe('a download', () => {
  async function downloadable() {
    const both = await bench();
    const image = content('a', [noise('a', MIB)]);
    await pushContent(both.client, image, 'v1');
    const layerDigest = digestOf(image.layers[0]);
    const { downloadUrl } = await both.client.send(new GetDownloadUrlForLayerCommand({ repositoryName: 'app', layerDigest }));
    return { ...both, image, layerDigest, bytes: image.layers[0], url: downloadUrl! };
  }

  test('breaks in the middle, and goes on with a range', async () => {
    const { url, bytes } = await downloadable();
    hook = first('DownloadLayer', 'before', { disconnect: true, afterBytes: 600_000 });
    await expect(http(url)).rejects.toMatchObject(broken);
    const rest = await http(url, { headers: { range: 'bytes=600000-' } });
    expect(rest.body.equals(bytes.subarray(600_000))).toBe(true);
  });

  test('brings wrong bytes, as many as it should', async () => {
    const { url, bytes, layerDigest } = await downloadable();
    hook = first('DownloadLayer', 'before', { corrupt: true });
    const { status, body } = await http(url);
    expect([status, body.length, digestOf(body) === layerDigest]).toEqual([200, bytes.length, false]);
    expect(digestOf((await http(url)).body)).toBe(layerDigest);
  });

  test('is refused, reset, and seen with what it is of', async () => {
    const { url, layerDigest, emulator } = await downloadable();
    const seen: unknown[] = [];
    hook = ({ operation, input, number }) => {
      seen.push([operation, input, number]);
      return number === 1 ? { error: { type: 'SlowDown', message: 'Please <reduce> your request rate.', statusCode: 503, headers: { 'retry-after': '2' } } } : { disconnect: true };
    };
    const { status, headers, body } = await http(url);
    expect([status, headers['retry-after'], body.toString()]).toEqual([503, '2', expect.stringContaining('<Code>SlowDown</Code><Message>Please &lt;reduce&gt; your')]);
    await expect(http(url)).rejects.toMatchObject(broken);
    expect(seen).toEqual([1, 2].map((number) => ['DownloadLayer', { repositoryName: 'app', layerDigest }, number]));
    expect(emulator.calls.DownloadLayer).toBe(2);
  });

  test('by the registry protocol has the same faults', async () => {
    const { emulator, headers, layerDigest, image } = await downloadable();
    const blob = `${emulator.endpoint}/v2/app/blobs/${layerDigest}`;
    hook = first('v2:GetBlob', 'before', { corrupt: true }, { disconnect: true, afterBytes: 10 }, { disconnect: true });
    expect((await http(blob, { headers })).body.length).toBe(MIB);
    await expect(http(blob, { headers })).rejects.toMatchObject(broken);
    await expect(http(blob, { headers })).rejects.toMatchObject(broken);
    const manifest = `${emulator.endpoint}/v2/app/manifests/v1`;
    hook = first('v2:GetManifest', 'before', { corrupt: true }, { disconnect: true, afterBytes: 10 });
    const wrong = await http(manifest, { headers });
    expect([wrong.status, wrong.headers['docker-content-digest'], digestOf(wrong.body) === image.digest]).toEqual([200, image.digest, false]);
    await expect(http(manifest, { headers })).rejects.toMatchObject(broken);
    expect(digestOf((await http(manifest, { headers })).body)).toBe(image.digest);
  });
});

describe('the registry protocol', () => {
  test('shows every request with what it is about', async () => {
    const { emulator, headers, records } = await bench();
    const seen: string[] = [];
    hook = ({ operation, phase, input, caller }) => {
      seen.push(`${operation} ${phase} ${[input.repositoryName, input.reference].filter(Boolean).join(' ')} ${caller.accessKeyId}`);
    };
    const image = content('a');
    await pushV2(emulator.endpoint, headers, image, 'v1');
    const both = (text: string) => [`${text.replace(' ', ' before ')} AKIAIOSFODNN7EXAMPLE`, `${text.replace(' ', ' after ')} AKIAIOSFODNN7EXAMPLE`];
    expect(seen).toEqual([
      ...both('v2:StartBlobUpload app'), ...both('v2:PutBlob app'), ...both('v2:StartBlobUpload app'), ...both('v2:PutBlob app'), ...both('v2:PutManifest app v1'),
    ]);
    expect(emulator.calls).toMatchObject({ 'v2:PutBlob': 2, 'v2:PutManifest': 1 });
    expect(records.at(-1)).toMatchObject({ event: 'call', operation: 'v2:PutManifest', repositoryName: 'app', statusCode: 201 });
    expect(JSON.stringify(records)).not.toContain(headers.authorization.slice(6));
  });

  test('answers 429 with its headers, 500, and an answer of the hook', async () => {
    const { emulator, headers } = await bench();
    hook = first('v2:Ping', 'before',
      { error: { type: 'TOOMANYREQUESTS', message: 'toomanyrequests: rate exceeded', statusCode: 429, headers: { 'retry-after': '7' } } },
      { error: { type: 'ThrottlingException', message: 'Rate exceeded' } },
      { error: { type: 'ServerException', message: 'oops' } },
      { output: { hello: 'world' } });
    const ping = () => http(`${emulator.endpoint}/v2/`, { headers });
    const limited = await ping();
    expect([limited.status, limited.headers['retry-after'], JSON.parse(limited.body.toString()).errors[0].code]).toEqual([429, '7', 'TOOMANYREQUESTS']);
    expect((await ping()).status).toBe(429);
    expect((await ping()).status).toBe(500);
    expect(JSON.parse((await ping()).body.toString())).toEqual({ hello: 'world' });
    expect((await ping()).status).toBe(200);
  });

  test('an upload breaks in the middle; what arrived is there', async () => {
    const { emulator, headers } = await bench();
    const bytes = noise('a', 3 * MIB);
    const { headers: { location } } = await http(`${emulator.endpoint}/v2/app/blobs/uploads/`, { method: 'POST', headers });
    const url = new URL(String(location), emulator.endpoint).href;
    hook = first('v2:PatchBlob', 'before', { disconnect: true, afterBytes: 2 * MIB });
    await expect(http(url, { method: 'PATCH', headers, body: bytes })).rejects.toMatchObject(broken);
    expect((await http(url, { headers })).headers.range).toBe(`0-${2 * MIB - 1}`);
    expect((await http(`${url}?digest=${digestOf(bytes)}`, { method: 'PUT', headers, body: bytes.subarray(2 * MIB) })).status).toBe(201);
  });

  test('an effect whose answer is lost has happened', async () => {
    const { emulator, headers } = await bench();
    const image = content('a');
    hook = first('v2:PutManifest', 'after', { disconnect: true });
    await expect(pushV2(emulator.endpoint, headers, image, 'v1')).rejects.toMatchObject(broken);
    expect(emulator.state.repository('app')!.tagged('v1')!.imageDigest).toBe(image.digest);
  });

  test('a hook that fails is a server error', async () => {
    const { emulator, headers } = await bench();
    hook = () => Promise.reject(new Error('bug in the hook'));
    const { status, body } = await http(`${emulator.endpoint}/v2/`, { headers });
    expect([status, body.toString()]).toEqual([500, expect.stringContaining('bug in the hook')]);
  });
});
