import { policyHash } from '../../src/digest';
import { evaluate } from '../../src/lifecycle/evaluate';
import { DEFAULT_GATE } from '../../src/lifecycle/gate';
import { ALL_ROWS, bytesOf, plannedRows, queryRows, rowBases, trialRows } from '../../src/page/rows';
import { byRule, timeline } from '../../src/page/timeline';
import { policyText, readPolicyText, rulesOf, stoppedIn, TrialInput, tryPolicy } from '../../src/page/trial';
import { days, exampleInventory, KEEP_100, LAYERED, manyImages, NOW, plan, repositoryPlan, rule } from '../report/plans';

const inventory = exampleInventory('retention');
const input = (more: Partial<TrialInput> = {}): TrialInput => ({ repositoryName: 'shop/api', inventory, gate: DEFAULT_GATE, inUse: new Map(), now: NOW, ...more });
const rows = (policy = KEEP_100, more: Partial<TrialInput> = {}) => {
  const trial = tryPolicy(policy, policyHash(policy), input(more));
  return trialRows(rowBases(inventory, more.inUse ?? new Map()), trial, stoppedIn(trial));
};

describe('the text of the editor', () => {
  test('a policy that ECR takes is read', () => {
    expect(readPolicyText(policyText(LAYERED))).toMatchObject({ valid: true, policy: LAYERED, problems: [] });
  });

  test('what is no JSON is said at its line', () => {
    expect(readPolicyText('{\n  "rules": [\n    1,\n  ]\n}')).toMatchObject({ valid: false, problems: [{ code: 'DD-LIFECYCLE-002', line: 4, message: expect.stringContaining('nothing follows the comma') }] });
  });

  test('a problem stands at its value', () => {
    const text = policyText({ rules: [rule(1, { countNumber: 0 })] });
    const { valid, problems } = readPolicyText(text);
    expect(valid).toBe(false);
    expect(problems.map(({ span }) => text.slice(span!.start, span!.end))).toEqual(['0']);
  });

  test('an empty text stands for no policy', () => {
    expect(readPolicyText(' \n')).toMatchObject({ valid: true, problems: [] });
    expect(readPolicyText('').policy).toBeUndefined();
  });
});

describe('a trial', () => {
  test('says what the evaluator says', () => {
    const { comparison, preview, verdict } = tryPolicy(LAYERED, policyHash(LAYERED), input());
    const { summary } = evaluate(LAYERED, inventory, NOW);
    expect(comparison.after.summary).toEqual(summary);
    expect(preview.counts).toMatchObject({ images: 605, expiring: summary.expires, transitioning: summary.transitions });
    expect(verdict!.verdict).toBe('passed');
  });

  test('is judged by the gate, and lets pass what is acknowledged', () => {
    const hash = policyHash(KEEP_100);
    expect(tryPolicy(KEEP_100, hash, input()).verdict!.findings.map(({ code }) => code)).toEqual(['DD-GATE-102', 'DD-GATE-103', 'DD-GATE-105']);
    expect(tryPolicy(KEEP_100, hash, input({ gate: { ...DEFAULT_GATE, acknowledged: [hash] } })).verdict!.verdict).toBe('acknowledged');
    expect(tryPolicy(KEEP_100, hash, input({ gate: undefined })).verdict).toBeUndefined();
  });

  test('without a policy nothing goes, and what the policy in force takes is spared', () => {
    const trial = tryPolicy(undefined, '', input({ policyInForce: KEEP_100 }));
    expect(trial.preview.counts).toMatchObject({ expiring: 0, transitioning: 0, spared: 298 });
    expect(rulesOf(trial)).toEqual([]);
    expect(trial.preview.rules).toEqual([]);
    const made = trialRows(rowBases(inventory, new Map()), trial, new Map());
    expect(made.every(({ fate, rulePriority }) => fate === 'stays' && rulePriority === undefined)).toBe(true);
    expect(made[0].reason()).toBe('Kept: there is no lifecycle policy.');
  });

  test('counts the images that run and would go', () => {
    const going = rows().filter(({ fate }) => fate === 'expires').slice(0, 2).map(({ image }) => image.imageDigest);
    expect(tryPolicy(KEEP_100, '', input({ inUse: new Map([[going[0], ['a']], [going[1], ['b']], ['sha256:0', ['c']]]) })).inUseGoing).toBe(2);
  });
});

