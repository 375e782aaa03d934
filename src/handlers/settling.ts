import { Run } from './run';
import { samePolicy } from '../access/compare';
import { AccessPolicy } from '../access/model';
import { isTimeIsUp } from '../ecr/retry';

/** Looks after the first, for as long as others are at work. */
const FURTHER_LOOKS_MAX = 10;
/** By how much slow calls make a pause longer, in pauses. */
const LONGER_MAX = 4;

/**
 * How long after a write the policy must be watched. A writer that read before it may still be about to set what it read; the write is lost then, and nothing in
 * ECR's answers says so. So the pause covers the time that such a writer may take: longer where our own calls are slow, for then its calls are too. And where the policy
 * shows that others are at work, there are further looks, until one sees what the last one saw.
 */
export class Settling {
  private slowestMillis = 0;
  private furtherLooks = 0;
  private last: AccessPolicy | undefined;
  private pending = false;

  constructor(private readonly run: Run) {}

  /** Makes a call and notes how long it took. */
  public async timed<T>(call: () => Promise<T>): Promise<T> {
    const began = this.run.budget.now();
    try {
      return await call();
    } finally {
      this.slowestMillis = Math.max(this.slowestMillis, this.run.budget.now() - began);
    }
  }

  /** A policy was sent. Whether or not an answer came: it may be in force, now or in a moment. */
  public sent(policy: AccessPolicy | undefined): void {
    this.pending = true;
    this.last = policy;
    this.furtherLooks = 0;
  }

  /** Whether a policy in which nothing of ours is missing may be trusted to stay so. Otherwise it is to be looked at again, after a pause. */
  public isOver(current: AccessPolicy | undefined): boolean {
    if (!this.pending && (this.last === undefined ? current === undefined : current !== undefined && samePolicy(this.last, current))) {
      return true;
    }
    this.furtherLooks += this.pending ? 0 : 1;
    this.last = current;
    return this.furtherLooks > FURTHER_LOOKS_MAX;
  }

  public async pause(): Promise<void> {
    const { settleMillis, settleJitterMillis } = this.run.timing;
    await this.run.budget.wait(settleMillis + Math.min(2 * this.slowestMillis, LONGER_MAX * settleMillis) + Math.random() * settleJitterMillis);
    this.pending = false;
  }

  /** The same, for a look that is only to make sure: without time for it, what was seen last holds. */
  public async pauseIfTime(): Promise<boolean> {
    try {
      await this.pause();
      return true;
    } catch (error) {
      if (isTimeIsUp(error)) {
        return false;
      }
      throw error;
    }
  }
}
