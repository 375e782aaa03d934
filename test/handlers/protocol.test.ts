import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { close, keep, listen, ResponseSink, seedOf, throttled, World } from './support';
import { createHandler } from '../../src/handlers/dispatch';
import { guarded } from '../../src/handlers/entry';
import { Log } from '../../src/handlers/log';
import { answerBody, CustomResourceEvent, deliver, MAX_BODY_BYTES } from '../../src/handlers/protocol';
import { LIFECYCLE_POLICY_TYPE, REPOSITORY_TYPE } from '../../src/resources';

const event = {
  RequestType: 'Create',
  ResponseURL: 'http://127.0.0.1:1/',
  StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/S/1',
  RequestId: 'r-1',
  ResourceType: REPOSITORY_TYPE,
  LogicalResourceId: 'L',
  ResourceProperties: {},
} as CustomResourceEvent;
const quick = { putAttempts: 4, putBackoffMillis: 1, putTimeoutMillis: 300 };

describe('the body of an answer', () => {
  test('names the request it answers', () => {
    expect(JSON.parse(answerBody(event, { Status: 'SUCCESS', PhysicalResourceId: 'id', Data: { A: 'b' } }).toString())).toEqual({
      Status: 'SUCCESS', PhysicalResourceId: 'id', StackId: event.StackId, RequestId: 'r-1', LogicalResourceId: 'L', Data: { A: 'b' },
    });
  });

  test('is below 4,096 bytes whatever the reason, and the reason is cut between characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 0, maxLength: 3000 }), fc.nat(200), (text, repeat) => {
      const reason = text.repeat(1 + repeat);
      const body = answerBody(event, { Status: 'FAILED', PhysicalResourceId: 'x'.repeat(900), Reason: reason });
      expect(body.length).toBeLessThanOrEqual(MAX_BODY_BYTES);
      const answer = JSON.parse(body.toString('utf8'));
      expect(Buffer.from(JSON.stringify(answer.Reason)).toString('utf8')).not.toContain('\ufffd\ufffd\ufffd\ufffd');
      // Half a surrogate pair would not survive UTF-8.
      expect(answer.Reason.isWellFormed?.() ?? true).toBe(true);
    }), { numRuns: 300 });
  });

  test('counts bytes, not characters: a thousand emoji do not fit', () => {
    const body = answerBody(event, { Status: 'FAILED', PhysicalResourceId: 'x'.repeat(500), Reason: '🚢'.repeat(1000) });
    expect(body.length).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(body.length).toBeGreaterThan(MAX_BODY_BYTES - 8);
    expect(JSON.parse(body.toString('utf8')).Reason).toMatch(/^(🚢)+…$/u);
  });

  test('of a success that does not fit is a failure that says so', () => {
    const answer = JSON.parse(answerBody(event, { Status: 'SUCCESS', PhysicalResourceId: 'id', Data: { A: 'é'.repeat(3000) } }).toString());
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'id' });
    expect(answer.Reason).toContain('DD-HANDLER-009');
  });

  test('holds no pre-signed URL, even where an error quotes one', () => {
    const Reason = 'connect failed: https://bucket.s3.amazonaws.com/key?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=abc%3D and AKIAIOSFODNN7EXAMPLE';
    expect(JSON.parse(answerBody(event, { Status: 'FAILED', PhysicalResourceId: 'id', Reason }).toString()).Reason)
      .toBe('connect failed: [pre-signed URL] and [access key]');
  });
});

