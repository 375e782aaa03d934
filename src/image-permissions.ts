/**
 * What the handler of images calls on behalf of each resource type: the whole of what its role needs. test/handlers/images/permissions.test.ts compares
 * it with the calls that were made.
 */
import { IMAGE_CLEANUP_TYPE, IMAGE_COPY_TYPE, IMAGE_DIGEST_TYPE, IMAGE_TAG_TYPE } from './image-resources';

/**
 * What an action is allowed on. The stacks and `anything` (`*`, where an action knows no resource) are always there, and so are the Lambda `functions`, `ecs-services` and `ecs-tasks` of the account and Region; the others are those of the resource that
 * name one, and a permission on one that it does not name is not given.
 */
export type ImagePlace = 'repository' | 'source-repository' | 'own-stack' | 'root-stack' | 'anything' | 'functions' | 'ecs-services' | 'ecs-tasks' | 'secret' | 'object' | 'key' | 'state-machine';

export type ImageSituation = 'nested' | 'other-repository' | 'delete' | 'reads-indexes' | 'ecs-in-use' | 'lambda-in-use';

export interface ImagePermission {
  readonly action: string;
  readonly on: ImagePlace;
  /**
   * Needed only then, with several only if all hold; always when absent.
   * - `nested`: the resource is in a nested stack
   * - `other-repository`: the image is in another repository than its tag
   * - `delete`: the resource deletes images
   * - `reads-indexes`: it reads the manifests of indexes, to know what they list
   * - `ecs-in-use`, `lambda-in-use`: it asks the service what it runs
   */
  readonly when?: ImageSituation | readonly ImageSituation[];
  /** The handler touches only tags whose key begins with `cdk-drydock:`. */
  readonly ownTagsOnly?: boolean;
  /** The service checks it while it does this other call; the handler itself never calls it. */
  readonly impliedBy?: string;
}

/** What pulling takes. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html */
export const PULL_ACTIONS: readonly string[] = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
/** What pushing takes besides. */
export const PUSH_ACTIONS: readonly string[] = ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

const ROLLBACK_QUESTION: readonly ImagePermission[] = [
  { action: 'cloudformation:DescribeStacks', on: 'own-stack' },
  // The status of a nested stack does not tell that its parent is rolling back.
  { action: 'cloudformation:DescribeStacks', on: 'root-stack', when: 'nested' },
];

/** ECS has lists that take no resource; services and tasks are those of the account and Region. @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
const IN_USE: readonly ImagePermission[] = [
  ...['DescribeTaskDefinition', 'ListClusters', 'ListServices', 'ListTasks'].map((name) => (
    { action: `ecs:${name}`, on: 'anything', when: 'ecs-in-use' } as const
  )),
  { action: 'ecs:DescribeServices', on: 'ecs-services', when: 'ecs-in-use' },
  { action: 'ecs:DescribeTasks', on: 'ecs-tasks', when: 'ecs-in-use' },
  { action: 'lambda:ListFunctions', on: 'anything', when: 'lambda-in-use' },
  { action: 'lambda:GetFunction', on: 'functions', when: 'lambda-in-use' },
];

/** Permissions by resource type. */
export const IMAGE_PERMISSIONS: Readonly<Record<string, readonly ImagePermission[]>> = {
  [IMAGE_DIGEST_TYPE]: [
    { action: 'ecr:DescribeImages', on: 'repository' },
    ...ROLLBACK_QUESTION,
  ],
  [IMAGE_TAG_TYPE]: [
    // A tag that was new is removed again when the deployment rolls back.
    { action: 'ecr:BatchDeleteImage', on: 'repository' },
    { action: 'ecr:BatchGetImage', on: 'repository' },
    { action: 'ecr:DescribeImages', on: 'repository' },
    { action: 'ecr:ListTagsForResource', on: 'repository' },
    { action: 'ecr:PutImage', on: 'repository' },
    { action: 'ecr:TagResource', on: 'repository', ownTagsOnly: true },
    { action: 'ecr:UntagResource', on: 'repository', ownTagsOnly: true },
    ...['ecr:BatchCheckLayerAvailability', ...PUSH_ACTIONS.filter((action) => action !== 'ecr:PutImage')]
      .map((action) => ({ action, on: 'repository', when: 'other-repository' } as const)),
    ...['ecr:BatchGetImage', 'ecr:DescribeImages', 'ecr:GetDownloadUrlForLayer'].map((action) => ({ action, on: 'source-repository' } as const)),
    ...ROLLBACK_QUESTION,
  ],
  [IMAGE_CLEANUP_TYPE]: [
    { action: 'ecr:BatchDeleteImage', on: 'repository', when: 'delete' },
    { action: 'ecr:BatchGetImage', on: 'repository', when: 'reads-indexes' },
    { action: 'ecr:DescribeImages', on: 'repository' },
    ...IN_USE,
    { action: 'cloudformation:DescribeStacks', on: 'own-stack', when: 'delete' },
    { action: 'cloudformation:DescribeStacks', on: 'root-stack', when: ['nested', 'delete'] },
  ],
  [IMAGE_COPY_TYPE]: [
    { action: 'ecr:BatchCheckLayerAvailability', on: 'repository' },
    // Takes back what a copy has put that fails afterwards, and what a retained copy has not.
    { action: 'ecr:BatchDeleteImage', on: 'repository' },
    { action: 'ecr:BatchGetImage', on: 'repository' },
    { action: 'ecr:CompleteLayerUpload', on: 'repository' },
    { action: 'ecr:DescribeImages', on: 'repository' },
    { action: 'ecr:InitiateLayerUpload', on: 'repository' },
    { action: 'ecr:ListTagsForResource', on: 'repository' },
    { action: 'ecr:PutImage', on: 'repository' },
    { action: 'ecr:TagResource', on: 'repository', ownTagsOnly: true },
    { action: 'ecr:UntagResource', on: 'repository', ownTagsOnly: true },
    { action: 'ecr:UploadLayerPart', on: 'repository' },
    { action: 'ecr:BatchGetImage', on: 'source-repository' },
    { action: 'ecr:GetDownloadUrlForLayer', on: 'source-repository' },
    { action: 's3:GetObject', on: 'object' },
    { action: 'secretsmanager:GetSecretValue', on: 'secret' },
    { action: 'states:StartExecution', on: 'state-machine' },
    // Of the secret, or of the bucket.
    { action: 'kms:Decrypt', on: 'key', impliedBy: 'secretsmanager:GetSecretValue' },
    ...ROLLBACK_QUESTION,
  ],
};

/** Whether a permission is needed in a situation. */
export function isNeeded({ when }: ImagePermission, situations: readonly ImageSituation[]): boolean {
  return when === undefined || (typeof when === 'string' ? [when] : when).every((one) => situations.includes(one));
}
