/**
 * Whether a tag matches an entry of `tagPatternList`: `*` stands for any run of characters, the empty one included, every other
 * character for itself, and the whole tag must match. Takes time linear in the tag for each `*`, whatever the pattern.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export function matchesPattern(pattern: string, tag: string): boolean {
  const pieces = pattern.split('*');
  const last = pieces.length - 1;
  if (last === 0) {
    return tag === pattern;
  }
  if (!tag.startsWith(pieces[0])) {
    return false;
  }
  let at = pieces[0].length;
  for (let i = 1; i < last; i++) {
    const found = tag.indexOf(pieces[i], at);
    if (found < 0) {
      return false;
    }
    at = found + pieces[i].length;
  }
  return tag.length - at >= pieces[last].length && tag.endsWith(pieces[last]);
}

/** Whether every text that the pattern `narrow` matches is matched by the pattern `wide` too. `one` stands for any single character, where patterns have that. */
export function patternCovers(wide: string, narrow: string, one?: string): boolean {
  // A run of `*` is one `*`; the pattern `narrow` is then read as a text whose `*` only a `*` of `wide` can take in.
  const w = wide.replace(/\*+/g, '*');
  const n = [...narrow.replace(/\*+/g, '*')];
  let reachable = new Array<boolean>(n.length + 1).fill(false);
  reachable[0] = true;
  for (const c of w) {
    const next = new Array<boolean>(n.length + 1).fill(false);
    if (c === '*') {
      let seen = false;
      for (let j = 0; j <= n.length; j++) {
        seen = seen || reachable[j];
        next[j] = seen;
      }
    } else {
      for (let j = 0; j < n.length; j++) {
        next[j + 1] = reachable[j] && (c === one ? n[j] !== '*' : n[j] === c);
      }
    }
    reachable = next;
  }
  return reachable[n.length];
}

/** Whether some tag can match both patterns. */
export function patternsOverlap(a: string, b: string): boolean {
  const seen = new Set<number>();
  const width = b.length + 1;
  const stack: number[] = [0];
  while (stack.length > 0) {
    const state = stack.pop()!;
    if (seen.has(state)) {
      continue;
    }
    seen.add(state);
    const i = Math.floor(state / width);
    const j = state % width;
    if (i === a.length && j === b.length) {
      return true;
    }
    if (a[i] === '*') {
      stack.push((i + 1) * width + j);
      if (j < b.length) {
        stack.push(i * width + j + 1);
      }
    }
    if (b[j] === '*') {
      stack.push(i * width + j + 1);
      if (i < a.length) {
        stack.push((i + 1) * width + j);
      }
    }
    if (i < a.length && a[i] === b[j] && a[i] !== '*') {
      stack.push((i + 1) * width + j + 1);
    }
  }
  return false;
}
