import { DeployedResource, DeployedStack, Environment } from './deployed';
import { attributeByName, nameIsRef } from './known-names';
import { resolve, Scope } from '../assembly/intrinsics';
import { Hanging, Unresolved } from '../assembly/partial';
import { partitionOf } from '../assembly/partition';
import { prepare, PreparedTemplate } from '../assembly/prepared';
import { Template, TemplateParameter, TemplateResource } from '../assembly/template';

/** What a stack asks of the rest of the app. */
export interface Neighbours {
  /** Throws `Unresolved`. */
  exported(name: string): string;
  /** The stack that a resource stands for; undefined where it is none, or cannot be read. */
  nested(logicalId: string): StackValues | undefined;
}

export interface StackFacts extends Environment {
  readonly stackName: string;
  readonly template: Template;
  /** Values that were given, by the name of the parameter. Those of a nested stack are found when they are asked for, or not (`Unresolved`). */
  readonly given: Readonly<Record<string, string | (() => string)>>;
  readonly deployed?: DeployedStack;
  /** Where the use of a default is noted. */
  readonly assumptions: Assumptions;
}

/** Parameters of which the template's default was taken, as `Stack:Parameter`. */
export class Assumptions {
  private noted = new Set<string>();

  public add(name: string): void {
    this.noted.add(name);
  }

  /** What `work` assumes. It is noted for whoever asked for this work, too. */
  public of<T>(work: () => T): { readonly result: T; readonly assumed: readonly string[] } {
    const outside = this.noted;
    this.noted = new Set();
    try {
      const result = work();
      return { result, assumed: [...this.noted] };
    } finally {
      this.noted.forEach((name) => outside.add(name));
      this.noted = outside;
    }
  }
}

/** What intrinsic functions of one stack find before the deployment: a scope that says what it does not know. */
export class StackValues implements Scope {
  /** By condition, what it was decided with. */
  private readonly decidedWith = new Map<string, readonly string[]>();
  private readonly plan: PreparedTemplate;
  private readonly open = new Set<string>();

  constructor(private readonly facts: StackFacts, private readonly neighbours: Neighbours) {
    // Every resource; whether its condition holds is decided when somebody asks.
    const resources = Object.fromEntries(Object.entries(facts.template.Resources).map(([id, { Condition: _, ...resource }]) => [id, resource as TemplateResource]));
    const outputs = Object.fromEntries(Object.entries(facts.template.Outputs ?? {}).map(([id, { Condition: _, ...output }]) => [id, output]));
    this.plan = prepare({ ...facts.template, Resources: stripped(resources), Outputs: outputs }, (name) => this.parameter(name));
  }

  public parameter(name: string): unknown {
    const { account, region, stackName, deployed } = this.facts;
    switch (name) {
      case 'AWS::AccountId': return account ?? this.pseudo(name, 'the account');
      case 'AWS::Region': return region ?? this.pseudo(name, 'the Region');
      case 'AWS::StackId': return deployed?.stackId ?? this.pseudo(name, 'the ARN of the stack');
      case 'AWS::StackName': return stackName;
      // Whoever names no Region is hardly in China or the government's cloud.
      case 'AWS::Partition': return partitionOf(region ?? '');
      case 'AWS::URLSuffix': return region?.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
      case 'AWS::NotificationARNs': return [];
      default: {
        const declaration = own(this.facts.template.Parameters, name);
        return declaration === undefined ? undefined : this.declared(name, declaration);
      }
    }
  }

  public condition(name: string): boolean {
    const { assumptions } = this.facts;
    this.decidedWith.get(name)?.forEach((parameter) => assumptions.add(parameter));
    try {
      const { result, assumed } = assumptions.of(() => this.plan.condition(name));
      if (!this.decidedWith.has(name)) {
        this.decidedWith.set(name, assumed);
      }
      return result;
    } catch (error) {
      throw error instanceof Unresolved
        ? new Unresolved({ kind: 'condition', name, text: `the condition ${name}, which hangs on ${error.hangsOn.text}` }) : error;
    }
  }

  public mapping(map: string, first: string, second: string): unknown {
    return this.plan.mapping(map, first, second);
  }

  public ref(logicalId: string): unknown {
    const resource = own(this.facts.template.Resources, logicalId);
    const named = resource && this.nameIn(resource, logicalId);
    return named ?? this.physicalId(logicalId, resource) ?? unknown('resource', logicalId, `the resource ${logicalId}, which gets its name at deployment`);
  }

