import * as fc from 'fast-check';
import { hostilePlan, hostileText } from './hostile';
import { exampleInventory, manyImages, placeOf, plan, repositoryPlan } from './plans';
import { DEFAULT_GATE } from '../../src/lifecycle/gate';
import { markdownCode, markdownText } from '../../src/report/markdown';
import { Plan, PlanFinding } from '../../src/report/plan';
import { COMMENT_LIMIT, planMarkdown } from '../../src/report/plan-markdown';
import { planText } from '../../src/report/plan-report';

const example = () => plan([repositoryPlan({ inventory: exampleInventory('retention') })]);
const block = (n: number, more: Partial<PlanFinding> = {}): PlanFinding => ({
  severity: 'error', code: `DD-GATE-${n}`, message: `Finding ${n} is quite long: ${'so it goes. '.repeat(20)}`, fix: 'Do something else.', effect: 'block', at: placeOf(`Api${n}`), ...more,
});

/** As GitHub cuts a row: a pipe that no backslash stands before. */
const cellsOf = (line: string) => line.split(/(?<!\\)\|/).length;

/** The structure that must hold whatever the texts are. */
function checkStructure(text: string): void {
  const lines = text.split('\n');
  let open = 0;
  let columns: number | undefined;
  for (const line of lines) {
    expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]/u);
    if (line === '<details>') {
      open += 1;
    } else if (line === '</details>') {
      open -= 1;
    }
    expect(open === 0 || open === 1).toBe(true);
    if (line.startsWith('|')) {
      columns ??= cellsOf(line);
      expect([line, cellsOf(line)]).toEqual([line, columns]);
    } else {
      columns = undefined;
    }
  }
  expect(open).toBe(0);
  // No tag but ours, no link, no image.
  const tags = text.replace(/^<!-- drydock:(preview|review) -->$/m, '').match(/<[^>]*>?/g) ?? [];
  expect([...new Set(tags)].filter((tag) => !['<details>', '</details>', '<summary>', '</summary>', '<br>', '<code>', '</code>'].includes(tag))).toEqual([]);
  expect(text).not.toMatch(/\]\(/);
}

