import { Problem } from '../errors';
import { LifecycleCode } from './codes';
import { PolicyDocument } from './model';
import type { ValidationResult } from './validate';

interface ProblemDetails {
  readonly value?: unknown;
  readonly fix?: string;
  readonly awsMessage?: string;
}

/** Problems as they are found, with the checks that every object of the document needs. */
export class ProblemList {
  private readonly problems: Problem[] = [];
  private readonly warnings: Problem[] = [];

  public problem(code: LifecycleCode, pointer: string, message: string, details: ProblemDetails): void {
    this.problems.push(problemOf(code, pointer, message, details));
  }

  public warning(code: LifecycleCode, pointer: string, message: string, details: ProblemDetails): void {
    this.warnings.push(problemOf(code, pointer, message, details));
  }

  public result(document?: unknown): ValidationResult {
    const valid = this.problems.length === 0;
    const { problems, warnings } = this;
    return valid ? { valid, problems, warnings, policy: document as PolicyDocument } : { valid, problems, warnings };
  }

  /** An own member; `undefined` stands for absent, as it does in JSON. */
  public member(object: Record<string, unknown>, name: string): unknown {
    return Object.hasOwn(object, name) ? object[name] : undefined;
  }

  public unknownMembers(object: Record<string, unknown>, pointer: string, allowed: readonly string[]): void {
    const unknown = Object.keys(object).filter((name) => !allowed.includes(name) && object[name] !== undefined);
    const named = JSON.stringify(unknown.slice(0, NAMED_MAX).map(cut).sort());
    for (const name of unknown) {
      const close = allowed.find((a) => a.toLowerCase() === name.toLowerCase());
      this.problem('DD-LIFECYCLE-005', child(pointer, name), `${show(name)} is not a member that ECR knows here.`, {
        value: object[name],
        fix: close ? `Write it as \`${close}\`.` : `Remove it; known are ${allowed.map((a) => `\`${a}\``).join(', ')}.`,
        awsMessage: `object instance has properties which are not allowed by the schema: (${named})`,
      });
    }
  }

  public missingMembers(object: Record<string, unknown>, pointer: string, required: readonly string[]): void {
    const missing = required.filter((name) => this.member(object, name) === undefined).sort();
    for (const name of missing) {
      this.problem('DD-LIFECYCLE-006', pointer, `\`${name}\` is missing.`, {
        fix: `Add \`${name}\`.`,
        awsMessage: `object has missing required properties (${JSON.stringify(missing)})`,
      });
    }
  }

  /** The member when it has the wanted type; a problem and `undefined` when it has another, `undefined` when it is absent. */
  public typed<T extends JsonType>(
    object: Record<string, unknown>, pointer: string, name: string, type: T, awsMessage?: string,
  ): JsonTypes[T] | undefined {
    const value = this.member(object, name);
    if (value === undefined || isOfType(value, type)) {
      return value as JsonTypes[T] | undefined;
    }
    this.wrongType(child(pointer, name), `\`${name}\``, value, type, awsMessage);
    return undefined;
  }

  public wrongType(pointer: string, what: string, value: unknown, type: JsonType, awsMessage?: string): void {
    this.problem('DD-LIFECYCLE-007', pointer, `${what} is ${show(value)}; it must be ${TYPE_WORDS[type]}.`, {
      value,
      fix: value === null ? 'Leave the member out instead of writing null.' : `Write ${TYPE_WORDS[type]}.`,
      awsMessage: awsMessage ?? this.typeText(value, type),
    });
  }

  public typeText(value: unknown, type: JsonType): string {
    return `instance type (${schemaType(value)}) does not match any allowed primitive type (allowed: ["${type}"])`;
  }

  /** Whether the word is one of the allowed ones; a problem otherwise. */
  public oneOf(code: LifecycleCode, pointer: string, name: string, word: string, allowed: readonly string[], awsMessage?: string): boolean {
    if (allowed.includes(word)) {
      return true;
    }
    const close = allowed.find((a) => a.toLowerCase() === word.toLowerCase());
    this.problem(code, pointer, `\`${name}\` is ${show(word)}; it must be ${orList(allowed.map((a) => `\`${a}\``))}.`, {
      value: word,
      fix: close ? `Write it as \`${close}\`.` : undefined,
      awsMessage: awsMessage ?? `instance value (${JSON.stringify(cut(word))}) not found in enum (possible values: ${JSON.stringify(allowed)})`,
    });
    return false;
  }
}

interface JsonTypes {
  array: unknown[];
  object: Record<string, unknown>;
  string: string;
  integer: number;
}
type JsonType = keyof JsonTypes;

const TYPE_WORDS: Readonly<Record<JsonType, string>> = { array: 'a list', object: 'an object', string: 'a string', integer: 'a whole number' };

/** AWS's text where a schema has alternatives and none fits. */
export const NO_ALTERNATIVE = 'instance failed to match exactly one schema (matched 0 out of 2)';

/** A number that is not whole is a matter of its own rule, not of the type. */
function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case 'array': return Array.isArray(value);
    case 'object': return isObject(value);
    case 'integer': return typeof value === 'number';
    case 'string': return typeof value === 'string';
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON pointer of a member or an entry. */
export function child(pointer: string, name: string | number): string {
  if (typeof name === 'number') {
    return `${pointer}/${name}`;
  }
  const short = cut(name);
  return `${pointer}/${/[~/]/.test(short) ? short.replace(/~/g, '~0').replace(/\//g, '~1') : short}`;
}

export function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A value for a message: short whatever it is, and without a step into deep nesting. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string': return JSON.stringify(cut(value));
    case 'number':
    case 'boolean': return String(value);
    default: return kindOf(value);
  }
}

export function countOf(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}

const VALUE_MAX = 200;
/** Every unknown member has a problem of its own; the text of AWS, which each of them has, need not name them all. */
const NAMED_MAX = 20;

function cut(text: string): string {
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}...` : text;
}

function schemaType(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? 'integer' : 'number';
  }
  return Array.isArray(value) ? 'array' : typeof value;
}

function problemOf(code: LifecycleCode, pointer: string, message: string, details: ProblemDetails): Problem {
  const { value, fix, awsMessage } = details;
  return {
    code,
    pointer,
    message,
    ...(value === undefined ? {} : { value: portable(value, 3) }),
    ...(fix === undefined ? {} : { fix }),
    ...(awsMessage === undefined ? {} : { awsMessage }),
  };
}

/** A copy that can always be written as JSON: hostile documents nest thousands of levels deep. */
function portable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    return cut(value);
  }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function' ? String(value) : value;
  }
  if (depth === 0) {
    return '...';
  }
  if (Array.isArray(value)) {
    return value.slice(0, 20).map((entry) => portable(entry, depth - 1));
  }
  const members = Object.entries(value).slice(0, 20);
  return Object.fromEntries(members.map(([name, entry]) => [cut(name), portable(entry, depth - 1)]));
}
