import * as fc from 'fast-check';
import { hostileStatement, ours as wantedStatements, policy as policies, sid } from './arbitraries';
import { samePolicy, sameStatement } from '../../src/access/compare';
import { deletedPrincipals, mergeStatements } from '../../src/access/merge';
import { AccessPolicy, Statement } from '../../src/access/model';
import { normalisedText } from '../../src/access/render';

const PULL = 'ecr:BatchGetImage';
const named = (Sid: string | undefined, Action: string | string[] = PULL, rest: Partial<Statement> = {}): Statement =>
  ({ ...(Sid === undefined ? {} : { Sid }), Effect: 'Allow', Principal: { AWS: '210987654321' }, Action, ...rest });
const document = (...statements: Statement[]): AccessPolicy => ({ Version: '2012-10-17', Statement: statements });
const VARIABLE: Partial<Statement> = { Condition: { StringEquals: { 'aws:PrincipalTag/team': '${aws:ResourceTag/team}' } } };

describe('our statements', () => {
  test('make a policy of version 2012-10-17 where there is none', () => {
    const { policy, changed, conflicts } = mergeStatements({ ours: [named('A')], previousSids: [] });
    expect(policy).toEqual({ Version: '2012-10-17', Statement: [named('A')] });
    expect([changed, conflicts]).toEqual([true, []]);
  });

  test('come after the others and leave them as they were read', () => {
    const current: AccessPolicy = { Version: '2008-10-17', Id: 'theirs', Statement: [named(undefined, ['ecr:PutImage']), named('LambdaECRImageRetrievalPolicy')] };
    const { policy } = mergeStatements({ current, ours: [named('A')], previousSids: [] });
    expect(policy).toEqual({ ...current, Statement: [...current.Statement, named('A')] });
    expect(policy!.Statement[0]).toBe(current.Statement[0]);
  });

  test('replace what had their Sid, in its place', () => {
    const current = document(named('X'), named('A'), named('Y'));
    const { policy, conflicts } = mergeStatements({ current, ours: [named('A', 'ecr:PutImage')], previousSids: ['A'] });
    expect(policy!.Statement).toEqual([named('X'), named('A', 'ecr:PutImage'), named('Y')]);
    expect(conflicts).toEqual([]);
  });

  test('that are not wanted any more go', () => {
    const { policy, changed } = mergeStatements({ current: document(named('Old'), named('X')), ours: [named('New')], previousSids: ['Old'] });
    expect(policy!.Statement).toEqual([named('X'), named('New')]);
    expect(changed).toBe(true);
  });

  test('leave no policy when nothing else is there', () => {
    expect(mergeStatements({ current: document(named('A'), named('B')), ours: [], previousSids: ['A', 'B'] }))
      .toEqual({ policy: undefined, changed: true, conflicts: [] });
    expect(mergeStatements({ ours: [], previousSids: ['A'] })).toEqual({ policy: undefined, changed: false, conflicts: [] });
  });

  test('that are there already, as ECR writes them, change nothing', () => {
    const ours = [named('A', [PULL], { Resource: '*' })];
    const current = JSON.parse(normalisedText(document(named(undefined), named('A', 'ECR:BatchGetImage')))) as AccessPolicy;
    for (const previousSids of [[], ['A']]) {
      const { policy, changed, conflicts } = mergeStatements({ current, ours, previousSids });
      expect([policy, changed, conflicts]).toEqual([current, false, []]);
    }
  });
});

describe('statements of somebody else', () => {
  test('with a Sid of ours and other content are a conflict, whatever else is wanted', () => {
    const current = document(named('X'), named('A', 'ecr:PutImage'));
    const { policy, conflicts } = mergeStatements({ current, ours: [named('A'), named('B')], previousSids: [] });
    expect(conflicts).toMatchObject([{ code: 'DD-ACCESS-015', pointer: '/Statement/1', value: current.Statement[1] }]);
    expect(policy!.Statement.slice(0, 2)).toEqual(current.Statement);
  });

  test('with a Sid of another case are none of ours', () => {
    const current = document(named('a', 'ecr:PutImage'));
    const { policy, conflicts } = mergeStatements({ current, ours: [named('A')], previousSids: ['A'] });
    expect([policy!.Statement, conflicts]).toEqual([[current.Statement[0], named('A')], []]);
  });

  test('without a Sid stay, even when they say what ours say', () => {
    const current = document(named(undefined), { ...named(undefined), Sid: '' });
    expect(mergeStatements({ current, ours: [], previousSids: ['', 'undefined'] })).toMatchObject({ policy: current, changed: false });
    expect(mergeStatements({ current, ours: [named('A')], previousSids: [] }).policy!.Statement).toEqual([...current.Statement, named('A')]);
  });

  test('that share a Sid not ours stay all', () => {
    const current = document(named('X'), named('X', 'ecr:PutImage'));
    expect(mergeStatements({ current, ours: [named('A')], previousSids: ['B'] }).policy!.Statement.slice(0, 2)).toEqual(current.Statement);
  });
});

