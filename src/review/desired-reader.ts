import { DeployedResource, DeployedStack, Environment, environmentKey } from './deployed';
import type { DesiredApp, DesiredOptions, DesiredResource, DesiredStack } from './desired';
import { Assumptions, StackValues } from './stack-values';
import { Assembly, AssemblyStack } from '../assembly/assembly';
import { assemblyError } from '../assembly/codes';
import { isObject, resolve, ResolutionFailure } from '../assembly/intrinsics';
import { escapePointer, resolvePartly, Unresolved, UnresolvedValue } from '../assembly/partial';
import { constructPath, dependsOn, Template, TemplateResource } from '../assembly/template';
import { isDrydockError } from '../errors';
import { PlanFinding } from '../report/plan';

/** Databases have another default; nothing of ECR has. */
const DEFAULT_POLICY = 'Delete';

/** A stack, or a nested one, with what its functions find. */
interface Opened extends Environment {
  readonly id: string;
  readonly outermost: AssemblyStack;
  readonly templateFile: string;
  readonly displayName: string;
  readonly template: Template;
  readonly values: StackValues;
  readonly nestedIn?: { readonly stackId: string; readonly logicalId: string };
  readonly nested: ReadonlyMap<string, Opened>;
  /** `none`: it is not there yet. Undefined: CloudFormation was not asked. */
  readonly deployed?: DeployedStack | 'none';
}

/** Reads the folder of an app once. */
export class DesiredReader {
  private readonly assembly: Assembly;
  private readonly findings: PlanFinding[] = [];
  private readonly opened = new Map<string, Opened>();
  private readonly unread = new Set<AssemblyStack>();
  private readonly assumptions = new Assumptions();

  constructor(private readonly directory: string, private readonly options: DesiredOptions) {
    this.assembly = Assembly.read(directory);
  }

  public read(): DesiredApp {
    const selected = new Set(this.assembly.matching(this.options.stacks));
    // Others are opened too: they may export what the selected ones import.
    for (const stack of this.assembly.stacks) {
      const isOpen = this.attempt(stack.displayName, selected.has(stack), () => {
        this.open(stack);
        return true;
      });
      if (!isOpen) {
        this.unread.add(stack);
      }
    }
    const stacks = [...selected].flatMap((stack) => {
      const opened = this.opened.get(stack.id);
      return opened === undefined ? [] : withNested(opened).flatMap((one) => this.attempt(stack.displayName, true, () => this.stackOf(one)) ?? []);
    });
    const unread = [...selected].filter((stack) => this.unread.has(stack) || (this.opened.has(stack.id) && stacks.every(({ id }) => id !== stack.id)));
    return { directory: this.directory, stacks, findings: this.findings, unread: unread.map((stack) => ({ stackName: stack.stackName, ...this.placeOf(stack) })) };
  }

  private open(stack: AssemblyStack): void {
    const { parameters = {}, templates } = this.options;
    const place = this.placeOf(stack);
    const template = templates === undefined ? stack.isEmpty ? undefined : stack.template : this.replacement(place, stack.stackName, stack, undefined);
    if (template === undefined) {
      return;
    }
    const given: Record<string, string> = { ...stack.parameters };
    for (const name of Object.keys(template.Parameters ?? {})) {
      const value = parameters[`${stack.stackName}:${name}`] ?? parameters[`${stack.displayName}:${name}`] ?? parameters[name];
      if (value !== undefined) {
        given[name] = value;
      }
    }
    this.opened.set(stack.id, this.openTemplate({
      ...place, id: stack.id, outermost: stack, templateFile: stack.templateFile, displayName: stack.displayName, template,
    }, given, this.deployedStack(place, stack.stackName)));
  }

  private placeOf(stack: AssemblyStack): Environment {
    const { environment } = this.options;
    return { account: stack.account ?? environment?.account, region: stack.region ?? environment?.region };
  }

  private replacement(place: Environment, nameOrId: string, stack: AssemblyStack, resourcePath: string | undefined): Template | undefined {
    const template = this.options.templates?.get(`${environmentKey(place)}:${nameOrId}`);
    return template && stack.withPaths(template, resourcePath);
  }

