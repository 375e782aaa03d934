import { DrydockError, Problem } from '../errors';
import { InventoryCode } from './codes';
import { checkInventoryRepositories } from './inventory-repositories';
import { ImageDetail, Inventory } from './model';
import { epochMillis } from './time';
import { isObject, kindOf, show } from './validate-support';
import { isDigest } from '../images/digest';

const TIMES = ['imagePushedAt', 'lastRecordedPullTime', 'lastArchivedAt', 'lastActivatedAt'] as const;
const STATUSES = ['ACTIVE', 'ARCHIVED', 'ACTIVATING'];
const TEXTS = ['registryId', 'repositoryName', 'imageManifestMediaType', 'artifactMediaType', 'subjectManifestDigest'] as const;

/**
 * Reads an inventory: what `aws ecr describe-images` prints, optionally with `manifestChildren` and `repositories`. Throws one DrydockError
 * with every problem. Members that are not ours are left alone.
 */
export function readInventory(json: unknown): Inventory {
  const problems = new InventoryProblems();
  if (!isObject(json)) {
    problems.add('DD-INVENTORY-001', '', `The inventory is ${kindOf(json)}, not an object.`, json, FORM);
    throw problems.error();
  }
  if (json.formatVersion !== undefined && json.formatVersion !== FORMAT_VERSION) {
    problems.add('DD-INVENTORY-011', '/formatVersion', `The inventory has formatVersion ${show(json.formatVersion)}; ${FORMAT_VERSION} can be read.`, json.formatVersion,
      'Read it with the release that wrote it, or take the snapshot again.');
  }
  if (!Array.isArray(json.imageDetails)) {
    problems.add('DD-INVENTORY-001', '/imageDetails', `\`imageDetails\` is ${json.imageDetails === undefined ? 'missing' : kindOf(json.imageDetails)}; it must be a list of images.`, json.imageDetails, FORM);
  } else {
    checkImages(problems, json.imageDetails);
  }
  checkChildren(problems, json.manifestChildren);
  checkHeld(problems, json.heldImages);
  checkInventoryRepositories(json.repositories, (code, pointer, message, value, fix) => problems.add(code, pointer, message, value, fix));
  if (problems.found) {
    throw problems.error();
  }
  return json as unknown as Inventory;
}

/**
 * The part of an inventory that belongs to one repository. Images that name no repository belong to the one that is asked for only
 * when no image names any.
 */
export function imagesOf(inventory: Inventory, repositoryName: string): Inventory {
  const anonymous = inventory.imageDetails.every((image) => image.repositoryName === undefined);
  const imageDetails = anonymous ? inventory.imageDetails : inventory.imageDetails.filter((image) => image.repositoryName === repositoryName);
  return {
    ...(inventory.repositories && { repositories: inventory.repositories.filter((repository) => repository.repositoryName === repositoryName) }),
    imageDetails,
    ...(inventory.manifestChildren && { manifestChildren: childrenOf(inventory.manifestChildren, imageDetails) }),
    ...(inventory.heldImages && { heldImages: inventory.heldImages }),
  };
}

export const FORMAT_VERSION = 1;

const DIGEST_FIX = 'ECR names images by sha256: and 64 hexadecimal digits.';
const FORM = 'Give `{"imageDetails": [...]}` as `aws ecr describe-images` prints it.';

function childrenOf(children: NonNullable<Inventory['manifestChildren']>, images: readonly ImageDetail[]): NonNullable<Inventory['manifestChildren']> {
  return Object.fromEntries(images.flatMap(({ imageDigest }) => Object.hasOwn(children, imageDigest) ? [[imageDigest, children[imageDigest]]] : []));
}

function checkImages(problems: InventoryProblems, images: readonly unknown[]): void {
  const seen = new Map<string, number>();
  images.forEach((image, index) => {
    const pointer = `/imageDetails/${index}`;
    if (!isObject(image)) {
      problems.add('DD-INVENTORY-002', pointer, `Image ${index} is ${kindOf(image)}, not an object.`, image);
      return;
    }
    const digest = image.imageDigest;
    if (typeof digest !== 'string' || digest === '') {
      problems.add('DD-INVENTORY-002', `${pointer}/imageDigest`, `Image ${index} has no imageDigest; it is ${digest === undefined ? 'missing' : show(digest)}.`, digest);
      return;
    }
    if (!isDigest(digest)) {
      problems.add('DD-INVENTORY-010', `${pointer}/imageDigest`, `The digest of image ${index} is ${show(digest)}, which is none.`, digest, DIGEST_FIX);
    }
    const key = JSON.stringify([image.registryId, image.repositoryName, digest]);
    const earlier = seen.get(key);
    if (earlier === undefined) {
      seen.set(key, index);
    } else {
      problems.add('DD-INVENTORY-005', pointer, `Image ${index} (${digest}) is image ${earlier} again.`, digest, 'List every image once; an image has one entry with all of its tags.');
    }
    checkImage(problems, image, pointer, `Image ${index} (${digest})`);
  });
}

