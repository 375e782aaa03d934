import { DrydockError, Problem } from '../errors';
import { EmulatorCode } from './codes';
import { readEncryption } from './encryption';
import { storedLifecyclePolicy } from './lifecycle-policy';
import { readInventory } from '../lifecycle/inventory';
import { ImageDetail, Inventory, InventoryRepository } from '../lifecycle/model';
import { DAY } from '../lifecycle/time';
import { InputOf, OPERATIONS } from './model/operations';
import { validateInput } from './model/validate';
import { readMutability } from './mutability';
import { Settings } from './options';
import { Change, ImageRecord, RepositoryRecord } from './registry/records';
import { RegistryIdentity, repositoryArn } from './registry/registry';
import { storedRepositoryPolicy } from './repository-policy';
import { mergeTags } from './resource-tags';
import { millisecondsOf } from './time';

/** The account that every part of a seed names, if there is one. */
export function accountOf(seed: Inventory | undefined): string | undefined {
  const ids = new Set([...seed?.repositories ?? [], ...seed?.imageDetails ?? []].map(({ registryId }) => registryId));
  ids.delete(undefined);
  const [only] = ids;
  return ids.size === 1 && /^[0-9]{12}$/.test(only!) ? only : undefined;
}

/**
 * An inventory as the changes that make a registry of it. Repositories are those it lists and those its images name. Whatever account
 * it was taken from, the registry is the emulator's own. Throws one DrydockError with every problem.
 */
export function seedChanges(seed: Inventory, registry: RegistryIdentity, settings: Settings, now: number): Change[] {
  const inventory = readInventory(seed);
  const problems: Problem[] = [];
  const repositories = new Map<string, Change>();
  (inventory.repositories ?? []).forEach((repository, i) => {
    const pointer = `/repositories/${i}`;
    if (repositories.has(repository.repositoryName)) {
      problems.push(contradiction(pointer, repository.repositoryName, `The repository ${repository.repositoryName} is listed twice.`));
      return;
    }
    const record = attempt(problems, 'DD-EMULATOR-007', pointer, repository.repositoryName, () => recordOf(repository, registry, settings, now));
    const policies = {
      ...policyOf(problems, repository, 'lifecyclePolicyText', 'DD-EMULATOR-008', pointer, (text) =>
        ({ lifecycle: { text: storedLifecyclePolicy(text), nextRunAt: now + DAY } })),
      ...policyOf(problems, repository, 'repositoryPolicyText', 'DD-EMULATOR-009', pointer, (text) =>
        ({ repositoryPolicyText: storedRepositoryPolicy(text, repositoryArn(registry, repository.repositoryName)) })),
    };
    if (record) {
      repositories.set(repository.repositoryName, { kind: 'repository', record: { ...record, ...policies } });
    }
  });

  const only = repositories.size === 1 ? [...repositories.keys()][0] : undefined;
  const tags = new Map<string, string>();
  const images: Change[] = [];
  inventory.imageDetails.forEach((image, i) => {
    const pointer = `/imageDetails/${i}`;
    const repositoryName = image.repositoryName ?? only;
    if (repositoryName === undefined) {
      problems.push(contradiction(pointer, image.imageDigest, `The image ${image.imageDigest} does not say in which repository it is.`,
        'Give every image a repositoryName, or list exactly one repository under `repositories`.'));
      return;
    }
    for (const tag of image.imageTags ?? []) {
      const key = `${repositoryName}\n${tag}`;
      const other = tags.get(key);
      if (other !== undefined) {
        problems.push(contradiction(pointer, tag, `The tag ${tag} is on two images of ${repositoryName}: ${other} and ${image.imageDigest}.`));
      }
      tags.set(key, image.imageDigest);
    }
    if (!repositories.has(repositoryName)) {
      const record = attempt(problems, 'DD-EMULATOR-007', pointer, repositoryName, () => recordOf({ repositoryName }, registry, settings, now));
      // A refused name is refused once, not once an image.
      repositories.set(repositoryName, { kind: 'repository', record: record ?? plain(repositoryName, now) });
    }
    const children = inventory.manifestChildren && Object.hasOwn(inventory.manifestChildren, image.imageDigest)
      ? inventory.manifestChildren[image.imageDigest] : undefined;
    images.push({ kind: 'image', repositoryName, image: imageOf(image, children, now + settings.restoreMs) });
  });
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: 'The emulator cannot be seeded:' });
  }
  return [...repositories.values(), ...images];
}

/** What CreateRepository would refuse is no repository. */
function recordOf(repository: InventoryRepository, registry: RegistryIdentity, settings: Settings, now: number): RepositoryRecord {
  const { registryId: _, ...wanted } = repository;
  const input = validateInput(OPERATIONS.CreateRepository, wanted) as InputOf<'CreateRepository'>;
  return {
    repositoryName: input.repositoryName,
    createdAt: repository.createdAt === undefined ? now : millisecondsOf(repository.createdAt),
    ...readMutability(input.imageTagMutability ?? 'MUTABLE', input.imageTagMutabilityExclusionFilters),
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryptionConfiguration: readEncryption(registry, input.encryptionConfiguration),
    tags: mergeTags([], input.tags ?? [], settings.quotas.tagsPerRepository),
  };
}

function plain(repositoryName: string, now: number): RepositoryRecord {
  return { repositoryName, createdAt: now, imageTagMutability: 'MUTABLE', scanOnPush: false, encryptionConfiguration: { encryptionType: 'AES256' }, tags: [] };
}

function imageOf(image: ImageDetail, children: readonly string[] | undefined, activatesAt: number): ImageRecord {
  const time = (name: 'lastRecordedPullTime' | 'lastArchivedAt' | 'lastActivatedAt') =>
    image[name] === undefined ? {} : { [name]: millisecondsOf(image[name]) };
  const text = (name: 'imageManifestMediaType' | 'artifactMediaType' | 'subjectManifestDigest') =>
    image[name] === undefined ? {} : { [name]: image[name] };
  return {
    imageDigest: image.imageDigest,
    imageTags: [...new Set(image.imageTags ?? [])],
    ...(image.imageSizeInBytes !== undefined && { imageSizeInBytes: image.imageSizeInBytes }),
    imagePushedAt: millisecondsOf(image.imagePushedAt),
    ...text('imageManifestMediaType'),
    ...text('artifactMediaType'),
    ...time('lastRecordedPullTime'),
    ...text('subjectManifestDigest'),
    imageStatus: image.imageStatus ?? 'ACTIVE',
    ...time('lastArchivedAt'),
    ...time('lastActivatedAt'),
    ...(image.imageStatus === 'ACTIVATING' && { activatesAt }),
    ...(children && { children }),
  };
}

function policyOf<T extends object>(
  problems: Problem[], repository: InventoryRepository, member: 'lifecyclePolicyText' | 'repositoryPolicyText',
  code: EmulatorCode, pointer: string, read: (text: string) => T,
): T | undefined {
  const text = repository[member];
  return text === undefined ? undefined : attempt(problems, code, `${pointer}/${member}`, text, () => read(text));
}

function attempt<T>(problems: Problem[], code: EmulatorCode, pointer: string, value: unknown, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    problems.push({ code, pointer, value, message: (error as Error).message });
    return undefined;
  }
}

function contradiction(pointer: string, value: unknown, message: string, fix?: string): Problem {
  return { code: 'DD-EMULATOR-006', pointer, value, message, ...(fix !== undefined && { fix }) };
}
