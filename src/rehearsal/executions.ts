import { problem } from './codes';
import { Refusal } from './refusal';
import { ResourceRecord, StackRecord, Stacks } from './state';
import { ExecutionFailure, Invoke, runStateMachine } from './state-machine';
import { isObject } from '../assembly/intrinsics';
import { partitionOf } from '../assembly/partition';
import { Problem } from '../errors';

export const STATE_MACHINE_TYPE = 'AWS::StepFunctions::StateMachine';

interface Execution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: string;
  readonly startDate: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  output?: string;
  failure?: ExecutionFailure;
  ended: Promise<void>;
}

export interface ExecutionSettings {
  readonly stacks: () => Stacks;
  /** Calls a Lambda function of the stacks. */
  readonly invoke: (functionName: string, payload: unknown) => ReturnType<Invoke>;
  /** Throws a Refusal for what a role may not do. */
  readonly checkRole: (roleArn: string, region: string, operation: string, request: Readonly<Record<string, unknown>>) => void;
  readonly maximumWaitMillis: number;
  readonly notice: (found: Problem) => void;
}

/** Step Functions, as far as handlers need it: executions of the state machines of the rehearsed stacks. */
export class Executions {
  private readonly executions = new Map<string, Execution>();

  constructor(private readonly settings: ExecutionSettings) {}

  public answer(operation: string, request: Record<string, unknown>): Record<string, unknown> {
    switch (operation) {
      case 'StartExecution': return this.start(String(request.stateMachineArn), String(request.name), String(request.input ?? '{}'));
      case 'DescribeExecution': return describe(this.find(String(request.executionArn)));
      default: throw new Refusal('UnknownOperationException', `A rehearsal does not know ${operation} of Step Functions.`);
    }
  }

  /** When no execution runs any more. */
  public async idle(): Promise<void> {
    for (let running = this.running(); running.length > 0; running = this.running()) {
      await Promise.all(running.map(({ ended }) => ended));
    }
  }

  private running(): Execution[] {
    return [...this.executions.values()].filter(({ status }) => status === 'RUNNING');
  }

  private start(stateMachineArn: string, name: string, input: string): Record<string, unknown> {
    const found = this.machine(stateMachineArn);
    if (found === undefined) {
      throw new Refusal('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
    }
    const { record, stack } = found;
    const executionArn = `arn:${partitionOf(stack.region)}:states:${stack.region}:${stack.account}:execution:${stateMachineArn.split(':').at(-1)}:${name}`;
    const known = this.executions.get(executionArn);
    if (known !== undefined) {
      // The same name and input while it runs is the same execution; afterwards the name is used up.
      // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
      if (known.status === 'RUNNING' && known.input === input) {
        return { executionArn, startDate: known.startDate };
      }
      throw new Refusal('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    }
    const execution: Execution = {
      executionArn, stateMachineArn, name, input, startDate: Date.now() / 1000, status: 'RUNNING', ended: Promise.resolve(),
    };
    execution.ended = this.run(execution, record, stack);
    this.executions.set(executionArn, execution);
    return { executionArn, startDate: execution.startDate };
  }

  private async run(execution: Execution, record: ResourceRecord, stack: StackRecord): Promise<void> {
    try {
      const output = await runStateMachine(definitionOf(record), JSON.parse(execution.input), {
        invoke: async ({ functionName, payload }) => {
          this.mayInvoke(record, stack, functionName);
          return this.settings.invoke(functionName, payload);
        },
        maximumWaitMillis: this.settings.maximumWaitMillis,
        context: { Execution: { Id: execution.executionArn, Name: execution.name, StartTime: new Date(execution.startDate * 1000).toISOString() } },
      });
      Object.assign(execution, { status: 'SUCCEEDED', output: JSON.stringify(output) });
    } catch (error) {
      const failure = error instanceof ExecutionFailure ? error : new ExecutionFailure('States.Runtime', String((error as Error)?.message ?? error));
      Object.assign(execution, { status: 'FAILED', failure });
      this.settings.notice(problem('DD-REHEARSAL-110', `${stack.stackName}/${record.logicalId}`, `An execution of the state machine failed: ${failure.message}`, {
        fix: 'See the events of the resource that started it.',
      }));
    }
  }

  private mayInvoke({ properties }: ResourceRecord, { region }: StackRecord, functionArn: string): void {
    try {
      this.settings.checkRole(String(properties.RoleArn), region, 'lambda:InvokeFunction', { functionArn });
    } catch (error) {
      throw error instanceof Refusal ? new ExecutionFailure('Lambda.AccessDeniedException', error.message) : error;
    }
  }

  private machine(arn: string): { record: ResourceRecord; stack: StackRecord } | undefined {
    for (const stack of this.settings.stacks().all()) {
      const record = [...stack.resources.values()].find((one) => one.type === STATE_MACHINE_TYPE && one.physicalId === arn);
      if (record !== undefined) {
        return { record, stack };
      }
    }
    return undefined;
  }

  private find(executionArn: string): Execution {
    const execution = this.executions.get(executionArn);
    if (execution === undefined) {
      throw new Refusal('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    }
    return execution;
  }
}

function describe({ executionArn, stateMachineArn, name, input, startDate, status, output, failure }: Execution): Record<string, unknown> {
  return {
    executionArn, stateMachineArn, name, input, startDate, status,
    ...output === undefined ? {} : { output },
    ...failure === undefined ? {} : { error: failure.error, cause: failure.cause },
  };
}

/** `DefinitionString`, or `Definition`; with `DefinitionSubstitutions` put in. */
function definitionOf({ properties }: ResourceRecord): unknown {
  const text = typeof properties.DefinitionString === 'string' ? properties.DefinitionString : JSON.stringify(properties.Definition ?? {});
  const substitutions = isObject(properties.DefinitionSubstitutions) ? properties.DefinitionSubstitutions : {};
  return JSON.parse(text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (whole, key: string) => Object.hasOwn(substitutions, key) ? JSON.stringify(String(substitutions[key])).slice(1, -1) : whole));
}
