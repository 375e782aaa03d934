import * as fc from 'fast-check';
import { matchesPattern, patternCovers, patternsOverlap } from '../../src/lifecycle/match';

const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
const asRegExp = (p: string) => new RegExp(`^${p.split('*').join('.*')}$`);
/** Every text of at most six letters a, b, c: enough to tell short patterns apart. */
const TEXTS = (function grow(n: number): string[] {
  return n === 0 ? [''] : [...grow(n - 1), ...grow(n - 1).filter((t) => t.length === n - 1).flatMap((t) => ['a', 'b', 'c'].map((c) => t + c))];
})(6);

describe('a pattern', () => {
  test.each([
    ['prod*', 'prod', true], ['prod*', 'production', true], ['prod*', 'repo-production', false], ['prod', 'prod1', false], ['*', '', true], ['', '', true], ['', 'a', false],
    ['*prod*', 'prod', true], ['a*a', 'a', false], ['a*a', 'aa', true], ['*a*a', 'a', false], ['a**b', 'ab', true], ['*.*.*', '1.2', false], ['*.*.*', '1.2.3', true],
    ['Prod*', 'prod', false], ['v1.2', 'v1x2', false], ['[ab]', 'a', false], ['a+', 'aa', false], ['v*-rc', 'v1-rc2', false], ['*-rc', '-rc', true],
  ])('%s on %s: %s', (p, tag, expected) => {
    expect(matchesPattern(p, tag)).toBe(expected);
  });

  test('matches as the regular expression that says the same', () => {
    fc.assert(fc.property(pattern, text, (p, tag) => {
      expect(matchesPattern(p, tag)).toBe(asRegExp(p).test(tag));
    }), { numRuns: 2_000 });
  });

  test('takes no exponential time', () => {
    expect(matchesPattern(`${'a*'.repeat(5_000)}b`, 'a'.repeat(20_000))).toBe(false);
  });
});

describe('patterns among themselves', () => {
  test('one covers another exactly when it matches all that the other matches', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 }), fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 3 }), (wide, narrow) => {
      const [w, n] = [asRegExp(wide), asRegExp(narrow)];
      expect(patternCovers(wide, narrow)).toBe(TEXTS.every((t) => !n.test(t) || w.test(t)));
    }), { numRuns: 1_500 });
  });

  test('two overlap exactly when some text matches both', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 3 }), fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 3 }), (left, right) => {
      const [l, r] = [asRegExp(left), asRegExp(right)];
      expect(patternsOverlap(left, right)).toBe(TEXTS.some((t) => l.test(t) && r.test(t)));
    }), { numRuns: 1_500 });
  });
});
