import { randomUUID } from 'node:crypto';
import { callerOf } from './caller';
import { MalformedBody, membersOf, readPartBody } from './content/part-body';
import { Incoming } from './content/uploads';
import { Core } from './core';
import { EcrError } from './ecr-error';
import { CallFaults } from './faults/faults';
import { Cut, cutOff, errorOf, failure, HookedCall, Hooks, Outcome } from './hooks';
import { isOperation, OPERATIONS, PART_LIMIT, UNSUPPORTED_OPERATIONS } from './model/operations';
import { validateInput } from './model/validate';
import { perform } from './operations';
import { Output } from './operations/context';
import { Interception, RawReply, Settings } from './options';
import { BODY_LIMIT, isClientGone, Request } from './server';

const TARGET = /^AmazonEC2ContainerRegistry_V20150921\.([A-Za-z]+)$/;

export interface ApiReply {
  readonly requestId: string;
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Output | string;
}

type Result = Outcome | Disconnect | { readonly reply: RawReply };
interface Disconnect {
  readonly disconnect: true;
  readonly afterBytes?: number;
}

/** The way of every API call: decode, check, hook, operate, write, hook, encode. `undefined` answers nothing and resets the connection. */
export class Pipeline {
  constructor(private readonly core: Core, private readonly settings: Settings, private readonly hooks: Hooks) {}

  public async handle(request: Request): Promise<ApiReply | undefined> {
    const requestId = randomUUID();
    const part: { bytes?: Incoming } = {};
    let call: HookedCall | undefined;
    let result: Result;
    try {
      const operation = operationOf(request);
      const name = { operation, number: this.hooks.count(operation), caller: callerOf(textOf(request.headers.authorization), this.core.registry.accountId) };
      const body = operation === 'UploadLayerPart' ? await this.readPart({ ...name, input: {} }, request, part) : parseBody(await request.bytes());
      if (isDisconnect(body)) {
        result = body;
      } else {
        call = { ...name, input: this.check(operation, body) };
        result = await this.run(call, endpointOf(request));
      }
    } catch (error) {
      result = error instanceof Cut || isClientGone(error) ? { disconnect: true } : { error: this.asEcrError(error, requestId) };
    } finally {
      await part.bytes?.discard();
    }
    this.log(requestId, call, result);
    return replyOf(requestId, result);
  }

  /** The body of UploadLayerPart as it comes: the bytes of the part straight to the disk. */
  private async readPart(call: HookedCall, request: Request, part: { bytes?: Incoming }): Promise<unknown> {
    const interception = await this.hooks.ask(call, 'start');
    if (interception && 'error' in interception) {
      throw errorOf(interception);
    }
    if (interception && 'disconnect' in interception && interception.afterBytes === undefined) {
      return interception;
    }
    const stream = interception && 'disconnect' in interception ? cutOff(request.stream, interception.afterBytes!) : request.stream;
    try {
      const rest = parseBody(await readPartBody(stream, 'layerPartBlob', async (before) => {
        const { repositoryName, uploadId, partFirstByte } = membersOf(before);
        const upload = this.core.registry.repository(String(repositoryName))?.uploads.get(String(uploadId));
        part.bytes = await this.core.uploads.receive(upload, typeof partFirstByte === 'number' ? partFirstByte : undefined, PART_LIMIT);
        return part.bytes;
      }));
      return part.bytes && isObject(rest) ? { ...rest, layerPartBlob: part.bytes } : rest;
    } catch (error) {
      throw error instanceof MalformedBody ? new EcrError('SerializationException', error.message) : error;
    }
  }

  private check(operation: string, body: unknown): Readonly<Record<string, unknown>> {
    this.hooks.tell(operation, isObject(body) ? body : {});
    return isOperation(operation) ? validateInput(OPERATIONS[operation], body) : isObject(body) ? body : {};
  }

