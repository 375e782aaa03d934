/** What an intrinsic function looks up. */
export interface Scope {
  /** A parameter or pseudo parameter; undefined when there is none of that name. */
  parameter(name: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, topLevelKey: string, secondLevelKey: string): unknown;
  ref(logicalId: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  importValue(name: string): unknown;
}

/** A function that cannot be answered once the stack is being worked on: the resource or output that asked fails with this reason. */
export class ResolutionFailure extends Error {
  public readonly name = 'ResolutionFailure';
}

/** `AWS::NoValue`: the property, or the element, is not there at all. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue');

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Evaluate = (argument: unknown, scope: Scope) => unknown;

/** Replaces every intrinsic function in a value by its result. */
export function resolve(value: unknown, scope: Scope): unknown {
  const result = evaluate(value, scope);
  return result === NO_VALUE ? undefined : result;
}

/** A condition's own language: And, Or, Not, Equals, Condition. */
export function resolveCondition(expression: unknown, scope: Scope): boolean {
  const [name, argument] = functionOf(expression) ?? [];
  switch (name) {
    case 'Fn::And':
      return list(argument, name).every((e) => resolveCondition(e, scope));
    case 'Fn::Or':
      return list(argument, name).some((e) => resolveCondition(e, scope));
    case 'Fn::Not':
      return !resolveCondition(list(argument, name)[0], scope);
    case 'Fn::Equals': {
      const [left, right] = list(argument, name).map((e) => evaluate(e, scope));
      return JSON.stringify(left) === JSON.stringify(right) || (!isComposite(left) && !isComposite(right) && String(left) === String(right));
    }
    case 'Condition':
      return scope.condition(String(argument));
    default:
      throw new ResolutionFailure(`Template error: ${JSON.stringify(expression)} is not a condition.`);
  }
}

function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((v) => evaluate(v, scope)).filter((v) => v !== NO_VALUE);
  }
  if (!isObject(value)) {
    return value;
  }
  const call = functionOf(value);
  if (call !== undefined) {
    const [name, argument] = call;
    const implementation = FUNCTIONS.get(name);
    if (implementation === undefined) {
      throw new ResolutionFailure(`Template error: unknown function ${name}.`);
    }
    return implementation(argument, scope);
  }
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, evaluate(v, scope)] as const).filter(([, v]) => v !== NO_VALUE));
}

/** Name and argument when an object is a function call: one member, `Ref`, `Condition` or `Fn::...`. `Condition` counts in conditions only. */
export function functionOf(value: unknown): [string, unknown] | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0] === 'Condition' && typeof value.Condition === 'string' || keys[0].startsWith('Fn::'))
    ? [keys[0], value[keys[0]]]
    : undefined;
}

