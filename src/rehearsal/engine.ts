import { createHash } from 'node:crypto';
import { problem, rehearsalError } from './codes';
import { sameJson } from './equality';
import { StackOperation } from './operation';
import { ParameterValues, resolveParameters } from './parameters';
import { EngineContext, NestedRun, ResourceFailure, ResourceOutcome, ResourceRequest } from './provider';
import { cleanUp, removeCreated, removeNew, revert } from './rollback';
import { StackScope } from './scope';
import { ResourceRecord, StackRecord } from './state';
import { assemblyError } from '../assembly/codes';
import { fillDynamicReferences } from '../assembly/dynamic-references';
import { Graph, inOrder, runGraph } from '../assembly/graph';
import { resolve, ResolutionFailure } from '../assembly/intrinsics';
import { prepare, PreparedResource, PreparedTemplate } from '../assembly/prepared';
import { Template } from '../assembly/template';

/** What has been done to one resource in the operation under way. */
export interface Step {
  readonly logicalId: string;
  /** As it was before the operation; absent when the operation created the resource. */
  readonly before?: ResourceRecord;
  /** As it is now, failed or not; absent when nothing was made. */
  readonly after?: ResourceRecord;
  readonly nested?: NestedRun;
  /** After the step was taken back: resources that are no longer needed, where these are not simply `after`. */
  leftovers?: readonly ResourceRecord[];
}

/** Why a stack operation cannot go on. */
export class StackFailure extends Error {
  public readonly name = 'StackFailure';
}

type Snapshot = Pick<StackRecord, 'parameters' | 'tags' | 'outputs' | 'exports' | 'imports' | 'fingerprint'>;

/**
 * One operation on one stack: creation or update, then clean-up or rollback, in CloudFormation's phases
 * (https://github.com/aws/aws-cdk/blob/main/docs/CLOUDFORMATION.md describes them). The stack's record is changed as the
 * operation goes on, so that `DescribeStacks` answers with the present state at every moment.
 */
export class StackRun extends StackOperation {
  public readonly steps: Step[] = [];
  /** The resources before the operation, in the order in which they were made. */
  public readonly former: ReadonlyMap<string, ResourceRecord>;
  public readonly plan: PreparedTemplate;
  public readonly graph: Graph;
  private readonly order: readonly string[];
  private readonly parameters: ParameterValues;
  private readonly snapshot: Snapshot;
  private readonly fingerprint: string;

  /** Checks everything that can be checked before the first resource is touched. */
  constructor(
    context: EngineContext,
    stack: StackRecord,
    template: Template,
    values: Readonly<Record<string, string>>,
    private readonly ssm: Readonly<Record<string, string>>,
    private readonly tags: Readonly<Record<string, string>>,
  ) {
    super(context, stack);
    this.parameters = resolveParameters(template, stack.stackName, values, ssm);
    this.plan = this.prepare(template);
    this.graph = new Map([...this.plan.resources].map(([id, resource]) => [id, resource.dependsOn]));
    this.order = inOrder(this.graph, `${stack.stackName}/Resources`);
    this.former = new Map(stack.resources);
    this.snapshot = structuredClone({
      parameters: stack.parameters,
      tags: stack.tags,
      outputs: stack.outputs,
      exports: stack.exports,
      imports: stack.imports,
      fingerprint: stack.fingerprint,
    });
    this.fingerprint = createHash('sha256').update(JSON.stringify([template, this.parameters.given, [...this.parameters.resolved], tags])).digest('hex');
    this.refuseTypeChanges();
  }

  /** Whether CloudFormation would say that no updates are to be performed. */
  public isNoUpdate(): boolean {
    return this.fingerprint === this.stack.fingerprint;
  }

