import { isObject } from '../assembly/intrinsics';

/** Why an execution stopped, in the words of Step Functions. */
export class ExecutionFailure extends Error {
  public readonly name = 'ExecutionFailure';

  constructor(public readonly error: string, public readonly cause: string) {
    super(`${error}: ${cause}`);
  }
}

export interface TaskCall {
  readonly functionName: string;
  readonly payload: unknown;
}

/** Answers with what the function returned, or throws ExecutionFailure. */
export type Invoke = (call: TaskCall) => Promise<unknown>;

export interface MachineOptions {
  readonly invoke: Invoke;
  /** Upper bound of every wait; Step Functions would wait as long as the definition says. */
  readonly maximumWaitMillis: number;
  readonly context?: Readonly<Record<string, unknown>>;
}

type State = Readonly<Record<string, unknown>>;

/** More transitions than any execution may have: 25,000 events of history. */
const MAXIMUM_TRANSITIONS = 25_000;
const KNOWN_TYPES = ['Task', 'Choice', 'Pass', 'Wait', 'Succeed', 'Fail'];

/**
 * Walks a state machine, as far as it goes with the states in which Lambda functions are called again and again: Task (`lambda:invoke` or a function's
 * ARN), Choice, Pass, Wait, Succeed and Fail, with retries and catches, paths as `$.a.b` and `$$.a`. It is no interpreter of the Amazon States Language;
 * what it does not know it refuses (`States.Runtime`), it never passes over it.
 */
export async function runStateMachine(definition: unknown, input: unknown, options: MachineOptions): Promise<unknown> {
  const machine = checked(definition);
  let name = machine.StartAt as string;
  let data = structuredClone(input);
  for (let transitions = 0; transitions < MAXIMUM_TRANSITIONS; transitions += 1) {
    const state = (machine.States as Record<string, State>)[name];
    if (state === undefined) {
      throw new ExecutionFailure('States.Runtime', `There is no state ${name}.`);
    }
    const step = await perform(name, state, data, options);
    data = step.output;
    if (step.next === undefined) {
      return data;
    }
    name = step.next;
  }
  throw new ExecutionFailure('States.Runtime', `The execution has more than ${MAXIMUM_TRANSITIONS} transitions.`);
}

function checked(definition: unknown): Record<string, unknown> {
  if (!isObject(definition) || typeof definition.StartAt !== 'string' || !isObject(definition.States)) {
    throw new ExecutionFailure('States.Runtime', 'The definition has no StartAt or no States.');
  }
  if (definition.QueryLanguage !== undefined && definition.QueryLanguage !== 'JSONPath') {
    throw new ExecutionFailure('States.Runtime', `A rehearsal does not know the query language ${String(definition.QueryLanguage)}.`);
  }
  return definition;
}

interface Step {
  readonly output: unknown;
  readonly next?: string;
}

async function perform(name: string, state: State, input: unknown, options: MachineOptions): Promise<Step> {
  const next = typeof state.Next === 'string' && state.End !== true ? { next: state.Next } : {};
  for (const member of ['InputPath', 'OutputPath', 'Assign', 'Arguments', 'Output', 'ItemSelector']) {
    if (state[member] !== undefined) {
      throw new ExecutionFailure('States.Runtime', `State ${name}: a rehearsal does not know ${member}.`);
    }
  }
  switch (state.Type) {
    case 'Task':
      return task(name, state, input, options, next);
    case 'Pass': {
      const value = state.Parameters !== undefined ? fill(state.Parameters, input, options.context) : state.Result !== undefined ? state.Result : input;
      return { output: place(input, state.ResultPath, value), ...next };
    }
    case 'Choice': {
      const choice = (state.Choices as State[]).find((one) => holds(one, input, options.context));
      const target = (choice?.Next ?? state.Default) as string | undefined;
      if (target === undefined) {
        throw new ExecutionFailure('States.NoChoiceMatched', `State ${name}: no choice matched.`);
      }
      return { output: input, next: target };
    }
    case 'Wait': {
      const seconds = state.SecondsPath === undefined ? Number(state.Seconds) : Number(at(input, String(state.SecondsPath), options.context));
      await pause(seconds * 1000, options);
      return { output: input, ...next };
    }
    case 'Succeed':
      return { output: input };
    case 'Fail':
      throw new ExecutionFailure(String(state.Error ?? 'States.Failed'), String(state.Cause ?? ''));
    default:
      throw new ExecutionFailure('States.Runtime', `State ${name}: a rehearsal does not know states of type ${String(state.Type)}, only ${KNOWN_TYPES.join(', ')}.`);
  }
}

