import { Incoming } from '../content/uploads';
import { EcrError, invalidParameter } from '../ecr-error';
import { OperationModel } from './operations';
import { isRequired, Members, Shape } from './shapes';

/**
 * The checks that ECR makes before an operation starts: wrong types are a SerializationException, everything else an
 * InvalidParameterException in ECR's own frame. Members of unknown name are ignored and `null` counts as absent, as AWS does.
 */
export function validateInput(model: OperationModel, body: unknown): Record<string, unknown> {
  const input = readStructure(model.input, body, '');
  checkMembers(model.input, input, '');
  for (const [one, other] of model.exclusive ?? []) {
    if (input[one] !== undefined && input[other] !== undefined) {
      throw invalidParameter(other, `${other} cannot be used together with ${one}`);
    }
  }
  return input;
}

function readStructure(members: Members, value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType(path, 'a structure', value);
  }
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    // `Object.hasOwn`: a body may hold `__proto__` or `constructor` as names.
    const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    if (given !== undefined && given !== null) {
      result[name] = readValue(isRequired(member) ? member.shape : member, given, join(path, name));
    }
  }
  return result;
}

function readValue(shape: Shape, value: unknown, path: string): unknown {
  switch (shape.type) {
    case 'structure':
      return readStructure(shape.members, value, path);
    case 'list':
      if (!Array.isArray(value)) {
        throw wrongType(path, 'a list', value);
      }
      return value.map((item, i) => readValue(shape.of, item, element(path, i)));
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) {
        throw wrongType(path, 'an integer', value);
      }
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') {
        throw wrongType(path, 'a boolean', value);
      }
      return value;
    case 'blob':
      if (!(value instanceof Incoming)) {
        throw wrongType(path, 'a blob in base64', value);
      }
      return value;
    default:
      if (typeof value !== 'string') {
        throw wrongType(path, 'a string', value);
      }
      return value;
  }
}

function checkMembers(members: Members, input: Record<string, unknown>, path: string): void {
  for (const [name, member] of Object.entries(members)) {
    const at = join(path, name);
    const value = input[name];
    if (value === undefined) {
      if (isRequired(member)) {
        throw invalidParameter(at, 'Member must not be null');
      }
      continue;
    }
    checkValue(isRequired(member) ? member.shape : member, value, at);
  }
}

function checkValue(shape: Shape, value: unknown, path: string): void {
  switch (shape.type) {
    case 'string': {
      const text = value as string;
      checkBounds(path, 'length', text.length, shape);
      if (shape.pattern !== undefined && !wholePattern(shape.pattern).test(text)) {
        throw invalidParameter(path, `must satisfy regular expression '${shape.pattern}'`);
      }
      break;
    }
    case 'enum':
      if (!shape.values.includes(value as string)) {
        throw invalidParameter(path, `Member must satisfy enum value set: [${shape.values.join(', ')}]`);
      }
      break;
    case 'integer':
      checkBounds(path, 'value', value as number, shape);
      break;
    case 'blob':
      checkBounds(path, 'length', (value as Incoming).size, shape);
      break;
    case 'list':
      checkBounds(path, 'length', (value as unknown[]).length, shape);
      (value as unknown[]).forEach((item, i) => checkValue(shape.of, item, element(path, i)));
      break;
    case 'structure':
      checkMembers(shape.members, value as Record<string, unknown>, path);
      break;
    default:
  }
}

function checkBounds(path: string, what: 'length' | 'value', actual: number, limits: { readonly min?: number; readonly max?: number }): void {
  if (limits.min !== undefined && actual < limits.min) {
    throw invalidParameter(path, `Member must have ${what} greater than or equal to ${limits.min}`);
  }
  if (limits.max !== undefined && actual > limits.max) {
    throw invalidParameter(path, `Member must have ${what} less than or equal to ${limits.max}`);
  }
}

function wrongType(path: string, wanted: string, value: unknown): EcrError {
  const found = Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value === 'object' ? 'a structure' : `a ${typeof value}`;
  return new EcrError('SerializationException', path === '' ? `The request must be ${wanted}, not ${found}` : `Expected ${wanted} at '${path}', found ${found}`);
}

const patterns = new Map<string, RegExp>();

function wholePattern(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (!compiled) {
    compiled = new RegExp(`^(?:${pattern})$`);
    patterns.set(pattern, compiled);
  }
  return compiled;
}

const join = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);
/** AWS counts list entries from one. */
const element = (path: string, index: number) => `${path}.${index + 1}.member`;
