import { ActionType, ImageDetail, Inventory, PolicyDocument, Rule, Timestamp, Uncertainty } from '../../src/lifecycle/model';

/**
 * The rules of evaluation read aloud: sets and sorting, images times rules, nothing shared with the code under test. Slow on purpose.
 */
export interface NaiveVerdict {
  readonly outcome: ActionType | 'KEEP';
  readonly reason: string;
  readonly rulePriority?: number;
  readonly rank?: number;
  readonly selected?: number;
  readonly ageDays?: number;
  readonly heldBy?: readonly string[];
  readonly becauseOf?: string;
  readonly shieldedFrom: readonly number[];
  readonly uncertain: readonly Uncertainty[];
}

const DAY = 24 * 60 * 60 * 1000;

export function naiveEvaluate(policy: PolicyDocument, inventory: Inventory, now: Timestamp): Map<string, NaiveVerdict> {
  const images = inventory.imageDetails;
  const byDigest = new Map(images.map((image) => [image.imageDigest, image]));
  const time = millis(now);

  const selectedBy = new Map(policy.rules.map((rule) => [rule, images.filter((image) => selects(rule, image))]));
  const candidates = new Map(policy.rules.map((rule) => [rule, new Set(due(rule, selectedBy.get(rule)!, time))]));
  const selecting = (image: ImageDetail) => policy.rules
    .filter((rule) => selectedBy.get(rule)!.includes(image))
    .sort((a, b) => a.rulePriority - b.rulePriority);
  const mark = new Map<ImageDetail, ActionType>();
  for (const image of images) {
    const owner = selecting(image)[0];
    if (owner && candidates.get(owner)!.has(image)) {
      mark.set(image, owner.action.type === 'expire' ? 'EXPIRE' : 'TRANSITION');
    }
  }

  const holders = (image: ImageDetail, action: ActionType) => Object.entries(inventory.manifestChildren ?? {})
    .filter(([index, children]) => index !== image.imageDigest && byDigest.has(index) && children.includes(image.imageDigest))
    .filter(([index]) => action === 'EXPIRE' || storageClass(byDigest.get(index)!) === 'standard')
    .map(([index]) => index)
    .sort();
  const held = new Map([...mark].map(([image, action]) => [image, holders(image, action)] as const).filter(([, by]) => by.length > 0));
  const outcome = new Map([...mark].filter(([image]) => !held.has(image)));

  // Referrers: expiring subjects first, then archived ones, until nothing changes.
  const followed = new Map<ImageDetail, ImageDetail>();
  const heldReferrers = new Set<ImageDetail>();
  for (const action of ['EXPIRE', 'TRANSITION'] as const) {
    for (let changed = true; changed;) {
      changed = false;
      for (const image of images) {
        const subject = byDigest.get(image.subjectManifestDigest ?? '');
        const has = outcome.get(image);
        if (!subject || subject === image || outcome.get(subject) !== action || has === 'EXPIRE' || has === action) {
          continue;
        }
        if (action === 'TRANSITION' && storageClass(image) === 'archive') {
          continue;
        }
        if (holders(image, action).length > 0) {
          heldReferrers.add(image);
          continue;
        }
        outcome.set(image, action);
        followed.set(image, subject);
        held.delete(image);
        changed = true;
      }
    }
  }

  // Held images that will be free once what goes has gone: the least set closed under "all my holders go or will be free".
  const later = new Set<ImageDetail>();
  for (let changed = true; changed;) {
    changed = false;
    for (const [image, by] of held) {
      const wanted = mark.get(image)!;
      const freed = (action: ActionType | undefined) => action === 'EXPIRE' || (action === 'TRANSITION' && wanted === 'TRANSITION');
      if (!later.has(image) && by.every((digest) => {
        const index = byDigest.get(digest)!;
        return freed(outcome.get(index)) || (later.has(index) && freed(mark.get(index)));
      })) {
        later.add(image);
        changed = true;
      }
    }
  }

  return new Map(images.map((image) => {
    const rules = selecting(image);
    const owner = rules[0];
    const count = owner?.selection.countType === 'imageCountMoreThan';
    const subject = followed.get(image);
    const order = owner && youngestFirst(selectedBy.get(owner)!);
    const ageDays = owner && !count ? (time - startOfAge(owner, image)!) / DAY : undefined;
    const limit = owner?.selection.countNumber;
    const rank = count ? order!.indexOf(image) + 1 : undefined;
    const uncertain = new Set<Uncertainty>();
    if (count && order!.length > limit! && push(order![limit! - 1]) === push(order![limit!]) && push(image) === push(order![limit!])) {
      uncertain.add('TIE_AT_CUT');
    }
    if (count && rank! > limit! && !image.subjectManifestDigest) {
      const referrersBefore = order!.slice(0, rank! - 1).filter((other) => other.subjectManifestDigest).length;
      if (rank! - referrersBefore <= limit!) {
        uncertain.add('REFERRER_SELECTED');
      }
    }
    if (ageDays !== undefined && Math.abs(ageDays - limit!) < 1) {
      uncertain.add('DAY_BOUNDARY');
      if (owner!.selection.countType === 'sinceImagePulled' && ageDays > limit! && countsFromPull(image)) {
        uncertain.add('PULL_TIME_SLACK');
      }
    }
    if (image.subjectManifestDigest && owner) {
      uncertain.add('REFERRER_SELECTED');
    }
    if (subject || heldReferrers.has(image)) {
      uncertain.add('REFERRER_CASCADE');
    }
    if (held.has(image) || heldReferrers.has(image)) {
      uncertain.add('HELD_BY_INDEX');
    }
    if (later.has(image)) {
      uncertain.add('INDEX_GOES_FIRST');
    }
    if (image.lastActivatedAt && owner && owner.selection.countType !== 'sinceImageTransitioned'
      && !(owner.selection.countType === 'sinceImagePulled' && countsFromPull(image))) {
      uncertain.add('RESTORED_AGE');
    }
    if (image.imageStatus === 'ACTIVATING') {
      uncertain.add('ACTIVATING');
    }
    let root = image;
    while (followed.has(root)) {
      root = followed.get(root)!;
    }
    const verdict: NaiveVerdict = {
      outcome: outcome.get(image) ?? 'KEEP',
      reason: held.has(image) ? 'HELD_BY_INDEX'
        : subject ? 'FOLLOWS_SUBJECT'
          : outcome.has(image) ? 'MARKED' : !owner ? 'NO_RULE' : count ? 'WITHIN_COUNT' : 'WITHIN_AGE',
      rulePriority: subject ? selecting(root)[0].rulePriority : owner?.rulePriority,
      rank: subject ? undefined : rank,
      selected: subject || !count ? undefined : order!.length,
      ageDays: subject ? undefined : ageDays,
      heldBy: held.get(image),
      becauseOf: subject?.imageDigest,
      shieldedFrom: rules.slice(1).map((rule) => rule.rulePriority),
      uncertain: [...uncertain].sort(),
    };
    return [image.imageDigest, verdict];
  }));
}

