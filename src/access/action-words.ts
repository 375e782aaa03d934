import { REPOSITORY_ACTIONS } from './actions';

interface ActionGroup {
  readonly words: string;
  /** All of these together are what the words say. */
  readonly needs: readonly string[];
  /** Goes with them, and says nothing more. */
  readonly takes?: readonly string[];
}

/** What people call several actions together, in the order in which it is told. */
const GROUPS: readonly ActionGroup[] = [
  { words: 'pull images', needs: ['BatchGetImage', 'GetDownloadUrlForLayer'], takes: ['BatchCheckLayerAvailability'] },
  { words: 'push images', needs: ['CompleteLayerUpload', 'InitiateLayerUpload', 'PutImage', 'UploadLayerPart'], takes: ['BatchCheckLayerAvailability'] },
  { words: 'delete images', needs: ['BatchDeleteImage'] },
  { words: 'delete the repository', needs: ['DeleteRepository'] },
  { words: 'change the repository policy', needs: ['DeleteRepositoryPolicy', 'SetRepositoryPolicy'] },
  { words: 'change the lifecycle policy', needs: ['DeleteLifecyclePolicy', 'PutLifecyclePolicy'] },
  { words: 'change tag mutability and scanning', needs: ['PutImageScanningConfiguration', 'PutImageTagMutability'] },
  { words: 'change the repository\'s tags', needs: ['TagResource', 'UntagResource'] },
  { words: 'preview lifecycle policies', needs: ['GetLifecyclePolicyPreview', 'StartLifecyclePolicyPreview'] },
  { words: 'list images', needs: ['DescribeImages', 'ListImages'] },
];

/** Each action alone. */
const WORDS: Readonly<Record<typeof REPOSITORY_ACTIONS[number], string>> = {
  BatchCheckLayerAvailability: 'ask which layers are there',
  BatchDeleteImage: 'delete images',
  BatchGetImage: 'read manifests',
  BatchGetRepositoryScanningConfiguration: 'see how images are scanned',
  BatchImportUpstreamImage: 'import images from upstream',
  CompleteLayerUpload: 'complete layer uploads',
  CreateRepository: 'create the repository',
  DeleteLifecyclePolicy: 'delete the lifecycle policy',
  DeleteRepository: 'delete the repository',
  DeleteRepositoryPolicy: 'delete the repository policy',
  DescribeImageReplicationStatus: 'see the replication of images',
  DescribeImages: 'see images',
  DescribeImageScanFindings: 'see what scans found',
  DescribeImageSigningStatus: 'see the signing of images',
  DescribeRepositories: 'see the repository',
  GetDownloadUrlForLayer: 'download layers',
  GetImageCopyStatus: 'see the copying of images',
  GetLifecyclePolicy: 'read the lifecycle policy',
  GetLifecyclePolicyPreview: 'read previews of lifecycle policies',
  GetRepositoryPolicy: 'read the repository policy',
  InitiateLayerUpload: 'begin layer uploads',
  ListImages: 'list tags and digests',
  ListTagsForResource: 'read the repository\'s tags',
  PutImage: 'put images and tags',
  PutImageScanningConfiguration: 'change scanning',
  PutImageTagMutability: 'change tag mutability',
  PutLifecyclePolicy: 'put a lifecycle policy',
  ReplicateImage: 'replicate images into it',
  SetRepositoryPolicy: 'change the repository policy',
  StartImageScan: 'start scans',
  StartLifecyclePolicyPreview: 'start previews of lifecycle policies',
  TagResource: 'tag the repository',
  UntagResource: 'untag the repository',
  UpdateImageStorageClass: 'archive and restore images',
  UploadLayerPart: 'upload parts of layers',
};

/** What actions (`ecr:...`) are for, without the actions' names: `pull images and delete images`. */
export function actionWords(actions: readonly string[]): string[] {
  const names = actions.map((action) => action.replace(/^ecr:/i, ''));
  if (REPOSITORY_ACTIONS.every((action) => names.includes(action))) {
    return ['do everything'];
  }
  const told = new Set<string>();
  const groups = GROUPS.filter(({ needs }) => needs.every((action) => names.includes(action)));
  for (const { needs, takes } of groups) {
    [...needs, ...takes ?? []].forEach((action) => told.add(action));
  }
  const alone = names.filter((name) => !told.has(name)).map((name) => Object.hasOwn(WORDS, name) ? WORDS[name as keyof typeof WORDS] : `ecr:${name}`);
  return [...groups.map(({ words }) => words), ...alone];
}