  private async run(call: HookedCall, endpoint: string): Promise<Result> {
    await this.hooks.delay();
    const faults = this.hooks.faults.of(call);
    const before = resultOf(await this.hooks.ask(call, 'before') ?? await faults.before());
    if (before) {
      return before;
    }
    const result = await this.operate(call, endpoint, faults);
    return resultOf(await this.hooks.ask(call, 'after', result) ?? await faults.after(result)) ?? result;
  }

  /** Whatever an operation has changed is on disk before anybody hears of it. */
  private async operate(call: HookedCall, endpoint: string, faults: CallFaults): Promise<Outcome> {
    const { operation } = call;
    if (!isOperation(operation)) {
      return { error: notSupported(operation) };
    }
    try {
      const refusal = this.core.permissions.refusal(operation, call.input, call.caller);
      if (refusal) {
        return { error: refusal };
      }
      return { output: await faults.perform(this.core.context(call.caller, endpoint), (context, input) => perform(operation, input, context)) };
    } catch (error) {
      return { error: this.asEcrError(error, '-') };
    } finally {
      this.core.write();
    }
  }

  private asEcrError(error: unknown, requestId: string): EcrError {
    if (error instanceof EcrError) {
      return error;
    }
    this.settings.log?.({ event: 'failure', code: 'DD-EMULATOR-103', requestId, stack: error instanceof Error ? error.stack : String(error) });
    return failure(error);
  }

  private log(requestId: string, call: HookedCall | undefined, result: Result): void {
    this.settings.log?.({
      event: 'call',
      time: new Date(this.core.clock.now()).toISOString(),
      requestId,
      operation: call?.operation,
      repositoryName: call?.input.repositoryName,
      ...('disconnect' in result ? { disconnected: true } : 'reply' in result ? { statusCode: result.reply.statusCode } : 'error' in result ? { error: result.error.type, message: result.error.message } : {}),
    });
  }
}

function operationOf(request: Request): string {
  const operation = TARGET.exec(textOf(request.headers['x-amz-target']) ?? '')?.[1];
  const known = operation !== undefined && (isOperation(operation) || UNSUPPORTED_OPERATIONS.has(operation));
  if (!known || !request.headers['content-type']?.startsWith('application/x-amz-json-1.1')) {
    throw new EcrError('UnknownOperationException', 'The action or operation requested is invalid.');
  }
  return operation;
}

/** Under which name the client reached the emulator: addresses that it gets work for it too. */
export function endpointOf(request: Request): string {
  return `http://${request.headers.host ?? 'localhost'}`;
}

function resultOf(interception: Interception | undefined): Result | undefined {
  if (!interception || 'corrupt' in interception) {
    return undefined;
  }
  return 'error' in interception ? { error: errorOf(interception) } : interception;
}

function replyOf(requestId: string, result: Result): ApiReply | undefined {
  if ('disconnect' in result) {
    return undefined;
  }
  if ('reply' in result) {
    const { statusCode, contentType, body } = result.reply;
    return { requestId, statusCode, headers: { 'content-type': contentType }, body };
  }
  return 'error' in result
    ? { requestId, statusCode: result.error.statusCode, headers: result.error.headers, body: result.error.body() }
    : { requestId, statusCode: 200, body: result.output };
}

function parseBody(body: Buffer | undefined): unknown {
  if (body === undefined) {
    throw new EcrError('RequestEntityTooLargeException', `The request is larger than ${BODY_LIMIT} bytes`, { headers: { connection: 'close' } });
  }
  try {
    return body.length === 0 ? {} : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new EcrError('SerializationException', 'The request body is not valid JSON');
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const isDisconnect = (value: unknown): value is Disconnect => isObject(value) && value.disconnect === true;

const textOf = (header: string | readonly string[] | undefined) => (typeof header === 'string' ? header : undefined);

const notSupported = (operation: string) => new EcrError('UnsupportedOperationException',
  `DD-EMULATOR-101: the emulator does not support ${operation} yet. It is an operation of Amazon ECR.`);
