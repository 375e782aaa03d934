import { Demand } from './model';

/** Where a service is asked. */
export interface ServicePlace {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

type Request = Readonly<Record<string, any>>;
type Row = (request: Request, place: ServicePlace) => readonly Demand[];

const ecs = ({ partition, region, accountId }: ServicePlace, kind: string, name: string) =>
  name.startsWith('arn:') ? name : `arn:${partition}:ecs:${region}:${accountId}:${kind}/${name}`;
const stackOf = ({ partition, region, accountId }: ServicePlace, name: string | undefined) =>
  name === undefined || name === '' ? '*' : name.startsWith('arn:') ? name : `arn:${partition}:cloudformation:${region}:${accountId}:stack/${name}/*`;
const onStack = (action: string): Row => ({ StackName }, place) => [{ action: `cloudformation:${action}`, resource: stackOf(place, StackName) }];
const clusterOf = (place: ServicePlace, cluster: string | undefined) => ecs(place, 'cluster', cluster ?? 'default');
const onAll = (action: string): Row => () => [{ action, resource: '*' }];

/**
 * What the calls of this library's handlers need besides ECR.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
const TABLE: Readonly<Record<string, Row>> = {
  'cloudformation:DescribeStacks': onStack('DescribeStacks'),
  'cloudformation:DescribeStackResource': onStack('DescribeStackResource'),
  'cloudformation:DescribeStackResources': onStack('DescribeStackResources'),
  'cloudformation:DescribeStackEvents': onStack('DescribeStackEvents'),
  'secretsmanager:GetSecretValue': (request, place) => onSecret('GetSecretValue', ['kms:Decrypt'], request, place),
  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html: writing encrypts with a data key.
  'secretsmanager:PutSecretValue': (request, place) => onSecret('PutSecretValue', ['kms:GenerateDataKey', 'kms:Decrypt'], request, place),
  'states:StartExecution': ({ stateMachineArn }) => [{ action: 'states:StartExecution', resource: String(stateMachineArn) }],
  'states:DescribeExecution': ({ executionArn }) => [{ action: 'states:DescribeExecution', resource: String(executionArn) }],
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html: it takes the action of GetObject.
  's3:GetObject': ({ partition, bucket, key }) => [{ action: 's3:GetObject', resource: `arn:${partition}:s3:::${bucket}/${key}` }],
  'ecs:ListClusters': onAll('ecs:ListClusters'),
  'ecs:ListServices': ({ cluster }, place) => [{ action: 'ecs:ListServices', resource: '*', context: { 'ecs:cluster': [clusterOf(place, cluster)] } }],
  'ecs:ListTasks': ({ cluster }, place) => [{ action: 'ecs:ListTasks', resource: '*', context: { 'ecs:cluster': [clusterOf(place, cluster)] } }],
  'ecs:DescribeServices': ({ cluster, services = [] }, place) => (services as string[]).map((service) => (
    { action: 'ecs:DescribeServices', resource: ecs(place, `service/${clusterOf(place, cluster).split('/').pop()}`, service) }
  )),
  'ecs:DescribeTasks': ({ cluster, tasks = [] }, place) => (tasks as string[]).map((task) => (
    { action: 'ecs:DescribeTasks', resource: ecs(place, `task/${clusterOf(place, cluster).split('/').pop()}`, task) }
  )),
  'ecs:DescribeTaskDefinition': onAll('ecs:DescribeTaskDefinition'),
  'lambda:ListFunctions': onAll('lambda:ListFunctions'),
  'lambda:GetFunction': ({ functionName }, { partition, region, accountId }) => [
    { action: 'lambda:GetFunction', resource: functionName.startsWith('arn:') ? functionName : `arn:${partition}:lambda:${region}:${accountId}:function:${functionName}` },
  ],
  'lambda:InvokeFunction': ({ functionArn }) => [{ action: 'lambda:InvokeFunction', resource: functionArn }],
};

/** `kmsKey`: of a secret that is encrypted with a key of the customer. */
function onSecret(operation: string, ofKey: readonly string[], { arn, kmsKey }: Request, { partition, region, accountId }: ServicePlace): Demand[] {
  const resource = String(arn).startsWith('arn:') ? String(arn) : `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${arn}`;
  return [
    { action: `secretsmanager:${operation}`, resource },
    ...(kmsKey === undefined ? [] : ofKey.map((action) => ({ action, resource: String(kmsKey) }))),
  ];
}

/** What a call needs, `undefined` where this library does not know the operation. */
export function serviceDemands(operation: string, request: Request, place: ServicePlace): readonly Demand[] | undefined {
  return Object.hasOwn(TABLE, operation) ? TABLE[operation](request, place) : undefined;
}
