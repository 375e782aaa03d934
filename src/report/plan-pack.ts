import { packInventory, PackedInventory, unpackInventory } from './inventory-pack';
import { LifecyclePlan, Plan, PlanImage, RepositoryPlan } from './plan';

/**
 * A plan for a page that carries the evaluator: what the page can work out by itself is left out, and the inventory is put into columns, so that ten thousand
 * images take hundreds of kilobytes and not ten megabytes.
 */
export interface PackedPlan extends Omit<Plan, 'repositories'> {
  readonly repositories: readonly PackedRepository[];
}

export interface PackedRepository extends Omit<RepositoryPlan, 'lifecycle'> {
  readonly lifecycle?: PackedLifecycle;
}

export interface PackedLifecycle extends Omit<LifecyclePlan, 'inventory'> {
  readonly packed?: PackedInventory;
  /** Place in the inventory -> who runs the image. */
  readonly inUse?: readonly (readonly [number, readonly string[]])[];
}

export interface PageLifecycle extends LifecyclePlan {
  /** Digest -> who runs the image. */
  readonly inUse: ReadonlyMap<string, readonly string[]>;
}

export interface PageRepository extends RepositoryPlan {
  readonly lifecycle?: PageLifecycle;
}

export interface PagePlan extends Plan {
  readonly repositories: readonly PageRepository[];
}

export function packPlan(plan: Plan): PackedPlan {
  return { ...plan, repositories: plan.repositories.map(({ lifecycle, ...rest }) => ({ ...rest, ...(lifecycle && { lifecycle: packLifecycle(lifecycle) }) })) };
}

function packLifecycle({ inventory, images, ...lifecycle }: LifecyclePlan): PackedLifecycle {
  const { preview } = lifecycle;
  if (inventory === undefined) {
    return { ...lifecycle, ...(images && { images }) };
  }
  const places = new Map(inventory.imageDetails.map(({ imageDigest }, i) => [imageDigest, i]));
  const used = (images ?? []).flatMap(({ imageDigest, inUseBy }): [number, readonly string[]][] => inUseBy && places.has(imageDigest) ? [[places.get(imageDigest)!, inUseBy]] : []);
  return {
    ...lifecycle,
    // The page evaluates, and has these again.
    ...(preview && { preview: { ...preview, images: [] } }),
    packed: packInventory(inventory),
    ...(used.length > 0 && { inUse: used }),
  };
}

export function unpackPlan(packed: PackedPlan): PagePlan {
  return { ...packed, repositories: packed.repositories.map(({ lifecycle, ...rest }) => ({ ...rest, ...(lifecycle && { lifecycle: unpackLifecycle(lifecycle) }) })) };
}

function unpackLifecycle({ packed, inUse = [], ...lifecycle }: PackedLifecycle): PageLifecycle {
  const inventory = packed && unpackInventory(packed);
  const named = (lifecycle.images ?? []).flatMap(({ imageDigest, inUseBy }: PlanImage): [string, readonly string[]][] => inUseBy ? [[imageDigest, inUseBy]] : []);
  return {
    ...lifecycle,
    ...(inventory && { inventory }),
    inUse: new Map([...named, ...inUse.map(([place, who]): [string, readonly string[]] => [inventory!.imageDetails[place].imageDigest, who])]),
  };
}
