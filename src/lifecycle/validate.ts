import { Problem } from '../errors';
import { LifecycleCode } from './codes';
import { PolicyDocument } from './model';
import { checkAcrossRules } from './validate-across';
import { checkRule } from './validate-rule';
import { child, countOf, isObject, kindOf, ProblemList, show } from './validate-support';

export interface ValidationResult {
  /** No problems; warnings may remain. */
  readonly valid: boolean;
  /** What ECR would refuse, as far as that is known. */
  readonly problems: readonly Problem[];
  /** What ECR may refuse or read differently. */
  readonly warnings: readonly Problem[];
  /** The document, when it is valid. */
  readonly policy?: PolicyDocument;
}

/** Limits of `lifecyclePolicyText` in the service model, and of the document in the quota table. */
export const POLICY_TEXT_MIN = 100;
export const POLICY_TEXT_MAX = 30_720;
export const RULES_MAX = 50;
/** Of longer lists nobody reads what is wrong with each rule, and rules are compared with one another. */
const RULES_READ = 1_000;

/** Longer texts are not parsed at all: nothing in them could make them acceptable. */
const PARSE_MAX = 1_000_000;

/**
 * Checks a policy text against everything ECR is known to require; every problem at once.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export function validatePolicyText(text: string): ValidationResult {
  const list = new ProblemList();
  checkLength(list, text.length);
  if (text.length > PARSE_MAX) {
    return list.result();
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    list.problem('DD-LIFECYCLE-002', '', `The policy text is not JSON: ${(error as Error).message}.`, {
      value: text,
      fix: 'Give the policy as a JSON object with a list `rules`.',
      awsMessage: 'Could not map policyString into LifecyclePolicy.',
    });
    return list.result();
  }
  checkDocument(list, document);
  return list.result(document);
}

/** The same for a document that is an object already. The length checked is that of its compact JSON text. */
export function validatePolicy(document: unknown): ValidationResult {
  const list = new ProblemList();
  const length = compactLength(document);
  // A short document always has a problem of its own; how short its text is would only distract.
  if (length > POLICY_TEXT_MAX) {
    checkLength(list, length);
  }
  checkDocument(list, document);
  return list.result(document);
}

/**
 * The text of ECR's InvalidParameterException for a refused policy. Where AWS's own wording is unknown, ours stands in its frame; clients
 * should not parse it. Only the first stage that fails is told, as a service does that checks length, JSON, schema, then rules against each other.
 */
export function awsErrorMessage(result: ValidationResult): string | undefined {
  if (result.valid) {
    return undefined;
  }
  const length = result.problems.find((p) => p.code === 'DD-LIFECYCLE-001');
  if (length) {
    return frame('lifecyclePolicyText', length.awsMessage ?? length.message);
  }
  const stages = [result.problems.filter((p) => !ACROSS_RULES.has(p.code)), result.problems];
  const failed = stages.find((stage) => stage.length > 0)!;
  const texts = new Set(failed.map((p) => p.awsMessage ?? p.message));
  return frame('LifecyclePolicyText', `Lifecycle policy validation failure: ${[...texts].join('\n')}`);
}

const ACROSS_RULES: ReadonlySet<string> = new Set<LifecycleCode>(['DD-LIFECYCLE-017', 'DD-LIFECYCLE-018', 'DD-LIFECYCLE-019']);

function frame(member: string, text: string): string {
  return `Invalid parameter at '${member}' failed to satisfy constraint: '${text}'`;
}

function checkLength(list: ProblemList, length: number): void {
  if (length < POLICY_TEXT_MIN) {
    list.problem('DD-LIFECYCLE-001', '', `The policy text has ${countOf(length, 'character')}, ECR wants at least ${POLICY_TEXT_MIN}.`, {
      value: length,
      fix: 'A complete rule is longer than that; see whether the document is complete.',
      awsMessage: `Member must have length greater than or equal to ${POLICY_TEXT_MIN}`,
    });
  } else if (length > POLICY_TEXT_MAX) {
    list.problem('DD-LIFECYCLE-001', '', `The policy text has ${length} characters, ECR takes at most ${POLICY_TEXT_MAX}.`, {
      value: length,
      fix: 'Shorten descriptions and lists, or write it without white space.',
      awsMessage: `Member must have length less than or equal to ${POLICY_TEXT_MAX}`,
    });
  }
}

function checkDocument(list: ProblemList, document: unknown): void {
  if (!isObject(document)) {
    list.problem('DD-LIFECYCLE-002', '', `The policy is ${kindOf(document)}, not a JSON object.`, {
      value: document,
      fix: 'Give the policy as a JSON object with a list `rules`.',
      awsMessage: 'Could not map policyString into LifecyclePolicy.',
    });
    return;
  }
  list.unknownMembers(document, '', ['rules']);
  const rules = list.member(document, 'rules');
  if (rules === undefined) {
    list.problem('DD-LIFECYCLE-003', '', 'The policy has no `rules`.', {
      fix: 'Add a list `rules` with at least one rule.',
      awsMessage: 'object has missing required properties (["rules"])',
    });
    return;
  }
  if (!Array.isArray(rules)) {
    list.problem('DD-LIFECYCLE-003', '/rules', `\`rules\` is ${show(rules)}, not a list.`, {
      value: rules,
      fix: 'Write the rules in square brackets.',
      awsMessage: list.typeText(rules, 'array'),
    });
    return;
  }
  if (rules.length < 1 || rules.length > RULES_MAX) {
    list.problem('DD-LIFECYCLE-004', '/rules', `The policy has ${countOf(rules.length, 'rule')}; ECR takes 1 to ${RULES_MAX}.`, {
      value: rules.length,
      fix: rules.length < 1 ? 'Add a rule, or delete the lifecycle policy instead.' : 'Join rules that differ only in their tags, or remove some.',
    });
  }
  if (rules.length > RULES_READ) {
    return;
  }
  const checked = rules.map((rule: unknown, index) => checkRule(list, rule, child('/rules', index)));
  checkAcrossRules(list, checked);
}

function compactLength(document: unknown): number {
  try {
    return JSON.stringify(document)?.length ?? 0;
  } catch {
    // Nested too deeply or in a circle: the shape is refused below.
    return 0;
  }
}
