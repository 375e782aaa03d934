import { Session } from './session';
import { TARGETS } from './targets';

/** Enough to notice what breaks often; `npm run test:fuzz` looks for what breaks seldom. */
const INPUTS = Number(process.env.DRYDOCK_FUZZ_INPUTS ?? 80);

test.each(TARGETS.map((target) => [target.name, target] as const))('whatever %s is given, it answers with a result or with an error that has a code', async (_, target) => {
  // Large ones take long for reasons of their own; they are for the command.
  const session = new Session({ ...target, maxBytes: Math.min(target.maxBytes ?? 8_192, 8_192), run: (input) => target.run(input) }, 20_260_131);
  await session.begin();
  for (let i = 0; i < INPUTS; i += 1) {
    await session.step();
  }
  await session.end();
  expect([...session.findings.values()].map(({ message, input }) => `${message}\n${JSON.stringify(input.toString('latin1').slice(0, 2_000))}`)).toEqual([]);
});
