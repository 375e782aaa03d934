import { Input, notHad, validationError } from './input';
import { Deployment, Operations, OperationsSettings } from './operations';
import { StackNotes } from './records';
import { GivenTemplate, givenTemplate, ReadObject, templateOf } from './template-body';
import { isObject } from '../../assembly/intrinsics';
import { Template } from '../../assembly/template';
import { QueryError } from '../../rehearsal/query-protocol';
import { StackRecord } from '../../rehearsal/state';

/** What the actions work with. */
export interface Front extends OperationsSettings {
  readonly operations: Operations;
  readonly readObject: ReadObject;
  /** Fetches what parameters of templates refer to, before `ssmParameters` is asked for it. */
  fetchSsmParameters(names: readonly string[]): Promise<void>;
  now(): string;
}

/** Status in which a stack can be updated. */
export const UPDATABLE = /^(?:CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$/;

const STACK_NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;
const IAM_TYPES = /^AWS::IAM::(?:AccessKey|Group|InstanceProfile|ManagedPolicy|Policy|Role|User|UserToGroupAddition)$/;
const NAMED_IAM_TYPES = /^AWS::IAM::(?:Group|InstanceProfile|ManagedPolicy|Role|User)$/;

/** The stack that a request names, which must be there. */
export function stackOf({ machinery }: Front, name: string): StackRecord {
  const stack = machinery.stacks.find(name);
  if (stack === undefined) {
    throw validationError(`Stack with id ${name} does not exist`);
  }
  return stack;
}

export function stackName(input: Input): string {
  const name = input.required('StackName');
  if (!STACK_NAME.test(name)) {
    throw validationError(`1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`);
  }
  return name;
}

/** What a request would deploy onto a stack, or into a new one. */
export async function deploymentOf(front: Front, input: Input, stack: StackRecord | undefined): Promise<Deployment & { readonly given: GivenTemplate }> {
  refuseWhatIsNotHad(input);
  const former = stack === undefined ? undefined : front.records.notesOf(stack.stackId)?.templateBody;
  const given = input.flag('UsePreviousTemplate') && former !== undefined && former !== '' ? { body: former, template: templateOf(former) } : givenTemplate(input, front.readObject);
  if (given === undefined) {
    throw validationError('Either Template URL or Template Body must be specified.');
  }
  const { template } = given;
  const parameters = parametersOf(input, template, stack);
  const references = Object.entries(template.Parameters ?? {}).filter(([, { Type }]) => String(Type).startsWith('AWS::SSM::Parameter::Value<'))
    .map(([name, { Default }]) => parameters[name] ?? String(Default ?? ''));
  await front.fetchSsmParameters(references);
  const known = front.ssmParameters();
  const unknown = references.filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0) {
    throw validationError(`Unable to fetch parameters [${unknown.join(',')}] from parameter store for this account.`);
  }
  const tags = input.has('Tags') || stack === undefined
    ? Object.fromEntries(input.list('Tags').map((tag) => [tag.required('Key'), tag.text('Value') ?? ''])) : { ...stack.tags };
  return { given, template, parameters, tags };
}

/** CloudFormation wants to hear that roles and policies are meant to be made. */
export function checkCapabilities(input: Input, template: Template): void {
  const given = input.strings('Capabilities');
  const iam = Object.values(template.Resources).filter(({ Type }) => IAM_TYPES.test(Type));
  const named = iam.some(({ Type, Properties }) => NAMED_IAM_TYPES.test(Type) && isObject(Properties) && Properties[`${Type.split('::')[2]}Name`] !== undefined);
  const missing = named && !given.includes('CAPABILITY_NAMED_IAM') ? 'CAPABILITY_NAMED_IAM'
    : iam.length > 0 && !given.includes('CAPABILITY_IAM') && !given.includes('CAPABILITY_NAMED_IAM') ? 'CAPABILITY_IAM' : undefined;
  if (missing !== undefined) {
    throw new QueryError('InsufficientCapabilities', `Requires capabilities : [${missing}]`);
  }
}

export function notesOf(front: Front, input: Input, stack: StackRecord, templateBody: string, template: Template): StackNotes {
  const former = front.records.notesOf(stack.stackId);
  const { Description } = template as { readonly Description?: unknown };
  return {
    templateBody,
    ...typeof Description === 'string' ? { description: Description } : {},
    terminationProtection: input.has('EnableTerminationProtection') ? input.flag('EnableTerminationProtection') : former?.terminationProtection ?? false,
    disableRollback: false,
    roleArn: input.text('RoleARN') ?? former?.roleArn,
    notificationArns: input.has('NotificationARNs') ? input.strings('NotificationARNs') : former?.notificationArns ?? [],
    capabilities: input.strings('Capabilities'),
    changeSetId: former?.changeSetId,
  };
}

function parametersOf(input: Input, template: Template, stack: StackRecord | undefined): Record<string, string> {
  const declared = template.Parameters ?? {};
  const given = input.list('Parameters').map((one) => ({ name: one.required('ParameterKey'), value: one.text('ParameterValue'), previous: one.flag('UsePreviousValue') }));
  const unknown = given.filter(({ name }) => !Object.hasOwn(declared, name)).map(({ name }) => name);
  if (unknown.length > 0) {
    throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  }
  return Object.fromEntries(given.flatMap(({ name, value, previous }): [string, string][] => {
    if (!previous) {
      return [[name, value ?? '']];
    }
    const former = stack?.parameters[name];
    if (former === undefined) {
      throw validationError(`Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`);
    }
    return [[name, former]];
  }));
}

function refuseWhatIsNotHad(input: Input): void {
  // ImportExistingResources, which `cdk bootstrap` sends, is let through: what exists already fails as it would without.
  if (input.list('ResourcesToImport').length > 0 || input.text('ChangeSetType') === 'IMPORT') {
    throw notHad('imports of resources');
  }
  if (input.flag('DisableRollback') || ['DO_NOTHING', 'DELETE'].includes(input.text('OnFailure') ?? '') || input.text('OnStackFailure') !== undefined && input.text('OnStackFailure') !== 'ROLLBACK') {
    throw notHad('operations without a rollback (--no-rollback, --disable-rollback, OnFailure)');
  }
  if (input.text('DeploymentMode') === 'REVERT_DRIFT') {
    throw notHad('drift detection (--revert-drift)');
  }
  if (input.text('DeploymentConfig.Mode') === 'EXPRESS') {
    throw notHad('express deployments (--express)');
  }
}
