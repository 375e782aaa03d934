import { ImageName, measureOf, Preview, PreviewImage } from './preview';
import { previewRule } from './rule-text';
import { Problem } from '../errors';
import { Comparison } from '../lifecycle/compare';
import { Evaluation } from '../lifecycle/evaluate';
import { ImageDetail, Inventory, Verdict } from '../lifecycle/model';
import { epochMillis, isoText } from '../lifecycle/time';

export interface EvaluationPreviewOptions {
  readonly evaluation: Evaluation;
  /** What was evaluated. */
  readonly inventory: Inventory;
  readonly repositoryName?: string;
  readonly policyHash?: string;
  /** With the policy in force. */
  readonly comparison?: Comparison;
  readonly warnings?: readonly Problem[];
}

/** The preview of a policy by our own evaluation. */
export function evaluationPreview(options: EvaluationPreviewOptions): Preview {
  const { evaluation, repositoryName, policyHash, comparison, warnings = [] } = options;
  const { summary } = evaluation;
  const counts = new Map(summary.rules.map((rule) => [rule.rulePriority, rule]));
  return {
    repositoryName,
    policyHash,
    now: isoText(evaluation.now),
    counts: {
      images: summary.images,
      expiring: summary.expires,
      transitioning: summary.transitions,
      held: summary.blocked,
      ...(comparison && {
        newlyExpiring: comparison.newlyExpires.length, newlyTransitioning: comparison.newlyArchives.length, spared: comparison.newlySpares.length,
      }),
    },
    bytes: { expiring: summary.expiringBytes, transitioning: summary.transitioningBytes },
    oldestSurvivor: summary.oldestSurvivor,
    rules: [...evaluation.policy.rules].sort((a, b) => a.rulePriority - b.rulePriority)
      .map((rule) => ({ ...previewRule(rule), counts: counts.get(rule.rulePriority) })),
    images: imagesOf(options),
    findings: warnings.map(({ code, pointer, message, fix }) => ({ severity: 'warning', code, place: pointer || '/', message, fix })),
    uncertain: summary.uncertain,
  };
}

function imagesOf({ evaluation, inventory: { imageDetails }, comparison }: EvaluationPreviewOptions): PreviewImage[] {
  const places = new Map(imageDetails.map(({ imageDigest }, i) => [imageDigest, i]));
  const name = (imageDigest: string): ImageName => ({ imageDigest, imageTags: imageDetails[places.get(imageDigest) ?? -1]?.imageTags ?? [] });
  const digestsOf = (images: readonly { readonly imageDigest: string }[] = []) => images.map(({ imageDigest }) => imageDigest);
  const newly = comparison
    && new Set([...digestsOf(comparison.newlyExpires), ...digestsOf(comparison.newlyArchives), ...digestsOf(comparison.newlyFollows)]);
  const spared = new Map(comparison?.newlySpares.map((action) => [action.imageDigest, action.rulePriority]));
  return imageDetails.flatMap((image, i): PreviewImage[] => {
    const verdict = evaluation.verdict(i);
    const effect = effectOf(verdict);
    const before = spared.get(image.imageDigest);
    if (effect !== undefined) {
      return [{
        ...plain(image),
        effect,
        rulePriority: verdict.rulePriority!,
        // What an index holds for good goes neither newly nor as before.
        ...(newly && (effect !== 'HELD' || verdict.uncertain.includes('INDEX_GOES_FIRST')) && { newly: newly.has(image.imageDigest) }),
        ...measureOf(verdict),
        ...(verdict.becauseOf !== undefined && { follows: name(verdict.becauseOf) }),
        ...(verdict.heldBy !== undefined && { heldBy: verdict.heldBy.map(name) }),
        ...(verdict.uncertain.length > 0 && { uncertain: verdict.uncertain }),
      }];
    }
    return before === undefined ? [] : [{ ...plain(image), effect: 'SPARED', rulePriority: before }];
  });
}

function effectOf({ outcome, reason }: Verdict): PreviewImage['effect'] | undefined {
  return outcome !== 'KEEP' ? outcome : reason === 'HELD_BY_INDEX' ? 'HELD' : undefined;
}

function plain({ imageDigest, imageTags = [], imagePushedAt, lastRecordedPullTime, imageSizeInBytes }: ImageDetail) {
  return {
    imageDigest,
    imageTags,
    imagePushedAt: isoText(epochMillis(imagePushedAt)),
    ...(lastRecordedPullTime !== undefined && { lastRecordedPullTime: isoText(epochMillis(lastRecordedPullTime)) }),
    ...(imageSizeInBytes !== undefined && { imageSizeInBytes }),
  };
}
