import { HandlerLog } from './custom-resource';
import { createStack, updateStack } from './deployment';
import { StackRun } from './engine';
import { FaultSubject } from './faults';
import { JobContext, Machinery } from './machinery';
import { deleteStack, newStack } from './nested-stack';
import { OperationOptions, RehearsalResult, ResourceResult, SessionOptions, StackResult } from './options';
import { EngineContext } from './provider';
import { RehearsalState, StackRecord, Stacks } from './state';
import { Assembly, AssemblyStack } from '../assembly/assembly';
import { constructPath, Template } from '../assembly/template';
import { Problem } from '../errors';

const DEFAULT_ACCOUNT = '123456789012';
const DEFAULT_REGION = 'us-east-1';

/** Several rehearsals one after another on the same stacks, with warm handler processes. */
export class RehearsalSession {
  public static async open(options: SessionOptions, state?: RehearsalState): Promise<RehearsalSession> {
    const stacks = Stacks.from(state);
    return new RehearsalSession(options, stacks, await Machinery.start(options, stacks));
  }

  private constructor(private readonly options: SessionOptions, private readonly stacks: Stacks, private readonly machinery: Machinery) {}

  /** Where `DescribeStacks` answers. */
  public get cloudFormationEndpoint(): string {
    return this.machinery.cloudFormationEndpoint;
  }

  /** The stacks as they are at this moment, also while an operation goes on. */
  public get state(): RehearsalState {
    return this.stacks.toState();
  }

  public async run(operation: OperationOptions): Promise<RehearsalResult> {
    const assembly = Assembly.read(operation.assembly);
    const selected = assembly.select(operation.stacks);
    this.stacks.operations += 1;
    const { events } = this.machinery.events;
    const collected = { notices: [] as Problem[], handlerLogs: [] as HandlerLog[] };
    const firstEvent = events.length;
    const context: JobContext = this.machinery.context({ assets: assembly, ssmParameters: operation.ssmParameters ?? {}, faults: operation.failAt ?? [], ...collected });
    context.enter();
    context.faults.check(this.faultSubjects(selected, assembly), operation.assembly);

    const results = operation.action === 'destroy' ? await this.destroy(context, assembly, selected) : await this.deploy(context, selected, operation);
    return {
      ok: results.every((r) => r.ok),
      stacks: results.flatMap((r) => r.result),
      events: events.slice(firstEvent),
      handlerLogs: collected.handlerLogs,
      notices: collected.notices,
      state: this.stacks.toState(),
    };
  }

  public async close(): Promise<void> {
    await this.machinery.stop();
  }

  private async deploy(context: EngineContext, selected: readonly AssemblyStack[], operation: OperationOptions): Promise<Outcome[]> {
    // What is wrong in any of the stacks is said before the first is touched.
    selected.forEach((stack) => this.stackRun(context, stack, operation, this.stacks.find(stack.stackName)));
    const failed = new Map<string, string>();
    const outcomes: Outcome[] = [];
    for (const stack of selected) {
      const culprit = stack.dependencies.find((id) => failed.has(id));
      if (culprit !== undefined) {
        failed.set(stack.id, stack.stackName);
        outcomes.push({ ok: false, result: [notDeployed(stack, `${failed.get(culprit)} has failed, and this stack depends on it.`)] });
        continue;
      }
      const outcome = await this.deployStack(context, stack, operation);
      if (!outcome.ok) {
        failed.set(stack.id, stack.stackName);
      }
      outcomes.push(outcome);
    }
    return outcomes;
  }

  private async deployStack(context: EngineContext, source: AssemblyStack, operation: OperationOptions): Promise<Outcome> {
    let existing = this.stacks.find(source.stackName);
    if (existing !== undefined && ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'].includes(existing.status)) {
      // As `cdk deploy` does: a stack whose creation has failed can only be deleted.
      const reason = await deleteStack(context, existing);
      if (reason !== undefined) {
        return { ok: false, result: this.describe(existing) };
      }
      existing = undefined;
    }
    if (existing !== undefined && !/^(CREATE_COMPLETE|UPDATE_COMPLETE|UPDATE_ROLLBACK_COMPLETE)$/.test(existing.status)) {
      const [result, ...nested] = this.describe(existing);
      return { ok: false, result: [{ ...result, reason: `Stack:${existing.stackId} is in ${existing.status} state and can not be updated.` }, ...nested] };
    }
    const run = this.stackRun(context, source, operation, existing);
    if (existing !== undefined && run.isNoUpdate()) {
      return { ok: true, result: this.describe(existing) };
    }
    this.stacks.add(run.stack);
    const ok = existing === undefined ? await createStack(run) : await updateStack(run);
    return { ok, result: this.describe(run.stack) };
  }

