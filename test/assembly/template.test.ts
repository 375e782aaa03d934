import { readTemplate } from '../../src/assembly/template';
import { DrydockError } from '../../src/errors';
import { resolveParameters } from '../../src/rehearsal/parameters';

const problemsOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return (error as DrydockError).problems.map((p) => `${p.code} ${p.pointer}`);
  }
  return [];
};
const resource = (properties: object, rest: object = {}) => ({ Resources: { R: { Type: 'AWS::SNS::Topic', Properties: properties, ...rest } } });

test.each<[string, unknown, string[]]>([
  ['not an object', [], ['DD-ASSEMBLY-003 t']],
  ['without resources', { Resources: {} }, ['DD-ASSEMBLY-003 t']],
  ['with an unknown section', { ...resource({}), Resource: {} }, ['DD-ASSEMBLY-003 t/Resource']],
  ['with a macro', { ...resource({}), Transform: ['AWS::Serverless-2016-10-31'] }, ['DD-ASSEMBLY-003 t/Transform']],
  ['with a resource without type', { Resources: { R: {} } }, ['DD-ASSEMBLY-003 t/Resources/R']],
  ['with an illegal logical ID', { Resources: { 'a-b': { Type: 'X' } } }, ['DD-ASSEMBLY-003 t/Resources/a-b']],
  ['with an unknown deletion policy', resource({}, { DeletionPolicy: 'Keep' }), ['DD-ASSEMBLY-003 t/Resources/R/DeletionPolicy']],
  ['with a policy that only deletion has', resource({}, { UpdateReplacePolicy: 'RetainExceptOnCreate' }), ['DD-ASSEMBLY-003 t/Resources/R/UpdateReplacePolicy']],
  ['with an unknown function, deep inside', resource({ a: [{ b: { 'Fn::Transform': {} } }] }), ['DD-ASSEMBLY-004 t/Resources/R/a/0/b/Fn::Transform']],
  ['with a malformed function', resource({ a: { 'Fn::GetAtt': 'R' } }), ['DD-ASSEMBLY-003 t/Resources/R/a/Fn::GetAtt']],
  ['with unknown references, all of them named', resource({ a: { Ref: 'X' }, b: { 'Fn::Sub': '${Y.Arn}' } }, { DependsOn: 'Z', Condition: 'C' }), ['DD-ASSEMBLY-005 t/Resources/R/Condition']],
  ['with unknown references', resource({ a: { Ref: 'X' }, b: { 'Fn::Sub': '${Y.Arn}' }, c: { 'Fn::If': ['C', 1, 2] } }, { DependsOn: 'Z' }), [
    'DD-ASSEMBLY-005 t/Resources/R/a/Ref', 'DD-ASSEMBLY-005 t/Resources/R/b/Fn::Sub', 'DD-ASSEMBLY-005 t/Resources/R/c/Fn::If', 'DD-ASSEMBLY-005 t/Resources/R/DependsOn',
  ]],
  ['with an output that refers to nothing', { ...resource({}), Outputs: { O: { Value: { Ref: 'X' }, Condition: 'C' } } }, ['DD-ASSEMBLY-005 t/Outputs/O/Value/Ref', 'DD-ASSEMBLY-005 t/Outputs/O/Condition']],
  ['with a condition on a resource', { ...resource({}), Conditions: { C: { 'Fn::Equals': [{ Ref: 'R' }, 1] } } }, ['DD-ASSEMBLY-005 t/Conditions/C/Fn::Equals/0/Ref']],
  ['with a dependency that is no name', resource({}, { DependsOn: { 'Fn::ToJsonString': 1 } }), ['DD-ASSEMBLY-003 t/Resources/R/DependsOn']],
  ['with dependencies of which one is no name', resource({}, { DependsOn: ['R', [['R']]] }), ['DD-ASSEMBLY-003 t/Resources/R/DependsOn']],
  ['with a condition that is no name', resource({}, { Condition: { toString: 'C' } }), ['DD-ASSEMBLY-003 t/Resources/R/Condition']],
  ['with properties that are a list', { Resources: { R: { Type: 'X', Properties: [] } } }, ['DD-ASSEMBLY-003 t/Resources/R/Properties']],
  ['with a condition of an inherited name', resource({}, { Condition: 'constructor', DependsOn: 'toString' }), ['DD-ASSEMBLY-005 t/Resources/R/Condition']],
  ['with a condition on an unknown condition', { ...resource({}), Conditions: { C: { 'Fn::Not': [{ Condition: 'D' }] } } }, ['DD-ASSEMBLY-005 t/Conditions/C/Fn::Not/0/Condition']],
])('a template %s is refused with place and code', (_, template, expected) => {
  expect(problemsOf(() => readTemplate(template, 't'))).toEqual(expected);
});

