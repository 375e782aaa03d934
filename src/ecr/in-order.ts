/** Works on several items at a time, and gives the results in the order of the items; `ahead` bounds what waits for its turn. */
export async function* inOrder<T, R>(items: Iterable<T>, ahead: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for (const item of items) {
      const one = work(item);
      // Whoever fails is heard of in its turn.
      one.catch(() => undefined);
      running.push(one);
      if (running.length >= ahead) {
        yield await running.shift()!;
      }
    }
    while (running.length > 0) {
      yield await running.shift()!;
    }
  } finally {
    await Promise.allSettled(running);
  }
}
