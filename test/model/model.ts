import { Action, after as afterAction } from './actor';
import { App, EMPTY_APP, LifecycleSpec, lifecycleDocument, PolicySpec, RepositorySpec, statementOf, targetName } from './app';
import { newlyExpiring } from './expiry';
import { RegistryState, RepositoryState, sidOf, sortedText } from './registry-state';

/** Who holds something that stacks put on a repository. */
interface Holder {
  readonly slot: string;
  /** `made`: created, or put; `found`: adopted, or found equal. */
  readonly origin: 'made' | 'found';
}

/**
 * What the registry holds and who holds what of it: a plain reading of the documentation. It shares no code with the handlers, and
 * knows nothing of how they come to it.
 */
export interface Belief {
  readonly registry: RegistryState;
  /** What the stack has accepted last. */
  readonly app: App;
  /** By repository: which construct's it is. */
  readonly repositories: Readonly<Record<string, Holder>>;
  /** By repository: which construct's its lifecycle policy is. */
  readonly lifecycles: Readonly<Record<string, Holder>>;
}

export interface Prediction {
  /** After success. */
  readonly belief: Belief;
  /** Why the operation must fail; it must succeed without. */
  readonly conflicts: readonly string[];
  /** Constructs whose resources get an event while the stack goes forward. */
  readonly touched: readonly string[];
  /** Repositories that ECR will not delete, because there are images in them. */
  readonly undeletable: readonly string[];
}

export function initial(registry: RegistryState): Belief {
  return { registry, app: EMPTY_APP, repositories: {}, lifecycles: {} };
}

/** Somebody else's action. With a repository its tags go, and with them whose it was. */
export function acted(belief: Belief, action: Action): Belief {
  const registry = afterAction(belief.registry, action);
  const gone = action.kind === 'delete-repository' ? [action.repository] : [];
  return {
    ...belief,
    registry,
    repositories: without(belief.repositories, gone),
    // A policy that somebody else has put is nobody's of the stack, unless it says the same.
    lifecycles: without(belief.lifecycles, gone),
  };
}

/** A deployment of an app: resource by resource, then what is no longer there. */
export function deployed(belief: Belief, app: App, everything: boolean): Prediction {
  const work = new Work(belief, app, everything);
  Object.keys(app.repositories).sort().forEach((slot) => work.repository(slot, app.repositories[slot] as RepositorySpec));
  Object.keys(app.policies).sort().forEach((slot) => work.policy(slot, app.policies[slot] as PolicySpec));
  Object.keys(app.lifecycles).sort().forEach((slot) => work.lifecycle(slot, app.lifecycles[slot] as LifecycleSpec));
  work.cleanUp();
  return work.prediction();
}

/**
 * Where the registry is not what the stack believes: somebody has changed or taken away what is the stack's own. A rollback of an update knows the template of before,
 * not the registry of before, and may put it right.
 */
export function drift({ app, registry }: Belief): ReadonlySet<string> {
  const aspects = new Set<string>();
  const add = (name: string, aspect: string, isSame: boolean) => void (isSame || aspects.add(`${name} ${aspect}`));
  for (const spec of Object.values(app.repositories) as RepositorySpec[]) {
    const found = registry[spec.name];
    const { mutability, scan } = settings(spec);
    add(spec.name, 'existence', found !== undefined);
    add(spec.name, 'mutability', found?.mutability === mutability);
    add(spec.name, 'scan', found?.scan === scan);
    add(spec.name, 'tags', Object.entries(spec.tags).every(([key, value]) => found?.tags[key] === value));
  }
  for (const spec of Object.values(app.policies) as PolicySpec[]) {
    const name = targetName(app, spec.target);
    add(name, 'statements', spec.sids.every((sid) => registry[name]?.statements.includes(sortedText(statementOf(sid, spec.account))) === true));
  }
  for (const spec of Object.values(app.lifecycles) as LifecycleSpec[]) {
    const name = targetName(app, spec.target);
    add(name, 'lifecycle', registry[name]?.lifecycle === sortedText(lifecycleDocument(spec.keep)));
  }
  return aspects;
}

