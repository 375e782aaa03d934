import { PolicyDocument, Rule, Uncertainty, Verdict } from './model';

/** The verdict as sentences for people: what happens, which rule decided, by what measure, and what is uncertain about it. */
export function explain(verdict: Verdict, policy: PolicyDocument): string {
  const rule = policy.rules.find(({ rulePriority }) => rulePriority === verdict.rulePriority);
  return [main(verdict, rule), ...verdict.uncertain.map((mark) => UNCERTAIN[mark])].join(' ');
}

/** What a rule selects, in words: `images tagged prod*`. */
export function selectionText({ selection }: Rule, count = 2): string {
  const archived = selection.storageClass === 'archive' ? 'archived ' : '';
  const noun = count === 1 ? 'image' : 'images';
  switch (selection.tagStatus) {
    case 'any': return `${archived}${noun}`;
    case 'untagged': return `${archived}untagged ${noun}`;
    case 'tagged': {
      const entries = [...selection.tagPatternList ?? [], ...(selection.tagPrefixList ?? []).map((prefix) => `${prefix}*`)];
      return `${archived}${noun} tagged ${andList(entries)}`;
    }
  }
}

/** `1st`, `2nd`, `112th`. */
export function ordinal(n: number): string {
  const suffix = n % 100 >= 11 && n % 100 <= 13 ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th';
  return `${n}${suffix}`;
}

/** What a mark means, as a sentence. */
export const UNCERTAIN: Readonly<Record<Uncertainty, string>> = {
  TIE_AT_CUT: 'Uncertain: it was pushed at the same moment as images on the other side of the cut, and ECR does not say which of them it keeps.',
  DAY_BOUNDARY: 'Uncertain: it is within a day of the limit, and ECR does not say how it measures a day.',
  PULL_TIME_SLACK: 'Uncertain: the recorded pull time may be up to a day behind the last pull.',
  REFERRER_SELECTED: 'Uncertain: ECR does not say whether its rules count and select referrers such as signatures.',
  REFERRER_CASCADE: 'ECR lets referrers follow their subject within 24 hours.',
  HELD_BY_INDEX: 'ECR removes no image before the indexes that list it.',
  INDEX_GOES_FIRST: 'Every index that holds it goes by this policy too, so it can go in a later run, or even in the same one.',
  RESTORED_AGE: 'Its age is counted from its restoration from the archive.',
  ACTIVATING: 'Uncertain: it is being restored, and is read as archived until that is done.',
};

function main(verdict: Verdict, rule: Rule | undefined): string {
  const goes = verdict.outcome === 'EXPIRE' ? 'Expires' : 'Is archived';
  switch (verdict.reason) {
    case 'NO_RULE':
      return 'Kept: no rule selects it.';
    case 'FOLLOWS_SUBJECT':
      return `${goes}: it refers to ${verdict.becauseOf}, which goes by rule ${verdict.rulePriority}.`;
    case 'HELD_BY_INDEX':
      return `Kept for now: rule ${verdict.rulePriority} would ${verdict.heldAction === 'EXPIRE' ? 'expire' : 'archive'} it (${measure(verdict, rule!)}), but ${holders(verdict.heldBy!)}.`;
    case 'MARKED':
      return `${goes}: ${measure(verdict, rule!)}.`;
    default:
      return `Kept by rule ${verdict.rulePriority}: ${measure(verdict, rule!)}${shielded(verdict)}.`;
  }
}

function holders(indexes: readonly string[]): string {
  switch (indexes.length) {
    case 0: return 'ECR\'s own preview leaves it: an index lists it';
    case 1: return `the index ${indexes[0]} still lists it`;
    default: return `the indexes ${andList(indexes)} still list it`;
  }
}

function measure(verdict: Verdict, rule: Rule): string {
  const kept = verdict.reason !== 'MARKED' && verdict.reason !== 'HELD_BY_INDEX';
  if (verdict.rank !== undefined) {
    return `${ordinal(verdict.rank)} newest of ${verdict.selected} ${selectionText(rule, verdict.selected)}, `
      + (kept ? `${verdict.keep} ${verdict.keep === 1 ? 'is' : 'are'} kept` : `${named(rule)} keeps ${verdict.keep}`);
  }
  const limit = `${verdict.limitDays} day${verdict.limitDays === 1 ? '' : 's'}`;
  return `${since(verdict, rule)} ${days(verdict.ageDays!)} ago, ${kept ? `${selectionText(rule)} are kept ${limit}` : `${named(rule)} keeps ${limit}`}`;
}

function since({ ageFrom }: Verdict, rule: Rule): string {
  const neverPulled = rule.selection.countType === 'sinceImagePulled' ? 'never pulled, ' : '';
  switch (ageFrom!) {
    case 'PUSHED': return `${neverPulled}pushed`;
    case 'PULLED': return 'last pulled';
    case 'RESTORED': return `${neverPulled && 'not pulled since it was '}restored from the archive`;
    case 'ARCHIVED': return 'archived';
  }
}

function named(rule: Rule): string {
  return `rule ${rule.rulePriority} (\`${rule.description || selectionText(rule)}\`)`;
}

function shielded({ shieldedFrom }: Verdict): string {
  return shieldedFrom.length === 0 ? '' : `; this also shields it from rule${shieldedFrom.length === 1 ? '' : 's'} ${andList(shieldedFrom.map(String))}`;
}

/** Whole days from ten on, tenths below; rounded down, so that an image is never called older than it is. */
function days(age: number): string {
  const rounded = Math.abs(age) >= 10 ? Math.floor(age) : Math.floor(age * 10) / 10;
  return `${rounded} day${rounded === 1 ? '' : 's'}`;
}

function andList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}
