import { NOW, World } from './support';
import { createHandler } from '../../src/handlers/credentials/dispatch';
import { CustomResourceEvent } from '../../src/handlers/protocol';
import { REGISTRY_CREDENTIALS_TYPE } from '../../src/image-resources';
import { haveMoto, Moto, startMoto } from '../moto';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const OTHER = '210987654321.dkr.ecr.us-east-1.amazonaws.com';
const REQUEST = '0b7e6a34-6a0c-4b27-9f0b-0d5b6f0e0001';
const context = { getRemainingTimeInMillis: () => 30_000 };

if (!haveMoto) {
  test.skip('moto_server is not installed: the login is not tried with a Secrets Manager', () => undefined);
}

(haveMoto ? describe : describe.skip)('the function of a login', () => {
  let moto: Moto;
  let world: World;
  let secretArn: string;
  const properties = () => ({ SecretArn: secretArn, Registries: [HOST, OTHER] });
  const value = async (): Promise<string> => (await moto.call('secretsmanager.GetSecretValue', { SecretId: secretArn })).SecretString;
  const schedule = (event: object, handler = world.handler) => handler(event as CustomResourceEvent, context);
  const passwordOf = (text: string) => Buffer.from(JSON.parse(text).auths[HOST].auth, 'base64').toString();
  let secrets = 0;

  beforeAll(async () => { moto = await startMoto(); });
  afterAll(() => moto.stop());
  beforeEach(async () => {
    world = await World.start({ now: NOW, createHandler, endpoints: { secretsManager: moto.endpoint } });
    secretArn = (await moto.call('secretsmanager.CreateSecret', { Name: `login-${secrets += 1}` })).ARN;
  });

  test('puts a login for every registry into the secret with the deployment, as a docker configuration', async () => {
    const { status, reason, physicalId, data } = await world.create(REGISTRY_CREDENTIALS_TYPE, properties(), { requestId: REQUEST });
    expect([status, reason]).toEqual(['SUCCESS', '']);
    expect(physicalId).toBe(`drydock:registry-credentials:${secretArn}:Resource`);
    expect(data).toEqual({ SecretArn: secretArn });
    const { auths } = JSON.parse(await value());
    expect(Object.keys(auths)).toEqual([HOST, OTHER]);
    expect(passwordOf(await value())).toMatch(/^AWS:.{20,}$/);
    expect(world.calls.map(({ operation }) => operation)).toEqual(['GetAuthorizationToken']);
  });

  test('the schedule puts another one', async () => {
    await world.create(REGISTRY_CREDENTIALS_TYPE, properties(), { requestId: REQUEST });
    const first = await value();
    world.emulator.clock.advance(6 * 3_600_000);
    await schedule({ DrydockLogin: properties() });
    expect(passwordOf(await value())).not.toBe(passwordOf(first));
    expect(world.logs.at(-1)).toEqual({ level: 'info', message: 'The login has been made anew.', secretArn, registries: [HOST, OTHER], expiresAt: '2026-02-01T06:00:00.000Z' });
  });

  test('what the secret holds logs in where docker-compatible clients do, until it ends after twelve hours', async () => {
    await world.create(REGISTRY_CREDENTIALS_TYPE, properties(), { requestId: REQUEST });
    const { auth } = JSON.parse(await value()).auths[HOST];
    const ping = async () => (await fetch(`${world.emulator.endpoint}/v2/`, { headers: { authorization: `Basic ${auth}` } })).status;
    expect(await ping()).toBe(200);
    world.emulator.clock.advance(12 * 3_600_000 + 1_000);
    expect(await ping()).toBe(403);
    await schedule({ DrydockLogin: properties() });
    const fresh = JSON.parse(await value()).auths[HOST].auth;
    expect((await fetch(`${world.emulator.endpoint}/v2/`, { headers: { authorization: `Basic ${fresh}` } })).status).toBe(200);
  });

  test('neither log nor answer holds it', async () => {
    const { bytes } = await world.create(REGISTRY_CREDENTIALS_TYPE, properties(), { requestId: REQUEST });
    await schedule({ DrydockLogin: properties() });
    const auth = JSON.parse(await value()).auths[HOST].auth as string;
    const said = `${world.lines.join('\n')}${bytes.toString()}`;
    expect(said).not.toContain(auth.slice(0, 24));
    expect(said).not.toContain(Buffer.from(auth, 'base64').toString().slice(4, 24));
  });

  test('the same event delivered twice makes one version, and is answered twice alike', async () => {
    const event = world.event('Create', REGISTRY_CREDENTIALS_TYPE, properties(), { requestId: REQUEST });
    const answers = [await world.deliver(event), await world.deliver(event)];
    expect(answers.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    const { Versions } = await moto.call('secretsmanager.ListSecretVersionIds', { SecretId: secretArn });
    expect(Versions.map(({ VersionId }: { VersionId: string }) => VersionId)).toEqual([REQUEST]);
  });

  test('a login that cannot be made fails the deployment with a code; its rollback has nothing to delete', async () => {
    world.faults.push(() => ({ error: { type: 'AccessDeniedException', message: 'not authorized to perform: ecr:GetAuthorizationToken' } }));
    const failed = await world.create(REGISTRY_CREDENTIALS_TYPE, properties(), { requestId: REQUEST });
    expect(failed).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('DD-HANDLER-008 at ecr:GetAuthorizationToken') });
    const deleted = await world.delete(REGISTRY_CREDENTIALS_TYPE, properties(), { physicalId: failed.physicalId });
    expect(deleted.status).toBe('SUCCESS');
  });

  test('a secret that is gone fails it, too, and names the call', async () => {
    const { status, reason } = await world.create(REGISTRY_CREDENTIALS_TYPE, { ...properties(), SecretArn: secretArn.replace(/login-\d+/, 'gone') });
    expect([status, reason]).toEqual(['FAILED', expect.stringMatching(/^DD-HANDLER-008 at secretsmanager:PutSecretValue: ResourceNotFoundException/)]);
  });

  test('on schedule a failure is thrown, so that Lambda counts it, and logged without what was asked for', async () => {
    await expect(schedule({ DrydockLogin: { ...properties(), SecretArn: `${secretArn}x` } })).rejects.toThrow(/^DD-HANDLER-008: the login could not be made anew\.$/);
    expect(world.logs.at(-1)).toMatchObject({ level: 'error', message: 'The login could not be made anew.', code: 'DD-HANDLER-008' });
  });

  test('a throttled call is repeated', async () => {
    let throttled = 0;
    world.faults.push(({ phase }) => phase === 'before' && (throttled += 1) < 4 ? { error: { type: 'ThrottlingException', message: 'Rate exceeded' } } : undefined);
    expect((await world.create(REGISTRY_CREDENTIALS_TYPE, properties())).status).toBe('SUCCESS');
    expect(throttled).toBe(4);
  });

  test('a delete leaves the secret alone: it is CloudFormation\'s', async () => {
    await world.create(REGISTRY_CREDENTIALS_TYPE, properties(), { requestId: REQUEST });
    const { status } = await world.delete(REGISTRY_CREDENTIALS_TYPE, properties(), { physicalId: 'drydock:registry-credentials:x:Resource' });
    expect(status).toBe('SUCCESS');
    expect(await value()).toContain('auths');
  });

  test.each([
    [{ Registries: [HOST] }, /DD-HANDLER-001 at SecretArn/],
    [{ SecretArn: 'arn', Registries: [] }, /DD-HANDLER-002 at Registries/],
    [{ SecretArn: 'arn', Registries: 'host' }, /DD-HANDLER-002 at Registries/],
  ])('properties %j are refused', async (wrong, message) => {
    const { status, reason } = await world.create(REGISTRY_CREDENTIALS_TYPE, wrong);
    expect([status, reason]).toEqual(['FAILED', expect.stringMatching(message)]);
  });
});
