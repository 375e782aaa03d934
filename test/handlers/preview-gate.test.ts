import { digestOf, keep, seedOf, text, World, WorldOptions } from './support';
import { policyHash } from '../../src/digest';
import { PREVIEW_ATTRIBUTES, PREVIEW_GATE_TYPE } from '../../src/resources';
import { RunningServices } from '../ecr/running';

const NAME = 'shop/native';
const STRICT = { MaxExpiringImages: 1 };
const named = (policyText: string | undefined, PreviewGate: unknown = STRICT) =>
  ({ RepositoryName: NAME, LifecyclePolicyText: policyText, PreviewGate });
const byLogicalId = (policyText: string | undefined, gate: unknown = STRICT) => ({ RepositoryLogicalId: 'Repo1234', LifecyclePolicyText: policyText, PreviewGate: gate });
const start = (options: WorldOptions = {}, settings = {}) => World.start({ seed: seedOf(NAME, 10, settings), ...options });
const gate = (world: World, properties: Record<string, unknown>) => world.create(PREVIEW_GATE_TYPE, properties);

test('a careless policy is stopped, and a good one passes; the repository is not touched', async () => {
  const world = await start({}, { lifecyclePolicyText: text(keep(9)) });
  const before = world.repository(NAME);
  const answer = await gate(world, named(text(keep(3))));
  expect(answer.status).toBe('FAILED');
  expect(answer.reason).toContain(policyHash(keep(3)));
  const passed = await gate(world, named(text(keep(8))));
  expect(passed).toMatchObject({ status: 'SUCCESS', physicalId: `drydock:preview-gate:-:${NAME}:Resource`, data: { Verdict: 'passed', NewlyExpiringImageCount: '1' } });
  expect(Object.keys(passed.data).sort()).toEqual([...PREVIEW_ATTRIBUTES].sort());
  expect(world.repository(NAME)).toEqual(before);
});

test('the text goes to ECR to the letter', async () => {
  const world = await start();
  const pretty = JSON.stringify(keep(9), undefined, 2);
  await gate(world, named(pretty));
  expect(world.callsOf('StartLifecyclePolicyPreview').map(({ lifecyclePolicyText }) => lifecyclePolicyText)).toEqual([pretty]);
});

test('a repository that does not exist yet passes, named or not', async () => {
  const world = await World.start();
  expect((await gate(world, named(text(keep(1))))).data).toMatchObject({ Verdict: 'not-needed', RepositoryName: NAME, PolicyHash: policyHash(keep(1)) });
  expect((await gate(world, byLogicalId(text(keep(1))))).data).toMatchObject({ Verdict: 'not-needed', RepositoryName: '' });
  world.cloudFormation.physicalIds.Repo1234 = NAME;
  expect((await gate(world, byLogicalId(text(keep(1))))).data.Verdict).toBe('not-needed');
});

test('a repository whose name was generated is found by its logical id, and the id stays when it has been found', async () => {
  const world = await start();
  const { physicalId } = await gate(world, byLogicalId(text(keep(9))));
  world.cloudFormation.physicalIds.Repo1234 = NAME;
  world.cloudFormation.status = 'UPDATE_IN_PROGRESS';
  const answer = await world.update(PREVIEW_GATE_TYPE, byLogicalId(text(keep(3))), { physicalId, old: byLogicalId(text(keep(9))) });
  expect(answer).toMatchObject({ status: 'FAILED', physicalId });
  expect(answer.reason).toContain(NAME);
});

test.each([undefined, '', '  '])('where the template has no policy (%j) there is nothing to preview', async (policyText) => {
  const world = await start();
  expect((await gate(world, named(policyText))).data.Verdict).toBe('not-needed');
  expect(world.calls).toEqual([]);
});

test('an empty repository, and the policy in force, need no preview', async () => {
  const world = await World.start({ seed: seedOf(NAME, 0) });
  expect((await gate(world, named(text(keep(1))))).data.Verdict).toBe('not-needed');
  const other = await start({}, { lifecyclePolicyText: text(keep(1)) });
  expect((await gate(other, named(text(keep(1))))).data.Verdict).toBe('not-needed');
});

