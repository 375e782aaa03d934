import { Inventory } from './model';
import { isDigest } from '../images/digest';
import { parseEcrHost } from '../images/ecr-uri';
import { isLoopbackRegistry, parseReference } from '../images/reference';

/** An image that runs somewhere, as whatever runs it names it. */
export interface InUseReference {
  /** An image URI with a tag, a digest, both or neither; or a digest alone. */
  readonly reference: string;
  /** `ECS service prod/api`. */
  readonly by: string;
}

/**
 * Who uses the images of one or more repositories, by digest. `repositoryUris` are the repositories that the inventory is of, as ECR gives their URIs;
 * a name alone stands for a repository of that name in any registry of ECR. A reference to another registry, Docker Hub's among them, is no use of an
 * image here, were it the same bytes.
 *
 * An index in use is in use with everything that it lists; a manifest that is in use by its digest is so together with the indexes that list it.
 */
export function inUseBy(inventory: Inventory, repositoryUris: string | readonly string[], references: readonly InUseReference[]): Map<string, string[]> {
  const lookup = new Lookup(inventory, typeof repositoryUris === 'string' ? [repositoryUris] : repositoryUris);
  const users = new Map<string, Set<string>>();
  const mark = (digest: string, by: string) => users.set(digest, (users.get(digest) ?? new Set()).add(by));
  for (const { reference, by } of references) {
    for (const digest of lookup.digestsOf(reference)) {
      [digest, ...lookup.parentsOf(digest), ...lookup.partsOf(digest)].forEach((one) => mark(one, by));
    }
  }
  return new Map([...users].map(([digest, by]) => [digest, [...by].sort()]));
}

/** A repository as references name it; undefined stands for any. */
interface Place {
  readonly registryId?: string;
  readonly region?: string;
  readonly repositoryName: string;
}

class Lookup {
  private readonly byTag = new Map<string, string>();
  private readonly byDigest = new Map<string, Set<string>>();
  private readonly parents = new Map<string, string[]>();
  private readonly places: readonly Place[];
  private readonly only: string | undefined;

  constructor(private readonly inventory: Inventory, repositoryUris: readonly string[]) {
    this.places = repositoryUris.flatMap((uri) => placeOf(uri) ?? []);
    this.only = this.places.length === 1 ? this.places[0].repositoryName : undefined;
    for (const { repositoryName = this.only ?? '', imageDigest, imageTags = [] } of inventory.imageDetails) {
      imageTags.forEach((tag) => this.byTag.set(`${repositoryName}\n${tag}`, imageDigest));
      const repositories = this.byDigest.get(imageDigest) ?? new Set();
      this.byDigest.set(imageDigest, repositories.add(repositoryName));
    }
    for (const [index, parts] of Object.entries(inventory.manifestChildren ?? {})) {
      parts.forEach((part) => this.parents.set(part, [...this.parents.get(part) ?? [], index]));
    }
  }

  /** The images that a reference means: none or one, in each repository that it fits. */
  public digestsOf(reference: string): string[] {
    if (isDigest(reference)) {
      return this.byDigest.has(reference) ? [reference] : [];
    }
    const named = referenceTo(reference);
    if (named === undefined) {
      return [];
    }
    const { place, tag, digest } = named;
    return this.places.filter((own) => fits(own, place)).flatMap(({ repositoryName }) => {
      const found = digest ?? this.byTag.get(`${repositoryName}\n${tag}`);
      return found !== undefined && this.byDigest.get(found)?.has(repositoryName) ? [found] : [];
    });
  }

  /** What an index lists, and what that lists. */
  public partsOf(index: string, seen = new Set<string>()): Set<string> {
    const { manifestChildren = {} } = this.inventory;
    for (const part of Object.hasOwn(manifestChildren, index) ? manifestChildren[index] : []) {
      if (!seen.has(part)) {
        seen.add(part);
        this.partsOf(part, seen);
      }
    }
    return seen;
  }

  /** Indexes that list the digest, and those that list them. */
  public parentsOf(digest: string, seen = new Set<string>()): Set<string> {
    for (const parent of this.parents.get(digest) ?? []) {
      if (!seen.has(parent)) {
        seen.add(parent);
        this.parentsOf(parent, seen);
      }
    }
    return seen;
  }
}

/** Whether a reference names the repository, whatever image of it. */
export function isReferenceTo(reference: string, repositoryUri: string): boolean {
  const [own, named] = [placeOf(repositoryUri), referenceTo(reference)];
  return own !== undefined && named !== undefined && fits(own, named.place);
}

/** Undefined for what is not in a registry of ECR or on this machine. */
function referenceTo(text: string): { readonly place: Place; readonly tag?: string; readonly digest?: string } | undefined {
  try {
    const { registry, repository, tag, digest } = parseReference(text.replace(/^docker-pullable:\/\//, ''));
    const host = parseEcrHost(registry);
    const place = host ? { ...host, repositoryName: repository } : isLoopbackRegistry(registry) ? { repositoryName: repository } : undefined;
    return place && { place, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
  } catch {
    return undefined;
  }
}

/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web`, or `shop/web`. */
function placeOf(uri: string): Place | undefined {
  const slash = uri.indexOf('/');
  const host = slash < 0 ? undefined : parseEcrHost(uri.slice(0, slash));
  if (host) {
    return { ...host, repositoryName: uri.slice(slash + 1) };
  }
  return slash > 0 && isLoopbackRegistry(uri.slice(0, slash)) ? { repositoryName: uri.slice(slash + 1) } : { repositoryName: uri };
}

function fits(own: Place, other: Place): boolean {
  const same = (a: string | undefined, b: string | undefined) => a === undefined || b === undefined || a === b;
  return own.repositoryName === other.repositoryName && same(own.registryId, other.registryId) && same(own.region, other.region);
}
