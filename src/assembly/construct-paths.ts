import { isObject } from './intrinsics';
import { Template } from './template';

/** Construct path of a resource, without a leading slash, with its logical ID. */
export interface NamedConstruct {
  readonly path: string;
  readonly logicalId: string;
}

/** Templates name construct paths only when the CDK CLI made them; the metadata of the assembly always does. */
export function namedConstructs(...metadata: readonly unknown[]): NamedConstruct[] {
  return metadata.flatMap((part) => isObject(part) ? Object.entries(part) : []).flatMap(([path, entries]) =>
    (Array.isArray(entries) ? entries as { type?: string; data?: unknown }[] : []).flatMap((entry) =>
      entry?.type === 'aws:cdk:logicalId' && typeof entry.data === 'string' ? [{ path: path.replace(/^\//, ''), logicalId: entry.data }] : []));
}

/** The constructs of a nested stack, which are listed with those of the stack that holds it; of that stack itself without `resourcePath`. */
export function constructsOf(constructs: readonly NamedConstruct[], resourcePath?: string): NamedConstruct[] {
  const scope = resourcePath === undefined ? '' : scopeOfNested(resourcePath);
  if (scope === undefined) {
    return [];
  }
  const inside = constructs.filter(({ path }) => path.startsWith(scope));
  const deeper = inside.flatMap(({ path }) => path === resourcePath ? [] : scopeOfNested(path) ?? []);
  return inside.filter(({ path }) => !deeper.some((nested) => path.startsWith(nested)));
}

/** `App/Shop/Db.NestedStack/Db.NestedStackResource` stands for the stack whose constructs are below `App/Shop/Db`. */
function scopeOfNested(resourcePath: string): string | undefined {
  const [, parent, id] = /^(.*\/)([^/]+)\.NestedStack\/\2\.NestedStackResource$/.exec(resourcePath) ?? [];
  return id === undefined ? undefined : `${parent}${id}/`;
}

/** The template with these construct paths, where it does not say them itself. */
export function withConstructPaths(template: Template, constructs: readonly NamedConstruct[]): Template {
  const paths = new Map<string, string | undefined>();
  for (const { path, logicalId } of constructs) {
    paths.set(logicalId, paths.has(logicalId) && paths.get(logicalId) !== path ? undefined : path);
  }
  const resources = Object.fromEntries(Object.entries(template.Resources).map(([id, resource]) => [
    id, paths.get(id) !== undefined ? { ...resource, Metadata: { 'aws:cdk:path': paths.get(id), ...resource.Metadata } } : resource,
  ]));
  return { ...template, Resources: resources };
}