test('the verdict, what decides, the table of repositories and closed lists of images', () => {
  const text = planMarkdown(example());
  expect(text).toMatch(/^<!-- drydock:preview -->\n## ⛔ drydock preview: blocked\n\n\*\*3 findings stop this deployment\.\*\*\n/);
  expect(text).toMatch(/### What decides\n\n- \*\*DD-GATE-102\*\* `Shop\/shop\/api\/Retention`: 277 images/);
  expect(text).toMatch(/<br>\*Fix:\* In the policy: raise countNumber/);
  expect(text).toMatch(/\| `shop\/api` \| \*\*changed\*\* \| 605 \| 298 \(298 newly\) \|/);
  expect(text).toMatch(/<details>\n<summary><code>shop\/api<\/code>: 298 images expire<\/summary>\n\n\| tags \|/);
  expect(text).toMatch(/\*and 198 images more, left out here\*/);
  checkStructure(text);
});

test('the images that findings name come first, with what stops them', () => {
  const [head, , first, second] = planMarkdown(example(), { rows: 2 }).split('\n').filter((line, i, lines) => line.startsWith('|') && lines.indexOf('<details>') < i);
  expect(head).toBe('| tags | digest | pushed | size | rule | why | stopped by |');
  expect(first).toMatch(/^\| `2\.2\.0, production` \| `45c3a139adff` .* \| 318th newest \| \*\*DD-GATE-103\*\*, \*\*DD-GATE-105\*\* \|$/);
  expect(second).toMatch(/ \| 101st newest \|  \|$/);
});

test('the rows of a list are those of a terminal, in its order', () => {
  const digests = (text: string) => [...new Set(text.match(/\b(?!123456789012)[0-9a-f]{12}\b/g))].slice(0, 20);
  expect(digests(planMarkdown(example(), { rows: 20 }))).toEqual(digests(planText(example(), { limit: 20 })));
});

test('a list that no finding names has no column for it', () => {
  expect(planMarkdown(plan([repositoryPlan({ inventory: exampleInventory('retention'), gate: { ...DEFAULT_GATE, maxExpiringPercent: 100, protectedTagPatterns: [], protectPulledWithinDays: 0 } })]))).not.toMatch(/stopped by/);
});

test('a list shows as many rows as are asked for, and says how many it leaves out', () => {
  expect(planMarkdown(example(), { rows: 7 })).toMatch(/and 291 images more, left out here/);
  expect(planMarkdown(example(), { rows: Infinity })).not.toMatch(/left out/);
  expect(planMarkdown(example(), { rows: 0 })).toMatch(/298 images expire<\/summary>\n\n\*and 298 images, left out here\*/);
});

test('rows of lists go before anything else, so that a large plan still fits a comment', () => {
  const large = plan(Array.from({ length: 30 }, (_, i) => repositoryPlan({ title: `shop/service-${i}`, inventory: manyImages(400, `shop/service-${i}`) })));
  const text = planMarkdown(large);
  expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
  expect(text.length).toBeGreaterThan(COMMENT_LIMIT / 4);
  for (let i = 0; i < 30; i++) {
    expect(text).toContain(`| \`shop/service-${i}\` |`);
  }
  expect(text).toMatch(/images? more, left out here/);
  checkStructure(text);
});

test('a finding that decides is never dropped silently: in full, by its name, or counted', () => {
  const many = plan([], { findings: Array.from({ length: 3000 }, (_, i) => block(i)) });
  const text = planMarkdown(many);
  expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
  const named = text.match(/^- \*\*DD-GATE-\d+\*\*/gm)!.length;
  expect(named).toBeGreaterThan(500);
  expect(text).toContain(`*${(3000 - named).toLocaleString('en')} of 3,000 findings that decide, and everything else, are left out: the comment would be too long.*`);
  expect(text).toContain('**3,000 findings stop this deployment.**');
});

test('warnings make room for what decides', () => {
  const noise = Array.from({ length: 800 }, (_, i) => block(i, { severity: 'warning', effect: undefined, code: `DD-NOISE-${i}` }));
  const text = planMarkdown(plan([], { findings: [...noise, block(7)] }));
  expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
  expect(text).toContain('**DD-GATE-7**');
  expect(text).toMatch(/\*and [67]\d\d more findings, left out here\*/);
});

test.each([
  ['a|b', 'a&#124;b'], ['<b>', '&#60;b&#62;'], ['@octocat', '@&#8203;octocat'], ['fixes #12', 'fixes #&#8203;12'], ['https://x.y', 'https:&#8203;//x.y'], ['www.x.y', 'www&#8203;.x.y'],
  ['GH-12', 'GH-&#8203;12'], ['a\nb', 'a&#92;u000ab'], ['\u202eabc', '&#92;u202eabc'], ['`x`', '&#96;x&#96;'], ['[a](b)', '&#91;a&#93;(b)'],
])('text %j becomes %s', (text, expected) => {
  expect(markdownText(text)).toBe(expected);
});

test.each([['v1.2.3', '`v1.2.3`'], ['a`b', '<code>a&#96;b</code>'], ['a|b', '<code>a&#124;b</code>'], [' a', '<code> a</code>'], ['<i>', '<code>&#60;i&#62;</code>']])('code %j becomes %s', (text, expected) => {
  expect(markdownCode(text)).toBe(expected);
});

test('nothing that a text holds reaches the parser as a mark', () => {
  fc.assert(fc.property(hostileText, (text) => {
    expect(markdownText(text).replace(/&#\d+;/g, ' ')).not.toMatch(/[<>|`*_[\]\\~$]|@\w|#\d|\n/);
    expect(markdownCode(text).replace(/^<code>|<\/code>$/g, '').replace(/&#\d+;/g, ' ')).not.toMatch(/[<>|\\~$\n]|^`.*`.*`$/);
  }));
});

test('whatever a plan holds, the structure stays whole and the limit is kept', () => {
  fc.assert(fc.property(hostilePlan, fc.constantFrom(1000, 2500, 8000, COMMENT_LIMIT), (hostile: Plan, limit) => {
    const text = planMarkdown(hostile, { limit });
    expect(text.length).toBeLessThanOrEqual(limit);
    checkStructure(text);
  }), { numRuns: 80 });
});