describe('the delivery of an answer', () => {
  let sink: ResponseSink;
  const lines: string[] = [];
  const log = new Log((line) => lines.push(line));
  const send = () => deliver({ ...event, ResponseURL: sink.urlOf('r-1') }, { Status: 'SUCCESS', PhysicalResourceId: 'é' }, log, quick);

  beforeEach(async () => {
    lines.length = 0;
    sink = new ResponseSink();
    await sink.start();
  });
  afterEach(() => sink.stop());

  test('is a PUT without content type and with its length in bytes', async () => {
    await send();
    const [{ headers, body }] = sink.requests;
    expect(headers['content-type']).toBe('');
    expect(headers['content-length']).toBe(String(body.length));
    expect(JSON.parse(body.toString('utf8')).PhysicalResourceId).toBe('é');
  });

  test.each([[500], [503], [429], [307], [0]])('is made again after status %s', async (status) => {
    sink.statuses.push(status, status);
    await send();
    expect(sink.requests).toHaveLength(3);
    expect(sink.of('r-1')).toHaveLength(1);
  });

  test('is no success with a status other than 2xx: after 403 it is given up and the function fails', async () => {
    sink.statuses.push(403);
    await expect(send()).rejects.toThrow('1 attempt: status 403');
    expect(sink.requests).toHaveLength(1);
  });

  test('fails when the attempts are used up', async () => {
    sink.statuses.push(...Array(9).fill(500));
    await expect(send()).rejects.toThrow('4 attempts: status 500');
  });

  test('does not wait for ever for a server that does not answer', async () => {
    const silent = createServer(() => undefined);
    await listen(silent);
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    await expect(deliver({ ...event, ResponseURL: url }, { Status: 'SUCCESS', PhysicalResourceId: 'x' }, log, { ...quick, putAttempts: 1, putTimeoutMillis: 50 }))
      .rejects.toThrow('ETIMEDOUT');
    await close(silent);
  });

  test('logs neither the URL nor its query', async () => {
    sink.statuses.push(500, 0, 403);
    await expect(send()).rejects.toThrow(/403/);
    await expect(deliver({ ...event, ResponseURL: 'nonsense?Signature=s3cr3tSignature' }, { Status: 'SUCCESS', PhysicalResourceId: 'x' }, log, quick)).rejects.toThrow(/ERR_INVALID_URL/);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join('\n')).not.toMatch(/s3cr3t|127\.0\.0\.1|Signature/);
  });
});

describe('the outermost layer', () => {
  const context = { getRemainingTimeInMillis: () => 30_000 };
  let sink: ResponseSink;
  const lines: string[] = [];
  const log = new Log((line) => lines.push(line));
  const broken = () => guarded(() => { throw new Error('Cannot find module \'@aws-sdk/client-ecr\''); }, log);

  beforeEach(async () => {
    sink = new ResponseSink();
    await sink.start();
  });
  afterEach(() => sink.stop());

  test('answers FAILED with the reason when the handler cannot be loaded', async () => {
    await broken()({ ...event, ResponseURL: sink.urlOf('r-1') }, context);
    const [answer] = sink.of('r-1');
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:r-1' });
    expect(answer.reason).toContain('DD-HANDLER-006');
    expect(answer.reason).toContain('Cannot find module');
  });

  test('lets the Delete of a failed creation succeed even then, and no other one', async () => {
    const deletion = (PhysicalResourceId: string, RequestId: string) => broken()({ ...event, RequestType: 'Delete', PhysicalResourceId, RequestId, ResponseURL: sink.urlOf(RequestId) }, context);
    await deletion('drydock:create-failed:r-1', 'a');
    await deletion('shop/web', 'b');
    expect([sink.of('a')[0].status, sink.of('b')[0].status]).toEqual(['SUCCESS', 'FAILED']);
  });

  test.each([
    ['no RequestType', { RequestType: undefined }], ['an unknown RequestType', { RequestType: 'Upsert' }], ['no properties', { ResourceProperties: undefined }],
    ['no ResourceType', { ResourceType: 7 }], ['an Update without id', { RequestType: 'Update' }],
  ])('answers an event with %s, since it can', async (_, change) => {
    await guarded(() => async () => { throw new Error('must not be called'); }, log)({ ...event, ...change, ResponseURL: sink.urlOf('r-1') } as never, context);
    expect(sink.of('r-1')[0]).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('DD-HANDLER-004') });
  });

  test.each([[undefined], [null], ['text'], [{}], [{ ...event, ResponseURL: 1 }]])('fails on %j, which nobody waits for', async (wrong) => {
    await expect(broken()(wrong as never, context)).rejects.toThrow('DD-HANDLER-004');
  });
});

