import * as fc from 'fast-check';
import { plan, placeOf, repositoryPlan, rule } from './plans';
import { Inventory } from '../../src/lifecycle/model';
import { AccessSentence, Plan, PlanFinding } from '../../src/report/plan';

const DIGITS = '0123456789abcdef';

/** What somebody would put into a tag, a name or a description to get out of where it is shown. */
export const hostileText = fc.array(fc.oneof(
  {
    weight: 3, arbitrary: fc.constantFrom(
      '</details>', '<details>', '<img src=x onerror=alert(1)>', '</script><script>alert(1)</script>', '<!--', '-->', ']]>', '|', '\\|', '\\', '`', '```', '``` \n', '@octocat', '#1', 'GH-1',
      'https://evil.example/x', 'www.evil.example', '[a](javascript:alert(1))', '![x](http://evil.example/p.png)', '**', '__', '~~', '&lt;', '&#124;', '$$', '{{', '${x}', '\n', '\r\n', '\t',
      '\u001b[31m', '\u202e', '\u2028', '\u2029', '\u200b', '\ud800', '\u0000', '\u009b2J', '__proto__', 'constructor', '%', '../', '"', "'", '# ', '- ', '1. ', '| --- |', ':boom:',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 8 }) },
), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

const digest = (n: number) => `sha256:${Array.from({ length: 64 }, (_, i) => DIGITS[(n * 7 + i * 5) % 16]).join('').slice(0, 56)}${n.toString(16).padStart(8, '0')}`;

const inventory: fc.Arbitrary<Inventory> = fc.array(fc.record({
  imageTags: fc.option(fc.array(hostileText, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  age: fc.nat({ max: 400 * 86_400 }),
  size: fc.option(fc.nat({ max: 1e9 }), { nil: undefined }),
  pulled: fc.option(fc.nat({ max: 86_400 }), { nil: undefined }),
  odd: fc.boolean(),
  subject: fc.option(fc.nat({ max: 20 }), { nil: undefined, freq: 3 }),
}), { minLength: 1, maxLength: 12 }).map((images) => ({
  imageDetails: images.map(({ imageTags, age, size, pulled, odd, subject }, i) => ({
    imageDigest: odd && i % 4 === 3 ? `odd:${i}|<b>` : digest(i),
    ...(imageTags && { imageTags }), imagePushedAt: 1_769_860_800 - age, ...(size !== undefined && { imageSizeInBytes: size }),
    ...(pulled !== undefined && { lastRecordedPullTime: new Date((1_769_860_800 - Math.min(age, pulled)) * 1000).toISOString() }),
    ...(subject !== undefined && subject !== i && { subjectManifestDigest: digest(subject) }),
  })),
  manifestChildren: images.length > 3 ? { [digest(0)]: [digest(1), digest(99)] } : {},
}));

const finding: fc.Arbitrary<PlanFinding> = fc.record({
  severity: fc.constantFrom('error', 'warning', 'note'),
  code: fc.oneof(fc.constantFrom('DD-GATE-103', 'DD-LIFECYCLE-101'), hostileText),
  message: hostileText,
  fix: hostileText,
  effect: fc.constantFrom('block' as const, 'undetermined' as const, undefined),
  at: fc.option(hostileText.map((text) => ({ ...placeOf(text), templateFile: text, stackName: text })), { nil: undefined }),
  place: hostileText,
}, { requiredKeys: ['severity', 'code', 'message'] });

const sentence: fc.Arbitrary<AccessSentence> = fc.record({
  change: fc.constantFrom('gains', 'loses', 'differs'), who: hostileText, actions: fc.array(hostileText, { maxLength: 2 }), before: fc.array(hostileText, { maxLength: 1 }),
  after: fc.array(hostileText, { maxLength: 1 }), marks: fc.subarray(['public', 'cross-account', 'service-without-source'] as const), text: hostileText,
});

/** Plans whose every text is meant to break out. */
export const hostilePlan: fc.Arbitrary<Plan> = fc.record({
  app: hostileText, against: hostileText, findings: fc.array(finding, { maxLength: 4 }),
  repositories: fc.array(fc.record({
    title: hostileText, inventory, description: hostileText, findings: fc.array(finding, { maxLength: 3 }), sentences: fc.array(sentence, { maxLength: 3 }),
    setting: hostileText, images: fc.boolean(),
    change: fc.constantFrom('create', 'adopt', 'update', 'replace', 'delete', 'leave', 'none', 'unknown'),
  }), { maxLength: 3 }),
}).map(({ app, against, findings, repositories }) => plan(repositories.map((one) => {
  const made = repositoryPlan({
    title: one.title, inventory: one.inventory, policy: { rules: [rule(1, { countNumber: 3 }, { description: one.description.slice(0, 256) })] }, gate: { countAgainst: 'everything', maxExpiringImages: 4 },
  });
  const { inventory: known, ...lifecycle } = made.lifecycle!;
  return {
    ...made, change: one.change, lifecycle: one.images ? { ...lifecycle, inventory: known } : lifecycle, findings: [...made.findings, ...one.findings],
    settings: [{ name: one.setting, before: one.setting, after: one.title, replaces: true }], access: { complete: false, changes: one.sentences },
  };
}), { app, against: { kind: 'inventory', text: against }, findings }));
