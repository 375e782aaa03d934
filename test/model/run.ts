import { Action, collides, ACTOR_KEYS, ACTOR_SIDS, after } from './actor';
import { Answers } from './answers';
import { App, EMPTY_APP, edited, STACK_NAME, targetName, valid } from './app';
import { Coverage } from './coverage';
import { Law, Violation } from './laws';
import { acted, Belief, deployed, drift, initial, Prediction } from './model';
import type { Mutation } from './mutation';
import { brokenProtocol } from './protocol-laws';
import { differences, RegistryState, RepositoryState, sidOf } from './registry-state';
import { inventoryOf, Sequence, Step } from './sequence';
import { OperationPlan, World } from './world';

type Aspect = keyof RepositoryState | 'existence';
type Operation = Extract<Step, { kind: 'deploy' | 'destroy' }>;

/** Runs a sequence and throws the first violation of a law. */
export async function runSequence(sequence: Sequence, answers: Answers, coverage: Coverage, mutation?: Mutation): Promise<void> {
  const world = await World.open(answers, inventoryOf(sequence.start), mutation);
  try {
    await new Judge(world, coverage).run(sequence);
  } finally {
    await world.close();
  }
}

class Judge {
  private belief: Belief;
  private step = 0;
  private touches = 0;
  /** Aspects of repositories that somebody else changed under the handlers' hands: what becomes of them is anybody's guess. */
  private readonly wild = new Set<string>();
  private readonly ids = new Map<string, string>();
  /** Plans of accepted gates, by repository, until images come that they could not know. */
  private readonly plans = new Map<string, ReadonlySet<string>>();

  constructor(private readonly world: World, private readonly coverage: Coverage) {
    this.belief = initial(world.state());
  }

  public async run({ app, steps }: Sequence): Promise<void> {
    const first: Step = { kind: 'deploy', edits: {}, touch: false, troubles: [], twice: false, impatient: false };
    let wanted = app;
    for (const step of [...steps.length > 0 && steps[0].kind === 'deploy' ? [] : [first], ...steps]) {
      this.step += 1;
      switch (step.kind) {
        case 'actor':
          await this.actor(step.action);
          break;
        case 'expire':
          this.expire();
          break;
        default:
          wanted = step.kind === 'deploy' ? edited(wanted, step.edits) : wanted;
          if (!await this.operation(step, valid(wanted))) {
            return;
          }
      }
    }
  }

  private async actor(action: Action): Promise<void> {
    this.coverage.event('actions of others between operations');
    await this.world.act(action);
    this.world.acted.length = 0;
    this.belief = acted(this.belief, action);
    this.forgetPlan(action);
    this.compare('c', this.belief.registry);
  }

  private forgetPlan({ kind, repository }: Action): void {
    if (['push', 'drop-image', 'delete-repository', 'put-lifecycle', 'drop-lifecycle'].includes(kind)) {
      this.plans.delete(repository);
    }
  }

  /** Lifecycle policies run: what goes was in the plan that the gate accepted. */
  private expire(): void {
    const before = this.world.state();
    this.world.emulator.runLifecyclePolicies();
    const now = this.world.state();
    for (const [name, plan] of this.plans) {
      const gone = Object.keys(before[name]?.images ?? {}).filter((digest) => now[name]?.images[digest] === undefined);
      this.coverage.law('d', gone.length);
      const unnamed = gone.filter((digest) => !plan.has(digest));
      if (unnamed.length > 0) {
        this.broken('d', [`${name}: ${unnamed.join(', ')} expired, and the plan named ${[...plan].join(', ') || 'none'}`]);
      }
    }
    this.plans.clear();
    const images = (name: string) => now[name]?.images ?? {};
    this.belief = { ...this.belief, registry: Object.fromEntries(Object.entries(this.belief.registry).map(([name, one]) => [name, { ...one, images: images(name) }])) };
    this.compare('c', this.belief.registry);
  }

