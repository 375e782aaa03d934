import { createServer, IncomingMessage, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Emulator, EmulatorOptions, Intercept, startEmulator } from '../../src/emulator';
import { createHandler, Handler, HandlerOptions } from '../../src/handlers/dispatch';
import { CustomResourceEvent, RequestType } from '../../src/handlers/protocol';
import { Timing } from '../../src/handlers/timing';
import { ImageDetail, Inventory, PolicyDocument, InventoryRepository } from '../../src/lifecycle/model';

export const NOW = '2026-01-31T12:00:00Z';
export const ACCOUNT = '123456789012';
export const STACK_ID = `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Shop/6f1c0a10-0000-4000-8000-000000000001`;
const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMIsecret', sessionToken: 'SESSIONTOKEN' };

/** Short waits; what is waited for is the same. */
export const FAST: Partial<Timing> = {
  retryBaseMillis: 1,
  retryMaxMillis: 4,
  transientWindowMillis: 5_000,
  accessDeniedWindowMillis: 60,
  settleMillis: 60,
  settleJitterMillis: 30,
  staleAfterMillis: 40,
  principalWindowMillis: 150,
  principalRetryMillis: 5,
  verifyWindowMillis: 60,
  verifyRetryMillis: 2,
  previewPollMillis: 1,
  previewPollMaxMillis: 4,
  putBackoffMillis: 1,
  putTimeoutMillis: 20_000,
};

export interface Received {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalId: string;
  readonly reason: string;
  readonly data: Record<string, string>;
  readonly bytes: Buffer;
  readonly headers: IncomingMessage['headers'];
}

export type Properties = Record<string, unknown>;

export interface EventOptions {
  readonly logicalId?: string;
  readonly stackId?: string;
  readonly requestId?: string;
  readonly old?: Properties;
  readonly physicalId?: string;
}

export interface WorldOptions extends EmulatorOptions {
  readonly timing?: Partial<Timing>;
  readonly remainingMillis?: number;
  /** The function under test; that of repositories when absent. */
  readonly createHandler?: typeof createHandler;
  /** Where services besides ECR and CloudFormation are. */
  readonly endpoints?: HandlerOptions['endpoints'];
}

/** A registry, a CloudFormation that answers questions, a place for answers, and the handler among them. */
export class World {
  public static async start(options: WorldOptions = {}): Promise<World> {
    const calls: { operation: string; input: Readonly<Record<string, any>> }[] = [];
    const faults: Intercept[] = [];
    const emulator = await startEmulator({
      now: NOW,
      allowMissingLayers: true,
      ...options,
      onCall: (call) => calls.push(call),
      intercept: async (call) => {
        for (const fault of faults) {
          const interception = await fault(call);
          if (interception) {
            return interception;
          }
        }
        return undefined;
      },
    });
    const cloudFormation = new CloudFormationStub();
    const responses = new ResponseSink();
    await Promise.all([cloudFormation.start(), responses.start()]);
    const world = new World(emulator, cloudFormation, responses, calls, faults, options);
    worlds.push(world);
    return world;
  }

  public readonly logs: Record<string, any>[] = [];
  public readonly lines: string[] = [];
  public readonly handler: Handler;
  private requests = 0;

  private constructor(
    public readonly emulator: Emulator,
    public readonly cloudFormation: CloudFormationStub,
    public readonly responses: ResponseSink,
    public readonly calls: { operation: string; input: Readonly<Record<string, any>> }[],
    public readonly faults: Intercept[],
    private readonly options: WorldOptions,
  ) {
    this.handler = this.newHandler();
  }

  /** Another instance of the function: nothing in memory is shared. */
  public newHandler(timing: Partial<Timing> = {}): Handler {
    return (this.options.createHandler ?? createHandler)({
      endpoints: { ecr: this.emulator.endpoint, cloudFormation: this.cloudFormation.url, ...this.options.endpoints },
      region: 'us-east-1',
      credentials: CREDENTIALS,
      timing: { ...FAST, ...this.options.timing, ...timing },
      log: (line) => {
        this.lines.push(line);
        this.logs.push(JSON.parse(line));
      },
    });
  }

