import { FaultKind } from './script';
import { matchesPattern } from '../../lifecycle/match';
import { OPERATIONS, UNSUPPORTED_OPERATIONS } from '../model/operations';
import { V2_OPERATIONS } from '../v2/route';

/** Every name under which hooks see a call. */
export const FAULT_OPERATIONS: readonly string[] = [...Object.keys(OPERATIONS), ...UNSUPPORTED_OPERATIONS, ...V2_OPERATIONS, 'DownloadLayer'];

/** Writes that reads of the same repository can be behind. */
const WRITES = [
  'BatchDeleteImage', 'CreateRepository', 'DeleteLifecyclePolicy', 'DeleteRepository', 'DeleteRepositoryPolicy', 'PutImage', 'PutImageScanningConfiguration',
  'PutImageTagMutability', 'PutLifecyclePolicy', 'SetRepositoryPolicy', 'StartLifecyclePolicyPreview', 'TagResource', 'UntagResource', 'UpdateImageStorageClass',
  'v2:PutManifest', 'v2:DeleteManifest',
];
const PREVIEW = ['StartLifecyclePolicyPreview', 'GetLifecyclePolicyPreview'];
const BATCHES = ['BatchCheckLayerAvailability', 'BatchDeleteImage', 'BatchGetImage'];

const ONLY: Readonly<Partial<Record<FaultKind, readonly string[]>>> = { stale: WRITES, fails: PREVIEW, expires: PREVIEW, foreign: PREVIEW, partial: BATCHES };

/** Operations to which a fault can happen. */
export function operationsOf({ fault, when, content }: { readonly fault: FaultKind; readonly when?: string; readonly content?: string }): readonly string[] {
  if (content === 'cut') {
    return Object.keys(OPERATIONS);
  }
  // A download is a stream: there is no moment after it.
  return ONLY[fault] ?? (when === 'after' ? FAULT_OPERATIONS.filter((name) => name !== 'DownloadLayer') : FAULT_OPERATIONS);
}

export const selects = (patterns: string | readonly string[], operation: string): boolean =>
  (typeof patterns === 'string' ? [patterns] : patterns).some((pattern) => matchesPattern(pattern, operation));
