import { answerOf, timeOf } from './answers';
import { withFailures, withoutSome } from './partial';
import { spoilPreview } from './preview-faults';
import { readFaultScript } from './read';
import { repositoryNameIn } from './repository-name';
import { Rule } from './rule';
import { FaultCount, FaultScript } from './script';
import { StaleReads } from './stale';
import { HookedCall, Outcome } from '../hooks';
import { Context, Output } from '../operations/context';
import { Interception, LogRecord } from '../options';
import { Registry } from '../registry/registry';

/** The faults of a running emulator. */
export interface FaultControl {
  /** What came of each rule since the script was set, in its order. */
  readonly counts: readonly FaultCount[];
  /** How often a fault happened since then, of one rule (by its name, or its place from 0) or of all. */
  fired(rule?: string | number): number;
  /** Another script in place of the present one; counts begin anew, and reads see the present again. */
  set(script: FaultScript): void;
  clear(): void;
}

export interface FaultWorld {
  readonly registry: Registry;
  readonly clock: { now(): number };
  readonly log?: (record: LogRecord) => void;
}

/** Brings the faults of a script to calls. */
export class Faults implements FaultControl {
  public readonly stale: StaleReads;
  private rules: readonly Rule[] = [];

  constructor(public readonly world: FaultWorld, script?: FaultScript) {
    this.stale = new StaleReads(world.registry, world.clock);
    if (script !== undefined) {
      this.set(script);
    }
  }

  public get counts(): readonly FaultCount[] {
    return this.rules.map((rule) => rule.count());
  }

  public fired(rule?: string | number): number {
    const counts = this.counts.filter((count, place) => rule === undefined || count.rule === rule || place === rule);
    if (rule !== undefined && counts.length === 0) {
      throw new RangeError(`The fault script has no rule ${rule}`);
    }
    return counts.reduce((sum, { fired }) => sum + fired, 0);
  }

  public set(script: FaultScript): void {
    const { rules, seed = 1 } = readFaultScript(script);
    this.rules = rules.map((rule, place) => new Rule(rule, place, seed));
    this.stale.close();
  }

  public clear(): void {
    this.set({ rules: [] });
  }

  /** The faults that are to happen to a call, which it counts. */
  public of(call: HookedCall): CallFaults {
    return new CallFaults(this, call, this.rules.filter((rule) => rule.isDue(call)));
  }

  public note(rule: Rule, { operation, input, number }: HookedCall): void {
    rule.fired += 1;
    this.world.log?.({
      event: 'fault', time: new Date(this.world.clock.now()).toISOString(), rule: rule.name, fault: rule.rule.fault, operation, call: number, repositoryName: repositoryNameIn(input),
    });
  }
}

/** What happens to one call. */
export class CallFaults {
  constructor(private readonly faults: Faults, private readonly call: HookedCall, private readonly due: readonly Rule[]) {}

  /** Delays the call, or answers in its place. */
  public before(): Promise<Interception | undefined> {
    return this.answer('before', undefined);
  }

  /** The same once it is done. */
  public after(outcome: Outcome): Promise<Interception | undefined> {
    return this.answer('after', outcome);
  }

  /** Lets the call act: on what it sees of the registry, with the ids that are not to fail. */
  public async perform<T extends object | undefined>(
    context: Context, act: (context: Context, input: Readonly<Record<string, unknown>>) => T | Promise<T>,
  ): Promise<T> {
    const { operation, input } = this.call;
    const read = this.faults.stale.read(operation, input);
    if (this.due.length === 0) {
      return read ? read.seal(await act({ ...context, registry: read.registry }, read.input)) : act(context, input);
    }
    if (operation === 'GetLifecyclePolicyPreview') {
      this.spoilPreview(context);
    }
    const lagging = this.due.filter(({ rule }) => rule.fault === 'stale');
    const before = lagging.length > 0 ? this.present(context)?.copy() : undefined;
    const { input: reduced, failures, rule: partial } = this.reduced(read?.input ?? input);
    const result = await act(read ? { ...context, registry: read.registry } : context, reduced);
    lagging.forEach((rule) => {
      this.faults.stale.open(rule, repositoryNameIn(input)!, before);
      this.faults.note(rule, this.call);
    });
    if (operation === 'StartLifecyclePolicyPreview') {
      this.spoilPreview(context);
    }
    if (partial) {
      this.faults.note(partial, this.call);
      return withFailures(result as never, failures) as T;
    }
    return read ? read.seal(result) : result;
  }

  private async answer(time: 'before' | 'after', outcome: Outcome | undefined): Promise<Interception | undefined> {
    for (const one of this.due.filter(({ rule }) => timeOf(rule) === time)) {
      const { rule } = one;
      if (rule.fault === 'slow') {
        this.faults.note(one, this.call);
        await new Promise((resolve) => setTimeout(resolve, rule.delayMs).unref());
        continue;
      }
      const answer = answerOf(rule, this.call, this.faults.world.registry, outcome);
      if (answer) {
        this.faults.note(one, this.call);
        return answer;
      }
    }
    return undefined;
  }

  private spoilPreview(context: Context): void {
    const repositoryName = repositoryNameIn(this.call.input)!;
    this.due.filter(({ rule }) => spoilPreview(rule, repositoryName, context)).forEach((rule) => this.faults.note(rule, this.call));
  }

  private reduced(input: Readonly<Record<string, unknown>>): { readonly input: Readonly<Record<string, unknown>>; readonly failures: readonly Output[]; readonly rule?: Rule } {
    for (const rule of this.due) {
      if (rule.rule.fault === 'partial') {
        return { ...withoutSome(rule.rule, input), rule };
      }
    }
    return { input, failures: [] };
  }

  private present({ registry }: Context) {
    return registry.repository(repositoryNameIn(this.call.input) ?? '');
  }
}
