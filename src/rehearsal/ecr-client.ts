import { randomUUID } from 'node:crypto';
import { rehearsalError } from './codes';

/** An error of the registry, by its typed name. */
export class EcrError extends Error {
  constructor(public readonly name: string, message: string, public readonly requestId: string) {
    super(message);
  }
}

const ATTEMPTS = 5;
const PAUSE_MILLIS = 25;
const TIMEOUT_MILLIS = 60_000;

/**
 * As much of an ECR client as CloudFormation's own resource needs: AWS JSON 1.1 over HTTP (ecr-2015-09-21 service model). The
 * signature only looks like one; the endpoint is a local one.
 */
export class EcrClient {
  constructor(private readonly endpoint: string) {}

  /** Tries again what AWS's own callers try again: throttling, server errors, broken connections. */
  public async call<T = Record<string, unknown>>(region: string, operation: string, input: Record<string, unknown>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt<T>(region, operation, input);
      } catch (error) {
        if (attempt === ATTEMPTS || !isTransient(error)) {
          throw error instanceof EcrError ? error : rehearsalError('DD-REHEARSAL-013', this.endpoint, `${operation} got no answer: ${causeOf(error)}.`, {
            value: this.endpoint, fix: 'Start the embedded ECR, or give the endpoint at which it listens.', cause: error,
          });
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS * 2 ** attempt));
      }
    }
  }

  private async attempt<T>(region: string, operation: string, input: Record<string, unknown>): Promise<T> {
    const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
    const scope = `${stamp.slice(0, 8)}/${region}/ecr/aws4_request`;
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}`,
        'x-amz-date': stamp,
        'user-agent': 'drydock-rehearsal cloudformation.amazonaws.com',
        'authorization': `AWS4-HMAC-SHA256 Credential=ASIAREHEARSALCLOUDFM/${scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
      },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    const text = await response.text();
    if (response.ok) {
      return (text === '' ? {} : JSON.parse(text)) as T;
    }
    const { type, message } = readError(text);
    throw new EcrError(type ?? `HTTP${response.status}`, message ?? text.slice(0, 300), response.headers.get('x-amzn-requestid') ?? randomUUID());
  }
}

function readError(text: string): { type?: string; message?: string } {
  try {
    const body = JSON.parse(text) as { __type?: string; message?: string; Message?: string };
    return { type: body.__type?.replace(/^.*#/, ''), message: body.message ?? body.Message };
  } catch {
    return {};
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof EcrError
    ? ['ThrottlingException', 'ServerException', 'HTTP500', 'HTTP502', 'HTTP503'].includes(error.name)
    : ((error as Error).cause as { code?: string } | undefined)?.code !== 'ECONNREFUSED';
}

function causeOf(error: unknown): string {
  return ((error as Error).cause as Error | undefined)?.message || (error as Error).message;
}