  private openTemplate(place: Omit<Opened, 'values' | 'nested' | 'deployed'>, given: Readonly<Record<string, string | (() => string)>>, found: DeployedStack | 'none' | undefined): Opened {
    const deployed = found === 'none' ? undefined : found;
    const nested = new Map<string, Opened>();
    const values = new StackValues({ ...place, stackName: deployed?.stackName ?? place.outermost.stackName, given, deployed, assumptions: this.assumptions }, {
      exported: (name) => this.exported(place, name),
      nested: (logicalId) => nested.get(logicalId)?.values,
    });
    for (const [logicalId, resource] of Object.entries(place.template.Resources)) {
      if (resource.Type === 'AWS::CloudFormation::Stack') {
        const child = this.attempt(`${place.displayName}/${logicalId}`, true, () => this.openNested(place, values, logicalId, resource, found));
        if (child !== undefined) {
          nested.set(logicalId, child);
        }
      }
    }
    return { ...place, values, nested, ...(found && { deployed: found }) };
  }

  private openNested(parent: Omit<Opened, 'values' | 'nested' | 'deployed'>, values: StackValues, logicalId: string, resource: TemplateResource, parentNow: DeployedStack | 'none' | undefined): Opened {
    const place = `${parent.displayName}/${logicalId}`;
    const path = constructPath(resource);
    const given = isObject(resource.Properties?.Parameters)
      ? Object.fromEntries(Object.entries(resource.Properties.Parameters).map(([name, value]) => [name, () => known(value, values)])) : {};
    const here = typeof parentNow === 'object' ? parentNow.resources[logicalId] : undefined;
    const now = here !== undefined ? this.deployedStack(parent, here.physicalId) : parentNow && 'none';
    const { template, templateFile } = this.nestedTemplate(parent, resource, place, here?.physicalId);
    return this.openTemplate({
      account: parent.account, region: parent.region,
      id: `${parent.id}/${logicalId}`, outermost: parent.outermost, templateFile,
      displayName: path?.replace(/\/([^/]+)\.NestedStack\/\1\.NestedStackResource$/, '/$1') ?? place,
      template, nestedIn: { stackId: parent.id, logicalId },
    }, given, now);
  }

  private nestedTemplate(parent: Omit<Opened, 'values' | 'nested' | 'deployed'>, resource: TemplateResource, place: string, physicalId: string | undefined) {
    const path = constructPath(resource);
    if (this.options.templates === undefined) {
      const url = assetOf(resource.Properties?.TemplateURL);
      return { template: parent.outermost.withPathsOfNested(this.assembly.nestedTemplate(url, place), path), templateFile: this.assembly.nestedTemplateFile(url, place) };
    }
    const template = physicalId === undefined ? undefined : this.replacement(parent, physicalId, parent.outermost, path);
    if (template === undefined) {
      throw assemblyError('DD-ASSEMBLY-008', place, 'The template of the nested stack, as it is deployed, could not be read.', { value: physicalId, fix: 'Allow cloudformation:GetTemplate on it.' });
    }
    return { template, templateFile: parent.templateFile };
  }

  private stackOf(opened: Opened): DesiredStack {
    const { id, outermost, displayName, templateFile, template, nestedIn, account, region } = opened;
    const resources = Object.entries(template.Resources).flatMap(([logicalId, resource]) => isOfEcr(resource.Type) ? this.resourceOf(opened, logicalId, resource) : []);
    return {
      id, stackName: outermost.stackName, displayName, templateFile, template, tags: outermost.tags, resources,
      ...(account !== undefined && { account }), ...(region !== undefined && { region }), ...(nestedIn && { nestedIn }),
    };
  }

