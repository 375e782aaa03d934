import * as fc from 'fast-check';
import { inventory as anyInventory, NOW, policy as anyPolicy } from './arbitraries';
import { realInventories } from './data';
import { naiveEvaluate } from './naive';
import { evaluate, Evaluation } from '../../src/lifecycle/evaluate';
import { ImageDetail, Inventory, PolicyDocument, Rule, Selection, Verdict } from '../../src/lifecycle/model';

const RUNS = Number(process.env.DRYDOCK_PROPERTY_RUNS ?? 300);

/** What both implementations say, in one form. */
function said(verdict: Verdict) {
  const { outcome, reason, rulePriority, rank, selected, ageDays, heldBy, becauseOf, shieldedFrom, uncertain } = verdict;
  return { outcome, reason, rulePriority, rank, selected, ageDays, heldBy, becauseOf, shieldedFrom, uncertain: [...uncertain].sort() };
}

function expectAsNaive(policy: PolicyDocument, inventory: Inventory, now: number | string): Evaluation {
  const evaluation = evaluate(policy, inventory, now);
  const naive = naiveEvaluate(policy, inventory, now);
  const verdicts = new Map([...evaluation.verdicts()].map((verdict) => [verdict.imageDigest, said(verdict)]));
  expect(verdicts).toEqual(naive);
  return evaluation;
}

describe('the fast evaluation agrees with a plain reading of the rules', () => {
  test('on random policies and repositories', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, (policy, inventory) => {
      expectAsNaive(policy, inventory, NOW);
    }), { numRuns: RUNS });
  });

  const inventories = realInventories();
  (inventories.length > 0 ? test : test.skip)('on real publication histories, cut to a size that the plain reading can bear', () => {
    const tags = ['1.2*', '3.*', '*alpine*', 'latest', 'v2*', '*-slim', '2*', 'v*', '*', 'stable*', 'mainline*', '*-perl'];
    const rule = fc.tuple(fc.subarray(tags, { minLength: 1, maxLength: 2 }), fc.integer({ min: 1, max: 40 }), fc.boolean()).map(([tagPatternList, n, count]): Omit<Rule, 'rulePriority'> => ({
      selection: count
        ? { tagStatus: 'tagged', tagPatternList, countType: 'imageCountMoreThan', countNumber: n }
        : { tagStatus: 'tagged', tagPatternList, countType: 'sinceImagePushed', countUnit: 'days', countNumber: n * 20 },
      action: { type: 'expire' },
    }));
    const rest = fc.record({ untagged: fc.option(fc.integer({ min: 1, max: 900 })), any: fc.option(fc.integer({ min: 1, max: 400 })) });
    const policies = fc.tuple(fc.array(rule, { minLength: 1, maxLength: 5 }), rest).map(([rules, { untagged, any }]): PolicyDocument => {
      const all: Omit<Rule, 'rulePriority'>[] = [...rules];
      if (untagged !== null) {
        all.push({ selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: untagged }, action: { type: 'expire' } });
      }
      if (any !== null) {
        all.push({ selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: any }, action: { type: 'expire' } });
      }
      return { rules: all.map((one, n) => ({ rulePriority: n + 1, ...one })) };
    });
    fc.assert(fc.property(policies, fc.constantFrom(...inventories), fc.nat(), (policy, { inventory }, start) => {
      const from = start % Math.max(1, inventory.imageDetails.length - 200);
      const imageDetails = inventory.imageDetails.slice(from, from + 200);
      const present = new Set(imageDetails.map((image) => image.imageDigest));
      const manifestChildren = Object.fromEntries(Object.entries(inventory.manifestChildren ?? {}).filter(([index]) => present.has(index)));
      expectAsNaive(policy, { imageDetails, manifestChildren }, '2025-06-01T00:00:00Z');
    }), { numRuns: 12 });
  });
});

