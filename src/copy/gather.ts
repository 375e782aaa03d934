import { checkConfigPlatform } from './config-platform';
import { parallel } from '../lists';
import { ImageSource, Reading, StoredManifest, TaggedReferrer } from './types';
import { sha256Hex } from '../digest';
import { copyError } from '../images/codes';
import { Descriptor, parseManifest } from '../images/manifest';
import { bareType, isManifestType } from '../images/media-types';
import { CopyContent, putOrder } from '../images/plan';
import { Platform } from '../images/platform';
import { isAttestation, ManifestNode, selectPlatforms } from '../images/select-platforms';

/** More than any image has; bounds for what strangers serve. */
const MAX_MANIFESTS = 2_000;
const MAX_MANIFEST_CHARACTERS = 64 * 1_048_576;
const MAX_INDEX_DEPTH = 5;
/** A signature of an SBOM of an image is the third. */
const MAX_REFERRER_DEPTH = 4;
const CONCURRENCY = 6;

export interface Gathered {
  readonly content: CopyContent;
  readonly sourceDigest: string;
}

interface GatherOptions {
  readonly source: ImageSource;
  readonly tags: readonly string[];
  readonly platforms?: readonly Platform[];
  readonly referrers: boolean;
  /** The image that an earlier call began with. */
  readonly digest?: string;
}

/** Reads every manifest that a copy is about. */
export async function gather(reading: Reading, options: GatherOptions): Promise<Gathered> {
  const tree = new Tree(reading, options.source);
  const root = await tree.root(options.digest);
  const chosen = options.platforms === undefined || options.platforms.length === 0 ? root.digest : await tree.select(root, options.platforms);
  await tree.load(chosen, 0);
  const found = options.referrers ? await tree.referrers(chosen) : { referrers: [], referrerTags: [] };
  return { content: { root: chosen, ...found, nodes: tree.nodes, tags: options.tags }, sourceDigest: root.digest };
}

/** Where a walk has been, and how deep. What is listed a thousand times, in each of five levels, is walked a few times only. */
class Walked {
  private readonly depths = new Map<string, number>();

  /** False where nothing new can come of it. */
  public add(digest: string, depth: number): boolean {
    if ((this.depths.get(digest) ?? -1) >= depth) {
      return false;
    }
    this.depths.set(digest, depth);
    return true;
  }
}

class Tree {
  public readonly nodes = new Map<string, ManifestNode>();
  private readonly walked = new Walked();
  /** What manifests are listed as. */
  private readonly listed = new Map<string, string>();
  private characters = 0;

  constructor(private readonly reading: Reading, private readonly source: ImageSource) {}

  public async root(digest: string | undefined): Promise<ManifestNode> {
    const stored = await this.source.manifest(this.reading, digest);
    if (stored === undefined) {
      throw copyError('DD-COPY-020', this.source.name, digest === undefined ? 'The source does not have this image.' : `The source does not have ${digest} any more, with which the copy began.`,
        'Check its name, tag and registry; something may have been deleted.', { value: digest });
    }
    return this.add(stored);
  }

  /** Reads a manifest and everything below it. */
  public async load(digest: string, depth: number, entry?: Descriptor): Promise<void> {
    if (depth > MAX_INDEX_DEPTH) {
      throw copyError('DD-COPY-007', this.source.name, `Indexes list indexes, more than ${MAX_INDEX_DEPTH} deep.`);
    }
    const type = bareType(entry?.mediaType);
    const other = this.nodes.get(digest)?.mediaType ?? this.listed.get(digest) ?? type;
    if (type !== undefined && type !== other) {
      throw copyError('DD-COPY-004', this.source.name, `${digest} is listed as ${type}, and elsewhere as ${other}.`, 'Nobody can say which of the two is meant. Push the image again.', { value: type });
    }
    if (type !== undefined) {
      this.listed.set(digest, type);
    }
    if (!this.walked.add(digest, depth)) {
      return;
    }
    const { manifest } = this.nodes.get(digest) ?? await this.child(digest, entry);
    if (manifest.kind === 'index') {
      await parallel(manifest.manifests, CONCURRENCY, (child) => this.load(child.digest, depth + 1, child));
    }
  }

  /** Digest of what is left when other platforms fall away. */
  public async select(root: ManifestNode, platforms: readonly Platform[]): Promise<string> {
    if (root.manifest.kind === 'image') {
      await checkConfigPlatform(this.reading, this.source, root, platforms);
      return root.digest;
    }
    await this.loadIndexes(root, 0, new Walked());
    const { root: chosen, made } = selectPlatforms(root, this.nodes, platforms, (text) => `sha256:${sha256Hex(text)}`);
    made.forEach((node) => this.nodes.set(node.digest, node));
    return chosen;
  }

