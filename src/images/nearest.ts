/** Longer lists are looked at up to here; a person who mistyped a tag does not need more. */
const MOST_COMPARED = 20_000;

/** The candidates that look most like a text, most alike first. */
export function nearest(text: string, candidates: readonly string[], count: number): string[] {
  const wanted = text.toLowerCase();
  return [...new Set(candidates)].slice(0, MOST_COMPARED)
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** Insertions, deletions and replacements that make one text the other (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = before[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      line.push(Math.min(replaced, before[column] + 1, line[column - 1] + 1));
    }
    before = line;
  }
  return before[b.length];
}
