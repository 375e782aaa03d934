import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { close, listen } from './support';

/** Secrets Manager, as far as a login needs it: versions by token, of which each has one value. */
export class SecretsStub {
  public readonly versions = new Map<string, string>();
  public readonly calls: string[] = [];
  /** Names of errors to answer with, with their messages, before it does what it is asked for. */
  public readonly failures: { readonly name: string; readonly message: (request: Record<string, string>) => string }[] = [];
  private server?: Server;
  private made = 0;

  public async start(): Promise<this> {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => { body += chunk; });
      request.on('end', () => {
        const { status, answer } = this.answer(String(request.headers['x-amz-target']).split('.')[1], JSON.parse(body));
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
      });
    });
    await listen(this.server);
    return this;
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  public stop(): Promise<void> {
    return close(this.server);
  }

  private answer(action: string, request: Record<string, string>): { status: number; answer: object } {
    this.calls.push(action);
    const failure = this.failures.shift();
    if (failure !== undefined) {
      return refusal(failure.name, failure.message(request));
    }
    if (action !== 'PutSecretValue') {
      return refusal('InvalidRequestException', `${action} is not known here.`);
    }
    const { ClientRequestToken: token = `version-${this.made += 1}`, SecretString, SecretId } = request;
    const present = this.versions.get(token);
    if (present !== undefined && present !== SecretString) {
      return refusal('ResourceExistsException', 'A resource with the ID you requested already exists.');
    }
    this.versions.set(token, SecretString);
    return { status: 200, answer: { ARN: SecretId, VersionId: token } };
  }
}

function refusal(name: string, message: string): { status: number; answer: object } {
  return { status: 400, answer: { __type: name, message } };
}
