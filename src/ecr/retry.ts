import { isAccessDenied, isThrottle, isTransient, withOperation } from './errors';

export interface RetrySettings {
  readonly retryBaseMillis: number;
  readonly retryMaxMillis: number;
  /** How long a call is repeated that fails for reasons of the service or the network; throttled ones are repeated until time is up. */
  readonly transientWindowMillis: number;
  /**
   * From the start of the run: a role and its policies that were made moments ago are not known everywhere yet.
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
   */
  readonly accessDeniedWindowMillis: number;
}

/** Time is up before the work is done. `cause` is what kept it waiting last, where that was an error. */
export class TimeIsUp extends Error {
  public readonly name = 'TimeIsUp';
}

export function isTimeIsUp(error: unknown): error is TimeIsUp {
  return error instanceof Error && error.name === 'TimeIsUp';
}

/** What a run may spend: calls are repeated, and waits last, until its signal says stop. */
export class Budget {
  constructor(
    public readonly signal: AbortSignal,
    /** Milliseconds since the run began, by a clock that never jumps. */
    private readonly elapsed: () => number,
    private readonly settings: RetrySettings,
  ) {}

  /** Makes a call until it succeeds, fails for good, or time is up. */
  public async call<T>(operation: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.persist(() => this.once(operation, attempt));
  }

  /** Repeats a whole step, its reads and decisions included, for as long as it fails for reasons that may pass. */
  public async persist<T>(step: () => Promise<T>): Promise<T> {
    const began = this.elapsed();
    let last: unknown;
    for (let failures = 1; ; failures += 1) {
      try {
        return await step();
      } catch (error) {
        if (isTimeIsUp(error) && last !== undefined) {
          // More telling than the attempt that happened to be broken off.
          throw new TimeIsUp(error.message, { cause: last });
        }
        if (isTimeIsUp(error) || !this.mayPass(error, began)) {
          throw error;
        }
        last = error;
        await this.wait(this.backoff(failures), error);
      }
    }
  }

  /**
   * Makes a call once: for writes and deletions of a whole document or repository. Before one is sent again, what it was decided on must be read
   * again (`persist`): somebody else's may have come in between.
   */
  public async once<T>(operation: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.check();
    try {
      return await attempt(this.signal);
    } catch (error) {
      if (this.signal.aborted) {
        // That the call was broken off is no news.
        throw new TimeIsUp(`Time was up during ${operation}.`, error instanceof Error && error.name !== 'AbortError' ? { cause: error } : undefined);
      }
      throw withOperation(error, operation);
    }
  }

  /** Whether an error may pass by itself; `began` is when the work on this call began. */
  public mayPass(error: unknown, began: number): boolean {
    if (isThrottle(error)) {
      return true;
    }
    if (isAccessDenied(error)) {
      return this.elapsed() < this.settings.accessDeniedWindowMillis;
    }
    return isTransient(error) && this.elapsed() - began < this.settings.transientWindowMillis;
  }

  /** Full jitter: many handlers of one deployment must not come back all at once. */
  public backoff(failures: number): number {
    const most = Math.min(this.settings.retryMaxMillis, this.settings.retryBaseMillis * 2 ** (failures - 1));
    return most / 2 + Math.random() * most / 2;
  }

  public now(): number {
    return this.elapsed();
  }

  public check(cause?: unknown): void {
    if (this.signal.aborted) {
      throw new TimeIsUp('Time is up.', cause === undefined ? undefined : { cause });
    }
  }

  /** Waits, unless time is up before. */
  public async wait(millis: number, cause?: unknown): Promise<void> {
    this.check(cause);
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, millis);
      this.signal.addEventListener('abort', done, { once: true });
    });
    this.check(cause);
  }
}
