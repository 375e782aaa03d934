import { CliCode } from './codes';
import { Assembly, AssemblyStack } from '../assembly/assembly';
import { DrydockError, isDrydockError, Problem } from '../errors';
import { nearest } from '../images/nearest';

/** What a stack declares; undefined where its template cannot be read. */
interface Declaring {
  readonly names: readonly string[];
  readonly parameters?: readonly string[];
}

/** Throws where a value is given for a parameter that no template has: it would be ignored, and a default taken in its place. */
export function checkParameters(given: Readonly<Record<string, string>> | undefined, directories: readonly string[]): void {
  if (given === undefined) {
    return;
  }
  const stacks = directories.flatMap((directory) => Assembly.read(directory).stacks.map(declaringOf));
  const problems = Object.keys(given).flatMap((key) => problemOf(key, stacks) ?? []);
  if (problems.length > 0) {
    throw new DrydockError(problems);
  }
}

function declaringOf(stack: AssemblyStack): Declaring {
  const names = [...new Set([stack.stackName, stack.displayName])];
  try {
    return { names, parameters: stack.isEmpty ? [] : Object.keys(stack.template.Parameters ?? {}) };
  } catch (error) {
    if (isDrydockError(error)) {
      return { names };
    }
    throw error;
  }
}

function problemOf(key: string, stacks: readonly Declaring[]): Problem | undefined {
  const colon = key.lastIndexOf(':');
  const [stackName, name] = colon < 0 ? [undefined, key] : [key.slice(0, colon), key.slice(colon + 1)];
  const meant = stackName === undefined ? stacks : stacks.filter(({ names }) => names.includes(stackName));
  if (stackName !== undefined && meant.length === 0) {
    return problem(`The app has no stack ${JSON.stringify(stackName)}, of which ${JSON.stringify(name)} would be a parameter.`, alike(stackName, stacks.flatMap(({ names }) => names)), key);
  }
  if (meant.some(({ parameters }) => parameters === undefined || parameters.includes(name))) {
    return undefined;
  }
  const where = stackName === undefined ? 'No stack of the app has' : `The stack ${stackName} does not have`;
  return problem(`${where} a parameter ${JSON.stringify(name)}.`, alike(name, meant.flatMap(({ parameters = [] }) => parameters)), key);
}

function alike(text: string, candidates: readonly string[]): string {
  const [first] = nearest(text, candidates, 1);
  return first === undefined ? 'There are no parameters: leave it out.' : `The closest is ${first}.`;
}

function problem(message: string, fix: string, value: string): Problem {
  const code: CliCode = 'DD-CLI-005';
  return { code, pointer: '--parameters', message, fix, value };
}