async function task(name: string, state: State, input: unknown, options: MachineOptions, next: Pick<Step, 'next'>): Promise<Step> {
  const parameters = state.Parameters === undefined ? input : fill(state.Parameters, input, options.context);
  const resource = String(state.Resource);
  let call: TaskCall;
  if (/^arn:[^:]+:states:::lambda:invoke$/.test(resource) && isObject(parameters)) {
    call = { functionName: String(parameters.FunctionName), payload: parameters.Payload ?? {} };
  } else if (/^arn:[^:]+:lambda:/.test(resource)) {
    call = { functionName: resource, payload: parameters };
  } else {
    throw new ExecutionFailure('States.Runtime', `State ${name}: a rehearsal can call Lambda functions only, not ${resource}.`);
  }
  const tries = new Map<State, number>();
  for (;;) {
    try {
      const answer = await options.invoke(call);
      const result = resource.endsWith(':lambda:invoke') ? { Payload: answer, StatusCode: 200, ExecutedVersion: '$LATEST' } : answer;
      return { output: place(input, state.ResultPath, state.ResultSelector === undefined ? result : fill(state.ResultSelector, result, options.context)), ...next };
    } catch (error) {
      if (!(error instanceof ExecutionFailure)) {
        throw error;
      }
      const retrier = ((state.Retry ?? []) as State[]).find((one) => catches(one, error));
      const done = retrier === undefined ? Infinity : tries.get(retrier) ?? 0;
      if (retrier !== undefined && done < Number(retrier.MaxAttempts ?? 3)) {
        tries.set(retrier, done + 1);
        await pause(1000 * Number(retrier.IntervalSeconds ?? 1) * Number(retrier.BackoffRate ?? 2) ** done, options);
        continue;
      }
      const catcher = ((state.Catch ?? []) as State[]).find((one) => catches(one, error));
      if (catcher === undefined) {
        throw error;
      }
      return { output: place(input, catcher.ResultPath, { Error: error.error, Cause: error.cause }), next: String(catcher.Next) };
    }
  }
}

/** `States.TaskFailed` is everything but a timeout; `States.ALL` does not catch what is wrong with the definition itself. */
function catches({ ErrorEquals }: State, { error }: ExecutionFailure): boolean {
  const names = ErrorEquals as readonly string[];
  if (error === 'States.Runtime') {
    return false;
  }
  return names.includes(error) || names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout');
}

function holds(choice: State, input: unknown, context: MachineOptions['context']): boolean {
  if (choice.Not !== undefined) {
    return !holds(choice.Not as State, input, context);
  }
  if (choice.And !== undefined || choice.Or !== undefined) {
    return choice.And !== undefined ? (choice.And as State[]).every((one) => holds(one, input, context)) : (choice.Or as State[]).some((one) => holds(one, input, context));
  }
  const { Variable, Next, Comment, ...tests } = choice;
  const [[test, expected]] = Object.entries(tests);
  const value = at(input, String(Variable), context, test === 'IsPresent' ? 'absent is undefined' : 'absent is an error');
  switch (test) {
    case 'IsPresent': return (value !== undefined) === expected;
    case 'BooleanEquals': case 'StringEquals': case 'NumericEquals': return value === expected;
    case 'NumericGreaterThan': return Number(value) > Number(expected);
    case 'NumericGreaterThanEquals': return Number(value) >= Number(expected);
    case 'NumericLessThan': return Number(value) < Number(expected);
    default: throw new ExecutionFailure('States.Runtime', `A rehearsal does not know the comparison ${test}.`);
  }
}

/** A template with its paths (`"Name.$": "$.path"`) filled in. */
function fill(template: unknown, input: unknown, context: MachineOptions['context']): unknown {
  if (Array.isArray(template)) {
    return template.map((one) => fill(one, input, context));
  }
  if (!isObject(template)) {
    return template;
  }
  return Object.fromEntries(Object.entries(template).map(([key, value]) => key.endsWith('.$')
    ? [key.slice(0, -2), at(input, String(value), context)]
    : [key, fill(value, input, context)]));
}

function at(input: unknown, path: string, context: MachineOptions['context'], absent: 'absent is undefined' | 'absent is an error' = 'absent is an error'): unknown {
  if (!/^\$\$?(\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(path)) {
    throw new ExecutionFailure('States.Runtime', `A rehearsal does not know the path ${path}.`);
  }
  const [root, ...members] = path.split('.');
  let value: unknown = root === '$$' ? context ?? {} : input;
  for (const member of members) {
    value = isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined;
  }
  if (value === undefined && absent === 'absent is an error') {
    throw new ExecutionFailure('States.ParameterPathFailure', `The path ${path} leads to nothing.`);
  }
  return value;
}

/** The input with the result where ResultPath says. */
function place(input: unknown, path: unknown, result: unknown): unknown {
  if (path === undefined || path === '$') {
    return result;
  }
  if (path === null) {
    return input;
  }
  const members = String(path).split('.').slice(1);
  const output = isObject(input) ? structuredClone(input) : {};
  let holder: Record<string, unknown> = output;
  for (const member of members.slice(0, -1)) {
    const inner = holder[member];
    holder = isObject(inner) ? inner : holder[member] = {};
  }
  holder[members[members.length - 1]] = result;
  return output;
}

function pause(millis: number, { maximumWaitMillis }: MachineOptions): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(Number.isFinite(millis) ? millis : 0, maximumWaitMillis)));
}
