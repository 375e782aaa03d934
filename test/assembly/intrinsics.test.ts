import * as fc from 'fast-check';
import { references, resolve, resolveCondition, ResolutionFailure, Scope } from '../../src/assembly/intrinsics';

const PARAMETERS: Record<string, unknown> = { 'P': 'value', 'List': ['a', 'b', 'c'], 'AWS::Region': 'eu-west-1', 'AWS::AccountId': '111122223333' };
const CONDITIONS: Record<string, boolean> = { Yes: true, No: false };
const MAP: Record<string, Record<string, unknown>> = { 'eu-west-1': { ami: 'ami-1', zones: ['x', 'y'] } };

const scope: Scope = {
  parameter: (name) => PARAMETERS[name],
  condition: (name) => CONDITIONS[name],
  mapping: (map, first, second) => map === 'Map' ? MAP[first]?.[second] : undefined,
  ref: (id) => `ref-of-${id}`,
  attribute: (id, attribute) => attribute === 'AnObject' ? { a: 1 } : `${attribute}-of-${id}`,
  importValue: (name) => `import-of-${name}`,
};

test.each<[string, unknown, unknown]>([
  ['Ref of a parameter', { Ref: 'P' }, 'value'],
  ['Ref of a list parameter', { Ref: 'List' }, ['a', 'b', 'c']],
  ['Ref of a resource', { Ref: 'R' }, 'ref-of-R'],
  ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['GetAtt as a list', { 'Fn::GetAtt': ['R', 'Arn'] }, 'Arn-of-R'],
  ['GetAtt as a string', { 'Fn::GetAtt': 'R.Arn' }, 'Arn-of-R'],
  ['GetAtt of a dotted attribute', { 'Fn::GetAtt': ['R', 'Outputs.Name'] }, 'Outputs.Name-of-R'],
  ['GetAtt of a dotted attribute as a string', { 'Fn::GetAtt': 'R.Outputs.Name' }, 'Outputs.Name-of-R'],
  ['GetAtt of an attribute that is looked up', { 'Fn::GetAtt': ['R', { Ref: 'P' }] }, 'value-of-R'],
  ['Sub with everything', { 'Fn::Sub': '${P} ${R} ${R.Arn} ${AWS::AccountId} ${!Literal} $5 {}' }, 'value ref-of-R Arn-of-R 111122223333 ${Literal} $5 {}'],
  ['Sub with variables, which win', { 'Fn::Sub': ['${P} ${Q}', { P: 'mine', Q: { 'Fn::GetAtt': ['R', 'Arn'] } }] }, 'mine Arn-of-R'],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'P' }, 3, { Ref: 'AWS::NoValue' }]] }, 'a-value-3'],
  ['Join of a list that is looked up', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b,c'],
  ['Select', { 'Fn::Select': ['1', { Ref: 'List' }] }, 'b'],
  ['Select of Split', { 'Fn::Select': [2, { 'Fn::Split': ['/', 'x/y/z'] }] }, 'z'],
  ['If, true', { 'Fn::If': ['Yes', { Ref: 'P' }, { Ref: 'R' }] }, 'value'],
  ['If, false', { 'Fn::If': ['No', { Ref: 'P' }, { Ref: 'R' }] }, 'ref-of-R'],
  ['FindInMap', { 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'ami'] }, 'ami-1'],
  ['FindInMap of a list', { 'Fn::FindInMap': ['Map', 'eu-west-1', 'zones'] }, ['x', 'y']],
  ['FindInMap with a default', { 'Fn::FindInMap': ['Map', 'mars', 'ami', { DefaultValue: { Ref: 'P' } }] }, 'value'],
  ['Base64', { 'Fn::Base64': 'grüße' }, 'Z3LDvMOfZQ=='],
  ['GetAZs', { 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
  ['GetAZs of a Region', { 'Fn::GetAZs': 'us-east-2' }, ['us-east-2a', 'us-east-2b', 'us-east-2c']],
  ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'x-${P}' } }, 'import-of-x-value'],
  ['Length', { 'Fn::Length': { Ref: 'List' } }, 3],
  ['ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'P' }, b: [1, { Ref: 'AWS::NoValue' }] } }, '{"a":"value","b":[1]}'],
  ['Cidr', { 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
  ['NoValue drops a member and an element', { a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1], c: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] } }, { b: [1] }],
  ['NoValue alone', { Ref: 'AWS::NoValue' }, undefined],
  ['a Condition of an IAM statement, which is none of ours', { Condition: { StringEquals: { a: { Ref: 'P' } } }, Action: 'x' }, { Condition: { StringEquals: { a: 'value' } }, Action: 'x' }],
  ['values that are not functions', { a: [1, true, null, 'x'], Ref2: { Ref: 'P', b: 1 } }, { a: [1, true, null, 'x'], Ref2: { Ref: 'P', b: 1 } }],
])('%s', (_, value, expected) => {
  expect(resolve(value, scope)).toEqual(expected);
});

