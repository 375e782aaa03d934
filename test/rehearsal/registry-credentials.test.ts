import { App, CfnWaitConditionHandle, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { removeAssemblies, temporaryDirectory } from './assembly-builder';
import { Emulator, startEmulator } from '../../src/emulator';
import { RehearsalSession } from '../../src/rehearsal';
import { RegistryCredentials, Repository } from 'cdk-drydock';

let emulator: Emulator;
let session: RehearsalSession;

beforeEach(async () => {
  emulator = await startEmulator({});
  session = await RehearsalSession.open({ ecrEndpoint: emulator.endpoint });
});
afterEach(async () => {
  await session.close();
  await emulator.stop();
});
afterAll(removeAssemblies);

function assembly(...names: string[]): string {
  const app = new App({ outdir: temporaryDirectory() });
  const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  const repositories = names.map((repositoryName) => new Repository(stack, repositoryName, { repositoryName, removalPolicy: RemovalPolicy.DESTROY }));
  new CfnWaitConditionHandle(stack, 'Always');
  if (names.length > 0) {
    new RegistryCredentials(stack, 'Login', { repositories });
  }
  return app.synth().directory;
}

test('an app with a login is deployed, changed and removed; nothing is simulated that needs a handler, and no login is in events or logs', async () => {
  const deployed = await session.run({ assembly: assembly('shop/web') });
  expect(deployed.events.filter(({ status }) => status.endsWith('FAILED'))).toEqual([]);
  expect(deployed.notices).toEqual([]);
  expect(deployed.handlerLogs.map(({ record }) => record.message)).toContain('The login has been made anew.');
  const changed = await session.run({ assembly: assembly('shop/web', 'shop/api') });
  expect(changed.ok).toBe(true);
  const removed = await session.run({ assembly: assembly() });
  expect([removed.ok, removed.notices]).toEqual([true, []]);
  expect(JSON.stringify([deployed, changed, removed])).not.toMatch(/QVdTO|AWS:[A-Za-z0-9+/=]{16}/);
});
