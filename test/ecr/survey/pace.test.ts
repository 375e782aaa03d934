import * as fc from 'fast-check';
import { inOrder } from '../../../src/ecr/in-order';
import { Pace, Rate } from '../../../src/ecr/survey/pace';

const isThrottle = (error: unknown) => (error as Error).message === 'throttled';

/** A clock that moves when somebody waits. */
class Time {
  public now = 0;
  public readonly wait = async (millis: number): Promise<void> => {
    this.now += millis;
  };
}

describe('a rate', () => {
  test('never lets more through in a second than its ceiling', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 300 }), (ceiling, gaps) => {
      const rate = new Rate(ceiling);
      let now = 0;
      const sent = gaps.map((gap) => {
        now += gap;
        return now + rate.reserve(now);
      });
      for (const at of sent) {
        expect(sent.filter((other) => other >= at && other < at + 1000 - 1e-6).length).toBeLessThanOrEqual(ceiling);
      }
    }), { numRuns: 100 });
  });

  test('falls to seven tenths of what was reached when a call is throttled, and grows again by the second', () => {
    const rate = new Rate(200);
    for (let n = 0; n < 100; n += 1) {
      rate.reserve(n * 10);
    }
    rate.refused(1000);
    const after = rate.perSecond(1000);
    expect(after).toBeGreaterThan(65);
    expect(after).toBeLessThan(75);
    expect(rate.perSecond(3000) - after).toBeCloseTo(10);
    expect(rate.perSecond(1e6)).toBe(200);
  });

  test('falls once for calls that were under way together, further for later ones, and never to nothing', () => {
    const rate = new Rate(100);
    for (let n = 0; n < 50; n += 1) {
      rate.reserve(n * 20);
    }
    rate.refused(1000);
    const once = rate.perSecond(1000);
    rate.refused(1001);
    rate.refused(1100);
    expect(rate.perSecond(1000)).toBe(once);
    for (let at = 2000; at < 60_000; at += 1000) {
      rate.refused(at);
    }
    expect(rate.perSecond(60_000)).toBeGreaterThanOrEqual(1);
    expect(rate.perSecond(60_000)).toBeLessThan(10);
  });
});

describe('a pace', () => {
  test('has so many calls under way and no more, lets the longest waiting go first, and counts', async () => {
    const pace = new Pace({ concurrency: 3, ceilings: {} });
    let active = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(Array.from({ length: 20 }, (_, n) => pace.run('ecr:A', async () => undefined, async () => {
      order.push(n);
      most = Math.max(most, active += 1);
      await new Promise((resolve) => setImmediate(resolve));
      active -= 1;
    }, isThrottle)));
    expect(most).toBe(3);
    expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(pace.calls).toEqual({ 'ecr:A': 20 });
  });

  test('gives its place back when a call fails, and when nobody can wait any more', async () => {
    const pace = new Pace({ concurrency: 1, ceilings: { 'ecr:A': 0.001 } }, () => 0);
    await expect(pace.run('ecr:A', async () => undefined, async () => { throw new Error('no'); }, isThrottle)).rejects.toThrow('no');
    await expect(pace.run('ecr:A', async () => { throw new Error('time is up'); }, async () => 'never', isThrottle)).rejects.toThrow('time is up');
    expect(await pace.run('ecr:B', async () => undefined, async () => 'fine', isThrottle)).toBe('fine');
    expect(pace.calls).toEqual({ 'ecr:A': 1, 'ecr:B': 1 });
  });

  test('holds up the operation that is throttled, and no other', async () => {
    const time = new Time();
    const pace = new Pace({ concurrency: 1, ceilings: { '*': 1000 } }, () => time.now);
    const call = (operation: string, fails = false) => pace.run(operation, time.wait, async () => {
      if (fails) {
        throw new Error('throttled');
      }
    }, isThrottle).catch(() => undefined);
    await call('ecr:A', true);
    const before = time.now;
    await call('ecr:B');
    expect(time.now - before).toBeLessThan(5);
    await call('ecr:A');
    expect(time.now - before).toBeGreaterThan(500);
    expect(pace.throttled).toBe(1);
  });
});

test('results come in the order of the items, whatever takes how long, and one that fails in its turn', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), async (ticks, ahead) => {
    const found: number[] = [];
    for await (const n of inOrder(ticks.keys(), ahead, async (item) => {
      for (let tick = 0; tick < ticks[item]; tick += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return item;
    })) {
      found.push(n);
    }
    expect(found).toEqual([...ticks.keys()]);
  }), { numRuns: 30 });
  const seen: number[] = [];
  await expect((async () => {
    for await (const n of inOrder([1, 2, 3], 3, async (one) => one === 2 ? Promise.reject(new Error('two')) : one)) {
      seen.push(n);
    }
  })()).rejects.toThrow('two');
  expect(seen).toEqual([1]);
});
