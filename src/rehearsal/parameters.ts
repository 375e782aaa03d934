import { problem } from './codes';
import { Template, TemplateParameter } from '../assembly/template';
import { DrydockError, Problem } from '../errors';

export interface ParameterValues {
  /** What Ref answers: a string, or a list for list types. */
  readonly resolved: Map<string, string | string[]>;
  /** As given, for `DescribeStacks` and to see a change. */
  readonly given: Record<string, string>;
  readonly notices: Problem[];
}

/** A bootstrap version that every CDK release accepts. */
const BOOTSTRAP_VERSION = '30';

/**
 * Values for the parameters of one template. `values` are keyed by parameter name, or by `StackName:ParameterName`, which wins.
 * `ssm` holds values of SSM parameters by their own name.
 */
export function resolveParameters(
  template: Template, stackName: string, values: Readonly<Record<string, string>>, ssm: Readonly<Record<string, string>> = {},
): ParameterValues {
  const resolved = new Map<string, string | string[]>();
  const given: Record<string, string> = {};
  const notices: Problem[] = [];
  const problems: Problem[] = [];
  for (const [name, declaration] of Object.entries(template.Parameters ?? {})) {
    const pointer = `${stackName}/Parameters/${name}`;
    const value = values[`${stackName}:${name}`] ?? values[name] ?? defaultOf(declaration);
    if (value === undefined) {
      problems.push(problem('DD-REHEARSAL-007', pointer, `The parameter ${name} has no default and was not given.`, { fix: `Give a value for ${stackName}:${name}.` }));
      continue;
    }
    const refusal = refused(declaration, value);
    if (refusal !== undefined) {
      problems.push(problem('DD-REHEARSAL-007', pointer, `The parameter ${name} cannot be ${JSON.stringify(value)}: ${refusal}.`, {
        value, fix: declaration.ConstraintDescription ?? 'Give a value that the template allows.',
      }));
      continue;
    }
    given[name] = value;
    resolved.set(name, valueOf(declaration.Type, value, pointer, ssm, notices));
  }
  if (problems.length > 0) {
    throw new DrydockError(problems);
  }
  return { resolved, given, notices };
}

function defaultOf(declaration: TemplateParameter): string | undefined {
  const value = declaration.Default;
  return value === undefined ? undefined : Array.isArray(value) ? value.join(',') : String(value);
}

function refused(declaration: TemplateParameter, value: string): string | undefined {
  if (declaration.AllowedValues !== undefined && !declaration.AllowedValues.map(String).includes(value)) {
    return `allowed are ${declaration.AllowedValues.join(', ')}`;
  }
  if (declaration.AllowedPattern !== undefined && !new RegExp(`^(?:${declaration.AllowedPattern})$`).test(value)) {
    return `it must match ${declaration.AllowedPattern}`;
  }
  if (declaration.Type === 'Number' && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    return 'it must be a number';
  }
  return undefined;
}

function valueOf(type: string, value: string, pointer: string, ssm: Readonly<Record<string, string>>, notices: Problem[]): string | string[] {
  const inSsm = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(type);
  if (inSsm === null) {
    return isList(type) ? split(value) : value;
  }
  const known = ssm[value] ?? (/^\/cdk-bootstrap\/.+\/version$/.test(value) ? BOOTSTRAP_VERSION : undefined);
  const stored = known ?? madeUp(inSsm[1], value);
  if (known === undefined) {
    notices.push(problem('DD-REHEARSAL-104', pointer, `The SSM parameter ${value} was given the made-up value ${stored}.`, {
      value: stored, fix: `Give the value of ${value} to the rehearsal if the template depends on it.`,
    }));
  }
  return isList(inSsm[1]) ? split(stored) : stored;
}

const isList = (type: string): boolean => type === 'CommaDelimitedList' || type.startsWith('List<');
const split = (value: string): string[] => value.split(',').map((part) => part.trim());

function madeUp(type: string, name: string): string {
  return type.includes('AWS::EC2::Image::Id') ? 'ami-0123456789abcdef0' : `value-of${name.replace(/[^A-Za-z0-9]+/g, '-')}`;
}
