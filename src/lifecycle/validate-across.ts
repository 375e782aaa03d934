import { CheckedRule } from './validate-rule';
import { child, ProblemList, show } from './validate-support';

/** What no rule can be told by itself: unique priorities, and per storage class one `untagged` rule, `any` last, no list twice. */
export function checkAcrossRules(list: ProblemList, rules: readonly CheckedRule[]): void {
  checkPriorities(list, rules);
  for (const storageClass of ['standard', 'archive'] as const) {
    const ofClass = rules.filter((rule) => rule.storageClass === storageClass);
    checkUntagged(list, ofClass, storageClass);
    checkAny(list, ofClass, storageClass);
    checkListsDiffer(list, ofClass);
  }
}

function checkPriorities(list: ProblemList, rules: readonly CheckedRule[]): void {
  const first = new Map<number, CheckedRule>();
  const taken = new Set(rules.map((rule) => rule.rulePriority));
  for (const rule of rules) {
    if (rule.rulePriority === undefined) {
      continue;
    }
    const other = first.get(rule.rulePriority);
    if (other === undefined) {
      first.set(rule.rulePriority, rule);
      continue;
    }
    let free = rule.rulePriority;
    while (taken.has(free)) {
      free++;
    }
    list.problem('DD-LIFECYCLE-008', child(rule.pointer, 'rulePriority'), `rulePriority ${rule.rulePriority} is already that of ${other.pointer}; every rule needs its own.`, {
      value: rule.rulePriority,
      fix: `Give one of them another number; ${free} is free.`,
    });
  }
}

function checkUntagged(list: ProblemList, rules: readonly CheckedRule[], storageClass: string): void {
  const [first, ...further] = rules.filter((rule) => rule.tagStatus === 'untagged');
  for (const rule of further) {
    list.problem('DD-LIFECYCLE-017', `${rule.pointer}/selection/tagStatus`, `A second rule selects untagged images of the storage class ${storageClass}; the first is ${first.pointer}.`, {
      value: 'untagged',
      fix: 'Keep one of them.',
      awsMessage: 'Only one rule can select Untagged images per storage class.',
    });
  }
}

function checkAny(list: ProblemList, rules: readonly CheckedRule[], storageClass: string): void {
  const numbered = rules.filter((rule) => rule.rulePriority !== undefined);
  const highest = Math.max(...numbered.map((rule) => rule.rulePriority!));
  for (const rule of numbered) {
    const later = numbered.find((other) => other !== rule && other.rulePriority! >= rule.rulePriority! && other.rulePriority === highest);
    if (rule.tagStatus === 'any' && later !== undefined) {
      list.problem('DD-LIFECYCLE-018', child(rule.pointer, 'rulePriority'), `The rule selects any image of the storage class ${storageClass} but ${later.pointer} has the number ${later.rulePriority}: nothing would be left for it.`, {
        value: rule.rulePriority,
        fix: later.tagStatus === 'any' ? 'Keep only one rule with `any` per storage class.' : `Give the rule a number above ${highest}.`,
        awsMessage: 'Rule for tagStatus=ANY must have the lowest priority per storage class',
      });
    }
  }
}

/** AWS words it as a unique set of prefixes. Whether single strings may recur, and whether patterns are included, is not documented. */
function checkListsDiffer(list: ProblemList, rules: readonly CheckedRule[]): void {
  for (const name of ['tagPatternList', 'tagPrefixList'] as const) {
    const lists = new Map<string, CheckedRule>();
    const firstWith = new Map<string, CheckedRule>();
    for (const rule of rules) {
      if (rule.list?.name === name && rule.list.entries.length > 0) {
        checkListDiffers(list, rule, rule.list.entries, `${rule.pointer}/selection/${name}`, lists, firstWith);
      }
    }
  }
}

function checkListDiffers(
  list: ProblemList, rule: CheckedRule, entries: readonly string[], at: string, lists: Map<string, CheckedRule>, firstWith: Map<string, CheckedRule>,
): void {
  const distinct = [...new Set(entries)].sort();
  const key = JSON.stringify(distinct);
  const same = lists.get(key);
  if (same !== undefined) {
    list.problem('DD-LIFECYCLE-019', at, `The list is the same as that of ${same.pointer}; the rule of higher priority would shield everything from the other.`, {
      value: entries,
      fix: 'Join the two rules, or make the lists differ.',
    });
    return;
  }
  lists.set(key, rule);
  for (const entry of distinct) {
    const other = firstWith.get(entry);
    if (other === undefined) {
      firstWith.set(entry, rule);
    } else {
      list.warning('DD-LIFECYCLE-109', at, `${show(entry)} also stands in the list of ${other.pointer}; ECR may insist that no entry occurs twice in a storage class.`, {
        value: entry,
        fix: 'Join the rules, or say the same with a different entry.',
      });
    }
  }
}
