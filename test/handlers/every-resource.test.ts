import { lastSecrets, NAME, Scenario, SCENARIOS, stateOf, UPSTREAM } from './scenarios';
import { arnOf, failing, Received, World } from './support';
import { CustomResourceEvent, RequestType } from '../../src/handlers/protocol';

/** What every resource must hold, whatever it is about. */
const EVERY = SCENARIOS.map((scenario) => [scenario.handler, scenario] as const);
const REVERSIBLE = EVERY.filter(([, { isReversible }]) => isReversible);
const REQUEST = '0b7e6a34-6a0c-4b27-9f0b-0d5b6f0e0001';
const CONTEXT = { getRemainingTimeInMillis: () => 30_000 };
type How = 'one after the other' | 'at once';

async function twice(world: World, event: CustomResourceEvent, how: How): Promise<readonly Received[]> {
  const deliver = () => world.newHandler()(event, CONTEXT);
  if (how === 'at once') {
    await Promise.all([deliver(), deliver()]);
  } else {
    await deliver();
    await deliver();
  }
  return world.responses.of(event.RequestId);
}

/** How much one delivery has done is not what the other one has done. */
const lasting = ({ status, physicalId, data }: Received) => ({
  status, physicalId, data: Object.fromEntries(Object.entries(data).filter(([name]) => !/^Moved|^PlanHash$|^Summary$|ImageCount$|^SourceDigest$/.test(name))),
});

const create = (world: World, { type, properties }: Scenario, requestId?: string) => world.create(type, properties, { requestId });
const update = (world: World, { type, properties, changed }: Scenario, physicalId: string) => world.update(type, changed, { physicalId, old: properties });

/** The stack goes on to its next operation. */
function goesOn(world: World, status: string): void {
  world.cloudFormation.status = status;
}

/** The event of a resource that was created. */
async function laterEvent(world: World, scenario: Scenario, type: RequestType, requestId?: string): Promise<CustomResourceEvent> {
  const { physicalId } = await create(world, scenario);
  goesOn(world, type === 'Update' ? 'UPDATE_IN_PROGRESS' : 'DELETE_IN_PROGRESS');
  const { properties, changed } = scenario;
  return type === 'Update' ? world.event(type, scenario.type, changed, { physicalId, old: properties, requestId }) : world.event(type, scenario.type, properties, { physicalId, requestId });
}