describe('rows', () => {
  const all = rows();
  const found = (query: Partial<typeof ALL_ROWS>) => queryRows(all, { ...ALL_ROWS, ...query });

  test('every image has one, with what becomes of it', () => {
    expect(all).toHaveLength(605);
    expect(found({ fate: 'expires' })).toHaveLength(298);
    expect(found({ fate: 'held' })).toHaveLength(200);
  });

  test('are searched by tag, digest and who runs them; every word must be found', () => {
    expect(found({ text: 'PRODUCTION' }).map(({ tags }) => tags)).toEqual([['2.2.0', 'production']]);
    expect(found({ text: all[9].image.imageDigest.slice(7, 27) })).toHaveLength(1);
    expect(found({ text: '2.2 production' })).toHaveLength(1);
    expect(found({ text: 'production nowhere' })).toEqual([]);
    const used = rows(KEEP_100, { inUse: new Map([[all[5].image.imageDigest, ['ECS service prod/api']]]) });
    expect(queryRows(used, { ...ALL_ROWS, text: 'ecs prod/api' })).toHaveLength(1);
    expect(queryRows(used, { ...ALL_ROWS, only: 'in use' })).toHaveLength(1);
  });

  test('are sorted by every column in both directions, equal ones newest first', () => {
    const pushes = (descending: boolean) => found({ sort: 'pushed', descending }).map(({ pushed }) => pushed);
    expect(pushes(false)).toEqual([...pushes(true)].sort((a, b) => a - b));
    const sizes = found({ sort: 'size', descending: true });
    expect(sizes[0].image.imageSizeInBytes).toBe(Math.max(...all.map(({ image }) => image.imageSizeInBytes ?? 0)));
    const ofFate = found({ fate: 'expires', sort: 'fate' }).map(({ pushed }) => pushed);
    expect(ofFate).toEqual([...ofFate].sort((a, b) => b - a));
    expect(found({ sort: 'rule' }).filter(({ fate }) => fate === 'expires').map(({ measure }) => measure)).toEqual(
      found({ fate: 'expires' }).map(({ measure }) => measure).sort((a, b) => a - b),
    );
  });

  test('those that findings name come first, with the codes; an edit is judged anew', () => {
    const [first, second] = found({});
    expect([first.tags, first.stoppedBy, second.stoppedBy]).toEqual([['2.2.0', 'production'], ['DD-GATE-103', 'DD-GATE-105'], []]);
    expect(rows(LAYERED).filter(({ stoppedBy }) => stoppedBy.length > 0)).toEqual([]);
    expect(rows(KEEP_100, { gate: undefined }).filter(({ stoppedBy }) => stoppedBy.length > 0)).toEqual([]);
    expect(plannedRows(plan([repositoryPlan({ inventory })]).repositories[0].lifecycle!.preview!)[0].stoppedBy).toEqual([]);
    const trial = tryPolicy(KEEP_100, '', input());
    const digests = [all[7].image.imageDigest];
    expect(stoppedIn(trial, [{ severity: 'error', code: 'DD-REVIEW-011', message: '', digests }]).get(digests[0])).toContain('DD-REVIEW-011');
  });

  test('sizes add up as in the plan: an index has that of its largest child, which is there by itself', () => {
    expect(bytesOf(all)).toBe(plan([repositoryPlan({ inventory })]).repositories[0].imageSizeInBytes);
    expect(bytesOf(found({ text: 'production' }))).toBeUndefined();
    expect(bytesOf([])).toBe(0);
  });

  test('are filtered by rule, push time, digests and tags', () => {
    expect(found({ rule: '1' })).toHaveLength(598);
    expect(found({ rule: 'none' })).toHaveLength(7);
    expect(found({ only: 'tagged' }).length + found({ only: 'untagged' }).length).toBe(605);
    const from = Date.parse('2025-01-01T00:00:00Z');
    expect(found({ from }).every(({ pushed }) => pushed >= from)).toBe(true);
    expect(found({ digests: new Set([all[0].image.imageDigest]) })).toHaveLength(1);
  });

  test('say what an edit changes', () => {
    const before = all.map(({ fate }) => fate);
    const edited = trialRows(rowBases(inventory, new Map()), tryPolicy(LAYERED, '', input()), new Map(), before);
    const changed = queryRows(edited, { ...ALL_ROWS, only: 'edited' });
    expect(changed).toHaveLength(edited.filter(({ fate }, i) => fate !== before[i]).length);
    expect(changed.length).toBeGreaterThan(0);
  });

  test('without an inventory come from the plan, with its sentences', () => {
    const { lifecycle } = plan([repositoryPlan({ inventory })]).repositories[0];
    const planned = plannedRows(lifecycle!.preview!, lifecycle!.images);
    expect(planned.filter(({ fate }) => fate === 'expires')).toHaveLength(298);
    expect(planned.find(({ fate }) => fate === 'expires')!.reason()).toMatch(/^Expires: \d+\w\w newest of 598 images/);
  });
});

describe('plots', () => {
  test('every image is in one bucket and one series, whatever the span', () => {
    for (const count of [1, 50, 500]) {
      const many = manyImages(count);
      const made = trialRows(rowBases(many, new Map()), tryPolicy(LAYERED, '', input({ inventory: many })), new Map());
      const line = timeline(made, 'images');
      expect(line.series.flatMap(({ values }) => values).reduce((a, b) => a + b, 0)).toBe(count);
      line.buckets.forEach(({ from, to }, i) => {
        expect(line.series.reduce((sum, { values }) => sum + values[i], 0)).toBe(made.filter(({ pushed }) => pushed >= from && pushed < to).length);
      });
      expect(line.buckets.length).toBeLessThan(130);
    }
    expect(timeline([], 'bytes').buckets).toEqual([]);
  });

  test('bytes by rule add up to those that the plan says of the repository', () => {
    const { labels, series } = byRule(rows(), [1], 'bytes');
    expect(labels).toEqual(['rule 1', 'no rule']);
    expect(series.flatMap(({ values }) => values).reduce((a, b) => a + b, 0)).toBe(18_075_325_230);
  });

  test('more rules than colours share one', () => {
    const policy = { rules: Array.from({ length: 12 }, (_, i) => rule(i + 1, { tagStatus: 'tagged', tagPatternList: [`build-*${i % 10}${1 + i % 4}`], ...days(1 + i) })) };
    const many = manyImages(600);
    const made = trialRows(rowBases(many, new Map()), tryPolicy(policy, '', input({ inventory: many })), new Map());
    const { series } = timeline(made, 'images');
    expect(series.filter(({ fate }) => fate === 'expires').length).toBeLessThanOrEqual(6);
    expect(series.map(({ label }) => label)).toContain('other rules: expires');
    expect(series.flatMap(({ values }) => values).reduce((a, b) => a + b, 0)).toBe(600);
  });
});
