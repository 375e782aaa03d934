import { problem } from './codes';
import { Refusal } from './refusal';
import { JsonService } from './service-endpoint';
import { partitionOf } from '../assembly/partition';
import { Problem } from '../errors';
import { parseEcrHost } from '../images/ecr-uri';
import { InUseReference } from '../lifecycle/in-use';

const CLUSTER = 'rehearsal';
/** The most that Lambda gives with all versions. */
const PAGE = 50;

/**
 * ECS and Lambda, as far as gates ask them for images in use: whatever the rehearsal was told to be running is a task in ECS and a function in Lambda. A
 * rehearsal that was told nothing runs nothing, and says so when it is asked.
 */
export class RunningImages implements JsonService {
  private readonly references: readonly InUseReference[];
  private readonly told: boolean;

  constructor(references: readonly InUseReference[] | undefined, private readonly notice: (found: Problem) => void, private readonly account: () => string) {
    this.references = (references ?? []).map(({ reference, by }) => ({ reference: inThisRegistry(reference), by }));
    this.told = references !== undefined;
  }

  /** Operations of ECS. */
  public answer(operation: string, request: Record<string, unknown>, region: string): Record<string, unknown> {
    const ecs = `arn:${partitionOf(region)}:ecs:${region}:${this.account()}`;
    switch (operation) {
      case 'ListClusters':
        this.mention('ECS');
        return { clusterArns: this.references.length === 0 ? [] : [`${ecs}:cluster/${CLUSTER}`] };
      case 'ListServices': {
        const start = Number(request.nextToken ?? 0);
        const end = start + Number(request.maxResults ?? 100);
        return {
          serviceArns: this.references.slice(start, end).map((_, i) => `${ecs}:service/${CLUSTER}/${start + i}`),
          ...(end < this.references.length && { nextToken: String(end) }),
        };
      }
      case 'DescribeServices': return {
        services: (request.services as string[]).map((serviceArn) => {
          const index = Number(serviceArn.split('/').pop());
          return { serviceArn, serviceName: this.references[index].by, taskDefinition: `${ecs}:task-definition/rehearsal:${index + 1}` };
        }),
      };
      case 'DescribeTaskDefinition': {
        const { reference } = this.references[Number(String(request.taskDefinition).split(':').pop()) - 1];
        return { taskDefinition: { containerDefinitions: [{ image: reference }] } };
      }
      case 'ListTasks': {
        const start = Number(request.nextToken ?? 0);
        const end = start + Number(request.maxResults ?? 100);
        return {
          taskArns: this.references.slice(start, end).map((_, i) => `${ecs}:task/${CLUSTER}/${start + i}`),
          ...(end < this.references.length && { nextToken: String(end) }),
        };
      }
      case 'DescribeTasks': return {
        tasks: (request.tasks as string[]).map((taskArn) => {
          const { reference, by } = this.references[Number(taskArn.split('/').pop())];
          return { taskArn, group: `service:${by}`, containers: [{ image: reference }] };
        }),
      };
      default: throw new Refusal('InvalidParameterException', `A rehearsal does not know ${operation} of ECS.`);
    }
  }

  /** `GET /2015-03-31/functions` and what is below it; undefined: not found. */
  public functions(path: string, query: URLSearchParams): Record<string, unknown> | undefined {
    const [, index] = /\/functions\/rehearsal-(\d+)$/.exec(path) ?? [];
    if (index !== undefined) {
      const found = this.references[Number(index)] as InUseReference | undefined;
      return found && { Configuration: { FunctionName: `rehearsal-${index}` }, Code: { ImageUri: found.reference } };
    }
    if (!/\/functions\/?$/.test(path)) {
      return undefined;
    }
    this.mention('Lambda');
    const start = Number(query.get('Marker') ?? 0);
    return {
      Functions: this.references.slice(start, start + PAGE).map((_, i) => ({ FunctionName: `rehearsal-${start + i}`, Version: '$LATEST', PackageType: 'Image' })),
      ...(start + PAGE < this.references.length && { NextMarker: String(start + PAGE) }),
    };
  }

  private mention(service: string): void {
    if (!this.told) {
      this.notice(problem('DD-REHEARSAL-111', service, `A gate asked ${service} for images in use. In the rehearsal nothing runs.`, {
        fix: 'Say what runs with --in-use: image references, one a line, or what `kubectl get pods -o json` prints.',
      }));
    }
  }
}

/** Whatever account and Region images were taken from, the registry of a rehearsal is the only one; so it is with what runs. */
function inThisRegistry(reference: string): string {
  const slash = reference.indexOf('/');
  return slash > 0 && parseEcrHost(reference.slice(0, slash)) ? `127.0.0.1${reference.slice(slash)}` : reference;
}
