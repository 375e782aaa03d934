import type { Inventory } from '../../src/lifecycle/model';

/** What counts of a repository: everything that a user, or somebody else, may have put there. */
export interface RepositoryState {
  readonly mutability: string;
  readonly scan: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Statements as text with sorted members; a policy has no order. */
  readonly statements: readonly string[];
  readonly lifecycle?: string;
  /** Digest -> tags. */
  readonly images: Readonly<Record<string, readonly string[]>>;
}

export type RegistryState = Readonly<Record<string, RepositoryState>>;

/** Tags that handlers write for themselves. */
const BOOKKEEPING = 'cdk-drydock:';

export function stateOf(inventory: Inventory): RegistryState {
  return Object.fromEntries((inventory.repositories ?? []).map((repository) => [repository.repositoryName, {
    mutability: repository.imageTagMutability ?? 'MUTABLE',
    scan: repository.imageScanningConfiguration?.scanOnPush ?? false,
    tags: Object.fromEntries((repository.tags ?? []).filter(({ Key }) => !Key.startsWith(BOOKKEEPING)).map(({ Key, Value }) => [Key, Value])),
    statements: statementsOf(repository.repositoryPolicyText),
    ...(repository.lifecyclePolicyText === undefined ? {} : { lifecycle: sortedText(JSON.parse(repository.lifecyclePolicyText)) }),
    images: Object.fromEntries(inventory.imageDetails.filter(({ repositoryName }) => repositoryName === repository.repositoryName)
      .map(({ imageDigest, imageTags = [] }) => [imageDigest, [...imageTags].sort()])),
  }]));
}

/** Keys of the tags that handlers have written for themselves, by repository. */
export function bookkeepingOf(inventory: Inventory): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries((inventory.repositories ?? []).map(({ repositoryName, tags = [] }) => [
    repositoryName, tags.map(({ Key }) => Key).filter((key) => key.startsWith(BOOKKEEPING)).sort(),
  ]));
}

export function statementsOf(policyText: string | undefined): string[] {
  const { Statement = [] } = policyText === undefined ? {} : JSON.parse(policyText) as { Statement?: object | object[] };
  return (Array.isArray(Statement) ? Statement : [Statement]).map(sortedText).sort();
}

export function sidOf(statement: string): string {
  return (JSON.parse(statement) as { Sid?: string }).Sid ?? '';
}

/** JSON with the members of every object in one order. */
export function sortedText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => typeof member === 'object' && member !== null && !Array.isArray(member)
    ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member);
}

/** Where two states differ, in words; nothing when they do not. */
export function differences(expected: RegistryState, found: RegistryState, ignored: (repositoryName: string, aspect: keyof RepositoryState | 'existence') => boolean): string[] {
  const lines: string[] = [];
  for (const name of [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort()) {
    const [want, have] = [expected[name], found[name]];
    if (want === undefined || have === undefined) {
      if ((want === undefined) !== (have === undefined) && !ignored(name, 'existence')) {
        lines.push(`${name}: ${want === undefined ? 'is there, and should not be' : 'is gone, and should be there'}`);
      }
      continue;
    }
    for (const aspect of ['mutability', 'scan', 'tags', 'statements', 'lifecycle', 'images'] as const) {
      const [wanted, present] = [sortedText(want[aspect] ?? null), sortedText(have[aspect] ?? null)];
      if (wanted !== present && !ignored(name, aspect)) {
        lines.push(`${name}: ${aspect} should be ${wanted} and is ${present}`);
      }
    }
  }
  return lines;
}
