import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { EventLog } from './events';
import { bodyOf, LoopbackServer } from './loopback-server';
import { CLOUDFORMATION_NAMESPACE, QueryError, queryErrorXml, queryResultXml, Xml } from './query-protocol';
import { Refusal } from './refusal';
import type { Check } from './service-endpoint';
import { ResourceRecord, StackRecord, Stacks } from './state';

/** Under this path is every service that the rehearsal does not have. */
const ELSEWHERE = '/elsewhere';

/**
 * What a handler may ask CloudFormation about its own stack, in the AWS query protocol: DescribeStacks, DescribeStackResource,
 * DescribeStackResources, DescribeStackEvents, with the status of this very moment. Everything else that an AWS client sends ends here too
 * (AWS_ENDPOINT_URL) and is refused, so that a rehearsal never leaves the machine.
 */
export class CloudFormationEndpoint {
  /** Services that were called though the rehearsal does not have them, one entry a call. */
  public readonly callsElsewhere: string[] = [];
  private readonly server = new LoopbackServer((request, response) => this.handle(request, response));

  constructor(private readonly stacks: () => Stacks, private readonly events: () => EventLog, private readonly check: Check) {}

  public start(): Promise<void> {
    return this.server.start();
  }

  public stop(): Promise<void> {
    return this.server.stop();
  }

  public get url(): string {
    return this.server.url;
  }

  public get elsewhereUrl(): string {
    return `${this.server.url}${ELSEWHERE}`;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const body = await bodyOf(request, response);
    if (body === undefined) {
      return;
    }
    if (request.url?.startsWith(ELSEWHERE)) {
      const service = /Credential=[^/]+\/\d+\/[^/]*\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'another service';
      this.callsElsewhere.push(service);
      const message = `The rehearsal has no ${service}.`;
      response.writeHead(400, { 'content-type': 'application/json', 'x-amzn-errortype': 'NotInRehearsal' }).end(JSON.stringify({ __type: 'NotInRehearsal', message }));
      return;
    }
    const send = (status: number, xml: string) => response
      .writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId })
      .end(xml);
    const query = new URLSearchParams(request.method === 'GET' ? new URL(request.url ?? '/', this.server.url).search : body);
    const action = query.get('Action') ?? '';
    try {
      this.check(request.headers.authorization, `cloudformation:${action}`, { StackName: query.get('StackName') ?? undefined });
      send(200, queryResultXml(CLOUDFORMATION_NAMESPACE, action, this.answer(action, query), requestId));
    } catch (error) {
      if (!(error instanceof QueryError || error instanceof Refusal)) {
        throw error;
      }
      const [status, refused] = error instanceof Refusal ? [403, new QueryError('AccessDenied', error.message)] as const : [400, error] as const;
      send(status, queryErrorXml(CLOUDFORMATION_NAMESPACE, refused, requestId));
    }
  }

  private answer(action: string, query: URLSearchParams): Xml {
    const name = query.get('StackName');
    switch (action) {
      case 'DescribeStacks':
        return { Stacks: (name === null ? this.stacks().all() : [this.stack(name)]).map(describeStack) };
      case 'DescribeStackResource': {
        const stack = this.stack(name);
        const logicalId = query.get('LogicalResourceId');
        if (logicalId === null || logicalId === '') {
          throw new QueryError('ValidationError', '1 validation error detected: Value null at \'logicalResourceId\' failed to satisfy constraint: Member must not be null');
        }
        const resource = stack.resources.get(logicalId);
        if (resource === undefined) {
          throw new QueryError('ValidationError', `Resource ${logicalId} does not exist for stack ${stack.stackName}`);
        }
        return { StackResourceDetail: describeResource(stack, resource, 'LastUpdatedTimestamp') };
      }
      case 'DescribeStackResources': {
        const physicalId = query.get('PhysicalResourceId');
        const holder = name ?? this.stacks().all().find((s) => [...s.resources.values()].some((r) => r.physicalId === physicalId))?.stackName;
        if (holder === undefined) {
          throw new QueryError('ValidationError', `Stack for ${physicalId} does not exist`);
        }
        const stack = this.stack(holder);
        const logicalId = query.get('LogicalResourceId');
        return {
          StackResources: [...stack.resources.values()].filter((r) => logicalId === null || r.logicalId === logicalId).map((r) => describeResource(stack, r, 'Timestamp')),
        };
      }
      case 'DescribeStackEvents': {
        const stack = this.stack(name);
        return {
          StackEvents: this.events().events.filter((e) => e.stackId === stack.stackId).map((e, index): Xml => ({
            StackId: e.stackId,
            EventId: `${e.logicalId}-${e.status}-${index}`,
            StackName: e.stackName,
            LogicalResourceId: e.logicalId,
            PhysicalResourceId: e.physicalId,
            ResourceType: e.type,
            Timestamp: e.time,
            ResourceStatus: e.status,
            ResourceStatusReason: e.reason,
          })).reverse(),
        };
      }
      default:
        throw new QueryError('InvalidAction', `Could not find operation ${action} for version 2010-05-15`);
    }
  }

  private stack(name: string | null): StackRecord {
    const stack = name === null || name === '' ? undefined : this.stacks().find(name);
    if (stack === undefined) {
      throw new QueryError('ValidationError', `Stack with id ${name} does not exist`);
    }
    return stack;
  }
}

export function describeStack(stack: StackRecord): { readonly [element: string]: Xml } {
  return {
    StackId: stack.stackId,
    StackName: stack.stackName,
    CreationTime: stack.createdAt,
    LastUpdatedTime: stack.updatedAt,
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    DisableRollback: 'false',
    ParentId: stack.parentId,
    Parameters: Object.entries(stack.parameters).map(([ParameterKey, ParameterValue]): Xml => ({ ParameterKey, ParameterValue })),
    Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]): Xml => ({ OutputKey, OutputValue })),
    Tags: Object.entries(stack.tags).map(([Key, Value]): Xml => ({ Key, Value })),
  };
}

export function describeResource(stack: StackRecord, resource: ResourceRecord, timestamp: string): { readonly [element: string]: Xml } {
  return {
    StackName: stack.stackName,
    StackId: stack.stackId,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    [timestamp]: stack.updatedAt ?? stack.createdAt,
    ResourceStatus: resource.status,
  };
}
