import { ImageGraph, isIndex } from './graph';
import { CleanupInput, CleanupPlan, CleanupSettings, DoomedImage, KeptImage } from './model';
import { protectionOf } from './protect';
import { matchesPattern } from '../../lifecycle/match';
import type { ImageDetail } from '../../lifecycle/model';
import { DAY, epochMillis } from '../../lifecycle/time';

/**
 * Which images go and which stay although they are meant. Pure: deletes nothing, and asks nobody. What is not known (the children of an index whose manifest
 * has not been read) is never taken for free to go; ECR itself refuses to delete an image that an index holds.
 */
export function planCleanup(settings: CleanupSettings, input: CleanupInput): CleanupPlan {
  return new Planner(settings, input).plan();
}

class Planner {
  private readonly graph: ImageGraph;
  private readonly doomed = new Map<string, DoomedImage>();
  private readonly kept = new Map<string, KeptImage>();
  private readonly missing = new Set<string>();

  constructor(private readonly settings: CleanupSettings, private readonly input: CleanupInput) {
    this.graph = new ImageGraph(input);
  }

  public plan(): CleanupPlan {
    this.settings.selections.forEach((selection) => {
      switch (selection.kind) {
        case 'untagged': return this.untagged(selection.olderThanDays);
        case 'tagged': return this.tagged(selection);
        case 'digests': return this.digests(selection.digests ?? []);
      }
    });
    this.keepWhatIndexesNeed();
    this.follow();
    return {
      imageCount: this.input.images.length,
      doomed: [...this.doomed.values()],
      kept: [...this.kept.values()],
      missing: [...this.missing],
      unread: [...this.doomed.values()].filter(({ image }) => isIndex(image) && !this.input.children.has(image.imageDigest)).map(({ image }) => image.imageDigest),
    };
  }

  private untagged(olderThanDays: number | undefined): void {
    for (const image of this.input.images) {
      // Signatures and SBOMs have no tags either.
      if ((image.imageTags ?? []).length === 0 && this.graph.subjectOf(image) === undefined && this.isOlder(image, olderThanDays)) {
        this.mean(image);
      }
    }
  }

  private tagged({ tagPatterns = [], olderThanDays, keepLatest = 0 }: CleanupSettings['selections'][number]): void {
    const matches = (tag: string) => tagPatterns.some((pattern) => matchesPattern(pattern, tag));
    const some = this.input.images.filter((image) => this.graph.subjectOf(image) === undefined && (image.imageTags ?? []).some(matches)).sort(youngestFirst);
    for (const image of some.slice(keepLatest)) {
      if (!this.isOlder(image, olderThanDays)) {
        continue;
      }
      const other = (image.imageTags ?? []).find((tag) => !matches(tag));
      if (other === undefined) {
        this.mean(image);
      } else {
        this.keep(image, 'OTHER_TAGS', `it has the tag ${other}, too`);
      }
    }
  }

  private digests(digests: readonly string[]): void {
    for (const digest of digests) {
      const image = this.graph.byDigest.get(digest);
      if (image === undefined) {
        this.missing.add(digest);
      } else {
        this.mean(image);
      }
    }
  }

  /** Without a push time that can be read, an image is never old enough. */
  private isOlder(image: ImageDetail, days: number | undefined): boolean {
    return days === undefined || epochMillis(this.input.now) - epochMillis(image.imagePushedAt) > days * DAY;
  }

  private mean(image: ImageDetail): void {
    const protection = protectionOf(image, this.settings, this.input);
    if (protection !== undefined) {
      this.keep(image, protection.why, protection.detail);
    } else {
      this.kept.delete(image.imageDigest);
      this.doomed.set(image.imageDigest, { image, role: 'selected' });
    }
  }

  private keep(image: ImageDetail, why: KeptImage['why'], detail: string): void {
    if (!this.doomed.has(image.imageDigest) || why !== 'OTHER_TAGS') {
      this.doomed.delete(image.imageDigest);
      this.kept.set(image.imageDigest, { image, why, detail });
    }
  }

  /** An index that lists a protected image stays, and what an index that stays lists stays: until nothing changes any more. */
  private keepWhatIndexesNeed(): void {
    for (let changed = true; changed;) {
      changed = false;
      for (const { image } of [...this.doomed.values()]) {
        const { imageDigest } = image;
        const child = this.graph.childrenOf(imageDigest)?.find((one) => this.stays(one));
        const parent = this.graph.parentsOf(imageDigest).find((one) => !this.doomed.has(one));
        if (child !== undefined) {
          this.keep(image, 'HOLDS_PROTECTED', `it lists ${child.imageDigest}, which stays`);
          changed = true;
        } else if (parent !== undefined && !this.becomesFree(parent)) {
          this.keep(image, 'HELD_BY_INDEX', `${parent} lists it`);
          changed = true;
        }
      }
    }
  }

  /** Whether an image is protected, or is an index that has to stay because of what it lists. */
  private stays(image: ImageDetail): boolean {
    const why = this.kept.get(image.imageDigest)?.why;
    return protectionOf(image, this.settings, this.input) !== undefined || why === 'HOLDS_PROTECTED';
  }

  /** Whether an index that is not meant itself goes with one that is. */
  private becomesFree(index: string, below: ReadonlySet<string> = new Set()): boolean {
    const image = this.graph.byDigest.get(index);
    const parents = this.graph.parentsOf(index);
    return image !== undefined && (image.imageTags ?? []).length === 0 && parents.length > 0 && !this.stays(image) && !below.has(index)
      && parents.every((parent) => this.doomed.has(parent) || this.becomesFree(parent, new Set([...below, index])));
  }

  /** Images of an index and what is about an image go with it. */
  private follow(): void {
    const queue = [...this.doomed.keys()];
    for (let digest = queue.shift(); digest !== undefined; digest = queue.shift()) {
      for (const child of this.graph.childrenOf(digest) ?? []) {
        const isFree = (child.imageTags ?? []).length === 0 && this.graph.parentsOf(child.imageDigest).every((parent) => this.doomed.has(parent));
        if (isFree && this.add(child, 'child', digest)) {
          queue.push(child.imageDigest);
        }
      }
      for (const referrer of this.graph.referrersOf(digest)) {
        if (this.graph.parentsOf(referrer.imageDigest).every((parent) => this.doomed.has(parent)) && this.add(referrer, 'referrer', digest)) {
          queue.push(referrer.imageDigest);
        }
      }
    }
  }

  private add(image: ImageDetail, role: 'child' | 'referrer', follows: string): boolean {
    if (this.doomed.has(image.imageDigest) || this.kept.has(image.imageDigest)) {
      return false;
    }
    const protection = protectionOf(image, this.settings, this.input);
    if (protection !== undefined) {
      this.keep(image, protection.why, protection.detail);
      return false;
    }
    this.doomed.set(image.imageDigest, { image, role, follows });
    return true;
  }
}

function youngestFirst(a: ImageDetail, b: ImageDetail): number {
  return epochMillis(b.imagePushedAt) - epochMillis(a.imagePushedAt) || (a.imageDigest < b.imageDigest ? -1 : 1);
}