  /** False when the stack is in a state from which the sequence does not go on. */
  private async operation(step: Operation, wanted: App): Promise<boolean> {
    const isDestruction = step.kind === 'destroy';
    const app = isDestruction ? EMPTY_APP : wanted;
    const touch = step.kind === 'deploy' && step.touch;
    const touches = this.touches + (touch ? 1 : 0);
    const prediction = deployed(this.belief, app, touch);
    const slots = Object.values(app).flatMap((kind) => Object.keys(kind as object));
    const failAt = step.kind === 'deploy' && step.failAt !== undefined && slots.includes(step.failAt.slot) ? step.failAt : undefined;
    const plan: OperationPlan = {
      action: step.kind,
      app: isDestruction ? this.belief.app : app,
      rendering: { serviceTimeout: 960 + touches },
      ...failAt === undefined ? {} : { failAt: { target: failAt.slot, when: failAt.when } },
      troubles: step.troubles,
      twice: step.twice,
      impatient: step.kind === 'deploy' && step.impatient,
    };
    const wasThere = this.world.exists;
    const result = await this.world.run(plan);
    this.count(step, result.status);
    this.protocol();

    const acts = this.world.acted.filter(({ action, before }) => before[action.repository] !== undefined || action.kind === 'create-repository');
    acts.forEach(({ action }) => this.noteCollision(action, wasThere));
    const isHindered = this.world.chaos.happened.some(({ trouble, status }) => isFatal(trouble.kind, plan.impatient) && !/^(CREATE|UPDATE)_IN_PROGRESS$/.test(status));
    const reasons = [
      ...prediction.conflicts,
      ...failAt !== undefined && prediction.touched.includes(failAt.slot) ? [`${failAt.slot} is told to fail`] : [],
      ...isDestruction ? prediction.undeletable.map((name) => `${name} is not empty`) : [],
    ];
    const excuses = this.world.chaos.happened.filter(({ trouble }) => isFatal(trouble.kind, plan.impatient));
    const isGuess = this.wild.size > 0 || acts.some(({ action }) => collides(action)) || excuses.length > 0;

    if (isHindered) {
      this.coverage.event('operations hindered in clean-up or rollback');
      this.foreign(acts);
      return false;
    }
    if (!isGuess) {
      this.coverage.law('i');
      if (result.ok !== (reasons.length === 0)) {
        this.broken('i', [`${result.status}: ${result.ok ? `it should fail: ${reasons.join('; ')}` : `nothing explains it: ${result.reasons.join('; ')}`}`]);
      }
    }
    if (!result.ok && !isDestruction) {
      this.coverage.law('j');
      if (!/ROLLBACK_COMPLETE$/.test(result.status)) {
        this.broken('j', [`${result.status}: ${result.reasons.join('; ')}`]);
      }
    }
    this.touches = result.ok ? touches : this.touches;
    const drifted = drift(this.belief);
    const basis = result.ok || isDestruction ? prediction.belief : this.belief;
    this.belief = acts.reduce((belief, { action }) => belief.registry[action.repository] === undefined && action.kind !== 'create-repository' ? belief : acted(belief, action), basis);
    const law: Law = result.ok || isDestruction ? touch && !isDestruction ? 'h' : isDestruction ? 'e' : 'a' : 'b';
    this.compare(law, this.belief.registry, law === 'b' ? drifted : new Set());
    this.bookkeeping(law);
    this.foreign(acts);
    this.takePlans(result, prediction);
    if (step.kind === 'deploy' && result.ok && wasThere && prediction.touched.length === 0 && Object.keys(step.edits).length === 0 && !touch) {
      this.coverage.law('h');
      if (this.world.chaos.calls > 0) {
        this.broken('h', [`${this.world.chaos.calls} calls of handlers`]);
      }
    }
    return result.ok || /ROLLBACK_COMPLETE$/.test(result.status);
  }

  private noteCollision(action: Action, _wasThere: boolean): void {
    this.forgetPlan(action);
    if (!collides(action)) {
      return;
    }
    const aspects: Aspect[] = action.kind.endsWith('statement') ? ['statements']
      : action.kind.endsWith('lifecycle') ? ['lifecycle']
        : action.kind.endsWith('tag') ? ['tags']
          : action.kind.endsWith('repository') ? ['existence', 'statements', 'lifecycle', 'tags', 'images', 'mutability', 'scan']
            : ['images', 'existence'];
    aspects.forEach((aspect) => this.wild.add(`${action.repository} ${aspect}`));
  }

  private protocol(): void {
    const [first, ...more] = brokenProtocol(this.world.runtime.deliveries, this.ids, this.coverage);
    if (first !== undefined) {
      this.broken(first.law, [first, ...more].filter(({ law }) => law === first.law).map(({ what }) => what));
    }
  }

  private compare(law: Law, expected: RegistryState, drifted: ReadonlySet<string> = new Set()): void {
    this.coverage.law(law);
    const lines = differences(expected, this.world.state(), (name, aspect) => this.wild.has(`${name} ${aspect}`) || drifted.has(`${name} ${aspect}`));
    if (lines.length > 0) {
      this.broken(law, lines);
    }
    if (this.wild.size > 0 || drifted.size > 0) {
      // Nobody knows better than the registry.
      const found = this.world.state();
      const isWild = (name: string) => [...this.wild, ...drifted].some((one) => one.startsWith(`${name} `));
      const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
      this.belief = {
        ...this.belief,
        registry: Object.fromEntries([...names].map((name) => [name, isWild(name) ? found[name] : expected[name]] as const)
          .filter((entry): entry is [string, RepositoryState] => entry[1] !== undefined)),
      };
      this.takeOwners(drifted);
    }
  }

