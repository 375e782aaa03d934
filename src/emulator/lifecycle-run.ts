import { evaluationInventory } from './inventory';
import { readLifecyclePolicy } from './lifecycle-policy';
import { evaluate, Evaluation } from '../lifecycle/evaluate';
import { ImageAction } from '../lifecycle/model';
import { DAY } from '../lifecycle/time';
import { ImageRecord, LifecycleRecord } from './registry/records';
import { Registry } from './registry/registry';
import { Repository } from './registry/repository';
import { archived, restored } from './storage-class';

export interface LifecycleRunAction {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly action: 'EXPIRE' | 'TRANSITION';
  /** The rule that acted; absent when the image followed its subject. */
  readonly rulePriority?: number;
  /** The subject that the image followed. */
  readonly becauseOf?: string;
}

/** What one run of a repository's lifecycle policy did. */
export interface LifecycleRun {
  readonly repositoryName: string;
  /** Epoch milliseconds of the emulator's clock. */
  readonly at: number;
  /** In the order in which it was done, oldest image first. */
  readonly actions: readonly LifecycleRunAction[];
  /** Images that a rule marked and an index held: ECR reports them as failures. */
  readonly failures: readonly (LifecycleRunAction & { readonly heldBy: readonly string[] })[];
}

/**
 * Brings repositories up to a time: restorations end, lifecycle policies run. Both happen at their own moments, in order, however far
 * the clock has moved in one step.
 */
export class LifecycleRunner {
  /** Every run that did something or could not, oldest first. */
  public readonly runs: LifecycleRun[] = [];

  constructor(private readonly registry: Registry, private readonly onRun: (run: LifecycleRun) => void) {}

  public settle(now: number): void {
    for (const repository of this.registry.repositories()) {
      this.settleRepository(repository, now);
    }
  }

  /** Runs a policy at once, whenever it would be due. */
  public runNow(repository: Repository, now: number): LifecycleRun | undefined {
    const { lifecycle } = repository.record;
    return lifecycle && this.run(repository, lifecycle, now);
  }

  private settleRepository(repository: Repository, now: number): void {
    for (;;) {
      const activation = nextActivation(repository);
      const lifecycle = repository.record.lifecycle;
      const run = lifecycle?.nextRunAt ?? Infinity;
      if (activation && activation.activatesAt <= now && activation.activatesAt <= run) {
        this.registry.putImage(repository, restored(activation.image, activation.activatesAt));
      } else if (lifecycle && run <= now) {
        this.runDue(repository, lifecycle, Math.min(now, activation?.activatesAt ?? now));
      } else {
        return;
      }
    }
  }

  /**
   * Runs once every 24 hours up to a time in which nothing else happens. What a policy marks only grows while the images stay as they are,
   * so the days on which it does nothing are skipped: years in one step cost no more than the days that matter.
   */
  private runDue(repository: Repository, lifecycle: LifecycleRecord, until: number): void {
    const evaluateAt = this.evaluator(repository, lifecycle);
    const first = lifecycle.nextRunAt;
    const day = firstDay(Math.floor((until - first) / DAY), (candidate) => evaluateAt(first + candidate * DAY).actions.length > 0);
    this.run(repository, lifecycle, first + day * DAY, evaluateAt);
  }

  private evaluator(repository: Repository, lifecycle: LifecycleRecord): (at: number) => Evaluation {
    const policy = readLifecyclePolicy(lifecycle.text);
    const inventory = evaluationInventory(this.registry, repository);
    return (at) => evaluate(policy, inventory, new Date(at));
  }

  private run(repository: Repository, lifecycle: LifecycleRecord, at: number, evaluateAt = this.evaluator(repository, lifecycle)): LifecycleRun {
    const { actions, blocked, cascade } = evaluateAt(at);
    const { repositoryName } = repository.record;
    const image = (imageDigest: string) => repository.images.get(imageDigest)!;
    const oldestFirst = (a: ImageAction, b: ImageAction) => youth(image(a.imageDigest)) - youth(image(b.imageDigest));

    const done: LifecycleRunAction[] = [...[...actions].sort(oldestFirst), ...cascade].map((action) => ({
      ...action,
      imageTags: image(action.imageDigest).imageTags,
    }));
    const failures = blocked.map((one) => ({ ...one, imageTags: image(one.imageDigest).imageTags }));
    for (const { imageDigest, action } of done) {
      this.act(repository, image(imageDigest), action, at);
    }
    this.registry.putRecord({ ...repository.record, lifecycle: { text: lifecycle.text, lastEvaluatedAt: at, nextRunAt: at + DAY } });

    const run: LifecycleRun = { repositoryName, at, actions: done, failures };
    if (done.length > 0 || failures.length > 0) {
      this.runs.push(run);
      this.onRun(run);
    }
    return run;
  }

  private act(repository: Repository, image: ImageRecord, action: 'EXPIRE' | 'TRANSITION', at: number): void {
    if (action === 'EXPIRE') {
      this.registry.deleteImage(repository, image.imageDigest);
    } else {
      this.registry.putImage(repository, archived(image, at));
    }
  }
}

/** A restored image is as young as its restoration. */
const youth = (image: ImageRecord) => image.lastActivatedAt ?? image.imagePushedAt;

function nextActivation(repository: Repository): { readonly image: ImageRecord; readonly activatesAt: number } | undefined {
  let next: { readonly image: ImageRecord; readonly activatesAt: number } | undefined;
  for (const digest of repository.activating) {
    const image = repository.images.get(digest)!;
    const activatesAt = image.activatesAt ?? -Infinity;
    if (!next || activatesAt < next.activatesAt) {
      next = { image, activatesAt };
    }
  }
  return next;
}

/** The first day up to `last` on which something is done, or `last` when nothing is. The nearer it is, the fewer days are tried. */
function firstDay(last: number, acts: (day: number) => boolean): number {
  let low = 0;
  let high = 0;
  while (high < last && !acts(high)) {
    low = high + 1;
    high = Math.min(last, high * 2 + 1);
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (acts(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}
