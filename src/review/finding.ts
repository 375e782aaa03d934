import { DesiredResource } from './desired';
import { ReviewChangeCode } from './review-codes';
import { PlanFinding } from '../report/plan';

/** How much a finding counts: `block` and `undetermined` decide the outcome. */
export type Weight = 'block' | 'undetermined' | 'warning' | 'note';

const SEVERITIES: Readonly<Record<Weight, PlanFinding['severity']>> = { block: 'error', undetermined: 'error', warning: 'warning', note: 'note' };

/** A finding about a resource of the app; `place` is a pointer below its properties. */
export function finding({ at }: Pick<DesiredResource, 'at'>, weight: Weight, code: ReviewChangeCode, message: string, fix: string, place?: string): PlanFinding {
  return {
    severity: SEVERITIES[weight], code, message, fix, at,
    ...(place !== undefined && { place }),
    ...(weight === 'block' || weight === 'undetermined' ? { effect: weight } : {}),
  };
}
