import { StackFailure, StackRun } from './engine';
import { StackOperation } from './operation';
import { EngineContext, NestedRun, ResourceFailure, ResourceOutcome, ResourceProvider, ResourceRequest } from './provider';
import { removeStackResources } from './rollback';
import { ResourceRecord, StackRecord } from './state';
import { AssetSource } from '../assembly/assembly';
import { isObject } from '../assembly/intrinsics';
import { partitionOf } from '../assembly/partition';

/** `AWS::CloudFormation::Stack`: a stack within a stack, whose clean-up and rollback wait for those of the outermost one. */
export class NestedStacks implements ResourceProvider {
  private readonly runs = new Map<string, NestedRun>();

  constructor(
    private readonly context: EngineContext,
    private readonly assets: AssetSource,
    private readonly ssm: Readonly<Record<string, string>>,
  ) {}

  public async create(request: ResourceRequest): Promise<ResourceOutcome> {
    const { stack: parent, logicalId } = request;
    const stackName = `${parent.stackName.slice(0, 60)}-${logicalId.slice(0, 40)}-${this.context.ids.suffix()}`;
    const stack = newStack(this.context, { stackName, account: parent.account, region: parent.region, parentId: parent.stackId });
    const run = this.run(stack, request);
    this.context.stacks.add(stack);
    run.setStatus('CREATE_IN_PROGRESS');
    try {
      await run.execute();
    } catch (error) {
      if (!(error instanceof StackFailure)) {
        throw error;
      }
      run.setStatus('CREATE_FAILED', error.message);
      throw new ResourceFailure(`Embedded stack ${stack.stackId} was not successfully created: ${error.message}`, stack.stackId);
    }
    run.setStatus('CREATE_COMPLETE');
    this.runs.set(stack.stackId, { cleanUp: async () => undefined, revert: async () => true, removeNew: async () => undefined });
    return outcomeOf(stack);
  }

  public async update(request: ResourceRequest, before: ResourceRecord): Promise<ResourceOutcome> {
    const stack = this.context.stacks.find(before.physicalId);
    if (stack === undefined) {
      throw new ResourceFailure(`Stack with id ${before.physicalId} does not exist`, before.physicalId);
    }
    const run = this.run(stack, request);
    this.runs.set(stack.stackId, { cleanUp: async () => undefined, revert: async () => true, removeNew: async () => undefined });
    if (run.isNoUpdate()) {
      return outcomeOf(stack);
    }
    run.setStatus('UPDATE_IN_PROGRESS');
    this.runs.set(stack.stackId, nestedRun(run));
    try {
      await run.execute();
    } catch (error) {
      if (!(error instanceof StackFailure)) {
        throw error;
      }
      throw new ResourceFailure(`Embedded stack ${stack.stackId} was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: ${error.message}`, stack.stackId);
    }
    run.setStatus('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    return outcomeOf(stack);
  }

  public async delete(parent: StackRecord, record: ResourceRecord): Promise<void> {
    const stack = this.context.stacks.find(record.physicalId);
    if (stack === undefined || stack.status === 'DELETE_COMPLETE') {
      return;
    }
    const rollbackOfCreation = parent.status.includes('ROLLBACK');
    const failed = await deleteStack(this.context, stack, rollbackOfCreation);
    if (failed !== undefined) {
      throw new ResourceFailure(`Embedded stack ${stack.stackId} was not successfully deleted: ${failed}`, stack.stackId);
    }
  }

  public replacingProperties(): readonly string[] {
    return [];
  }

  public nested(record: ResourceRecord): NestedRun | undefined {
    return this.runs.get(record.physicalId);
  }

  /** A template that cannot be read, or a parameter that is missing, is seen only when the nested stack's turn has come. */
  private run(stack: StackRecord, { properties, logicalId, stack: parent }: ResourceRequest): StackRun {
    const place = `${parent.stackName}/${logicalId}`;
    try {
      const template = this.assets.nestedTemplate(String(properties.TemplateURL), place);
      const values = isObject(properties.Parameters)
        ? Object.fromEntries(Object.entries(properties.Parameters).map(([k, v]) => [k, Array.isArray(v) ? v.join(',') : String(v)])) : {};
      const unknown = Object.keys(values).filter((name) => template.Parameters?.[name] === undefined);
      if (unknown.length > 0) {
        throw new ResourceFailure(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
      }
      return new StackRun(this.context, stack, template, values, this.ssm, parent.tags);
    } catch (error) {
      throw error instanceof ResourceFailure ? error : new ResourceFailure((error as Error).message);
    }
  }
}

/** Deletes a stack; undefined when it is gone, otherwise why it is not. */
export async function deleteStack(context: EngineContext, stack: StackRecord, rollbackOfCreation = false): Promise<string | undefined> {
  const host = new StackOperation(context, stack);
  host.setStatus('DELETE_IN_PROGRESS');
  const failed = await removeStackResources(host, rollbackOfCreation);
  if (failed.length > 0) {
    const reason = `The following resource(s) failed to delete: [${failed.join(', ')}].`;
    host.setStatus('DELETE_FAILED', reason);
    return reason;
  }
  Object.assign(stack, { outputs: {}, exports: [], imports: [] });
  host.setStatus('DELETE_COMPLETE');
  return undefined;
}

export function newStack(
  context: EngineContext, { stackName, account, region, parentId }: Pick<StackRecord, 'stackName' | 'account' | 'region' | 'parentId'>,
): StackRecord {
  return {
    stackName,
    stackId: `arn:${partitionOf(region)}:cloudformation:${region}:${account}:stack/${stackName}/${context.ids.uuid()}`,
    account,
    region,
    parentId,
    createdAt: context.events.stamp(),
    status: 'REVIEW_IN_PROGRESS',
    fingerprint: '',
    parameters: {},
    tags: {},
    resources: new Map(),
    outputs: {},
    exports: [],
    imports: [],
  };
}

function nestedRun(run: StackRun): NestedRun {
  return {
    cleanUp: async () => {
      await run.cleanUp();
      run.setStatus('UPDATE_COMPLETE');
    },
    revert: async () => {
      run.setStatus('UPDATE_ROLLBACK_IN_PROGRESS');
      if (!await run.revert()) {
        return false;
      }
      run.setStatus('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
      return true;
    },
    removeNew: async () => {
      await run.removeNew();
      run.setStatus('UPDATE_ROLLBACK_COMPLETE');
    },
  };
}

function outcomeOf(stack: StackRecord): ResourceOutcome {
  return {
    physicalId: stack.stackId,
    attributes: Object.fromEntries(Object.entries(stack.outputs).map(([name, value]) => [`Outputs.${name}`, value])),
    simulated: false,
  };
}