describe.each(EVERY)('%s:', (_, scenario) => {
  test.each(['one after the other', 'at once'] as const)('a Create that comes twice, %s, does what it does once, and is answered alike', async (how) => {
    const [once, again] = [await scenario.start(), await scenario.start({ latencyMs: how === 'at once' ? 2 : 0 })];
    await create(once, scenario, REQUEST);
    const [first, second] = await twice(again, again.event('Create', scenario.type, scenario.properties, { requestId: REQUEST }), how);
    expect(first.status).toBe('SUCCESS');
    expect(lasting(second)).toEqual(lasting(first));
    expect(stateOf(again)).toEqual(stateOf(once));
  });

  test.each(['one after the other', 'at once'] as const)('an Update that comes twice, %s, does what it does once, and is answered alike', async (how) => {
    const [once, again] = [await scenario.start(), await scenario.start()];
    await once.deliver(await laterEvent(once, scenario, 'Update', REQUEST));
    const [first, second] = await twice(again, await laterEvent(again, scenario, 'Update', REQUEST), how);
    expect(first.status).toBe('SUCCESS');
    expect(lasting(second)).toEqual(lasting(first));
    expect(stateOf(again)).toEqual(stateOf(once));
  });

  test.each(['one after the other', 'at once'] as const)('a Delete that comes twice, %s, succeeds twice', async (how) => {
    const [once, again] = [await scenario.start(), await scenario.start()];
    await once.deliver(await laterEvent(once, scenario, 'Delete', REQUEST));
    const answers = await twice(again, await laterEvent(again, scenario, 'Delete', REQUEST), how);
    expect(answers.map(({ status, reason }) => [status, reason])).toEqual([['SUCCESS', ''], ['SUCCESS', '']]);
    expect(stateOf(again)).toEqual(stateOf(once));
  });

  test('the id comes from the properties, and stays through an Update, a rollback and an Update that changes nothing', async () => {
    const world = await scenario.start();
    const { type, properties, changed, physicalId } = scenario;
    const created = (await create(world, scenario)).physicalId;
    expect(created.startsWith(physicalId)).toBe(true);
    goesOn(world, 'UPDATE_IN_PROGRESS');
    const ids = [await update(world, scenario, created), await world.update(type, changed, { physicalId: created, old: changed })];
    goesOn(world, 'UPDATE_ROLLBACK_IN_PROGRESS');
    ids.push(await world.update(type, properties, { physicalId: created, old: changed }));
    expect(ids.map((answer) => [answer.status, answer.physicalId])).toEqual(ids.map(() => ['SUCCESS', created]));
  });

  test('a Create that failed says why, with a code and in AWS\'s words, and its rollback neither fails nor says anything else', async () => {
    const world = await scenario.start();
    const before = stateOf(world);
    world.faults.push(failing(scenario.effect, 1_000, { error: { type: 'LimitExceededException', message: 'The very reason, é🚢', statusCode: 400 } }));
    const failed = await create(world, scenario);
    expect(failed).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/^[^]*DD-[A-Z]+-\d{3}[^]*The very reason, é🚢/) });
    goesOn(world, 'ROLLBACK_IN_PROGRESS');
    const deleted = await world.delete(scenario.type, scenario.properties, { physicalId: failed.physicalId });
    expect([deleted.status, deleted.reason]).toEqual(['SUCCESS', '']);
    expect(stateOf(world)).toEqual(before);
  });

  test('the Delete of a failed Create calls nobody, whatever has its name', async () => {
    const world = await scenario.start();
    const failed = await world.create(scenario.type, { ...scenario.properties, RepositoryName: 'No Name', SecretArn: undefined });
    expect(failed).toMatchObject({ status: 'FAILED', physicalId: 'drydock:create-failed:request-1' });
    await create(world, scenario);
    world.calls.splice(0);
    const before = stateOf(world);
    goesOn(world, 'ROLLBACK_IN_PROGRESS');
    const { status } = await world.delete(scenario.type, scenario.properties, { physicalId: failed.physicalId });
    expect(status).toBe('SUCCESS');
    expect([world.calls, stateOf(world)]).toEqual([[], before]);
  });

  test('a Delete that finds nothing any more is a success', async () => {
    const world = await scenario.start();
    const { physicalId } = await create(world, scenario);
    for (const repositoryName of [NAME, UPSTREAM, 'shop/new']) {
      await world.foreign('DeleteRepository', { repositoryName, force: true }).catch(() => undefined);
    }
    for (const status of ['DELETE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS']) {
      goesOn(world, status);
      const answer = await world.delete(scenario.type, scenario.properties, { physicalId });
      expect([answer.status, answer.reason]).toEqual(['SUCCESS', '']);
    }
  });

  test('time that is up in the very call that makes the difference is answered FAILED, and nothing of it is left', async () => {
    const world = await scenario.start({ remainingMillis: 1_000 });
    const before = stateOf(world);
    let hangs = true;
    let goOn: () => void = () => undefined;
    world.faults.push(async ({ operation, phase }) => {
      if (operation === scenario.effect && phase === 'after' && hangs) {
        hangs = false;
        await new Promise<void>((resolve) => { goOn = resolve; });
      }
      return undefined;
    });
    const failed = await create(world, scenario);
    goOn();
    expect(failed).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/DD-HANDLER-005|DD-IMAGE-304/) });
    goesOn(world, 'ROLLBACK_IN_PROGRESS');
    expect((await world.delete(scenario.type, scenario.properties, { physicalId: failed.physicalId })).status).toBe('SUCCESS');
    if (scenario.isReversible) {
      expect(stateOf(world)).toEqual(before);
    }
  });

  test('numbers and booleans mean the same as text', async () => {
    const [asText, asIs] = [await scenario.start(), await scenario.start()];
    await create(asText, scenario, REQUEST);
    const event = asIs.event('Create', scenario.type, scenario.properties, { requestId: REQUEST });
    const answer = await asIs.deliver({ ...event, ResourceProperties: { ServiceToken: 'arn', ...scenario.properties } });
    expect(answer.status).toBe('SUCCESS');
    // What notes the properties, notes them as they came.
    const { repositories, imageDetails } = stateOf(asIs);
    const rest = (inventory: ReturnType<typeof stateOf>) => [inventory.imageDetails, inventory.repositories?.map(({ tags: _tags, ...repository }) => repository)];
    expect(rest({ repositories, imageDetails })).toEqual(rest(stateOf(asText)));
  });

  test('neither log nor answer tells a secret, when all goes well and when AWS quotes what it was sent', async () => {
    const world = await scenario.start();
    const quoted = 'denied: https://bucket.s3.amazonaws.com/k?X-Amz-Signature=s3cr3tSignature&X-Amz-Security-Token=t0k3n by AKIAIOSFODNN7EXAMPLE';
    world.responses.statuses.push(500, 0);
    const { physicalId, bytes } = await world.create(scenario.type, { ...scenario.properties, ApiKey: 'properties-secret' });
    goesOn(world, 'UPDATE_IN_PROGRESS');
    await update(world, scenario, physicalId);
    world.faults.push(() => ({ error: { type: 'LimitExceededException', message: quoted, statusCode: 400 } }));
    const failed = await create(world, scenario);
    expect(failed.status).toBe('FAILED');
    const said = [...world.lines, bytes.toString(), failed.bytes.toString()].join('\n');
    expect(world.lines.length).toBeGreaterThan(5);
    expect(said).not.toMatch(/s3cr3t|t0k3n|Signature|wJalrX|SESSIONTOKEN|AKIA|ASIA|properties-secret|ResponseURL/);
    for (const [, version] of scenario.type.includes('Credentials') ? lastSecrets().versions : []) {
      const { auth } = Object.values(JSON.parse(version).auths)[0] as { auth: string };
      expect(said).not.toContain(auth.slice(0, 24));
    }
  });
});

