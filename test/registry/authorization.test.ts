import { ServerResponse } from 'node:http';
import { OCI_IMAGE, OCI_INDEX } from '../../src/images/media-types';
import { RegistryClient } from '../../src/registry/client';
import { RegistryCredentials } from '../../src/registry/options';
import { Content, sha256 } from '../copy/images';
import { Script } from '../copy/scripted-registry';
import { FAST, failure, serve } from '../copy/support';

const content = new Content();
const { digest } = content.image('app', [2_000], { tag: 'latest' });
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const signal = new AbortController().signal;

async function client(script: Script, credentials?: RegistryCredentials) {
  const registry = await serve(content, script);
  return { registry, client: new RegistryClient({ registry: registry.host, repository: 'app', plainHttp: true, retry: FAST, credentials }) };
}

/** Asks for tokens as Docker Hub does; each is good for so many requests. */
function tokens(good: number, wanted?: string): Script {
  let token = 0;
  let left = 0;
  return ({ path, headers }, response) => {
    if (path.startsWith('/token')) {
      if (wanted !== undefined && headers.authorization !== wanted) {
        response.writeHead(401).end();
        return true;
      }
      token += 1;
      left = good;
      response.end(JSON.stringify({ token: `t${token}`, expires_in: 60 }));
      return true;
    }
    if (headers.authorization !== `Bearer t${token}` || left === 0) {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token",service="here",scope="repository:app:pull"` }).end();
      return true;
    }
    left -= 1;
    return undefined;
  };
}

test('a token is fetched when it is asked for, with scope and service, and kept', async () => {
  const { registry, client: one } = await client(tokens(100));
  expect(await one.manifest('latest', signal)).toMatchObject({ digest });
  expect(await one.manifest(digest, signal)).toMatchObject({ digest });
  const asked = registry.requests.filter(({ path }) => path.startsWith('/token'));
  expect(asked.map(({ path }) => path)).toEqual(['/token?service=here&scope=repository%3Aapp%3Apull']);
  expect(asked[0].headers.authorization).toBeUndefined();
  one.close();
});

test('a token that expires on the way is fetched again', async () => {
  const { registry, client: one } = await client(tokens(1));
  for (let i = 0; i < 3; i++) {
    expect(await one.manifest('latest', signal)).toMatchObject({ digest });
  }
  expect(registry.requests.filter(({ path }) => path.startsWith('/token'))).toHaveLength(3);
  one.close();
});

test('requests at the same time share one token', async () => {
  const { registry, client: one } = await client(tokens(100));
  await Promise.all(Array.from({ length: 8 }, () => one.manifest('latest', signal)));
  expect(registry.requests.filter(({ path }) => path.startsWith('/token'))).toHaveLength(1);
  one.close();
});

test('user name and password go to the token service only, and wrong ones have a code', async () => {
  const good = await client(tokens(100, basic('me', 'p:ss')), { username: 'me', password: 'p:ss' });
  expect(await good.client.manifest('latest', signal)).toMatchObject({ digest });
  expect(good.registry.requests.filter(({ path }) => path.startsWith('/v2/')).some(({ headers }) => headers.authorization?.startsWith('Basic'))).toBe(false);
  const bad = await client(tokens(100, basic('me', 'p:ss')), { username: 'me', password: 'no' });
  expect(await failure(bad.client.manifest('latest', signal))).toMatchObject({ code: 'DD-COPY-021', message: expect.not.stringContaining('no"') });
  good.client.close();
  bad.client.close();
});

test('an identity token is exchanged for a bearer token', async () => {
  const bodies: string[] = [];
  const { client: one } = await client(({ path, method, headers }, response, body) => {
    if (path.startsWith('/token')) {
      bodies.push(`${method} ${body}`);
      response.end(JSON.stringify({ access_token: 'exchanged' }));
      return true;
    }
    if (headers.authorization !== 'Bearer exchanged') {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token",service="here"` }).end();
      return true;
    }
    return undefined;
  }, { identityToken: 'secret+token' });
  expect(await one.manifest('latest', signal)).toMatchObject({ digest });
  expect(bodies).toEqual(['POST service=here&scope=repository%3Aapp%3Apull&grant_type=refresh_token&client_id=cdk-drydock&refresh_token=secret%2Btoken']);
  one.close();
});

test('basic authorization is given when it is asked for, and its lack has a code', async () => {
  const script: Script = ({ headers }, response) => {
    if (headers.authorization !== basic('me', 'secret')) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="here"' }).end();
      return true;
    }
    return undefined;
  };
  const good = await client(script, { username: 'me', password: 'secret' });
  expect(await good.client.manifest('latest', signal)).toMatchObject({ digest });
  const none = await client(script);
  expect(await failure(none.client.manifest('latest', signal))).toMatchObject({ code: 'DD-COPY-021', message: expect.stringContaining('wants a user name') });
  const wrong = await client(script, { username: 'me', password: 'wrong' });
  expect(await failure(wrong.client.manifest('latest', signal))).toMatchObject({ code: 'DD-COPY-021', message: expect.stringContaining('does not accept') });
  [good, none, wrong].forEach(({ client: one }) => one.close());
});

