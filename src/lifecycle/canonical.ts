import { PolicyDocument, Rule, RuleAction, Selection } from './model';

/**
 * The policy as ECR writes it back: no white space, members in ECR's order, rules by priority, empty lists left out. What the writer
 * chose (the order of list entries, a written `"storageClass":"standard"`) stays. ECR's samples do not show where `storageClass` stands; it
 * follows the list here.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicy.html
 */
export function canonicalPolicyText(policy: PolicyDocument): string {
  return JSON.stringify({ rules: byPriority(policy.rules).map((rule) => ruleOf(rule, selectionOf(rule.selection))) });
}

/**
 * The policy's meaning as text: two policies have the same one exactly when they differ in nothing but white space, the order of
 * members, rules and list entries, repeated list entries, a written or omitted `standard` storage class, an empty list or
 * description or none. A different description is a different policy: it would have to be put.
 */
export function comparisonText(policy: PolicyDocument): string {
  const rules = policy.rules.map((rule) => {
    const { tagPatternList, tagPrefixList, storageClass, ...rest } = rule.selection;
    const selection = selectionOf({
      ...rest,
      tagPatternList: tagPatternList && unordered(tagPatternList),
      tagPrefixList: tagPrefixList && unordered(tagPrefixList),
      storageClass: storageClass === 'standard' ? undefined : storageClass,
    });
    return ruleOf({ ...rule, description: rule.description || undefined }, selection);
  });
  // Equal priorities are not valid, yet two such documents are compared without a crash and without regard to order.
  const texts = byPriority(rules).map((rule) => ({ priority: rule.rulePriority, text: JSON.stringify(rule) }));
  texts.sort((a, b) => a.priority - b.priority || (a.text < b.text ? -1 : 1));
  return `{"rules":[${texts.map(({ text }) => text).join(',')}]}`;
}

/** Whether two policies say the same, see `comparisonText`. */
export function samePolicy(a: PolicyDocument, b: PolicyDocument): boolean {
  return comparisonText(a) === comparisonText(b);
}

/**
 * Undoes what CloudFormation does to a custom resource's properties: `rulePriority` and `countNumber` that became strings are numbers
 * again. Everything else stays as it is, so that the validator sees what was written.
 */
export function coercePolicy(document: unknown): unknown {
  if (!isObject(document) || !Array.isArray(document.rules)) {
    return document;
  }
  return {
    ...document,
    rules: document.rules.map((rule: unknown) => {
      if (!isObject(rule)) {
        return rule;
      }
      const numbered = coerceMember(rule, 'rulePriority');
      return isObject(numbered.selection) ? { ...numbered, selection: coerceMember(numbered.selection, 'countNumber') } : numbered;
    }),
  };
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function coerceMember(object: Record<string, unknown>, member: string): Record<string, unknown> {
  const value = object[member];
  return typeof value === 'string' && JSON_NUMBER.test(value) ? { ...object, [member]: Number(value) } : object;
}

function ruleOf(rule: Rule, selection: object): Rule {
  return {
    rulePriority: rule.rulePriority,
    description: rule.description,
    selection: selection as Selection,
    action: actionOf(rule.action),
  };
}

function selectionOf(selection: Selection): Selection {
  return {
    tagStatus: selection.tagStatus,
    tagPatternList: selection.tagPatternList?.length ? selection.tagPatternList : undefined,
    tagPrefixList: selection.tagPrefixList?.length ? selection.tagPrefixList : undefined,
    storageClass: selection.storageClass,
    countType: selection.countType,
    countUnit: selection.countUnit,
    countNumber: selection.countNumber,
  };
}

function actionOf(action: RuleAction): RuleAction {
  return action.type === 'transition' ? { type: action.type, targetStorageClass: action.targetStorageClass } : { type: action.type };
}

function byPriority(rules: readonly Rule[]): Rule[] {
  return [...rules].sort((a, b) => a.rulePriority - b.rulePriority);
}

function unordered(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
