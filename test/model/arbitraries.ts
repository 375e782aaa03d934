import * as fc from 'fast-check';
import { Action } from './actor';
import { App, BASE, CLEANUP_SLOTS, COPY_SLOTS, Edits, LIFECYCLE_SLOTS, OLD, POLICY_SLOTS, REPOSITORY_SLOTS, TAG_SLOTS, Target } from './app';
import { Trouble } from './chaos';
import { Sequence, Start, Step } from './sequence';

/**
 * Sequences as plain data: what a step does to a registry that it does not fit is decided when it runs. So any step can be left out and any value be made simpler
 * while a counterexample shrinks, seed and path are all that reproduces one, and printed it is a test. fast-check's own commands carry state of their own
 * instead, and want a third thing, the path of the replay.
 */
const TARGETS: readonly Target[] = ['Repo1', 'Repo2', BASE, OLD];
const NAMES = ['shop/api', 'shop/web', OLD];
const REPOSITORIES = ['shop/api', 'shop/web', BASE, OLD];
const ACCOUNTS = ['111111111111', '222222222222'];

const target = fc.constantFrom(...TARGETS);

const repository = fc.record({
  name: fc.constantFrom(...NAMES),
  existing: fc.constantFrom('adopt' as const, 'fail' as const),
  immutable: weighted(false, true, 4),
  scan: fc.boolean(),
  tags: fc.dictionary(fc.constantFrom('env', 'team'), fc.constantFrom('prod', 'dev'), { maxKeys: 2, noNullPrototype: true }),
  removal: fc.constantFrom('destroy' as const, 'retain' as const),
  emptyOnDelete: fc.boolean(),
});

const policy = (sids: readonly string[]) => fc.record({
  target, sids: fc.uniqueArray(fc.constantFrom(...sids), { minLength: 1, maxLength: 2 }), account: fc.constantFrom(...ACCOUNTS),
});

const lifecycle = fc.record({
  target,
  keep: fc.integer({ min: 1, max: 3 }),
  replaceExisting: fc.boolean(),
  gate: fc.oneof({ arbitrary: fc.constant('off' as const), weight: 1 }, { arbitrary: fc.constantFrom(9, 1, 0), weight: 3 }),
});

/** Each construct that may be there, with what it may be. */
const SLOTS = {
  repositories: Object.fromEntries(REPOSITORY_SLOTS.map((slot) => [slot, repository])),
  policies: { [POLICY_SLOTS[0]]: policy(['Read', 'Write']), [POLICY_SLOTS[1]]: policy(['Pull', 'List']) },
  lifecycles: Object.fromEntries(LIFECYCLE_SLOTS.map((slot) => [slot, lifecycle])),
} as const;
void [TAG_SLOTS, COPY_SLOTS, CLEANUP_SLOTS];

const slots = <T>(arbitraries: Readonly<Record<string, fc.Arbitrary<T>>>) => fc.record(
  Object.fromEntries(Object.entries(arbitraries).map(([slot, arbitrary]) => [slot, arbitrary])), { requiredKeys: [] },
) as fc.Arbitrary<Readonly<Partial<Record<string, T>>>>;

const app: fc.Arbitrary<App> = fc.record({
  repositories: slots(SLOTS.repositories), policies: slots(SLOTS.policies), lifecycles: slots(SLOTS.lifecycles),
  tags: fc.constant({}), copies: fc.constant({}), cleanups: fc.constant({}),
});

/** One to three changed constructs. */
const edits: fc.Arbitrary<Edits> = fc.array(fc.oneof(
  ...Object.entries(SLOTS).flatMap(([kind, ofKind]) => Object.entries(ofKind).map(([slot, arbitrary]) =>
    fc.option(arbitrary as fc.Arbitrary<unknown>, { nil: null, freq: 4 }).map((spec) => ({ kind, slot, spec })))),
), { maxLength: 3 }).map((changes) => changes.reduce<Record<string, Record<string, unknown>>>(
  (all, { kind, slot, spec }) => ({ ...all, [kind]: { ...all[kind], [slot]: spec } }), {},
) as Edits);

