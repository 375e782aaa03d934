import { PackedColumn, packColumn, packDigests, packTimes, unpackColumn, unpackDigests, unpackTimes } from './pack-columns';
import { ImageDetail, Inventory } from '../lifecycle/model';

type Reference = number | string;

/** An inventory, column by column. A digest is written once: elsewhere stands its place in the list. */
export interface PackedInventory {
  readonly count: number;
  readonly repositories?: Inventory['repositories'];
  readonly digests: ReturnType<typeof packDigests>;
  /** No tags: 0; one: the tag; otherwise all of them. */
  readonly tags: readonly (0 | string | readonly string[])[];
  readonly times: Readonly<Record<string, ReturnType<typeof packTimes>>>;
  readonly columns: Readonly<Record<string, PackedColumn>>;
  readonly subjects: readonly (readonly [number, Reference])[];
  /** Index, then what it lists. */
  readonly children?: readonly (readonly [Reference, readonly Reference[]])[];
  readonly held?: readonly Reference[];
}

const TIMES = ['imagePushedAt', 'lastRecordedPullTime', 'lastArchivedAt', 'lastActivatedAt'] as const;
const COLUMNS = ['registryId', 'repositoryName', 'imageSizeInBytes', 'imageManifestMediaType', 'artifactMediaType', 'imageStatus'] as const;

export function packInventory({ repositories, imageDetails, manifestChildren, heldImages }: Inventory): PackedInventory {
  const places = new Map<string, number>();
  imageDetails.forEach(({ imageDigest }, i) => places.set(imageDigest, places.get(imageDigest) ?? i));
  const reference = (digest: string): Reference => places.get(digest) ?? digest;
  const filled = <K extends keyof ImageDetail>(names: readonly K[]) => names.filter((name) => imageDetails.some((image) => image[name] !== undefined));
  return {
    count: imageDetails.length,
    ...(repositories && { repositories }),
    digests: packDigests(imageDetails.map(({ imageDigest }) => imageDigest)),
    tags: imageDetails.map(({ imageTags }) => imageTags === undefined ? 0 : imageTags.length === 1 ? imageTags[0] : imageTags),
    times: Object.fromEntries(filled(TIMES).map((name) => [name, packTimes(imageDetails.map((image) => image[name]))])),
    columns: Object.fromEntries(filled(COLUMNS).map((name) => [name, packColumn(imageDetails.map((image) => image[name]))])),
    subjects: imageDetails.flatMap(({ subjectManifestDigest }, i): [number, Reference][] => subjectManifestDigest === undefined ? [] : [[i, reference(subjectManifestDigest)]]),
    ...(manifestChildren && { children: Object.entries(manifestChildren).map(([index, digests]) => [reference(index), digests.map(reference)] as const) }),
    ...(heldImages && { held: heldImages.map(reference) }),
  };
}

export function unpackInventory({ count, repositories, digests, tags, times, columns, subjects, children, held }: PackedInventory): Inventory {
  const names = unpackDigests(digests);
  const resolve = (reference: Reference) => typeof reference === 'number' ? names[reference] : reference;
  const images: Record<string, unknown>[] = Array.from({ length: count }, (_, i) => ({
    imageDigest: names[i], ...(tags[i] !== 0 && { imageTags: typeof tags[i] === 'string' ? [tags[i]] : tags[i] }),
  }));
  const put = (name: string, values: readonly unknown[]) => values.forEach((value, i) => value === undefined || (images[i][name] = value));
  Object.entries(times).forEach(([name, packed]) => put(name, unpackTimes(packed)));
  Object.entries(columns).forEach(([name, packed]) => put(name, unpackColumn(packed, count)));
  subjects.forEach(([place, subject]) => images[place].subjectManifestDigest = resolve(subject));
  return {
    ...(repositories && { repositories }),
    imageDetails: images as unknown as ImageDetail[],
    // fromEntries defines, so that no name is special.
    ...(children && { manifestChildren: Object.fromEntries(children.map(([index, list]) => [resolve(index), list.map(resolve)])) }),
    ...(held && { heldImages: held.map(resolve) }),
  };
}
