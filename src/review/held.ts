import { Evaluation } from '../lifecycle/evaluate';
import { inventoryGaps } from '../lifecycle/inventory-gaps';
import { Inventory } from '../lifecycle/model';
import { PlanImage } from '../report/plan';
import { Preview, PreviewImage } from '../report/preview';

const WHY = 'ECR\'s own preview leaves it: an index holds it';

/**
 * Where nobody read what the indexes list, ECR still knows: an untagged image that a rule marks and that ECR's own preview leaves is held by an
 * index.
 */
export function heldByRegistry(own: Evaluation, inventory: Inventory, acting: ReadonlySet<string>): ReadonlySet<string> {
  const held = new Set<string>();
  if (inventoryGaps(inventory).length > 0) {
    inventory.imageDetails.forEach(({ imageDigest, imageTags = [] }, place) => {
      if (imageTags.length === 0 && own.outcome(place) !== 'KEEP' && !acting.has(imageDigest) && own.verdict(place).reason !== 'FOLLOWS_SUBJECT') {
        held.add(imageDigest);
      }
    });
  }
  return held;
}

/** A preview of ours with what ECR knows better. */
export function withHeld(preview: Preview, held: ReadonlySet<string>): Preview {
  if (held.size === 0) {
    return preview;
  }
  const gone = preview.images.filter(({ imageDigest }) => held.has(imageDigest));
  const many = (effect: PreviewImage['effect'], of = gone) => of.filter((image) => image.effect === effect).length;
  const newly = (effect: PreviewImage['effect']) => many(effect, gone.filter((image) => image.newly === true));
  const { counts: { newlyExpiring, newlyTransitioning, ...counts }, bytes, ...rest } = preview;
  return {
    ...rest,
    counts: {
      ...counts,
      expiring: counts.expiring - many('EXPIRE'),
      transitioning: counts.transitioning - many('TRANSITION'),
      held: (counts.held ?? 0) + gone.length,
      ...(newlyExpiring !== undefined && { newlyExpiring: newlyExpiring - newly('EXPIRE') }),
      ...(newlyTransitioning !== undefined && { newlyTransitioning: newlyTransitioning - newly('TRANSITION') }),
    },
    rules: preview.rules.map((rule) => {
      const own = gone.filter(({ rulePriority }) => rulePriority === rule.rulePriority);
      return own.length === 0 || rule.counts === undefined ? rule : {
        ...rule,
        counts: {
          ...rule.counts, expires: rule.counts.expires - many('EXPIRE', own), transitions: rule.counts.transitions - many('TRANSITION', own), blocked: rule.counts.blocked + own.length,
        },
      };
    }),
    images: preview.images.map((image) => held.has(image.imageDigest) ? { ...plain(image), effect: 'HELD', why: WHY } : image),
    findings: preview.findings.filter(({ code }) => code !== 'DD-INVENTORY-101'),
  };
}

/** Neither a place in the order nor an age is why it stays. */
function plain({ newly: _newly, rank: _rank, ageDays: _ageDays, ageFrom: _ageFrom, ...image }: PreviewImage): PreviewImage {
  return image;
}

export function imageWithHeld(image: PlanImage, held: ReadonlySet<string>): PlanImage {
  return held.has(image.imageDigest) && image.outcome !== 'KEEP'
    ? { ...image, outcome: 'KEEP', reason: 'HELD_BY_INDEX', heldAction: image.outcome, explanation: `Kept: rule ${image.rulePriority} marks it, but ${WHY}.` }
    : image;
}