  /** Referrers of everything below the root, and theirs in turn. Those of another index than the one that is copied are not among them. */
  public async referrers(root: string): Promise<Pick<CopyContent, 'referrers' | 'referrerTags'>> {
    const referrers = new Map<string, undefined>();
    const referrerTags: { tag: string; digest: string }[] = [];
    let subjects = this.subjectsBelow([root]);
    const seen = new Set(subjects);
    for (let depth = 0; subjects.length > 0; depth += 1) {
      const listed = await parallel(subjects, CONCURRENCY, (subject) => this.source.referrers(this.reading, subject));
      const tagged: readonly TaggedReferrer[] = await this.source.taggedReferrers?.(this.reading, subjects) ?? [];
      const found = [...new Map(listed.flat().map((entry) => [entry.digest, entry])).values()].filter(({ digest }) => !referrers.has(digest));
      if (found.length + tagged.length > 0 && depth >= MAX_REFERRER_DEPTH) {
        throw copyError('DD-COPY-007', this.source.name, `Referrers have referrers, more than ${MAX_REFERRER_DEPTH} deep.`, 'Copy without referrers.');
      }
      await parallel(found, CONCURRENCY, (entry) => this.load(entry.digest, 0, entry));
      for (const { tag, manifest } of tagged) {
        const node = this.nodes.get(manifest.digest) ?? this.add(manifest);
        referrerTags.push({ tag, digest: node.digest });
      }
      await parallel(tagged, CONCURRENCY, ({ manifest }) => this.load(manifest.digest, 0));
      const next = [...found.map(({ digest }) => digest), ...tagged.map(({ manifest }) => manifest.digest)];
      next.forEach((digest) => referrers.set(digest, undefined));
      subjects = this.subjectsBelow(next).filter((digest) => !seen.has(digest));
      subjects.forEach((digest) => seen.add(digest));
    }
    return { referrers: [...referrers.keys()], referrerTags };
  }

  /** What may have referrers: all but buildkit's attestations, which an index lists beside the images that they are about. */
  private subjectsBelow(roots: readonly string[]): string[] {
    const order = putOrder({ root: roots[0], referrers: roots.slice(1), nodes: this.nodes });
    const attestations = new Set(order.flatMap(({ manifest }) => (manifest.kind === 'index' ? manifest.manifests.filter(isAttestation).map(({ digest }) => digest) : [])));
    return order.map(({ digest }) => digest).filter((digest) => !attestations.has(digest));
  }

  private async loadIndexes({ digest, manifest }: ManifestNode, depth: number, walked: Walked): Promise<void> {
    if (manifest.kind !== 'index' || depth > MAX_INDEX_DEPTH || !walked.add(digest, depth)) {
      return;
    }
    await parallel(manifest.manifests.filter((entry) => entry.platform === undefined && !isAttestation(entry)), CONCURRENCY, async (entry) => {
      await this.loadIndexes(this.nodes.get(entry.digest) ?? await this.child(entry.digest, entry), depth + 1, walked);
    });
  }

  private async child(digest: string, entry?: Descriptor): Promise<ManifestNode> {
    if (entry !== undefined && !isManifestType(entry.mediaType)) {
      throw copyError('DD-COPY-005', this.source.name, `An index lists ${digest} of the type ${entry.mediaType}, which ECR does not store.`,
        'A build cache in a registry needs the exporter\'s option image-manifest=true.', { value: entry.mediaType });
    }
    const stored = await this.source.manifest(this.reading, digest);
    if (stored === undefined) {
      throw copyError('DD-COPY-020', this.source.name, `The source does not have the manifest ${digest}, which the image names.`,
        'It is incomplete at the source. If only some platforms are there, name those.', { value: digest });
    }
    return this.add(stored, entry?.mediaType);
  }

  private add({ digest, mediaType, text }: StoredManifest, declared?: string): ManifestNode {
    const manifest = parseManifest(text, declared ?? mediaType, `${this.source.name} ${digest}`);
    const node: ManifestNode = { digest, mediaType: manifest.mediaType, text, manifest };
    this.characters += this.nodes.has(digest) ? 0 : text.length;
    this.nodes.set(digest, node);
    if (this.nodes.size > MAX_MANIFESTS || this.characters > MAX_MANIFEST_CHARACTERS) {
      throw copyError('DD-COPY-007', this.source.name, `The image has more than ${MAX_MANIFESTS} manifests, or more than ${MAX_MANIFEST_CHARACTERS} characters in them.`,
        'Name platforms, or copy without referrers.');
    }
    return node;
  }
}
