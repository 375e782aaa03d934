import { PolicyDocument, Rule, Uncertainty, Verdict } from './model';
import { countOf } from './validate-support';

/** The verdict as sentences for people: what happens, which rule decided, by what measure, and what is uncertain about it. */
export function explain(verdict: Verdict, policy: PolicyDocument): string {
  const rule = policy.rules.find(({ rulePriority }) => rulePriority === verdict.rulePriority);
  return [main(verdict, rule), ...verdict.uncertain.map((mark) => UNCERTAIN[mark])].join(' ');
}

/** What a rule selects, in words: `images tagged prod*`. */
export function selectionText({ selection }: Rule): string {
  const archived = selection.storageClass === 'archive' ? 'archived ' : '';
  switch (selection.tagStatus) {
    case 'any': return `${archived}images`;
    case 'untagged': return `${archived}untagged images`;
    case 'tagged': {
      const entries = [...selection.tagPatternList ?? [], ...(selection.tagPrefixList ?? []).map((prefix) => `${prefix}*`)];
      return `${archived}images tagged ${entries.join(' and ')}`;
    }
  }
}

function main(verdict: Verdict, rule: Rule | undefined): string {
  const goes = verdict.outcome === 'EXPIRE' ? 'Expires' : 'Is archived';
  switch (verdict.reason) {
    case 'NO_RULE':
      return 'Kept: no rule selects it.';
    case 'FOLLOWS_SUBJECT':
      return `${goes}: it refers to ${verdict.becauseOf}, which rule ${verdict.rulePriority} ${verdict.outcome === 'EXPIRE' ? 'expires' : 'archives'}.`;
    case 'HELD_BY_INDEX':
      return `Kept for now: rule ${verdict.rulePriority} would ${verdict.heldAction === 'EXPIRE' ? 'expire' : 'archive'} it (${measure(verdict, rule!)}), `
        + `but ${listOf(verdict.heldBy!)} in the repository still ${verdict.heldBy!.length === 1 ? 'refers' : 'refer'} to it.`;
    case 'MARKED':
      return `${goes}: ${measure(verdict, rule!)}.`;
    default:
      return `Kept by rule ${verdict.rulePriority}: ${measure(verdict, rule!)}${shielded(verdict)}.`;
  }
}

function measure(verdict: Verdict, rule: Rule): string {
  const marked = verdict.reason === 'MARKED';
  if (verdict.rank !== undefined) {
    const kept = `${verdict.keep} ${verdict.keep === 1 ? 'is' : 'are'} kept`;
    return `${ordinal(verdict.rank)} newest of ${verdict.selected} ${selectionText(rule)}, ${marked ? `rule ${rule.rulePriority}: ` : ''}${kept}`;
  }
  const since = { PUSHED: 'pushed', PULLED: 'last pulled', RESTORED: 'restored from the archive', ARCHIVED: 'archived' }[verdict.ageFrom!];
  return `${since} ${days(verdict.ageDays!)} ago, rule ${rule.rulePriority} (${selectionText(rule)}) keeps ${countOf(verdict.limitDays!, 'day')}`;
}

function shielded({ shieldedFrom }: Verdict): string {
  return shieldedFrom.length === 0 ? '' : `; this also shields it from rule${shieldedFrom.length === 1 ? '' : 's'} ${listOf(shieldedFrom.map(String))}`;
}

const UNCERTAIN: Readonly<Record<Uncertainty, string>> = {
  TIE_AT_CUT: 'Uncertain: it was pushed at the same moment as the image on the other side of the cut, and ECR does not say which of them it keeps.',
  DAY_BOUNDARY: 'Uncertain: it is within a day of the limit, and ECR does not say how it measures a day.',
  PULL_TIME_SLACK: 'Uncertain: the recorded pull time may be up to a day old.',
  REFERRER_SELECTED: 'Uncertain: ECR does not say whether rules count and select referrers such as signatures.',
  REFERRER_CASCADE: 'Referrers follow their subject within 24 hours.',
  HELD_BY_INDEX: 'An index must go before the images it lists.',
  INDEX_GOES_FIRST: 'Every index that holds it goes by this policy, so it follows in a later run, perhaps in the same one.',
  RESTORED_AGE: 'Its age is counted from its restoration from the archive.',
  ACTIVATING: 'Uncertain: it is being restored; until that is done it is read as archived.',
};

function days(age: number): string {
  const rounded = Math.floor(age * 10) / 10;
  return Math.abs(rounded) >= 10 ? countOf(Math.floor(age), 'day') : countOf(rounded, 'day');
}

export function ordinal(n: number): string {
  const suffix = n % 100 >= 11 && n % 100 <= 13 ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th';
  return `${n}${suffix}`;
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}
