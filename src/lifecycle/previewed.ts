import { Comparison } from './compare';
import { Evaluation } from './evaluate';
import type { PreviewedImage } from './gate';
import { Inventory, Verdict } from './model';

/** What the gate judges, by our own evaluation: every image that the new policy acts on, in the order of the inventory. */
export function previewedImages({ before, after }: Comparison, inventory: Inventory): PreviewedImage[] {
  return inventory.imageDetails.flatMap((image, i): PreviewedImage[] => {
    const outcome = after.outcome(i);
    if (outcome === 'KEEP') {
      return [];
    }
    const then = before?.outcome(i) ?? 'KEEP';
    const { rulePriority } = after.verdict(i);
    const { rank, ageDays } = subjectOf(after.verdict(i), after);
    return [{
      imageDigest: image.imageDigest,
      imageTags: image.imageTags ?? [],
      imagePushedAt: image.imagePushedAt,
      ...(image.lastRecordedPullTime !== undefined && { lastRecordedPullTime: image.lastRecordedPullTime }),
      ...(image.imageSizeInBytes !== undefined && { imageSizeInBytes: image.imageSizeInBytes }),
      action: outcome,
      appliedRulePriority: rulePriority!,
      newly: then === 'KEEP' || (then === 'TRANSITION' && outcome === 'EXPIRE'),
      ...(rank !== undefined && { rank }),
      ...(ageDays !== undefined && { ageDays }),
    }];
  });
}

/** A referrer goes with its subject, so what would keep it is what would keep that. */
function subjectOf(verdict: Verdict, evaluation: Evaluation): Verdict {
  let subject = verdict;
  while (subject.becauseOf !== undefined) {
    subject = evaluation.find(subject.becauseOf)!;
  }
  return subject;
}