  private resourceOf(opened: Opened, logicalId: string, resource: TemplateResource): DesiredResource[] {
    const { id, outermost, displayName, templateFile, values, account, region, deployed } = opened;
    const holds = this.assumptions.of(() => values.holds(resource.Condition));
    if (holds.result === false) {
      return [];
    }
    const { ServiceToken: _, ServiceTimeout: __, ...given } = resource.Properties ?? {};
    const properties: Record<string, unknown> = {};
    const unresolved: UnresolvedValue[] = [];
    const assumed: Record<string, readonly string[]> = holds.assumed.length > 0 ? { Condition: holds.assumed } : {};
    for (const [name, property] of Object.entries(given)) {
      const found = this.assumptions.of(() => resolvePartly(property, values));
      if (found.result.value !== undefined) {
        properties[name] = found.result.value;
      }
      unresolved.push(...found.result.unresolved.map((part) => ({ ...part, pointer: `/${escapePointer(name)}${part.pointer}` })));
      if (found.assumed.length > 0) {
        assumed[name] = found.assumed;
      }
    }
    return [{
      at: {
        constructPath: (constructPath(resource) ?? `${displayName}/${logicalId}`).replace(/\/(Resource\/Default|Resource)$/, ''),
        stackName: outermost.stackName, logicalId, resourceType: resource.Type, templateFile,
      },
      stackId: id,
      type: resource.Type,
      properties,
      unresolved,
      assumed,
      deletionPolicy: resource.DeletionPolicy ?? DEFAULT_POLICY,
      updateReplacePolicy: resource.UpdateReplacePolicy ?? DEFAULT_POLICY,
      dependsOn: dependsOn(resource),
      ...(holds.result === undefined && { undecidedCondition: resource.Condition }),
      ...(deployed && { deployed: deployed === 'none' ? deployed : sameType(deployed.resources[logicalId], resource.Type) ?? 'none' }),
      ...(account !== undefined && { account }), ...(region !== undefined && { region }),
    }];
  }

  /** An export of this app, or of what is deployed beside it. */
  private exported(environment: Environment, name: string): string {
    for (const stack of [...this.opened.values()].flatMap(withNested).filter((other) => mayBeSame(environment, other))) {
      for (const [output, { Export: exported }] of Object.entries(stack.template.Outputs ?? {})) {
        if (exported !== undefined && isNamed(name, exported.Name, stack.values)) {
          const value = stack.values.output(output);
          if (typeof value === 'string') {
            return value;
          }
        }
      }
    }
    const deployed = this.options.deployed?.environments.get(environmentKey(environment))?.exports;
    if (deployed !== undefined && Object.hasOwn(deployed, name)) {
      return deployed[name];
    }
    throw new Unresolved({ kind: 'import', name, text: `the export ${name}, which no stack of this app makes` });
  }

  private deployedStack(environment: Environment, nameOrId: string): DeployedStack | 'none' | undefined {
    const stacks = this.options.deployed?.environments.get(environmentKey(environment))?.stacks;
    return stacks?.has(nameOrId) ? stacks.get(nameOrId) ?? 'none' : undefined;
  }

  /** What cannot be read is a finding where somebody asked for it; the rest is looked at all the same. */
  private attempt<T>(place: string, asked: boolean, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      const problems = isDrydockError(error) ? error.problems
        : error instanceof ResolutionFailure ? [{ code: 'DD-ASSEMBLY-003', pointer: place, message: `${error.message}.`, fix: 'Correct the template.' }] : undefined;
      if (problems === undefined) {
        throw error;
      }
      if (asked) {
        this.findings.push(...problems.map(({ code, pointer, message, fix }): PlanFinding => ({ severity: 'error', code, place: pointer, message, fix, effect: 'undetermined' })));
      }
      return undefined;
    }
  }
}

function sameType(resource: DeployedResource | undefined, type: string): DeployedResource | undefined {
  return resource?.type === type ? resource : undefined;
}

function isOfEcr(type: string): boolean {
  return type.startsWith('AWS::ECR::') || type.startsWith('Custom::Drydock');
}

function withNested(opened: Opened): Opened[] {
  return [opened, ...[...opened.nested.values()].flatMap(withNested)];
}

/** The template behind a TemplateURL as CDK writes it: a Sub or Join whose text ends in the asset's key. */
function assetOf(url: unknown): string {
  const text = JSON.stringify(url) ?? '';
  return /([^/"\]}]+\.json)["\]}]*$/.exec(text)?.[1] ?? text;
}

/** Throws `Unresolved`. */
function known(value: unknown, values: StackValues): string {
  try {
    const resolved = resolve(value, values);
    return Array.isArray(resolved) ? resolved.join(',') : String(resolved);
  } catch (error) {
    throw error instanceof ResolutionFailure && !(error instanceof Unresolved) ? new Unresolved({ kind: 'function', name: 'function', text: error.message }) : error;
  }
}

function isNamed(name: string, value: unknown, values: StackValues): boolean {
  try {
    return known(value, values) === name;
  } catch (error) {
    if (error instanceof Unresolved) {
      return false;
    }
    throw error;
  }
}

function mayBeSame(a: Environment, b: Environment): boolean {
  return (['account', 'region'] as const).every((part) => a[part] === undefined || b[part] === undefined || a[part] === b[part]);
}
