import { Inventory } from './model';
import { Problem } from '../errors';
import { isIndexType } from '../images/media-types';

/** What the inventory does not tell, and an evaluation therefore cannot know: warnings. */
export function inventoryGaps({ imageDetails, manifestChildren = {}, heldImages }: Inventory): Problem[] {
  const silent = imageDetails.filter(({ imageDigest, imageManifestMediaType }) => isIndexType(imageManifestMediaType) && manifestChildren[imageDigest] === undefined).length;
  const untagged = imageDetails.some(({ imageTags = [] }) => imageTags.length === 0);
  return silent === 0 || !untagged || heldImages !== undefined ? [] : [{
    code: 'DD-INVENTORY-101',
    pointer: '/manifestChildren',
    message: `The inventory does not say which images ${silent === 1 ? 'its index lists' : `${silent} indexes list`}, so untagged images are shown as if no index held them.`,
    fix: 'Add the digests of their parts: {"manifestChildren": {"sha256:<index>": ["sha256:<part>", ...]}}; `aws ecr batch-get-image` gives the manifests, and counts as a pull.',
  }];
}
