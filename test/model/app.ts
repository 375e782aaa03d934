/**
 * The vocabulary of random apps: a few slots (construct ids) with few values each, so that random edits meet: the same name under another id, a policy that moves,
 * a repository that comes back.
 */
export const STACK_NAME = 'Shop';
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** Repositories that somebody else made: one is only imported, the other may be adopted. */
export const BASE = 'team/base';
export const OLD = 'team/old';

export const REPOSITORY_SLOTS = ['Repo1', 'Repo2'] as const;
export const POLICY_SLOTS = ['Policy1', 'Policy2'] as const;
export const LIFECYCLE_SLOTS = ['Life1', 'Life2'] as const;
export const TAG_SLOTS = ['Tag1', 'Tag2'] as const;
export const COPY_SLOTS = ['Copy1'] as const;
export const CLEANUP_SLOTS = ['Clean1'] as const;

export type RepositorySlot = (typeof REPOSITORY_SLOTS)[number];
/** A repository of the app, or one that is imported by name. */
export type Target = RepositorySlot | typeof BASE | typeof OLD;

export interface RepositorySpec {
  readonly name: string;
  readonly existing: 'fail' | 'adopt';
  readonly immutable: boolean;
  readonly scan: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly removal: 'retain' | 'destroy';
  readonly emptyOnDelete: boolean;
}

export interface PolicySpec {
  readonly target: Target;
  readonly sids: readonly string[];
  /** Who may pull: what a statement says, apart from its Sid. */
  readonly account: string;
}

export interface LifecycleSpec {
  readonly target: Target;
  /** So many of the youngest images stay. */
  readonly keep: number;
  readonly replaceExisting: boolean;
  /** `off`, or how many images may newly expire. */
  readonly gate: 'off' | number;
}

export interface TagSpec {
  readonly target: Target;
  readonly tag: string;
  /** Where the image is, when that is another repository. */
  readonly from?: Target;
  readonly source: string;
  readonly removal: 'retain' | 'destroy';
  readonly deleteLastTag: boolean;
  /** Another one is another look at the source. */
  readonly trigger: string;
}

export interface CopySpec {
  readonly target: Target;
  readonly source: string;
  readonly tags: readonly string[];
  readonly removal: 'retain' | 'destroy';
  readonly trigger: string;
}

export interface CleanupSpec {
  readonly target: Target;
  /** Patterns of tags; untagged images when there are none. */
  readonly patterns: readonly string[];
  readonly mode: 'dry-run' | 'delete';
  readonly maxImages: number;
  readonly trigger: string;
}

export interface App {
  readonly repositories: Readonly<Partial<Record<string, RepositorySpec>>>;
  readonly policies: Readonly<Partial<Record<string, PolicySpec>>>;
  readonly lifecycles: Readonly<Partial<Record<string, LifecycleSpec>>>;
  readonly tags: Readonly<Partial<Record<string, TagSpec>>>;
  readonly copies: Readonly<Partial<Record<string, CopySpec>>>;
  readonly cleanups: Readonly<Partial<Record<string, CleanupSpec>>>;
}

export const EMPTY_APP: App = { repositories: {}, policies: {}, lifecycles: {}, tags: {}, copies: {}, cleanups: {} };

/** Changes of slots; null takes a construct out of the app. */
export type Edits = { readonly [Kind in keyof App]?: Readonly<Record<string, App[Kind][string] | null>> };

export function edited(app: App, edits: Edits): App {
  const kinds = Object.keys(EMPTY_APP) as (keyof App)[];
  return Object.fromEntries(kinds.map((kind) => [kind, Object.fromEntries(
    Object.entries({ ...app[kind], ...edits[kind] }).filter(([, spec]) => spec !== null && spec !== undefined),
  )])) as unknown as App;
}

/**
 * What the constructs would accept of an app: names and tags are unique, a repository has one lifecycle policy, and what a construct refers to is in the app.
 * What does not fit is left out; the first of two stays.
 */
export function valid(app: App): App {
  const repositories = firstOf(app.repositories, ({ name }) => [name]);
  const inApp = ({ target }: { readonly target: Target }) => !isSlot(target) || target in repositories;
  const nameOf = (target: Target) => targetName({ ...app, repositories }, target);
  const policies = firstOf(keep(app.policies, inApp), ({ target, sids }) => sids.map((sid) => `${nameOf(target)} ${sid}`));
  const lifecycles = firstOf(keep(app.lifecycles, inApp), ({ target }) => [nameOf(target)]);
  const hasSource = ({ from, target }: TagSpec) => from === undefined || ((!isSlot(from) || from in repositories) && nameOf(from) !== nameOf(target));
  const tagged = firstOf({ ...keep(app.copies, inApp), ...keep(app.tags, (one) => inApp(one) && hasSource(one) && (one.from !== undefined || one.source !== one.tag)) },
    (one: TagSpec | CopySpec) => ('tags' in one ? one.tags : [one.tag]).map((tag) => `${nameOf(one.target)} ${tag}`));
  return {
    repositories, policies, lifecycles,
    tags: Object.fromEntries(Object.entries(tagged).filter(([, one]) => 'tag' in (one as object))) as App['tags'],
    copies: Object.fromEntries(Object.entries(tagged).filter(([, one]) => 'tags' in (one as object))) as App['copies'],
    cleanups: keep(app.cleanups, inApp),
  };
}

export function isSlot(target: Target): target is RepositorySlot {
  return (REPOSITORY_SLOTS as readonly string[]).includes(target);
}

/** The name of a repository that a construct means. */
export function targetName(app: App, target: Target): string {
  return isSlot(target) ? app.repositories[target]?.name ?? '' : target;
}

export function statementOf(sid: string, account: string): Readonly<Record<string, unknown>> {
  return { Sid: sid, Action: 'ecr:BatchGetImage', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` } };
}

export function lifecycleDocument(keepNewest: number): object {
  return { rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: keepNewest }, action: { type: 'expire' } }] };
}

type Slots<T> = Readonly<Partial<Record<string, T>>>;

function keep<T>(slots: Slots<T>, fits: (spec: T) => boolean): Slots<T> {
  return Object.fromEntries(Object.entries(slots).filter(([, spec]) => fits(spec as T)));
}

function firstOf<T>(slots: Slots<T>, claims: (spec: T) => readonly string[]): Slots<T> {
  const taken = new Set<string>();
  return keep(Object.fromEntries(Object.entries(slots).sort(([a], [b]) => (a < b ? -1 : 1))), (spec) => {
    const wanted = claims(spec);
    const free = wanted.every((claim) => !taken.has(claim));
    if (free) {
      wanted.forEach((claim) => taken.add(claim));
    }
    return free;
  });
}
