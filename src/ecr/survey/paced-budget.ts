import { isAccessDenied, isNetworkFailure, isThrottle } from '../errors';
import { Budget, RetrySettings } from '../retry';
import { Pace } from './pace';

export const SURVEY_RETRIES: RetrySettings = { retryBaseMillis: 100, retryMaxMillis: 5_000, transientWindowMillis: 60_000, accessDeniedWindowMillis: 0 };

/** An endpoint that never answered is given up sooner than one that did. */
const FIRST_ANSWER_MILLIS = 2_000;
/** ECR never refuses one and the same call for so long unless somebody else takes all there is. */
const THROTTLED_MILLIS = 180_000;

/** Calls at the survey's pace. A denied permission is final: this is no role that was made moments ago. */
export class PacedBudget extends Budget {
  private answered = false;

  constructor(signal: AbortSignal, public readonly pace: Pace, elapsed: () => number = () => performance.now(), settings: RetrySettings = SURVEY_RETRIES) {
    super(signal, elapsed, settings);
  }

  public override async once<T>(operation: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      const answer = await this.pace.run(operation, (millis) => this.wait(millis), () => super.once(operation, attempt), isThrottle);
      this.answered = true;
      return answer;
    } catch (error) {
      this.answered ||= !isNetworkFailure(error);
      throw error;
    }
  }

  public override mayPass(error: unknown, began: number): boolean {
    if (isAccessDenied(error)) {
      return false;
    }
    if (isThrottle(error)) {
      return this.now() - began < THROTTLED_MILLIS;
    }
    return super.mayPass(error, began) && (this.answered || this.now() - began < FIRST_ANSWER_MILLIS);
  }
}
