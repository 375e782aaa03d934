import { policyHash } from '../digest';
import { parsed, preview } from './preview';
import { blockedError, logPreview, NO_COUNTS, previewAttributes, PreviewReport } from './preview-report';
import { Attributes } from './resource';
import { Run } from './run';
import { RepositoryAddress } from '../ecr/registry';
import { samePolicy } from '../lifecycle/canonical';
import { GateSettings, judge } from '../lifecycle/gate';
import { PolicyDocument } from '../lifecycle/model';

export interface GateQuestion {
  readonly address: RepositoryAddress;
  /** The very text that is to be put. */
  readonly text: string;
  readonly policy: PolicyDocument;
  /** The policy in force, as ECR gave it. */
  readonly inForce: string | undefined;
  /** Undefined: off. */
  readonly gate: GateSettings | undefined;
}

/**
 * Previews a policy and asks the gate. Throws when it is stopped; otherwise gives the attributes of the resource. A rollback is never
 * stopped, nor kept waiting: it only brings back what was in force before.
 */
export async function passGate(run: Run, question: GateQuestion): Promise<Attributes> {
  const { address, text, policy, inForce, gate } = question;
  const report = { address, policyHash: policyHash(policy), counts: NO_COUNTS, findings: [] };
  if (gate === undefined) {
    return previewAttributes({ ...report, verdict: 'off' }, 'Not previewed: the gate is off.');
  }
  const before = parsed(inForce);
  if (before !== undefined && samePolicy(before, policy)) {
    return previewAttributes({ ...report, verdict: 'not-needed' }, 'Not previewed: this policy is in force already.');
  }
  if (run.event.RequestType === 'Update' && await run.direction() === 'rolling-back') {
    run.log.info('The stack rolls back; the gate does not stop it.', { repositoryName: address.repositoryName });
    return previewAttributes({ ...report, verdict: 'not-needed' }, 'Not previewed: the stack rolls back to this policy.');
  }
  const seen = await preview(run, address, text, inForce);
  if (seen === undefined) {
    return previewAttributes({ ...report, verdict: 'not-needed' }, 'Not previewed: the repository has no images.');
  }
  const { described, images, now } = seen;
  const verdict = judge(gate, {
    repositoryName: address.repositoryName, policyHash: report.policyHash, imageCount: described.length, now: new Date(now), images,
  });
  const judged: PreviewReport = { ...report, ...verdict };
  logPreview(run, policy, seen, judged);
  if (verdict.verdict === 'blocked') {
    throw blockedError(judged);
  }
  return previewAttributes(judged);
}
