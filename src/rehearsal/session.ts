import { CloudFormationEndpoint } from './cloudformation-endpoint';
import { CustomResources, HandlerLog } from './custom-resource';
import { createStack, updateStack } from './deployment';
import { EcrClient } from './ecr-client';
import { EcrRepositories } from './ecr-repository';
import { StackRun } from './engine';
import { EventLog } from './events';
import { Executions } from './executions';
import { FaultPlan, FaultSubject } from './faults';
import { HandlerProcesses } from './handler-process';
import { Ids } from './ids';
import { FUNCTION_TYPE, LambdaFunctions } from './lambda-function';
import { deleteStack, NestedStacks, newStack } from './nested-stack';
import { OperationOptions, RehearsalResult, ResourceResult, SessionOptions, StackResult } from './options';
import { EngineContext, ResourceProvider } from './provider';
import { ResponseServer } from './response-server';
import { RunningImages } from './running-images';
import { isCustomResource } from './scope';
import { Secrets } from './secrets';
import { ServiceEndpoint } from './service-endpoint';
import { SimulatedTypes } from './simulated-types';
import { RehearsalState, StackRecord, Stacks } from './state';
import { Assembly, AssemblyStack } from '../assembly/assembly';
import { constructPath, Template } from '../assembly/template';
import { Problem } from '../errors';

const DEFAULT_ACCOUNT = '123456789012';
const DEFAULT_REGION = 'us-east-1';
const DEFAULT_STATE_MACHINE_WAIT_MILLIS = 1_000;

/** Several rehearsals one after another on the same stacks, with warm handler processes. */
export class RehearsalSession {
  public static async open(options: SessionOptions, state?: RehearsalState): Promise<RehearsalSession> {
    const session = new RehearsalSession(options, Stacks.from(state));
    await session.endpoint.start();
    await session.responses.start();
    await session.services.start();
    return session;
  }

  private readonly endpoint: CloudFormationEndpoint;
  private readonly responses = new ResponseServer();
  private readonly processes: HandlerProcesses;
  private readonly inline: LambdaFunctions[] = [];
  private readonly allEvents: EventLog;
  private readonly executions: Executions;
  private readonly services: ServiceEndpoint;
  /** What the services belong to at the moment: the operation that is running. */
  private current?: { readonly assembly: Assembly; readonly custom: CustomResources; readonly notice: (found: Problem) => void };

  private constructor(private readonly options: SessionOptions, private readonly stacks: Stacks) {
    this.processes = new HandlerProcesses(options.freshHandlers);
    this.allEvents = new EventLog(options.onEvent, options.now ?? Date.now);
    this.endpoint = new CloudFormationEndpoint(() => this.stacks, () => this.allEvents);
    this.executions = new Executions({
      stacks: () => this.stacks,
      invoke: async (functionName, payload) => this.current?.custom.invokeFunction(functionName, payload),
      maximumWaitMillis: options.stateMachineWaitMillis ?? DEFAULT_STATE_MACHINE_WAIT_MILLIS,
      notice: (found) => this.current?.notice(found),
    });
    const running = new RunningImages(options.inUse, (found) => this.current?.notice(found));
    this.services = new ServiceEndpoint(
      { AWSStepFunctions: this.executions, secretsmanager: new Secrets(() => this.stacks, options.secrets ?? {}), AmazonEC2ContainerServiceV20141113: running },
      () => this.current?.assembly,
      running,
    );
  }

  /** Where `DescribeStacks` answers. */
  public get cloudFormationEndpoint(): string {
    return this.endpoint.url;
  }

  public async run(operation: OperationOptions): Promise<RehearsalResult> {
    const assembly = Assembly.read(operation.assembly);
    const selected = assembly.select(operation.stacks);
    this.stacks.operations += 1;
    const faults = new FaultPlan(operation.failAt);
    faults.check(this.faultSubjects(selected, assembly), operation.assembly);
    const collected = { notices: [] as Problem[], handlerLogs: [] as HandlerLog[], firstEvent: this.allEvents.events.length };
    const context = this.context(assembly, operation, faults, collected);

    const results = operation.action === 'destroy' ? await this.destroy(context, assembly, selected) : await this.deploy(context, selected, operation);
    return {
      ok: results.every((r) => r.ok),
      stacks: results.flatMap((r) => r.result),
      events: this.allEvents.events.slice(collected.firstEvent),
      handlerLogs: collected.handlerLogs,
      notices: collected.notices,
      state: this.stacks.toState(),
    };
  }

  public async close(): Promise<void> {
    await this.processes.stop();
    await Promise.all([this.endpoint.stop(), this.responses.stop(), this.services.stop()]);
    this.inline.forEach((functions) => functions.stop());
  }

  private context(
    assembly: Assembly, operation: OperationOptions, faults: FaultPlan, collected: { notices: Problem[]; handlerLogs: HandlerLog[] },
  ): EngineContext {
    const { options } = this;
    const ids = new Ids(options.seed === undefined ? undefined : `${options.seed}|${this.stacks.operations}`);
    const suffix = () => ids.suffix();
    const notice = (found: Problem) => {
      if (!collected.notices.some((n) => n.code === found.code && n.pointer === found.pointer && n.message === found.message)) {
        collected.notices.push(found);
      }
    };
    const context: EngineContext = {
      stacks: this.stacks,
      events: this.allEvents,
      ids,
      faults,
      behaviour: { replacedInRollback: 'delete', rollbackOrder: 'reverse', ...options.behaviour },
      concurrency: options.concurrency ?? 1,
      notice,
      providerFor: (type) => isCustomResource(type) ? custom : providers.get(type) ?? simulated,
    };
    const functions = new LambdaFunctions(suffix, assembly);
    this.inline.push(functions);
    const custom = new CustomResources(this.stacks, ids, this.responses, this.processes, {
      environment: {
        ecrEndpoint: options.ecrEndpoint,
        cloudFormationEndpoint: this.endpoint.url,
        services: this.services.url,
        registries: options.registries ?? {},
        elsewhere: this.endpoint.elsewhereUrl,
        extra: options.handlerEnv ?? {},
      },
      timeLimits: options.timeLimits ?? {},
      duplicates: options.duplicates,
      notice,
      executions: this.executions,
      callsElsewhere: () => this.endpoint.callsElsewhere,
      onHandlerLog: (log) => {
        collected.handlerLogs.push(log);
        options.onHandlerLog?.(log.record, log);
      },
    });
    this.current = { assembly, custom, notice };
    const simulated = new SimulatedTypes(suffix);
    const providers = new Map<string, ResourceProvider>([
      ['AWS::ECR::Repository', new EcrRepositories(new EcrClient(options.ecrEndpoint), suffix)],
      ['AWS::CloudFormation::Stack', new NestedStacks(context, assembly, operation.ssmParameters ?? {})],
      [FUNCTION_TYPE, functions],
    ]);
    return context;
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