  public attribute(logicalId: string, attribute: string): unknown {
    const resource = own(this.facts.template.Resources, logicalId);
    if (resource?.Type === 'AWS::CloudFormation::Stack') {
      const [, output] = /^Outputs\.(.+)$/.exec(attribute) ?? [];
      const nested = output === undefined ? undefined : this.neighbours.nested(logicalId);
      if (nested !== undefined) {
        return nested.output(output as string);
      }
    }
    const name = resource && (this.nameIn(resource, logicalId) ?? this.physicalId(logicalId, resource));
    const path = typeof resource?.Properties?.Path === 'string' ? resource.Properties.Path : undefined;
    const known = resource && name !== undefined ? attributeByName(resource.Type, attribute, { name, path, ...this.facts }) : undefined;
    return known ?? unknown('attribute', `${logicalId}.${attribute}`, `the attribute ${attribute} of ${logicalId}, which is known at deployment`);
  }

  public importValue(name: string): unknown {
    return this.neighbours.exported(name);
  }

  /** Undefined where nobody can say. */
  public holds(condition: string | undefined): boolean | undefined {
    try {
      return condition === undefined || this.condition(condition);
    } catch (error) {
      if (error instanceof Unresolved) {
        return undefined;
      }
      throw error;
    }
  }

  public output(name: string): unknown {
    const output = own(this.facts.template.Outputs, name);
    return output === undefined ? unknown('attribute', `Outputs.${name}`, `the output ${name}, which the template does not have`) : this.guarded(`output ${name}`, () => resolve(output.Value, this));
  }

  private declared(name: string, declaration: TemplateParameter): unknown {
    const { given, deployed } = this.facts;
    const inSsm = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(declaration.Type);
    const entry = own(given, name);
    const value = typeof entry === 'function' ? this.guarded(`parameter ${name}`, entry) : entry;
    if (inSsm !== null) {
      // Only CloudFormation has read the store.
      const stored = value === undefined ? own(deployed?.parameters, name) : undefined;
      return stored === undefined ? unknown('parameter', name, `the parameter ${name}, whose value is in the SSM parameter store`) : listOr(inSsm[1], stored);
    }
    const text = value ?? own(deployed?.parameters, name) ?? this.assume(name, declaration);
    return text === undefined ? unknown('parameter', name, `the parameter ${name}, which has no value`) : listOr(declaration.Type, text);
  }

  private assume(name: string, { Default: value }: TemplateParameter): string | undefined {
    if (value !== undefined) {
      this.facts.assumptions.add(`${this.facts.stackName}:${name}`);
    }
    return value === undefined ? undefined : Array.isArray(value) ? value.join(',') : String(value);
  }

  /** The name that the template gives to a resource for which it is what Ref finds. */
  private nameIn(resource: TemplateResource, logicalId: string): string | undefined {
    const property = nameIsRef(resource.Type);
    const value = property === undefined ? undefined : resource.Properties?.[property];
    if (value === undefined) {
      return undefined;
    }
    const name = this.guarded(logicalId, () => resolve(value, this));
    return typeof name === 'string' && !name.includes('{{resolve:') ? name : undefined;
  }

  private physicalId(logicalId: string, resource: TemplateResource | undefined): string | undefined {
    const found: DeployedResource | undefined = own(this.facts.deployed?.resources, logicalId);
    return found !== undefined && found.type === resource?.Type ? found.physicalId : undefined;
  }

  /** Values that hang on themselves are known to nobody. */
  private guarded<T>(what: string, find: () => T): T {
    if (this.open.has(what)) {
      return unknown('resource', what, `${what}, which hangs on itself`);
    }
    this.open.add(what);
    try {
      return find();
    } finally {
      this.open.delete(what);
    }
  }

  private pseudo(name: string, what: string): never {
    return unknown('pseudo-parameter', name, `${what} of the stack`);
  }
}

/** Only conditions and mappings are taken from the plan; it need not look at the properties. */
function stripped(resources: Record<string, TemplateResource>): Record<string, TemplateResource> {
  return Object.fromEntries(Object.entries(resources).map(([id, { Type }]) => [id, { Type }]));
}

function unknown(kind: Hanging['kind'], name: string, text: string): never {
  throw new Unresolved({ kind, name, text });
}

function listOr(type: string, value: string): string | string[] {
  return type === 'CommaDelimitedList' || type.startsWith('List<') ? value.split(',').map((part) => part.trim()) : value;
}

function own<T>(object: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

