import * as fc from 'fast-check';
import { resolve, Scope } from '../../src/assembly/intrinsics';
import { resolvePartly, Unresolved } from '../../src/assembly/partial';

const unknown = (name: string): never => {
  throw new Unresolved({ kind: 'parameter', name, text: `the parameter ${name}` });
};
const scope: Scope = {
  parameter: (name) => name === 'Known' ? 'value' : name === 'Open' ? unknown(name) : undefined,
  condition: (name) => name === 'Yes' || name !== 'No' && unknown(name),
  mapping: () => undefined,
  ref: unknown,
  attribute: unknown,
  importValue: unknown,
};

const KNOWN = fc.constantFrom<unknown>('text', 7, true, { Ref: 'Known' }, { 'Fn::Join': ['-', ['a', { Ref: 'Known' }]] }, { 'Fn::If': ['Yes', 'then', { Ref: 'Open' }] });
const OPEN = fc.constantFrom<unknown>({ Ref: 'Open' }, { 'Fn::GetAtt': ['R', 'Arn'] }, { 'Fn::Join': ['-', ['a', { Ref: 'Open' }]] }, { 'Fn::If': ['Maybe', 1, 2] }, '{{resolve:ssm:/x}}');
const tree = (leaf: fc.Arbitrary<unknown>) => fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('node'), { maxLength: 3 }), fc.dictionary(fc.constantFrom('a', 'b/c', 'd~e'), tie('node'), { maxKeys: 3 })),
})).node;

const at = (value: unknown, pointer: string): unknown => pointer === '' ? value : pointer.slice(1).split('/')
  .map((key) => key.replace(/~1/g, '/').replace(/~0/g, '~')).reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], value);

test('what can be resolved is resolved as it always is', () => {
  fc.assert(fc.property(tree(KNOWN), (value) => {
    expect(resolvePartly(value, scope)).toEqual({ value: resolve(value, scope), unresolved: [] });
  }));
});

test('what cannot be resolved stays as it was, at the place that is told', () => {
  fc.assert(fc.property(tree(fc.oneof(KNOWN, OPEN)), (value) => {
    const { value: resolved, unresolved } = resolvePartly(value, scope);
    for (const one of unresolved) {
      expect(at(resolved, one.pointer)).toEqual(one.value);
    }
    // Nothing else is open: a function that is left is one that was told.
    const told = new Set(unresolved.map(({ pointer }) => pointer));
    const visit = (part: unknown, pointer: string): void => {
      if (told.has(pointer)) {
        return;
      }
      expect(JSON.stringify(part)?.startsWith('{"Ref"') || JSON.stringify(part)?.startsWith('{"Fn::')).not.toBe(true);
      if (typeof part === 'object' && part !== null) {
        Object.entries(part).forEach(([key, member]) => visit(member, `${pointer}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`));
      }
    };
    visit(resolved, '');
  }));
});

test('a branch that is taken is known in part, and what is absent leaves no hole', () => {
  expect(resolvePartly({ list: ['a', { Ref: 'AWS::NoValue' }, { 'Fn::If': ['No', 'x', { deep: { Ref: 'Open' }, other: { Ref: 'Known' } }] }], gone: { Ref: 'AWS::NoValue' } }, scope)).toEqual({
    value: { list: ['a', { deep: { Ref: 'Open' }, other: 'value' }] },
    unresolved: [{ pointer: '/list/1/deep', value: { Ref: 'Open' }, hangsOn: { kind: 'parameter', name: 'Open', text: 'the parameter Open' } }],
  });
});
