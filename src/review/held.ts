import { Comparison } from '../lifecycle/compare';
import { Evaluation } from '../lifecycle/evaluate';
import { inventoryGaps } from '../lifecycle/inventory-gaps';
import { Inventory } from '../lifecycle/model';

/** Digests of the images that ECR's own previews list, of the policy to come and of the one in force. */
export interface Acting {
  readonly after: ReadonlySet<string>;
  readonly before?: ReadonlySet<string>;
}

/**
 * Where nobody read what the indexes list, ECR still knows: an untagged image that a rule marks and that ECR's own preview leaves is held by an
 * index.
 */
export function withHeldImages(inventory: Inventory, { before, after }: Comparison, acting: Acting): Inventory {
  if (inventoryGaps(inventory).length === 0) {
    return inventory;
  }
  const held = new Set(leftBy(after, inventory, acting.after));
  if (before !== undefined && acting.before !== undefined) {
    leftBy(before, inventory, acting.before).forEach((digest) => held.add(digest));
  }
  return { ...inventory, heldImages: [...held] };
}

function leftBy(own: Evaluation, { imageDetails }: Inventory, acting: ReadonlySet<string>): string[] {
  return imageDetails.flatMap(({ imageDigest, imageTags = [] }, place) =>
    imageTags.length === 0 && own.outcome(place) !== 'KEEP' && !acting.has(imageDigest) && own.verdict(place).reason !== 'FOLLOWS_SUBJECT' ? [imageDigest] : []);
}
