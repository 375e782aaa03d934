import { Emulator, FaultScript, startEmulator } from '../../src/emulator';
import { CustomResourceEvent, RequestType } from '../../src/handlers/protocol';
import { bodyOf, LoopbackServer } from '../../src/rehearsal/loopback-server';
import { REPOSITORY_POLICY_TYPE } from '../../src/resources';

export type Statement = Readonly<Record<string, unknown>> & { readonly Sid?: string };

export const REPOSITORY = 'shop/web';
export const ACCOUNT = '123456789012';

/** What others have in the policy: with and without a Sid, with a condition, written as AWS services write them. */
export const FOREIGN: readonly Statement[] = [
  {
    Sid: 'LambdaECRImageRetrievalPolicy',
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    Condition: { StringLike: { 'aws:sourceArn': 'arn:aws:lambda:us-east-1:123456789012:function:*' } },
  },
  { Effect: 'Allow', Principal: '*', Action: 'ecr:DescribeImages', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
];

export interface Answer {
  readonly requestId: string;
  readonly status: string;
  readonly reason: string;
  readonly physicalId: string;
}

/** A registry with one repository that none of the stacks owns, a CloudFormation that says where a stack stands, and a place for answers. */
export class LoadWorld {
  public static async start(options: { readonly faults?: FaultScript; readonly latencyMs?: number }): Promise<LoadWorld> {
    const emulator = await startEmulator({
      ...options,
      seed: { imageDetails: [], repositories: [{ repositoryName: REPOSITORY, repositoryPolicyText: JSON.stringify({ Version: '2012-10-17', Statement: FOREIGN }) }] },
    });
    const world = new LoadWorld(emulator);
    await Promise.all([world.responses.start(), world.cloudFormation.start()]);
    return world;
  }

  public readonly answers: Answer[] = [];
  /** By stack; what is not here goes forward. */
  public readonly statusOf = new Map<string, string>();
  private readonly responses = new LoopbackServer(async (request, response) => {
    const answer = JSON.parse(await bodyOf(request, response) ?? '{}') as { Status: string; Reason?: string; PhysicalResourceId: string; RequestId: string };
    this.answers.push({ requestId: answer.RequestId, status: answer.Status, reason: answer.Reason ?? '', physicalId: answer.PhysicalResourceId });
    response.writeHead(200, { 'content-length': 0 }).end();
  });
  private readonly cloudFormation = new LoopbackServer(async (request, response) => {
    const stackId = new URLSearchParams(await bodyOf(request, response)).get('StackName') ?? '';
    response.writeHead(200, { 'content-type': 'text/xml' }).end('<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>'
      + `<StackName>S</StackName><StackId>${stackId}</StackId><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${this.statusOf.get(stackId) ?? 'CREATE_IN_PROGRESS'}</StackStatus>`
      + '</member></Stacks></DescribeStacksResult></DescribeStacksResponse>');
  });

  private constructor(public readonly emulator: Emulator) {}

  public get endpoints(): { readonly ecr: string; readonly cloudFormation: string } {
    return { ecr: this.emulator.endpoint, cloudFormation: this.cloudFormation.url };
  }

  /** The policy as it is: its text, and its statements. */
  public get policy(): { readonly text: string | undefined; readonly statements: readonly Statement[] } {
    const text = this.emulator.inventory(REPOSITORY).repositories?.[0].repositoryPolicyText;
    return { text, statements: text === undefined ? [] : JSON.parse(text).Statement };
  }

  public event(type: RequestType, stack: string, properties: { readonly now: readonly Statement[]; readonly before?: readonly Statement[] }): CustomResourceEvent {
    const propertiesOf = (statements: readonly Statement[]) => ({ RepositoryName: REPOSITORY, Statements: statements, AllowLockOut: 'false', ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:f' });
    const requestId = `${stack}-${type}`;
    return {
      RequestType: type,
      ResponseURL: `${this.responses.url}/${requestId}`,
      StackId: `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/${stack}/1`,
      RequestId: requestId,
      ResourceType: REPOSITORY_POLICY_TYPE,
      LogicalResourceId: 'Policy',
      ...(type !== 'Create' && { PhysicalResourceId: `drydock:repository-policy:-:${REPOSITORY}:Policy` }),
      ResourceProperties: propertiesOf(properties.now),
      ...(properties.before && { OldResourceProperties: propertiesOf(properties.before) }),
    } as unknown as CustomResourceEvent;
  }

  public async stop(): Promise<void> {
    await Promise.all([this.emulator.stop(), this.responses.stop(), this.cloudFormation.stop()]);
  }
}
