import { Block, heading, Row, table } from './blocks';
import { andList, bytes, count, day, days, imageName, number, shortDigest, tagList } from './format';
import { Effect, Preview, PreviewImage } from './preview';
import { sanitise } from './sanitise';
import { ordinal } from '../lifecycle/explain';
import { Uncertainty } from '../lifecycle/model';
import { epochMillis } from '../lifecycle/time';

export interface ListOptions {
  /** Rows of each list of images. */
  readonly limit: number;
  /** How to see the rest of a list. */
  readonly more?: string;
}

/** An index has many untagged children, and they all tell the same story. */
const HELD_ROWS = 5;

interface Group {
  readonly title: string;
  readonly images: readonly PreviewImage[];
}

/**
 * What goes, rule by rule, then what is held and what is spared. In each list first what the gate's findings name, then what goes newly, then what people
 * know by a tag; the newest first, because what was pushed last is what somebody misses first.
 */
export function imageTables(preview: Preview, { limit, more = '' }: ListOptions): Block[] {
  const now = Date.parse(preview.now);
  const named = namedBy(preview);
  const byPull = pullRules(preview.rules);
  return groupsOf(preview).flatMap(({ title, images }) => {
    const most = images[0].effect === 'HELD' && limit !== Infinity ? Math.min(limit, HELD_ROWS) : limit;
    const left = images.length - Math.min(most, images.length);
    const shown = inOrder(images, named).slice(0, most);
    return [heading(title), tableOf(shown, named, byPull, now, left > 0 ? `and ${number(left)} more${more}` : undefined)];
  });
}

function groupsOf({ images, rules }: Preview): Group[] {
  const groups = new Map<string, PreviewImage[]>();
  for (const image of images) {
    const key = `${ORDER.indexOf(image.effect)} ${image.follows ? 1 : 0} ${String(image.rulePriority).padStart(10, '0')}`;
    const group = groups.get(key);
    if (group) {
      group.push(image);
    } else {
      groups.set(key, [image]);
    }
  }
  const descriptions = new Map(rules.map(({ rulePriority, description }) => [rulePriority, description]));
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => ({ title: titleOf(group, descriptions.get(group[0].rulePriority)), images: group }));
}

const ORDER: readonly Effect[] = ['EXPIRE', 'TRANSITION', 'HELD', 'SPARED'];

function titleOf(images: readonly PreviewImage[], description: string | undefined): string {
  const [{ effect, rulePriority, follows }] = images;
  const many = images.length;
  const fresh = images.filter((image) => image.newly).length;
  const newly = images[0].newly === undefined || fresh === many ? '' : fresh === 0 ? ', as before' : `, ${number(fresh)} of them newly`;
  const name = `Rule ${rulePriority}${description === undefined ? '' : ` (${sanitise(description)})`}`;
  if (follows) {
    return `${count(many, 'referrer')} of images that rule ${rulePriority} takes ${effect === 'EXPIRE' ? `expire${many === 1 ? 's' : ''}` : `${many === 1 ? 'is' : 'are'} archived`} too${newly}`;
  }
  switch (effect) {
    case 'EXPIRE': return `${name} expires ${count(many, 'image')}${newly}`;
    case 'TRANSITION': return `${name} archives ${count(many, 'image')}${newly}`;
    case 'HELD': return `${name} takes ${count(many, 'more image')}, but an index holds ${many === 1 ? 'it' : 'them'}`;
    case 'SPARED': return `Spared: ${count(many, 'image')} that rule ${rulePriority} of the policy in force would take`;
  }
}

