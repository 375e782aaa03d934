import { credentialsOf, FUNCTION_TYPE } from './lambda-function';
import { ResourceRecord, StackRecord } from './state';
import { isObject } from '../assembly/intrinsics';
import { partitionOf } from '../assembly/partition';
import { PrincipalSource, readDirectory } from '../iam/directory';
import { managedPolicy } from '../iam/managed-policies';

const ROLE = 'AWS::IAM::Role';
const MANAGED_POLICY = 'AWS::IAM::ManagedPolicy';
/** Policies of their own that a template attaches to roles. */
const ATTACHED = ['AWS::IAM::Policy', 'AWS::IAM::RolePolicy', MANAGED_POLICY];

export interface HeldRecord {
  readonly stack: StackRecord;
  readonly record: ResourceRecord;
}

/** A role of the stacks, and what is attached to it at this moment. */
export interface RolePrincipal extends PrincipalSource {
  /** The boundary is of elsewhere: nobody here knows what it allows. */
  readonly unreadBoundary?: string;
}

type Document = { readonly name: string; readonly document: unknown };

/**
 * The roles of the stacks as IAM has them at this moment: with the policies that are there already and still. `held`: every resource that is there.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
 */
export function rolesOf(held: readonly HeldRecord[]): RolePrincipal[] {
  return held.filter(({ record }) => record.type === ROLE).map(({ stack, record }) => roleOf(stack, record, held));
}

function roleOf(stack: StackRecord, role: ResourceRecord, held: readonly HeldRecord[]): RolePrincipal {
  const arn = String(role.attributes.Arn);
  const own: Document[] = listOf(role.properties.Policies).filter(isObject)
    .map(({ PolicyName, PolicyDocument }) => ({ name: `${role.logicalId}/${String(PolicyName)}`, document: PolicyDocument }));
  const attached: Document[] = held.filter(({ record }) => ATTACHED.includes(record.type) && names(record).includes(role.physicalId))
    .map(({ record }) => ({ name: record.logicalId, document: record.properties.PolicyDocument }));
  const named = listOf(role.properties.ManagedPolicyArns).map(String).map((policyArn) => ({ policyArn, found: managed(policyArn, held) }));
  const documents = [...own, ...attached, ...named.flatMap(({ found }) => found ?? [])].map((policy) => ({ policy, sound: isSound(policy.document) }));
  const boundaryArn = role.properties.PermissionsBoundary;
  const boundary = typeof boundaryArn === 'string' ? managed(boundaryArn, held) : undefined;
  return {
    accessKeyId: credentialsOf(arn).AWS_ACCESS_KEY_ID,
    arn,
    sessionArn: `arn:${partitionOf(stack.region)}:sts::${stack.account}:assumed-role/${role.physicalId}/${sessionNameOf(arn, held)}`,
    policies: documents.filter(({ sound }) => sound).map(({ policy }) => policy),
    unread: [...named.filter(({ found }) => found === undefined).map(({ policyArn }) => policyArn), ...documents.filter(({ sound }) => !sound).map(({ policy }) => policy.name)],
    tags: Object.fromEntries(listOf(role.properties.Tags).filter(isObject).map(({ Key, Value }) => [String(Key), String(Value)])),
    ...(boundary !== undefined && { boundary: [boundary] }),
    ...(typeof boundaryArn === 'string' && boundary === undefined && { unreadBoundary: boundaryArn }),
  };
}

/** Lambda calls its sessions by the function. */
function sessionNameOf(roleArn: string, held: readonly HeldRecord[]): string {
  return held.find(({ record }) => record.type === FUNCTION_TYPE && record.properties.Role === roleArn)?.record.physicalId ?? 'rehearsal';
}

function managed(arn: string, held: readonly HeldRecord[]): Document | undefined {
  const record = held.find((one) => one.record.type === MANAGED_POLICY && one.record.physicalId === arn)?.record;
  return record === undefined ? managedPolicy(arn) : { name: record.logicalId, document: record.properties.PolicyDocument };
}

function names({ type, properties }: ResourceRecord): string[] {
  return (type === 'AWS::IAM::RolePolicy' ? [properties.RoleName] : listOf(properties.Roles)).map(String);
}

function isSound(document: unknown): boolean {
  try {
    readDirectory({ principals: [{ accessKeyId: 'SOME', arn: 'arn:aws:iam::123456789012:role/some', policies: [{ document }] }] });
    return true;
  } catch {
    return false;
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
