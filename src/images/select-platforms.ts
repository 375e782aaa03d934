import { copyError } from './codes';
import { Descriptor, IndexManifest, Manifest } from './manifest';
import { formatPlatform, matchesPlatform, Platform } from './platform';

/** A manifest in a tree: what it says, and the exact text that says so. */
export interface ManifestNode {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
  readonly manifest: Manifest;
}

/** Annotations by which buildkit ties an attestation to the image that it is about. */
const ATTESTS = 'vnd.docker.reference.digest';
const ATTESTATION = 'vnd.docker.reference.type';

/** Whether an entry of an index is an attestation of buildkit, not an image. */
export function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.[ATTESTATION] !== undefined;
}

interface Cut {
  readonly node: ManifestNode;
  readonly images: ReadonlySet<string>;
}

/** Every platform that the images below a manifest are for, as they are written. */
export function platformsOf(root: ManifestNode, nodes: ReadonlyMap<string, ManifestNode>): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (node: ManifestNode | undefined): void => {
    if (node?.manifest.kind === 'index' && !seen.has(node.digest)) {
      seen.add(node.digest);
      for (const entry of node.manifest.manifests.filter((one) => !isAttestation(one))) {
        if (entry.platform) {
          found.add(formatPlatform(entry.platform));
        } else {
          visit(nodes.get(entry.digest));
        }
      }
    }
  };
  visit(root);
  return [...found];
}

/**
 * Cuts an index to platforms. One image that is left stands for itself: services that take no index (Lambda) can use it, and its digest and signatures
 * are those of the source. Of several a new index is made: the same document without the other entries. An attestation stays with its image.
 * The root stays as it is where nothing falls away. Of `nodes`, only indexes are looked at.
 */
export function selectPlatforms(
  root: ManifestNode, nodes: ReadonlyMap<string, ManifestNode>, platforms: readonly Platform[], sha256: (text: string) => string,
): { readonly root: string; readonly made: readonly ManifestNode[] } {
  const unmatched = new Set(platforms);
  const made: ManifestNode[] = [];

  const known = new Map<string, Cut | undefined>();
  // What is listed more than once is cut once.
  const cut = (node: ManifestNode): Cut | undefined => {
    if (!known.has(node.digest)) {
      known.set(node.digest, cutIndex(node));
    }
    return known.get(node.digest);
  };
  const cutIndex = (node: ManifestNode): Cut | undefined => {
    const index = node.manifest as IndexManifest;
    const kept = new Map<number, { digest: string; size?: number }>();
    const images = new Set<string>();
    index.manifests.forEach((entry, i) => {
      if (isAttestation(entry)) {
        return;
      }
      const child = nodes.get(entry.digest);
      if (entry.platform === undefined && child?.manifest.kind === 'index') {
        const below = cut(child);
        if (below) {
          below.images.forEach((image) => images.add(image));
          kept.set(i, { digest: below.node.digest, size: below.node.text === child.text ? undefined : byteLength(below.node.text) });
        }
        return;
      }
      const wanted = platforms.filter((platform) => entry.platform !== undefined && matchesPlatform(platform, entry.platform));
      wanted.forEach((platform) => unmatched.delete(platform));
      if (wanted.length > 0) {
        images.add(entry.digest);
        kept.set(i, { digest: entry.digest });
      }
    });
    index.manifests.forEach((entry, i) => {
      if (isAttestation(entry) && images.has(entry.annotations?.[ATTESTS] ?? '')) {
        kept.set(i, { digest: entry.digest });
      }
    });
    if (images.size === 0) {
      return undefined;
    }
    const whole = index.manifests.every((entry, i) => kept.get(i)?.digest === entry.digest);
    const result = whole ? node : without(node, index, kept, sha256);
    if (!whole) {
      made.push(result);
    }
    return { node: result, images };
  };

  const result = cut(root);
  if (result === undefined || unmatched.size > 0) {
    const has = platformsOf(root, nodes);
    throw copyError('DD-COPY-006', root.digest, `The image is not for ${[...unmatched].map(formatPlatform).join(', ')}.`,
      has.length === 0 ? 'It names no platforms: copy it whole.' : `It is for ${has.join(', ')}.`, { value: [...unmatched].map(formatPlatform) });
  }
  const [only, ...others] = [...result.images];
  return others.length === 0 && platforms.length === 1 ? { root: only, made: [] } : { root: result.node.digest, made };
}

/** The same document with fewer entries. Everything else stays, so that annotations and types are kept. */
function without(node: ManifestNode, index: IndexManifest, kept: ReadonlyMap<number, { digest: string; size?: number }>, sha256: (text: string) => string): ManifestNode {
  const document = JSON.parse(node.text) as { manifests: Record<string, unknown>[] };
  const manifests = document.manifests.flatMap((entry, i) => {
    const keep = kept.get(i);
    return keep === undefined ? [] : [keep.size === undefined ? entry : { ...entry, digest: keep.digest, size: keep.size }];
  });
  const text = JSON.stringify({ ...document, manifests });
  const entries = index.manifests.flatMap((entry, i) => {
    const keep = kept.get(i);
    return keep === undefined ? [] : [{ ...entry, digest: keep.digest, size: keep.size ?? entry.size }];
  });
  return { digest: sha256(text), mediaType: node.mediaType, text, manifest: { ...index, manifests: entries } };
}

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
