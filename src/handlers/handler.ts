import { failure, HandlerCode } from './codes';
import { ANSWERED, isGoesOn, stepOf } from './goes-on';
import { LineSink, Log } from './log';
import { Answer, CustomResourceEvent, deliver, failedCreateId, isFailedCreateId, LambdaContext } from './protocol';
import { reasonOf } from './reason';
import { Attributes, Resource } from './resource';
import { Run } from './run';
import { DEFAULT_TIMING, Timing } from './timing';
import { Connection, connect, ConnectionOptions } from '../ecr/client';
import { Budget } from '../ecr/retry';
import { isDrydockError } from '../errors';

export interface HandlerOptions extends ConnectionOptions {
  readonly timing?: Partial<Timing>;
  /** Where log lines go; stdout when absent. */
  readonly log?: LineSink;
}

/** What it gives back is for a state machine that calls it; Lambda itself and CloudFormation do not look at it. */
export type Handler = (event: CustomResourceEvent, context: LambdaContext) => Promise<unknown>;

/** What a function knows: resource types and what each does. */
export type Resources = Readonly<Record<string, Resource<unknown>>>;

/** The handler of these resource types: one event, one answer. */
export function handlerOf(resources: Resources, options: HandlerOptions = {}): Handler {
  const timing: Timing = { ...DEFAULT_TIMING, ...options.timing };
  const log = new Log(options.log);
  let connection: Connection | undefined;
  return async (event, context) => {
    const started = performance.now();
    const eventLog = log.with({
      requestType: event.RequestType,
      requestId: event.RequestId,
      resourceType: event.ResourceType,
      stackId: event.StackId,
      logicalResourceId: event.LogicalResourceId,
    });
    eventLog.info('request', { physicalResourceId: event.PhysicalResourceId, handlerVersion: process.env.DRYDOCK_VERSION });

    const clock = new Deadlines(context.getRemainingTimeInMillis(), timing);
    const elapsed = () => performance.now() - started;
    let state: WorkState = { leftovers: false };
    const work = async (): Promise<Answer> => {
      connection ??= connect(options);
      const run = new Run(event, eventLog, timing, connection, new Budget(clock.work, elapsed, timing), undefined, clock.soon);
      return workOn(resources, run, new Budget(clock.undo, elapsed, timing), (now) => { state = { ...state, ...now }; });
    };
    try {
      const answer = await Promise.race([
        work().catch((error: unknown) => isGoesOn(error) ? error : failed(event, error, state)),
        clock.answer.then(() => failed(event, failure('DD-HANDLER-005', 'Handler', 'The time of the function is up, and what was begun is not done.'), state)),
      ]);
      if (isGoesOn(answer)) {
        eventLog.info('It goes on in another invocation.');
        return stepOf(answer);
      }
      eventLog[answer.Status === 'SUCCESS' ? 'info' : 'error']('answer', {
        status: answer.Status, physicalResourceId: answer.PhysicalResourceId, reason: answer.Reason,
      });
      await deliver(event, answer, eventLog, timing);
      return ANSWERED;
    } finally {
      clock.clear();
    }
  };
}

const REPOSITORY_MISSING: HandlerCode = 'DD-HANDLER-101';

/** How far the work on an event has come, for the case that it fails. */
interface WorkState {
  readonly derivedId?: string;
  /** Whether something may have been changed that is not taken back. */
  readonly leftovers: boolean;
}

async function workOn(resources: Resources, run: Run, undoBudget: Budget, report: (state: Partial<WorkState>) => void): Promise<Answer> {
  const { event } = run;
  const resource = resources[event.ResourceType] as Resource<unknown> | undefined;
  if (event.RequestType === 'Delete' && isFailedCreateId(event.PhysicalResourceId ?? '')) {
    run.log.info('Nothing to delete: it was never created.');
    return { Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId as string };
  }
  if (resource === undefined) {
    throw failure('DD-HANDLER-003', 'ResourceType', `This handler does not know ${event.ResourceType}.`, {
      value: event.ResourceType, fix: `It knows ${Object.keys(resources).join(', ')}. Is the handler of an older release than the template?`,
    });
  }
  if (event.RequestType === 'Delete') {
    await resource.delete(run);
    return { Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId as string };
  }
  const properties = await resource.read(run);
  const derivedId = resource.physicalId(run, properties);
  report({ derivedId });
  const inPlace = event.RequestType === 'Update' && event.PhysicalResourceId === derivedId;
  let data: Attributes;
  try {
    // From here on something may have changed, until it is known otherwise.
    report({ leftovers: true });
    data = await (inPlace ? resource.update(run, properties) : resource.create(run, properties));
  } catch (error) {
    if (resource.gone !== undefined && isDrydockError(error) && error.code === REPOSITORY_MISSING && await run.isRollbackOfUpdate()) {
      run.log.warn('The repository is gone, and with it whatever this rollback could lead back to.', { reason: error.message });
      return { Status: 'SUCCESS', PhysicalResourceId: derivedId, Data: resource.gone(run, properties) };
    }
    try {
      if (await run.undo.all(run.withBudget(undoBudget)) > 0) {
        run.log.info('What was begun has been taken back.');
      }
    } catch (undoError) {
      run.log.error('What was begun could not all be taken back.', { reason: reasonOf(undoError).text });
    }
    report({ leftovers: run.undo.mayLeave });
    throw error;
  }
  return { Status: 'SUCCESS', PhysicalResourceId: derivedId, Data: data };
}

/**
 * The answer to an event that failed. A create that left nothing behind gets an id whose Delete does nothing; where something may be
 * left, the id is the real one, so that the Delete of the rollback can find it. A failed update keeps its id, for the same reasons.
 */
function failed(event: CustomResourceEvent, error: unknown, { derivedId, leftovers }: WorkState): Answer {
  const own = event.RequestType === 'Create' ? failedCreateId(event.RequestId) : event.PhysicalResourceId ?? '';
  const id = leftovers && event.RequestType !== 'Delete' ? derivedId ?? own : own;
  return { Status: 'FAILED', PhysicalResourceId: id, Reason: reasonOf(error).text };
}

/** Points before the function's end: hand over what takes longer, stop working, stop taking back, answer. */
class Deadlines {
  public readonly soon: AbortSignal;
  public readonly work: AbortSignal;
  public readonly undo: AbortSignal;
  public readonly answer: Promise<void>;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(remainingMillis: number, { answerReserveMillis, undoReserveMillis, handoverReserveMillis }: Timing) {
    // A function with little time keeps its proportions.
    const answerReserve = Math.min(answerReserveMillis, remainingMillis / 4);
    const undoReserve = Math.min(undoReserveMillis, remainingMillis / 4);
    this.soon = this.abortAfter(remainingMillis - answerReserve - undoReserve - Math.min(handoverReserveMillis, remainingMillis / 4));
    this.work = this.abortAfter(remainingMillis - answerReserve - undoReserve);
    this.undo = this.abortAfter(remainingMillis - answerReserve - Math.min(1_000, answerReserve / 4));
    this.answer = new Promise((resolve) => this.timers.push(setTimeout(resolve, remainingMillis - answerReserve)));
  }

  public clear(): void {
    this.timers.forEach(clearTimeout);
  }

  private abortAfter(millis: number): AbortSignal {
    const controller = new AbortController();
    this.timers.push(setTimeout(() => controller.abort(), Math.max(0, millis)));
    return controller.signal;
  }
}
