import { formatPlatform, matchesPlatform, parsePlatform } from '../../src/images/platform';

test.each([
  ['linux/amd64', 'linux/amd64'], ['linux/x86_64', 'linux/amd64'], ['linux/aarch64', 'linux/arm64'], ['linux/arm64/v8', 'linux/arm64'], ['linux/arm', 'linux/arm/v7'], ['linux/arm/6', 'linux/arm/v6'],
  ['LINUX/ARM64', 'linux/arm64'], ['linux/amd64/v1', 'linux/amd64'], ['linux/amd64/v3', 'linux/amd64/v3'], ['macos/arm64', 'darwin/arm64'], ['windows(10.0.20348)/amd64', 'windows(10.0.20348)/amd64'],
])('%s means %s', (text, expected) => {
  expect(formatPlatform(parsePlatform(text))).toBe(expected);
  expect(formatPlatform(parsePlatform(expected))).toBe(expected);
});

test.each(['', 'linux', 'linux/', '/amd64', 'linux/arm/v7/x', 'linux amd64', 'linux,amd64'])('%p is no platform', (text) => {
  expect(() => parsePlatform(text)).toThrow(/DD-COPY-003/);
});

test.each<[string, object, boolean]>([
  ['linux/arm64', { os: 'linux', architecture: 'arm64', variant: 'v8' }, true],
  ['linux/arm64/v8', { os: 'linux', architecture: 'arm64' }, true],
  ['linux/arm/v6', { os: 'linux', architecture: 'arm', variant: 'v7' }, false],
  ['linux/arm', { os: 'linux', architecture: 'arm', variant: 'v7' }, true],
  ['linux/amd64', { os: 'linux', architecture: 'amd64', variant: 'v3' }, false],
  ['linux/amd64', { os: 'windows', architecture: 'amd64' }, false],
  ['windows/amd64', { os: 'windows', architecture: 'amd64', osVersion: '10.0.20348.2113' }, true],
  ['windows(10.0.20348)/amd64', { os: 'windows', architecture: 'amd64', osVersion: '10.0.20348.2113' }, true],
  ['windows(10.0.2034)/amd64', { os: 'windows', architecture: 'amd64', osVersion: '10.0.20348.2113' }, false],
])('%s for %j: %s', (wanted, offered, expected) => {
  expect(matchesPlatform(parsePlatform(wanted), offered as never)).toBe(expected);
});
