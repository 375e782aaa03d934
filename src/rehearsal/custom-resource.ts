import { problem } from './codes';
import { sameJson } from './equality';
import { Executions } from './executions';
import { FunctionRuntime, FunctionSettings, Invocation } from './handler-process';
import { Ids } from './ids';
import { functionSettings, FUNCTION_TYPE, LambdaEnvironment } from './lambda-function';
import { ResourceFailure, ResourceOutcome, ResourceProvider, ResourceRequest } from './provider';
import { Answer, Received, ResponseServer } from './response-server';
import { scalarsToStrings } from './scalars';
import { ResourceRecord, StackRecord, Stacks } from './state';
import { ExecutionFailure } from './state-machine';
import { isObject } from '../assembly/intrinsics';
import { Problem } from '../errors';

/** A JSON line that a handler wrote to stdout, and for which request. */
export interface HandlerLog {
  readonly stackName: string;
  readonly logicalId: string;
  readonly requestType: 'Create' | 'Update' | 'Delete';
  readonly requestId: string;
  readonly record: Record<string, unknown>;
}

export interface CustomResourceSettings {
  readonly environment: LambdaEnvironment;
  /** Executions of state machines, which may answer in a function's place. */
  readonly executions: Pick<Executions, 'idle'>;
  /** Before every call of a function, with the role that it has. */
  readonly beforeInvocation: (place: string, roleArn: string) => Promise<void>;
  /** Upper bounds on the function's Timeout and the resource's ServiceTimeout, so that a test need not wait as long as AWS would. */
  readonly timeLimits: { readonly functionSeconds?: number; readonly serviceSeconds?: number };
  /** Every event twice, as Lambda may deliver it: the second after the first has been answered, or at the same time. */
  readonly duplicates?: 'sequential' | 'concurrent';
  onHandlerLog(log: HandlerLog): void;
  notice(problem: Problem): void;
  /** How often a service was called that the rehearsal does not have, and which. */
  callsElsewhere(): readonly string[];
}

type RequestType = HandlerLog['requestType'];

interface Request {
  readonly type: RequestType;
  readonly stack: StackRecord;
  readonly logicalId: string;
  readonly resourceType: string;
  readonly properties: Record<string, unknown>;
  readonly oldProperties?: Record<string, unknown>;
  readonly physicalId?: string;
  /** Its creation was simulated, so there is nothing that its handler could change or delete. */
  readonly simulated?: boolean;
}

/** Custom resource service timeout, when the template sets none (crpg-ref in the CloudFormation user guide). */
const DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600;

/** Lambda runs an asynchronous event again, twice, when the function fails. The minutes in between are left out. */
const ATTEMPTS = 3;

/** How the handler of images says that it would have to leave the machine. */
const UNREACHED = 'DD-IMAGE-506';

/** How long an answer may still be on its way once the function has ended. */
const GRACE_MILLIS = 1500;

/** Custom resources backed by Lambda functions: the handler runs in a process of its own and answers over HTTP, as in the account. */
export class CustomResources implements ResourceProvider {
  /** Requests that are worked on, for what a state machine makes a function log in their name. */
  private readonly open = new Map<string, Request>();

  constructor(
    private readonly stacks: Stacks,
    private readonly ids: Ids,
    private readonly responses: ResponseServer,
    private readonly runtime: FunctionRuntime,
    private readonly settings: CustomResourceSettings,
  ) {}

  public async create(request: ResourceRequest): Promise<ResourceOutcome> {
    const { stack, logicalId, type, properties } = request;
    return this.send({ type: 'Create', stack, logicalId, resourceType: type, properties });
  }

  public async update(request: ResourceRequest, before: ResourceRecord): Promise<ResourceOutcome> {
    const { stack, logicalId, type, properties } = request;
    if (properties.ServiceToken !== before.properties.ServiceToken) {
      throw new ResourceFailure('Modifying service token is not allowed.', before.physicalId, true);
    }
    return this.send({
      type: 'Update',
      stack,
      logicalId,
      resourceType: type,
      properties,
      oldProperties: before.properties,
      physicalId: before.physicalId,
      simulated: before.simulated,
    });
  }

  public async delete(stack: StackRecord, record: ResourceRecord): Promise<void> {
    const { logicalId, type, properties, physicalId, simulated } = record;
    await this.send({ type: 'Delete', stack, logicalId, resourceType: type, properties, physicalId, simulated });
  }

  public replacingProperties(): readonly string[] {
    // Whether an update is a replacement, the handler says by the id it answers.
    return [];
  }

  public sameProperties(before: Record<string, unknown>, after: Record<string, unknown>): boolean {
    return sameJson(scalarsToStrings(before), scalarsToStrings(after));
  }

