import { CleanupPlan, CleanupSettings } from './model';
import { Problem } from '../../errors';

/** What is over the limits of a cleanup. */
export function overLimits(plan: CleanupPlan, { maxImages, maxPercent }: CleanupSettings): Problem[] {
  const count = plan.doomed.length;
  const problems: Problem[] = [];
  if (maxImages !== undefined && count > maxImages) {
    problems.push({
      code: 'DD-IMAGE-301', pointer: 'MaxImages', value: count, message: `${images(count)} would be deleted; ${maxImages} may.`, fix: `raise maxImages to ${count}`,
    });
  }
  // Compared as products: 29 of 100 is not more than 29 percent, whatever a division would make of it.
  if (maxPercent !== undefined && count * 100 > maxPercent * plan.imageCount) {
    const percent = Math.ceil(count * 100 / plan.imageCount);
    problems.push({
      code: 'DD-IMAGE-302', pointer: 'MaxPercent', value: percent,
      message: `${images(count)} of ${plan.imageCount} (${percent} %) would be deleted; ${maxPercent} % may.`, fix: `raise maxPercent to ${percent}`,
    });
  }
  return problems;
}

export function images(count: number): string {
  return `${count} ${count === 1 ? 'image' : 'images'}`;
}
