import { policyHash } from '../digest';
import { inForceOf } from './lifecycle-in-force';
import { readPolicy } from './lifecycle-properties';
import { physicalIdOf } from './ownership';
import { preview } from './preview';
import { countsOf, logPreview, NO_COUNTS, ownEvaluation, previewAttributes } from './preview-report';
import { PropertyReader } from './properties';
import { Attributes, Resource } from './resource';
import { Run } from './run';
import { RepositoryAddress } from '../ecr/registry';
import { canonicalPolicyText } from '../lifecycle/canonical';
import { PolicyDocument } from '../lifecycle/model';

interface PreviewWanted {
  readonly address: RepositoryAddress;
  readonly policy: PolicyDocument;
}

/** `Custom::DrydockLifecyclePolicyPreview`: previews, and changes nothing. */
export const lifecyclePolicyPreview: Resource<PreviewWanted> = {
  read(run) {
    const reader = new PropertyReader(run.event.ResourceProperties);
    const address = reader.address(run.home);
    const policy = readPolicy(reader, 'LifecyclePolicy');
    reader.check('The lifecycle policy cannot be previewed:');
    return { address, policy: policy as PolicyDocument };
  },
  physicalId: (run, { address }) => physicalIdOf('lifecycle-policy-preview', address, run.event.LogicalResourceId),
  create: look,
  update: look,
  gone: (_run, { address, policy }) => previewAttributes({ address, policyHash: policyHash(policy), verdict: 'preview-only', counts: NO_COUNTS, findings: [] }, 'Not previewed: the repository is gone.'),
  async delete(run) {
    run.log.info('A preview leaves nothing to delete.');
  },
};

async function look(run: Run, { address, policy }: PreviewWanted): Promise<Attributes> {
  const report = { address, policyHash: policyHash(policy), verdict: 'preview-only', counts: NO_COUNTS, findings: [] } as const;
  const inForce = await inForceOf(run, address);
  const seen = await preview(run, address, canonicalPolicyText(policy), inForce);
  if (seen === undefined) {
    return previewAttributes(report, 'Not previewed: the repository has no images.');
  }
  const previewed = { ...report, counts: countsOf(seen) };
  logPreview(run, policy, seen, previewed, ownEvaluation(run, policy, seen, address.repositoryName));
  return previewAttributes(previewed);
}
