import { problem, assemblyError } from './codes';
import { isObject, KNOWN_FUNCTIONS, references } from './intrinsics';
import { DrydockError, Problem } from '../errors';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: Record<string, unknown>;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
  readonly AllowedValues?: readonly unknown[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
}

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

export interface Template {
  readonly Parameters?: Record<string, TemplateParameter>;
  readonly Mappings?: Record<string, unknown>;
  readonly Conditions?: Record<string, unknown>;
  readonly Resources: Record<string, TemplateResource>;
  readonly Outputs?: Record<string, TemplateOutput>;
}

export const PSEUDO_PARAMETERS: readonly string[] = [
  'AWS::AccountId', 'AWS::NoValue', 'AWS::NotificationARNs', 'AWS::Partition', 'AWS::Region', 'AWS::StackId', 'AWS::StackName', 'AWS::URLSuffix',
];

/** AWS::LanguageExtensions adds functions that are known here; every other transform would run in the account. */
const TRANSFORMS = ['AWS::LanguageExtensions'];
const SECTIONS = [
  'AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Rules', 'Mappings', 'Conditions', 'Transform', 'Hooks', 'Resources', 'Outputs',
];
const DELETION_POLICIES = ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'];

/** Reads a template as CloudFormation validates it: all problems at once, before anything is done. */
export function readTemplate(json: unknown, file: string): Template {
  if (!isObject(json) || !isObject(json.Resources) || Object.keys(json.Resources).length === 0) {
    throw assemblyError('DD-ASSEMBLY-003', file, 'A template is a JSON object with at least one entry in Resources.', {
      fix: 'Synthesize the app again; what is read are the JSON templates of a CDK cloud assembly.',
    });
  }
  const template = json as unknown as Template;
  const problems = [...sectionProblems(json, file), ...resourceProblems(template, file)];
  if (problems.length === 0) {
    problems.push(...referenceProblems(template, file));
  }
  if (problems.length > 0) {
    throw new DrydockError(problems);
  }
  return template;
}

/** Logical IDs of DependsOn. */
export function dependsOn(resource: TemplateResource): readonly string[] {
  return resource.DependsOn === undefined ? [] : typeof resource.DependsOn === 'string' ? [resource.DependsOn] : resource.DependsOn;
}

export function constructPath(resource: TemplateResource): string | undefined {
  const path = resource.Metadata?.['aws:cdk:path'];
  return typeof path === 'string' ? path : undefined;
}

function* sectionProblems(json: Record<string, unknown>, file: string): Iterable<Problem> {
  for (const section of Object.keys(json)) {
    if (!SECTIONS.includes(section)) {
      yield problem('DD-ASSEMBLY-003', `${file}/${section}`, `Invalid template property: ${section}.`, { fix: `Use one of ${SECTIONS.join(', ')}.` });
    }
  }
  for (const transform of [json.Transform ?? []].flat()) {
    if (typeof transform !== 'string' || !TRANSFORMS.includes(transform)) {
      yield problem('DD-ASSEMBLY-003', `${file}/Transform`, `The transform ${JSON.stringify(transform)} runs in the account; what comes out is not known here.`, {
        value: transform, fix: 'Leave the stack out, or replace the macro by constructs.',
      });
    }
  }
}

