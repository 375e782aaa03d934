import { policyHash } from '../digest';
import { problem } from './codes';
import { passGate } from './gate-check';
import { readGate } from './lifecycle-properties';
import { physicalIdOf } from './ownership';
import { NO_COUNTS, previewAttributes } from './preview-report';
import { PropertyReader } from './properties';
import { Attributes, Resource } from './resource';
import { Run } from './run';
import { isRepositoryNotFound } from '../ecr/errors';
import { RepositoryAddress } from '../ecr/registry';
import { GateSettings } from '../lifecycle/gate';
import { PolicyDocument } from '../lifecycle/model';
import { validatePolicyText } from '../lifecycle/validate';

interface GateWanted {
  readonly repositoryName?: string;
  readonly repositoryLogicalId?: string;
  /** Undefined: the native resource has no policy. */
  readonly text?: string;
  readonly policy?: PolicyDocument;
  readonly gate: GateSettings | undefined;
}

/**
 * `Custom::DrydockPreviewGate`: stands before a repository that CloudFormation manages itself, and stops its update. It changes nothing, so there
 * is nothing to take back or to delete.
 */
export const previewGate: Resource<GateWanted> = {
  read(run) {
    const reader = new PropertyReader(run.event.ResourceProperties);
    const repositoryName = reader.repositoryName(false);
    const repositoryLogicalId = reader.text('RepositoryLogicalId');
    if (repositoryName === '' && repositoryLogicalId === undefined) {
      reader.problems.push(problem('DD-HANDLER-001', 'RepositoryName', 'Neither RepositoryName nor RepositoryLogicalId is given.', { fix: 'Give one of them.' }));
    }
    const text = reader.text('LifecyclePolicyText');
    const gate = readGate(reader);
    const validated = text === undefined || text.trim() === '' ? undefined : validatePolicyText(text);
    reader.add('LifecyclePolicyText', validated?.problems ?? []);
    reader.check('The preview gate cannot judge:');
    return {
      ...(repositoryName === '' ? {} : { repositoryName }), repositoryLogicalId, gate, ...(validated === undefined ? {} : { text, policy: validated.policy }),
    };
  },

  // By the logical id where the name is generated: the name is not known before the repository is there, and an id must not change then.
  physicalId: (run, { repositoryName, repositoryLogicalId }) =>
    physicalIdOf('preview-gate', { repositoryName: repositoryName ?? repositoryLogicalId ?? '' }, run.event.LogicalResourceId),

  create: check,
  update: check,

  async delete(run) {
    run.log.info('A gate leaves nothing to delete.');
  },
};

async function check(run: Run, wanted: GateWanted): Promise<Attributes> {
  const { text, policy, gate } = wanted;
  const passes = (summary: string, name = wanted.repositoryName ?? '') => previewAttributes({
    address: { repositoryName: name }, policyHash: policy === undefined ? '' : policyHash(policy), verdict: gate === undefined ? 'off' : 'not-needed', counts: NO_COUNTS, findings: [],
  }, summary);
  if (text === undefined || policy === undefined) {
    return passes('Not previewed: the repository has no lifecycle policy in the template.');
  }
  if (gate === undefined) {
    return passGate(run, { address: { repositoryName: wanted.repositoryName ?? '' }, text, policy, inForce: undefined, gate });
  }
  const repositoryName = wanted.repositoryName ?? await run.physicalIdOf(wanted.repositoryLogicalId as string);
  if (repositoryName === undefined) {
    return passes('Not previewed: the repository does not exist yet.');
  }
  const address: RepositoryAddress = { repositoryName };
  let inForce: string | undefined;
  try {
    inForce = await run.registry.getLifecyclePolicy(address);
  } catch (error) {
    if (isRepositoryNotFound(error)) {
      return passes('Not previewed: the repository does not exist yet.', repositoryName);
    }
    throw error;
  }
  return passGate(run, { address, text, policy, inForce, gate });
}