test.each<[string, unknown, RegExp]>([
  ['Select out of range', { 'Fn::Select': [3, { Ref: 'List' }] }, /cannot select nonexistent value at index 3/],
  ['FindInMap without an entry', { 'Fn::FindInMap': ['Map', 'mars', 'ami'] }, /Unable to get mapping for Map::mars::ami/],
  ['Join of something that is not a list', { 'Fn::Join': [',', 'abc'] }, /Fn::Join object requires a list, not "abc"/],
  ['Sub of an object', { 'Fn::Sub': '${R.AnObject}' }, /Fn::Sub of R.AnObject needs a string/],
  ['an unknown function', { 'Fn::Nothing': 1 }, /unknown function Fn::Nothing/],
  ['Cidr that does not fit', { 'Fn::Cidr': ['10.0.0.0/24', 3, 8] }, /cannot split/],
])('%s is an error of the resource that asks', (_, value, message) => {
  expect(() => resolve(value, scope)).toThrow(ResolutionFailure);
  expect(() => resolve(value, scope)).toThrow(message);
});

test.each<[unknown, boolean]>([
  [{ 'Fn::Equals': [{ Ref: 'P' }, 'value'] }, true],
  [{ 'Fn::Equals': [1, '1'] }, true],
  [{ 'Fn::Equals': [{ a: 1 }, '[object Object]'] }, false],
  [{ 'Fn::Equals': [{ toString: 'x' }, 'value'] }, false],
  [{ 'Fn::Equals': [{ Ref: 'P' }, 'other'] }, false],
  [{ 'Fn::Not': [{ Condition: 'No' }] }, true],
  [{ 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Not': [{ Condition: 'Yes' }] }] }, false],
  [{ 'Fn::Or': [{ Condition: 'No' }, { 'Fn::Equals': ['a', 'a'] }] }, true],
])('the condition %j is %s', (expression, expected) => {
  expect(resolveCondition(expression, scope)).toBe(expected);
});

describe('references', () => {
  const names = (value: unknown, condition?: (name: string) => boolean) => [...references(value, '', condition)].map((r) => `${r.kind} ${r.name}`);

  test('are found in every function, variables of Sub included, except those that Sub defines itself', () => {
    expect(names({ a: [{ Ref: 'A' }], b: { 'Fn::Join': ['', [{ 'Fn::GetAtt': 'B.Arn' }]] }, c: { 'Fn::Sub': ['${C} ${D.Arn} ${V} ${!E}', { V: { Ref: 'F' } }] } }))
      .toEqual(['ref A', 'attribute B', 'ref C', 'attribute D', 'ref F']);
  });

  test('of Fn::If are those of the branch that is taken, when conditions are known', () => {
    const value = { 'Fn::If': ['Yes', { Ref: 'A' }, { Ref: 'B' }] };
    expect(names(value, (name) => CONDITIONS[name])).toEqual(['ref A']);
    expect(names(value)).toEqual(['condition Yes', 'ref A', 'ref B']);
  });

  test('name functions that are unknown, and functions that stand beside other members', () => {
    expect(names({ 'Fn::Transform': { Name: 'x', Parameters: { a: { Ref: 'A' } } } })).toEqual(['unknown-function Fn::Transform', 'ref A']);
    expect(names({ 'Fn::Join': ['', []], 'b': 1 })).toEqual([expect.stringMatching(/^malformed Fn::Join stands beside other members/)]);
    expect(names([{ Ref: 1 }, { 'Fn::GetAtt': 'NoDot' }, { 'Fn::Sub': [1] }, { 'Fn::If': ['A'] }])).toHaveLength(4);
  });

  test('law: a value without functions resolves to itself and refers to nothing', () => {
    const plain = fc.object({ withNullPrototype: false, values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)], key: fc.string().filter((k) => !k.startsWith('Fn::') && k !== 'Ref' && k !== 'Condition') });
    fc.assert(fc.property(plain, (value) => {
      expect(resolve(value, scope)).toEqual(value);
      expect(names(value)).toEqual([]);
    }));
  });

  test('law: Join undoes Split', () => {
    fc.assert(fc.property(fc.string(), fc.string({ minLength: 1 }), (text, delimiter) => {
      expect(resolve({ 'Fn::Join': [delimiter, { 'Fn::Split': [delimiter, text] }] }, scope)).toBe(text);
    }));
  });
});
