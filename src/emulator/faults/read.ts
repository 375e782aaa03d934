import { FAULT_OPERATIONS, operationsOf, selects } from './operations';
import { FaultKind, FaultRule, FaultScript } from './script';
import { DrydockError, Problem } from '../../errors';
import { editDistance, nearest } from '../../images/nearest';
import { validatePolicyText } from '../../lifecycle/validate';
import { EmulatorCode } from '../codes';

/** Says what a member must be where it is something else. */
type Check = (value: unknown) => string | undefined;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isWhole = (value: unknown, least: number, most: number) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Check => (value) =>
  isWhole(value, least, most) ? undefined : `must be a whole number ${most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`}`;
const text: Check = (value) => typeof value === 'string' && value !== '' ? undefined : 'must be text that is not empty';
const choice = (...allowed: readonly unknown[]): Check => (value) => allowed.includes(value) ? undefined : `must be ${allowed.map((one) => JSON.stringify(one)).join(', ').replace(/, ([^,]*)$/, ' or $1')}`;
const chance: Check = (value) => typeof value === 'number' && value > 0 && value <= 1 ? undefined : 'must be a number above 0, up to 1';
const milliseconds = whole(1, 3_600_000);
const when = choice('before', 'after');

/** What each fault takes besides what every rule has. */
const MEMBERS: Readonly<Record<FaultKind, Readonly<Record<string, Check>>>> = {
  throttle: {},
  serverError: { statusCode: choice(500, 502, 503, 504), when },
  reset: { when },
  slow: { delayMs: milliseconds, when },
  stale: { reads: whole(1, 1_000_000), ms: milliseconds },
  accessDenied: {},
  fails: {},
  expires: { as: choice('EXPIRED', 'NOT_FOUND') },
  foreign: { lifecyclePolicyText: text },
  malformed: { content: choice('html', 'text', 'cut'), statusCode: whole(200, 599), when },
  partial: { failing: whole(1, 100), failureCode: text, failureReason: text },
};
const KINDS = Object.keys(MEMBERS) as FaultKind[];
const SELECTION: Readonly<Record<string, Check>> = { name: text, repositoryName: text, caller: text, probability: chance, seed: whole(Number.MIN_SAFE_INTEGER) };
const COUNT = whole(1);

/** A fault script, every problem of it at once. */
export function readFaultScript(value: unknown): FaultScript {
  const reader = new Reader();
  reader.script(value);
  if (reader.problems.length > 0) {
    throw new DrydockError(reader.problems, { heading: 'The fault script cannot be used:' });
  }
  return value as FaultScript;
}

class Reader {
  public readonly problems: Problem[] = [];

  public script(value: unknown): void {
    if (!isObject(value)) {
      return this.refuse('', value, 'A fault script is an object with "rules".', 'Write {"rules": [{"operation": "SetRepositoryPolicy", "fault": "throttle"}]}.');
    }
    this.members('', value, { $schema: text, seed: SELECTION.seed }, ['rules']);
    if (!Array.isArray(value.rules)) {
      return this.refuse('/rules', value.rules, 'rules must be a list.', 'An empty list does nothing.');
    }
    value.rules.forEach((rule, place) => this.rule(`/rules/${place}`, rule));
    const names = value.rules.map((rule) => (isObject(rule) ? rule.name : undefined));
    names.forEach((name, place) => {
      if (name !== undefined && names.indexOf(name) < place) {
        this.refuse(`/rules/${place}/name`, name, `Another rule has the name ${JSON.stringify(name)}.`, 'Give each rule a name of its own, or none.');
      }
    });
    return undefined;
  }

  private rule(pointer: string, value: unknown): void {
    if (!isObject(value)) {
      return this.refuse(pointer, value, 'A rule is an object.', 'Write {"operation": "SetRepositoryPolicy", "fault": "throttle"}.');
    }
    const { fault, calls } = value;
    if (!KINDS.includes(fault as FaultKind)) {
      this.refuse(`${pointer}/fault`, fault, fault === undefined ? 'The rule does not say what happens.' : `There is no fault ${JSON.stringify(fault)}.`,
        `${suggestion(fault, KINDS)}Faults are ${KINDS.join(', ')}.`);
      this.patterns(`${pointer}/operation`, value.operation);
      return undefined;
    }
    this.members(pointer, value, { ...SELECTION, ...MEMBERS[fault as FaultKind] }, ['operation', 'calls', 'fault']);
    const patterns = this.patterns(`${pointer}/operation`, value.operation);
    this.calls(`${pointer}/calls`, calls);
    this.fault(pointer, value as unknown as FaultRule);
    const possible = operationsOf(value as unknown as FaultRule);
    patterns.filter(([, pattern]) => !possible.some((operation) => selects(pattern, operation))).forEach(([place, pattern]) => {
      this.problem('DD-EMULATOR-012', place, pattern, `The fault ${fault}${value.content === 'cut' ? ' with content "cut"' : value.when === 'after' ? ' after the effect' : ''} cannot happen to ${pattern}.`,
        `It can happen to ${possible.length > 20 ? 'operations of Amazon ECR' : possible.join(', ')}.`);
    });
    return undefined;
  }

  /** What no table of members says. */
  private fault(pointer: string, rule: FaultRule): void {
    if (rule.fault === 'slow' && rule.delayMs === undefined) {
      this.refuse(`${pointer}/delayMs`, undefined, 'A slow call needs its delay.', 'Add "delayMs", in milliseconds.');
    }
    if (rule.fault === 'stale' && rule.reads === undefined && rule.ms === undefined) {
      this.refuse(pointer, rule, 'Reads cannot stay behind for ever.', 'Add "reads" (how many) or "ms" (how long).');
    }
    if (rule.fault === 'malformed' && rule.content === 'cut' && rule.when === 'before') {
      this.refuse(`${pointer}/when`, rule.when, 'There is no answer to cut off before the effect.', 'Leave "when" out, or choose another content.');
    }
    if (rule.fault === 'foreign' && typeof rule.lifecyclePolicyText === 'string') {
      const { policy, problems } = validatePolicyText(rule.lifecyclePolicyText);
      if (!policy) {
        this.refuse(`${pointer}/lifecyclePolicyText`, rule.lifecyclePolicyText, `It is no lifecycle policy: ${problems[0].message}`, 'See `drydock validate`.');
      }
    }
  }

  /** The patterns that name operations, with their places. */
  private patterns(pointer: string, value: unknown): (readonly [string, string])[] {
    const list = Array.isArray(value) ? value : [value];
    if (list.length === 0 || !list.every((one) => typeof one === 'string')) {
      this.refuse(pointer, value, value === undefined ? 'The rule does not say which operation.' : 'operation must be the name of an operation, or a list of names.', 'Write "*" for every one.');
      return [];
    }
    return list.map((pattern: string, place) => [Array.isArray(value) ? `${pointer}/${place}` : pointer, pattern] as const).filter(([place, pattern]) => {
      const isKnown = FAULT_OPERATIONS.some((operation) => selects(pattern, operation));
      if (!isKnown) {
        this.problem('DD-EMULATOR-011', place, pattern, `There is no operation ${JSON.stringify(pattern)}.`,
          `${suggestion(pattern, FAULT_OPERATIONS)}Names are those of Amazon ECR's API, v2:GetManifest and the like for the registry protocol, and DownloadLayer; * stands for any text.`);
      }
      return isKnown;
    });
  }

  private calls(pointer: string, value: unknown): void {
    if (value === undefined || COUNT(value) === undefined) {
      return;
    }
    if (Array.isArray(value) && value.length > 0) {
      value.forEach((one, place) => this.must(`${pointer}/${place}`, one, 'A call number', COUNT));
    } else if (isObject(value) && Object.keys(value).length > 0) {
      this.members(pointer, value, { from: COUNT, to: COUNT, every: COUNT }, []);
      const { to, every = 1, from = every } = value as { readonly from?: number; readonly to?: number; readonly every?: number };
      if (to !== undefined && to < from) {
        this.refuse(pointer, value, `No call has a number from ${from} to ${to}.`, 'Counting begins with 1; without "from" it begins with "every".');
      }
    } else {
      this.refuse(pointer, value, 'calls must be a number from 1 on, a list of such, or {"from", "to", "every"}.', 'Leave it out for every call.');
    }
  }

  private members(pointer: string, value: Readonly<Record<string, unknown>>, checks: Readonly<Record<string, Check>>, others: readonly string[]): void {
    const known = [...others, ...Object.keys(checks)];
    for (const [name, member] of Object.entries(value)) {
      if (Object.hasOwn(checks, name)) {
        if (member !== undefined) {
          this.must(`${pointer}/${name}`, member, name, checks[name]);
        }
      } else if (!others.includes(name)) {
        this.refuse(`${pointer}/${name}`, member, `${JSON.stringify(name)} says nothing here.`, `${suggestion(name, known)}There are ${known.join(', ')}.`);
      }
    }
  }

  private must(pointer: string, value: unknown, what: string, check: Check): void {
    const wanted = check(value);
    if (wanted !== undefined) {
      this.refuse(pointer, value, `${what} is ${JSON.stringify(value)}; it ${wanted}.`);
    }
  }

  private refuse(pointer: string, value: unknown, message: string, fix?: string): void {
    this.problem('DD-EMULATOR-010', pointer, value, message, fix);
  }

  private problem(code: EmulatorCode, pointer: string, value: unknown, message: string, fix?: string): void {
    this.problems.push({ code, pointer: pointer === '' ? '/' : pointer, value, message, ...(fix !== undefined && { fix }) });
  }
}

/** The name that was meant, where one is near enough. */
function suggestion(wrong: unknown, known: readonly string[]): string {
  if (typeof wrong !== 'string') {
    return '';
  }
  const [first] = nearest(wrong, known, 1);
  return editDistance(wrong.toLowerCase(), first.toLowerCase()) <= Math.max(2, Math.floor(wrong.length / 4)) ? `Did you mean ${first}? ` : '';
}
