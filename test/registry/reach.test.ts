import dns from 'node:dns';
import { isIP, Socket } from 'node:net';
import { RegistryClient } from '../../src/registry/client';
import { RegistryOptions } from '../../src/registry/options';
import { Transport } from '../../src/registry/transport';
import { Content } from '../copy/images';
import { Script, ScriptedRegistry } from '../copy/scripted-registry';
import { FAST, failure, serve } from '../copy/support';

const content = new Content();
content.image('app', [2_000], { tag: 'latest' });
const signal = new AbortController().signal;

/** Names, and where they lead. */
const NAMES: Readonly<Record<string, string>> = {
  'registry.example': '127.0.0.1', 'elsewhere.example': '127.0.0.1', 'storage.internal': '10.255.255.1', 'credentials.example': '169.254.169.254', 'mapped.example': '::ffff:a9fe:a9fe', 'nat64.example': '64:ff9b::a9fe:a9fe',
};

beforeEach(() => {
  const real = dns.lookup;
  jest.spyOn(dns, 'lookup').mockImplementation(((host: string, options: dns.LookupOptions, callback: (...found: unknown[]) => void) => {
    const address = NAMES[host];
    if (address === undefined) {
      return real(host, options, callback as never);
    }
    const family = address.includes(':') ? 6 : 4;
    setImmediate(() => (options.all ? callback(null, [{ address, family }]) : callback(null, address, family)));
  }) as never);
  const { connect } = Socket.prototype;
  jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...given: unknown[]) {
    const { host, lookup } = [given[0]].flat()[0] as { host: string; lookup?: typeof dns.lookup };
    if (!/^10\.|\.internal$/.test(host)) {
      return connect.apply(this, given as never);
    }
    // No test leaves this machine: looked up, and refused there.
    // Otherwise the request would be written at once, to nowhere, and that would be its error.
    Object.assign(this, { connecting: true });
    const end = (error?: Error | null) => void this.destroy(error ?? Object.assign(new Error('nobody is there'), { code: 'ECONNREFUSED' }));
    if (isIP(host) !== 0) {
      setImmediate(end);
    } else {
      (lookup ?? dns.lookup)(host, { all: true }, end as never);
    }
    return this;
  } as never);
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** Where the registry's answers seem to come from. */
function answersFrom(address: string, others: Readonly<Record<string, string>> = {}): void {
  const { send } = Transport.prototype;
  jest.spyOn(Transport.prototype, 'send').mockImplementation(async function (this: Transport, ...given) {
    const response = await send.apply(this, given);
    return { ...response, address: others[response.url.port] ?? address };
  });
}

function client(registry: ScriptedRegistry, host: string, more: Partial<RegistryOptions> = {}): RegistryClient {
  return new RegistryClient({ registry: `${host}:${registry.port}`, repository: 'app', plainHttp: true, connectTimeoutMillis: 5_000, retry: { ...FAST, transientWindowMillis: 50 }, ...more });
}

/** What becomes of a redirect, or of a token service, at this place. */
async function sentTo(url: string, how: 'redirect' | 'token', host: string, more: Partial<RegistryOptions> = {}) {
  const script: Script = (_, response) => {
    response.writeHead(how === 'redirect' ? 307 : 401, how === 'redirect' ? { location: url } : { 'www-authenticate': `Bearer realm="${url}"` }).end();
    return true;
  };
  const one = client(await serve(content, script), host, more);
  const { code, message } = await failure(one.manifest('latest', signal));
  one.close();
  return { code, message };
}

const TRIED = 'DD-COPY-023';
const REFUSED = 'DD-COPY-025';

