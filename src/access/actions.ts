import { editDistance } from '../images/nearest';

/**
 * The actions of Amazon ECR (prefix `ecr:` left out).
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
 */
export const REPOSITORY_ACTIONS = [
  'BatchCheckLayerAvailability', 'BatchDeleteImage', 'BatchGetImage', 'BatchGetRepositoryScanningConfiguration', 'BatchImportUpstreamImage',
  'CompleteLayerUpload', 'CreateRepository', 'DeleteLifecyclePolicy', 'DeleteRepository', 'DeleteRepositoryPolicy',
  'DescribeImageReplicationStatus', 'DescribeImages', 'DescribeImageScanFindings', 'DescribeImageSigningStatus', 'DescribeRepositories',
  'GetDownloadUrlForLayer', 'GetImageCopyStatus', 'GetLifecyclePolicy', 'GetLifecyclePolicyPreview', 'GetRepositoryPolicy',
  'InitiateLayerUpload', 'ListImages', 'ListTagsForResource', 'PutImage', 'PutImageScanningConfiguration', 'PutImageTagMutability',
  'PutLifecyclePolicy', 'ReplicateImage', 'SetRepositoryPolicy', 'StartImageScan', 'StartLifecyclePolicyPreview', 'TagResource', 'UntagResource',
  'UpdateImageStorageClass', 'UploadLayerPart',
] as const;

/** Without resource-level permission: in a repository policy they allow nothing. */
export const REGISTRY_ACTIONS = [
  'CreatePullThroughCacheRule', 'CreateRepositoryCreationTemplate', 'DeletePullThroughCacheRule', 'DeleteRegistryPolicy',
  'DeleteRepositoryCreationTemplate', 'DeleteSigningConfiguration', 'DeregisterPullTimeUpdateExclusion', 'DescribePullThroughCacheRules',
  'DescribeRegistry', 'DescribeReplicationBackfillResults', 'DescribeRepositoryCreationTemplates', 'GetAccountSetting', 'GetAuthorizationToken',
  'GetRegistryPolicy', 'GetRegistryScanningConfiguration', 'GetSigningConfiguration', 'ListPullTimeUpdateExclusions', 'ListReplicationBackfills',
  'PutAccountSetting', 'PutRegistryPolicy', 'PutRegistryScanningConfiguration', 'PutReplicationConfiguration', 'PutSigningConfiguration',
  'RegisterPullTimeUpdateExclusion', 'StartReplicationBackfill', 'StopReplicationBackfill', 'UpdatePullThroughCacheRule',
  'UpdateRepositoryCreationTemplate', 'ValidatePullThroughCacheRule',
] as const;

const REPOSITORY_SET = new Set(REPOSITORY_ACTIONS.map((action) => action.toLowerCase()));
const ALL = [...REPOSITORY_ACTIONS, ...REGISTRY_ACTIONS];

/** Operations without an action of their own, and the action that they need. */
export const ACTION_OF_OPERATION: ReadonlyMap<string, string> = new Map([['ecr:listimagereferrers', 'ecr:BatchGetImage']]);

/** Whether an action pattern of IAM (`*` any run, `?` one character, case does not matter) matches an action `ecr:...`. */
export function actionMatches(pattern: string, action: string): boolean {
  const want = pattern.toLowerCase();
  const text = action.toLowerCase();
  let [w, t] = [0, 0];
  // Where to go on when what follows the latest * fits nothing: one character later.
  let retry: readonly [number, number] | undefined;
  while (t < text.length) {
    if (want[w] === '*') {
      w += 1;
      retry = [w, t];
    } else if (want[w] === '?' || want[w] === text[t]) {
      w += 1;
      t += 1;
    } else if (retry) {
      retry = [retry[0], retry[1] + 1];
      [w, t] = retry;
    } else {
      return false;
    }
  }
  return /^\**$/.test(want.slice(w));
}

/** The ECR actions (`ecr:Name`) that a pattern stands for. */
export function expandAction(pattern: string): string[] {
  return ALL.map((action) => `ecr:${action}`).filter((action) => actionMatches(pattern, action));
}

/** Whether the action, known to exist, means something for a repository. */
export function isRepositoryAction(action: string): boolean {
  return REPOSITORY_SET.has(action.replace(/^ecr:/i, '').toLowerCase());
}

/** The action whose name is nearest, when it is near enough to be meant. */
export function nearestAction(action: string): string | undefined {
  const name = action.replace(/^[^:]*:/, '').toLowerCase();
  const allowed = Math.max(2, Math.floor(name.length / 4));
  let best: { action: string; distance: number } | undefined;
  for (const candidate of ALL.filter(({ length }) => Math.abs(length - name.length) <= allowed)) {
    const distance = editDistance(name, candidate.toLowerCase());
    if (distance <= allowed && (best === undefined || distance < best.distance)) {
      best = { action: `ecr:${candidate}`, distance };
    }
  }
  return best?.action;
}
