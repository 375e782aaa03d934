import { matchesPattern, patternCovers, patternsOverlap } from '../../../src/lifecycle/match';
import { TagIndex } from '../../../src/lifecycle/tag-index';
import { FuzzTarget, mustHold } from '../target';

/** Two patterns and a tag, a line each. Small ones are compared with a reading that cannot be wrong, and is slow. */
export const pattern: FuzzTarget = {
  name: 'tag-pattern',
  words: ['*', '**', 'a*', '*a', 'prod', '\n'],
  maxBytes: 65_536,
  seeds: () => ['prod*\n*prod\nprod-prod', '*a*a*a*\na*\naaaaaaaab', 'v1.*\nv*\nv1.2', '*\n*\n', `${'a*'.repeat(200)}\n${'*a'.repeat(200)}\n${'a'.repeat(2_000)}b`],
  run(input) {
    const [a, b = '', tag = ''] = input.toString().split('\n');
    const matched = matchesPattern(a, tag);
    if (a.length * tag.length < 10_000) {
      mustHold(matched === plainMatch(a, tag), `${JSON.stringify(a)} and ${JSON.stringify(tag)}: ${matched}`);
    }
    // Patterns are of policies, at most 30,720 characters in all; these two are compared pair by pair.
    if (a.length * b.length < 4_000_000) {
      const covers = patternCovers(a, b);
      const overlap = patternsOverlap(a, b);
      mustHold(!covers || !matchesPattern(b, tag) || matched, 'what a narrow pattern matches, a wide one matches');
      mustHold(overlap || !(matched && matchesPattern(b, tag)), 'patterns that one tag matches overlap');
    }
    if (tag !== '' && a !== '') {
      new TagIndex([{ tagStatus: 'tagged', tagPatternList: [a, ...(b === '' ? [] : [b])], countType: 'imageCountMoreThan', countNumber: 1 }]);
    }
  },
};

/** Character by character, every split of a star tried. */
function plainMatch(wanted: string, tag: string): boolean {
  const known = new Map<string, boolean>();
  const from = (i: number, j: number): boolean => {
    const key = `${i} ${j}`;
    const found = known.get(key);
    if (found !== undefined) {
      return found;
    }
    const result = i === wanted.length ? j === tag.length
      : wanted[i] === '*' ? from(i + 1, j) || (j < tag.length && from(i, j + 1)) : j < tag.length && wanted[i] === tag[j] && from(i + 1, j + 1);
    known.set(key, result);
    return result;
  };
  return from(0, 0);
}
