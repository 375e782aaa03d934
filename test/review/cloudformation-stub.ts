import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';

export interface StubStack {
  /** As GetTemplate gives it: text, or an object that becomes JSON. */
  readonly template: unknown;
  /** By logical ID. */
  readonly resources?: Readonly<Record<string, { readonly type: string; readonly physicalId: string }>>;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What a deployed template's resources are called, where that is not what the template says. */
export function resourcesOf(template: { readonly Resources: Readonly<Record<string, { readonly Type: string }>> }, physicalIds: Readonly<Record<string, string>> = {}): StubStack['resources'] {
  return Object.fromEntries(Object.entries(template.Resources).map(([id, { Type }]) => [id, { type: Type, physicalId: physicalIds[id] ?? `${id}-physical` }]));
}

/** As much of CloudFormation's query API as reading deployed stacks takes. Stacks are known by name and ARN. */
export class CloudFormationStub {
  public readonly asked: string[] = [];
  public stacks: Record<string, StubStack> = {};
  /** Refuses everything. */
  public denied = false;
  private server?: Server;

  public async start(): Promise<string> {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
      request.on('end', () => {
        const parameters = new URLSearchParams(body);
        const { status, text } = this.answer(parameters.get('Action') ?? '', parameters);
        response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
      });
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private answer(action: string, parameters: URLSearchParams): { status: number; text: string } {
    this.asked.push(action);
    if (this.denied) {
      return refusal('AccessDenied', `User is not authorized to perform: cloudformation:${action}`, 403);
    }
    if (action === 'ListExports') {
      return result(action, '<Exports/>');
    }
    const asked = parameters.get('StackName') ?? '';
    const name = Object.keys(this.stacks).find((one) => one === asked || arnOf(one) === asked);
    const stack = name === undefined ? undefined : this.stacks[name];
    if (name === undefined || stack === undefined) {
      return refusal('ValidationError', `Stack with id ${asked} does not exist`, 400);
    }
    switch (action) {
      case 'DescribeStacks':
        return result(action, `<Stacks><member><StackName>${name.split('/')[1] ?? name}</StackName><StackId>${arnOf(name)}</StackId><StackStatus>UPDATE_COMPLETE</StackStatus><Parameters>${
          Object.entries(stack.parameters ?? {}).map(([key, value]) => `<member><ParameterKey>${key}</ParameterKey><ParameterValue>${value}</ParameterValue></member>`).join('')
        }</Parameters></member></Stacks>`);
      case 'ListStackResources':
        return result(action, `<StackResourceSummaries>${Object.entries(stack.resources ?? {}).map(([id, { type, physicalId }]) =>
          `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`).join('')
        }</StackResourceSummaries>`);
      case 'GetTemplate':
        return result(action, `<TemplateBody>${escaped(typeof stack.template === 'string' ? stack.template : JSON.stringify(stack.template))}</TemplateBody>`);
      default:
        return refusal('InvalidAction', `Could not find operation ${action}`, 400);
    }
  }
}

/** A nested stack is registered by its ARN itself. */
export function arnOf(name: string): string {
  return name.startsWith('arn:') ? name : `arn:aws:cloudformation:us-east-1:123456789012:stack/${name}/0000`;
}

function result(action: string, body: string) {
  return { status: 200, text: `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${action}Result>${body}</${action}Result></${action}Response>` };
}

function refusal(code: string, message: string, status: number) {
  return { status, text: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` };
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
