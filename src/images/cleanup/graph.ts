import type { ImageDetail } from '../../lifecycle/model';
import { isIndexType } from '../media-types';
import { CleanupInput } from './model';

/** How clients without the referrers API name what is about an image. @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
const REFERRER_TAG = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/;

/** What holds what, as far as it is known. */
export class ImageGraph {
  public readonly byDigest: ReadonlyMap<string, ImageDetail>;
  private readonly parents = new Map<string, string[]>();
  private readonly about = new Map<string, ImageDetail[]>();

  constructor(private readonly input: CleanupInput) {
    this.byDigest = new Map(input.images.map((image) => [image.imageDigest, image]));
    for (const [parent, children] of input.children) {
      if (this.byDigest.has(parent)) {
        children.forEach((child) => push(this.parents, child, parent));
      }
    }
    for (const image of input.images) {
      const subject = this.subjectOf(image);
      if (subject !== undefined) {
        push(this.about, subject, image);
      }
    }
  }

  /** The image of the repository that this one is about: it follows that one, whatever its own age and tags. */
  public subjectOf(image: ImageDetail): string | undefined {
    const tags = image.imageTags ?? [];
    const named = tags.length > 0 && tags.every((tag) => REFERRER_TAG.test(tag)) ? `sha256:${REFERRER_TAG.exec(tags[0])![1]}` : undefined;
    const subject = image.subjectManifestDigest ?? named;
    return subject !== undefined && subject !== image.imageDigest && this.byDigest.has(subject) ? subject : undefined;
  }

  public referrersOf(digest: string): readonly ImageDetail[] {
    return this.about.get(digest) ?? [];
  }

  /** Known parents in this repository. */
  public parentsOf(digest: string): readonly string[] {
    return this.parents.get(digest) ?? [];
  }

  /** Those of its children that are in the repository; undefined while its manifest has not been read. */
  public childrenOf(digest: string): readonly ImageDetail[] | undefined {
    return this.input.children.get(digest)?.flatMap((child) => this.byDigest.get(child) ?? []);
  }
}

export function isIndex({ imageManifestMediaType }: ImageDetail): boolean {
  return isIndexType(imageManifestMediaType);
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) {
    map.set(key, [value]);
  } else {
    list.push(value);
  }
}