  /** Calls a function in the way of the Invoke operation: for state machines. What it logs belongs to the request that the payload names. */
  public async invokeFunction(functionName: string, payload: unknown): Promise<unknown> {
    const settings = this.functionOf(functionName);
    if (typeof settings === 'string') {
      throw new ExecutionFailure('Lambda.ResourceNotFoundException', `Function not found: ${functionName} (${settings})`);
    }
    const requestId = isObject(payload) ? String(payload.RequestId) : '';
    await this.settings.beforeInvocation(functionName, settings.roleArn);
    const request = this.open.get(requestId);
    const { outcome, result, errorType, errorMessage } = await this.runtime.invoke(settings, this.ids.uuid(), payload, (line) => {
      if (request !== undefined) {
        this.log(request, requestId, line);
      }
    });
    if (outcome !== 'done') {
      throw new ExecutionFailure(errorType ?? 'Lambda.Unknown', JSON.stringify({ errorType, errorMessage }));
    }
    return result === undefined ? null : JSON.parse(result);
  }

  private async send(request: Request): Promise<ResourceOutcome> {
    if (request.simulated === true) {
      return { physicalId: request.physicalId as string, attributes: {}, simulated: true };
    }
    const handler = this.handlerOf(request);
    if (typeof handler === 'string') {
      return this.simulate(request, 'DD-REHEARSAL-101', handler);
    }
    const requestId = this.ids.uuid();
    const calledBefore = this.settings.callsElsewhere().length;
    this.open.set(requestId, request);
    const { received, invocation } = await this.invoke(request, handler, requestId).finally(() => this.open.delete(requestId));
    const elsewhere = [...new Set(this.settings.callsElsewhere().slice(calledBefore))];
    if (received.kind === 'answer' && received.answer.status === 'SUCCESS') {
      return this.accept(request, received.answer);
    }
    if (received.kind === 'answer' && received.answer.reason?.startsWith(UNREACHED) === true) {
      return this.simulate(request, 'DD-REHEARSAL-102', 'it copies an image of a registry that is not on this machine', 'To copy all the same, say --registry HOST=PLACE with a registry of this machine that stands in for it.');
    }
    if (elsewhere.length > 0) {
      return this.simulate(request, 'DD-REHEARSAL-102', `its handler called ${elsewhere.join(', ')}, which the rehearsal does not have`);
    }
    if (invocation?.outcome === 'init-error' && /Cannot find (module|package) '(@aws-sdk|@smithy|aws-sdk)/.test(invocation.errorMessage ?? '')) {
      return this.simulate(request, 'DD-REHEARSAL-101', 'its handler expects the AWS SDK of the Lambda runtime, which is not in its own folder');
    }
    throw this.failure(request, requestId, received);
  }

  private handlerOf({ properties }: Request): FunctionSettings | string {
    return this.functionOf(String(properties.ServiceToken ?? ''));
  }

  private functionOf(token: string): FunctionSettings | string {
    for (const holder of this.stacks.all()) {
      for (const record of holder.resources.values()) {
        // A version or alias behind the function's ARN runs the same code here.
        if (record.type === FUNCTION_TYPE && (token === record.attributes.Arn || token.startsWith(`${String(record.attributes.Arn)}:`))) {
          const settings = functionSettings(record, holder, this.settings.environment);
          const limit = this.settings.timeLimits.functionSeconds ?? Infinity;
          return typeof settings === 'string' ? settings : { ...settings, timeoutSeconds: Math.min(settings.timeoutSeconds, limit) };
        }
      }
    }
    return `its service token ${token} is not a function of these stacks`;
  }

  /** Sends the event and waits for the first of: an answer, the service timeout, the certainty that no answer can come. */
  private async invoke(request: Request, handler: FunctionSettings, requestId: string): Promise<{ received: Received; invocation?: Invocation }> {
    const { stack, logicalId } = request;
    const place = `${stack.stackName}/${logicalId}`;
    const expectation = this.responses.expect({ stackId: stack.stackId, requestId, logicalResourceId: logicalId }, this.ids.hex(64), (later) => {
      this.settings.notice(problem('DD-REHEARSAL-106', place, `The handler answered the ${request.type} request ${requestId} once more.`, {
        value: later.kind === 'answer' ? later.answer.status : later.reason, fix: 'CloudFormation takes the first answer only. Answer once.',
      }));
    });
    const event = this.event(request, requestId, expectation.url);
    const onLine = (line: string) => this.log(request, requestId, line);
    const deliver = async () => {
      await this.settings.beforeInvocation(place, handler.roleArn);
      return this.runtime.invoke(handler, requestId, event, onLine);
    };
    let abandoned = false;
    let last: Invocation | undefined;

    const running = (async (): Promise<Received | undefined> => {
      for (let attempt = 1; attempt <= ATTEMPTS && !abandoned; attempt += 1) {
        const [invocation] = await Promise.all([deliver(), ...this.settings.duplicates === 'concurrent' ? [deliver()] : []]);
        last = invocation;
        if (invocation.outcome === 'done' || expectation.isAnswered()) {
          break;
        }
      }
      if (!expectation.isAnswered() && last?.outcome === 'done') {
        await Promise.race([expectation.received, this.settings.executions.idle()]);
        await Promise.race([expectation.received, new Promise((resolve) => setTimeout(resolve, GRACE_MILLIS).unref())]);
      }
      return undefined;
    })();
    let timer: NodeJS.Timeout | undefined;
    const serviceTimeout = Number(request.properties.ServiceTimeout) || DEFAULT_SERVICE_TIMEOUT_SECONDS;
    const seconds = Math.min(serviceTimeout, this.settings.timeLimits.serviceSeconds ?? Infinity);
    const timeout = new Promise<undefined>((resolve) => { timer = setTimeout(() => resolve(undefined), seconds * 1000); });
    const received = await Promise.race([expectation.received, timeout, running]);
    clearTimeout(timer);
    abandoned = true;
    if (received !== undefined || expectation.isAnswered()) {
      // The function goes on to its end before anything else begins: what it still does belongs to this request.
      await running;
      await this.settings.executions.idle();
      if (this.settings.duplicates === 'sequential') {
        await deliver();
      }
      const failedLate = last !== undefined && last.outcome !== 'done';
      if (failedLate) {
        this.settings.notice(problem('DD-REHEARSAL-109', place, `The handler failed after it had answered the ${request.type} request: ${last?.errorType} ${last?.errorMessage}.`, {
          fix: 'Lambda will deliver the event twice more. End without an error once the answer is out.',
        }));
      }
    }
    const final = received ?? (expectation.isAnswered() ? await expectation.received : undefined);
    expectation.close();
    if (final?.kind === 'malformed') {
      this.settings.notice(problem('DD-REHEARSAL-107', place, `The handler's answer to the ${request.type} request was refused: ${final.reason}`, {
        fix: 'See "Custom resource response objects" in the CloudFormation user guide.',
      }));
    }
    return { received: final ?? { kind: 'malformed', reason: noAnswer(requestId, last, seconds) }, invocation: last };
  }

