import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import { removeAssemblies } from './assembly-builder';
import { failures, IamWorld, Template, withoutAction, WorldOptions } from '../iam/world';
import { Repository, RepositoryPolicy } from 'cdk-drydock';

afterAll(removeAssemblies);

const worlds: IamWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function open(options: WorldOptions = {}): Promise<IamWorld> {
  const world = await IamWorld.open(options);
  worlds.push(world);
  return world;
}

const app = (stack: Stack) => {
  const repository = new Repository(stack, 'Api', { repositoryName: 'shop/api' });
  new RepositoryPolicy(stack, 'Access', {
    repository, statements: [new iam.PolicyStatement({ sid: 'Pull', principals: [new iam.AccountPrincipal('111122223333')], actions: ['ecr:BatchGetImage'] })],
  });
};

/** The custom resources no longer wait for the policies of the role. */
const withoutWaiting = (template: Template) => {
  const policies = Object.keys(template.Resources).filter((id) => template.Resources[id].Type === 'AWS::IAM::ManagedPolicy');
  for (const resource of Object.values(template.Resources).filter(({ Type }) => Type.startsWith('Custom::'))) {
    resource.DependsOn = [resource.DependsOn ?? []].flat().filter((id) => !policies.includes(id));
  }
  for (const id of policies) {
    template.Resources[id].DependsOn = Object.keys(template.Resources).filter((other) => template.Resources[other].Type.startsWith('Custom::'));
  }
};

test('what the policies of the role allow is all that a deployment needs', async () => {
  const world = await open();
  const result = await world.run(app);
  expect([failures(result), result.notices, world.missing()]).toEqual([[], [], []]);
  expect(world.asked.length).toBeGreaterThan(3);
});

test('a call that no policy of the role allows is refused in the words of AWS, before it has an effect', async () => {
  const world = await open({ change: withoutAction('ecr:SetRepositoryPolicy') });
  const result = await world.run(app);
  expect(result.stacks[0].status).toBe('ROLLBACK_COMPLETE');
  expect(failures(result)[0]).toMatch(new RegExp('User: arn:aws:sts::123456789012:assumed-role/Shop-\\S+/Shop-\\S+ is not authorized to perform: ecr:SetRepositoryPolicy on resource: '
    + 'arn:aws:ecr:us-east-1:123456789012:repository/shop/api because no identity-based policy allows the ecr:SetRepositoryPolicy action'));
  expect(world.missing()).toEqual([expect.stringMatching(/ ecr:SetRepositoryPolicy arn:aws:ecr:us-east-1:123456789012:repository\/shop\/api$/)]);
  expect(world.emulator.inventory().repositories?.[0]?.repositoryPolicyText).toBeUndefined();
});

test('a policy that arrives after the resource that needs it comes too late', async () => {
  const world = await open({ change: withoutWaiting });
  const result = await world.run(app);
  expect([result.ok, failures(result)[0]]).toEqual([false, expect.stringContaining('because no identity-based policy allows the ecr:')]);
  expect(world.emulator.calls.CreateRepository).toBeGreaterThan(0);
  expect(world.emulator.inventory().repositories).toEqual([]);
});

test('nothing is refused where nobody wants it', async () => {
  const world = await open({ change: withoutAction('ecr:SetRepositoryPolicy'), session: { iam: false } });
  expect(failures(await world.run(app))).toEqual([]);
});
