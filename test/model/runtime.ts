import { Answers, Delivery } from './answers';
import { REGION } from './app';
import { Chaos, HANDLER_KEY } from './chaos';
import type { Mutation, Reach } from './mutation';
import { createHandler } from '../../src/handlers/dispatch';
import { guarded } from '../../src/handlers/entry';
import type { Handler, HandlerOptions } from '../../src/handlers/handler';
import { createHandler as createImageHandler } from '../../src/handlers/images/dispatch';
import { Log } from '../../src/handlers/log';
import type { CustomResourceEvent } from '../../src/handlers/protocol';
import type { Timing } from '../../src/handlers/timing';
import type { FunctionRuntime, FunctionSettings, Invocation } from '../../src/rehearsal';

/** No wait, and no window that a clock could close: how long something takes says nothing. */
const TIMELESS: Partial<Timing> = {
  retryBaseMillis: 0,
  retryMaxMillis: 0,
  transientWindowMillis: Infinity,
  accessDeniedWindowMillis: 0,
  settleMillis: 0,
  settleJitterMillis: 0,
  staleAfterMillis: Infinity,
  principalWindowMillis: 0,
  principalRetryMillis: 0,
  // Somebody may put another policy just then, and the handler gives up after this.
  verifyWindowMillis: 1_000,
  verifyRetryMillis: 1,
  previewPollMillis: 0,
  previewPollMaxMillis: 0,
  putBackoffMillis: 1,
  putTimeoutMillis: 60_000,
};

const REMAINING_MILLIS = 3_600_000;

/** Runs the handlers' own code in this process; events are delivered, twice when asked for, and functions killed. */
export class InProcessRuntime implements FunctionRuntime {
  public readonly deliveries: Delivery[] = [];
  /**
   * Every event comes a second time: when the first has been answered, or, when it has failed, once CloudFormation has heard of that. In the moment between the
   * answer and CloudFormation's own turning back nobody can know that what is asked for is no longer wanted.
   */
  public twice = false;
  /** What fails for reasons that may pass is given up at once. */
  public impatient = false;
  private readonly late: { readonly settings: FunctionSettings; readonly event: CustomResourceEvent }[] = [];
  private readonly handlers = new Map<string, Handler>();

  constructor(private readonly chaos: Chaos, private readonly answers: Answers, private readonly mutation: Mutation | undefined, private readonly reach: Reach) {}

  private onLine: (line: string) => void = () => undefined;

  public async invoke(settings: FunctionSettings, _requestId: string, event: unknown, onLine: (line: string) => void): Promise<Invocation> {
    await this.deliverLate(() => true);
    this.onLine = onLine;
    const invocation = await this.deliver(settings, event as CustomResourceEvent);
    if (this.twice && invocation.outcome === 'done') {
      const isDone = this.deliveries.at(-1)?.answers.at(-1)?.Status === 'SUCCESS';
      await (isDone ? this.deliver(settings, event as CustomResourceEvent) : this.late.push({ settings, event: event as CustomResourceEvent }));
    }
    return invocation;
  }

  /** At the end of an operation. An update that comes again when the stack has long gone back is nothing that a handler could tell from one that goes back. */
  public async finish(): Promise<void> {
    await this.deliverLate(({ RequestType }) => RequestType === 'Create');
  }

  public async stop(): Promise<void> {
    this.handlers.clear();
  }

  private async deliverLate(isDelivered: (event: CustomResourceEvent) => boolean): Promise<void> {
    for (const { settings, event } of this.late.splice(0)) {
      if (isDelivered(event)) {
        await this.deliver(settings, event);
      }
    }
  }

  private async deliver(settings: FunctionSettings, event: CustomResourceEvent): Promise<Invocation> {
    const { delivery, event: redirected, close } = this.answers.expect(event as unknown as Record<string, unknown>, this.mutation?.alter);
    this.deliveries.push(delivery);
    this.chaos.forget();
    this.chaos.onKill = () => {
      delivery.killed = true;
    };
    try {
      const work = (one: CustomResourceEvent) => this.handlerOf(settings)(one, { getRemainingTimeInMillis: () => REMAINING_MILLIS });
      const asked = redirected as unknown as CustomResourceEvent;
      await (this.mutation?.handle === undefined ? work(asked) : this.mutation.handle(asked, work, this.reach));
      return delivery.killed ? { outcome: 'timeout', errorType: 'Sandbox.Timedout', errorMessage: 'killed', stderr: [] } : { outcome: 'done', stderr: [] };
    } catch (error) {
      return { outcome: delivery.killed ? 'timeout' : 'error', errorType: (error as Error).name, errorMessage: (error as Error).message, stderr: [] };
    } finally {
      close();
      if (delivery.killed) {
        this.handlers.clear();
        this.chaos.revive();
      }
    }
  }

  /** Kept warm, as Lambda would. */
  private handlerOf(settings: FunctionSettings): Handler {
    const { environment: { AWS_ENDPOINT_URL_ECR: ecr, AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation }, memorySize } = settings;
    const key = JSON.stringify([memorySize, ecr, this.impatient]);
    let handler = this.handlers.get(key);
    if (handler === undefined) {
      const options: HandlerOptions = {
        endpoints: { ecr, cloudFormation },
        region: REGION,
        credentials: { accessKeyId: HANDLER_KEY, secretAccessKey: 'none' },
        timing: { ...TIMELESS, ...this.impatient ? { transientWindowMillis: 0 } : {} },
        log: (line) => this.onLine(this.mutation?.record === undefined ? line : JSON.stringify(this.mutation.record(JSON.parse(line) as Record<string, any>))),
      };
      handler = guarded(() => (memorySize === 1024 ? createImageHandler : createHandler)(options), new Log((line) => this.onLine(line)));
      this.handlers.set(key, handler);
    }
    return handler;
  }
}
