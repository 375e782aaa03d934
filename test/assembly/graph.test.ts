import * as fc from 'fast-check';
import { Graph, inOrder, reversed, runGraph } from '../../src/assembly/graph';
import { isDrydockError } from '../../src/errors';

/** Random graphs without circles: a node depends on earlier ones only; the map's order is shuffled. */
const acyclic: fc.Arbitrary<Graph> = fc.integer({ min: 0, max: 12 }).chain((size) => fc.tuple(
  ...Array.from({ length: size }, (_, i) => fc.subarray(Array.from({ length: i }, (__, j) => `n${j}`))),
)).chain((edges) => fc.shuffledSubarray(edges.map((_, i) => i), { minLength: edges.length }).map((order) => new Map(order.map((i) => [`n${i}`, edges[i]]))));

function expectInOrder(graph: Graph, order: readonly string[]): void {
  expect([...order].sort()).toEqual([...graph.keys()].sort());
  for (const [node, others] of graph) {
    for (const other of others) {
      expect(order.indexOf(other)).toBeLessThan(order.indexOf(node));
    }
  }
}

test('law: every node comes after those that it depends on, once', () => {
  fc.assert(fc.property(acyclic, (graph) => expectInOrder(graph, inOrder(graph, 'here'))));
});

test('independent nodes keep the order of the graph', () => {
  expect(inOrder(new Map([['c', []], ['a', []], ['b', ['a']]]), 'here')).toEqual(['c', 'a', 'b']);
});

test('dependencies on what is not there are ignored', () => {
  expect(inOrder(new Map([['a', ['gone']]]), 'here')).toEqual(['a']);
});

test.each<[string, Graph, string]>([
  ['of one', new Map([['a', ['a']]]), 'a -> a'],
  ['of three, behind a tail', new Map([['t', ['a']], ['a', ['b']], ['b', ['c']], ['c', ['a']]]), 'a -> b -> c -> a'],
])('a circle %s is an error that names it', (_, graph, circle) => {
  const error = (() => { try { return inOrder(graph, 'here'); } catch (e) { return e; } })();
  expect(isDrydockError(error) && error.problems[0]).toMatchObject({ code: 'DD-ASSEMBLY-006', pointer: 'here', message: `Circular dependency: ${circle}.` });
});

test('a very long chain does not exhaust the call stack', () => {
  const graph = new Map(Array.from({ length: 50_000 }, (_, i) => [`n${i}`, i === 0 ? [] : [`n${i - 1}`]] as const));
  expect(inOrder(new Map([...graph].reverse()), 'here')[0]).toBe('n0');
});

test('law: turned around twice, the edges are the same', () => {
  fc.assert(fc.property(acyclic, (graph) => {
    const twice = reversed(reversed(graph));
    for (const [node, others] of graph) {
      expect([...twice.get(node) ?? []].sort()).toEqual([...others].sort());
    }
  }));
});

test('law: work is done in order, never more than allowed at a time, and all of it when nothing fails', async () => {
  await fc.assert(fc.asyncProperty(acyclic, fc.integer({ min: 1, max: 4 }), async (graph, concurrency) => {
    const done: string[] = [];
    let running = 0;
    let most = 0;
    const failures = await runGraph(graph, inOrder(graph, 'here'), concurrency, async (node) => {
      running += 1;
      most = Math.max(most, running);
      expect((graph.get(node) ?? []).every((other) => done.includes(other))).toBe(true);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done.push(node);
    });
    expect(failures).toEqual([]);
    expectInOrder(graph, done);
    expect(most).toBeLessThanOrEqual(concurrency);
  }), { numRuns: 50 });
});

test('after a failure nothing new begins, and what is under way is waited for', async () => {
  const done: string[] = [];
  const graph: Graph = new Map([['bad', []], ['slow', []], ['after', ['slow']], ['never', ['bad']]]);
  const failures = await runGraph(graph, ['bad', 'slow', 'after', 'never'], 2, async (node) => {
    if (node === 'bad') {
      throw new Error('no');
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    done.push(node);
  });
  expect(failures.map((f) => f.node)).toEqual(['bad']);
  expect(done).toEqual(['slow']);
});
