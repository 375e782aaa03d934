/* eslint-disable no-bitwise -- flags of a profile */
import { DrydockError, Problem } from '../errors';
import { DigestTable } from './digest-table';
import { TIME_FIX } from './inventory';
import { ImageDetail, Inventory } from './model';
import { TagIndex } from './tag-index';
import { epochMillis } from './time';
import { isIndexType } from '../images/media-types';

/** Bits that tell images apart for the rules, below the number of the set of entries their tags match. */
export const TAGGED = 1;
export const ARCHIVE = 2;
export const PROFILE_SHIFT = 2;

/** Whether images of a profile are of the archive class. */
export function isArchived(profile: number): boolean {
  return (profile & ARCHIVE) !== 0;
}

/** The inventory as columns: one entry an image, in the inventory's order. */
export interface Columns {
  readonly count: number;
  readonly images: readonly ImageDetail[];
  readonly digests: readonly string[];
  readonly table: DigestTable;
  /** Number of the matched set of entries and the bits above. */
  readonly profiles: Int32Array;
  /** Milliseconds: the push, or the restoration of an image that was ever restored. */
  readonly pushed: Float64Array;
  /** Bytes of the image's own, `NaN` where they are not recorded. An index has none: ECR gives it the size of its largest child. */
  readonly sizes: Float64Array;
  /** Indexes in the repository, with the digests that they list. */
  readonly indexes: readonly { readonly place: number; readonly children: readonly string[] }[];
  /** Images that some index holds, nobody knows which. */
  readonly heldUnseen: ReadonlySet<number>;
  /** Places of images that were restored, that are being restored, and that have a subject. */
  readonly restored: readonly number[];
  readonly activating: readonly number[];
  readonly referrers: readonly number[];
}

export function readColumns(inventory: Inventory, tags: TagIndex): Columns {
  const images = inventory.imageDetails;
  const count = images.length;
  const table = new DigestTable(count);
  const profiles = new Int32Array(count);
  const pushed = new Float64Array(count);
  const sizes = new Float64Array(count);
  const restored: number[] = [];
  const activating: number[] = [];
  const referrers: number[] = [];
  const unreadable: number[] = [];
  const repository = count > 0 ? images[0].repositoryName : undefined;
  let other: string | undefined;
  for (let i = 0; i < count; i++) {
    const image = images[i];
    table.add(i, image.imageDigest);
    if (image.repositoryName !== repository) {
      other = image.repositoryName;
    }
    const imageTags = image.imageTags;
    let profile = imageTags && imageTags.length > 0 ? tags.setOf(imageTags) << PROFILE_SHIFT | TAGGED : 0;
    const status = image.imageStatus;
    if (status !== undefined && status !== 'ACTIVE') {
      profile |= ARCHIVE;
      if (status === 'ACTIVATING') {
        activating.push(i);
      }
    }
    profiles[i] = profile;
    let time = epochMillis(image.imagePushedAt);
    if (image.lastActivatedAt) {
      // Either time unreadable must not pass for the other.
      time = epochMillis(image.lastActivatedAt) + time * 0;
      restored.push(i);
    }
    if (time !== time) {
      unreadable.push(i);
    }
    pushed[i] = time;
    const size = image.imageSizeInBytes;
    sizes[i] = isIndexType(image.imageManifestMediaType) ? 0 : size === undefined ? NaN : size;
    if (image.subjectManifestDigest) {
      referrers.push(i);
    }
  }
  refuse(inventory, unreadable, table.duplicates, repository, other);
  const indexes: { place: number; children: readonly string[] }[] = [];
  const listed = inventory.manifestChildren ?? {};
  for (const digest of Object.keys(listed)) {
    const place = table.find(digest);
    if (place >= 0 && listed[digest].length > 0) {
      indexes.push({ place, children: listed[digest] });
      sizes[place] = 0;
    }
  }
  const heldUnseen = new Set((inventory.heldImages ?? []).map((digest) => table.find(digest)));
  return { heldUnseen, count, images, digests: table.digests, table, profiles, pushed, sizes, indexes, restored, activating, referrers };
}

/** `readInventory` says these things at length; here they are only kept from being misread. */
function refuse(inventory: Inventory, unreadable: readonly number[], duplicates: readonly number[], repository?: string, other?: string): void {
  const problems: Problem[] = unreadable.map((i) => ({
    code: 'DD-INVENTORY-003',
    pointer: `/imageDetails/${i}`,
    message: `Image ${inventory.imageDetails[i].imageDigest} has no readable push time.`,
    value: inventory.imageDetails[i].imagePushedAt,
    fix: TIME_FIX,
  }));
  problems.push(...duplicates.map((i) => ({
    code: 'DD-INVENTORY-005',
    pointer: `/imageDetails/${i}`,
    message: `Image ${inventory.imageDetails[i].imageDigest} is listed twice.`,
    value: inventory.imageDetails[i].imageDigest,
  })));
  if (other !== undefined && repository !== undefined) {
    problems.push({
      code: 'DD-INVENTORY-007',
      pointer: '/imageDetails',
      message: `The inventory has images of ${repository} and of ${other}; a lifecycle policy applies to one repository.`,
      value: other,
      fix: 'Choose one repository (imagesOf).',
    });
  }
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: 'The inventory cannot be judged:' });
  }
}