describe.each(REVERSIBLE)('%s:', (_, scenario) => {
  test('an Update that is rolled back leaves what was there before, and what others have done meanwhile', async () => {
    const world = await scenario.start();
    const { type, properties, changed } = scenario;
    const { physicalId } = await create(world, scenario);
    goesOn(world, 'UPDATE_IN_PROGRESS');
    // Settles what the creation has noted.
    await world.update(type, { ...properties, Trigger: 1 }, { physicalId, old: properties });
    const present = { ...properties, Trigger: 1 };
    const before = stateOf(world);
    expect((await world.update(type, changed, { physicalId, old: present })).status).toBe('SUCCESS');
    expect(withoutNotes(stateOf(world))).not.toEqual(withoutNotes(before));
    const repositoryName = String(properties.RepositoryName);
    await world.foreign('TagResource', { resourceArn: arnOf(repositoryName), tags: [{ Key: 'meanwhile', Value: 'theirs' }] });
    goesOn(world, 'UPDATE_ROLLBACK_IN_PROGRESS');
    expect((await world.update(type, present, { physicalId, old: changed })).status).toBe('SUCCESS');
    expect(world.tags(repositoryName).meanwhile).toBe('theirs');
    await world.foreign('UntagResource', { resourceArn: arnOf(repositoryName), tagKeys: ['meanwhile'] });
    expect(withoutNotes(stateOf(world))).toEqual(withoutNotes(before));
  });

  test('a Create that is rolled back leaves what was there before', async () => {
    const world = await scenario.start();
    const before = stateOf(world);
    const { physicalId } = await create(world, scenario);
    expect(stateOf(world)).not.toEqual(before);
    goesOn(world, 'ROLLBACK_IN_PROGRESS');
    expect((await world.delete(scenario.type, scenario.properties, { physicalId })).status).toBe('SUCCESS');
    expect(stateOf(world)).toEqual(before);
  });
});

/** Without the tags in which a resource notes what it needs for a rollback. */
function withoutNotes({ repositories = [], ...rest }: ReturnType<typeof stateOf>) {
  return { ...rest, repositories: repositories.map(({ tags = [], ...repository }) => ({ ...repository, tags: tags.filter(({ Key }) => !Key.startsWith('cdk-drydock:')) })) };
}