function storageClass(image: ImageDetail): 'standard' | 'archive' {
  return image.imageStatus === 'ARCHIVED' || image.imageStatus === 'ACTIVATING' ? 'archive' : 'standard';
}

function selects({ selection }: Rule, image: ImageDetail): boolean {
  if ((selection.storageClass ?? 'standard') !== storageClass(image)) {
    return false;
  }
  const tags = image.imageTags ?? [];
  switch (selection.tagStatus) {
    case 'any': return true;
    case 'untagged': return tags.length === 0;
    case 'tagged': {
      const patterns = (selection.tagPatternList ?? []).map((pattern) => new RegExp(`^${pattern.split('*').map(escape).join('[^]*')}$`));
      const prefixes = (selection.tagPrefixList ?? []).map((prefix) => new RegExp(`^${escape(prefix)}`));
      return tags.length > 0 && [...patterns, ...prefixes].every((entry) => tags.some((tag) => entry.test(tag)));
    }
  }
}

function due(rule: Rule, selected: readonly ImageDetail[], now: number): readonly ImageDetail[] {
  const { countType, countNumber } = rule.selection;
  return countType === 'imageCountMoreThan'
    ? youngestFirst(selected).slice(countNumber)
    : selected.filter((image) => now - startOfAge(rule, image)! > countNumber * DAY);
}

function startOfAge({ selection }: Rule, image: ImageDetail): number | undefined {
  switch (selection.countType) {
    case 'sinceImagePushed': return push(image);
    case 'sinceImagePulled': return countsFromPull(image) ? millis(image.lastRecordedPullTime!) : push(image);
    case 'sinceImageTransitioned': return millis(image.lastArchivedAt!);
    default: return undefined;
  }
}

function countsFromPull(image: ImageDetail): boolean {
  return image.lastRecordedPullTime !== undefined
    && !(image.lastActivatedAt !== undefined && millis(image.lastRecordedPullTime) < millis(image.lastActivatedAt));
}

function push(image: ImageDetail): number {
  return millis(image.lastActivatedAt ?? image.imagePushedAt);
}

function youngestFirst(images: readonly ImageDetail[]): ImageDetail[] {
  return [...images].sort((a, b) => push(b) - push(a) || (a.imageDigest < b.imageDigest ? -1 : 1));
}

function millis(time: Timestamp): number {
  return typeof time === 'number' ? time * 1000 : new Date(time).getTime();
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
