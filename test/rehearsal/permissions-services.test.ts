import { removeAssemblies } from './assembly-builder';
import { SCENARIOS, stopRegistries } from '../iam/scenarios';
import { failures, IamWorld, Template, withoutAction, WorldOptions } from '../iam/world';

const worlds: IamWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});
afterAll(async () => {
  await stopRegistries();
  removeAssemblies();
});

class Enough extends Error {}

/** The first deployment of a walk. */
async function firstOf(variant: string, more: WorldOptions): Promise<IamWorld> {
  const { walk } = SCENARIOS.find((scenario) => scenario.variant === variant)!;
  await walk(async (options = {}) => {
    const world = await IamWorld.open({ ...options, ...more, emulator: { ...options.emulator, ...more.emulator }, session: { ...options.session, ...more.session } });
    worlds.push(world);
    const run = world.run.bind(world);
    world.run = async (build) => {
      await run(build);
      throw new Enough();
    };
    return world;
  }).catch((error) => {
    if (!(error instanceof Enough)) {
      throw error;
    }
  });
  return worlds[0];
}

test.each([
  ['secretsmanager:GetSecretValue', 'of a registry, with a login in a secret with a key'],
  ['s3:GetObject', 'of a file'],
  ['states:StartExecution', 'that one invocation cannot finish'],
])('%s is refused where no policy allows it', async (action, variant) => {
  const world = await firstOf(variant, { change: withoutAction(action) });
  expect(world.last!.stacks[0].status).toBe('ROLLBACK_COMPLETE');
  expect(world.missing()).toContainEqual(expect.stringContaining(` ${action} `));
  // An answer to HEAD has no body that could say more.
  expect(failures(world.last!).join('\n')).toContain(action === 's3:GetObject' ? 'at s3:GetObject: ' : `is not authorized to perform: ${action} on resource: `);
});

/** What the notices of a rehearsal say to a change of its template. */
async function noticesOf(change: (template: Template) => void, emulator: WorldOptions['emulator'] = {}): Promise<[boolean, string[]]> {
  const { last } = await firstOf('created, changed, rolled back, deleted', { change, emulator });
  return [last!.ok, [...new Set(last!.notices.map(({ code }) => code))].filter((code) => /^DD-REHEARSAL-11[234]$/.test(code))];
}

const ofType = ({ Resources }: Template, type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === type);

test('a role that no stack makes may do everything, and a notice says so', async () => {
  const elsewhere = (template: Template) => ofType(template, 'AWS::Lambda::Function').forEach(([, { Properties }]) => { Properties.Role = 'arn:aws:iam::123456789012:role/of-elsewhere'; });
  expect(await noticesOf(elsewhere)).toEqual([true, ['DD-REHEARSAL-112']]);
});

test('what only a policy of elsewhere could allow is let through, and a notice says so', async () => {
  const attached = (template: Template) => {
    withoutAction('ecr:SetRepositoryPolicy')(template);
    ofType(template, 'AWS::IAM::Role').forEach(([, { Properties }]) => { Properties.ManagedPolicyArns = ['arn:aws:iam::123456789012:policy/of-elsewhere']; });
  };
  expect(await noticesOf(attached)).toEqual([true, ['DD-REHEARSAL-113']]);
});

test('a registry that knows nothing of IAM refuses nothing, and a notice says so', async () => {
  const deaf = { accepts: ({ path }: { path: string }) => path === '/_drydock/iam', handle: async () => ({ statusCode: 404, headers: {}, body: '' }) };
  expect(await noticesOf(withoutAction('ecr:SetRepositoryPolicy'), { doors: [deaf] })).toEqual([true, ['DD-REHEARSAL-114']]);
});

test('a custom resource that does not depend on its permissions is refused', async () => {
  // Alone: nothing holds the policy back, and nothing makes the resource wait for it.
  const hasty = (template: Template) => {
    const policies = ofType(template, 'AWS::IAM::ManagedPolicy').map(([id]) => id);
    const custom = Object.entries(template.Resources).filter(([, { Type }]) => Type.startsWith('Custom::'));
    custom.forEach(([, resource]) => { delete resource.DependsOn; });
    policies.forEach((id) => { template.Resources[id].DependsOn = custom.map(([one]) => one); });
  };
  const { last } = await firstOf('created, changed, rolled back, deleted', { change: hasty });
  expect([last!.stacks[0].status, failures(last!)[0]]).toEqual(['ROLLBACK_COMPLETE', expect.stringContaining('because no identity-based policy allows the ecr:GetRepositoryPolicy action')]);
});
