import { Core } from './core';
import { readDownloadPath, Refusal } from './download-url';
import { errorOf, Hooks } from './hooks';
import { layerReply } from './layer-reply';
import { rawReply, Reply, Request } from './server';

/** Amazon S3 in place of which the emulator serves layers answers in XML. */
const REFUSALS: Readonly<Record<Refusal, readonly [string, string]>> = {
  AccessDenied: ['AccessDenied', 'Access Denied'],
  SignatureDoesNotMatch: ['SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided.'],
  Expired: ['AccessDenied', 'Request has expired'],
};

/** Layers under the addresses of GetDownloadUrlForLayer, for whoever has the address: no other credentials are looked at. */
export class LayersDoor {
  constructor(private readonly core: Core, private readonly hooks: Hooks) {}

  public async handle(request: Request): Promise<Reply | undefined> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return xml(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
    }
    this.core.settle();
    const signed = readDownloadPath(this.core.tokens, request.path, request.query, this.core.clock.now());
    if (typeof signed === 'string') {
      return xml(403, ...REFUSALS[signed]);
    }
    const call = { operation: 'DownloadLayer', input: { ...signed }, number: this.hooks.count('DownloadLayer'), caller: { accountId: this.core.registry.accountId } };
    this.hooks.tell(call.operation, call.input);
    await this.hooks.delay();
    const interception = await this.hooks.ask(call, 'before') ?? await this.hooks.faults.of(call).before();
    if (interception && 'error' in interception) {
      const error = errorOf(interception);
      return xml(error.statusCode, error.type, error.message, error.headers);
    }
    if (interception && 'reply' in interception) {
      return rawReply(interception.reply);
    }
    const layer = this.core.registry.repository(signed.repositoryName)?.layers.get(signed.layerDigest);
    return layer ? layerReply(this.core.blobs, layer, request, interception) : xml(404, 'NoSuchKey', 'The specified key does not exist.');
  }
}

function xml(statusCode: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    statusCode,
    headers: { 'content-type': 'application/xml', ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error>`,
  };
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
