import { Action } from './actor';
import type { Intercept, InterceptedCall, Interception } from '../../src/emulator';

/** What happens to the handlers' calls of one operation. `at`: the how-manieth call, from 1. */
export type Trouble =
  | { readonly kind: 'throttled' | 'failing' | 'refused' | 'cut' | 'killed'; readonly at: number; readonly when: 'before' | 'after' }
  /** A read that does not show the handler's own last write yet. */
  | { readonly kind: 'stale'; readonly at: number }
  /** Somebody else acts before this call, or before the first one after it that reads: see `READS`. */
  | { readonly kind: 'actor'; readonly at: number; readonly action: Action };

/**
 * ECR has no conditional write. What somebody writes between a handler's last look at a document and its own write is lost, whatever the handler
 * does; so the actor acts before looks only. Where a handler looked once and then wrote after other reads, this would still find it.
 */
const READS = /^(Get|Describe|List|BatchGet|BatchCheck)/;
const WRITES = /^(Put|Set|Delete|Tag|Untag|Create|Batch(Delete|Update))/;

export const HANDLER_KEY = 'ASIAHANDLEROFMODELS1';

const ERRORS = {
  throttled: { type: 'ThrottlingException', message: 'Rate exceeded', statusCode: 400 },
  failing: { type: 'ServerException', message: 'Internal failure', statusCode: 500 },
  refused: { type: 'LimitExceededException', message: 'For good.', statusCode: 400 },
  dead: { type: 'ExpiredTokenException', message: 'The function was killed.', statusCode: 403 },
};

/** Watches the handlers' calls, and troubles them by plan. */
export class Chaos {
  /** What came true of the plan. */
  public readonly happened: { readonly trouble: Trouble; readonly status: string }[] = [];
  /** Calls of handlers in this operation. */
  public calls = 0;
  /** Calls that change something. */
  public writes: string[] = [];
  /** Set while a function runs; killed with its next trouble of that kind. */
  public onKill?: () => void;
  private plan: Trouble[] = [];
  private isDead = false;
  private readonly known = new Map<string, Readonly<Record<string, unknown>>>();
  private lastWrite?: string;

  constructor(private readonly act: (action: Action) => Promise<void>, private readonly status: () => string) {}

  public end(): void {
    this.plan = [];
  }

  /** Also forgets what came true of the plan before. */
  public begin(plan: readonly Trouble[]): void {
    this.plan = [...plan];
    this.happened.length = 0;
    this.calls = 0;
    this.writes = [];
    this.known.clear();
    this.lastWrite = undefined;
  }

  /** Another event comes: what an earlier one wrote may be long ago, so its reads lag behind nothing. */
  public forget(): void {
    this.known.clear();
    this.lastWrite = undefined;
  }

  /** The function that is killed is gone, and another one begins. */
  public revive(): void {
    this.isDead = false;
  }

  public readonly intercept: Intercept = async (call) => {
    if (call.caller.accessKeyId !== HANDLER_KEY || call.phase === 'start') {
      return undefined;
    }
    if (call.phase === 'before') {
      if (this.isDead) {
        return { error: ERRORS.dead };
      }
      this.calls += 1;
      await this.letAct(call.operation);
    }
    const trouble = this.plan.find((one) => one.kind !== 'actor' && one.at === this.calls && (one.kind === 'stale' ? call.phase === 'after' : one.when === call.phase));
    const interception = this.isDead ? { error: ERRORS.dead } : trouble === undefined ? undefined : this.interception(trouble, call);
    this.remember(call);
    return interception;
  };

  private async letAct(operation: string): Promise<void> {
    if (!READS.test(operation)) {
      return;
    }
    for (const trouble of this.plan.filter((one) => one.kind === 'actor' && one.at <= this.calls)) {
      this.done(trouble);
      await this.act((trouble as Extract<Trouble, { kind: 'actor' }>).action);
      // What it has done must be seen: that a read lags behind somebody else's write is nothing a handler could know.
      this.known.clear();
    }
  }

  private interception(trouble: Trouble, call: InterceptedCall): Interception | undefined {
    switch (trouble.kind) {
      case 'stale': {
        const before = this.known.get(keyOf(call));
        if (this.lastWrite === undefined || !READS.test(call.operation) || before === undefined) {
          return undefined;
        }
        this.done(trouble);
        return { output: before };
      }
      case 'killed':
        this.done(trouble);
        this.isDead = true;
        this.onKill?.();
        return { error: ERRORS.dead };
      case 'cut':
        this.done(trouble);
        return { disconnect: true };
      case 'throttled': case 'failing': case 'refused':
        this.done(trouble);
        return { error: ERRORS[trouble.kind] };
      case 'actor': return undefined;
    }
  }

  private done(trouble: Trouble): void {
    this.happened.push({ trouble, status: this.status() });
    this.plan = this.plan.filter((one) => one !== trouble);
  }

  /** Answers of reads before the last write. */
  private remember(call: InterceptedCall): void {
    if (call.phase !== 'after') {
      return;
    }
    if (WRITES.test(call.operation)) {
      this.lastWrite = call.operation;
      this.writes.push(call.operation);
    } else if (call.output !== undefined && !this.known.has(keyOf(call))) {
      this.known.set(keyOf(call), call.output);
    }
  }
}

function keyOf({ operation, input }: InterceptedCall): string {
  return JSON.stringify([operation, input]);
}
