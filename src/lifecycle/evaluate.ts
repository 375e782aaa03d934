import { DrydockError } from '../errors';
import { applyRules } from './apply-rules';
import { readColumns } from './columns';
import { Evaluation, ImageEvaluation } from './evaluation';
import { Inventory, PolicyDocument, Timestamp } from './model';
import { settle } from './outcomes';
import { TagIndex } from './tag-index';
import { epochMillis } from './time';
import { validatePolicy } from './validate';

export type { Evaluation } from './evaluation';

/**
 * What the policy does to the images of one repository at a point in time: one run of ECR's own. Throws a DrydockError when policy, inventory
 * or time cannot be read, rather than judge by guesses.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function evaluate(policy: PolicyDocument, inventory: Inventory, now: Timestamp): Evaluation {
  refuseUnreadable(policy);
  const time = epochMillis(now);
  if (Number.isNaN(time)) {
    throw new DrydockError({ code: 'DD-INVENTORY-003', pointer: 'now', message: 'The time to judge at is no point in time.', value: now });
  }
  const rules = [...policy.rules].sort((a, b) => a.rulePriority - b.rulePriority);
  const tags = new TagIndex(rules.map((rule) => rule.selection));
  const columns = readColumns(inventory, tags);
  const applied = applyRules(rules, tags, columns, time);
  return new ImageEvaluation(policy, time, columns, applied, settle(columns, applied));
}

/** Rules of validity without which a document has no meaning. The others (lengths, counts, uniqueness of lists) are ECR's to enforce. */
const NEEDED = new Set([2, 3, 6, 7, 8, 9, 10, 12, 14, 15, 16].map((n) => `DD-LIFECYCLE-${String(n).padStart(3, '0')}`));

function refuseUnreadable(policy: PolicyDocument): void {
  const problems = validatePolicy(policy).problems.filter((problem) => NEEDED.has(problem.code));
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: 'The lifecycle policy cannot be evaluated:' });
  }
}
