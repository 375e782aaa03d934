import { fillDynamicReferences } from '../../assembly/dynamic-references';
import { inOrder } from '../../assembly/graph';
import { references, Scope } from '../../assembly/intrinsics';
import { resolvePartly, Unresolved } from '../../assembly/partial';
import { PreparedResource } from '../../assembly/prepared';
import { Template, TemplateResource } from '../../assembly/template';
import type { StackRun } from '../../rehearsal/engine';
import { sameJson } from '../../rehearsal/equality';
import type { ResourceProvider } from '../../rehearsal/provider';
import { isCustomResource, StackScope } from '../../rehearsal/scope';

/** In place of what is not known before the deployment, as CloudFormation writes it. */
const LATER = '{{changeSet:KNOWN_AFTER_APPLY}}';

export interface ChangeDetail {
  readonly attribute: 'Properties' | 'Metadata' | 'DeletionPolicy' | 'UpdateReplacePolicy' | 'CreationPolicy' | 'UpdatePolicy' | 'Tags';
  readonly name?: string;
  readonly requiresRecreation: 'Never' | 'Conditionally' | 'Always';
  readonly evaluation: 'Static' | 'Dynamic';
  readonly changeSource: 'DirectModification' | 'ParameterReference' | 'ResourceReference' | 'ResourceAttribute';
  readonly causingEntity?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** One resource in a change set. */
export interface Change {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly replacement?: 'True' | 'False' | 'Conditional';
  readonly policyAction?: 'Delete' | 'Retain' | 'ReplaceAndDelete' | 'ReplaceAndRetain';
  readonly details: readonly ChangeDetail[];
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface ChangeRequest {
  /** Of a copy of the stack: looking must not leave traces. */
  readonly run: StackRun;
  readonly deployed: Template | undefined;
  readonly template: Template;
  readonly ssm: Readonly<Record<string, string>>;
}

/** What a template would change in a stack, resource by resource, before anything is done. */
export function changesOf(request: ChangeRequest): Change[] {
  const { run, deployed, template } = request;
  const scope = new ForecastScope(run.scope());
  const changes = new Map<string, Change>();
  for (const id of inOrder(run.graph, run.stack.stackName)) {
    const change = changeOf(run.plan.resources.get(id) as PreparedResource, request, scope);
    if (change !== undefined) {
      changes.set(id, change);
      scope.changed.set(id, change);
    }
  }
  for (const record of run.former.values()) {
    if (!run.plan.resources.has(record.logicalId)) {
      changes.set(record.logicalId, {
        action: 'Remove',
        logicalId: record.logicalId,
        physicalId: record.physicalId,
        type: record.type,
        policyAction: record.deletionPolicy.startsWith('Retain') ? 'Retain' : 'Delete',
        details: [],
        before: contextOf(deployed?.Resources[record.logicalId], record.properties),
      });
    }
  }
  const order = [...Object.keys(template.Resources), ...run.former.keys()];
  return [...changes.values()].sort((a, b) => order.indexOf(a.logicalId) - order.indexOf(b.logicalId));
}

function changeOf(resource: PreparedResource, { run, deployed, template, ssm }: ChangeRequest, scope: ForecastScope): Change | undefined {
  const { logicalId, type } = resource;
  const record = run.former.get(logicalId);
  const provider = run.context.providerFor(type);
  const resolved = resolvePartly(resource.properties, scope);
  const later = new Set(resolved.unresolved.filter(({ hangsOn }) => hangsOn.kind !== 'dynamic-reference').map(({ pointer }) => pointer));
  const filled = fillDynamicReferences(masked(resolved.value, later) as Record<string, unknown>, ssm, () => undefined);
  const after = provider.complete?.(filled, run.stack) ?? filled;
  const raw = template.Resources[logicalId];
  if (record === undefined) {
    return { action: 'Add', logicalId, type, details: [], after: contextOf(raw, after) };
  }
  const former = deployed?.Resources[logicalId];
  const parameters = Object.keys(template.Parameters ?? {});
  const details = [...propertyDetails({ provider, type, before: record.properties, after, raw, former, parameters }), ...attributeDetails(former, raw)];
  if (details.length === 0) {
    return undefined;
  }
  const replacement = details.some(({ requiresRecreation }) => requiresRecreation === 'Always') ? 'True'
    : details.some(({ requiresRecreation }) => requiresRecreation === 'Conditionally') ? 'Conditional' : 'False';
  return {
    action: 'Modify',
    logicalId,
    physicalId: record.physicalId,
    type,
    replacement,
    ...replacement === 'True' ? { policyAction: resource.updateReplacePolicy === 'Retain' ? 'ReplaceAndRetain' : 'ReplaceAndDelete' } : {},
    details,
    before: contextOf(former, record.properties),
    after: contextOf(raw, after),
  };
}

interface Compared {
  readonly provider: ResourceProvider;
  readonly type: string;
  readonly before: Record<string, unknown>;
  readonly after: Record<string, unknown>;
  readonly raw: TemplateResource;
  readonly former?: TemplateResource;
  readonly parameters: readonly string[];
}

function propertyDetails({ provider, type, before, after, raw, former, parameters }: Compared): ChangeDetail[] {
  if ((provider.sameProperties ?? sameJson)(before, after)) {
    return [];
  }
  const replacing = provider.replacingProperties(type, before, after);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !sameJson(before[name], after[name])).map((name): ChangeDetail => {
    const dynamic = JSON.stringify(after[name] ?? null).includes(LATER);
    const unchangedInTemplate = sameJson(former?.Properties?.[name], raw.Properties?.[name]);
    return {
      attribute: unchangedInTemplate && name === 'Tags' ? 'Tags' : 'Properties',
      ...unchangedInTemplate && name === 'Tags' ? {} : { name },
      requiresRecreation: replacing.includes(name) ? dynamic ? 'Conditionally' : 'Always' : 'Never',
      evaluation: dynamic ? 'Dynamic' : 'Static',
      ...unchangedInTemplate ? causeOf(raw.Properties?.[name], parameters) : { changeSource: 'DirectModification' },
      before: before[name],
      after: after[name],
    };
  });
}

function causeOf(value: unknown, parameters: readonly string[]): Pick<ChangeDetail, 'changeSource' | 'causingEntity'> {
  const [first] = references(value ?? {});
  switch (first?.kind) {
    case 'ref': return { changeSource: parameters.includes(first.name) ? 'ParameterReference' : 'ResourceReference', causingEntity: first.name };
    case 'attribute': return { changeSource: 'ResourceAttribute', causingEntity: first.name };
    default: return { changeSource: 'DirectModification' };
  }
}

function attributeDetails(former: TemplateResource | undefined, raw: TemplateResource): ChangeDetail[] {
  const [before, after] = [former ?? {}, raw] as Record<string, unknown>[];
  return (['Metadata', 'DeletionPolicy', 'UpdateReplacePolicy', 'CreationPolicy', 'UpdatePolicy'] as const)
    .filter((attribute) => !sameJson(before[attribute], after[attribute]))
    .map((attribute) => ({ attribute, requiresRecreation: 'Never', evaluation: 'Static', changeSource: 'DirectModification', before: before[attribute], after: after[attribute] }));
}

function contextOf(raw: TemplateResource | undefined, properties: unknown): unknown {
  const { Metadata, DeletionPolicy, UpdateReplacePolicy } = raw ?? {};
  return { Properties: properties, ...Metadata && { Metadata }, ...DeletionPolicy && { DeletionPolicy }, ...UpdateReplacePolicy && { UpdateReplacePolicy } };
}

/** A value with everything that is not known replaced. */
function masked(value: unknown, later: ReadonlySet<string>, pointer = ''): unknown {
  if (later.has(pointer)) {
    return LATER;
  }
  if (Array.isArray(value)) {
    return value.map((element, index) => masked(element, later, `${pointer}/${index}`));
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, masked(member, later, `${pointer}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`)]))
    : value;
}