  /** The forward phase. Throws StackFailure; the caller then rolls back. */
  public async execute(): Promise<void> {
    this.parameters.notices.forEach((notice) => this.context.notice(notice));
    Object.assign(this.stack, { parameters: this.parameters.given, tags: { ...this.tags }, fingerprint: this.fingerprint, imports: [] });
    const perform = (id: string) => this.perform(this.plan.resources.get(id) as PreparedResource);
    const failures = await runGraph(this.graph, this.order, this.context.concurrency, perform);
    if (failures.length > 0) {
      const unexpected = failures.find((f) => !(f.error instanceof ResourceFailure));
      if (unexpected !== undefined) {
        throw unexpected.error;
      }
      const [updates, creations] = [true, false].map((old) => failures.map((f) => f.node).filter((id) => this.former.has(id) === old));
      throw new StackFailure([['create', creations], ['update', updates]].filter(([, ids]) => ids.length > 0)
        .map(([verb, ids]) => `The following resource(s) failed to ${String(verb)}: [${(ids as string[]).join(', ')}].`).join(' '));
    }
    this.exportOutputs();
  }

  /** After success: removes what the new template has no more, and what has been replaced. */
  public async cleanUp(): Promise<void> {
    await cleanUp(this);
  }

  /** After a failed creation: deletes everything. Whether all of it is gone. */
  public async removeCreated(): Promise<boolean> {
    return removeCreated(this);
  }

  /** After a failed update: brings every updated resource back. Whether all of them are. */
  public async revert(): Promise<boolean> {
    Object.assign(this.stack, this.snapshot);
    return revert(this);
  }

  /** After `revert`: deletes what the failed update has created. */
  public async removeNew(): Promise<void> {
    await removeNew(this);
  }

  private prepare(template: Template): PreparedTemplate {
    try {
      return prepare(template, (name) => this.scope().parameter(name));
    } catch (error) {
      throw error instanceof ResolutionFailure
        ? assemblyError('DD-ASSEMBLY-003', `${this.stack.stackName}/Conditions`, error.message, { fix: 'Correct the condition, or what it refers to.' })
        : error;
    }
  }

  /** What intrinsic functions find at this moment. */
  public scope(): StackScope {
    return new StackScope(this.context, this.stack, this.parameters.resolved, this.plan);
  }

  private async perform(resource: PreparedResource): Promise<void> {
    const before = this.stack.resources.get(resource.logicalId);
    const provider = this.context.providerFor(resource.type);
    let properties: Record<string, unknown>;
    try {
      properties = fillDynamicReferences(resolve(resource.properties, this.scope()) as Record<string, unknown>, this.ssm, (reference) => {
        this.context.notice(problem('DD-REHEARSAL-105', `${this.stack.stackName}/${resource.logicalId}`, `${reference} was left as it stands.`, {
          value: reference, fix: 'Give the value of an SSM parameter to the rehearsal, or nothing, unless something that is executed depends on it.',
        }));
      });
    } catch (error) {
      if (!(error instanceof ResolutionFailure)) {
        throw error;
      }
      this.emit(resource, before === undefined ? 'CREATE_FAILED' : 'UPDATE_FAILED', before?.physicalId, error.message);
      throw new ResourceFailure(error.message);
    }
    properties = provider.complete?.(properties, this.stack) ?? properties;
    const { logicalId, type, constructPath } = resource;
    const request: ResourceRequest = { stack: this.stack, logicalId, type, properties, constructPath };
    if (before === undefined) {
      await this.make(resource, request, 'CREATE', undefined, undefined, () => provider.create(request));
      return;
    }
    if ((provider.sameProperties ?? sameJson)(before.properties, properties)) {
      const { dependsOn, deletionPolicy, updateReplacePolicy } = resource;
      const record = { ...before, dependsOn, deletionPolicy, updateReplacePolicy, constructPath };
      this.stack.resources.set(resource.logicalId, provider.refresh?.(record) ?? record);
      return;
    }
    if (provider.replacingProperties(resource.type, before.properties, properties).length > 0) {
      await this.make(resource, request, 'UPDATE', before, 'Requested update requires the creation of a new physical resource; hence creating one.', () => provider.create(request));
    } else {
      await this.make(resource, request, 'UPDATE', before, undefined, () => provider.update(request, before));
    }
  }

