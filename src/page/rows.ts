import { Trial } from './trial';
import { isIndexType } from '../images/media-types';
import { explain } from '../lifecycle/explain';
import { ImageDetail, Inventory, Verdict } from '../lifecycle/model';
import { ownBytes } from '../lifecycle/own-bytes';
import { epochMillis } from '../lifecycle/time';
import { namedBy } from '../report/image-tables';
import { PlanImage } from '../report/plan';
import { Preview } from '../report/preview';

/** What becomes of an image, as a person sees it. `held`: it would go, and an index holds it. */
export type Fate = 'expires' | 'archived' | 'held' | 'stays';
/** Against the policy in force. */
export type Against = 'newly' | 'spared' | 'as before' | '';

/** What does not depend on the policy. */
export interface RowBase {
  readonly image: ImageDetail;
  readonly tags: readonly string[];
  readonly pushed: number;
  readonly pulled?: number;
  readonly inUseBy: readonly string[];
  /** What it adds to a sum of sizes: nothing for an index, whose size is that of its largest child. */
  readonly ownBytes: number;
  /** In small letters. */
  readonly search: string;
}

export interface Row extends RowBase {
  /** Place in the inventory. */
  readonly place: number;
  readonly fate: Fate;
  readonly against: Against;
  readonly rulePriority?: number;
  /** Rank or age, by which a rule sorts. */
  readonly measure: number;
  /** Its fate under the proposed policy, where that is another. */
  readonly instead?: Fate;
  /** Codes of the findings that are about this image. */
  readonly stoppedBy: readonly string[];
  /** Why, in sentences. */
  readonly reason: () => string;
}

export function rowBases({ imageDetails }: Inventory, inUse: ReadonlyMap<string, readonly string[]>): RowBase[] {
  return imageDetails.map((image) => {
    const tags = image.imageTags ?? [];
    const inUseBy = inUse.get(image.imageDigest) ?? [];
    return {
      image,
      tags,
      inUseBy,
      pushed: epochMillis(image.imagePushedAt),
      ownBytes: ownBytes(image),
      ...(image.lastRecordedPullTime !== undefined && { pulled: epochMillis(image.lastRecordedPullTime) }),
      search: [...tags, image.imageDigest, ...inUseBy].join('\n').toLowerCase(),
    };
  });
}

export function fateOf({ outcome, reason }: Pick<Verdict, 'outcome' | 'reason'>): Fate {
  return outcome === 'EXPIRE' ? 'expires' : outcome === 'TRANSITION' ? 'archived' : reason === 'HELD_BY_INDEX' ? 'held' : 'stays';
}

/** `named`: digest -> what stops it. `proposed`: fates by the policy that the plan proposes, where another one is tried. */
export function trialRows(
  bases: readonly RowBase[], { comparison: { before, after }, policy }: Trial, named: ReadonlyMap<string, readonly string[]>, proposed?: readonly Fate[],
): Row[] {
  return bases.map((base, place) => {
    const verdict = after.verdict(place);
    const fate = policy === undefined ? 'stays' : fateOf(verdict);
    const then = before?.outcome(place) ?? 'KEEP';
    return {
      ...base,
      place,
      fate,
      against: verdict.outcome === 'KEEP' ? (then === 'KEEP' ? '' : 'spared') : then === verdict.outcome || then === 'EXPIRE' ? 'as before' : 'newly',
      ...(verdict.rulePriority !== undefined && policy !== undefined && { rulePriority: verdict.rulePriority }),
      measure: verdict.rank ?? verdict.ageDays ?? 0,
      stoppedBy: named.get(base.image.imageDigest) ?? [],
      ...(proposed && proposed[place] !== fate && { instead: proposed[place] }),
      reason: () => policy === undefined ? 'Kept: there is no lifecycle policy.' : explain(after.verdict(place), policy),
    };
  });
}