  /** A rollback has made again what had been deleted: it is the stack's, and so is the policy that came with it. */
  private takeOwners(drifted: ReadonlySet<string>): void {
    const { app, registry } = this.belief;
    for (const [slot, spec] of Object.entries(app.repositories)) {
      if (spec !== undefined && drifted.has(`${spec.name} existence`) && registry[spec.name] !== undefined) {
        this.belief = { ...this.belief, repositories: { ...this.belief.repositories, [spec.name]: { slot, origin: 'made' } } };
      }
    }
    for (const [slot, spec] of Object.entries(app.lifecycles)) {
      const name = spec && targetName(app, spec.target);
      if (name !== undefined && drifted.has(`${name} lifecycle`) && registry[name]?.lifecycle !== undefined) {
        const before = this.belief.lifecycles[name];
        this.belief = { ...this.belief, lifecycles: { ...this.belief.lifecycles, [name]: before ?? { slot, origin: 'made' } } };
      }
    }
  }

  /** What handlers have written for themselves is there only where something is theirs. */
  private bookkeeping(_law: Law): void {
    const { repositories, lifecycles, registry } = this.belief;
    for (const [name, keys] of Object.entries(this.world.bookkeeping())) {
      if (registry[name] === undefined || [...this.wild].some((one) => one.startsWith(`${name} `))) {
        continue;
      }
      this.coverage.law('e');
      const surplus = keys.filter((key) => key === 'cdk-drydock:owner' || key.startsWith('cdk-drydock:before-repository') ? repositories[name] === undefined
        : key.startsWith('cdk-drydock:before-lifecycle') ? lifecycles[name] === undefined : true);
      if (surplus.length > 0) {
        this.broken('e', [`${name}: ${surplus.join(', ')} left behind`]);
      }
      if (repositories[name] !== undefined && !keys.includes('cdk-drydock:owner')) {
        this.broken('a', [`${name}: nothing says whose it is`]);
      }
    }
  }

  /** What only others use is there as they left it, whatever else has happened. */
  private foreign(acts: readonly { readonly action: Action }[]): void {
    const found = this.world.state();
    const lines: string[] = [];
    for (const [name, { statements, tags }] of Object.entries(acts.reduce((state, { action }) => after(state, action), this.belief.registry))) {
      if (found[name] === undefined) {
        continue;
      }
      this.coverage.law('c');
      lines.push(...statements.filter((one) => [...ACTOR_SIDS, 'Base'].includes(sidOf(one)) && !found[name].statements.includes(one)).map((one) => `${name}: ${one} is lost`));
      lines.push(...Object.entries(tags).filter(([key, value]) => ACTOR_KEYS.includes(key) && found[name].tags[key] !== value).map(([key]) => `${name}: the tag ${key} is lost`));
    }
    if (lines.length > 0) {
      this.broken('c', lines);
    }
  }

  /** What a gate has let through, by its log. */
  private takePlans(result: Awaited<ReturnType<World['run']>>, { touched }: Prediction): void {
    for (const slot of touched) {
      const spec = this.belief.app.lifecycles[slot];
      const records = result.logs.filter(({ logicalId }) => logicalId === slot).map(({ record }) => record);
      const gate = records.find(({ message, verdict }) => message === 'gate' && verdict !== 'blocked');
      if (spec === undefined || !result.ok || gate === undefined) {
        continue;
      }
      const pages = records.filter(({ message }) => message === 'preview');
      const { repositoryName } = gate as { repositoryName: string };
      const images = pages.flatMap(({ images: listed }) => listed as { imageDigest: string; action: string }[]);
      if (!this.world.acted.some(({ action }) => action.repository === repositoryName)) {
        this.plans.set(repositoryName, new Set(images.filter(({ action }) => action === 'EXPIRE').map(({ imageDigest }) => imageDigest)));
      }
    }
  }

  private count(step: Operation, status: string): void {
    const { coverage, world } = this;
    coverage.event('operations');
    coverage.event(`${STACK_NAME} ${status}`);
    world.chaos.happened.forEach(({ trouble }) => coverage.event(trouble.kind === 'actor' ? 'actions of others during operations' : `faults: ${trouble.kind}`));
    coverage.event('operations with every event twice', step.twice ? 1 : 0);
    coverage.event('events to handlers', world.runtime.deliveries.length);
    const updates = world.runtime.deliveries.filter(({ event }) => event.RequestType === 'Update');
    coverage.event('replacements', updates.filter(({ event, answers }) => answers[0]?.Status === 'SUCCESS' && answers[0].PhysicalResourceId !== event.PhysicalResourceId).length);
  }

  private broken(law: Law, what: readonly string[]): never {
    throw new Violation(law, this.step, what);
  }
}

/** Whether a fault ends the work on an event. */
function isFatal(kind: string, impatient: boolean): boolean {
  return kind === 'refused' || (impatient && (kind === 'failing' || kind === 'cut'));
}
