import { Block, heading, line, table } from './blocks';
import { count, number } from './format';
import { sanitise } from './sanitise';
import { Inventory, InventoryRepository } from '../lifecycle/model';

/** The repositories of a registry, one row each. */
export function registryReport(inventory: Inventory): Block[] {
  const images = new Map<string, number>();
  for (const { repositoryName = '' } of inventory.imageDetails) {
    images.set(repositoryName, (images.get(repositoryName) ?? 0) + 1);
  }
  const repositories = [...inventory.repositories ?? []].sort((a, b) => (a.repositoryName < b.repositoryName ? -1 : 1));
  if (repositories.length === 0) {
    return [heading('The registry is empty now')];
  }
  return [heading(`The registry now: ${count(repositories.length, 'repository', 'repositories')}`), table(
    [{ title: 'repository', wide: true }, { title: 'images', right: true }, { title: 'lifecycle policy' }, { title: 'repository policy' }, { title: 'tags are', wide: true }],
    repositories.map((repository) => ({
      cells: [
        sanitise(repository.repositoryName), number(images.get(repository.repositoryName) ?? 0),
        parts(repository.lifecyclePolicyText, 'rules', 'rule'), parts(repository.repositoryPolicyText, 'Statement', 'statement'), mutability(repository),
      ],
    })),
  )];
}

function parts(text: string | undefined, member: string, noun: string): string {
  if (text === undefined) {
    return 'none';
  }
  try {
    const list = (JSON.parse(text) as Record<string, unknown>)[member];
    return count(Array.isArray(list) ? list.length : 1, noun);
  } catch {
    return 'unreadable';
  }
}

function mutability({ imageTagMutability = 'MUTABLE' }: InventoryRepository): string {
  return imageTagMutability.toLowerCase().replace(/_/g, ' ');
}

/** What differs between two states of a registry; nothing when they are the same to the letter. `ignoredTag`: tags of repositories that do not count. */
export function registryChanges(before: Inventory, after: Inventory, ignoredTag: (key: string) => boolean = () => false): string[] {
  const was = statesOf(before, ignoredTag);
  const is = statesOf(after, ignoredTag);
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((name) => {
    const [old, now] = [was.get(name), is.get(name)];
    return old === undefined ? [`${name}: new`] : now === undefined ? [`${name}: gone`] : differences(old, now).map((what) => `${name}: ${what}`);
  });
}

export function changesReport(changes: readonly string[]): Block[] {
  return changes.length === 0
    ? [line('The registry is exactly what it was before.', 'good')]
    : [line('The registry is not what it was before:', 'bad'), ...changes.map((change) => line(`  ${sanitise(change)}`, 'bad'))];
}

interface RepositoryState {
  readonly settings: ReadonlyMap<string, string>;
  /** Digest -> all that is recorded of the image. */
  readonly images: ReadonlyMap<string, string>;
}

function statesOf({ repositories = [], imageDetails, manifestChildren = {} }: Inventory, ignoredTag: (key: string) => boolean): Map<string, RepositoryState> {
  const images = new Map<string, Map<string, string>>(repositories.map(({ repositoryName }) => [repositoryName, new Map()]));
  for (const image of imageDetails) {
    const name = image.repositoryName ?? '';
    const list = images.get(name) ?? new Map<string, string>();
    list.set(image.imageDigest, canonical({ ...image, children: manifestChildren[image.imageDigest] }));
    images.set(name, list);
  }
  const settings = new Map(repositories.map((repository) => [repository.repositoryName, new Map(Object.entries(repository).map(([key, value]) => [
    key, canonical(key === 'tags' ? (value as InventoryRepository['tags'])?.filter(({ Key }) => !ignoredTag(Key)).sort((a, b) => (a.Key < b.Key ? -1 : 1)) : value),
  ]))]));
  return new Map([...images].map(([name, list]) => [name, { images: list, settings: settings.get(name) ?? new Map<string, string>() }]));
}

function differences(before: RepositoryState, after: RepositoryState): string[] {
  const nothing = canonical([]);
  const keys = [...new Set([...before.settings.keys(), ...after.settings.keys()])].sort();
  const changed = keys.filter((key) => (before.settings.get(key) ?? nothing) !== (after.settings.get(key) ?? nothing)).map((key) => `${key} changed`);
  const gone = [...before.images.keys()].filter((digest) => !after.images.has(digest)).length;
  const fresh = [...after.images.keys()].filter((digest) => !before.images.has(digest)).length;
  const other = [...before.images].filter(([digest, text]) => after.images.has(digest) && after.images.get(digest) !== text).length;
  return [
    ...changed,
    ...(gone > 0 ? [`${count(gone, 'image')} gone`] : []),
    ...(fresh > 0 ? [`${count(fresh, 'image')} new`] : []),
    ...(other > 0 ? [`${count(other, 'image')} changed`] : []),
  ];
}

/** The same text for the same content, whatever the order of the members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => typeof part === 'object' && part !== null && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
    : part) ?? '';
}
