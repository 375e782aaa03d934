import { operationsOf, selects } from './operations';
import { CallNumbers, FaultCount, FaultRule } from './script';
import { matchesPattern } from '../../lifecycle/match';
import { HookedCall } from '../hooks';
import { repositoryNameIn } from './repository-name';

/** A rule at work: which calls it is about, and how often it was. */
export class Rule {
  public fired = 0;
  public staleReads = 0;
  private calls = 0;
  private readonly operations: ReadonlySet<string>;
  private readonly chance: () => number;

  constructor(public readonly rule: FaultRule, private readonly place: number, seed: number) {
    this.operations = new Set(operationsOf(rule).filter((operation) => selects(rule.operation, operation)));
    this.chance = chances((rule.seed ?? seed) % 1_000_003 * 7919 + place);
  }

  public get name(): string {
    return this.rule.name ?? String(this.place);
  }

  /** Counts the call where the rule is about it; whether the fault shall happen to it. */
  public isDue({ operation, input, caller }: HookedCall): boolean {
    const { repositoryName, caller: only, calls, probability = 1 } = this.rule;
    if (!this.operations.has(operation)
      || (repositoryName !== undefined && !matchesPattern(repositoryName, repositoryNameIn(input) ?? ''))
      || (only !== undefined && only !== caller.accessKeyId && only !== caller.accountId)) {
      return false;
    }
    this.calls += 1;
    return isAmong(this.calls, calls) && (probability === 1 || this.chance() < probability);
  }

  public count(): FaultCount {
    const { name: rule, calls, fired, staleReads } = this;
    return { rule, fault: this.rule.fault, calls, fired, ...(this.rule.fault === 'stale' && { staleReads }) };
  }
}

function isAmong(number: number, calls: CallNumbers | undefined): boolean {
  if (calls === undefined || typeof calls === 'number') {
    return calls === undefined || calls === number;
  }
  if (isList(calls)) {
    return calls.includes(number);
  }
  const { every = 1, from = every, to = Infinity } = calls;
  return number >= from && number <= to && (number - from) % every === 0;
}

/** `Array.isArray` does not know of read-only lists. */
const isList = (calls: Exclude<CallNumbers, number>): calls is readonly number[] => Array.isArray(calls);

/** Numbers from 0 to 1 that look like chance, the same for the same seed (Park and Miller). */
function chances(seed: number): () => number {
  const MODULUS = 2_147_483_647;
  let state = 1 + Math.abs(seed) % (MODULUS - 1);
  const next = () => {
    state = state * 48_271 % MODULUS;
    return state / MODULUS;
  };
  // Neighbouring seeds begin alike.
  Array.from({ length: 5 }, next);
  return next;
}
