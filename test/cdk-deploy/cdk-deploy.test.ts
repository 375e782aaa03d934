import { cdkDeployStory, StoryStep } from './story';

let steps: StoryStep[] = [];
const step = (name: string) => steps.find((one) => one.name === name)!;

beforeAll(async () => {
  steps = await cdkDeployStory();
}, 240_000);

test('every step of the real CLI ends as it should', () => {
  expect(steps.map(({ name, exitCode }) => [name, exitCode])).toEqual([
    ['bootstrap', 0], ['deploy', 0], ['diff', 0], ['update', 0], ['failing update', 1], ['correction', 0], ['nothing to do', 0], ['destroy', 0],
  ]);
});

test('the repository of the bootstrap and the lifecycle policy of the app are in the registry', () => {
  expect(step('bootstrap').registry).toHaveLength(2);
  expect(step('bootstrap').registry.find((line) => line.startsWith('shop/api'))).toContain('lifecycle policy none');
  expect(step('deploy').registry.find((line) => line.startsWith('shop/api'))).toContain('supported releases');
});

test('the CLI shows an update, what the gate said, and the rollback', () => {
  expect(step('update').output).toContain('UPDATE_COMPLETE');
  expect(step('failing update').output).toMatch(/UPDATE_ROLLBACK_COMPLET/);
  expect(step('failing update').output).toContain('DD-GATE-103');
  expect(step('failing update').registry).toEqual(step('update').registry);
});

test('deploying the same again changes nothing', () => {
  expect(step('nothing to do').output).toContain('(no changes)');
  expect(step('nothing to do').registry).toEqual(step('correction').registry);
});

test('no image is lost on the way, and the destroyed stack leaves the adopted repository', () => {
  const images = (one: StoryStep) => /shop\/api: (\d+) images/.exec(one.registry.join())?.[1];
  expect(new Set(steps.map(images)).size).toBe(1);
  expect(images(step('destroy'))).not.toBe('0');
});
