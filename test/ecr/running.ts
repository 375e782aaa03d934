import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';

export interface RunningTask {
  readonly group?: string;
  readonly image: string;
  readonly imageDigest?: string;
}

export interface RunningFunction {
  readonly version?: string;
  readonly imageUri: string;
  readonly resolvedImageUri?: string;
  readonly packageType?: 'Image' | 'Zip';
}

export interface Running {
  /** Cluster -> service -> image of the task definition that it deploys. */
  readonly services?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly tasks?: Readonly<Record<string, readonly RunningTask[]>>;
  readonly functions?: Readonly<Record<string, RunningFunction | readonly RunningFunction[]>>;
}

const ECS = 'arn:aws:ecs:us-east-1:123456789012';

/** ECS and Lambda as far as lists of images go, two entries a page, and no more than they take. */
export class RunningServices {
  public readonly calls: string[] = [];
  public denied: string | undefined;
  /** Calls that are throttled before one succeeds. */
  public throttled = 0;
  private server?: Server;

  constructor(private readonly running: Running) {}

  public get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  public async start(): Promise<this> {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => { body += chunk; });
      request.on('end', () => {
        const target = /^AmazonEC2ContainerServiceV20141113\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1];
        const url = new URL(request.url ?? '/', 'http://x');
        const action = target !== undefined ? `ecs:${target}` : url.pathname.endsWith('/functions') || url.pathname.endsWith('/functions/') ? 'lambda:ListFunctions' : 'lambda:GetFunction';
        const send = (status: number, json: object, type?: string) => response
          .writeHead(status, { 'content-type': target !== undefined ? 'application/x-amz-json-1.1' : 'application/json', ...(type !== undefined && { 'x-amzn-errortype': type }) })
          .end(JSON.stringify(json));
        this.calls.push(action);
        if (this.throttled > 0) {
          this.throttled -= 1;
          send(400, { __type: 'ThrottlingException', message: 'Rate exceeded' }, 'ThrottlingException');
        } else if (action === this.denied) {
          send(action.startsWith('ecs') ? 400 : 403, { __type: 'AccessDeniedException', message: `not authorized to perform: ${action}` }, 'AccessDeniedException');
        } else {
          const [status, json] = target !== undefined ? [200, this.ecs(target, JSON.parse(body))] : this.lambda(url);
          send(status as number, json as object, status === 404 ? 'ResourceNotFoundException' : undefined);
        }
      });
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return this;
  }

  public stop(): Promise<void> {
    this.server?.closeAllConnections();
    return new Promise((resolve) => this.server === undefined ? resolve() : this.server.close(() => resolve()));
  }

  private ecs(operation: string, input: any): object {
    const { services = {}, tasks = {} } = this.running;
    const clusters = [...new Set([...Object.keys(services), ...Object.keys(tasks)])];
    const cluster = String(input.cluster ?? '').split('/').pop()!;
    switch (operation) {
      case 'ListClusters': return page('clusterArns', clusters.map((name) => `${ECS}:cluster/${name}`), input);
      case 'ListServices': return page('serviceArns', Object.keys(services[cluster] ?? {}).map((name) => `${ECS}:service/${cluster}/${name}`), input);
      case 'ListTasks': return page('taskArns', (tasks[cluster] ?? []).map((_, i) => `${ECS}:task/${cluster}/task${i}`), input);
      case 'DescribeServices':
        return input.services.length > 10 ? {} : {
          services: input.services.map((arn: string) => {
            const name = arn.split('/').pop()!;
            return { serviceName: name, taskDefinition: `${ECS}:task-definition/${services[cluster][name]}`, deployments: [{ taskDefinition: `${ECS}:task-definition/${services[cluster][name]}` }] };
          }),
        };
      case 'DescribeTasks':
        return {
          tasks: input.tasks.map((arn: string) => {
            const { group, image, imageDigest } = tasks[cluster][Number(arn.split('task').pop())];
            return { taskArn: arn, group, containers: [{ image, imageDigest }] };
          }),
        };
      case 'DescribeTaskDefinition':
        return { taskDefinition: { containerDefinitions: [{ name: 'main', image: input.taskDefinition.split('task-definition/')[1] }] } };
      default: return {};
    }
  }

  private lambda(url: URL): [number, object] {
    const { functions = {} } = this.running;
    const versions = Object.entries(functions).flatMap(([name, one]) => [one].flat().map((version) => ({ name, ...version as RunningFunction })));
    const [, name] = /\/functions\/([^/?]+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    if (name === undefined) {
      const start = Number(url.searchParams.get('Marker') ?? 0);
      return [200, {
        Functions: versions.slice(start, start + 2).map((one) => ({ FunctionName: one.name, Version: one.version ?? '$LATEST', PackageType: one.packageType ?? 'Image' })),
        ...(start + 2 < versions.length && { NextMarker: String(start + 2) }),
      }];
    }
    const found = versions.find((one) => one.name === name && (one.version ?? '$LATEST') === (url.searchParams.get('Qualifier') ?? '$LATEST'));
    return found === undefined
      ? [404, { message: 'Function not found' }]
      : [200, { Configuration: { FunctionName: name }, Code: { RepositoryType: 'ECR', ImageUri: found.imageUri, ResolvedImageUri: found.resolvedImageUri } }];
  }
}

function page(member: string, all: readonly string[], { nextToken }: { nextToken?: string }): object {
  const start = Number(nextToken ?? 0);
  return { [member]: all.slice(start, start + 2), ...(start + 2 < all.length && { nextToken: String(start + 2) }) };
}
