import * as fc from 'fast-check';
import { parseDestination, parseLocation } from '../../src/copy';
import { parseEcrHost } from '../../src/images/ecr-uri';
import { formatReference, isLoopbackRegistry, parseReference } from '../../src/images/reference';

const D = `sha256:${'a'.repeat(64)}`;

test.each([
  ['alpine', { registry: 'docker.io', repository: 'library/alpine', tag: 'latest' }],
  ['alpine:3.20', { registry: 'docker.io', repository: 'library/alpine', tag: '3.20' }],
  ['docker://bitnami/redis', { registry: 'docker.io', repository: 'bitnami/redis', tag: 'latest' }],
  ['index.docker.io/alpine', { registry: 'docker.io', repository: 'library/alpine', tag: 'latest' }],
  [`alpine@${D}`, { registry: 'docker.io', repository: 'library/alpine', digest: D }],
  [`ghcr.io/owner/image:1@${D}`, { registry: 'ghcr.io', repository: 'owner/image', tag: '1', digest: D }],
  ['localhost/app', { registry: 'localhost', repository: 'app', tag: 'latest' }],
  ['localhost:5000/app', { registry: 'localhost:5000', repository: 'app', tag: 'latest' }],
  ['[::1]:5000/app:x', { registry: '[::1]:5000', repository: 'app', tag: 'x' }],
  ['foo/bar:5000', { registry: 'docker.io', repository: 'foo/bar', tag: '5000' }],
  ['Registry/app', { registry: 'Registry', repository: 'app', tag: 'latest' }],
])('%s is read as Docker reads it', (text, expected) => {
  expect(parseReference(text)).toEqual(expected);
});

test.each([
  ['https://ghcr.io/a/b', 'URL'], ['ghcr.io/Owner/image', 'capital letters'], ['', 'repository'], ['a..b', 'repository'], ['ghcr.io/', 'repository'], ['alpine:', 'tag'], ['alpine:-x', 'tag'],
  [`alpine:${'x'.repeat(129)}`, 'tag'], ['a'.repeat(64), 'image id'], ['a/../b', 'repository'], ['ghcr.io/a//b', 'repository'], ['a b', 'repository'], ['evil.example?x=/b', 'registry'],
  ['user@host/app', 'digest'], [`localhost:5000/${'a'.repeat(256)}`, '255'],
])('%s is refused with a code and words about it', (text, words) => {
  expect(() => parseReference(text)).toThrow(new RegExp(`DD-COPY-00[12].*${words}`, 's'));
});

test.each(['[::65536]:5000/a/b', 'localhost:99999/a', `${'a.'.repeat(150)}io/x`, `${'a-'.repeat(40_000)}a.io/x`])('%# has a registry that no machine can have', (text) => {
  expect(() => parseReference(text)).toThrow(/DD-COPY-001/);
});

test('a digest of another algorithm is told apart from no digest', () => {
  expect(() => parseReference(`alpine@sha512:${'a'.repeat(128)}`)).toThrow(/DD-COPY-002.*another algorithm/);
  expect(() => parseReference(`alpine@sha256:${'A'.repeat(64)}`)).toThrow(/DD-COPY-002.*lower case/);
});

const part = fc.stringMatching(/^[a-z0-9]{1,6}((\.|_|__|-{1,2})[a-z0-9]{1,4}){0,2}$/);
const reference = fc.record({
  registry: fc.oneof(fc.constantFrom('docker.io', 'localhost', 'ghcr.io', 'localhost:5000', 'registry.example.com:443', '[::1]:5000', '123456789012.dkr.ecr.eu-west-1.amazonaws.com')),
  repository: fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
  tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
  digest: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`), { nil: undefined }),
}).filter(({ tag, digest }) => tag !== undefined || digest !== undefined);

test('what is formatted is read back as it was', () => {
  fc.assert(fc.property(reference, (one) => {
    const { tag, digest, ...rest } = one;
    expect(parseReference(formatReference(one))).toEqual({ ...rest, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) });
  }));
});

test('whatever text it is, it is a reference or an error with a code', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', 'A', '1', ':', '@', '/', '.', '-', '_', 's', 'h', ' ', '[', ']') })), (text) => {
    let parsed;
    try {
      parsed = parseReference(text);
    } catch (error) {
      expect((error as { code?: string }).code).toMatch(/^DD-COPY-00[12]$/);
      return;
    }
    expect(parseReference(formatReference(parsed))).toEqual(parsed);
  }), { numRuns: 500 });
});

test.each([
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1'], ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1'], ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ['123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1'], ['123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1'], ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
  ['123456789012.dkr-ecr.us-east-1.on.aws', 'us-east-1'], ['123456789012.dkr-ecr-fips.us-east-1.on.aws', 'us-east-1'], ['123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1'],
  ['12345678901.dkr.ecr.eu-west-1.amazonaws.com', undefined], ['123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example', undefined], ['123456789012.dkr-ecr.us-east-1.amazonaws.com', undefined],
  ['public.ecr.aws', undefined],
])('%s is a registry of ECR in %s', (host, region) => {
  expect(parseEcrHost(host)).toEqual(region === undefined ? undefined : { registryId: '123456789012', region });
});

test.each([
  ['ecr:shop/api:1.2', { kind: 'ecr', repositoryName: 'shop/api', reference: '1.2' }],
  [`ecr:shop/api@${D}`, { kind: 'ecr', repositoryName: 'shop/api', reference: D }],
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api', { kind: 'ecr', registryId: '123456789012', region: 'eu-west-1', repositoryName: 'shop/api', reference: 'latest' }],
  ['oci:dir/layout', { kind: 'layout', path: 'dir/layout' }],
  ['oci:/tmp/layout:1.2', { kind: 'layout', path: '/tmp/layout', reference: '1.2' }],
  [`oci:layout@${D}`, { kind: 'layout', path: 'layout', reference: D }],
  ['oci:C:\\images\\layout:x', { kind: 'layout', path: 'C:\\images\\layout', reference: 'x' }],
  ['docker-archive:a.tar:busybox:1', { kind: 'archive', path: 'a.tar', reference: 'busybox:1' }],
  ['ghcr.io/a/b:1', { kind: 'registry', reference: { registry: 'ghcr.io', repository: 'a/b', tag: '1' } }],
])('the source %s', (text, expected) => {
  expect(parseLocation(text)).toEqual(expected);
});

test.each([
  ['shop/api', { repositoryName: 'shop/api' }], ['shop/api:1.2', { repositoryName: 'shop/api', tag: '1.2' }], ['ecr:shop/api:1.2', { repositoryName: 'shop/api', tag: '1.2' }],
  ['ecr:my.team/api', { repositoryName: 'my.team/api' }],
  ['123456789012.dkr-ecr.eu-west-1.on.aws/shop/api:x', { registryId: '123456789012', region: 'eu-west-1', repositoryName: 'shop/api', tag: 'x' }],
])('the destination %s', (text, expected) => {
  expect(parseDestination(text)).toEqual(expected);
});

test.each(['ghcr.io/owner/image:1', `shop/api@${D}`, 'Shop/Api', 'a', 'shop/api:bad tag', 'localhost:5000/app', 'my.team/api'])('%s is no destination', (text) => {
  expect(() => parseDestination(text)).toThrow(/DD-COPY-001/);
});

test.each([['localhost', true], ['localhost:5000', true], ['127.0.0.1:80', true], ['[::1]:5000', true], ['127.0.0.1.evil.example', false], ['ghcr.io', false], ['localhost.example', false]])('%s is this machine: %s', (host, expected) => {
  expect(isLoopbackRegistry(host)).toBe(expected);
});
