import { authorize } from './authorization';
import { getBlob, headBlob } from './blobs';
import { errorReply, V2Error, v2ErrorOf } from './errors';
import { listCatalog, listReferrers, listTags } from './lists';
import { deleteManifest, getManifest, headManifest, putManifest } from './manifests';
import { routeOf, V2Call, V2Operation } from './route';
import { cancelBlobUpload, getBlobUpload, patchBlob, putBlob, startBlobUpload } from './uploads';
import { Caller } from '../caller';
import { Core } from '../core';
import { EcrError } from '../ecr-error';
import { CallFaults } from '../faults/faults';
import { Cut, cutOff, errorOf, failure, HookedCall, Hooks } from '../hooks';
import { Context } from '../operations/context';
import { Interception, Settings } from '../options';
import { endpointOf } from '../pipeline';
import { isClientGone, rawReply, Reply, Request } from '../server';

/** What a handler works with. `body` is that of the request, cut off where a hook wants it so. */
export interface V2Request {
  readonly call: V2Call;
  readonly request: Request;
  readonly body: AsyncIterable<Buffer>;
  readonly context: Context;
  readonly core: Core;
  /** A fault that a hook wants in the answer. */
  readonly fault: Interception | undefined;
}

export type V2Handler = (request: V2Request) => Reply | undefined | Promise<Reply | undefined>;

const HANDLERS: Readonly<Record<V2Operation, V2Handler>> = {
  'v2:Ping': () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' }),
  'v2:Catalog': listCatalog,
  'v2:ListTags': listTags,
  'v2:ListReferrers': listReferrers,
  'v2:HeadManifest': headManifest,
  'v2:GetManifest': getManifest,
  'v2:PutManifest': putManifest,
  'v2:DeleteManifest': deleteManifest,
  'v2:HeadBlob': headBlob,
  'v2:GetBlob': getBlob,
  'v2:StartBlobUpload': startBlobUpload,
  'v2:PatchBlob': patchBlob,
  'v2:PutBlob': putBlob,
  'v2:GetBlobUpload': getBlobUpload,
  'v2:CancelBlobUpload': cancelBlobUpload,
};
const TAKES_BYTES: ReadonlySet<V2Operation> = new Set<V2Operation>(['v2:StartBlobUpload', 'v2:PatchBlob', 'v2:PutBlob']);

/** The registry protocol, on the same registry as the API: what came in by one door is there by the other. */
export class V2Door {
  constructor(private readonly core: Core, private readonly settings: Settings, private readonly hooks: Hooks) {}

  public async handle(request: Request): Promise<Reply | undefined> {
    let call: V2Call | undefined;
    let reply: Reply | undefined;
    try {
      const caller = authorize(request, this.core, endpointOf(request));
      call = routeOf(request.method, request.path, request.query);
      reply = await this.run(call, request, caller);
    } catch (error) {
      reply = error instanceof Cut || isClientGone(error) ? undefined : errorReply(this.asV2Error(error));
    }
    this.log(request, call, reply);
    return reply && {
      ...reply,
      headers: { 'docker-distribution-api-version': 'registry/2.0', 'date': new Date(this.core.clock.now()).toUTCString(), ...reply.headers },
    };
  }

  private async run(call: V2Call, request: Request, caller: Caller): Promise<Reply | undefined> {
    const { operation, ...input } = call;
    const hooked: HookedCall = { operation, input, number: this.hooks.count(operation), caller };
    this.hooks.tell(operation, input);
    await this.hooks.delay();
    const faults = this.hooks.faults.of(hooked);
    const before = await this.hooks.ask(hooked, 'before') ?? await faults.before();
    if (before && ('error' in before || 'output' in before || 'reply' in before || ('disconnect' in before && before.afterBytes === undefined))) {
      return answerOf(before);
    }
    const cutBody = before && 'disconnect' in before && TAKES_BYTES.has(operation) ? before.afterBytes : undefined;
    const reply = await this.perform(faults, { call, request, caller, fault: before, body: cutBody === undefined ? request.stream : cutOff(request.stream, cutBody) });
    const outcome = { output: { statusCode: reply?.statusCode } };
    const after = await this.hooks.ask(hooked, 'after', outcome) ?? await faults.after(outcome);
    return after && !('corrupt' in after) ? answerOf(after) : reply;
  }

  /** Whatever a request has changed is on disk before anybody hears of it. */
  private async perform(faults: CallFaults, given: Omit<V2Request, 'context' | 'core'> & { readonly caller: Caller }): Promise<Reply | undefined> {
    const context = this.core.context(given.caller, endpointOf(given.request));
    try {
      const refusal = this.core.permissions.refusal(given.call.operation, { ...given.call }, given.caller);
      if (refusal) {
        throw refusal;
      }
      return await faults.perform(context, (seen) => HANDLERS[given.call.operation]({ ...given, context: seen, core: this.core }));
    } catch (error) {
      if (error instanceof Cut || isClientGone(error)) {
        throw error;
      }
      return errorReply(this.asV2Error(error));
    } finally {
      this.core.write();
    }
  }

  private asV2Error(error: unknown): V2Error {
    if (error instanceof V2Error) {
      return error;
    }
    if (!(error instanceof EcrError)) {
      this.settings.log?.({ event: 'failure', code: 'DD-EMULATOR-103', stack: error instanceof Error ? error.stack : String(error) });
    }
    return v2ErrorOf(error instanceof EcrError ? error : failure(error));
  }

  private log(request: Request, call: V2Call | undefined, reply: Reply | undefined): void {
    this.settings.log?.({
      event: 'call',
      time: new Date(this.core.clock.now()).toISOString(),
      operation: call?.operation ?? `${request.method} ${request.path}`,
      repositoryName: call?.repositoryName,
      ...(reply ? { statusCode: reply.statusCode } : { disconnected: true }),
    });
  }
}

/** An answer in place of the real one. */
function answerOf(interception: Exclude<Interception, { corrupt: true }>): Reply | undefined {
  if ('error' in interception) {
    return errorReply(v2ErrorOf(errorOf(interception)));
  }
  if ('reply' in interception) {
    return rawReply(interception.reply);
  }
  return 'output' in interception
    ? { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(interception.output) }
    : undefined;
}
