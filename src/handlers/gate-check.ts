import { policyHash } from '../digest';
import { failure } from './codes';
import { Preview, preview } from './preview';
import { blockedError, logPreview, NO_COUNTS, ownEvaluation, previewAttributes, PreviewReport } from './preview-report';
import { Attributes } from './resource';
import { Run } from './run';
import { operationOf } from '../ecr/errors';
import { parsedPolicy } from '../ecr/policy-preview';
import { RepositoryAddress } from '../ecr/registry';
import { isTimeIsUp } from '../ecr/retry';
import { samePolicy } from '../lifecycle/canonical';
import { Evaluation } from '../lifecycle/evaluate';
import { GateInput, GateSettings, judge, PreviewedImage } from '../lifecycle/gate';
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

/** The attributes where there is nothing to look at. */
export function notPreviewed(address: RepositoryAddress, policy: PolicyDocument, why: string): Attributes {
  return previewAttributes({ address, policyHash: policyHash(policy), verdict: 'not-needed', counts: NO_COUNTS, findings: [] }, `Not previewed: ${why}.`);
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
  const before = parsedPolicy(inForce);
  if (before !== undefined && samePolicy(before, policy)) {
    return notPreviewed(address, policy, 'this policy is in force already');
  }
  if (run.event.RequestType === 'Update' && await run.direction() === 'rolling-back') {
    run.log.info('The stack rolls back; the gate does not stop it.', { repositoryName: address.repositoryName });
    return notPreviewed(address, policy, 'the stack rolls back to this policy');
  }
  const seen = await preview(run, address, text, inForce);
  if (seen === undefined) {
    return notPreviewed(address, policy, 'the repository has no images');
  }
  const inUse = await usersOf(run, address, gate, seen);
  const own = ownEvaluation(run, policy, seen, address.repositoryName);
  const { described, images, now } = seen;
  const verdict = judge(gate, {
    repositoryName: address.repositoryName,
    policyHash: report.policyHash,
    policy,
    imageCount: described.length,
    taggedImageCount: described.filter(({ imageTags = [] }) => imageTags.length > 0).length,
    now: new Date(now),
    ...(inUse && { inUse }),
    images: images.map((image) => ({ ...image, ...measured(image, own) })),
  });
  const judged: PreviewReport = { ...report, ...verdict };
  logPreview(run, policy, seen, judged, own);
  if (verdict.verdict === 'blocked') {
    throw blockedError(judged);
  }
  return previewAttributes(judged);
}

/** Who runs the images, where the gate looks and something goes. The clients of those services are loaded only then. */
async function usersOf(run: Run, address: RepositoryAddress, { inUse = [] }: GateSettings, { described, images }: Preview): Promise<GateInput['inUse']> {
  if (inUse.length === 0 || images.length === 0) {
    return undefined;
  }
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { imagesInUse } = require('./in-use') as typeof import('./in-use');
    return await imagesInUse(run, address, inUse, described);
  } catch (error) {
    if (isTimeIsUp(error)) {
      throw error;
    }
    throw failure('DD-HANDLER-404', 'PreviewGate/InUse', `Which images of ${address.repositoryName} are in use could not be found out (${operationOf(error) ?? 'no call was made'}): ${(error as Error).message}`, {
      fix: 'See that the function may make the call. Nothing was changed.', cause: error,
    });
  }
}

/** By what the rule goes, where our own evaluation agrees with ECR's; it lets the gate name the number that would spare the image. */
function measured({ imageDigest, action }: PreviewedImage, own: Evaluation | undefined): Pick<PreviewedImage, 'rank' | 'ageDays'> {
  const verdict = own?.find(imageDigest);
  return verdict?.outcome === action ? { rank: verdict.rank, ageDays: verdict.ageDays } : {};
}
