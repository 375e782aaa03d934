import * as fc from 'fast-check';
import { hostilePlan } from './hostile';
import { exampleInventory, LAYERED, manyImages, placeOf, plan, repositoryPlan, rule, days } from './plans';
import { Plan, RepositoryPlan } from '../../src/report/plan';
import { planText } from '../../src/report/plan-report';
import { displayWidth } from '../../src/report/width';

const retention = (more: Partial<RepositoryPlan> = {}) => repositoryPlan({ inventory: exampleInventory('retention'), more });
const quiet: RepositoryPlan = { repositoryName: 'shop/web', title: 'shop/web', change: 'none', places: [placeOf('Web')], settings: [], findings: [], imageCount: 4 };

test('the verdict comes first, then every repository in one row', () => {
  const text = planText(plan([retention(), quiet], { against: { kind: 'registry', text: 'eu-central-1', calls: { DescribeImages: 12, DescribeRepositories: 1 } } }));
  expect(text).toMatch(/^\nPreview of cdk\.out against the live registry \(eu-central-1\), at 2026-01-31T12:00:00Z\nblocked: 3 findings stop this deployment\.\n13 calls: 12 DescribeImages, 1 DescribeRepositories\n/);
  expect(text).toMatch(/\n shop\/api +changed +605 +18 GB +298 +3\n shop\/web +unchanged +4\n/);
});

test('that the app says nothing is claimed only when all of it could be read', () => {
  expect(planText(plan([]))).toContain('The app says nothing about repositories.');
  const unread = planText(plan([], { findings: [{ severity: 'error', code: 'DD-REVIEW-250', message: 'It is YAML.', effect: 'undetermined' }] }));
  expect(unread).toContain('No repository was found in what could be read of the app.');
  expect(unread).not.toContain('says nothing');
});

test('what there is to say about a repository: places, findings once, images with the findings that name them', () => {
  const text = planText(plan([retention()]));
  expect(text).toContain('\n  Shop/shop/api/Retention (Custom::DrydockLifecyclePolicy in Shop)\n');
  expect(text.match(/^DD-GATE-103 at /gm)).toHaveLength(1);
  expect(text).toMatch(/\nPreview of lifecycle policy [0-9a-f]{16} on shop\/api: stopped by the gate\n/);
  expect(text).toMatch(/ 2\.2\.0, production .*DD-GATE-103, DD-GATE-105\n/);
});

test('findings of the preview that the plan does not repeat are not lost, and decide where the gate stopped it', () => {
  const one = retention();
  const finding = { severity: 'error' as const, code: 'DD-GATE-106', message: 'A protected digest goes.' };
  const text = planText(plan([{ ...one, lifecycle: { ...one.lifecycle!, preview: { ...one.lifecycle!.preview!, findings: [finding] } } }]));
  expect(text).toContain('DD-GATE-106 at Shop/shop/api/Retention: A protected digest goes.');
  expect(text).toContain('4 findings stop this deployment.');
});

test('nothing is said about a repository to which nothing happens', () => {
  expect(planText(plan([quiet]))).not.toContain('shop/web: unchanged');
  expect(planText(plan([quiet]))).toContain('passed: Nothing stops this deployment.');
});

test('settings, access and what nobody can tell', () => {
  const text = planText(plan([retention({
    change: 'replace',
    settings: [{ name: 'encryptionConfiguration', before: 'AES256', after: 'KMS', replaces: true }, { name: 'tags/team', before: 'shop' }],
    access: {
      complete: false, changes: [
        { change: 'gains', who: 'everybody', actions: ['ecr:BatchGetImage'], before: [], after: [], marks: ['public'], text: 'everybody may pull' },
        { change: 'loses', who: 'AWS 111122223333', actions: ['ecr:PutImage'], before: [], after: [], marks: [], text: 'account 111122223333 may no longer push' },
      ],
    },
  })], { outcome: 'undetermined', findings: [{ severity: 'error', code: 'DD-REVIEW-009', message: 'Stack Web cannot be read.', effect: 'undetermined' }] }));
  expect(text).toContain('undetermined: 1 thing could not be checked.');
  expect(text).toContain('encryptionConfiguration: AES256 to KMS; cannot be changed in place, so the repository is replaced');
  expect(text).toContain('tags/team: shop, no longer set');
  expect(text).toMatch(/\n {2}\+ everybody may pull\n {2}- account 111122223333 may no longer push\n {2}Parts of the policy/);
  expect(text).toContain('shop/api: REPLACED');
});

test('lists are limited, and say how to see the rest', () => {
  expect(planText(plan([retention()]), { limit: 3, more: ': --all lists them' })).toMatch(/and 295 more: --all lists them/);
});

test('no line is wider than the terminal, for names that can be broken', () => {
  const text = planText(plan([retention(), repositoryPlan({ title: 'a/rather/long/name', inventory: manyImages(300), policy: LAYERED, policyInForce: { rules: [rule(1, { tagStatus: 'untagged', ...days(9) })] } })]), { width: 110 });
  expect(text.split('\n').filter((line) => displayWidth(line) > 110)).toEqual([]);
});

test('colours are the caller\'s: without one there are none, with one all of them go through it', () => {
  const painted: string[] = [];
  const plain = planText(plan([retention()]));
  const coloured = planText(plan([retention()]), {
    paint: (text, tone) => {
      painted.push(`${tone}`);
      return text;
    },
  });
  expect(coloured).toBe(plain);
  expect(new Set(painted)).toEqual(new Set(['title', 'bad', 'quiet', 'undefined', ...painted.filter((tone) => tone === 'good' || tone === 'warning')]));
});

test('whatever a plan holds, nothing of it acts on the terminal', () => {
  fc.assert(fc.property(hostilePlan, (hostile: Plan) => {
    expect(planText(hostile).replace(/\n/g, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/u);
  }), { numRuns: 30 });
});
