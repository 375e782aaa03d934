/**
 * What the handler calls on behalf of each resource type: the whole of what its role needs. test/handlers/permissions.test.ts compares
 * it with the calls that were made.
 */
import {
  LIFECYCLE_POLICY_PREVIEW_TYPE, LIFECYCLE_POLICY_TYPE, PREVIEW_GATE_TYPE, REPOSITORY_POLICY_TYPE, REPOSITORY_TYPE,
} from './resources';

export interface HandlerPermission {
  readonly action: string;
  /**
   * What the action is allowed on: the repository of the resource, the stack that holds the resource, the outermost stack
   * of a nested one, the customer's key, every Lambda function, ECS service or ECS task of the account and Region, or everything.
   */
  readonly on: 'repository' | 'own-stack' | 'root-stack' | 'key' | 'functions' | 'ecs-services' | 'ecs-tasks' | 'any';
  /**
   * Needed only then; always when absent.
   * - `gate`: the resource's `PreviewGate` is not `off`
   * - `logical-id`: the repository is given by `RepositoryLogicalId`
   * - `nested`: the resource is in a nested stack
   * - `customer-key`: `EncryptionConfiguration` names a key
   * - `ecs-in-use`, `lambda-in-use`: the `PreviewGate` names the service under `InUse`
   */
  readonly when?: 'gate' | 'logical-id' | 'nested' | 'customer-key' | 'ecs-in-use' | 'lambda-in-use';
  /** The handler touches only tags whose key begins with `cdk-drydock:`: `ForAllValues:StringLike` on `aws:TagKeys` can say so. */
  readonly ownTagsOnly?: boolean;
  /** The service checks it while it does this other call; the handler itself never calls it. */
  readonly impliedBy?: string;
}

/** Keys of tags that only the handler writes. */
export const OWN_TAG_KEYS = 'cdk-drydock:*';

const ROLLBACK_QUESTION: readonly HandlerPermission[] = [
  { action: 'cloudformation:DescribeStacks', on: 'own-stack' },
  // The status of a nested stack does not tell that its parent is rolling back.
  { action: 'cloudformation:DescribeStacks', on: 'root-stack', when: 'nested' },
];

const PREVIEW: readonly HandlerPermission[] = [
  { action: 'ecr:DescribeImages', on: 'repository' },
  { action: 'ecr:GetLifecyclePolicy', on: 'repository' },
  { action: 'ecr:GetLifecyclePolicyPreview', on: 'repository' },
  { action: 'ecr:StartLifecyclePolicyPreview', on: 'repository' },
];

/**
 * What looks for images in use. The lists and DescribeTaskDefinition take no resource; services, tasks and functions are those of the account and Region,
 * which no template knows one by one.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
const IN_USE: readonly HandlerPermission[] = [
  ...['DescribeTaskDefinition', 'ListClusters', 'ListServices', 'ListTasks'].map((name) => (
    { action: `ecs:${name}`, on: 'any', when: 'ecs-in-use' } as const
  )),
  { action: 'ecs:DescribeServices', on: 'ecs-services', when: 'ecs-in-use' },
  { action: 'ecs:DescribeTasks', on: 'ecs-tasks', when: 'ecs-in-use' },
  { action: 'lambda:ListFunctions', on: 'any', when: 'lambda-in-use' },
  { action: 'lambda:GetFunction', on: 'functions', when: 'lambda-in-use' },
];

const onlyWithGate = (permissions: readonly HandlerPermission[]): readonly HandlerPermission[] =>
  permissions.map((permission) => ({ ...permission, when: permission.when ?? 'gate' }));

/** Permissions by resource type. */
export const HANDLER_PERMISSIONS: Readonly<Record<string, readonly HandlerPermission[]>> = {
  [REPOSITORY_TYPE]: [
    { action: 'ecr:CreateRepository', on: 'repository' },
    { action: 'ecr:DeleteRepository', on: 'repository' },
    { action: 'ecr:DescribeRepositories', on: 'repository' },
    { action: 'ecr:ListTagsForResource', on: 'repository' },
    { action: 'ecr:PutImageScanningConfiguration', on: 'repository' },
    { action: 'ecr:PutImageTagMutability', on: 'repository' },
    { action: 'ecr:TagResource', on: 'repository' },
    { action: 'ecr:UntagResource', on: 'repository' },
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html: ECR makes and retires its grants as the caller.
    { action: 'kms:CreateGrant', on: 'key', when: 'customer-key', impliedBy: 'ecr:CreateRepository' },
    { action: 'kms:DescribeKey', on: 'key', when: 'customer-key', impliedBy: 'ecr:CreateRepository' },
    { action: 'kms:RetireGrant', on: 'key', when: 'customer-key', impliedBy: 'ecr:DeleteRepository' },
    ...ROLLBACK_QUESTION,
  ],
  [REPOSITORY_POLICY_TYPE]: [
    { action: 'ecr:DeleteRepositoryPolicy', on: 'repository' },
    { action: 'ecr:GetRepositoryPolicy', on: 'repository' },
    { action: 'ecr:SetRepositoryPolicy', on: 'repository' },
    ...ROLLBACK_QUESTION,
  ],
  [LIFECYCLE_POLICY_TYPE]: [
    { action: 'ecr:DeleteLifecyclePolicy', on: 'repository' },
    { action: 'ecr:GetLifecyclePolicy', on: 'repository' },
    { action: 'ecr:ListTagsForResource', on: 'repository' },
    { action: 'ecr:PutLifecyclePolicy', on: 'repository' },
    { action: 'ecr:TagResource', on: 'repository', ownTagsOnly: true },
    { action: 'ecr:UntagResource', on: 'repository', ownTagsOnly: true },
    ...onlyWithGate(PREVIEW.filter((permission) => permission.action !== 'ecr:GetLifecyclePolicy')),
    ...IN_USE,
    ...ROLLBACK_QUESTION,
  ],
  [LIFECYCLE_POLICY_PREVIEW_TYPE]: PREVIEW,
  [PREVIEW_GATE_TYPE]: [
    ...onlyWithGate(PREVIEW),
    ...IN_USE,
    { action: 'cloudformation:DescribeStackResource', on: 'own-stack', when: 'logical-id' },
    ...onlyWithGate(ROLLBACK_QUESTION),
  ],
};
