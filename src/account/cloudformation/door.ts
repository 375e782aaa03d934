import { randomUUID } from 'node:crypto';
import { createChangeSet, deleteChangeSet, describeChangeSet, executeChangeSet, listChangeSets } from './change-set-actions';
import {
  describeEvents, describeStackEvents, describeStackResource, describeStackResources, describeStacks, listExports, listImports, listStackResources, listStacks,
} from './describe';
import { Input } from './input';
import { Front } from './requests';
import { createStackAction, deleteStackAction, rollBackAction, updateStackAction, updateTerminationProtection } from './stack-actions';
import { getTemplate, getTemplateSummary, validateTemplate } from './template-actions';
import type { Reply, Request } from '../../emulator';
import { CLOUDFORMATION_NAMESPACE, QueryError, queryErrorXml, queryResultXml, Xml } from '../../rehearsal/query-protocol';

const ACTIONS: Readonly<Record<string, (front: Front, input: Input) => Xml | Promise<Xml>>> = {
  CreateChangeSet: createChangeSet,
  CreateStack: createStackAction,
  ContinueUpdateRollback: () => rollBackAction('ContinueUpdateRollback'),
  DeleteChangeSet: deleteChangeSet,
  DeleteStack: deleteStackAction,
  DescribeChangeSet: describeChangeSet,
  DescribeEvents: describeEvents,
  DescribeStackEvents: describeStackEvents,
  DescribeStackResource: describeStackResource,
  DescribeStackResources: describeStackResources,
  DescribeStacks: describeStacks,
  ExecuteChangeSet: executeChangeSet,
  GetTemplate: getTemplate,
  GetTemplateSummary: getTemplateSummary,
  ListChangeSets: listChangeSets,
  ListExports: listExports,
  // No hooks are ever asked.
  ListHookResults: () => ({ HookResults: [] }),
  ListImports: listImports,
  ListStackResources: listStackResources,
  ListStacks: listStacks,
  RollbackStack: () => rollBackAction('RollbackStack'),
  UpdateStack: updateStackAction,
  UpdateTerminationProtection: updateTerminationProtection,
  ValidateTemplate: validateTemplate,
};

/** CloudFormation's query protocol. */
export class CloudFormationDoor {
  constructor(private readonly front: Front) {}

  public async handle(request: Request): Promise<Reply> {
    const requestId = randomUUID();
    const body = request.method === 'GET' ? request.query.toString() : (await request.bytes())?.toString('utf8') ?? '';
    const input = Input.parse(body);
    const { action } = input;
    let error: QueryError;
    try {
      const xml = queryResultXml(CLOUDFORMATION_NAMESPACE, action, await this.answer(action, input), requestId);
      this.log(requestId, action, input);
      return { statusCode: 200, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body: xml };
    } catch (cause) {
      error = cause instanceof QueryError ? cause : new QueryError('InternalFailure', `DD-ACCOUNT-007: ${(cause as Error).message}`);
      if (error !== cause) {
        this.front.log({ event: 'failure', code: 'DD-ACCOUNT-007', stack: (cause as Error).stack });
      }
    }
    this.log(requestId, action, input, error);
    return { statusCode: error.code === 'InternalFailure' ? 500 : 400, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body: queryErrorXml(CLOUDFORMATION_NAMESPACE, error, requestId) };
  }

  private async answer(action: string, input: Input): Promise<Xml> {
    if (!Object.hasOwn(ACTIONS, action)) {
      throw new QueryError('InvalidAction', `Could not find operation ${action} for version 2010-05-15. DD-ACCOUNT-004: drydock's CloudFormation has ${Object.keys(ACTIONS).join(', ')}.`);
    }
    return ACTIONS[action](this.front, input);
  }

  private log(requestId: string, action: string, input: Input, error?: QueryError): void {
    this.front.log({ event: 'call', service: 'cloudformation', requestId, operation: action, stackName: input.text('StackName'), ...error && { error: error.code, message: error.message } });
  }
}