const FUNCTIONS = new Map<string, Evaluate>([
  ['Ref', (argument, scope) => {
    const name = text(argument, 'Ref');
    if (name === 'AWS::NoValue') {
      return NO_VALUE;
    }
    const parameter = scope.parameter(name);
    return parameter === undefined ? scope.ref(name) : parameter;
  }],
  // Outside of Conditions this is an ordinary member, as in the statements of an IAM policy.
  ['Condition', (argument) => ({ Condition: argument })],
  ['Fn::GetAtt', (argument, scope) => {
    const [logicalId, ...attribute] = attributePath(argument);
    return scope.attribute(logicalId, attribute.map((part) => text(evaluate(part, scope), 'Fn::GetAtt')).join('.'));
  }],
  ['Fn::Sub', (argument, scope) => {
    const [template, variables] = Array.isArray(argument) ? [text(argument[0], 'Fn::Sub'), argument[1] as Record<string, unknown>] : [text(argument, 'Fn::Sub'), {}];
    return substitute(template, (name) => {
      if (Object.hasOwn(variables, name)) {
        return text(evaluate(variables[name], scope), 'Fn::Sub');
      }
      const [logicalId, ...attribute] = name.split('.');
      const found = attribute.length > 0 ? scope.attribute(logicalId, attribute.join('.')) : (scope.parameter(name) ?? scope.ref(name));
      return text(found, `Fn::Sub of ${name}`);
    });
  }],
  ['Fn::Join', (argument, scope) => {
    const [delimiter, parts] = list(argument, 'Fn::Join');
    return list(evaluate(parts, scope), 'Fn::Join').map((part) => text(part, 'Fn::Join')).join(text(delimiter, 'Fn::Join'));
  }],
  ['Fn::Split', (argument, scope) => {
    const [delimiter, source] = list(argument, 'Fn::Split');
    return text(evaluate(source, scope), 'Fn::Split').split(text(delimiter, 'Fn::Split'));
  }],
  ['Fn::Select', (argument, scope) => {
    const [index, source] = list(argument, 'Fn::Select').map((part) => evaluate(part, scope));
    const elements = list(source, 'Fn::Select');
    const selected = elements[Number(index)];
    if (selected === undefined) {
      throw new ResolutionFailure(`Template error: Fn::Select cannot select nonexistent value at index ${String(index)}`);
    }
    return selected;
  }],
  ['Fn::If', (argument, scope) => {
    const [name, whenTrue, whenFalse] = list(argument, 'Fn::If');
    return evaluate(scope.condition(text(name, 'Fn::If')) ? whenTrue : whenFalse, scope);
  }],
  ['Fn::FindInMap', (argument, scope) => {
    const [map, first, second, options] = list(argument, 'Fn::FindInMap');
    const keys = [map, first, second].map((part) => text(evaluate(part, scope), 'Fn::FindInMap')) as [string, string, string];
    const found = scope.mapping(...keys);
    if (found !== undefined) {
      return found;
    }
    if (isObject(options) && 'DefaultValue' in options) {
      return evaluate(options.DefaultValue, scope);
    }
    throw new ResolutionFailure(`Template error: Unable to get mapping for ${keys.join('::')}`);
  }],
  ['Fn::Base64', (argument, scope) => Buffer.from(text(evaluate(argument, scope), 'Fn::Base64'), 'utf8').toString('base64')],
  ['Fn::GetAZs', (argument, scope) => {
    const region = text(evaluate(argument, scope), 'Fn::GetAZs') || String(scope.parameter('AWS::Region'));
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  }],
  ['Fn::ImportValue', (argument, scope) => scope.importValue(text(evaluate(argument, scope), 'Fn::ImportValue'))],
  ['Fn::Length', (argument, scope) => list(evaluate(argument, scope), 'Fn::Length').length],
  ['Fn::ToJsonString', (argument, scope) => JSON.stringify(evaluate(argument, scope))],
  ['Fn::Cidr', (argument, scope) => {
    const [block, count, bits] = list(argument, 'Fn::Cidr').map((part) => evaluate(part, scope));
    return subnets(text(block, 'Fn::Cidr'), Number(count), Number(bits ?? 8));
  }],
]);

export const KNOWN_FUNCTIONS: readonly string[] = [...FUNCTIONS.keys(), 'Fn::And', 'Fn::Or', 'Fn::Not', 'Fn::Equals'].filter((name) => name !== 'Condition');

export interface Reference {
  readonly kind: 'ref' | 'attribute' | 'condition' | 'unknown-function' | 'malformed';
  /** A logical ID, parameter, condition or function; for `malformed`, what is wrong. */
  readonly name: string;
  readonly pointer: string;
}

/**
 * Everything a value refers to. With `condition`, only the branches of Fn::If that are taken, because CloudFormation
 * takes dependencies from those only.
 */
export function* references(value: unknown, pointer = '', condition?: (name: string) => boolean): Iterable<Reference> {
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      yield* references(element, `${pointer}/${index}`, condition);
    }
    return;
  }
  if (!isObject(value)) {
    return;
  }
  const keys = Object.keys(value);
  const mixed = keys.length > 1 ? keys.find((key) => key.startsWith('Fn::')) : undefined;
  if (mixed !== undefined) {
    yield { kind: 'malformed', name: `${mixed} stands beside other members (${keys.join(', ')}).`, pointer };
    return;
  }
  const [name, argument] = functionOf(value) ?? [];
  if (name === undefined) {
    for (const key of keys) {
      yield* references(value[key], `${pointer}/${key}`, condition);
    }
    return;
  }
  yield* referencesOfCall(name, argument, `${pointer}/${name}`, condition);
}

