import { CustomResourceSettings, HandlerLog } from './custom-resource';
import { StackEvent } from './events';
import { Fault } from './faults';
import { FunctionRuntime } from './handler-process';
import { RehearsedAuthorization } from './permissions';
import { Behaviour } from './provider';
import { RehearsalState } from './state';
import { Problem } from '../errors';
import { InUseReference } from '../lifecycle/in-use';

/** Where and how stacks are rehearsed; the same for every operation of a session. */
export interface SessionOptions {
  /** Where the ECR API is: the embedded ECR. */
  readonly ecrEndpoint: string;
  /** @default - the Region of the stack's environment, or us-east-1 */
  readonly region?: string;
  /** @default - the account of the stack's environment, or 123456789012 */
  readonly accountId?: string;
  readonly onEvent?: (event: StackEvent) => void;
  readonly onHandlerLog?: (record: Record<string, unknown>, log: HandlerLog) => void;
  /** Registries that images are copied from, and where they are (`127.0.0.1:5000`). Copies from others are simulated. @default - those on this machine only */
  readonly registries?: Readonly<Record<string, string>>;
  /** Values of secrets that the app does not make itself, by name or ARN as the app gives it. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What runs, for gates that look for images in use. @default - nothing, and a notice when a gate looks */
  readonly inUse?: readonly InUseReference[];
  /**
   * Whether what the policies of the roles in the templates do not allow is refused, as IAM would.
   *
   * @default true
   */
  readonly iam?: boolean;
  /** Told of every decision about a role of the stacks that is made outside the registry; the emulator's own `onAuthorization` tells the others. */
  readonly onAuthorization?: (authorization: RehearsedAuthorization) => void;
  /** More environment variables for handlers; they win over everything else. */
  readonly handlerEnv?: Readonly<Record<string, string>>;
  /** A process of its own for every request, as after a cold start. @default false */
  readonly freshHandlers?: boolean;
  /** What runs Lambda functions, and is stopped with the session. @default - a process for each function */
  readonly runtime?: FunctionRuntime;
  /** Upper bounds on the waiting that templates ask for. */
  readonly timeLimits?: CustomResourceSettings['timeLimits'];
  /** Upper bound of the waits and retries of state machines. @default 1000 */
  readonly stateMachineWaitMillis?: number;
  readonly duplicates?: CustomResourceSettings['duplicates'];
  readonly behaviour?: Partial<Behaviour>;
  /** How many resources of a stack are worked on at once. @default 1 */
  readonly concurrency?: number;
  /** Makes ids and generated names the same in every run. @default - random, as with CloudFormation */
  readonly seed?: string;
  /** The clock of the events. @default - real time */
  readonly now?: () => number;
}

/** One deployment, or destruction. */
export interface OperationOptions {
  /** A synthesized app: cdk.out. */
  readonly assembly: string;
  /** Stack names or construct paths; `*` matches anything. What they depend on comes along. @default - all */
  readonly stacks?: readonly string[];
  /** @default 'deploy' */
  readonly action?: 'deploy' | 'destroy';
  /** By parameter name, or by `StackName:ParameterName`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Values of SSM parameters, by their names. */
  readonly ssmParameters?: Readonly<Record<string, string>>;
  /** Resources that fail: logical IDs or construct paths. */
  readonly failAt?: readonly (string | Fault)[];
}

export interface RehearsalOptions extends SessionOptions, OperationOptions {
  /** From the result of an earlier rehearsal, which this one then updates. */
  readonly state?: RehearsalState;
}

export interface ResourceResult {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  /** Nothing was done; id and attributes are only plausible. */
  readonly simulated: boolean;
  readonly constructPath?: string;
}

export interface StackResult {
  readonly stackName: string;
  /** In CloudFormation's words; NOT_DEPLOYED when a stack that this one needs has failed. */
  readonly status: string;
  readonly reason?: string;
  readonly resources: readonly ResourceResult[];
  readonly outputs: Readonly<Record<string, string>>;
}

export interface RehearsalResult {
  /** Every stack came to where it should. */
  readonly ok: boolean;
  /** Nested stacks follow the stack that holds them. */
  readonly stacks: readonly StackResult[];
  readonly events: readonly StackEvent[];
  readonly handlerLogs: readonly HandlerLog[];
  /** What could not be done as AWS would, and what AWS would have taken amiss. */
  readonly notices: readonly Problem[];
  readonly state: RehearsalState;
}
