import { CloudFormationEndpoint } from './cloudformation-endpoint';
import { CustomResources, HandlerLog } from './custom-resource';
import { EcrClient } from './ecr-client';
import { EcrRepositories } from './ecr-repository';
import { EventLog } from './events';
import { Executions } from './executions';
import { Fault, FaultPlan } from './faults';
import { FunctionRuntime, HandlerProcesses } from './handler-process';
import { IamResources } from './iam-resources';
import { Ids } from './ids';
import { FUNCTION_TYPE, LambdaFunctions } from './lambda-function';
import { NestedStacks } from './nested-stack';
import { SessionOptions } from './options';
import { Permissions } from './permissions';
import { EngineContext, ResourceProvider } from './provider';
import { ResponseServer } from './response-server';
import { RunningImages } from './running-images';
import { isCustomResource } from './scope';
import { Secrets } from './secrets';
import { Check, ServiceEndpoint } from './service-endpoint';
import { SimulatedTypes } from './simulated-types';
import { Stacks } from './state';
import { AssetSource } from '../assembly/assembly';
import { Problem } from '../errors';

const DEFAULT_STATE_MACHINE_WAIT_MILLIS = 1_000;

/** What one operation brings along, and what it leaves for its report. */
export interface Job {
  /** Code and templates of the app that is being deployed. */
  readonly assets: AssetSource;
  readonly ssmParameters: Readonly<Record<string, string>>;
  readonly faults: readonly (string | Fault)[];
  readonly notices: Problem[];
  readonly handlerLogs: HandlerLog[];
}

/** `enter`: from now on, what services are asked belongs to this operation. */
export type JobContext = EngineContext & { readonly faults: FaultPlan; enter(): void };

/**
 * What every operation on the stacks of one account works with: the endpoints that handlers call, their warm processes, and a provider for every
 * type of resource. One operation at a time: what services are asked belongs to the one that was entered last.
 */
export class Machinery {
  public static async start(options: SessionOptions, stacks: Stacks): Promise<Machinery> {
    const machinery = new Machinery(options, stacks);
    await machinery.endpoint.start();
    await machinery.responses.start();
    await machinery.services.start();
    return machinery;
  }

  public readonly events: EventLog;
  private readonly endpoint: CloudFormationEndpoint;
  private readonly responses = new ResponseServer();
  private readonly runtime: FunctionRuntime;
  private readonly inline: LambdaFunctions[] = [];
  private readonly executions: Executions;
  private readonly services: ServiceEndpoint;
  /** Absent when nobody wants to know. */
  private readonly permissions?: Permissions;
  /** What the services belong to at the moment: the operation that is running. */
  private current?: { readonly assets: AssetSource; readonly custom: CustomResources; readonly notice: (found: Problem) => void };

  private constructor(private readonly options: SessionOptions, public readonly stacks: Stacks) {
    this.runtime = options.runtime ?? new HandlerProcesses(options.freshHandlers);
    this.permissions = options.iam === false ? undefined : new Permissions({
      stacks: () => this.stacks,
      ecrEndpoint: options.ecrEndpoint,
      notice: (found) => this.current?.notice(found),
      onAuthorization: options.onAuthorization,
    });
    const check: Check = (authorization, operation, request) => this.permissions?.check(authorization, operation, request);
    this.events = new EventLog((event) => {
      options.onEvent?.(event);
      if (event.type.startsWith('AWS::IAM::')) {
        void this.permissions?.tell();
      }
    }, options.now ?? Date.now);
    this.endpoint = new CloudFormationEndpoint(() => this.stacks, () => this.events, check);
    this.executions = new Executions({
      stacks: () => this.stacks,
      invoke: async (functionName, payload) => this.current?.custom.invokeFunction(functionName, payload),
      checkRole: (roleArn, region, operation, request) => this.permissions?.checkRole(roleArn, region, operation, request),
      maximumWaitMillis: options.stateMachineWaitMillis ?? DEFAULT_STATE_MACHINE_WAIT_MILLIS,
      notice: (found) => this.current?.notice(found),
    });
    const running = new RunningImages(options.inUse, (found) => this.current?.notice(found), () => this.stacks.all()[0]?.account ?? options.accountId ?? '123456789012');
    this.services = new ServiceEndpoint(
      { AWSStepFunctions: this.executions, secretsmanager: new Secrets(() => this.stacks, options.secrets ?? {}), AmazonEC2ContainerServiceV20141113: running },
      () => this.current?.assets,
      check,
      running,
    );
  }

  /** Where `DescribeStacks` answers. */
  public get cloudFormationEndpoint(): string {
    return this.endpoint.url;
  }

  public async stop(): Promise<void> {
    await this.runtime.stop();
    await Promise.all([this.endpoint.stop(), this.responses.stop(), this.services.stop()]);
    this.inline.forEach((functions) => functions.stop());
  }

  /** For one operation. */
  public context({ assets, ssmParameters, faults, notices, handlerLogs }: Job): JobContext {
    const { options } = this;
    const ids = new Ids(options.seed === undefined ? undefined : `${options.seed}|${this.stacks.operations}`);
    const suffix = () => ids.suffix();
    const notice = (found: Problem) => {
      if (!notices.some((n) => n.code === found.code && n.pointer === found.pointer && n.message === found.message)) {
        notices.push(found);
      }
    };
    const context: JobContext = {
      stacks: this.stacks,
      events: this.events,
      ids,
      faults: new FaultPlan(faults),
      behaviour: { replacedInRollback: 'delete', rollbackOrder: 'reverse', ...options.behaviour },
      concurrency: options.concurrency ?? 1,
      notice,
      providerFor: (type) => isCustomResource(type) ? custom : providers.get(type) ?? simulated,
      enter: () => { this.current = { assets, custom, notice }; },
    };
    const functions = new LambdaFunctions(suffix, assets);
    this.inline.push(functions);
    const custom = new CustomResources(this.stacks, ids, this.responses, this.runtime, {
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
      beforeInvocation: async (place, roleArn) => {
        await this.permissions?.tell();
        this.permissions?.mention(place, roleArn);
      },
      callsElsewhere: () => this.endpoint.callsElsewhere,
      onHandlerLog: (log) => {
        handlerLogs.push(log);
        options.onHandlerLog?.(log.record, log);
      },
    });
    const simulated = new SimulatedTypes(suffix);
    const providers = new Map<string, ResourceProvider>([
      ['AWS::ECR::Repository', new EcrRepositories(new EcrClient(options.ecrEndpoint), suffix)],
      ['AWS::CloudFormation::Stack', new NestedStacks(context, assets, ssmParameters)],
      [FUNCTION_TYPE, functions],
    ]);
    if (this.permissions !== undefined) {
      const iam = new IamResources(suffix, this.permissions.replaced);
      ['Role', 'Policy', 'ManagedPolicy', 'RolePolicy'].forEach((kind) => providers.set(`AWS::IAM::${kind}`, iam));
    }
    return context;
  }
}
