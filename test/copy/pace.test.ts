import * as fc from 'fast-check';
import { Pace } from '../../src/copy/pace';

test('no more than nine calls begin in any second, whenever they are asked for', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 }), async (gaps) => {
    const clock = { millis: 0 };
    const pace = new Pace({
      now: () => clock.millis,
      wait: async (millis) => {
        clock.millis += millis;
      },
    });
    const begun: number[] = [];
    for (const gap of gaps) {
      clock.millis += gap;
      await pace.turn();
      begun.push(clock.millis);
    }
    for (const [i, time] of begun.slice(9).entries()) {
      expect(time - begun[i]).toBeGreaterThanOrEqual(1_000);
    }
  }));
});
