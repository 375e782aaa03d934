import { assemblyError, AssemblyCode } from './codes';

/** What must exist before what: each node with the nodes it depends on. Edges to nodes that are not there are ignored. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * An order in which every node comes after those it depends on; among the possible orders the one closest to the order of the
 * graph itself, so that two runs are alike. A circle is an error that names it.
 */
export function inOrder(graph: Graph, place: string, code: AssemblyCode = 'DD-ASSEMBLY-006'): string[] {
  const order: string[] = [];
  const done = new Set<string>();
  for (const start of graph.keys()) {
    // Depth-first with a stack of its own: a hostile template may nest deeper than the call stack.
    const path: { node: string; rest: string[] }[] = [];
    const open = new Set<string>();
    const enter = (node: string) => {
      path.push({ node, rest: [...(graph.get(node) ?? [])].reverse() });
      open.add(node);
    };
    if (!done.has(start)) {
      enter(start);
    }
    while (path.length > 0) {
      const top = path[path.length - 1];
      const next = top.rest.pop();
      if (next === undefined) {
        path.pop();
        open.delete(top.node);
        done.add(top.node);
        order.push(top.node);
      } else if (open.has(next)) {
        const circle = [...path.slice(path.findIndex((p) => p.node === next)).map((p) => p.node), next];
        throw assemblyError(code, place, `Circular dependency: ${circle.join(' -> ')}.`, {
          value: circle, fix: 'Remove one of these references or dependencies.',
        });
      } else if (!done.has(next) && graph.has(next)) {
        enter(next);
      }
    }
  }
  return order;
}

/**
 * Runs `work` for every node, each after those it depends on, at most `concurrency` at a time. After a first failure nothing new is
 * begun; what is under way is waited for. Returns what failed, in the order of failing.
 */
export async function runGraph(
  graph: Graph, order: readonly string[], concurrency: number, work: (node: string) => Promise<void>,
): Promise<{ node: string; error: unknown }[]> {
  const failures: { node: string; error: unknown }[] = [];
  const finished = new Set<string>();
  const waiting = [...order];
  const running = new Map<string, Promise<void>>();
  const isReady = (node: string) => (graph.get(node) ?? []).every((other) => finished.has(other) || !graph.has(other));
  for (;;) {
    while (failures.length === 0 && running.size < Math.max(1, concurrency)) {
      const index = waiting.findIndex(isReady);
      if (index < 0) {
        break;
      }
      const [node] = waiting.splice(index, 1);
      running.set(node, work(node).then(
        () => void finished.add(node),
        (error: unknown) => void failures.push({ node, error }),
      ).finally(() => running.delete(node)));
    }
    if (running.size === 0) {
      return failures;
    }
    await Promise.race(running.values());
  }
}

/** The same edges, turned around. */
export function reversed(graph: Graph): Map<string, string[]> {
  const result = new Map<string, string[]>([...graph.keys()].reverse().map((node) => [node, []]));
  for (const [node, others] of graph) {
    for (const other of others) {
      result.get(other)?.push(node);
    }
  }
  return result;
}