function* resourceProblems(template: Template, file: string): Iterable<Problem> {
  for (const [id, resource] of Object.entries(template.Resources)) {
    const pointer = `${file}/Resources/${id}`;
    if (!isObject(resource) || typeof resource.Type !== 'string') {
      yield problem('DD-ASSEMBLY-003', pointer, 'Every resource has a Type.', { value: resource, fix: 'Add the Type of the resource.' });
      continue;
    }
    if (!/^[A-Za-z0-9]{1,255}$/.test(id)) {
      yield problem('DD-ASSEMBLY-003', pointer, 'A logical ID has 1 to 255 letters and digits.', { value: id, fix: 'Use overrideLogicalId with such an ID.' });
    }
    for (const policy of ['DeletionPolicy', 'UpdateReplacePolicy'] as const) {
      if (resource[policy] !== undefined && !(DELETION_POLICIES.includes(resource[policy]) && !(policy === 'UpdateReplacePolicy' && resource[policy] === 'RetainExceptOnCreate'))) {
        yield problem('DD-ASSEMBLY-003', `${pointer}/${policy}`, `${policy} cannot be ${JSON.stringify(resource[policy])}.`, {
          value: resource[policy], fix: `Use ${policy === 'DeletionPolicy' ? DELETION_POLICIES.join(', ') : 'Delete, Retain or Snapshot'}.`,
        });
      }
    }
    if (!isListOfNames(resource.DependsOn)) {
      yield problem('DD-ASSEMBLY-003', `${pointer}/DependsOn`, 'DependsOn is a logical ID or a list of them.', { value: resource.DependsOn, fix: 'Name resources of this template.' });
    }
    if (resource.Properties !== undefined && !isObject(resource.Properties)) {
      yield problem('DD-ASSEMBLY-003', `${pointer}/Properties`, 'Properties is an object.', { value: resource.Properties, fix: 'Give the properties by their names.' });
    }
    if (resource.Condition !== undefined && typeof resource.Condition !== 'string') {
      yield problem('DD-ASSEMBLY-003', `${pointer}/Condition`, 'Condition is the name of a condition.', { value: resource.Condition, fix: 'Name a condition of this template.' });
    } else if (resource.Condition !== undefined && !has(template.Conditions, resource.Condition)) {
      yield problem('DD-ASSEMBLY-005', `${pointer}/Condition`, `The condition ${resource.Condition} is not in the template.`, {
        value: resource.Condition, fix: 'Declare it under Conditions.',
      });
    }
  }
}

function* referenceProblems(template: Template, file: string): Iterable<Problem> {
  const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {}), ...PSEUDO_PARAMETERS]);
  for (const [section, content] of [['Resources', template.Resources], ['Outputs', template.Outputs ?? {}], ['Conditions', template.Conditions ?? {}]] as const) {
    for (const [id, body] of Object.entries(content) as [string, Record<string, unknown>][]) {
      const pointer = `${file}/${section}/${id}`;
      const value = section === 'Resources' ? (body.Properties ?? {}) : body;
      for (const reference of references(value, pointer)) {
        if (reference.kind === 'unknown-function') {
          yield problem('DD-ASSEMBLY-004', reference.pointer, `The function ${reference.name} is not known here.`, {
            value: reference.name, fix: `Use one of ${KNOWN_FUNCTIONS.join(', ')}, or leave this stack out.`,
          });
        } else if (reference.kind === 'malformed') {
          yield problem('DD-ASSEMBLY-003', reference.pointer, reference.name, { fix: 'Write the function as its page in the CloudFormation user guide shows.' });
        } else if (reference.kind === 'condition' ? !has(template.Conditions, reference.name) : !known.has(reference.name)) {
          yield problem('DD-ASSEMBLY-005', reference.pointer, `${reference.name} is neither a resource nor a parameter or condition of this template.`, {
            value: reference.name, fix: `Declare ${reference.name}, or refer to something that the template contains.`,
          });
        } else if (section === 'Conditions' && has(template.Resources, reference.name)) {
          yield problem('DD-ASSEMBLY-005', reference.pointer, `A condition cannot refer to the resource ${reference.name}.`, {
            value: reference.name, fix: 'Conditions are decided before any resource exists: refer to parameters.',
          });
        }
      }
      if (section === 'Outputs' && typeof body.Condition === 'string' && !has(template.Conditions, body.Condition)) {
        yield problem('DD-ASSEMBLY-005', `${pointer}/Condition`, `The condition ${body.Condition} is not in the template.`, {
          value: body.Condition, fix: 'Declare it under Conditions.',
        });
      }
      if (section === 'Resources') {
        for (const other of dependsOn(template.Resources[id])) {
          if (!has(template.Resources, other)) {
            yield problem('DD-ASSEMBLY-005', `${pointer}/DependsOn`, `${other} is not a resource of this template.`, {
              value: other, fix: `Remove ${other} from DependsOn.`,
            });
          }
        }
      }
    }
  }
}

function isListOfNames(value: unknown): boolean {
  return [value ?? []].flat().every((name) => typeof name === 'string');
}

function has(section: object | undefined, key: string): boolean {
  return section !== undefined && Object.hasOwn(section, key);
}
