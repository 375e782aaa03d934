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
  const { granted, unused, missing, wide } = await walk(scenario);
  expect(granted.length).toBeGreaterThan(2);
  expect({ unused, missing, wide }).toEqual({ unused: [], missing: [], wide: [] });
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