  private event(request: Request, requestId: string, responseUrl: string): Record<string, unknown> {
    const { type, stack, logicalId, resourceType, properties, oldProperties, physicalId } = request;
    return {
      RequestType: type,
      ServiceToken: properties.ServiceToken,
      ResponseURL: responseUrl,
      StackId: stack.stackId,
      RequestId: requestId,
      LogicalResourceId: logicalId,
      ...physicalId === undefined ? {} : { PhysicalResourceId: physicalId },
      ResourceType: resourceType,
      ResourceProperties: scalarsToStrings(properties),
      ...oldProperties === undefined ? {} : { OldResourceProperties: scalarsToStrings(oldProperties) },
    };
  }

  private log({ stack, logicalId, type }: Request, requestId: string, line: string): void {
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch {
      return;
    }
    if (isObject(record)) {
      this.settings.onHandlerLog({ stackName: stack.stackName, logicalId, requestType: type, requestId, record });
    }
  }

  private accept(request: Request, { physicalId, data, noEcho }: Answer): ResourceOutcome {
    if (request.type === 'Delete' && physicalId !== request.physicalId) {
      this.settings.notice(problem('DD-REHEARSAL-107', `${request.stack.stackName}/${request.logicalId}`,
        `The handler answered a Delete with another physical id: ${physicalId} instead of ${request.physicalId}.`, { fix: 'Answer with the id of the request.' }));
    }
    return { physicalId, attributes: data, simulated: false, ...noEcho ? { noEcho } : {} };
  }

  private failure(request: Request, requestId: string, received: Received): ResourceFailure {
    const generated = request.physicalId ?? this.generatedId(request);
    if (received.kind === 'malformed') {
      return new ResourceFailure(received.reason, received.physicalId ?? generated);
    }
    const { reason, physicalId } = received.answer;
    return new ResourceFailure(`Received response status [FAILED] from custom resource. Message returned: ${reason} (RequestId: ${requestId})`, physicalId);
  }

  private simulate(request: Request, code: 'DD-REHEARSAL-101' | 'DD-REHEARSAL-102', why: string, fix = 'Nothing, unless other resources need what it does.'): ResourceOutcome {
    this.settings.notice(problem(code, `${request.stack.stackName}/${request.logicalId}`, `${request.resourceType} was simulated: ${why}.`, {
      fix,
    }));
    return { physicalId: request.physicalId ?? this.generatedId(request), attributes: {}, simulated: true };
  }

  /** What CloudFormation makes up when a custom resource gives no id. */
  private generatedId({ stack, logicalId }: Request): string {
    return `${stack.stackName}-${logicalId}-${this.ids.suffix()}`;
  }
}

function noAnswer(requestId: string, invocation: Invocation | undefined, seconds: number): string {
  const sentence = 'CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId '
    + `[${requestId}]. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.`;
  if (invocation === undefined) {
    return `${sentence} (No answer within ${seconds} seconds.)`;
  }
  const how = invocation.outcome === 'done' ? 'The function ended without answering.' : `The function failed: ${invocation.errorType}: ${invocation.errorMessage}.`;
  return `${sentence} (${how}${invocation.stderr.length > 0 ? ` Its last output: ${invocation.stderr.slice(-3).join(' | ').slice(0, 600)}` : ''})`;
}
