import { Descriptor } from './manifest';
import { byteLength, ManifestNode } from './select-platforms';

/** Everything that a copy is about. `nodes` holds every manifest below the roots. */
export interface CopyContent {
  /** The image itself. */
  readonly root: string;
  /** Manifests that belong to others of this copy: each after its subject, in the order of their finding. */
  readonly referrers: readonly string[];
  /** Tags by which some of the referrers are found. */
  readonly referrerTags: readonly { readonly tag: string; readonly digest: string }[];
  readonly nodes: ReadonlyMap<string, ManifestNode>;
  readonly tags: readonly string[];
}

/** What the destination has. */
export interface Presence {
  readonly manifests: ReadonlySet<string>;
  readonly blobs: ReadonlySet<string>;
  /** Digest that a tag points to. */
  readonly tags: ReadonlyMap<string, string>;
}

export interface CopyPlan {
  /** Each once, the largest first: what takes longest begins first. */
  readonly blobs: readonly Descriptor[];
  /** In an order in which each finds what it names. */
  readonly manifests: readonly ManifestNode[];
  /** After all manifests; those of referrers before those of the image. */
  readonly referrerTags: readonly { readonly tag: string; readonly digest: string }[];
  readonly tags: readonly string[];
  readonly bytes: number;
  readonly present: { readonly blobs: number; readonly bytes: number; readonly manifests: number };
}

/** Manifests from the leaves to the roots, each once: children before the index that lists them, subjects before their referrers. */
export function putOrder({ root, referrers, nodes }: Pick<CopyContent, 'root' | 'referrers' | 'nodes'>): ManifestNode[] {
  const order = new Map<string, ManifestNode>();
  const visit = (digest: string): void => {
    const node = nodes.get(digest);
    if (node === undefined || order.has(digest)) {
      return;
    }
    if (node.manifest.kind === 'index') {
      node.manifest.manifests.forEach((entry) => visit(entry.digest));
    }
    order.set(digest, node);
  };
  [root, ...referrers].forEach(visit);
  return [...order.values()];
}

/** Config and layers of a manifest that a registry holds; layers that are kept elsewhere are not among them. */
export function blobsOf({ manifest }: ManifestNode): Descriptor[] {
  return manifest.kind === 'index' ? [] : [manifest.config, ...manifest.layers.filter((layer) => !layer.foreign)];
}

/** Blobs of these manifests, each once. */
export function uniqueBlobs(nodes: Iterable<ManifestNode>): Descriptor[] {
  const found = new Map<string, Descriptor>();
  for (const node of nodes) {
    for (const blob of blobsOf(node)) {
      if (!found.has(blob.digest)) {
        found.set(blob.digest, blob);
      }
    }
  }
  return [...found.values()];
}

/** What is there already, what must move, and in which order. */
export function planCopy(content: CopyContent, present: Presence): CopyPlan {
  const order = putOrder(content);
  const manifests = order.filter((node) => !present.manifests.has(node.digest));
  const needed = uniqueBlobs(order);
  const wanted = new Set(uniqueBlobs(manifests).map(({ digest }) => digest));
  // What an image that is there needs is there too: ECR lets no layer go that an image has.
  const moves = needed.filter(({ digest }) => wanted.has(digest) && !present.blobs.has(digest));
  const blobs = moves.map((blob, i) => ({ blob, i })).sort((a, b) => b.blob.size - a.blob.size || a.i - b.i).map(({ blob }) => blob);
  const sum = (list: readonly Descriptor[]) => list.reduce((total, { size }) => total + size, 0);
  return {
    blobs,
    manifests,
    referrerTags: content.referrerTags.filter(({ tag, digest }) => present.tags.get(tag) !== digest),
    tags: content.tags.filter((tag) => present.tags.get(tag) !== content.root),
    bytes: sum(blobs),
    present: { blobs: needed.length - blobs.length, bytes: sum(needed) - sum(blobs), manifests: order.length - manifests.length },
  };
}

/** Bytes of an image: its manifests and blobs, each once. */
export function sizeOf(root: string, nodes: ReadonlyMap<string, ManifestNode>): number {
  const order = putOrder({ root, referrers: [], nodes });
  return order.reduce((total, { text }) => total + byteLength(text), 0) + uniqueBlobs(order).reduce((total, { size }) => total + size, 0);
}