function checkImage(problems: InventoryProblems, image: Record<string, unknown>, pointer: string, who: string): void {
  const tags = image.imageTags;
  if (tags !== undefined && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && tag !== ''))) {
    problems.add('DD-INVENTORY-002', `${pointer}/imageTags`, `${who}: imageTags must be a list of tags.`, tags, 'Leave imageTags out for an untagged image.');
  }
  const size = image.imageSizeInBytes;
  if (size !== undefined && !(typeof size === 'number' && size >= 0 && Number.isFinite(size))) {
    problems.add('DD-INVENTORY-002', `${pointer}/imageSizeInBytes`, `${who}: imageSizeInBytes is ${show(size)}; it must be a number of bytes.`, size);
  }
  if (image.imageStatus !== undefined && !STATUSES.includes(image.imageStatus as string)) {
    problems.add('DD-INVENTORY-002', `${pointer}/imageStatus`, `${who}: imageStatus is ${show(image.imageStatus)}; it must be ${STATUSES.join(', ')}.`, image.imageStatus);
  }
  for (const name of TEXTS) {
    if (image[name] !== undefined && typeof image[name] !== 'string') {
      problems.add('DD-INVENTORY-002', `${pointer}/${name}`, `${who}: ${name} is ${show(image[name])}; it must be a string.`, image[name]);
    }
  }
  if (image.imagePushedAt === undefined) {
    problems.add('DD-INVENTORY-004', pointer, `${who} has no imagePushedAt.`, undefined, 'Add the push time; every rule needs it.');
  }
  for (const name of TIMES) {
    const time = image[name];
    if (time !== undefined && Number.isNaN(epochMillis(time as never))) {
      problems.add('DD-INVENTORY-003', `${pointer}/${name}`, `${who}: ${name} is ${show(time)}, which is no point in time.`, time, TIME_FIX);
    }
  }
}

export const TIME_FIX = 'Write ISO 8601 with a zone (2026-01-31T12:00:00Z) or seconds since 1970.';

function checkHeld(problems: InventoryProblems, held: unknown): void {
  if (held !== undefined && !(Array.isArray(held) && held.every((digest) => typeof digest === 'string' && isDigest(digest)))) {
    problems.add('DD-INVENTORY-010', '/heldImages', '`heldImages` is no list of digests.', held, DIGEST_FIX);
  }
}

function checkChildren(problems: InventoryProblems, children: unknown): void {
  if (children === undefined) {
    return;
  }
  if (!isObject(children)) {
    problems.add('DD-INVENTORY-006', '/manifestChildren', `\`manifestChildren\` is ${kindOf(children)}; it must map the digest of an index to the digests it lists.`, children);
    return;
  }
  for (const [index, digests] of Object.entries(children)) {
    if (!isDigest(index)) {
      problems.add('DD-INVENTORY-010', `/manifestChildren/${index}`, `${show(index)} is no digest of an index.`, index, DIGEST_FIX);
    }
    if (!Array.isArray(digests) || !digests.every((digest) => typeof digest === 'string')) {
      problems.add('DD-INVENTORY-006', `/manifestChildren/${index}`, `The children of ${index} are ${show(digests)}; they must be a list of digests.`, digests);
      continue;
    }
    const wrong = digests.findIndex((digest: string) => !isDigest(digest));
    if (wrong !== -1) {
      problems.add('DD-INVENTORY-010', `/manifestChildren/${index}/${wrong}`, `${show(digests[wrong])} is no digest of a part of ${index}.`, digests[wrong], DIGEST_FIX);
    }
  }
}

class InventoryProblems {
  private readonly problems: Problem[] = [];

  public get found(): boolean {
    return this.problems.length > 0;
  }

  public add(code: InventoryCode, pointer: string, message: string, value?: unknown, fix?: string): void {
    this.problems.push({ code, pointer, message, ...(value === undefined ? {} : { value }), ...(fix === undefined ? {} : { fix }) });
  }

  public error(): DrydockError {
    return new DrydockError(this.problems, { heading: 'The inventory cannot be used:' });
  }
}