class Work {
  private registry: Record<string, RepositoryState>;
  private readonly repositories: Record<string, Holder>;
  private readonly lifecycles: Record<string, Holder>;
  private readonly conflicts: string[] = [];
  private readonly touched: string[] = [];
  private readonly undeletable: string[] = [];
  private readonly old: App;

  constructor(belief: Belief, private readonly app: App, private readonly everything: boolean) {
    this.registry = { ...belief.registry };
    this.repositories = { ...belief.repositories };
    this.lifecycles = { ...belief.lifecycles };
    this.old = belief.app;
  }

  public prediction(): Prediction {
    const { registry, app, repositories, lifecycles, conflicts, touched, undeletable } = this;
    return { belief: { registry, app, repositories, lifecycles }, conflicts, touched, undeletable };
  }

  public repository(slot: string, spec: RepositorySpec): void {
    const old = this.old.repositories[slot];
    if (this.isUntouched(slot, old, spec)) {
      return;
    }
    const { name } = spec;
    const found = this.registry[name];
    const isInPlace = old?.name === name;
    if (found === undefined) {
      this.registry[name] = { ...settings(spec), tags: spec.tags, statements: [], images: {} };
      this.repositories[name] = { slot, origin: 'made' };
      delete this.lifecycles[name];
      return;
    }
    if (!isInPlace && spec.existing === 'fail') {
      this.conflicts.push(`${slot}: ${name} exists`);
      return;
    }
    const surplus = isInPlace ? Object.entries(old.tags).filter(([key, value]) => !(key in spec.tags) && found.tags[key] === value).map(([key]) => key) : [];
    this.registry[name] = { ...found, ...settings(spec), tags: { ...without(found.tags, surplus), ...spec.tags } };
    if (!isInPlace) {
      this.repositories[name] = { slot, origin: 'found' };
    }
  }

  public policy(slot: string, spec: PolicySpec): void {
    const old = this.old.policies[slot];
    if (this.isUntouched(slot, old, spec, targetName(this.app, spec.target), old && targetName(this.old, old.target))) {
      return;
    }
    const name = targetName(this.app, spec.target);
    const found = this.registry[name];
    if (found === undefined) {
      this.conflicts.push(`${slot}: no ${name}`);
      return;
    }
    const before = old !== undefined && targetName(this.old, old.target) === name ? old.sids : [];
    let statements = found.statements.filter((one) => !before.includes(sidOf(one)) || spec.sids.includes(sidOf(one)));
    for (const sid of spec.sids) {
      const wanted = sortedText(statementOf(sid, spec.account));
      const present = statements.filter((one) => sidOf(one) === sid);
      if (present.some((one) => one !== wanted) && !before.includes(sid)) {
        this.conflicts.push(`${slot}: somebody else has the Sid ${sid} on ${name}`);
      }
      statements = [...statements.filter((one) => sidOf(one) !== sid), wanted];
    }
    this.registry[name] = { ...found, statements: statements.sort() };
  }

