import { walk } from './report';
import { SCENARIOS, stopRegistries } from './scenarios';
import { statementsOf, Template, withoutAction } from './world';
import { removeAssemblies } from '../rehearsal/assembly-builder';

afterAll(async () => {
  await stopRegistries();
  removeAssemblies();
});

const digest = SCENARIOS.find(({ construct }) => construct === 'ImageDigest')!;

test.each(SCENARIOS.filter(({ quick }) => quick).map((scenario) => [`${scenario.construct}, ${scenario.variant}`, scenario] as const))('%s: every permission is used, and none is missing', async (_, scenario) => {
  const { granted, unused, missing, wide, surprises } = await walk(scenario);
  expect(granted.length).toBeGreaterThan(2);
  expect({ unused, missing, wide, surprises }).toEqual({ unused: [], missing: [], wide: [], surprises: [] });
});

test('a permission that is taken out is missed', async () => {
  const { missing } = await walk(digest, withoutAction('cloudformation:DescribeStacks'));
  expect(missing).toEqual([expect.stringMatching(/ cloudformation:DescribeStacks arn:aws:cloudformation:/)]);
});

test('a permission that nobody uses is found, and a wildcard without a reason', async () => {
  const more = (template: Template) => {
    for (const statement of statementsOf(template).filter(({ Action }) => [Action].flat().includes('ecr:DescribeImages'))) {
      statement.Action = [...[statement.Action].flat(), 'ecr:DeleteRepository'];
      statement.Resource = [...[statement.Resource].flat(), '*'];
    }
  };
  const { unused, wide } = await walk(digest, more);
  expect(unused).toEqual(expect.arrayContaining([expect.stringMatching(/ ecr:DeleteRepository arn:aws:ecr:us-east-1:123456789012:repository\/shop\/api$/)]));
  expect(wide).toEqual(expect.arrayContaining([expect.stringMatching(/ ecr:DescribeImages \*$/)]));
});

test('a deployment that fails and should not is found, and one that should fail and does not', async () => {
  const { surprises } = await walk(digest, withoutAction('ecr:DescribeImages'));
  expect(surprises).toEqual(expect.arrayContaining(['deployment 1: Shop is ROLLBACK_COMPLETE', expect.stringMatching(/^deployment 1: Digest\S* is CREATE_FAILED: .*ecr:DescribeImages/)]));
  const untroubled = await walk({ construct: 'none', variant: 'none', walk: async (open) => void await (await open()).run(() => undefined, { rollsBack: true, failAt: [] }) });
  expect(untroubled.surprises).toEqual(['deployment 1: Shop is CREATE_COMPLETE']);
});

test('what was let through because nobody knows a policy is found', async () => {
  const elsewhere = (template: Template) => {
    for (const { Properties } of Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role')) {
      Properties.ManagedPolicyArns = ['arn:aws:iam::123456789012:policy/of-elsewhere'];
    }
  };
  const { surprises } = await walk(digest, elsewhere);
  expect(surprises[0]).toMatch(/^deployment 1: DD-REHEARSAL-113: /);
});
