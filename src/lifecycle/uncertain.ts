/* eslint-disable no-bitwise -- one bit a mark */
import { clock, NO_OWNER, RuleColumns } from './apply-rules';
import { Columns } from './columns';
import { Rule, Uncertainty } from './model';
import { Outcomes } from './outcomes';

export const UNCERTAINTIES: readonly Uncertainty[] = [
  'TIE_AT_CUT', 'DAY_BOUNDARY', 'PULL_TIME_SLACK', 'REFERRER_SELECTED', 'REFERRER_CASCADE', 'HELD_BY_INDEX', 'INDEX_GOES_FIRST', 'RESTORED_AGE',
  'ACTIVATING',
];

/** One bit for each of UNCERTAINTIES, in their order. */
export function markUncertain(columns: Columns, applied: RuleColumns, outcomes: Outcomes): Uint16Array {
  const marks = new Uint16Array(columns.count);
  const mark = (name: Uncertainty, images: Iterable<number>) => {
    const bit = 1 << UNCERTAINTIES.indexOf(name);
    for (const image of images) {
      marks[image] |= bit;
    }
  };
  const { owner, rules } = applied;
  mark('TIE_AT_CUT', applied.ties);
  mark('DAY_BOUNDARY', applied.nearBoundary);
  mark('PULL_TIME_SLACK', applied.pullSlack);
  mark('REFERRER_SELECTED', applied.amongReferrers);
  mark('REFERRER_SELECTED', columns.referrers.filter((i) => owner[i] !== NO_OWNER));
  mark('REFERRER_CASCADE', outcomes.followers);
  mark('REFERRER_CASCADE', outcomes.heldReferrers);
  mark('HELD_BY_INDEX', outcomes.held);
  mark('HELD_BY_INDEX', outcomes.heldReferrers);
  mark('INDEX_GOES_FIRST', outcomes.followLater);
  mark('ACTIVATING', columns.activating);
  mark('RESTORED_AGE', columns.restored.filter((i) => owner[i] !== NO_OWNER && agesByRestoration(rules[owner[i]], columns, i)));
  return marks;
}

function agesByRestoration(rule: Rule, columns: Columns, image: number): boolean {
  return rule.selection.countType === 'imageCountMoreThan' || clock(rule, columns, image).from === 'RESTORED';
}
