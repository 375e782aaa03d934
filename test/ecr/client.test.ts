import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { GetLifecyclePolicyCommand } from '@aws-sdk/client-ecr';
import { connect, ConnectionOptions } from '../../src/ecr/client';
import { defaultProvider } from '../../src/ecr/lambda-credentials';
import { EventStreamSerde, eventStreamSerdeProvider } from '../../src/ecr/no-event-streams';
import { Budget } from '../../src/ecr/retry';
import { StackReader } from '../../src/ecr/stack';
import { startEmulator } from '../../src/emulator';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
const settings = { retryBaseMillis: 1, retryMaxMillis: 2, transientWindowMillis: 50, accessDeniedWindowMillis: 20 };
const stops: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) {
    await stop();
  }
});

async function serve(answer: (body: URLSearchParams) => { status: number; body: string }): Promise<string> {
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const { status, body: text } = answer(new URLSearchParams(body));
      response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the registry\'s clock', () => {
  test('is read from every answer, errors included, and is nobody else\'s', async () => {
    const emulator = await startEmulator({ now: '2026-01-31T12:00:00Z' });
    stops.push(() => emulator.stop());
    const { ecr, clock, close } = connect({ endpoints: { ecr: emulator.endpoint }, region: 'us-east-1', credentials });
    stops.push(close);
    expect(clock.now()).toBeUndefined();
    await expect(ecr.send(new GetLifecyclePolicyCommand({ repositoryName: 'shop/web' }))).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
    expect(clock.now()).toBe(Date.UTC(2026, 0, 31, 12));
    emulator.clock.advance(86_400_000);
    await expect(ecr.send(new GetLifecyclePolicyCommand({ repositoryName: 'shop/web' }))).rejects.toThrow();
    expect(clock.now()).toBe(Date.UTC(2026, 1, 1, 12));
  });

  test('ignores an answer that does not tell it', () => {
    const { clock, close } = connect({ region: 'us-east-1', credentials });
    stops.push(close);
    clock.observe('Sat, 31 Jan 2026 12:00:00 GMT');
    clock.observe(undefined);
    clock.observe('yesterday');
    expect(clock.now()).toBe(Date.UTC(2026, 0, 31, 12));
  });
});

test('whether ECR is asked without TLS is known, from the options or the environment', async () => {
  const endpoint = await serve(() => ({ status: 500, body: '' }));
  const asked = async (options: ConnectionOptions) => {
    const connection = connect({ region: 'us-east-1', credentials, ...options });
    stops.push(() => connection.close());
    expect(connection.isPlainEcr).toBe(false);
    await expect(connection.ecr.send(new GetLifecyclePolicyCommand({ repositoryName: 'shop/web' }))).rejects.toThrow();
    return connection.isPlainEcr;
  };
  expect(await asked({ endpoints: { ecr: endpoint } })).toBe(true);
  expect(await asked({ endpoints: { ecr: endpoint.replace('http:', 'https:') } })).toBe(false);
  process.env.AWS_ENDPOINT_URL_ECR = endpoint;
  try {
    expect(await asked({})).toBe(true);
  } finally {
    delete process.env.AWS_ENDPOINT_URL_ECR;
  }
});

test('the SDK itself repeats nothing', async () => {
  let calls = 0;
  const endpoint = await serve(() => {
    calls += 1;
    return { status: 500, body: '' };
  });
  const { ecr, close } = connect({ endpoints: { ecr: endpoint }, region: 'us-east-1', credentials });
  stops.push(close);
  await expect(ecr.send(new GetLifecyclePolicyCommand({ repositoryName: 'shop/web' }))).rejects.toThrow();
  expect(calls).toBe(1);
});

describe('the direction of a stack', () => {
  const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/S/1';
  const xml = (status: string, root?: string) => '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>'
    + `<StackName>S</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus>${root ? `<RootId>${root}</RootId>` : ''}`
    + '</member></Stacks></DescribeStacksResult></DescribeStacksResponse>';
  const ask = async (answer: (stackName: string) => { status: number; body: string }) => {
    const cloudFormation = await serve((query) => answer(query.get('StackName') ?? ''));
    const connection = connect({ endpoints: { cloudFormation }, region: 'us-east-1', credentials });
    stops.push(connection.close);
    const started = performance.now();
    return new StackReader(connection, new Budget(new AbortController().signal, () => performance.now() - started, settings), stackId).direction();
  };

  test.each([
    ['CREATE_IN_PROGRESS', 'forward'], ['UPDATE_IN_PROGRESS', 'forward'], ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'forward'], ['DELETE_IN_PROGRESS', 'forward'],
    ['ROLLBACK_IN_PROGRESS', 'rolling-back'], ['UPDATE_ROLLBACK_IN_PROGRESS', 'rolling-back'],
    ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'rolling-back'], ['UPDATE_ROLLBACK_FAILED', 'rolling-back'], ['IMPORT_ROLLBACK_IN_PROGRESS', 'rolling-back'],
  ])('%s is %s', async (status, direction) => {
    expect(await ask(() => ({ status: 200, body: xml(status) }))).toBe(direction);
  });

  test.each([
    ['DELETE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'rolling-back'], ['DELETE_IN_PROGRESS', 'DELETE_IN_PROGRESS', 'forward'], ['UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'rolling-back'],
  ])('of a nested stack in %s below one in %s is %s', async (own, root, direction) => {
    expect(await ask((name) => ({ status: 200, body: name === stackId ? xml(own, 'arn:root') : xml(root) }))).toBe(direction);
  });

  test.each([
    ['who may not ask', { status: 403, body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>' }],
    ['a service that fails', { status: 500, body: '' }],
    ['an answer without the stack', { status: 200, body: '<DescribeStacksResponse><DescribeStacksResult><Stacks/></DescribeStacksResult></DescribeStacksResponse>' }],
  ])('is unknown to %s', async (_, answer) => {
    expect(await ask(() => answer)).toBe('unknown');
  });
});

describe('what stands in for parts of the SDK in the bundle', () => {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
  const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  afterEach(() => {
    for (const name of names) {
      if (before[name] === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = before[name];
      }
    }
  });

  test('credentials are those of the function\'s environment, as they are at that moment', async () => {
    const provider = defaultProvider();
    names.forEach((name) => { process.env[name] = `${name}-1`; });
    expect(await provider()).toEqual({ accessKeyId: 'AWS_ACCESS_KEY_ID-1', secretAccessKey: 'AWS_SECRET_ACCESS_KEY-1', sessionToken: 'AWS_SESSION_TOKEN-1' });
    names.forEach((name) => { delete process.env[name]; });
    await expect(provider()).rejects.toThrow('No AWS credentials');
  });

  test('event streams say that they are not there', () => {
    expect(() => eventStreamSerdeProvider()).toThrow('no event streams');
    expect(() => new EventStreamSerde()).toThrow('no event streams');
  });
});