describe('several statements under a Sid of ours', () => {
  const twice = document(named('A'), named('X'), named('A', 'ecr:PutImage'));

  test('that differ are not touched, whether ours is to change or to go', () => {
    const change = mergeStatements({ current: twice, ours: [named('A', 'ecr:*')], previousSids: ['A'] });
    expect([change.changed, change.conflicts]).toMatchObject([false, [{ code: 'DD-ACCESS-015', pointer: '/Statement/2' }]]);
    const removal = mergeStatements({ current: twice, ours: [], previousSids: ['A'] });
    expect([removal.changed, removal.conflicts]).toMatchObject([false, [{ code: 'DD-ACCESS-018', pointer: '/Statement/2' }]]);
    expect(removal.policy).toEqual(twice);
  });

  test('are in order when one says what ours shall say and the Sid is ours', () => {
    expect(mergeStatements({ current: twice, ours: [named('A')], previousSids: ['A'] })).toEqual({ policy: twice, changed: false, conflicts: [] });
    expect(mergeStatements({ current: twice, ours: [named('A')], previousSids: [] }).conflicts).toMatchObject([{ code: 'DD-ACCESS-015', pointer: '/Statement/2' }]);
  });

  test('that say the same count as one', () => {
    const current = document(named('A'), named('X'), named('A', [PULL]));
    expect(mergeStatements({ current, ours: [], previousSids: ['A'] }).policy!.Statement).toEqual([named('X')]);
    expect(mergeStatements({ current, ours: [named('A', 'ecr:*')], previousSids: ['A'] }).policy!.Statement).toEqual([named('A', 'ecr:*'), named('X')]);
    expect(mergeStatements({ current, ours: [named('A')], previousSids: [] })).toMatchObject({ changed: false, conflicts: [] });
  });
});

describe('ours that cannot be told apart', () => {
  test.each([
    ['without a Sid', [named(undefined)], 'DD-ACCESS-021', '/Statement/0/Sid'],
    ['with an empty Sid', [named('A'), named('')], 'DD-ACCESS-021', '/Statement/1/Sid'],
    ['with one Sid', [named('A'), named('A', 'ecr:*')], 'DD-ACCESS-009', '/Statement/1/Sid'],
  ])('%s are a problem', (_, ours, code, pointer) => {
    expect(mergeStatements({ ours, previousSids: [] }).conflicts).toMatchObject([{ code, pointer }]);
  });
});

describe('policy variables', () => {
  test('of ours move a document of the older version on', () => {
    const current: AccessPolicy = { Version: '2008-10-17', Statement: [named('X')] };
    const first = mergeStatements({ current, ours: [named('A', PULL, VARIABLE)], previousSids: [] });
    expect([first.policy!.Version, first.changed, first.conflicts]).toEqual(['2012-10-17', true, []]);
    const stale: AccessPolicy = { Statement: first.policy!.Statement };
    expect(mergeStatements({ current: stale, ours: [named('A', PULL, VARIABLE)], previousSids: ['A'] })).toMatchObject({ changed: true, policy: { Version: '2012-10-17' } });
  });

  test('of ours are a conflict where the same characters are plain text in a statement of somebody else', () => {
    for (const Version of ['2008-10-17', undefined]) {
      const current: AccessPolicy = { ...(Version === undefined ? {} : { Version }), Statement: [named('X', PULL, VARIABLE)] };
      const { policy, conflicts } = mergeStatements({ current, ours: [named('A', PULL, VARIABLE)], previousSids: [] });
      expect([policy!.Version, conflicts]).toMatchObject([Version, [{ code: 'DD-ACCESS-019', message: expect.stringContaining('"X"') as string }]]);
    }
  });

  test('of the others do not begin to work because ours come in', () => {
    const current: AccessPolicy = { Statement: [named('X', PULL, VARIABLE)] };
    const { policy, conflicts } = mergeStatements({ current, ours: [named('A')], previousSids: [] });
    expect([policy!.Version, conflicts]).toEqual([undefined, []]);
  });
});