  private async make(
    resource: PreparedResource, request: ResourceRequest, verb: 'CREATE' | 'UPDATE', before: ResourceRecord | undefined, reason: string | undefined,
    work: () => Promise<ResourceOutcome>,
  ): Promise<void> {
    const { faults } = this.context;
    const operation = verb === 'CREATE' ? 'create' : 'update';
    const provider = this.context.providerFor(resource.type);
    const record = (outcome: ResourceOutcome, status: ResourceRecord['status']): ResourceRecord => ({
      logicalId: resource.logicalId,
      type: resource.type,
      status,
      properties: request.properties,
      dependsOn: resource.dependsOn,
      deletionPolicy: resource.deletionPolicy,
      updateReplacePolicy: resource.updateReplacePolicy,
      constructPath: resource.constructPath,
      ...outcome,
    });
    this.emit(resource, `${verb}_IN_PROGRESS`, before?.physicalId, reason);
    let made: ResourceOutcome | undefined;
    try {
      faults.raise(resource, operation, 'before', 'forward');
      made = await work();
      faults.raise(resource, operation, 'after', 'forward', made.physicalId);
    } catch (error) {
      if (!(error instanceof ResourceFailure)) {
        throw error;
      }
      const physicalId = error.physicalId ?? (reason === undefined ? before?.physicalId : undefined);
      const failed = physicalId === undefined || error.untouched ? undefined
        : record(made ?? { physicalId, attributes: before?.attributes ?? {}, simulated: before?.simulated ?? false }, `${verb}_FAILED`);
      this.steps.push({ logicalId: resource.logicalId, before, after: failed, nested: failed && provider.nested?.(failed) });
      if (failed !== undefined) {
        this.stack.resources.set(resource.logicalId, failed);
      }
      this.emit(resource, `${verb}_FAILED`, physicalId, error.message);
      throw error;
    }
    if (before !== undefined && reason === undefined && made.physicalId !== before.physicalId) {
      this.emit(resource, 'UPDATE_IN_PROGRESS', made.physicalId, 'Requested update required the provider to create a new physical resource');
    }
    const after = record(made, `${verb}_COMPLETE`);
    this.steps.push({ logicalId: resource.logicalId, before, after, nested: provider.nested?.(after) });
    this.stack.resources.set(resource.logicalId, after);
    this.emit(resource, `${verb}_COMPLETE`, made.physicalId);
  }

  private exportOutputs(): void {
    const { stacks } = this.context;
    const outputs: Record<string, string> = {};
    const exports: StackRecord['exports'] = [];
    try {
      for (const [name, output] of this.plan.outputs) {
        const value = resolve(output.Value, this.scope());
        outputs[name] = typeof value === 'string' ? value : JSON.stringify(value);
        if (output.Export !== undefined) {
          exports.push({ name: String(resolve(output.Export.Name, this.scope())), value: outputs[name] });
        }
      }
    } catch (error) {
      throw error instanceof ResolutionFailure ? new StackFailure(error.message) : error;
    }
    for (const { name } of exports) {
      const holder = stacks.exported(name)?.stack;
      if (holder !== undefined && holder !== this.stack) {
        throw new StackFailure(`Export with name ${name} is already exported by stack ${holder.stackName}. Rollback requested by user.`);
      }
    }
    for (const former of this.snapshot.exports) {
      const now = exports.find((e) => e.name === former.name);
      const users = stacks.importers(former.name).filter((name) => name !== this.stack.stackName);
      if (users.length > 0 && now?.value !== former.value) {
        throw new StackFailure(`Export ${former.name} cannot be ${now === undefined ? 'deleted' : 'updated'} as it is in use by ${users.join(' and ')}`);
      }
    }
    Object.assign(this.stack, { outputs, exports });
  }

  private refuseTypeChanges(): void {
    const changed = [...this.plan.resources.values()].filter((r) => (this.former.get(r.logicalId)?.type ?? r.type) !== r.type);
    if (changed.length > 0) {
      const ids = changed.map((r) => r.logicalId).join(', ');
      throw rehearsalError('DD-REHEARSAL-009', `${this.stack.stackName}/Resources/${changed[0].logicalId}`,
        `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${ids}]`, {
          value: changed[0].type, fix: 'Give the resource of the new type another logical ID (in CDK: another construct id).',
        });
    }
  }
}