/** Where there is no inventory to evaluate: what the plan says of the images that it names. */
export function plannedRows(preview: Preview, images: readonly PlanImage[] = []): Row[] {
  const named = namedBy(preview);
  const known = new Map(images.map((image) => [image.imageDigest, image]));
  const fates: Readonly<Record<string, Fate>> = { EXPIRE: 'expires', TRANSITION: 'archived', HELD: 'held', SPARED: 'stays' };
  return preview.images.map((image, place) => {
    const { imageDigest, imageTags, imagePushedAt, lastRecordedPullTime, effect, rulePriority, newly, why } = image;
    const plan = known.get(imageDigest);
    const [base] = rowBases({ imageDetails: [image] }, new Map([[imageDigest, plan?.inUseBy ?? []]]));
    return {
      ...base, place, tags: imageTags, pushed: epochMillis(imagePushedAt), ...(lastRecordedPullTime !== undefined && { pulled: epochMillis(lastRecordedPullTime) }),
      fate: fates[effect], against: effect === 'SPARED' ? 'spared' : newly === undefined ? '' : newly ? 'newly' : 'as before', rulePriority, measure: image.rank ?? image.ageDays ?? 0, stoppedBy: named.get(imageDigest) ?? [],
      reason: () => plan?.explanation ?? why ?? `By rule ${rulePriority}.`,
    };
  });
}

/** `stopped`: first what findings name, then by fate. */
export type SortKey = 'stopped' | 'fate' | 'tags' | 'digest' | 'pushed' | 'pulled' | 'size' | 'rule' | 'against';

export interface TableQuery {
  readonly text: string;
  readonly fate: Fate | '';
  /** A priority, `none` for images that no rule selects. */
  readonly rule: string;
  /** `edited`: another fate than by the proposed policy; `in use`: somebody runs it. */
  readonly only: Against | 'edited' | 'in use' | 'tagged' | 'untagged';
  /** Pushed from, and before. */
  readonly from?: number;
  readonly to?: number;
  /** Digests that a finding names. */
  readonly digests?: ReadonlySet<string>;
  readonly sort: SortKey;
  readonly descending: boolean;
}

export const ALL_ROWS: TableQuery = { text: '', fate: '', rule: '', only: '', sort: 'stopped', descending: false };

const FATES: readonly Fate[] = ['expires', 'archived', 'held', 'stays'];

const VALUES: Readonly<Record<SortKey, (row: Row) => number | string>> = {
  stopped: ({ fate, stoppedBy }) => FATES.indexOf(fate) - (stoppedBy.length > 0 ? FATES.length : 0),
  fate: ({ fate }) => FATES.indexOf(fate),
  tags: ({ tags }) => tags[0] ?? '\uffff',
  digest: ({ image }) => image.imageDigest,
  pushed: ({ pushed }) => pushed,
  pulled: ({ pulled }) => pulled ?? -Infinity,
  size: ({ image }) => image.imageSizeInBytes ?? -1,
  // Rank and age are smaller than the distance of two priorities.
  rule: ({ rulePriority, measure }) => (rulePriority ?? 1e7) * 1e8 + Math.min(measure, 1e8 - 1),
  against: ({ against }) => ['newly', 'as before', 'spared', ''].indexOf(against),
};

/** Every word of the text must be found. Equal rows stay newest first. */
export function queryRows(rows: readonly Row[], query: TableQuery): Row[] {
  const words = query.text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const { fate, rule, only, from = -Infinity, to = Infinity, digests } = query;
  const found = rows.filter((row) => (fate === '' || row.fate === fate)
    && (rule === '' || (rule === 'none' ? row.rulePriority === undefined : String(row.rulePriority) === rule))
    && isOnly(row, only) && row.pushed >= from && row.pushed < to && (digests === undefined || digests.has(row.image.imageDigest))
    && words.every((word) => row.search.includes(word)));
  const value = VALUES[query.sort];
  const sign = query.descending ? -1 : 1;
  return found.map((row) => ({ row, key: value(row) }))
    .sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : b.row.pushed - a.row.pushed || a.row.place - b.row.place)).map(({ row }) => row);
}

/** Bytes of the rows, as the plan counts them: undefined where there are only indexes. */
export function bytesOf(rows: readonly Row[]): number | undefined {
  return rows.length > 0 && rows.every(({ image }) => isIndexType(image.imageManifestMediaType)) ? undefined : rows.reduce((sum, row) => sum + row.ownBytes, 0);
}

function isOnly(row: Row, only: TableQuery['only']): boolean {
  switch (only) {
    case '': return true;
    case 'edited': return row.instead !== undefined;
    case 'in use': return row.inUseBy.length > 0;
    case 'tagged': return row.tags.length > 0;
    case 'untagged': return row.tags.length === 0;
    default: return row.against === only;
  }
}