function* referencesOfCall(name: string, argument: unknown, pointer: string, condition?: (name: string) => boolean): Iterable<Reference> {
  const malformed: Reference = { kind: 'malformed', name: `${name} cannot be ${JSON.stringify(argument)}.`, pointer };
  switch (name) {
    case 'Ref':
      yield typeof argument === 'string' ? { kind: 'ref', name: argument, pointer } : malformed;
      return;
    case 'Condition':
      if (/\/Conditions\//.test(pointer)) {
        yield { kind: 'condition', name: String(argument), pointer };
      }
      return;
    case 'Fn::GetAtt': {
      const path = attributePathOrUndefined(argument);
      if (path === undefined) {
        yield malformed;
        return;
      }
      yield { kind: 'attribute', name: path[0], pointer };
      yield* references(path.slice(1), pointer, condition);
      return;
    }
    case 'Fn::Sub': {
      const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
      if (typeof template !== 'string' || !isObject(variables)) {
        yield malformed;
        return;
      }
      const found: Reference[] = [];
      substitute(template, (variable) => {
        const [logicalId, attribute] = variable.split('.', 2);
        if (!Object.hasOwn(variables, variable)) {
          found.push({ kind: attribute === undefined ? 'ref' : 'attribute', name: logicalId, pointer });
        }
        return '';
      });
      yield* found;
      yield* references(Object.values(variables), pointer, condition);
      return;
    }
    case 'Fn::If': {
      if (!Array.isArray(argument) || argument.length !== 3 || typeof argument[0] !== 'string') {
        yield malformed;
        return;
      }
      if (condition === undefined) {
        yield { kind: 'condition', name: argument[0], pointer };
        yield* references(argument.slice(1), pointer);
      } else {
        yield* references(argument[condition(argument[0]) ? 1 : 2], pointer, condition);
      }
      return;
    }
    default:
      if (!KNOWN_FUNCTIONS.includes(name)) {
        yield { kind: 'unknown-function', name, pointer };
      }
      yield* references(argument, pointer, condition);
  }
}

/** `${Name}` and `${Name.Attribute}` are replaced, `${!Literal}` becomes `${Literal}`. */
function substitute(template: string, replace: (name: string) => string): string {
  return template.replace(/\$\{([^}]*)\}/g, (_, inner: string) => inner.startsWith('!') ? `\${${inner.slice(1)}}` : replace(inner.trim()));
}

function attributePathOrUndefined(argument: unknown): [string, ...unknown[]] | undefined {
  const parts = typeof argument === 'string' ? [argument.slice(0, argument.indexOf('.')), argument.slice(argument.indexOf('.') + 1)] : argument;
  return Array.isArray(parts) && parts.length >= 2 && typeof parts[0] === 'string' && parts[0] !== '' ? parts as [string, ...unknown[]] : undefined;
}

function attributePath(argument: unknown): [string, ...unknown[]] {
  const path = attributePathOrUndefined(argument);
  if (path === undefined) {
    throw new ResolutionFailure(`Template error: Fn::GetAtt cannot be ${JSON.stringify(argument)}.`);
  }
  return path;
}

const isComposite = (value: unknown) => typeof value === 'object' && value !== null;

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) {
    throw new ResolutionFailure(`Template error: every ${name} object requires a list, not ${JSON.stringify(value)}.`);
  }
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  throw new ResolutionFailure(`Template error: ${name} needs a string, not ${JSON.stringify(value)}.`);
}

function subnets(block: string, count: number, bits: number): string[] {
  const [address, prefix] = block.split('/');
  const base = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** bits;
  if (!Number.isFinite(base) || !(count >= 1 && count <= 256) || !(bits >= 1 && bits <= 32) || count * size > 2 ** (32 - Number(prefix))) {
    throw new ResolutionFailure(`Template error: Fn::Cidr cannot split ${block} into ${count} blocks of ${bits} bits.`);
  }
  return Array.from({ length: count }, (_, i) => {
    const start = base + i * size;
    return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.')}/${32 - bits}`;
  });
}