  public event(type: RequestType, resourceType: string, properties: Properties, options: EventOptions = {}): CustomResourceEvent {
    const requestId = options.requestId ?? `request-${++this.requests}`;
    return {
      RequestType: type,
      ResponseURL: this.responses.urlOf(requestId),
      StackId: options.stackId ?? STACK_ID,
      RequestId: requestId,
      ResourceType: resourceType,
      LogicalResourceId: options.logicalId ?? 'Resource',
      ...(options.physicalId === undefined ? {} : { PhysicalResourceId: options.physicalId }),
      ResourceProperties: asCloudFormationSends({ ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:f', ServiceTimeout: 960, ...properties }) as Properties,
      ...(options.old === undefined ? {} : { OldResourceProperties: asCloudFormationSends(options.old) as Properties }),
    } as CustomResourceEvent;
  }

  /** Delivers an event, and gives the one answer to it. */
  public async deliver(event: CustomResourceEvent, handler = this.handler): Promise<Received> {
    const before = this.responses.of(event.RequestId).length;
    const deadline = Date.now() + (this.options.remainingMillis ?? 30_000);
    await handler(event, { getRemainingTimeInMillis: () => deadline - Date.now() });
    const answers = this.responses.of(event.RequestId).slice(before);
    expect(answers).toHaveLength(1);
    return answers[0];
  }

  public create(resourceType: string, properties: Properties, options: EventOptions = {}): Promise<Received> {
    return this.deliver(this.event('Create', resourceType, properties, options));
  }

  public update(
    resourceType: string, properties: Properties, options: EventOptions & { readonly physicalId: string; readonly old: Properties },
  ): Promise<Received> {
    return this.deliver(this.event('Update', resourceType, properties, options));
  }

  public delete(resourceType: string, properties: Properties, options: EventOptions & { readonly physicalId: string }): Promise<Received> {
    return this.deliver(this.event('Delete', resourceType, properties, options));
  }

  /** Everything that the registry holds of a repository but its images; undefined when there is none. */
  public repository(name: string): InventoryRepository | undefined {
    return this.emulator.inventory(name).repositories?.[0];
  }

  public tags(name: string): Record<string, string> {
    return Object.fromEntries((this.repository(name)?.tags ?? []).map(({ Key, Value }) => [Key, Value]));
  }

  public statements(name: string): Record<string, any>[] {
    const text = this.repository(name)?.repositoryPolicyText;
    return text === undefined ? [] : JSON.parse(text).Statement;
  }

  public lifecyclePolicy(name: string): PolicyDocument | undefined {
    const text = this.repository(name)?.lifecyclePolicyText;
    return text === undefined ? undefined : JSON.parse(text);
  }

  public callsOf(operation: string): Readonly<Record<string, any>>[] {
    return this.calls.filter((call) => call.operation === operation).map(({ input }) => input);
  }

  /** A call by somebody else, straight to the registry. */
  public async foreign(operation: string, input: Properties): Promise<any> {
    const response = await fetch(this.emulator.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}` },
      body: JSON.stringify(input),
    });
    const body: any = await response.json();
    if (!response.ok) {
      throw new Error(`${operation}: ${JSON.stringify(body)}`);
    }
    // Only the handler's own calls count.
    this.calls.splice(this.calls.map((call) => call.operation).lastIndexOf(operation), 1);
    return body;
  }

  public async stop(): Promise<void> {
    await Promise.all([this.emulator.stop(), this.cloudFormation.stop(), this.responses.stop()]);
  }
}

const worlds: World[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()));
});

/** Numbers and booleans become strings; what is undefined is left out. */
export function asCloudFormationSends(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(asCloudFormationSends);
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, asCloudFormationSends(member)]));
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** Where CloudFormation's pre-signed URLs lead. */
export class ResponseSink {
  /** Statuses to answer with before it succeeds; `0` breaks the connection. */
  public readonly statuses: number[] = [];
  public readonly requests: { readonly requestId: string; readonly body: Buffer; readonly headers: IncomingMessage['headers'] }[] = [];
  private readonly received = new Map<string, Received[]>();
  private server?: Server;

  public async start(): Promise<void> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const requestId = new URL(request.url ?? '', 'http://x').pathname.slice(1);
        this.requests.push({ requestId, body: bytes, headers: request.headers });
        const status = this.statuses.shift() ?? 200;
        if (status === 0) {
          request.socket.destroy();
          return;
        }
        if (status === 200) {
          const answer = JSON.parse(bytes.toString('utf8'));
          this.received.set(requestId, [...this.of(requestId), {
            status: answer.Status, physicalId: answer.PhysicalResourceId, reason: answer.Reason ?? '', data: answer.Data ?? {}, bytes, headers: request.headers,
          }]);
        }
        response.writeHead(status).end();
      });
    });
    await listen(this.server);
  }

  public urlOf(requestId: string): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}/${requestId}?AWSAccessKeyId=ASIAEXAMPLEEXAMPLE&Signature=s3cr3tSignature%3D&X-Amz-Security-Token=t0k3n`;
  }

  public of(requestId: string): Received[] {
    return this.received.get(requestId) ?? [];
  }

  public stop(): Promise<void> {
    return close(this.server);
  }
}

/** Answers DescribeStacks and DescribeStackResource in the query protocol. */
export class CloudFormationStub {
  public status = 'CREATE_IN_PROGRESS';
  /** The outermost stack, for a nested one. */
  public root?: { readonly id: string; status: string };
  public readonly physicalIds: Record<string, string> = {};
  public denies = false;
  /** What happens while it thinks. */
  public meanwhile?: () => Promise<void>;
  public readonly calls: { readonly action: string; readonly stackName: string }[] = [];
  private server?: Server;

  public async start(): Promise<void> {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => { body += chunk; });
      request.on('end', async () => {
        await this.meanwhile?.();
        const query = new URLSearchParams(body);
        const { status, xml } = this.answer(query.get('Action') ?? '', query.get('StackName') ?? '', query.get('LogicalResourceId') ?? '');
        response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
      });
    });
    await listen(this.server);
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  public stop(): Promise<void> {
    return close(this.server);
  }

