import { createReadStream, statSync } from 'node:fs';
import { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, LoopbackServer } from './loopback-server';
import { Refusal } from './refusal';
import { AssetSource } from '../assembly/assembly';
import { isObject } from '../assembly/intrinsics';

/** A JSON service: answers an operation, or throws a Refusal. */
export interface JsonService {
  /** What says more about a request than the request does: the ARN behind a name. */
  known?(operation: string, request: Record<string, unknown>): Record<string, unknown>;
  answer(operation: string, request: Record<string, unknown>, region: string): Record<string, unknown>;
}

/** Lambda, as far as lists of functions go. */
export interface FunctionList {
  functions(path: string, query: URLSearchParams): Record<string, unknown> | undefined;
}

/** Throws a Refusal for what the signer of a request may not do. */
export type Check = (authorization: string | undefined, operation: string, request: Readonly<Record<string, unknown>>) => void;

/** Services by the first part of X-Amz-Target, with the prefix of their actions. */
const PREFIXES: Readonly<Record<string, string>> = { AWSStepFunctions: 'states', secretsmanager: 'secretsmanager', AmazonEC2ContainerServiceV20141113: 'ecs' };

const LAMBDA_PATH = '/2015-03-31/functions';

/**
 * The services besides ECR and CloudFormation that handlers of this library call: Step Functions, Secrets Manager and ECS (JSON, by X-Amz-Target), Lambda's
 * lists of functions, and S3 as far as reading assets goes (GET and HEAD of an object, with Range).
 */
export class ServiceEndpoint {
  private readonly server = new LoopbackServer((request, response) => this.handle(request, response));

  /** `services`: by the first part of X-Amz-Target. */
  constructor(
    private readonly services: Readonly<Record<string, JsonService>>, private readonly assets: () => AssetSource | undefined,
    private readonly check: Check, private readonly lambda?: FunctionList,
  ) {}

  public get url(): string {
    return this.server.url;
  }

  public start(): Promise<void> {
    return this.server.start();
  }

  public stop(): Promise<void> {
    return this.server.stop();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.lambda !== undefined && request.method === 'GET' && request.url?.startsWith(LAMBDA_PATH)) {
      const { pathname, searchParams } = new URL(request.url, this.server.url);
      const functionName = /\/functions\/([^/]+)/.exec(decodeURIComponent(pathname))?.[1];
      try {
        this.check(request.headers.authorization, functionName === undefined ? 'lambda:ListFunctions' : 'lambda:GetFunction', { functionName });
      } catch (error) {
        const { message } = mustBeRefusal(error);
        response.writeHead(403, { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' }).end(JSON.stringify({ Message: message }));
        return;
      }
      const found = this.lambda.functions(decodeURIComponent(pathname), searchParams);
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json', ...(found === undefined && { 'x-amzn-errortype': 'ResourceNotFoundException' }) })
        .end(JSON.stringify(found ?? { Message: 'Function not found' }));
      return;
    }
    if (request.method === 'GET' || request.method === 'HEAD') {
      return this.object(request, response);
    }
    const body = await bodyOf(request, response);
    if (body === undefined) {
      return;
    }
    const [service, operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const send = (status: number, answer: object, headers = {}) => response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers }).end(JSON.stringify(answer));
    try {
      const found = this.services[service];
      const parsed: unknown = body === '' ? {} : JSON.parse(body);
      if (found === undefined || !isObject(parsed)) {
        throw new Refusal('UnknownOperationException', `The rehearsal has no ${service || 'such service'}.`);
      }
      this.check(request.headers.authorization, `${PREFIXES[service]}:${operation}`, { ...parsed, ...found.known?.(operation, parsed) });
      send(200, found.answer(operation, parsed, /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'us-east-1'));
    } catch (error) {
      const { code, message } = mustBeRefusal(error);
      send(400, { __type: code, message }, { 'x-amzn-errortype': code });
    }
  }

  /** `/BUCKET/KEY`: the file of an asset, whatever its bucket is called. */
  private object(request: IncomingMessage, response: ServerResponse): void {
    const [bucket, ...key] = decodeURIComponent((request.url ?? '/').split('?')[0]).slice(1).split('/');
    const asset = this.assets()?.asset(key.join('/'));
    const refuse = (status: number, code: string, message = `The rehearsal: ${code}`) => response
      .writeHead(status, { 'content-type': 'application/xml' })
      .end(request.method === 'HEAD' ? undefined : `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    try {
      this.check(request.headers.authorization, 's3:GetObject', { bucket, key: key.join('/') });
    } catch (error) {
      refuse(403, 'AccessDenied', mustBeRefusal(error).message.replace(/&/g, '&amp;').replace(/</g, '&lt;'));
      return;
    }
    if (asset === undefined || asset.packaging !== 'file') {
      refuse(404, 'NoSuchKey');
      return;
    }
    const { size, mtimeMs } = statSync(asset.path);
    const etag = `"${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}"`;
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(first ?? 0);
    const end = Math.min(last === undefined || last === '' ? size - 1 : Number(last), size - 1);
    if (first !== undefined && (start >= size || start > end)) {
      refuse(416, 'InvalidRange');
      return;
    }
    response.writeHead(first === undefined ? 200 : 206, {
      'content-length': Math.max(0, end - start + 1),
      'accept-ranges': 'bytes',
      etag,
      ...first === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${size}` },
    });
    if (request.method === 'HEAD' || size === 0) {
      response.end();
    } else {
      createReadStream(asset.path, { start, end }).on('error', () => response.destroy()).pipe(response);
    }
  }
}

function mustBeRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) {
    return error;
  }
  throw error;
}
