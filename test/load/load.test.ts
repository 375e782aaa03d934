import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inProcess } from './functions';
import { Figures, room, runScenario } from './scenario';
import { LoadWorld } from './world';
import { FaultScript } from '../../src/emulator';
import { Timing } from '../../src/handlers/timing';

/** The waits of the handler in their proportions, but shorter; long enough for a busy machine. */
const TIMING: Partial<Timing> = { retryBaseMillis: 10, retryMaxMillis: 200, settleMillis: 300, settleJitterMillis: 80, staleAfterMillis: 60 };
const PATIENCE = 120_000;

/** The script's times as much shorter as the waits are. */
const shortened = (script: FaultScript): FaultScript => ({
  ...script,
  rules: script.rules.map((rule) => rule.fault === 'stale' ? { ...rule, ms: rule.ms! / 5 } : rule.fault === 'slow' ? { ...rule, delayMs: rule.delayMs / 5 } : rule),
});

async function load(stacks: number, faults?: FaultScript): Promise<{ figures: Figures; calls: Readonly<Record<string, number>>; world: LoadWorld }> {
  const world = await LoadWorld.start({ latencyMs: 2, faults });
  try {
    return { figures: await runScenario(world, () => inProcess(world, TIMING), { stacks, most: 14 }), calls: { ...world.emulator.calls }, world };
  } finally {
    await world.stop();
  }
}

test('many deployments at once onto one repository lose no statement, and leave nothing behind', async () => {
  const { figures } = await load(12);
  expect(figures.violations).toEqual([]);
  expect(figures).toMatchObject({ deployments: 28, mostAtOnce: 12, answers: { SUCCESS: 28, FAILED: 0 } });
  // They really were in each other's way.
  expect(figures.writes).toBeGreaterThan(figures.changes);
}, PATIENCE);

test('nor do they with throttling, lost answers, failures and reads that lag behind', async () => {
  const { figures, world } = await load(8, shortened(JSON.parse(readFileSync(join(__dirname, '..', '..', 'docs', 'faults', 'racing-writers.json'), 'utf8'))));
  expect(figures.violations).toEqual([]);
  expect(world.emulator.faults.counts.filter(({ fired }) => fired === 0).map(({ rule }) => rule)).toEqual([]);
  expect(figures.staleReads).toBeGreaterThan(0);
}, PATIENCE);

test('a loss would be seen', async () => {
  const world = await LoadWorld.start({});
  try {
    const invoke = inProcess(world, TIMING);
    const figures = await runScenario(world, (index) => async (event) => {
      await invoke(event);
      if (index === 1) {
        await fetch(world.emulator.endpoint, {
          method: 'POST',
          headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.DeleteRepositoryPolicy' },
          body: JSON.stringify({ repositoryName: 'shop/web' }),
        });
      }
    }, { stacks: 1 });
    expect(figures.violations).toEqual([
      'deletion of all: lost: LambdaECRImageRetrievalPolicy', 'deletion of all: lost: a foreign statement', expect.stringContaining('is not what it was before'),
    ]);
  } finally {
    await world.stop();
  }
}, PATIENCE);

test('as many statements at once as ECR stores', () => {
  expect(room()).toBeGreaterThan(80);
});