/** The stack as it is, without what the operation is going to change. */
class ForecastScope implements Scope {
  public readonly changed = new Map<string, Change>();

  constructor(private readonly present: StackScope) {}

  public parameter(name: string): unknown {
    return this.present.parameter(name);
  }

  public condition(name: string): boolean {
    return this.present.condition(name);
  }

  public mapping(map: string, first: string, second: string): unknown {
    return this.present.mapping(map, first, second);
  }

  public importValue(name: string): unknown {
    return this.present.importValue(name);
  }

  public ref(logicalId: string): unknown {
    const change = this.changed.get(logicalId);
    if (change !== undefined && (change.action === 'Add' || change.replacement !== 'False')) {
      throw unknown(logicalId, 'resource');
    }
    return this.present.ref(logicalId);
  }

  public attribute(logicalId: string, attribute: string): unknown {
    const change = this.changed.get(logicalId);
    if (change !== undefined && (change.action === 'Add' || change.replacement !== 'False' || isCustomResource(change.type) || change.type === 'AWS::CloudFormation::Stack')) {
      throw unknown(`${logicalId}.${attribute}`, 'attribute');
    }
    return this.present.attribute(logicalId, attribute);
  }
}

function unknown(name: string, kind: 'resource' | 'attribute'): Unresolved {
  return new Unresolved({ kind, name, text: name });
}
