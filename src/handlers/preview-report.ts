import { RepositoryAddress } from '../ecr/registry';
import { DrydockError } from '../errors';
import { evaluate, Evaluation } from '../lifecycle/evaluate';
import { explain } from '../lifecycle/explain';
import { GateCounts, GateFinding, PreviewedImage } from '../lifecycle/gate';
import { PolicyDocument } from '../lifecycle/model';
import { epochMillis, isoText } from '../lifecycle/time';
import { LoggedPreviewImage } from '../report/logged-preview';
import { GateVerdictName, measureOf } from '../report/preview';
import { previewRule } from '../report/rule-text';
import { PREVIEW_ATTRIBUTES } from '../resources';
import { Preview } from './preview';
import { Attributes } from './resource';
import { Run } from './run';

export type PreviewVerdict = GateVerdictName;

export interface PreviewReport {
  readonly address: RepositoryAddress;
  readonly policyHash: string;
  readonly verdict: PreviewVerdict;
  readonly counts: GateCounts;
  readonly findings: readonly GateFinding[];
}

export const NO_COUNTS: GateCounts = { images: 0, expiring: 0, transitioning: 0, newlyExpiring: 0, newlyTransitioning: 0 };

const IMAGES_A_RECORD = 100;
const DIGESTS_A_FINDING = 20;
/** CloudFormation and `cdk deploy` show about so much of a reason. */
const REASON_MAX = 950;

export function countsOf({ described, images }: Preview): GateCounts {
  const count = (action: string, newly: boolean) => images.filter((image) => image.action === action && (!newly || image.newly)).length;
  return {
    images: described.length,
    expiring: count('EXPIRE', false),
    transitioning: count('TRANSITION', false),
    newlyExpiring: count('EXPIRE', true),
    newlyTransitioning: count('TRANSITION', true),
  };
}

/** The whole list goes to the log, a hundred images a record, then the verdict. */
export function logPreview(run: Run, policy: PolicyDocument, preview: Preview, report: PreviewReport, own: Evaluation | undefined): void {
  const { address: { repositoryName }, policyHash, verdict, findings, counts } = report;
  const pages = Math.ceil(preview.images.length / IMAGES_A_RECORD);
  for (let page = 1; page <= pages; page += 1) {
    const listed = preview.images.slice((page - 1) * IMAGES_A_RECORD, page * IMAGES_A_RECORD);
    const images = listed.map((image) => logged(image, policy, own));
    run.log.info('preview', { repositoryName, policyHash, verdict, page, pages, images });
  }
  if (own !== undefined) {
    logDisagreement(run, preview, own, report);
  }
  run.log[verdict === 'blocked' ? 'error' : 'info']('gate', {
    repositoryName,
    policyHash,
    verdict,
    findings: findings.map(({ code, message, fix, images }) => ({
      code, message, fix, digests: images.slice(0, DIGESTS_A_FINDING).map(({ imageDigest }) => imageDigest),
    })),
    counts: { ...counts },
    rules: [...policy.rules].sort((a, b) => a.rulePriority - b.rulePriority).map(previewRule),
  });
}

/** What the policy does by our own reading, which gives the reasons. */
export function ownEvaluation(run: Run, policy: PolicyDocument, { described, now }: Preview, repositoryName: string): Evaluation | undefined {
  try {
    return evaluate(policy, { imageDetails: described }, new Date(now));
  } catch (error) {
    run.log.warn('The images could not be evaluated here, so the preview comes without explanations.', { repositoryName, reason: (error as Error).message });
    return undefined;
  }
}