  public lifecycle(slot: string, spec: LifecycleSpec): void {
    const old = this.old.lifecycles[slot];
    if (this.isUntouched(slot, old, spec, targetName(this.app, spec.target), old && targetName(this.old, old.target))) {
      return;
    }
    const name = targetName(this.app, spec.target);
    const found = this.registry[name];
    if (found === undefined) {
      this.conflicts.push(`${slot}: no ${name}`);
      return;
    }
    const wanted = sortedText(lifecycleDocument(spec.keep));
    const holder = this.lifecycles[name] as Holder | undefined;
    const earlier = old !== undefined && targetName(this.old, old.target) === name ? sortedText(lifecycleDocument(old.keep)) : undefined;
    if (found.lifecycle === wanted) {
      if (holder === undefined || holder.slot !== slot) {
        if (earlier === undefined) {
          this.lifecycles[name] = { slot, origin: holder?.origin ?? 'found' };
        }
      }
      return;
    }
    const isForeign = found.lifecycle !== undefined && (earlier === undefined || found.lifecycle !== earlier || (holder !== undefined && holder.slot !== slot));
    if (isForeign && !spec.replaceExisting) {
      this.conflicts.push(`${slot}: ${name} has a lifecycle policy of somebody else`);
      return;
    }
    if (spec.gate !== 'off' && newlyExpiring(found, spec.keep) > spec.gate) {
      this.conflicts.push(`${slot}: the gate lets ${spec.gate} images go, not ${newlyExpiring(found, spec.keep)}`);
      return;
    }
    this.registry[name] = { ...found, lifecycle: wanted };
    this.lifecycles[name] = { slot, origin: 'made' };
  }

  /** What the new app has no more, and what has been replaced; the last first. */
  public cleanUp(): void {
    for (const slot of Object.keys(this.old.lifecycles).sort().reverse()) {
      const old = this.old.lifecycles[slot] as LifecycleSpec;
      const next = this.app.lifecycles[slot];
      const name = targetName(this.old, old.target);
      if (next === undefined || targetName(this.app, next.target) !== name) {
        this.removeLifecycle(slot, name, sortedText(lifecycleDocument(old.keep)));
      }
    }
    for (const slot of Object.keys(this.old.policies).sort().reverse()) {
      const old = this.old.policies[slot] as PolicySpec;
      const next = this.app.policies[slot];
      const name = targetName(this.old, old.target);
      const found = this.registry[name];
      if (found !== undefined && (next === undefined || targetName(this.app, next.target) !== name)) {
        this.registry[name] = { ...found, statements: found.statements.filter((one) => !old.sids.includes(sidOf(one))) };
      }
    }
    for (const slot of Object.keys(this.old.repositories).sort().reverse()) {
      const old = this.old.repositories[slot] as RepositorySpec;
      const next = this.app.repositories[slot];
      if (next?.name !== old.name) {
        this.removeRepository(slot, old, next);
      }
    }
  }

  private removeLifecycle(slot: string, name: string, text: string): void {
    const found = this.registry[name];
    const holder = this.lifecycles[name] as Holder | undefined;
    if (found === undefined || (holder !== undefined && holder.slot !== slot)) {
      return;
    }
    delete this.lifecycles[name];
    if (found.lifecycle === text && holder?.origin !== 'found') {
      const { lifecycle: _gone, ...rest } = found;
      this.registry[name] = rest;
    }
  }

  private removeRepository(slot: string, old: RepositorySpec, next: RepositorySpec | undefined): void {
    const { name } = old;
    const holder = this.repositories[name] as Holder | undefined;
    const found = this.registry[name];
    // CloudFormation asks the new template about a replaced resource, the old one about one that is gone; the handler only sees the old properties.
    if (found === undefined || holder?.slot !== slot || (next ?? old).removal === 'retain' || old.removal === 'retain') {
      return;
    }
    if (Object.keys(found.images).length > 0 && !old.emptyOnDelete) {
      this.undeletable.push(name);
      return;
    }
    delete this.registry[name];
    delete this.repositories[name];
    delete this.lifecycles[name];
  }

  private isUntouched<T>(slot: string, old: T | undefined, spec: T, name?: string, oldName?: string): boolean {
    const isSame = old !== undefined && name === oldName && sortedText({ ...old, target: undefined }) === sortedText({ ...spec, target: undefined });
    if (isSame && !this.everything) {
      return true;
    }
    this.touched.push(slot);
    return false;
  }
}

function settings({ immutable, scan }: RepositorySpec): Pick<RepositoryState, 'mutability' | 'scan'> {
  return { mutability: immutable ? 'IMMUTABLE' : 'MUTABLE', scan };
}

function without<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
