export interface PaceSettings {
  /** Calls under way at the same time. */
  readonly concurrency: number;
  /** Calls per second of one operation that are never exceeded, by IAM action; `*` for all others. */
  readonly ceilings: Readonly<Record<string, number>>;
}

/**
 * Half of what ECR allows an account, where that is published: others need it too. The rest is not published, and found out.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
 */
export const CEILINGS: Readonly<Record<string, number>> = { 'ecr:BatchGetImage': 1_000, '*': 200 };

/** After a throttled call: to so much of the rate at which it happened. */
const DECREASE = 0.7;
/** From there on: so many calls per second more with every second. */
const INCREASE = 5;
const SLOWEST = 1;
/** Calls that were under way together are throttled together, and count once. */
const SAME_EVENT_MILLIS = 500;

/**
 * How fast calls are made: so many at a time, and, once ECR has throttled an operation, that operation at a rate that grows by the second and falls
 * with every further refusal (additive increase, multiplicative decrease). ECR counts operations one by one, so one that it throttles holds no other up.
 */
export class Pace {
  /** Calls that were made, repeated ones included, by IAM action. */
  public readonly calls: Record<string, number> = {};
  /** Calls that were throttled. */
  public throttled = 0;
  private readonly rates = new Map<string, Rate>();
  private readonly waiting: (() => void)[] = [];
  private active = 0;

  constructor(private readonly settings: PaceSettings, private readonly now: () => number = () => performance.now()) {}

  /** Makes a call when it is its turn. */
  public async run<T>(operation: string, wait: (millis: number) => Promise<void>, call: () => Promise<T>, isThrottle: (error: unknown) => boolean): Promise<T> {
    await this.enter();
    try {
      const rate = this.rateOf(operation);
      const millis = rate.reserve(this.now());
      if (millis >= 1) {
        await wait(millis);
      }
      this.calls[operation] = (this.calls[operation] ?? 0) + 1;
      try {
        return await call();
      } catch (error) {
        if (isThrottle(error)) {
          this.throttled += 1;
          rate.refused(this.now());
        }
        throw error;
      }
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.active >= this.settings.concurrency) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.active += 1;
    }
  }

  /** The place goes to whoever waits longest. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) {
      next();
    } else {
      this.active -= 1;
    }
  }

  private rateOf(operation: string): Rate {
    let rate = this.rates.get(operation);
    if (rate === undefined) {
      rate = new Rate(this.settings.ceilings[operation] ?? this.settings.ceilings['*'] ?? Infinity);
      this.rates.set(operation, rate);
    }
    return rate;
  }
}

/** The rate of one operation, as the moments at which its next calls may go. */
export class Rate {
  private next = -Infinity;
  private limit: { readonly rate: number; readonly since: number } | undefined;
  /** The last reservations, for the rate that was really reached. */
  private recent: number[] = [];

  constructor(private readonly ceiling: number) {}

  /** Calls per second that are allowed now. */
  public perSecond(now: number): number {
    return this.limit === undefined ? this.ceiling : Math.min(this.ceiling, this.limit.rate + INCREASE * (now - this.limit.since) / 1000);
  }

  /** Takes the next free moment, and gives the milliseconds until then. */
  public reserve(now: number): number {
    const at = Math.max(now, this.next);
    this.next = at + 1000 / this.perSecond(now);
    this.recent.push(at);
    if (this.recent.length > 2_000) {
      this.recent = this.recent.slice(-1_000);
    }
    return at - now;
  }

  public refused(now: number): void {
    if (this.limit !== undefined && now - this.limit.since < SAME_EVENT_MILLIS) {
      return;
    }
    const lastSecond = this.recent.filter((at) => at > now - 1000 && at <= now).length;
    const rate = Math.max(SLOWEST, Math.min(this.perSecond(now), Math.max(1, lastSecond)) * DECREASE);
    this.limit = { rate, since: now };
    this.next = Math.max(this.next, now + 1000 / rate);
  }
}
