import { nativeLifecycleText, NATIVE_TYPE } from './declared';
import { DesiredResource, textOf } from './desired';
import { finding } from './finding';
import { ResourcePair } from './pairs';
import { lookUp } from './registries';
import { ReviewContext } from './repository-changes';
import { validatePolicyText } from '../lifecycle/validate';
import { RepositoryPlan } from '../report/plan';
import { LIFECYCLE_POLICY_TYPE } from '../resources';

/** Repositories whose lifecycle policy the deployment takes away. */
export async function lifecycleRemovals(pairs: readonly ResourcePair[], context: ReviewContext): Promise<RepositoryPlan[]> {
  const gone = pairs.filter(({ before, after, changed, isUnknown }) => changed && !isUnknown && before !== undefined && (
    (before.type === LIFECYCLE_POLICY_TYPE && (after === undefined || textOf(after, 'RepositoryName') !== textOf(before, 'RepositoryName')))
    || (before.type === NATIVE_TYPE && after?.type === NATIVE_TYPE && nativeLifecycleText(before).isThere && !nativeLifecycleText(after).isThere)));
  return Promise.all(gone.map(({ before, after }) => removalOf(before!, after, context)));
}

async function removalOf(before: DesiredResource, after: DesiredResource | undefined, { registries, nameOf }: ReviewContext): Promise<RepositoryPlan> {
  const name = textOf(before, 'RepositoryName') ?? nameOf(before, 'before');
  const at = (after ?? before).at;
  const known = await lookUp(registries, before, name);
  const text = known.state?.lifecyclePolicyText;
  const { policy } = text === undefined ? {} : validatePolicyText(text);
  const isOurs = before.type === LIFECYCLE_POLICY_TYPE;
  return {
    ...(name !== undefined && { repositoryName: name }), title: name ?? before.at.constructPath,
    ...(before.account !== undefined && { account: before.account }), ...(before.region !== undefined && { region: before.region }),
    change: 'update', places: [at], settings: [],
    ...(known.state !== undefined && known.imageCount !== undefined && { imageCount: known.imageCount, imageSizeInBytes: known.imageSizeInBytes }),
    lifecycle: { change: 'delete', at, ...(policy && { policyInForce: policy }) },
    findings: [finding({ at }, 'warning', 'DD-REVIEW-233',
      `The lifecycle policy is removed${isOurs ? ' if it is still the one that was put' : ''}: from then on images stay until somebody deletes them.`, 'Nothing, when that is meant.')],
  };
}
