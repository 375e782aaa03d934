import { randomUUID } from 'node:crypto';
import { Caller, callerOf } from './caller';
import { Core } from './core';
import { EcrError } from './ecr-error';
import { isOperation, OPERATIONS, UNSUPPORTED_OPERATIONS } from './model/operations';
import { validateInput } from './model/validate';
import { perform } from './operations';
import { Output } from './operations/context';
import { Interception, Settings } from './options';

const TARGET = /^AmazonEC2ContainerRegistry_V20150921\.([A-Za-z]+)$/;

export interface ApiRequest {
  readonly target: string | undefined;
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly body: Buffer;
}

export interface ApiReply {
  readonly requestId: string;
  readonly statusCode: number;
  readonly body: Output;
}

interface Call {
  readonly requestId: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly number: number;
  readonly caller: Caller;
}

type Result = { readonly output: Output } | { readonly error: EcrError };

/** The way of every API call: decode, check, hook, operate, write, hook, encode. `undefined` answers nothing and resets the connection. */
export class Pipeline {
  /** Calls so far, by operation. */
  public readonly calls: Record<string, number> = {};

  constructor(private readonly core: Core, private readonly settings: Settings) {}

  public async handle(request: ApiRequest): Promise<ApiReply | undefined> {
    const requestId = randomUUID();
    let call: Call | undefined;
    let result: Result | 'disconnect';
    try {
      call = this.decode(request, requestId);
      result = await this.run(call);
    } catch (error) {
      result = { error: this.asEcrError(error, requestId) };
    }
    this.log(requestId, call, result);
    if (result === 'disconnect') {
      return undefined;
    }
    return 'error' in result
      ? { requestId, statusCode: result.error.statusCode, body: result.error.body() }
      : { requestId, statusCode: 200, body: result.output };
  }

  private decode(request: ApiRequest, requestId: string): Call {
    const operation = TARGET.exec(request.target ?? '')?.[1];
    const known = operation !== undefined && (isOperation(operation) || UNSUPPORTED_OPERATIONS.has(operation));
    if (!known || !request.contentType?.startsWith('application/x-amz-json-1.1')) {
      throw new EcrError('UnknownOperationException', 'The action or operation requested is invalid.');
    }
    const body = parseBody(request.body);
    const number = (this.calls[operation] ?? 0) + 1;
    this.calls[operation] = number;
    this.settings.onCall?.({ operation, input: isObject(body) ? body : {} });
    const input = isOperation(operation) ? validateInput(OPERATIONS[operation], body) : isObject(body) ? body : {};
    return { requestId, operation, input, number, caller: callerOf(request.authorization, this.core.registry.accountId) };
  }

  private async run(call: Call): Promise<Result | 'disconnect'> {
    if (this.settings.latencyMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.settings.latencyMs));
    }
    const before = await this.intercept(call, 'before');
    if (before) {
      return before;
    }
    const result = await this.operate(call);
    return await this.intercept(call, 'after', result) ?? result;
  }

  /** Whatever an operation has changed is on disk before anybody hears of it. */
  private async operate(call: Call): Promise<Result> {
    if (!isOperation(call.operation)) {
      return { error: notSupported(call.operation) };
    }
    try {
      return { output: await perform(call.operation, call.input, this.core.context(call.caller)) };
    } catch (error) {
      return { error: this.asEcrError(error, call.requestId) };
    } finally {
      this.core.write();
    }
  }

  private async intercept(call: Call, phase: 'before' | 'after', result?: Result): Promise<Result | 'disconnect' | undefined> {
    if (!this.settings.intercept) {
      return undefined;
    }
    const { operation, input, number, caller } = call;
    let interception: Interception | void;
    try {
      interception = await this.settings.intercept({ operation, input, phase, number, caller, ...result });
    } catch (error) {
      return { error: this.asEcrError(error, call.requestId) };
    }
    if (!interception) {
      return undefined;
    }
    if ('disconnect' in interception) {
      return 'disconnect';
    }
    if ('output' in interception) {
      return { output: interception.output };
    }
    const { error } = interception;
    return { error: error instanceof EcrError ? error : new EcrError(error.type, error.message, { statusCode: error.statusCode }) };
  }

  private asEcrError(error: unknown, requestId: string): EcrError {
    if (error instanceof EcrError) {
      return error;
    }
    this.settings.log?.({ event: 'failure', code: 'DD-EMULATOR-103', requestId, stack: error instanceof Error ? error.stack : String(error) });
    return new EcrError('ServerException', `DD-EMULATOR-103: the emulator failed: ${error instanceof Error ? error.message : String(error)}`);
  }

  private log(requestId: string, call: Call | undefined, result: Result | 'disconnect'): void {
    this.settings.log?.({
      event: 'call',
      time: new Date(this.core.clock.now()).toISOString(),
      requestId,
      operation: call?.operation,
      repositoryName: call?.input.repositoryName,
      ...(result === 'disconnect' ? { disconnected: true } : 'error' in result ? { error: result.error.type, message: result.error.message } : {}),
    });
  }
}

function parseBody(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new EcrError('SerializationException', 'The request body is not valid JSON');
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const notSupported = (operation: string) => new EcrError('UnsupportedOperationException',
  `DD-EMULATOR-101: the emulator does not support ${operation} yet. It is an operation of Amazon ECR.`);
