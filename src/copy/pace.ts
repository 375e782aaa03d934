import { Budget } from '../ecr/retry';

/** PutImage may be called ten times a second, in a whole account and region; the margin is for clocks. */
const MOST = 9;
const WINDOW_MILLIS = 1_050;

/** Lets so many calls begin in any second, and no more. */
export class Pace {
  private readonly begun: number[] = [];

  constructor(private readonly budget: Pick<Budget, 'now' | 'wait'>) {}

  public async turn(): Promise<void> {
    for (;;) {
      const now = this.budget.now();
      while (this.begun.length > 0 && this.begun[0] <= now - WINDOW_MILLIS) {
        this.begun.shift();
      }
      if (this.begun.length < MOST) {
        this.begun.push(now);
        return;
      }
      await this.budget.wait(this.begun[0] + WINDOW_MILLIS - now);
    }
  }
}
