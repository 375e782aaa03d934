import * as fc from 'fast-check';
import { AccessPolicy, Principal as PrincipalElement, Statement } from '../../src/access/model';

const ACCOUNTS = ['123456789012', '210987654321'];

const awsPrincipal = fc.oneof(
  fc.constantFrom(...ACCOUNTS),
  fc.constantFrom(...ACCOUNTS.flatMap((id) => [
    `arn:aws:iam::${id}:root`, `arn:aws-cn:iam::${id}:root`, `arn:aws:iam::${id}:role/deploy`, `arn:aws:iam::${id}:user/path/ann`,
  ])),
);

const manyOrOne = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> => fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));

const mostly = <A, B>(usual: fc.Arbitrary<A>, rare: fc.Arbitrary<B>) => fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: rare });

const principal: fc.Arbitrary<PrincipalElement> = fc.oneof(
  fc.constant('*'),
  fc.constant({ AWS: '*' }),
  fc.record({ AWS: manyOrOne(awsPrincipal) }),
  fc.record({ Service: manyOrOne(fc.constantFrom('codebuild.amazonaws.com', 'lambda.amazonaws.com')) }),
  fc.record({ AWS: manyOrOne(awsPrincipal), Service: fc.constant('lambda.amazonaws.com') }),
);

const action = fc.constantFrom('ecr:BatchGetImage', 'ecr:batchgetimage', 'ecr:PutImage', 'ecr:Get*', 'ecr:*', '*', 'ecr:SetRepositoryPolicy');

const conditionValue = fc.constantFrom<string | number | boolean>('a', 'b', 1, '1', true, 'true', '${aws:PrincipalTag/team}');
const condition = fc.dictionary(
  fc.constantFrom('StringEquals', 'stringlike', 'Bool', 'ForAnyValue:StringLike', 'ArnLike'),
  fc.dictionary(fc.constantFrom('aws:SourceAccount', 'aws:sourceArn', 'aws:PrincipalOrgID'), manyOrOne(conditionValue), { maxKeys: 2 }),
  { maxKeys: 2 },
);

const body = fc.tuple(
  fc.constantFrom('Allow' as const, 'Deny' as const),
  mostly(principal.map((Principal) => ({ Principal })), principal.map((NotPrincipal) => ({ NotPrincipal }))),
  mostly(manyOrOne(action).map((Action) => ({ Action })), manyOrOne(action).map((NotAction) => ({ NotAction }))),
  fc.option(condition, { nil: undefined }),
).map(([Effect, whom, what, Condition]): Statement => ({ Effect, ...whom, ...what, ...(Condition === undefined ? {} : { Condition }) }));

/** Few Sids, so that they meet. */
export const SIDS = ['A', 'B', 'C', 'a', ''];
export const sid = fc.constantFrom(...SIDS.filter((one) => one !== ''));

/** A statement, perhaps without a Sid. */
export const statement: fc.Arbitrary<Statement> = fc.tuple(fc.option(fc.constantFrom(...SIDS), { nil: undefined }), body)
  .map(([Sid, rest]) => Sid === undefined ? rest : { Sid, ...rest });

/** Statements that a construct wants: each with a Sid of its own. */
export const ours: fc.Arbitrary<Statement[]> = fc.uniqueArray(fc.tuple(sid, body), { selector: ([one]) => one, maxLength: 4 })
  .map((list) => list.map(([Sid, rest]) => ({ Sid, ...rest })));

export const policy: fc.Arbitrary<AccessPolicy> = fc.record({
  Version: fc.constantFrom('2008-10-17', '2012-10-17'),
  Id: fc.constantFrom('mine', 'theirs'),
  Statement: fc.array(statement, { minLength: 1, maxLength: 5 }),
}, { requiredKeys: ['Statement'] });