describe.each(['redirect', 'token'] as const)('a %s', (how) => {
  test('of a registry on the internet leads into no private network, by address or name', async () => {
    answersFrom('203.0.113.7');
    for (const url of ['http://10.255.255.1:9/x', 'http://192.168.0.1/x', 'http://[fc00::1]/x', 'http://elsewhere.example:9/x', 'http://storage.internal:9/x', 'http://127.0.0.1:9/x', 'http://[::ffff:a00:1]/x']) {
      expect([url, (await sentTo(url, how, 'registry.example')).code]).toEqual([url, REFUSED]);
    }
  });

  test('of a registry on the internet leads to a private host that the user named, and to no credentials although named', async () => {
    answersFrom('203.0.113.7');
    expect((await sentTo('http://storage.internal:9/x', how, 'registry.example', { trustedHosts: ['storage.internal'] })).code).toBe(TRIED);
    for (const host of ['credentials.example', '169.254.169.254', 'elsewhere.example']) {
      expect((await sentTo(`http://${host}:9/x`, how, 'registry.example', { trustedHosts: [host] })).code).toBe(REFUSED);
    }
  });

  test('of a registry in a private network leads to its private neighbours, not to the machine or credentials', async () => {
    answersFrom('10.0.0.5');
    expect((await sentTo('http://storage.internal:9/x', how, 'registry.example')).code).toBe(TRIED);
    for (const url of ['http://169.254.169.254/x', 'http://credentials.example/x', 'http://mapped.example/x', 'http://nat64.example/x', 'http://[64:ff9b::a9fe:a9fe]/x', 'http://0.0.0.0/x', 'http://127.0.0.1/x', 'http://elsewhere.example/x']) {
      expect([url, (await sentTo(url, how, 'registry.example')).code]).toEqual([url, REFUSED]);
    }
  });

  test('of a registry on this machine leads to this machine, and never to credentials', async () => {
    expect((await sentTo('http://127.0.0.1:1/x', how, '127.0.0.1')).code).toBe(TRIED);
    for (const url of ['http://169.254.169.254/x', 'http://credentials.example/x', 'http://[fd00:ec2::254]/x', 'http://2852039166/x']) {
      expect([url, (await sentTo(url, how, '127.0.0.1')).code]).toEqual([url, REFUSED]);
    }
  });
});

test('somebody on the way sends no further than he is himself', async () => {
  const storage = await serve(content, (_, response) => {
    response.writeHead(307, { location: 'http://10.255.255.1:9/x' }).end();
    return true;
  });
  const place = `http://127.0.0.1:${storage.port}/x`;
  expect((await sentTo(place, 'redirect', '127.0.0.1')).code).toBe(TRIED);
  answersFrom('127.0.0.1', { [storage.port]: '203.0.113.7' });
  expect((await sentTo(place, 'redirect', '127.0.0.1')).code).toBe(REFUSED);
});

describe('user name and password', () => {
  const login = { username: 'me', password: 's3cret' };

  test.each([[login], [{ identityToken: 's3cret' }]])('are not sent to a token service of another domain, whoever names it (%j)', async (credentials) => {
    const { code, message } = await sentTo('https://elsewhere.example/token', 'token', '127.0.0.1', { credentials });
    expect(code).toBe('DD-COPY-032');
    expect(message).toMatch(/elsewhere\.example, which does not belong to 127\.0\.0\.1:\d+ .*--source-trusted-host elsewhere\.example/);
    expect(message).not.toContain('s3cret');
  });

  test('are sent to one that the user named', async () => {
    expect((await sentTo('https://elsewhere.example:1/token', 'token', '127.0.0.1', { credentials: login, trustedHosts: ['elsewhere.example'] })).code).toBe(TRIED);
  });

  test('are needed by no token service that gives tokens to everybody', async () => {
    expect((await sentTo('https://elsewhere.example:1/token', 'token', '127.0.0.1')).code).toBe(TRIED);
  });

  test('stay where they are when the token service sends on', async () => {
    const thief = await serve(content);
    const registry = await serve(content, ({ path, headers }, response) => {
      const token = path.startsWith('/token');
      response.writeHead(token ? 307 : 401, token ? { location: `http://${thief.host}/token` } : { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }).end();
      return true;
    });
    const one = client(registry, '127.0.0.1', { credentials: login });
    expect((await failure(one.manifest('latest', signal))).code).toBe('DD-COPY-021');
    expect(thief.requests).toEqual([]);
    one.close();
  });
});
