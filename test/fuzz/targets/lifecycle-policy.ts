import { canonicalPolicyText, coercePolicy, samePolicy } from '../../../src/lifecycle/canonical';
import { evaluate } from '../../../src/lifecycle/evaluate';
import { explain } from '../../../src/lifecycle/explain';
import { lint } from '../../../src/lifecycle/lint';
import { Inventory } from '../../../src/lifecycle/model';
import { awsErrorMessage, validatePolicy, validatePolicyText } from '../../../src/lifecycle/validate';
import { FuzzTarget, mustHold } from '../target';

export const NOW = '2026-01-31T12:00:00Z';
const digest = (n: number) => `sha256:${String(n).repeat(64).slice(0, 64)}`;
export const SMALL: Inventory = {
  imageDetails: [
    { imageDigest: digest(1), imageTags: ['prod-1', 'v1.2.3'], imagePushedAt: '2026-01-01T00:00:00Z' },
    { imageDigest: digest(2), imageTags: ['latest'], imagePushedAt: '2026-01-20T00:00:00Z' },
    { imageDigest: digest(3), imagePushedAt: '2025-01-01T00:00:00Z' },
    { imageDigest: digest(4), imageTags: ['prod-2'], imagePushedAt: '2025-03-01T00:00:00Z', imageStatus: 'ARCHIVED', lastArchivedAt: '2025-06-01T00:00:00Z' },
    { imageDigest: digest(5), imagePushedAt: '2026-01-20T00:00:00Z', subjectManifestDigest: digest(1) },
  ],
  manifestChildren: { [digest(2)]: [digest(3)] },
};

const rule = (rulePriority: number, selection: object, action: object = { type: 'expire' }) => ({ rulePriority, description: 'x', selection, action });
export const POLICIES: readonly object[] = [
  { rules: [rule(1, { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 })] },
  {
    rules: [
      rule(1, { tagStatus: 'tagged', tagPatternList: ['prod*', '*-1'], countType: 'imageCountMoreThan', countNumber: 2 }),
      rule(2, { tagStatus: 'tagged', tagPrefixList: ['v'], countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 }),
      rule(3, { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 7 }),
      rule(9, { tagStatus: 'any', countType: 'sinceImagePulled', countUnit: 'days', countNumber: 90 }, { type: 'transition', targetStorageClass: 'archive' }),
      rule(10, { tagStatus: 'any', storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 365 }),
    ],
  },
];

export const POLICY_WORDS = [
  'rules', 'rulePriority', 'description', 'selection', 'action', 'type', 'expire', 'transition', 'targetStorageClass', 'archive', 'standard', 'storageClass', 'tagStatus', 'tagged', 'untagged', 'any',
  'tagPatternList', 'tagPrefixList', 'countType', 'imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned', 'countUnit', 'days', 'countNumber',
];

/** The text of a lifecycle policy: checked, warned about, evaluated, explained, written again. */
export const lifecyclePolicy: FuzzTarget = {
  name: 'lifecycle-policy',
  words: POLICY_WORDS,
  seeds: () => POLICIES.flatMap((policy) => [JSON.stringify(policy), JSON.stringify(policy, undefined, 1).replace(/\d+/g, '"$&"')]),
  run(input) {
    const text = input.toString();
    const result = validatePolicyText(text);
    mustHold(result.valid === (result.problems.length === 0) && result.valid === (result.policy !== undefined), 'valid, problems and policy agree');
    mustHold(result.valid === (awsErrorMessage(result) === undefined), 'what is refused is refused in words');
    result.problems.forEach(({ code, message }) => mustHold(/^DD-LIFECYCLE-\d{3}$/.test(code) && message.length < 20_000, `a problem has a code and a message of bounded length: ${code} ${message.length}`));
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      return;
    }
    const { policy } = validatePolicy(coercePolicy(document));
    if (policy === undefined) {
      return;
    }
    const again = validatePolicyText(canonicalPolicyText(policy)).policy;
    mustHold(again !== undefined || canonicalPolicyText(policy).length < 100 || canonicalPolicyText(policy).length > 30_720, 'what is written can be read');
    mustHold(again === undefined || samePolicy(policy, again), 'what is written says the same');
    lint(policy, SMALL, NOW);
    for (const verdict of evaluate(policy, SMALL, NOW).verdicts()) {
      explain(verdict, policy);
    }
  },
};