/** Any JSON, with the words of policies in places where they do not belong. */
export const hostile: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(
      null, true, 0, 1e300, '', '*', '123456789012', 'ecr:*', 'Allow', 'Deny', '${Token[TOKEN.7]}', '${aws:x}', 'AROAEXAMPLEEXAMPLE', 'a:b:c:d:e:f',
    ),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.oneof(fc.constantFrom(
    'Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition', 'Statement', 'Version', 'Id', 'AWS',
    'Service', 'Ref', 'Fn::GetAtt', 'StringEquals', 'aws:SourceArn', '__proto__', 'constructor', 'toString', 'length', '0',
  ), fc.string()), tie('value'), { maxKeys: 6 }),
})).value;

/** Objects where statements should be, which is all that a policy read by `parsePolicy` promises. */
export const hostileStatement = hostile.filter((value): value is Statement => typeof value === 'object' && value !== null && !Array.isArray(value));

/** The statement written differently with the same meaning. */
export function rewritten(from: Statement): fc.Arbitrary<Statement> {
  return fc.infiniteStream(fc.nat()).map((stream) => {
    const next = (below: number) => (stream.next().value as number) % below;
    return new Rewriter(next).statement(from);
  });
}

class Rewriter {
  constructor(private readonly next: (below: number) => number) {}

  public statement({ Principal, NotPrincipal, Action, NotAction, Condition, ...rest }: Statement): Statement {
    const parts: Partial<Record<keyof Statement, unknown>> = {
      ...rest,
      Principal: this.who(Principal),
      NotPrincipal: this.who(NotPrincipal),
      Action: this.list(Action, (one) => this.cased(one)),
      NotAction: this.list(NotAction, (one) => this.cased(one)),
      Condition: this.when(Condition),
      Resource: [undefined, '*', ['*']][this.next(3)],
    };
    return Object.fromEntries(this.shuffled(Object.entries(parts)).filter(([, value]) => value !== undefined)) as unknown as Statement;
  }

  private who(from: PrincipalElement | undefined): unknown {
    if (from === undefined) {
      return undefined;
    }
    if (from === '*' || (typeof from === 'object' && from.AWS === '*' && Object.keys(from).length === 1)) {
      return ['*', { AWS: '*' }, { AWS: ['*'] }][this.next(3)];
    }
    return Object.fromEntries(this.shuffled(Object.entries(from))
      .map(([kind, values]) => [kind, this.list(values as string[], (one) => this.account(one))]));
  }

  private account(value: string): string {
    const id = /^(\d{12})$|^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(value);
    return id === null ? value : [id[1] ?? id[2], `arn:aws:iam::${id[1] ?? id[2]}:root`, `arn:aws-us-gov:iam::${id[1] ?? id[2]}:root`][this.next(3)];
  }

  private when(from: Statement['Condition']): unknown {
    if (from === undefined || Object.values(from).every((block) => Object.keys(block).length === 0)) {
      return [undefined, {}, { Bool: {} }][this.next(3)];
    }
    return Object.fromEntries(this.shuffled(Object.entries(from)).map(([operator, block]) => [
      this.cased(operator),
      Object.fromEntries(this.shuffled(Object.entries(block))
        .map(([key, values]) => [this.cased(key), this.list(values as string[], (one) => this.scalar(one))])),
    ]));
  }

  private scalar(value: string | number | boolean): string | number | boolean {
    const forms = ([['1', 1], ['true', true]] as (string | number | boolean)[][]).find((all) => all.includes(value)) ?? [value];
    return forms[this.next(forms.length)];
  }

  private list<T>(values: T | readonly T[] | undefined, rewrite: (one: T) => unknown): unknown {
    if (values === undefined) {
      return undefined;
    }
    const list = (Array.isArray(values) ? values as T[] : [values as T]);
    const longer = this.next(2) === 0 ? list : [...list, list[this.next(list.length)]];
    const all = this.shuffled(longer).map(rewrite);
    return all.length === 1 && this.next(2) === 0 ? all[0] : all;
  }

  private cased(text: string): string {
    return [text, text.toLowerCase(), text.toUpperCase()][this.next(3)];
  }

  private shuffled<T>(list: readonly T[]): T[] {
    return list.map((one) => ({ one, at: this.next(1000) })).sort((a, b) => a.at - b.at).map(({ one }) => one);
  }
}
