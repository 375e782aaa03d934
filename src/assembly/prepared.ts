import { references, ResolutionFailure, resolveCondition, Scope } from './intrinsics';
import { constructPath, dependsOn, Template, TemplateOutput } from './template';

/** A resource whose condition holds, with what it depends on. */
export interface PreparedResource {
  readonly logicalId: string;
  readonly type: string;
  /** Still with intrinsic functions. */
  readonly properties: Record<string, unknown>;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
  readonly constructPath?: string;
}

export interface PreparedTemplate {
  readonly resources: ReadonlyMap<string, PreparedResource>;
  readonly outputs: ReadonlyMap<string, TemplateOutput>;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
}

/** Of every type that is really executed here; only databases have another default. */
const DEFAULT_POLICY = 'Delete';

/** Decides the conditions of a template and keeps what is left: resources, their dependencies and outputs. */
export function prepare(template: Template, parameter: Scope['parameter']): PreparedTemplate {
  const decided = new Map<string, boolean>();
  const deciding = new Set<string>();
  const mapping = (map: string, first: string, second: string): unknown => {
    const maps = template.Mappings as Record<string, Record<string, Record<string, unknown>>> | undefined;
    return own(own(own(maps, map), first), second);
  };
  const condition = (name: string): boolean => {
    const known = decided.get(name);
    if (known !== undefined) {
      return known;
    }
    if (deciding.has(name)) {
      throw new ResolutionFailure(`Circular dependencies for condition ${name}`);
    }
    deciding.add(name);
    try {
      const value = resolveCondition(template.Conditions?.[name], {
        parameter, condition, mapping, ref: nothing, attribute: nothing, importValue: nothing,
      });
      decided.set(name, value);
      return value;
    } finally {
      deciding.delete(name);
    }
  };
  const holds = (name: string | undefined) => name === undefined || condition(name);

  const present = new Set(Object.entries(template.Resources).filter(([, r]) => holds(r.Condition)).map(([id]) => id));
  const resources = new Map([...present].map((logicalId): [string, PreparedResource] => {
    const resource = template.Resources[logicalId];
    const needs = new Set(dependsOn(resource));
    for (const reference of references(resource.Properties ?? {}, '', condition)) {
      needs.add(reference.name);
    }
    return [logicalId, {
      logicalId,
      type: resource.Type,
      properties: resource.Properties ?? {},
      dependsOn: [...needs].filter((id) => present.has(id)),
      deletionPolicy: resource.DeletionPolicy ?? DEFAULT_POLICY,
      updateReplacePolicy: resource.UpdateReplacePolicy ?? DEFAULT_POLICY,
      constructPath: constructPath(resource),
    }];
  }));
  const outputs = new Map(Object.entries(template.Outputs ?? {}).filter(([, o]) => holds(o.Condition)));
  return { resources, outputs, condition, mapping };
}

function own<T>(object: Record<string, T> | undefined, key: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

function nothing(name: string): never {
  throw new Error(`conditions cannot refer to ${name}`);
}
