import { isSameOwner, isTrusted } from '../../src/registry/owner';

test.each<[string, string, boolean]>([
  ['docker.io', 'auth.docker.io', true], ['ghcr.io', 'ghcr.io', true], ['registry.gitlab.com', 'gitlab.com', true], ['quay.io', 'quay.io', true], ['docker.elastic.co', 'docker-auth.elastic.co', true],
  ['registry.connect.redhat.com', 'sso.redhat.com', true], ['registry.example.com:5000', 'registry.example.com', true], ['registry.example.com', 'auth.registry.example.com', true],
  ['Registry.Example.com', 'AUTH.example.com.', true], ['registry.example.co.uk', 'auth.example.co.uk', true], ['localhost:5000', '127.0.0.1', true], ['10.0.0.5:5000', '10.0.0.5', true], ['registry:5000', 'registry', true],
  ['registry.shop.svc.cluster.local', 'auth.shop.svc.cluster.local', true],

  ['docker.io', 'auth.docker.io.attacker.example', false], ['docker.io', 'authdocker.io', false], ['ghcr.io', 'docker.io', false], ['registry.example.com', 'example.org', false],
  ['shop.co.uk', 'attacker.co.uk', false], ['registry.shop.co.uk', 'attacker.co.uk', false], ['shop.com.au', 'com.au', false], ['shop.azurecr.io', 'attacker.azurecr.io', false], ['shop.azurecr.io', 'azurecr.io', false],
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'attacker.s3.amazonaws.com', false], ['shop.run.app', 'attacker.run.app', false], ['10.0.0.5', '10.0.0.6', false], ['10.0.0.5', 'x.0.0.5', false],
  ['registry', 'auth', false], ['registry.com', 'com', false], ['registry.shop.svc.cluster.local', 'auth.attacker.svc.cluster.local', false], ['[2001:db8::1]:5000', '[2001:db8::2]', false], ['registry.io', 'localhost', false],
])('credentials for %s may go to %s: %s', (registry, host, expected) => {
  expect(isSameOwner(registry, host)).toBe(expected);
});

test('a host is trusted by its whole name and no part of it', () => {
  expect(['auth.example.com', 'AUTH.example.com.', 'auth.example.com:8443'].map((host) => isTrusted(host, ['auth.example.com']))).toEqual([true, true, true]);
  expect(['x.auth.example.com', 'example.com', 'auth.example.com.attacker.example'].some((host) => isTrusted(host, ['auth.example.com']))).toBe(false);
});
