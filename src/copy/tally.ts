import { CopyState, CopySummary, UploadState } from './types';
import { CopyPlan } from '../images/plan';

/** Counts what a copy does, over all its calls. */
export class Tally {
  private readonly manifests: string[];
  private readonly tags: string[];
  private readonly referrerTags: string[];
  private readonly replaced: Record<string, string>;
  private readonly moved: { blobs: number; bytes: number; manifests: number };
  private present: CopySummary['present'];

  constructor(private readonly resume: CopyState | undefined) {
    const { put, moved, present } = resume ?? {};
    this.manifests = [...put?.manifests ?? []];
    this.tags = [...put?.tags ?? []];
    this.referrerTags = [...put?.referrerTags ?? []];
    this.replaced = { ...put?.replaced };
    this.moved = { blobs: 0, bytes: 0, manifests: 0, ...moved };
    this.present = present ?? { blobs: 0, bytes: 0, manifests: 0 };
  }

  /** What an earlier call has moved was not there before. */
  public planned({ present }: CopyPlan): void {
    this.present = this.resume?.sourceDigest === undefined ? present : this.present;
  }

  public bytes(bytes: number): void {
    this.moved.bytes += bytes;
  }

  public blob(): void {
    this.moved.blobs += 1;
  }

  public manifest(digest: string): void {
    if (!this.manifests.includes(digest)) {
      this.manifests.push(digest);
      this.moved.manifests += 1;
    }
  }

  /** `before` is what the tag pointed to. */
  public tag(tag: string, kind: 'tags' | 'referrerTags', before: string | undefined): void {
    if (!this[kind].includes(tag)) {
      this[kind].push(tag);
    }
    if (before !== undefined && !(tag in this.replaced)) {
      this.replaced[tag] = before;
    }
  }

  public summary(): CopySummary {
    return {
      put: { manifests: [...this.manifests], tags: [...this.tags], referrerTags: [...this.referrerTags], replaced: { ...this.replaced } },
      moved: { ...this.moved },
      present: this.present,
    };
  }

  public state(sourceDigest: string | undefined, uploads: readonly UploadState[]): CopyState {
    return { formatVersion: 1, ...(sourceDigest === undefined ? {} : { sourceDigest }), uploads, ...this.summary() };
  }
}
