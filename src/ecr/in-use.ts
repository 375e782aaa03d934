import { DescribeServicesCommand, DescribeTaskDefinitionCommand, DescribeTasksCommand, ECSClient, ListClustersCommand, ListServicesCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import { GetFunctionCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { clientOptions, ConnectionOptions } from './client';
import { inOrder } from './in-order';
import { Budget } from './retry';
import type { InUseSource } from '../lifecycle/gate';
import type { InUseReference } from '../lifecycle/in-use';
import { batches } from '../lists';

/** The most that DescribeServices and DescribeTasks take. */
const SERVICES_A_CALL = 10;
const TASKS_A_CALL = 100;
const LIST_PAGE = 100;
/** The most that ListFunctions gives with all versions. */
const FUNCTIONS_PAGE = 50;
const AHEAD = 8;

/** What calls an answer makes: `Budget`, or one with a pace. */
type Calls = Pick<Budget, 'call'>;

/** The images that a service runs in this account and Region, as the service names them. */
export async function referencesInUse(source: InUseSource, options: ConnectionOptions, calls: Calls): Promise<InUseReference[]> {
  const client = source === 'ecs' ? new ECSClient(clientOptions(options, 'ecs')) : new LambdaClient(clientOptions(options, 'lambda'));
  try {
    return await (client instanceof ECSClient ? new EcsImages(client, calls).all() : new LambdaImages(client, calls).all());
  } finally {
    client.destroy();
  }
}

/** Services with the task definitions that they deploy, and tasks with what they really pulled. */
class EcsImages {
  private readonly definitions = new Map<string, Set<string>>();

  constructor(private readonly client: ECSClient, private readonly calls: Calls) {}

  public async all(): Promise<InUseReference[]> {
    const clusters = await pages((nextToken) => this.calls.call('ecs:ListClusters', (abortSignal) =>
      this.client.send(new ListClustersCommand({ maxResults: LIST_PAGE, nextToken }), { abortSignal })), ({ clusterArns }) => clusterArns);
    const found: InUseReference[] = [];
    for await (const some of inOrder(clusters, AHEAD, (cluster) => this.ofCluster(cluster))) {
      found.push(...some);
    }
    for await (const some of inOrder([...this.definitions], AHEAD, ([definition, by]) => this.ofDefinition(definition, by))) {
      found.push(...some);
    }
    return found;
  }

  private async ofCluster(cluster: string): Promise<InUseReference[]> {
    const [tasks] = await Promise.all([this.ofTasks(cluster), this.noteServices(cluster)]);
    return tasks;
  }

  private async noteServices(cluster: string): Promise<void> {
    const services = await pages((nextToken) => this.calls.call('ecs:ListServices', (abortSignal) =>
      this.client.send(new ListServicesCommand({ cluster, maxResults: LIST_PAGE, nextToken }), { abortSignal })), ({ serviceArns }) => serviceArns);
    for await (const answer of inOrder(batches(services, SERVICES_A_CALL), AHEAD, (some) => this.calls.call('ecs:DescribeServices', (abortSignal) =>
      this.client.send(new DescribeServicesCommand({ cluster, services: some }), { abortSignal })))) {
      for (const { serviceName = '', taskDefinition, deployments = [], taskSets = [] } of answer.services ?? []) {
        const by = `ECS service ${nameIn(cluster)}/${serviceName}`;
        [taskDefinition, ...deployments.map((one) => one.taskDefinition), ...taskSets.map((one) => one.taskDefinition)].forEach((definition) => {
          if (definition !== undefined) {
            this.definitions.set(definition, (this.definitions.get(definition) ?? new Set()).add(by));
          }
        });
      }
    }
  }

  private async ofTasks(cluster: string): Promise<InUseReference[]> {
    const tasks = await pages((nextToken) => this.calls.call('ecs:ListTasks', (abortSignal) =>
      this.client.send(new ListTasksCommand({ cluster, maxResults: LIST_PAGE, nextToken }), { abortSignal })), ({ taskArns }) => taskArns);
    const found: InUseReference[] = [];
    for await (const answer of inOrder(batches(tasks, TASKS_A_CALL), AHEAD, (some) => this.calls.call('ecs:DescribeTasks', (abortSignal) =>
      this.client.send(new DescribeTasksCommand({ cluster, tasks: some }), { abortSignal })))) {
      for (const { taskArn = '', group = '', containers = [] } of answer.tasks ?? []) {
        const by = group.startsWith('service:') ? `ECS service ${nameIn(cluster)}/${group.slice('service:'.length)}` : `ECS task ${nameIn(cluster)}/${nameIn(taskArn)}`;
        found.push(...containers.flatMap(({ image, imageDigest }) => image === undefined ? [] : [{ reference: withDigest(image, imageDigest), by }]));
      }
    }
    return found;
  }

  private async ofDefinition(definition: string, users: ReadonlySet<string>): Promise<InUseReference[]> {
    const { taskDefinition } = await this.calls.call('ecs:DescribeTaskDefinition', (abortSignal) =>
      this.client.send(new DescribeTaskDefinitionCommand({ taskDefinition: definition }), { abortSignal }));
    return (taskDefinition?.containerDefinitions ?? []).flatMap(({ image }) => image === undefined ? [] : [...users].map((by) => ({ reference: image, by })));
  }
}

/** Functions and their published versions: each keeps the image it was made from. */
class LambdaImages {
  constructor(private readonly client: LambdaClient, private readonly calls: Calls) {}

  public async all(): Promise<InUseReference[]> {
    const functions = await pages((Marker) => this.calls.call('lambda:ListFunctions', (abortSignal) =>
      this.client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL', MaxItems: FUNCTIONS_PAGE, Marker }), { abortSignal })),
    ({ Functions }) => Functions?.filter(({ PackageType }) => PackageType === 'Image'), ({ NextMarker }) => NextMarker);
    const found: InUseReference[] = [];
    for await (const some of inOrder(functions, AHEAD, ({ FunctionName = '', Version = '$LATEST' }) => this.ofVersion(FunctionName, Version))) {
      found.push(...some);
    }
    return found;
  }

  private async ofVersion(functionName: string, version: string): Promise<InUseReference[]> {
    const by = `Lambda function ${functionName}${version === '$LATEST' ? '' : ` version ${version}`}`;
    try {
      const { Code } = await this.calls.call('lambda:GetFunction', (abortSignal) =>
        this.client.send(new GetFunctionCommand({ FunctionName: functionName, ...(version === '$LATEST' ? {} : { Qualifier: version }) }), { abortSignal }));
      // The resolved one is what runs; the other is what the next update of the code may begin from.
      return [Code?.ResolvedImageUri, Code?.ImageUri].flatMap((reference) => reference === undefined ? [] : [{ reference, by }]);
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') {
        return [];
      }
      throw error;
    }
  }
}

async function pages<P extends object, T>(
  get: (token: string | undefined) => Promise<P>, items: (page: P) => readonly T[] | undefined,
  next: (page: P) => string | undefined = (page) => (page as { nextToken?: string }).nextToken,
): Promise<T[]> {
  const found: T[] = [];
  let token: string | undefined;
  do {
    const page = await get(token);
    found.push(...items(page) ?? []);
    token = next(page) || undefined;
  } while (token !== undefined);
  return found;
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** What was really pulled, whatever the tag has come to mean since. */
function withDigest(image: string, imageDigest: string | undefined): string {
  return imageDigest === undefined || image.includes('@') ? image : `${image}@${imageDigest}`;
}
