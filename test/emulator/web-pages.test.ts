import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { ecr, image, RawReply, raw } from './support';
import { Emulator } from '../../src/emulator';

/** The doors of the emulator, each with a request that would show or change something. */
const DOORS: Readonly<Record<string, (emulator: Emulator, headers: Record<string, string>) => Promise<RawReply>>> = {
  'the ECR API': (emulator, headers) => raw(emulator, {
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.DeleteRepository', ...headers },
    body: JSON.stringify({ repositoryName: 'app', force: true }),
  }),
  'the STS API': (emulator, headers) => raw(emulator, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: 'Action=GetCallerIdentity&Version=2011-06-15',
  }),
  'the registry protocol': (emulator, headers) => raw(emulator, { path: '/v2/app/blobs/uploads/', headers }),
  'layers': (emulator, headers) => raw(emulator, { method: 'GET', path: '/layers/app/sha256:0', headers }),
  'control': (emulator, headers) => raw(emulator, { path: '/_drydock/clock', headers, body: '{"advanceSeconds": 1}' }),
  'no door at all': (emulator, headers) => raw(emulator, { method: 'GET', path: '/', headers }),
};

const STRANGERS: Readonly<Record<string, Record<string, string>>> = {
  'a name that is pointed at 127.0.0.1': { host: 'evil.example' },
  'a name that looks like localhost': { host: 'localhost.evil.example:80' },
  'an address that looks like 127.0.0.1': { host: '127.0.0.1.evil.example' },
  'a web page': { origin: 'https://evil.example' },
  'a web page that looks like one of this machine': { origin: 'http://localhost.evil.example' },
  'a web page without an address': { origin: 'null' },
  'a cross-site request without an origin': { 'sec-fetch-site': 'cross-site' },
};

const FRIENDS: Readonly<Record<string, Record<string, string>>> = {
  'no browser': {},
  'localhost': { host: 'localhost:1234' },
  'the address in IPv6': { host: '[::1]:80' },
  'a name below localhost': { host: '123456789012.localhost:80' },
  'a container on this machine': { host: 'host.docker.internal:80' },
  'a page of this machine': { 'origin': 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
};

describe.each(Object.keys(DOORS))('%s', (door) => {
  test.each(Object.keys(STRANGERS))('is closed to %s', async (stranger) => {
    const { emulator, client } = await ecr({ seed: { imageDetails: [image('app', 'a')] } });
    const before = emulator.clock.now();
    const { status, json, headers } = await DOORS[door](emulator, STRANGERS[stranger]);
    expect({ status, code: json?.code ?? json }).toEqual({ status: 403, code: 'DD-EMULATOR-105' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(emulator.clock.now()).toBe(before);
    expect(emulator.calls).toEqual({});
    expect((await client.send(new DescribeRepositoriesCommand({}))).repositories).toHaveLength(1);
  });

  test.each(Object.keys(FRIENDS))('is open to %s', async (friend) => {
    const { emulator } = await ecr({ seed: { imageDetails: [image('app', 'a')] } });
    expect((await DOORS[door](emulator, FRIENDS[friend])).json?.code).not.toBe('DD-EMULATOR-105');
  });
});

test('a refused body of any size does not block the connection', async () => {
  const { emulator } = await ecr();
  const { status } = await raw(emulator, { headers: { origin: 'https://evil.example' }, body: Buffer.alloc(8 * 1024 * 1024) });
  expect(status).toBe(403);
  expect((await raw(emulator, { method: 'GET', path: '/_drydock/clock' })).status).toBe(200);
});
