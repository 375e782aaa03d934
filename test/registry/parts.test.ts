import { checkHost, guardedLookup, isForbidden, Reach } from '../../src/registry/addresses';
import { parseChallenges } from '../../src/registry/challenge';
import { describeReset, rateLimitOf } from '../../src/registry/rate-limit';

test.each<[string | undefined, object | undefined]>([
  ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull"',
    { scheme: 'bearer', realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/alpine:pull' }],
  ['Basic realm="Registry Realm"', { scheme: 'basic' }],
  ['Basic realm="x", Bearer realm="https://a.example/t",service="s"', { scheme: 'bearer', realm: 'https://a.example/t', service: 's' }],
  ['bearer realm=https://a.example/t , error="invalid_token"', { scheme: 'bearer', realm: 'https://a.example/t', error: 'invalid_token' }],
  ['Bearer realm="https://a.example/t?x=\\"y\\"",scope="repository:a:pull,push"', { scheme: 'bearer', realm: 'https://a.example/t?x="y"', scope: 'repository:a:pull,push' }],
  ['Bearer service="s"', undefined], ['Negotiate', undefined], [undefined, undefined], ['', undefined],
])('the challenge %s', (header, expected) => {
  expect(parseChallenges(header)).toEqual(expected);
});

test.each<[Record<string, string>, object, RegExp]>([
  [{ 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' }, { limit: 100, remaining: 0, windowSeconds: 21_600 }, /limit of 100 pulls is for any 6 hours/],
  [{ 'retry-after': '30' }, { retryAfterMillis: 30_000 }, /in 30 seconds/],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:10:00 GMT' }, { retryAfterMillis: 600_000 }, /in 10 minutes/],
  [{ 'retry-after': 'soon' }, {}, /does not say/],
  [{}, {}, /does not say/],
])('limits in %j', (headers, expected, words) => {
  expect(rateLimitOf(headers, 0)).toEqual(expected);
  expect(describeReset(rateLimitOf(headers, 0))).toMatch(words);
});

const PUBLIC = { internet: true, private: true, machine: true };
const PRIVATE = { internet: false, private: true, machine: true };
const LOOPBACK = { internet: false, private: false, machine: true };
const NOBODY = { internet: false, private: false, machine: false };

test.each<[string, Record<Reach, boolean>]>([
  ...['169.254.169.254', '169.254.170.2', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::a9fe:a9fe', '::ffff:0:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '64:ff9b::169.254.169.254', '2002:a9fe:a9fe::1', 'fe80::1', 'fe80::1%eth0', 'febf::1',
    'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', '0.0.0.0', '0.1.2.3', '::', '192.0.0.192', '100.100.100.200', '168.63.129.16', '224.0.0.1', '255.255.255.255', 'ff02::1'].map((one): [string, typeof NOBODY] => [one, NOBODY]),
  ...['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'].map((one): [string, typeof NOBODY] => [one, LOOPBACK]),
  ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.255.255', '198.18.0.1', 'fc00::1', 'fd12:3456::1', 'fec0::1', '::ffff:a00:1', '64:ff9b::a00:1', '64:ff9b:1::1', '2002:c0a8:101::']
    .map((one): [string, typeof NOBODY] => [one, PRIVATE]),
  ...['8.8.8.8', '172.32.0.1', '172.15.255.255', '192.167.1.1', '100.63.255.255', '100.128.0.0', '2001:4860::8888', '64:ff9b::808:808', '::ffff:8.8.8.8', '2600::'].map((one): [string, typeof NOBODY] => [one, PUBLIC]),
])('who may send us to %s: %j', (address, expected) => {
  for (const reach of ['internet', 'private', 'machine'] as const) {
    expect([reach, !isForbidden(address, reach)]).toEqual([reach, expected[reach]]);
    const check = () => checkHost(address.includes(':') ? `[${address}]` : address, reach);
    if (expected[reach]) {
      expect(check).not.toThrow();
    } else {
      expect(check).toThrow(/an address of (this machine or of its credentials|a private network)/);
    }
  }
});

test('an address in any notation of a URL is the address that it is', () => {
  for (const host of ['0xa9fea9fe', '2852039166', '0251.0376.0251.0376', '169.254.43518', '[::ffff:169.254.169.254]', '[0:0:0:0:0:ffff:a9fe:a9fe]']) {
    expect(() => checkHost(new URL(`http://${host}/`).hostname, 'machine')).toThrow(/credentials/);
  }
});

test('a name that leads to a forbidden address is refused when it is looked up', async () => {
  const look = (host: string, reach: Reach) => new Promise((resolve) => guardedLookup(reach)(host, { all: true }, (error) => resolve(error?.name)));
  expect(await look('localhost', 'private')).toBe('ForbiddenAddress');
  expect(await look('localhost', 'machine')).toBeUndefined();
});