  private stackRun(context: EngineContext, source: AssemblyStack, operation: OperationOptions, existing: StackRecord | undefined): StackRun {
    const stack = existing ?? newStack(context, {
      stackName: source.stackName,
      account: this.options.accountId ?? source.account ?? DEFAULT_ACCOUNT,
      region: this.options.region ?? source.region ?? DEFAULT_REGION,
    });
    const values = { ...source.parameters, ...operation.parameters };
    return new StackRun(context, stack, source.template, values, operation.ssmParameters ?? {}, source.tags);
  }

  private async destroy(context: EngineContext, assembly: Assembly, selected: readonly AssemblyStack[]): Promise<Outcome[]> {
    // What needs a selected stack goes with it; what a selected stack needs may stay, if nobody asked for it.
    const outcomes: Outcome[] = [];
    const stuck = new Set<string>();
    for (const source of assembly.stacks.filter((s) => selected.includes(s)).reverse()) {
      const stack = this.stacks.find(source.stackName);
      if (stack === undefined) {
        continue;
      }
      const dependant = assembly.stacks.find((s) => stuck.has(s.id) && s.dependencies.includes(source.id));
      const inUse = stack.exports.map((e) => ({ name: e.name, users: this.stacks.importers(e.name) })).find((e) => e.users.length > 0);
      if (dependant !== undefined) {
        stuck.add(source.id);
        outcomes.push({ ok: false, result: this.describe(stack, `${dependant.stackName} could not be deleted, and it depends on this stack.`) });
      } else if (inUse !== undefined) {
        stuck.add(source.id);
        outcomes.push({ ok: false, result: this.describe(stack, `Export ${inUse.name} cannot be deleted as it is in use by ${inUse.users.join(' and ')}`) });
      } else {
        const reason = await deleteStack(context, stack);
        if (reason !== undefined) {
          stuck.add(source.id);
        }
        outcomes.push({ ok: reason === undefined, result: this.describe(stack) });
      }
    }
    return outcomes;
  }

  private describe(stack: StackRecord, reason = stack.reason): StackResult[] {
    const resources = [...stack.resources.values()].map(({ logicalId, physicalId, type, status, simulated, constructPath: path }): ResourceResult =>
      ({ logicalId, physicalId, type, status, simulated, ...path === undefined ? {} : { constructPath: path } }));
    return [
      { stackName: stack.stackName, status: stack.status, ...reason === undefined ? {} : { reason }, resources, outputs: { ...stack.outputs } },
      ...this.stacks.all().filter((s) => s.parentId === stack.stackId).flatMap((nested) => this.describe(nested)),
    ];
  }

  private faultSubjects(selected: readonly AssemblyStack[], assembly: Assembly): FaultSubject[] {
    const ofTemplate = (template: Template): FaultSubject[] => Object.entries(template.Resources).flatMap(([logicalId, resource]) => [
      { logicalId, constructPath: constructPath(resource) },
      ...nestedTemplates(resource.Properties?.TemplateURL, assembly).flatMap(ofTemplate),
    ]);
    return [
      ...selected.flatMap((s) => ofTemplate(s.template)),
      ...this.stacks.all().flatMap((s) => [...s.resources.values()]),
    ];
  }
}

interface Outcome {
  readonly ok: boolean;
  readonly result: readonly StackResult[];
}

function notDeployed(stack: AssemblyStack, reason: string): StackResult {
  return { stackName: stack.stackName, status: 'NOT_DEPLOYED', reason, resources: [], outputs: {} };
}

/** The template behind a TemplateURL as CDK writes it: a Sub or Join whose text ends in the asset's key. */
function nestedTemplates(url: unknown, assembly: Assembly): Template[] {
  const key = /([^/"\]}]+\.json)["\]}]*$/.exec(JSON.stringify(url) ?? '')?.[1];
  return key !== undefined && assembly.asset(key) !== undefined ? [assembly.nestedTemplate(key, key)] : [];
}
