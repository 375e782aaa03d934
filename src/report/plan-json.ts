import { Plan } from './plan';
import { safeJson } from './sanitise';

/** A plan as schemas/plan.schema.json describes it. `indent`: for people. */
export function planJson(plan: Plan, indent?: number): string {
  return `${safeJson(plan, indent)}\n`;
}
