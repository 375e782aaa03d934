import { Environment } from './deployed';
import { Problem } from '../errors';
import { imagesOf } from '../lifecycle/inventory';
import { ActionType, ImageDetail, Inventory, InventoryRepository } from '../lifecycle/model';
import { RegistryState, RepositoryState } from '../lifecycle/registry-state';

/** Where repositories of one account and Region are looked up: a registry, or what an inventory says of it. */
export interface RegistrySource {
  readonly state: RegistryState;
  /** Whether a repository that is not found surely does not exist. */
  readonly complete: boolean;
  /** The registry's time, milliseconds since 1970. */
  now(): number;
  /** What the registry itself says that a policy would do. */
  previewPolicy?(repositoryName: string, lifecyclePolicyText: string): Promise<readonly RegistryAction[]>;
}

export interface RegistryAction {
  readonly imageDigest: string;
  readonly action: ActionType;
  readonly appliedRulePriority: number;
}

/** An inventory as a registry. Images that name no repository belong to every repository that is asked for. */
export class InventoryState implements RegistryState {
  private readonly images = new Map<string, ImageDetail[]>();
  private readonly settings: ReadonlyMap<string, InventoryRepository>;
  private readonly anonymous: boolean;

  constructor(private readonly inventory: Inventory) {
    this.settings = new Map((inventory.repositories ?? []).map((repository) => [repository.repositoryName, repository]));
    this.anonymous = inventory.imageDetails.length > 0 && inventory.imageDetails.every((image) => image.repositoryName === undefined);
    for (const image of inventory.imageDetails) {
      const list = this.images.get(image.repositoryName ?? '');
      if (list === undefined) {
        this.images.set(image.repositoryName ?? '', [image]);
      } else {
        list.push(image);
      }
    }
  }

  public async names(): Promise<readonly string[]> {
    return [...new Set([...this.settings.keys(), ...this.images.keys()])].filter((name) => name !== '').sort();
  }

  public async repository(repositoryName: string): Promise<RepositoryState | undefined> {
    const settings = this.settings.get(repositoryName);
    const imageDetails = this.images.get(this.anonymous ? '' : repositoryName);
    if (settings === undefined && imageDetails === undefined) {
      return undefined;
    }
    const { lifecyclePolicyText, repositoryPolicyText, unread, createdAt, ...rest }: InventoryRepository = settings ?? { repositoryName };
    const { manifestChildren } = this.inventory;
    const own = { imageDetails: imageDetails ?? [], ...(manifestChildren && { manifestChildren }) };
    return {
      settings: {
        ...rest,
        ...(createdAt !== undefined && { createdAt: createdAt instanceof Date ? createdAt.toISOString() : createdAt }),
        ...(rest.registryId === undefined && imageDetails?.[0]?.registryId !== undefined && { registryId: imageDetails[0].registryId }),
      },
      ...(lifecyclePolicyText !== undefined && { lifecyclePolicyText }),
      ...(repositoryPolicyText !== undefined && { repositoryPolicyText }),
      ...(!unread?.includes('imageDetails') && { inventory: manifestChildren === undefined || this.images.size <= 1 ? own : imagesOf(own, repositoryName) }),
      ...(unread && { problems: unread.map((member) => notRead(repositoryName, member)) }),
    };
  }
}

function notRead(repositoryName: string, member: string): Problem {
  return {
    code: 'DD-SURVEY-101', pointer: `${repositoryName}/${member}`, message: `${member} of ${repositoryName} could not be read when the snapshot was taken.`, fix: 'Take the snapshot again with the permissions of docs/snapshot.md.',
  };
}

/** Where a repository is, by what it says of itself. */
export function environmentOf({ settings }: RepositoryState): Environment {
  const [, region, account] = /^arn:[^:]*:ecr:([^:]+):(\d{12}):/.exec(settings.repositoryArn ?? '') ?? [];
  return { ...(region && { region }), ...((account || settings.registryId) && { account: account || settings.registryId }) };
}