describe('an event', () => {
  test('of a type that the handler does not know fails and names those it knows', async () => {
    const world = await World.start();
    const answer = await world.create('Custom::DrydockFuture', {});
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    expect(answer.reason).toContain('DD-HANDLER-003');
  });

  test('whose work does not end is answered FAILED before the function\'s time is up', async () => {
    const world = await World.start({ seed: seedOf('shop/web', 1), previewMs: 60_000, remainingMillis: 3_000 });
    const answer = await world.create(LIFECYCLE_POLICY_TYPE, { RepositoryName: 'shop/web', LifecyclePolicy: keep(1) });
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    expect(answer.reason).toContain('DD-HANDLER-005');
    expect(answer.reason).toContain('while ECR previewed the policy on shop/web');
    expect(world.lifecyclePolicy('shop/web')).toBeUndefined();
  });

  test('that hangs where nothing can be broken off is answered when the last moment has come', async () => {
    const world = await World.start();
    const handler = createHandler({
      endpoints: { ecr: world.emulator.endpoint },
      region: 'us-east-1',
      log: () => undefined,
      timing: { answerReserveMillis: 100, undoReserveMillis: 50 },
      credentials: (() => new Promise(() => undefined)) as never,
    });
    const creation = world.event('Create', REPOSITORY_TYPE, { RepositoryName: 'shop/web' });
    await handler(creation, { getRemainingTimeInMillis: () => 400 });
    expect(world.responses.of(creation.RequestId)).toEqual([expect.objectContaining({
      status: 'FAILED', physicalId: 'shop/web', reason: expect.stringContaining('DD-HANDLER-005'),
    })]);
  });

  test('that hangs in a call is answered all the same', async () => {
    const world = await World.start({ remainingMillis: 400, timing: { undoReserveMillis: 0 } });
    world.faults.push(async () => {
      await new Promise((resolve) => setTimeout(resolve, 700));
    });
    const answer = await world.create(REPOSITORY_TYPE, { RepositoryName: 'shop/web' });
    // The repository may have been made: its real id lets the rollback look for it.
    expect(answer).toMatchObject({ status: 'FAILED', physicalId: 'shop/web' });
    expect(answer.reason).toContain('DD-HANDLER-005');
  });

  test('says what it last waited for when its time is up', async () => {
    const world = await World.start({ remainingMillis: 1_500 });
    world.faults.push(({ phase }) => phase === 'before' ? throttled('Rate exceeded for you') : undefined);
    expect((await world.create(REPOSITORY_TYPE, { RepositoryName: 'shop/web' })).reason).toContain('Rate exceeded for you');
  });

  test('that is denied is tried again for a while, as a new role may not be known everywhere; then the reason names the action', async () => {
    const world = await World.start({ timing: { accessDeniedWindowMillis: 10_000 } });
    const denied = { error: { type: 'AccessDeniedException', message: 'User is not authorized', statusCode: 403 } };
    let left = 3;
    world.faults.push(({ phase }) => phase === 'before' && left-- > 0 ? denied : undefined);
    expect((await world.create(REPOSITORY_TYPE, { RepositoryName: 'shop/web' })).status).toBe('SUCCESS');
    world.faults.splice(0, 1, ({ phase }) => phase === 'before' ? denied : undefined);
    const late = world.newHandler({ accessDeniedWindowMillis: 5 });
    const answer = await world.deliver(world.event('Create', REPOSITORY_TYPE, { RepositoryName: 'shop/api' }), late);
    expect(answer.reason).toContain('DD-HANDLER-008 at ecr:CreateRepository: AccessDeniedException: User is not authorized');
    expect(answer.reason).toContain('allow the handler\'s role ecr:CreateRepository');
  });

  test('leaves nothing secret in the log: no response URL, no credentials, no properties that are not named', async () => {
    const world = await World.start({ seed: seedOf('shop/web', 5) });
    const properties = { RepositoryName: 'shop/web', LifecyclePolicy: keep(1), PreviewGate: { MaxExpiringImages: 0 }, ApiKey: 'properties-secret' };
    await world.create(LIFECYCLE_POLICY_TYPE, properties);
    await world.create(REPOSITORY_TYPE, { ...properties, ExistingRepository: 'adopt', Tags: [{ Key: 'secret', Value: 'tag-secret' }] });
    world.responses.statuses.push(500);
    await world.create('Custom::Nobody', properties);
    expect(world.lines.length).toBeGreaterThan(8);
    expect(world.lines.join('\n')).not.toMatch(/s3cr3t|t0k3n|Signature|wJalrX|SESSIONTOKEN|AKIA|ASIA|properties-secret|tag-secret|ResponseURL/);
  });
});
