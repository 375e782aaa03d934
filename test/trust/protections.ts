import { ANSWERS } from './failures/answers';
import { DELIVERIES } from './failures/deliveries';
import { FOREIGN } from './failures/foreign';
import { ClassicFailure } from './model';

/** The fifteen classic failures of custom resources, and what keeps each of our handlers from them. */
export const CLASSIC_FAILURES: readonly ClassicFailure[] = [...ANSWERS, ...FOREIGN, ...DELIVERIES];
