import { Log } from './log';
import { Home, homeOf, Identity, identityOf, repositoryArn } from './ownership';
import { CustomResourceEvent } from './protocol';
import { Timing } from './timing';
import { Connection } from '../ecr/client';
import { ImageReader } from '../ecr/images';
import { Registry, RepositoryAddress } from '../ecr/registry';
import { Budget } from '../ecr/retry';
import { Direction, StackReader } from '../ecr/stack';

/** What one event has to work with. */
export class Run {
  public readonly identity: Identity;
  public readonly home: Home;
  public readonly registry: Registry;
  public readonly images: ImageReader;
  public readonly undo: Undo;
  private readonly stack: StackReader;
  private asked?: Promise<Direction>;

  constructor(
    public readonly event: CustomResourceEvent,
    public readonly log: Log,
    public readonly timing: Timing,
    public readonly connection: Connection,
    public readonly budget: Budget,
    undo?: Undo,
    /** Aborts somewhat before the budget's: what would take longer stops then, at a point from which it can go on. */
    public readonly soon: AbortSignal = budget.signal,
  ) {
    this.identity = identityOf(event);
    this.home = homeOf(event.StackId);
    this.registry = new Registry(connection, budget);
    this.images = new ImageReader(this.registry);
    this.stack = new StackReader(connection, budget, event.StackId);
    this.undo = undo ?? new Undo();
  }

  /** The same event with other time to spend, for taking back what was begun. */
  public withBudget(budget: Budget): Run {
    return new Run(this.event, this.log, this.timing, this.connection, budget, new Undo());
  }

  /** Whether the stack goes forward or back: asked at most once, and only when it matters. */
  public direction(): Promise<Direction> {
    this.asked ??= this.stack.direction().then((direction) => {
      if (direction === 'unknown') {
        this.log.warn('CloudFormation could not be asked whether the stack is rolling back.');
      }
      return direction;
    });
    return this.asked;
  }

  /** The same, as of this moment. */
  public directionNow(): Promise<Direction> {
    this.asked = undefined;
    return this.direction();
  }

  /** Whether this is an update that leads back to what was before another one that failed. */
  public async isRollbackOfUpdate(): Promise<boolean> {
    return this.event.RequestType === 'Update' && await this.direction() === 'rolling-back';
  }

  /**
   * Asked anew after whatever takes a while. When another resource fails meanwhile, CloudFormation goes back without waiting for our answer, and sends the Delete
   * of a creation (cloudformation-coverage-roadmap #1814); what is put after that would be nobody's.
   */
  public async mustStillGoForward(refusal: () => Error): Promise<void> {
    if (await this.directionNow() === 'rolling-back') {
      throw refusal();
    }
  }

  public physicalIdOf(logicalId: string): Promise<string | undefined> {
    return this.stack.physicalIdOf(logicalId);
  }

  public arnOf(address: RepositoryAddress): string {
    return repositoryArn(this.home, address);
  }

  public registryIdOf(address: RepositoryAddress): string {
    return address.registryId ?? this.home.accountId;
  }
}

type Step = (run: Run) => Promise<void>;

/**
 * How to take back what an event has changed, should it fail: CloudFormation does not delete what was never created. Steps are noted
 * before the change itself, because whether a lost call took effect is unknown; so each looks first, and touches only what is still ours.
 */
export class Undo {
  private steps: Step[] = [];
  private left = false;

  public push(step: Step): void {
    this.steps.push(step);
  }

  /**
   * Says that something may be there that is better left to a Delete: what a lost call has made may meanwhile be in use by a second
   * delivery of the same event.
   */
  public leaveToDelete(): void {
    this.left = true;
  }

  public get mayLeave(): boolean {
    return this.left || this.steps.length > 0;
  }

  /** Takes everything back, latest first; gives the number of steps. What could not be taken back stays noted. */
  public async all(run: Run): Promise<number> {
    let taken = 0;
    for (let step = this.steps.at(-1); step !== undefined; step = this.steps.at(-1)) {
      await step(run);
      this.steps.pop();
      taken += 1;
    }
    return taken;
  }
}