test('authorization goes to no other host, by whatever redirect', async () => {
  const elsewhere = await serve(content);
  const { registry, client: one } = await client(({ path, headers }, response) => {
    if (path.includes('/blobs/')) {
      response.writeHead(307, { location: `http://${elsewhere.host}${path}` }).end();
      return true;
    }
    if (headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="here"' }).end();
      return true;
    }
    return undefined;
  }, { username: 'me', password: 'secret' });
  await one.manifest('latest', signal);
  const [layer] = content.blobs.keys();
  const chunks: Uint8Array[] = [];
  for await (const chunk of await one.blob(layer, 5, signal)) {
    chunks.push(chunk);
  }
  expect(Buffer.concat(chunks).equals(content.blobs.get(layer)?.subarray(5) as Buffer)).toBe(true);
  expect(registry.requests.some(({ headers }) => headers.authorization === basic('me', 'secret'))).toBe(true);
  expect(elsewhere.requests.map(({ headers }) => [headers.authorization, headers.range])).toEqual([[undefined, 'bytes=5-']]);
  one.close();
});

test.each<[string, (host: string) => Record<string, string>, number, string]>([
  ['a token service on the metadata address', () => ({ 'www-authenticate': 'Bearer realm="http://169.254.169.254/token"' }), 401, 'DD-COPY-025'],
  ['a token service that is no URL', () => ({ 'www-authenticate': 'Bearer realm="nowhere"' }), 401, 'DD-COPY-026'],
  ['a redirect to a file', () => ({ location: 'file:///etc/passwd' }), 307, 'DD-COPY-025'],
  ['a redirect to itself without end', (host) => ({ location: `http://${host}/v2/app/manifests/latest` }), 302, 'DD-COPY-026'],
  ['a redirect without a place', () => ({}), 302, 'DD-COPY-026'],
  ['an answer that is none', () => ({}), 418, 'DD-COPY-026'],
  ['a refusal', () => ({}), 403, 'DD-COPY-021'],
])('%s has a code', async (_, headersFor, status, code) => {
  const { client: one } = await client(({ headers }, response) => {
    response.writeHead(status, headersFor(String(headers.host))).end('{"errors":[{"code":"DENIED","message":"no \\u001b[31mway"}]}');
    return true;
  });
  const { code: found, message } = await failure(one.manifest('latest', signal));
  expect(found).toBe(code);
  expect(message).not.toContain('\u001b');
  one.close();
});

test('a page of HTML in place of a manifest is told for what it is', async () => {
  const { client: one } = await client((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Please log in</html>');
    return true;
  });
  expect(await failure(one.manifest('latest', signal))).toMatchObject({ code: 'DD-COPY-026', message: expect.stringContaining('HTML') });
  one.close();
});

test('a list of referrers is read over its pages, and not from another host', async () => {
  let elsewhere = '';
  const list = (name: string, headers: object, response: ServerResponse) => {
    const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_IMAGE, digest: sha256(name), size: 3 }] });
    response.writeHead(200, { 'content-type': OCI_INDEX, ...headers }).end(text);
    return true as const;
  };
  const { client: one } = await client(({ path }, response) => (!path.includes('/referrers/') ? undefined
    : path.endsWith('page=2') ? list('second', {}, response) : list('first', { link: `<${elsewhere}/v2/app/referrers/${digest}?page=2>; rel="next"` }, response)));
  expect((await one.referrers(digest, signal)).map((entry) => entry.digest)).toEqual([sha256('first'), sha256('second')]);
  elsewhere = 'http://registry.example';
  expect((await failure(one.referrers(digest, signal))).code).toBe('DD-COPY-026');
  one.close();
});

test('credentials are not sent in the clear to another machine', () => {
  expect(() => new RegistryClient({ registry: 'registry.example', repository: 'app', plainHttp: true, retry: FAST, credentials: { username: 'a', password: 'b' } })).toThrow(/DD-COPY-025/);
});

test('a registry that is not there, and one that speaks no TLS, have a code and a fix', async () => {
  const gone = new RegistryClient({ registry: '127.0.0.1:1', repository: 'app', plainHttp: true, retry: { ...FAST, transientWindowMillis: 20 } });
  expect(await failure(gone.manifest('latest', signal))).toMatchObject({ code: 'DD-COPY-023', message: expect.stringMatching(/cannot be reached.*ECONNREFUSED.*See whether a registry listens there/) });
  const registry = await serve(content);
  const tls = new RegistryClient({ registry: registry.host, repository: 'app', retry: { ...FAST, transientWindowMillis: 20 } });
  expect(await failure(tls.manifest('latest', signal))).toMatchObject({ code: 'DD-COPY-023', message: expect.stringContaining('--source-plain-http') });
  gone.close();
  tls.close();
});
