import * as fc from 'fast-check';
import { ours as wantedStatements, policy as policies } from './arbitraries';
import { sameStatement, samePolicy } from '../../src/access/compare';
import { mergeStatements } from '../../src/access/merge';
import { AccessPolicy, Statement } from '../../src/access/model';
import { parsePolicy } from '../../src/access/parse';
import { normalisedText } from '../../src/access/render';

/** A registry as ECR is one: the whole policy is replaced, whatever came in since it was read. */
class Registry {
  private text: string | undefined;

  constructor(policy: AccessPolicy) {
    this.set(policy);
  }

  public get(): AccessPolicy | undefined {
    return this.text === undefined ? undefined : parsePolicy(this.text);
  }

  public set(policy: AccessPolicy | undefined): void {
    this.text = policy === undefined ? undefined : normalisedText(policy);
  }
}

/** Reads, then writes what follows from what it read. */
class Writer {
  private seen: { readonly current: AccessPolicy | undefined } | undefined;

  constructor(private readonly registry: Registry, private readonly ours: readonly Statement[], private readonly previousSids: readonly string[]) {}

  /** Half a round: a read, or the write after it. Whether it found something to do. */
  public step(): boolean {
    if (this.seen === undefined) {
      this.seen = { current: this.registry.get() };
      return false;
    }
    const { policy, changed, conflicts } = mergeStatements({ ...this.seen, ours: this.ours, previousSids: this.previousSids });
    this.seen = undefined;
    fc.pre(conflicts.length === 0);
    if (changed) {
      this.registry.set(policy);
    }
    return changed;
  }

  /** A round with nobody in between, begun anew. */
  public round(): boolean {
    this.seen = undefined;
    this.step();
    return this.step();
  }
}

/** Two writers with Sids of their own, in a policy that others have statements in as well. */
const world = fc.record({
  foreign: policies,
  wanted: fc.tuple(wantedStatements, wantedStatements),
  before: fc.tuple(wantedStatements, wantedStatements),
  schedule: fc.array(fc.nat(1), { maxLength: 12 }),
}).map(({ foreign, wanted, before, schedule }) => {
  const named = (statements: readonly Statement[], writer: number) => statements.map((statement) => ({ ...statement, Sid: `W${writer}${statement.Sid}` }));
  const old = before.map(named);
  return { foreign, wanted: wanted.map(named), old, schedule, present: { ...foreign, Statement: [...old[0], ...foreign.Statement, ...old[1]] } };
});

const isOurs = ({ Sid }: Statement) => /^W[01]/.test(Sid ?? '');

test('law: two writers that overwrite each other at will both end in the policy, what they had before is gone, and what is not theirs is as it was', () => {
  let overwritten = 0;
  fc.assert(fc.property(world, ({ foreign, wanted, old, schedule, present }) => {
    const registry = new Registry(present);
    const writers = wanted.map((ours, index) => new Writer(registry, ours, [...ours, ...old[index]].map(({ Sid }) => Sid!)));
    schedule.forEach((index) => writers[index].step());
    // From here on each comes back after a pause, until nobody finds anything to do. Neither undoes what the other did, so once each is enough.
    const rounds = writers.map((writer) => writer.round());
    overwritten += schedule.length > 4 && rounds.includes(true) ? 1 : 0;
    expect(writers.map((writer) => writer.round())).toEqual([false, false]);

    const statements = registry.get()?.Statement ?? [];
    for (const statement of wanted.flat()) {
      expect(statements.filter((one) => sameStatement(one, statement))).toHaveLength(1);
    }
    expect(statements.filter(isOurs)).toHaveLength(wanted.flat().length);
    const theirs = statements.filter((statement) => !isOurs(statement));
    expect(theirs).toHaveLength(foreign.Statement.length);
    expect(theirs.every((statement, index) => sameStatement(statement, foreign.Statement[index]))).toBe(true);
  }), { numRuns: 500 });
  expect(overwritten).toBeGreaterThan(20);
});

test('law: whoever comes first, the policy says the same in the end', () => {
  fc.assert(fc.property(world, ({ wanted, old, present }) => {
    const [ab, ba] = [[0, 1], [1, 0]].map((order) => {
      const registry = new Registry(present);
      order.forEach((index) => new Writer(registry, wanted[index], [...wanted[index], ...old[index]].map(({ Sid }) => Sid!)).round());
      return registry.get();
    });
    expect(ab === undefined || ba === undefined ? ab === ba : samePolicy(ab, ba)).toBe(true);
  }), { numRuns: 300 });
});