test('every problem says how to fix it', () => {
  try {
    readTemplate({ ...resource({ a: { Ref: 'X' }, b: { 'Fn::Nope': 1 } }), Transform: 'Macro' }, 't');
    throw new Error('not refused');
  } catch (error) {
    expect((error as DrydockError).problems.every((p) => (p.fix ?? '').length > 10)).toBe(true);
  }
});

test('what CDK writes is accepted: rules, metadata, pseudo parameters, statements with conditions', () => {
  expect(problemsOf(() => readTemplate({
    AWSTemplateFormatVersion: '2010-09-09',
    Parameters: { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' } },
    Rules: { CheckBootstrapVersion: { Assertions: [{ Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1'], { Ref: 'BootstrapVersion' }] }] } }] } },
    Conditions: { CDKMetadataAvailable: { 'Fn::Or': [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] }] } },
    Resources: { R: { Type: 'AWS::IAM::Policy', Condition: 'CDKMetadataAvailable', Properties: { Statement: [{ Condition: { StringEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } } }, { Condition: 'text' }] } } },
  }, 't'))).toEqual([]);
});

describe('parameters', () => {
  const template = (Parameters: object) => readTemplate({ Parameters, ...resource({}) }, 't');
  const values = (declaration: object, given: Record<string, string> = {}, ssm = {}) => resolveParameters(template({ P: declaration }), 'S', given, ssm);

  test.each<[string, object, Record<string, string>, unknown]>([
    ['a default', { Type: 'String', Default: 'd' }, {}, 'd'],
    ['a number as default', { Type: 'Number', Default: 3 }, {}, '3'],
    ['a given value', { Type: 'String', Default: 'd' }, { P: 'g' }, 'g'],
    ['a value for this stack, which wins', { Type: 'String' }, { 'P': 'g', 'S:P': 's', 'T:P': 't' }, 's'],
    ['a list', { Type: 'CommaDelimitedList', Default: 'a, b' }, {}, ['a', 'b']],
    ['a typed list', { Type: 'List<Number>', Default: '1,2' }, {}, ['1', '2']],
  ])('%s', (_, declaration, given, expected) => {
    expect(values(declaration, given).resolved.get('P')).toEqual(expected);
  });

  test('the bootstrap version is high enough, and no made-up value', () => {
    const { resolved, notices } = values({ Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' });
    expect(Number(resolved.get('P'))).toBeGreaterThan(20);
    expect(notices).toEqual([]);
  });

  test('the value of an SSM parameter is taken from what is given, or made up and reported', () => {
    const declaration = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a/b' };
    expect(values(declaration, {}, { '/a/b': 'known' })).toMatchObject({ notices: [] });
    expect(values(declaration, {}, { '/a/b': 'known' }).resolved.get('P')).toBe('known');
    expect(values(declaration)).toMatchObject({ notices: [{ code: 'DD-REHEARSAL-104', pointer: 'S/Parameters/P' }] });
  });

  test('everything that is missing or not allowed is named at once', () => {
    const all = template({
      Missing: { Type: 'String' }, Value: { Type: 'String', AllowedValues: ['a'] }, Pattern: { Type: 'String', AllowedPattern: '[a-z]+' }, Number: { Type: 'Number' }, Fine: { Type: 'String' },
    });
    expect(problemsOf(() => resolveParameters(all, 'S', { Value: 'b', Pattern: 'a1', Number: 'x', Fine: 'x' })))
      .toEqual(['Missing', 'Value', 'Pattern', 'Number'].map((name) => `DD-REHEARSAL-007 S/Parameters/${name}`));
  });
});
