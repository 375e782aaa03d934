import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand, ListExportsCommand, ListStackResourcesCommand, Stack } from '@aws-sdk/client-cloudformation';
import { callerIdentity } from './caller';
import { connect, Connection } from './client';
import { surveyError } from './codes';
import { isStackOrResourceNotFound } from './errors';
import { configuredEndpoint, isLoopback, shellConnection, ShellOptions } from './shell';
import { surveyFailure } from './survey/failure';
import { CEILINGS, Pace } from './survey/pace';
import { PacedBudget } from './survey/paced-budget';

export interface Environment {
  readonly account?: string;
  readonly region?: string;
}

export interface DeployedStackOptions extends ShellOptions {
  readonly signal?: AbortSignal;
}

const CONCURRENCY = 4;
/** Stacks that are gone, or that no template was ever deployed to. */
const NOT_THERE: ReadonlySet<string> = new Set(['DELETE_COMPLETE', 'REVIEW_IN_PROGRESS']);
const HIDDEN = '****';

/** What CloudFormation knows of deployed stacks; reads only. Everything that fails has a code. */
export class DeployedStacks {
  private readonly connections = new Map<string, Connection>();
  private readonly pace = new Pace({ concurrency: CONCURRENCY, ceilings: CEILINGS });
  private readonly budget: PacedBudget;
  private caller: Promise<string | undefined> | undefined;

  constructor(private readonly options: DeployedStackOptions = {}) {
    this.budget = new PacedBudget(options.signal ?? new AbortController().signal, this.pace);
  }

  /** Calls that were made, by IAM action. */
  public get calls(): Readonly<Record<string, number>> {
    return this.pace.calls;
  }

  /** By name or ARN. Undefined: there is none. */
  public async stack(environment: Environment, nameOrId: string) {
    return this.guard(environment, async (client) => {
      const found = await this.describe(client, nameOrId);
      if (found === undefined || NOT_THERE.has(found.StackStatus ?? '')) {
        await this.mustBeAccount(environment);
        return undefined;
      }
      const { StackName = '', StackId = '', StackStatus = '', Parameters = [], Outputs = [] } = found;
      const known = Parameters.filter(({ ParameterValue, ResolvedValue }) => (ResolvedValue ?? ParameterValue) !== HIDDEN);
      return {
        stackName: StackName, stackId: StackId, status: StackStatus,
        parameters: Object.fromEntries(known.map(({ ParameterKey = '', ParameterValue = '', ResolvedValue }) => [ParameterKey, ResolvedValue ?? ParameterValue])),
        outputs: Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
        resources: await this.resources(client, StackId || nameOrId),
      };
    });
  }

  /** All exports of an account and Region. */
  public async exports(environment: Environment): Promise<Record<string, string>> {
    return this.guard(environment, async (client) => {
      const found: Record<string, string> = {};
      for (let NextToken: string | undefined; ;) {
        const page = await this.budget.call('cloudformation:ListExports', (abortSignal) => client.send(new ListExportsCommand({ NextToken }), { abortSignal }));
        for (const { Name = '', Value = '' } of page.Exports ?? []) {
          found[Name] = Value;
        }
        NextToken = page.NextToken || undefined;
        if (NextToken === undefined) {
          return found;
        }
      }
    });
  }

  /** The template as it was deployed, with the CDK's own values in it. Undefined: there is no such stack. */
  public async template(environment: Environment, nameOrId: string): Promise<string | undefined> {
    return this.guard(environment, async (client) => {
      try {
        const { TemplateBody } = await this.budget.call('cloudformation:GetTemplate', (abortSignal) =>
          client.send(new GetTemplateCommand({ StackName: nameOrId, TemplateStage: 'Original' }), { abortSignal }));
        return TemplateBody;
      } catch (error) {
        if (isStackOrResourceNotFound(error)) {
          await this.mustBeAccount(environment);
          return undefined;
        }
        throw error;
      }
    });
  }

  public close(): void {
    this.connections.forEach((connection) => connection.close());
  }

  private async describe(client: CloudFormationClient, nameOrId: string): Promise<Stack | undefined> {
    try {
      const { Stacks } = await this.budget.call('cloudformation:DescribeStacks', (abortSignal) => client.send(new DescribeStacksCommand({ StackName: nameOrId }), { abortSignal }));
      return Stacks?.[0];
    } catch (error) {
      if (isStackOrResourceNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  private async resources(client: CloudFormationClient, stackId: string): Promise<Record<string, { readonly type: string; readonly physicalId: string }>> {
    const found: Record<string, { readonly type: string; readonly physicalId: string }> = {};
    for (let NextToken: string | undefined; ;) {
      const page = await this.budget.call('cloudformation:ListStackResources', (abortSignal) =>
        client.send(new ListStackResourcesCommand({ StackName: stackId, NextToken }), { abortSignal }));
      for (const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId, ResourceStatus } of page.StackResourceSummaries ?? []) {
        if (PhysicalResourceId && ResourceStatus !== 'DELETE_COMPLETE') {
          found[LogicalResourceId] = { type: ResourceType, physicalId: PhysicalResourceId };
        }
      }
      NextToken = page.NextToken || undefined;
      if (NextToken === undefined) {
        return found;
      }
    }
  }

  /** A stack that is not in this account may well be in its own. */
  private async mustBeAccount({ account }: Environment): Promise<void> {
    if (account === undefined) {
      return;
    }
    this.caller ??= this.callerAccount();
    const caller = await this.caller;
    if (caller !== account) {
      throw surveyError('DD-SURVEY-007', account, `The stack is for account ${account}; the credentials are ${caller === undefined ? 'of an account that is not known' : `of ${caller}`}.`, {
        fix: 'Use credentials of the account of the stack.',
      });
    }
  }

  private async callerAccount(): Promise<string | undefined> {
    try {
      return (await callerIdentity(this.options, this.budget)).Account;
    } catch {
      return undefined;
    }
  }

  private async guard<T>({ region }: Environment, work: (client: CloudFormationClient) => Promise<T>): Promise<T> {
    const where = process.env.AWS_ENDPOINT_URL_CLOUDFORMATION || (this.options.endpoint ?? configuredEndpoint(process.env)) || `CloudFormation in ${region ?? this.options.region ?? 'the Region of the configuration'}`;
    try {
      return await work(this.client(region));
    } catch (error) {
      throw surveyFailure(error, where);
    }
  }

  private client(region: string | undefined): CloudFormationClient {
    const key = region ?? '';
    const connection = this.connections.get(key) ?? connect(this.shell(region));
    this.connections.set(key, connection);
    return connection.cloudFormation;
  }

  private shell(region: string | undefined) {
    const shell = shellConnection({ ...this.options, ...(region === undefined ? {} : { region }) });
    const endpoint = this.options.endpoint;
    const local = endpoint !== undefined && isLoopback(endpoint) && !process.env.AWS_ENDPOINT_URL_CLOUDFORMATION;
    return local ? { ...shell, endpoints: { ...shell.endpoints, cloudFormation: endpoint } } : shell;
  }
}