  private answer(action: string, stackName: string, logicalId: string): { status: number; xml: string } {
    this.calls.push({ action, stackName });
    if (this.denies) {
      return refusal(403, 'AccessDenied', 'User is not authorized');
    }
    if (action === 'DescribeStacks') {
      const isRoot = stackName === this.root?.id;
      return result(action, `<Stacks><member><StackName>S</StackName><StackId>${stackName}</StackId><CreationTime>2026-01-01T00:00:00Z</CreationTime>`
        + `<StackStatus>${isRoot ? this.root!.status : this.status}</StackStatus>`
        + `${this.root && !isRoot ? `<RootId>${this.root.id}</RootId><ParentId>${this.root.id}</ParentId>` : ''}</member></Stacks>`);
    }
    const physicalId = this.physicalIds[logicalId];
    return physicalId === undefined
      ? refusal(400, 'ValidationError', `Resource ${logicalId} does not exist for stack S`)
      : result(action, `<StackResourceDetail><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId>`
        + '<ResourceType>AWS::ECR::Repository</ResourceType><LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp>'
        + '<ResourceStatus>CREATE_COMPLETE</ResourceStatus></StackResourceDetail>');
  }
}

function result(action: string, xml: string): { status: number; xml: string } {
  return { status: 200, xml: `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${action}Result>${xml}</${action}Result></${action}Response>` };
}

function refusal(status: number, code: string, message: string): { status: number; xml: string } {
  return { status, xml: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>` };
}

export function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

export function close(server: Server | undefined): Promise<void> {
  server?.closeAllConnections();
  return new Promise((resolve) => server === undefined ? resolve() : server.close(() => resolve()));
}

export const DAY = 86_400_000;
export const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * DAY).toISOString();
export const digestOf = (n: number) => `sha256:${n.toString(16).padStart(64, '0')}`;

export function image(repositoryName: string, n: number, details: Partial<ImageDetail> = {}): ImageDetail {
  return { repositoryName, imageDigest: digestOf(n), imagePushedAt: daysAgo(n), imageSizeInBytes: 1000 + n, ...details };
}

/** A repository with `count` images tagged v1 (youngest) to v<count> (oldest), one pushed each day. */
export function seedOf(repositoryName: string, count: number, settings: Partial<InventoryRepository> = {}): Inventory {
  return {
    repositories: [{ repositoryName, ...settings }],
    imageDetails: Array.from({ length: count }, (_, index) => image(repositoryName, index + 1, { imageTags: [`v${index + 1}`] })),
  };
}

export function keep(countNumber: number, more: Record<string, unknown> = {}): PolicyDocument {
  return {
    rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber, ...more } as never, action: { type: 'expire' } }],
  };
}

export const text = (policy: PolicyDocument) => JSON.stringify(policy);

export function throttled(message = 'Rate exceeded') {
  return { error: { type: 'ThrottlingException', message, statusCode: 400 } };
}

/** Fails the first `times` calls of an operation, before they take effect. */
export function failing(operation: string, times: number, interception: NonNullable<Awaited<ReturnType<Intercept>>>, phase: 'before' | 'after' = 'before'): Intercept {
  let left = times;
  return (call) => call.operation === operation && call.phase === phase && left-- > 0 ? interception : undefined;
}

/** Somebody pushes an image. */
export async function pushImage(world: World, repositoryName: string, imageTag = 'v1'): Promise<void> {
  await world.foreign('PutImage', {
    repositoryName,
    imageManifest: JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(1), size: 1 },
      layers: [],
    }),
    imageTag,
  });
}

export const arnOf = (repositoryName: string) => `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/${repositoryName}`;
