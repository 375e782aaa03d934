import { randomUUID } from 'node:crypto';
import { validationError } from './input';
import { Records } from './records';
import type { AssetSource } from '../../assembly/assembly';
import { Template } from '../../assembly/template';
import { isDrydockError } from '../../errors';
import type { Problem } from '../../errors';
import type { HandlerLog } from '../../rehearsal/custom-resource';
import { StackRun } from '../../rehearsal/engine';
import type { StackStatus } from '../../rehearsal/events';
import { JobContext, Machinery } from '../../rehearsal/machinery';
import { newStack } from '../../rehearsal/nested-stack';
import { StackOperation } from '../../rehearsal/operation';
import { StackRecord } from '../../rehearsal/state';

/** A template with the values that go with it. */
export interface Deployment {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface OperationsSettings {
  readonly machinery: Machinery;
  readonly records: Records;
  readonly assets: AssetSource;
  readonly place: { readonly account: string; readonly region: string };
  /** Values of SSM parameters that templates ask for, by name. */
  ssmParameters(): Readonly<Record<string, string>>;
  /** Something has changed that is to outlive the process. */
  save(): void;
  log(record: Readonly<Record<string, unknown>> & { readonly event: string }): void;
}

/**
 * Operations on stacks: accepted at once, and then worked on one after another, in the order in which they came. A stack that waits for its turn says
 * that it is in progress.
 */
export class Operations {
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly settings: OperationsSettings) {}

  /** A stack that is not there yet: REVIEW_IN_PROGRESS until it is created. */
  public newStack(stackName: string): StackRecord {
    const { machinery, records, place } = this.settings;
    const context = this.context();
    const stack = newStack(context, { stackName, ...place });
    machinery.stacks.add(stack);
    records.setNotes(stack.stackId, { templateBody: '', terminationProtection: false, disableRollback: false, notificationArns: [], capabilities: [] });
    return stack;
  }

  /** Checks everything that can be checked before anything is done, on a copy. */
  public check(stack: StackRecord, deployment: Deployment): StackRun {
    return this.run(this.context(), { ...stack, imports: [...stack.imports], exports: [...stack.exports], resources: new Map(stack.resources) }, deployment);
  }

  public run(context: JobContext, stack: StackRecord, { template, parameters, tags }: Deployment): StackRun {
    try {
      return new StackRun(context, stack, template, parameters, this.settings.ssmParameters(), tags);
    } catch (error) {
      throw isDrydockError(error) ? validationError(wordsOf(error.problems)) : error;
    }
  }

  /** Begins an operation. From this moment on the stack says that it is in progress. */
  public start(
    stack: StackRecord, status: StackStatus, clientRequestToken: string | undefined, broken: StackStatus, work: (context: JobContext) => Promise<unknown>,
  ): void {
    const { machinery, records, save, log } = this.settings;
    Object.assign(stack, { status, reason: undefined });
    save();
    this.queue = this.queue.then(async () => {
      machinery.stacks.operations += 1;
      const job = this.job();
      const context = machinery.context(job);
      context.enter();
      records.operation = { id: randomUUID(), stackId: stack.stackId, clientRequestToken };
      try {
        await work(context);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log({ event: 'failure', code: 'DD-ACCOUNT-007', stackName: stack.stackName, stack: error instanceof Error ? error.stack : reason });
        new StackOperation(context, stack).setStatus(broken, `DD-ACCOUNT-007: ${reason}`);
      } finally {
        records.operation = undefined;
        job.notices.forEach((notice) => log({ event: 'notice', ...notice }));
        save();
      }
    });
  }

  /** When nothing is left to do. */
  public async idle(): Promise<void> {
    for (let queue: Promise<void> | undefined; queue !== this.queue;) {
      queue = this.queue;
      await queue;
    }
  }

  private context(): JobContext {
    return this.settings.machinery.context(this.job());
  }

  private job() {
    const { assets } = this.settings;
    return { assets, ssmParameters: this.settings.ssmParameters(), faults: [], notices: [] as Problem[], handlerLogs: [] as HandlerLog[] };
  }
}

/** Parameters without a value are said in CloudFormation's words. */
function wordsOf(problems: readonly Problem[]): string {
  const missing = problems.filter(({ code, value }) => code === 'DD-REHEARSAL-007' && value === undefined).map(({ pointer }) => pointer?.split('/').at(-1));
  return missing.length > 0 ? `Parameters: [${missing.join(', ')}] must have values` : problems.map(({ message }) => message).join(' ');
}
