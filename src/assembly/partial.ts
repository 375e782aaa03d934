import { functionOf, isObject, resolve, ResolutionFailure, Scope } from './intrinsics';

/** What a value hangs on that is not known yet. */
export interface Hanging {
  readonly kind: 'parameter' | 'pseudo-parameter' | 'import' | 'resource' | 'attribute' | 'condition' | 'dynamic-reference' | 'function';
  /** A parameter, export, logical ID, `LogicalId.Attribute`, condition or reference. */
  readonly name: string;
  /** The same in words: `the parameter Stage, which has no value`. */
  readonly text: string;
}

/** Thrown by a scope that does not know something. */
export class Unresolved extends ResolutionFailure {
  constructor(public readonly hangsOn: Hanging) {
    super(`${hangsOn.text} is not known before the deployment`);
  }
}

/** A part of a value that stays as the template has it. */
export interface UnresolvedValue {
  /** JSON pointer below the value that was resolved; empty where it is the whole. */
  readonly pointer: string;
  /** As the template has it. */
  readonly value: unknown;
  readonly hangsOn: Hanging;
}

export interface PartlyResolved {
  readonly value: unknown;
  readonly unresolved: readonly UnresolvedValue[];
}

/** Resolves what can be resolved, and leaves the other function calls as they are. An absent value is `undefined`. */
export function resolvePartly(value: unknown, scope: Scope): PartlyResolved {
  const unresolved: UnresolvedValue[] = [];
  return { value: walk(value, '', scope, unresolved), unresolved };
}

function walk(value: unknown, pointer: string, scope: Scope, unresolved: UnresolvedValue[]): unknown {
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const element of value) {
      const resolved = walk(element, `${pointer}/${list.length}`, scope, unresolved);
      if (resolved !== undefined) {
        list.push(resolved);
      }
    }
    return list;
  }
  if (typeof value === 'string') {
    noteDynamicReferences(value, pointer, unresolved);
    return value;
  }
  if (!isObject(value)) {
    return value;
  }
  const call = functionOf(value);
  if (call === undefined) {
    return Object.fromEntries(Object.entries(value)
      .map(([key, member]) => [key, walk(member, `${pointer}/${escapePointer(key)}`, scope, unresolved)] as const)
      .filter(([, member]) => member !== undefined));
  }
  try {
    const branch = branchOf(call, scope);
    if (branch !== undefined) {
      return walk(branch.value, pointer, scope, unresolved);
    }
    const resolved = resolve(value, scope);
    noteAll(resolved, pointer, unresolved);
    return resolved;
  } catch (error) {
    if (!(error instanceof ResolutionFailure)) {
      throw error;
    }
    unresolved.push({
      pointer, value, hangsOn: error instanceof Unresolved ? error.hangsOn : { kind: 'function', name: call[0], text: `${call[0]} (${error.message})` },
    });
    return value;
  }
}

/** The branch of an Fn::If whose condition is decided; what is in it may be known in part. */
function branchOf([name, argument]: [string, unknown], scope: Scope): { readonly value: unknown } | undefined {
  return name === 'Fn::If' && Array.isArray(argument) && argument.length === 3 && typeof argument[0] === 'string'
    ? { value: argument[scope.condition(argument[0]) ? 1 : 2] } : undefined;
}

function noteAll(value: unknown, pointer: string, unresolved: UnresolvedValue[]): void {
  if (typeof value === 'string') {
    noteDynamicReferences(value, pointer, unresolved);
  } else if (typeof value === 'object' && value !== null) {
    Object.entries(value).forEach(([key, member]) => noteAll(member, `${pointer}/${escapePointer(key)}`, unresolved));
  }
}

/** What CloudFormation fills in on the way: the values of SSM parameters and secrets. */
function noteDynamicReferences(text: string, pointer: string, unresolved: UnresolvedValue[]): void {
  const [reference] = /\{\{resolve:[^}]*\}\}/.exec(text) ?? [];
  if (reference !== undefined) {
    unresolved.push({ pointer, value: text, hangsOn: { kind: 'dynamic-reference', name: reference, text: `the dynamic reference ${reference}` } });
  }
}

export function escapePointer(key: string): string {
  return key.replace(/~/g, '~0').replace(/\//g, '~1');
}