describe('laws', () => {
  /** Images that a run takes, or would take if no index held them. */
  const touched = (evaluation: Evaluation) => new Set([...evaluation.verdicts()]
    .filter(({ outcome, uncertain }) => outcome !== 'KEEP' || uncertain.includes('HELD_BY_INDEX'))
    .map(({ imageDigest }) => imageDigest));
  const lists = ({ actions, blocked, cascade, summary }: Evaluation) => ({ actions, blocked, cascade, summary });

  test('a larger countNumber touches no image that a smaller one did not', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, fc.nat(), fc.integer({ min: 1, max: 4 }), (policy, inventory, place, more) => {
      const at = place % policy.rules.length;
      const rules = policy.rules.map((rule, n) => n === at
        ? { ...rule, selection: { ...rule.selection, countNumber: rule.selection.countNumber + more } }
        : rule);
      const before = touched(evaluate(policy, inventory, NOW));
      expect([...touched(evaluate({ rules }, inventory, NOW))].filter((digest) => !before.has(digest))).toEqual([]);
    }), { numRuns: RUNS });
  });

  test('an image that a run touches or an index holds against it is no safer later', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, fc.integer({ min: 1, max: 9 * 86_400 }), (policy, inventory, seconds) => {
      const later = touched(evaluate(policy, inventory, NOW + seconds));
      expect([...touched(evaluate(policy, inventory, NOW))].filter((digest) => !later.has(digest))).toEqual([]);
    }), { numRuns: RUNS });
  });

  test('a second run right after the first takes only what an index held', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, (policy, inventory) => {
      const first = evaluate(policy, inventory, NOW);
      const second = evaluate(policy, afterRun(first, inventory), NOW);
      const held = new Set([...first.verdicts()].filter((verdict) => verdict.uncertain.includes('HELD_BY_INDEX')).map((verdict) => verdict.imageDigest));
      const follows = new Set(second.cascade.map((image) => image.imageDigest));
      expect(second.actions.filter(({ imageDigest }) => !held.has(imageDigest) && !follows.has(imageDigest))).toEqual([]);
      // What was said to follow later is due then, unless others that left have made room in a count.
      for (const verdict of first.verdicts()) {
        if (verdict.uncertain.includes('INDEX_GOES_FIRST') && verdict.ageDays !== undefined) {
          expect(['MARKED', 'HELD_BY_INDEX', 'FOLLOWS_SUBJECT']).toContain(second.find(verdict.imageDigest)!.reason);
        }
      }
    }), { numRuns: RUNS });
  });

  test('an image kept by a higher rule is never expired by a lower one', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, (policy, inventory) => {
      const whole = evaluate(policy, inventory, NOW);
      const [first] = [...policy.rules].sort((a, b) => a.rulePriority - b.rulePriority);
      const alone = evaluate({ rules: [first] }, inventory, NOW);
      for (let i = 0; i < whole.count; i++) {
        if (alone.verdict(i).reason.startsWith('WITHIN')) {
          expect(whole.verdict(i).reason).toBe(whole.verdict(i).becauseOf ? 'FOLLOWS_SUBJECT' : alone.verdict(i).reason);
        }
      }
    }), { numRuns: RUNS });
  });

  test('only the order of priorities matters, not the numbers nor the order of rules', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 20, maxLength: 20 }), (policy, inventory, gaps) => {
      const sorted = [...policy.rules].sort((a, b) => a.rulePriority - b.rulePriority);
      let number = 0;
      const renumbered = sorted.map((rule, n) => ({ ...rule, rulePriority: number += gaps[n] }));
      const names = new Map(renumbered.map((rule, n) => [rule.rulePriority, sorted[n].rulePriority]));
      const back = (verdict: Verdict) => ({
        ...said(verdict),
        rulePriority: verdict.rulePriority && names.get(verdict.rulePriority),
        shieldedFrom: verdict.shieldedFrom.map((priority) => names.get(priority)),
      });
      const other = evaluate({ rules: renumbered.reverse() }, inventory, NOW);
      expect([...other.verdicts()].map(back)).toEqual([...evaluate(policy, inventory, NOW).verdicts()].map(said));
    }), { numRuns: RUNS / 2 });
  });

  test('the order of the inventory does not matter', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, (policy, inventory) => {
      const reversed = { ...inventory, imageDetails: [...inventory.imageDetails].reverse() };
      const there = [...evaluate(policy, inventory, NOW).verdicts()].map((verdict) => [verdict.imageDigest, said(verdict)] as const);
      const back = [...evaluate(policy, reversed, NOW).verdicts()].map((verdict) => [verdict.imageDigest, said(verdict)] as const);
      expect(back.reverse()).toEqual(there);
    }), { numRuns: RUNS / 2 });
  });

  test('a time is the same time as Date, as text and as seconds', () => {
    const times = ['imagePushedAt', 'lastRecordedPullTime', 'lastArchivedAt', 'lastActivatedAt'] as const;
    const rewrite = (inventory: Inventory, form: (seconds: number) => Date | string): Inventory => ({
      ...inventory,
      imageDetails: inventory.imageDetails.map((image) => ({
        ...image,
        ...Object.fromEntries(times.filter((name) => image[name] !== undefined).map((name) => [name, form(image[name] as number)])),
      }) as ImageDetail),
    });
    fc.assert(fc.property(anyPolicy, anyInventory, (policy, inventory) => {
      const expected = lists(evaluate(policy, inventory, NOW));
      const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
      expect(lists(evaluate(policy, rewrite(inventory, (seconds) => new Date(seconds * 1000)), new Date(NOW * 1000)))).toEqual(expected);
      expect(lists(evaluate(policy, rewrite(inventory, iso), iso(NOW)))).toEqual(expected);
      expect(lists(evaluate(policy, rewrite(inventory, (seconds) => iso(seconds + 7200).replace('.000Z', '+02:00')), NOW))).toEqual(expected);
    }), { numRuns: RUNS / 4 });
  });

  test('lists, summary and verdicts tell the same story', () => {
    fc.assert(fc.property(anyPolicy, anyInventory, (policy, inventory) => {
      const evaluation = evaluate(policy, inventory, NOW);
      const verdicts = [...evaluation.verdicts()];
      const { summary } = evaluation;
      const where = (test: (verdict: Verdict) => boolean) => verdicts.filter(test);
      const acted = where(({ reason }) => reason === 'MARKED');
      expect(evaluation.actions).toEqual(acted.map(({ imageDigest, outcome, rulePriority }) => ({ imageDigest, action: outcome, rulePriority })));
      expect(evaluation.blocked).toEqual(where(({ reason }) => reason === 'HELD_BY_INDEX')
        .map(({ imageDigest, heldAction, rulePriority, heldBy }) => ({ imageDigest, action: heldAction, rulePriority, heldBy })));
      expect(evaluation.cascade).toEqual(where(({ reason }) => reason === 'FOLLOWS_SUBJECT')
        .map(({ imageDigest, outcome, becauseOf }) => ({ imageDigest, action: outcome, becauseOf })));
      expect(summary).toMatchObject({
        images: verdicts.length,
        expires: where(({ outcome }) => outcome === 'EXPIRE').length,
        transitions: where(({ outcome }) => outcome === 'TRANSITION').length,
        keeps: where(({ outcome }) => outcome === 'KEEP').length,
        blocked: evaluation.blocked.length,
        cascades: evaluation.cascade.length,
      });
      for (const rule of summary.rules) {
        const owns = (verdict: Verdict) => verdict.becauseOf === undefined && verdict.rulePriority === rule.rulePriority;
        expect(rule).toMatchObject({
          expires: where((verdict) => owns(verdict) && verdict.outcome === 'EXPIRE').length,
          transitions: where((verdict) => owns(verdict) && verdict.outcome === 'TRANSITION').length,
          blocked: where((verdict) => owns(verdict) && verdict.reason === 'HELD_BY_INDEX').length,
        });
        const alone = evaluate({ rules: [policy.rules.find(({ rulePriority }) => rulePriority === rule.rulePriority)!] }, inventory, NOW);
        expect(rule.selected).toBe(alone.summary.rules[0].owned);
      }
      const marks = verdicts.flatMap(({ uncertain }) => uncertain);
      expect(Object.values(summary.uncertain).reduce((sum, n) => sum + n, 0)).toBe(marks.length);
      for (const [mark, count] of Object.entries(summary.uncertain)) {
        expect(marks.filter((one) => one === mark)).toHaveLength(count);
      }
      verdicts.forEach((verdict, i) => expect(evaluation.outcome(i)).toBe(verdict.outcome));
    }), { numRuns: RUNS / 2 });
  });

  test('a prefix is the pattern that ends in *', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), minLength: 1, maxLength: 3 });
    fc.assert(fc.property(fc.array(word, { minLength: 1, maxLength: 2 }), anyInventory, (prefixes, inventory) => {
      const rule = (selection: Partial<Selection>): PolicyDocument => ({
        rules: [{ rulePriority: 1, selection: { tagStatus: 'tagged', countType: 'imageCountMoreThan', countNumber: 1, ...selection }, action: { type: 'expire' } }],
      });
      const asPatterns = evaluate(rule({ tagPatternList: prefixes.map((prefix) => `${prefix}*`) }), inventory, NOW);
      expect(evaluate(rule({ tagPrefixList: prefixes }), inventory, NOW).actions).toEqual(asPatterns.actions);
    }), { numRuns: RUNS / 2 });
  });
});

/** The repository after a run: expired images are gone, archived ones are archived. */
function afterRun(evaluation: Evaluation, inventory: Inventory): Inventory {
  return {
    ...inventory,
    imageDetails: inventory.imageDetails.flatMap((image, i): ImageDetail[] => {
      switch (evaluation.outcome(i)) {
        case 'EXPIRE': return [];
        case 'TRANSITION': return [{ ...image, imageStatus: 'ARCHIVED', lastArchivedAt: NOW }];
        case 'KEEP': return [image];
      }
    }),
  };
}
