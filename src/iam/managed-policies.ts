import { NamedPolicy } from './model';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const PULL = [
  'ecr:GetAuthorizationToken', 'ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:GetRepositoryPolicy', 'ecr:DescribeRepositories', 'ecr:ListImages',
  'ecr:DescribeImages', 'ecr:BatchGetImage', 'ecr:GetLifecyclePolicy', 'ecr:GetLifecyclePolicyPreview', 'ecr:ListTagsForResource', 'ecr:DescribeImageScanFindings',
];

/**
 * Policies that AWS manages and that often stand beside repositories.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/security-iam-awsmanpol.html
 */
const STATEMENTS: Readonly<Record<string, readonly string[]>> = {
  'AdministratorAccess': ['*'],
  'AmazonEC2ContainerRegistryFullAccess': ['ecr:*', 'cloudtrail:LookupEvents'],
  'AmazonEC2ContainerRegistryPullOnly': ['ecr:GetAuthorizationToken', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchImportUpstreamImage'],
  'AmazonEC2ContainerRegistryReadOnly': PULL,
  'AmazonEC2ContainerRegistryPowerUser': [...PULL, 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage'],
  'service-role/AWSLambdaBasicExecutionRole': LOGS,
  'service-role/AmazonECSTaskExecutionRolePolicy': [
    'ecr:GetAuthorizationToken', 'ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage', 'logs:CreateLogStream', 'logs:PutLogEvents',
  ],
};

/** A policy that AWS manages, by its ARN; undefined where this library does not know it. */
export function managedPolicy(arn: string): NamedPolicy | undefined {
  const name = /^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1];
  return name === undefined || !Object.hasOwn(STATEMENTS, name) ? undefined : {
    name: arn, document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: STATEMENTS[name], Resource: '*' }] },
  };
}