const repositoryName = fc.constantFrom(...REPOSITORIES);
/** What nobody else has a hand in. */
const aside: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('set-statement' as const), repository: repositoryName, sid: fc.constantFrom('Actor1', 'Actor2'), account: fc.constantFrom('999999999999', '888888888888') }),
  fc.record({ kind: fc.constant('drop-statement' as const), repository: repositoryName, sid: fc.constantFrom('Actor1', 'Actor2') }),
  fc.record({ kind: fc.constant('tag' as const), repository: repositoryName, key: fc.constant('actor'), value: fc.constantFrom('x', 'y') }),
  fc.record({ kind: fc.constant('untag' as const), repository: repositoryName, key: fc.constant('actor') }),
);
/** What meets the stack's own. */
const against: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('set-statement' as const), repository: repositoryName, sid: fc.constantFrom('Read', 'Pull'), account: fc.constantFrom('999999999999', '111111111111') }),
  fc.record({ kind: fc.constant('drop-statement' as const), repository: repositoryName, sid: fc.constantFrom('Read', 'Pull') }),
  fc.record({ kind: fc.constant('put-lifecycle' as const), repository: repositoryName, keep: fc.constantFrom(5, 2) }),
  fc.record({ kind: fc.constant('drop-lifecycle' as const), repository: repositoryName }),
  fc.record({ kind: fc.constant('tag' as const), repository: repositoryName, key: fc.constantFrom('env', 'team'), value: fc.constantFrom('theirs', 'prod') }),
  fc.record({ kind: fc.constant('untag' as const), repository: repositoryName, key: fc.constantFrom('env', 'team') }),
  fc.record({ kind: fc.constant('push' as const), repository: repositoryName, image: fc.integer({ min: 10, max: 14 }), tag: fc.option(fc.constantFrom('v9', 'v1'), { nil: undefined }) }),
  fc.record({ kind: fc.constant('push' as const), repository: repositoryName, image: fc.integer({ min: 10, max: 14 }) }),
  fc.record({ kind: fc.constant('drop-image' as const), repository: repositoryName, image: fc.integer({ min: 10, max: 14 }) }),
  fc.record({ kind: fc.constant('delete-repository' as const), repository: repositoryName }),
  fc.record({ kind: fc.constant('create-repository' as const), repository: repositoryName }),
);

const at = fc.integer({ min: 1, max: 24 });
const when = fc.constantFrom('before' as const, 'after' as const);
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constantFrom('throttled' as const, 'failing' as const, 'cut' as const), at, when }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('killed' as const), at, when }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('stale' as const), at }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('refused' as const), at, when: fc.constant('before' as const) }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('actor' as const), at, action: aside }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('actor' as const), at, action: against }), weight: 1 },
);
const troubles = fc.oneof({ arbitrary: fc.constant([]), weight: 2 }, { arbitrary: fc.array(trouble, { maxLength: 3 }), weight: 3 });
const twice = weighted(false, true, 5);

const failAt = fc.record({ slot: fc.constantFrom(...[...REPOSITORY_SLOTS, ...POLICY_SLOTS, ...LIFECYCLE_SLOTS]), when });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('deploy' as const), edits, touch: weighted(false, true, 6), failAt: fc.option(failAt, { nil: undefined, freq: 2 }), troubles, twice, impatient: weighted(false, true, 8),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ kind: fc.constant('actor' as const), action: fc.oneof(aside, against) }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('expire' as const) }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('destroy' as const), troubles, twice }), weight: 1 },
);

const start: fc.Arbitrary<Start> = fc.record({
  images: fc.integer({ min: 0, max: 4 }),
  oldKeeps: fc.option(fc.constantFrom(4, 2), { nil: undefined }),
  oldImmutable: fc.boolean(),
  oldTags: fc.dictionary(fc.constantFrom('env', 'theirs'), fc.constantFrom('prod', 'old'), { maxKeys: 2, noNullPrototype: true }),
});

export const sequences: fc.Arbitrary<Sequence> = fc.record({ start, app, steps: fc.array(step, { minLength: 1, maxLength: 6 }) });

function weighted<T>(usual: T, rare: T, weight: number): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(usual), weight }, { arbitrary: fc.constant(rare), weight: 1 });
}