test('an invalid policy is refused with every problem before CloudFormation puts it', async () => {
  const world = await start();
  const answer = await gate(world, named(JSON.stringify({ rules: [{ rulePriority: 1, selection: { tagStatus: 'some', countType: 'imageCountMoreThan', countNumber: 0 }, action: { type: 'expire' } }] })));
  expect(answer.reason).toContain('LifecyclePolicyText/rules/0/selection/tagStatus');
  expect(answer.reason).toContain('LifecyclePolicyText/rules/0/selection/countNumber');
});

test('without a repository it cannot judge', async () => {
  const world = await start();
  expect((await gate(world, { LifecyclePolicyText: text(keep(1)) })).reason).toContain('DD-HANDLER-001');
});

test('off passes without a call', async () => {
  const world = await start();
  expect((await gate(world, byLogicalId(text(keep(1)), 'off'))).data.Verdict).toBe('off');
  expect([...world.calls, ...world.cloudFormation.calls]).toEqual([]);
});

test('a rollback is never stopped', async () => {
  const world = await start();
  const { physicalId } = await gate(world, named(text(keep(9))));
  world.cloudFormation.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
  expect((await world.update(PREVIEW_GATE_TYPE, named(text(keep(1))), { physicalId, old: named(text(keep(9))) })).data.Verdict).toBe('not-needed');
});

test('its Delete calls nobody', async () => {
  const world = await start();
  expect((await world.delete(PREVIEW_GATE_TYPE, named(text(keep(1))), { physicalId: `drydock:preview-gate:-:${NAME}:Resource` })).status).toBe('SUCCESS');
  expect(world.calls).toEqual([]);
});

describe('images in use', () => {
  const uri = `123456789012.dkr.ecr.us-east-1.amazonaws.com/${NAME}`;
  const looking = (policyText: string, InUse = ['ecs', 'lambda'], more = {}) => named(policyText, { MaxExpiringImages: 100, InUse, ...more });
  let services: RunningServices;

  beforeEach(async () => {
    services = await new RunningServices({
      services: { prod: { api: `${uri}:v8` } },
      tasks: { prod: [{ group: 'service:api', image: `${uri}:v8`, imageDigest: digestOf(9) }] },
      functions: { hook: [{ version: '3', imageUri: `${uri}:v1`, resolvedImageUri: `${uri}@${digestOf(7)}` }, { imageUri: `${uri}:v1` }] },
    }).start();
  });
  afterEach(() => services.stop());
  const world = () => start({ endpoints: { ecs: services.url, lambda: services.url } });

  test('that would go stop the deployment, each with who runs it', async () => {
    const answer = await gate(await world(), looking(text(keep(6))));
    expect(answer.status).toBe('FAILED');
    expect(answer.reason).toContain('DD-GATE-107');
    expect(answer.reason).toContain(`3 images of ${NAME} in use would expire.`);
    expect(answer.reason).toContain('v9, by ECS service prod/api (rule 1)');
    expect(answer.reason).toContain('v7, by Lambda function hook version 3 (rule 1)');
  });

  test('that stay do not, and nobody is asked where nothing goes', async () => {
    const one = await world();
    expect((await gate(one, looking(text(keep(9))))).data.Verdict).toBe('passed');
    services.calls.length = 0;
    expect((await gate(one, looking(text(keep(50))))).data.Verdict).toBe('passed');
    expect(services.calls).toEqual([]);
  });

  test('are looked for only where the gate says so', async () => {
    const one = await world();
    expect((await gate(one, looking(text(keep(6)), ['lambda']))).reason).toContain(`1 image of ${NAME} in use`);
    expect((await gate(one, named(text(keep(6)), { MaxExpiringImages: 100 }))).data.Verdict).toBe('passed');
  });

  test('that somebody has accepted go', async () => {
    expect((await gate(await world(), looking(text(keep(6)), ['ecs'], { Acknowledged: [policyHash(keep(6))] }))).data.Verdict).toBe('acknowledged');
  });

  test('that cannot be looked for stop the deployment, with the call that was denied', async () => {
    services.denied = 'ecs:ListTasks';
    const answer = await gate(await world(), looking(text(keep(6))));
    expect(answer.status).toBe('FAILED');
    expect(answer.reason).toContain('DD-HANDLER-404');
    expect(answer.reason).toContain('ecs:ListTasks');
  });
});
