import { checkHost, guardedLookup, isForbidden } from '../../src/registry/addresses';
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

test.each<[string, boolean, boolean]>([
  ['169.254.169.254', true, true], ['169.254.170.2', true, true], ['::ffff:169.254.169.254', true, true], ['::ffff:a9fe:a9fe', true, true], ['fe80::1', true, true], ['fd00:ec2::254', true, true], ['0.0.0.0', true, true],
  ['127.0.0.1', false, true], ['127.0.0.1', true, false], ['::1', false, true], ['::1', true, false], ['::ffff:127.0.0.1', false, true], ['10.0.0.1', false, false], ['8.8.8.8', false, false],
  ['2001:db8::1', false, false],
])('%s, where loopback is allowed: %s, is forbidden: %s', (address, allowLoopback, expected) => {
  expect(isForbidden(address, allowLoopback)).toBe(expected);
  const check = () => checkHost(address.includes(':') ? `[${address}]` : address, allowLoopback);
  if (expected) {
    expect(check).toThrow(/of this machine or of its credentials/);
  } else {
    expect(check).not.toThrow();
  }
});

test('a name that leads to a forbidden address is refused when it is looked up', async () => {
  const look = (host: string, allowLoopback: boolean) => new Promise((resolve) => guardedLookup(allowLoopback)(host, { all: true }, (error) => resolve(error?.name)));
  expect(await look('localhost', false)).toBe('ForbiddenAddress');
  expect(await look('localhost', true)).toBeUndefined();
});