describe('what ECR would not take is a problem before it is sent', () => {
  const ROLE_ID = 'AROAJ4Q7EXAMPLE12345A';

  test.each<[string, Statement, string]>([
    ['a deleted role', named('Ci', PULL, { Principal: { AWS: ['210987654321', ROLE_ID] } }), '"Ci"'],
    ['a deleted user beside whom nobody is meant', named(undefined, PULL, { Principal: undefined, NotPrincipal: { AWS: 'AIDAJ4Q7EXAMPLE12345A' } }), 'number 2'],
  ])('%s in a statement of somebody else', (_, foreign, name) => {
    const current = document(named('X'), foreign);
    const { conflicts } = mergeStatements({ current, ours: [named('A')], previousSids: [] });
    expect(conflicts).toMatchObject([{ code: 'DD-ACCESS-016', pointer: '/Statement/1', value: foreign }]);
    expect(conflicts[0].message).toContain(name);
    expect(mergeStatements({ current, ours: [], previousSids: ['A'] })).toMatchObject({ changed: false, conflicts: [] });
  });

  test('but a deleted role in ours is replaced by what it shall be', () => {
    const current = document(named('A', PULL, { Principal: { AWS: ROLE_ID } }));
    const wanted = named('A', PULL, { Principal: { AWS: 'arn:aws:iam::210987654321:role/ci' } });
    expect(mergeStatements({ current, ours: [wanted], previousSids: ['A'] })).toMatchObject({ policy: { Statement: [wanted] }, conflicts: [] });
  });

  test.each([['210987654321', []], ['AROA', []], [ROLE_ID, [ROLE_ID]], [`${ROLE_ID}:session`, []]])('%s names %p that were deleted', (AWS, ids) => {
    expect(deletedPrincipals(named('A', PULL, { Principal: { AWS } }))).toEqual(ids);
  });

  test('10,240 characters as ECR stores them fit, one more does not', () => {
    const grown = (length: number) => named('A', PULL, { Condition: { StringLike: { 'aws:PrincipalArn': 'x'.repeat(length) } } });
    const rest = 10_240 - normalisedText(document(named('X'), grown(0))).length;
    const merge = (length: number) => mergeStatements({ current: document(named('X')), ours: [grown(length)], previousSids: [] });
    expect(normalisedText(merge(rest).policy!)).toHaveLength(10_240);
    expect(merge(rest).conflicts).toEqual([]);
    expect(merge(rest + 1).conflicts).toMatchObject([{ code: 'DD-ACCESS-012', value: 10_241, message: expect.stringContaining('10241') as string }]);
  });
});

const merges = fc.record({
  current: fc.option(policies, { nil: undefined }),
  ours: wantedStatements,
  previousSids: fc.uniqueArray(sid, { maxLength: 4 }),
});

test('law: merging once more changes nothing and finds the same conflicts', () => {
  fc.assert(fc.property(merges, (input) => {
    const once = mergeStatements(input);
    const again = mergeStatements({ ...input, current: once.policy });
    expect(again.changed).toBe(false);
    expect(again.policy).toEqual(once.policy);
    expect(again.conflicts.map(({ code }) => code)).toEqual(once.conflicts.map(({ code }) => code));
  }), { numRuns: 500 });
});

test('law: a statement that is not ours stays, the same object and in order', () => {
  fc.assert(fc.property(merges, (input) => {
    const { policy } = mergeStatements(input);
    const foreign = (input.current?.Statement ?? []).filter(({ Sid }) => Sid === undefined || Sid === '' || !input.previousSids.includes(Sid));
    const kept = (policy?.Statement ?? []).filter((statement) => foreign.includes(statement));
    expect(kept).toEqual(foreign);
  }), { numRuns: 500 });
});

test('law: without conflicts ours are there, what was ours before is gone, and merge then removal leaves what was there', () => {
  let judged = 0;
  fc.assert(fc.property(merges, ({ current, ours, previousSids }) => {
    const { policy, conflicts } = mergeStatements({ current, ours, previousSids });
    fc.pre(conflicts.length === 0);
    judged += 1;
    for (const statement of ours) {
      expect(policy!.Statement.some((one) => sameStatement(one, statement))).toBe(true);
    }
    const sids = ours.map(({ Sid }) => Sid!);
    const gone = previousSids.filter((one) => !sids.includes(one));
    expect((policy?.Statement ?? []).filter(({ Sid }) => gone.includes(Sid!))).toEqual([]);

    const removal = mergeStatements({ current: policy, ours: [], previousSids: sids });
    fc.pre(removal.conflicts.length === 0);
    const before = (current?.Statement ?? []).filter(({ Sid }) => !previousSids.includes(Sid!) && !sids.includes(Sid!));
    expect(removal.policy?.Statement ?? []).toEqual(before);
    if (removal.policy && current) {
      expect(samePolicy(removal.policy, { ...current, Statement: before })).toBe(true);
    }
  }), { numRuns: 500 });
  expect(judged).toBeGreaterThan(100);
});

test('law: whether a policy changed is said truly', () => {
  fc.assert(fc.property(merges, (input) => {
    const { policy, changed } = mergeStatements(input);
    expect(changed).toBe(JSON.stringify(policy) !== JSON.stringify(input.current));
  }));
});

test('law: no statement of somebody else, however odd, breaks the merge', () => {
  fc.assert(fc.property(fc.array(hostileStatement, { maxLength: 3 }), wantedStatements, (foreign, ours) => {
    const { policy } = mergeStatements({ current: { Statement: foreign }, ours, previousSids: ['A'] });
    expect(policy === undefined || policy.Statement.length >= foreign.filter(({ Sid }) => typeof Sid !== 'string').length).toBe(true);
  }), { numRuns: 500 });
});
