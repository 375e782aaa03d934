import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';

export interface ScriptedStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  /** Logical id -> type and physical id. */
  readonly resources?: Readonly<Record<string, readonly [string, string]>>;
}

/** What CloudFormation would say of some stacks, over HTTP; the calls as `Action StackName`. */
export class ScriptedCloudFormation {
  public readonly calls: string[] = [];
  public denied = false;
  private readonly server: Server;

  constructor(private readonly stacks: readonly ScriptedStack[], private readonly exports: Readonly<Record<string, string>> = {}) {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
      request.on('end', () => {
        const [status, text] = this.answer(new URLSearchParams(body));
        response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
      });
    });
  }

  public async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(query: URLSearchParams): [number, string] {
    const action = query.get('Action') ?? '';
    const name = query.get('StackName') ?? '';
    this.calls.push(`${action} ${name}`.trim());
    const refuse = (code: string, message: string, status = 400): [number, string] => [status, `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`];
    if (this.denied) {
      return refuse('AccessDenied', `not authorized to perform: cloudformation:${action}`, 403);
    }
    const members = (tag: string, list: readonly string[]) => `<${tag}>${list.map((one) => `<member>${one}</member>`).join('')}</${tag}>`;
    const done = (body: string): [number, string] => [200, `<${action}Response><${action}Result>${body}</${action}Result></${action}Response>`];
    if (action === 'ListExports') {
      return done(members('Exports', Object.entries(this.exports).map(([key, value]) => `<Name>${key}</Name><Value>${value}</Value>`)));
    }
    const stack = this.stacks.find(({ stackName, stackId }) => name === stackName || name === stackId);
    if (stack === undefined) {
      return refuse('ValidationError', `Stack with id ${name} does not exist`);
    }
    const { stackName, stackId, parameters = {}, outputs = {}, resources = {} } = stack;
    return action === 'DescribeStacks'
      ? done(members('Stacks', [`<StackName>${stackName}</StackName><StackId>${stackId}</StackId><StackStatus>UPDATE_COMPLETE</StackStatus>`
        + members('Parameters', Object.entries(parameters).map(([key, value]) => `<ParameterKey>${key}</ParameterKey><ParameterValue>${value}</ParameterValue>`))
        + members('Outputs', Object.entries(outputs).map(([key, value]) => `<OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue>`))]))
      : done(members('StackResourceSummaries', Object.entries(resources).map(([id, [type, physicalId]]) =>
        `<LogicalResourceId>${id}</LogicalResourceId><ResourceType>${type}</ResourceType><PhysicalResourceId>${physicalId}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>`)));
  }
}