/** With a reason, and by what measure, where our own evaluation agrees. */
function logged(image: PreviewedImage, policy: PolicyDocument, own: Evaluation | undefined): LoggedPreviewImage {
  const { imageDigest, imageTags, action, appliedRulePriority: rulePriority, newly, lastRecordedPullTime, imageSizeInBytes } = image;
  const verdict = own?.find(imageDigest);
  const agreed = verdict?.outcome === action ? verdict : undefined;
  return {
    imageDigest,
    imageTags,
    imagePushedAt: isoText(epochMillis(image.imagePushedAt)),
    ...(lastRecordedPullTime !== undefined && { lastRecordedPullTime: isoText(epochMillis(lastRecordedPullTime)) }),
    ...(imageSizeInBytes !== undefined && { imageSizeInBytes }),
    action,
    rulePriority,
    newly,
    ...(agreed && measureOf(agreed)),
    ...(agreed?.becauseOf !== undefined && { becauseOf: agreed.becauseOf }),
    ...(agreed && agreed.uncertain.length > 0 && { uncertain: agreed.uncertain }),
    why: agreed ? explain(agreed, policy) : `ECR's rule ${rulePriority} ${action === 'EXPIRE' ? 'expires' : 'archives'} it.`,
  };
}

/** ECR's result decides. Where ours differs about a tagged image, one of the two has been misread, and somebody should look. */
function logDisagreement(run: Run, { described, images, now }: Preview, own: Evaluation, { address, policyHash }: PreviewReport): void {
  const { repositoryName } = address;
  const byEcr = new Map(images.map((image) => [image.imageDigest, image]));
  const differing = described.flatMap((image, place): LoggedPreviewImage[] => {
    const { imageDigest, imageTags = [], imagePushedAt } = image;
    const expected = own.outcome(place);
    const { action = 'KEEP', appliedRulePriority: rulePriority = 0, newly = false } = byEcr.get(imageDigest) ?? {};
    const why = `Our own evaluation at ${isoText(now)} says ${expected}.`;
    return expected === action || imageTags.length === 0
      ? []
      : [{ imageDigest, imageTags, imagePushedAt: isoText(epochMillis(imagePushedAt)), action, rulePriority, newly, why }];
  });
  if (differing.length > 0) {
    run.log.warn('ECR\'s preview and our own evaluation differ; ECR\'s decides.', { repositoryName, policyHash, images: differing.slice(0, IMAGES_A_RECORD) });
  }
}

/** What stopped the deployment, for its events: the first findings whole, each with its way out, and the log for the rest. */
export function blockedError({ address: { repositoryName }, policyHash, findings }: PreviewReport): DrydockError {
  const heading = `The preview gate stopped lifecycle policy ${policyHash} on ${repositoryName}; nothing was changed.`;
  const rest = (left: number) => ` ${left} more ${left === 1 ? 'finding' : 'findings'} and every image: see the log of the function.`;
  const shown: GateFinding[] = [];
  let length = heading.length + rest(findings.length).length;
  for (const finding of findings) {
    length += finding.code.length + finding.message.length + finding.fix.length + 30;
    if (shown.length > 0 && length > REASON_MAX) {
      break;
    }
    shown.push(finding);
  }
  const left = findings.length - shown.length;
  return new DrydockError(shown.map(({ code, message, fix }, index) => ({
    code, pointer: 'PreviewGate', message, fix: index === shown.length - 1 && left > 0 ? `${fix}${rest(left)}` : fix,
  })), { heading });
}

export function previewAttributes({ address, policyHash, verdict, counts }: PreviewReport, summary?: string): Attributes {
  const values: Record<(typeof PREVIEW_ATTRIBUTES)[number], string> = {
    RepositoryName: address.repositoryName,
    PolicyHash: policyHash,
    ImageCount: String(counts.images),
    ExpiringImageCount: String(counts.expiring),
    TransitioningImageCount: String(counts.transitioning),
    NewlyExpiringImageCount: String(counts.newlyExpiring),
    NewlyTransitioningImageCount: String(counts.newlyTransitioning),
    Verdict: verdict,
    Summary: summary ?? summaryOf(counts),
  };
  return values;
}

function summaryOf({ images, expiring, transitioning, newlyExpiring, newlyTransitioning }: GateCounts): string {
  return `Of ${images} ${images === 1 ? 'image' : 'images'}, ${expiring} would expire (${newlyExpiring} newly) and ${transitioning} would be archived (${newlyTransitioning} newly).`;
}
