import {
  LIFECYCLE_POLICY_PREVIEW_TYPE, LIFECYCLE_POLICY_TYPE, PREVIEW_GATE_TYPE, REPOSITORY_POLICY_TYPE, REPOSITORY_TYPE,
} from '../resources';
import { Handler, handlerOf, HandlerOptions, Resources } from './handler';
import { lifecyclePolicy } from './lifecycle-policy';
import { lifecyclePolicyPreview } from './lifecycle-policy-preview';
import { previewGate } from './preview-gate';
import { repository } from './repository';
import { repositoryPolicy } from './repository-policy';

export type { Handler, HandlerOptions } from './handler';

const RESOURCES: Resources = {
  [REPOSITORY_TYPE]: repository,
  [REPOSITORY_POLICY_TYPE]: repositoryPolicy,
  [LIFECYCLE_POLICY_TYPE]: lifecyclePolicy,
  [LIFECYCLE_POLICY_PREVIEW_TYPE]: lifecyclePolicyPreview,
  [PREVIEW_GATE_TYPE]: previewGate,
};

/** The function of repositories and their policies. */
export function createHandler(options: HandlerOptions = {}): Handler {
  return handlerOf(RESOURCES, options);
}