function tableOf(
  images: readonly PreviewImage[], named: ReadonlyMap<string, readonly string[]>, byPull: ReadonlySet<number>, now: number, more: string | undefined,
): Block {
  // Where no pull was ever recorded, most likely none can be.
  const pulls = images.some(({ lastRecordedPullTime }) => lastRecordedPullTime !== undefined);
  return table(
    [
      { title: 'tags', wide: true }, { title: 'digest' }, { title: 'pushed' }, { title: 'last pulled' }, { title: 'size', right: true },
      { title: 'why', wide: true }, { title: '' }, { title: 'stopped by', wide: true },
    ],
    images.map((image): Row => {
      const codes = named.get(image.imageDigest) ?? [];
      return {
        cells: [
          tagList(image.imageTags), shortDigest(image.imageDigest), day(image.imagePushedAt, now), pulls ? day(image.lastRecordedPullTime, now) : '',
          image.imageSizeInBytes === undefined ? '' : bytes(image.imageSizeInBytes), why(image, byPull), image.newly === false ? 'as before' : '', codes.join(', '),
        ],
        tone: codes.length > 0 ? 'bad' : undefined,
      };
    }),
    more,
  );
}

/** Digest -> codes of the findings that are about this image, and not about how many there are. */
export function namedBy({ findings, verdict }: Pick<Preview, 'findings' | 'verdict'>): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const { code, digests = [] } of verdict === undefined ? [] : findings) {
    if (code !== 'DD-GATE-101' && code !== 'DD-GATE-102') {
      digests.forEach((digest) => named.set(digest, [...(named.get(digest) ?? []).filter((known) => known !== code), code]));
    }
  }
  return named;
}

/** First what findings name, then what goes newly, then what has a tag; the newest first. */
export function inOrder(images: readonly PreviewImage[], named: ReadonlyMap<string, unknown>): PreviewImage[] {
  return images
    .map((image) => ({
      image,
      pushed: epochMillis(image.imagePushedAt),
      rank: (named.has(image.imageDigest) ? 0 : 4) + (image.newly === false ? 2 : 0) + (image.imageTags.length === 0 ? 1 : 0),
    }))
    .sort((a, b) => a.rank - b.rank || b.pushed - a.pushed || (a.image.imageDigest < b.image.imageDigest ? -1 : 1))
    .map(({ image }) => image);
}

const AGES = { PUSHED: 'since the push', PULLED: 'since the last pull', RESTORED: 'since it was restored', ARCHIVED: 'in the archive' } as const;

/** The rest is said by the list's title and by the care section. */
const SHORT_MARKS: Readonly<Partial<Record<Uncertainty, string>>> = {
  TIE_AT_CUT: 'tie at the cut',
  DAY_BOUNDARY: 'within a day of the limit',
  ACTIVATING: 'being restored',
  INDEX_GOES_FIRST: 'which goes first',
};

/** Why the rule took an image, in a few words. */
export function imageReason({ rules }: Preview): (image: PreviewImage) => string {
  const byPull = pullRules(rules);
  return (image) => why(image, byPull);
}

function pullRules(rules: Preview['rules']): ReadonlySet<number> {
  return new Set(rules.filter(({ countType }) => countType === 'sinceImagePulled').map(({ rulePriority }) => rulePriority));
}

function why(image: PreviewImage, byPull: ReadonlySet<number>): string {
  const marks = (image.uncertain ?? []).flatMap((mark) => SHORT_MARKS[mark] ?? []);
  // A pull rule counts from the push where there is no pull.
  const neverPulled = image.ageFrom === 'PUSHED' && byPull.has(image.rulePriority) ? 'never pulled' : '';
  return [neverPulled, reason(image), ...marks].filter((part) => part !== '').join(', ');
}

function reason({ rank, ageDays, ageFrom, follows, heldBy, why: sentence = '' }: PreviewImage): string {
  if (follows !== undefined) {
    return `goes with ${imageName(follows)}`;
  }
  if (heldBy?.length === 0) {
    return 'held by an index: ECR\'s own preview leaves it';
  }
  if (heldBy !== undefined) {
    const names = heldBy.slice(0, 2).map(imageName);
    return `held by ${andList(heldBy.length > 2 ? [...names, `${heldBy.length - 2} more`] : names)}`;
  }
  if (rank !== undefined) {
    return `${ordinal(rank)} newest`;
  }
  return ageDays === undefined ? sanitise(sentence) : `${days(ageDays)}${ageFrom === undefined ? '' : ` ${AGES[ageFrom]}`}`;
}
