import { references, ResolutionFailure, resolve, Scope } from '../../../src/assembly/intrinsics';
import { prepare } from '../../../src/assembly/prepared';
import { readTemplate } from '../../../src/assembly/template';
import { FuzzTarget } from '../target';

const SCOPE: Scope = {
  parameter: (name) => (name.startsWith('AWS::') ? 'eu-central-1' : name === 'P' ? 'x' : undefined),
  condition: (name) => name.length % 2 === 0,
  mapping: (...keys) => (keys.every((key) => key === 'a') ? 'mapped' : undefined),
  ref: (name) => `ref-${name}`,
  attribute: (id, attribute) => `${id}.${attribute}`,
  importValue: (name) => `import-${name}`,
};

/** A template: read as CloudFormation does, its conditions decided, its functions answered. */
export const template: FuzzTarget = {
  name: 'template',
  words: [
    'Resources', 'Properties', 'Type', 'Condition', 'Conditions', 'Parameters', 'Default', 'Mappings', 'Outputs', 'Value', 'Export', 'DependsOn', 'Ref', 'Fn::GetAtt', 'Fn::Sub', 'Fn::Join', 'Fn::Split',
    'Fn::Select', 'Fn::If', 'Fn::FindInMap', 'Fn::Base64', 'Fn::GetAZs', 'Fn::ImportValue', 'Fn::Length', 'Fn::ToJsonString', 'Fn::Cidr', 'Fn::And', 'Fn::Or', 'Fn::Not', 'Fn::Equals', 'AWS::NoValue',
    'AWS::Region', '${A.B}', '${!A}', '10.0.0.0/16', 'AWS::ECR::Repository',
  ],
  maxBytes: 131_072,
  seeds: () => [JSON.stringify({
    Parameters: { P: { Type: 'String', Default: 'x', AllowedPattern: 'x*' } },
    Mappings: { M: { a: { b: 'c' } } },
    Conditions: { C: { 'Fn::And': [{ 'Fn::Equals': [{ Ref: 'P' }, 'x'] }, { 'Fn::Not': [{ Condition: 'D' }] }] }, D: { 'Fn::Or': [{ 'Fn::Equals': ['a', 'b'] }, { 'Fn::Equals': ['a', 'c'] }] } },
    Resources: {
      A: {
        Type: 'AWS::ECR::Repository', Condition: 'C', DependsOn: ['B'], DeletionPolicy: 'Retain',
        Properties: {
          a: { 'Fn::Join': ['', ['x', { Ref: 'P' }]] }, b: { 'Fn::Sub': ['${A}-${x}', { x: { Ref: 'AWS::Region' } }] }, c: { 'Fn::GetAtt': ['B', 'Arn'] }, d: { 'Fn::If': ['C', 1, { Ref: 'AWS::NoValue' }] },
          e: { 'Fn::Select': [0, { 'Fn::Split': [',', 'a,b'] }] }, f: { 'Fn::FindInMap': ['M', 'a', 'b'] }, g: { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }, h: { 'Fn::Base64': 'x' }, i: { 'Fn::GetAZs': '' },
          j: { 'Fn::ImportValue': 'x' }, k: { 'Fn::Length': [1] }, l: { 'Fn::ToJsonString': { a: 1 } },
        },
      },
      B: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'b' } },
    },
    Outputs: { O: { Value: { Ref: 'A' }, Condition: 'C', Export: { Name: 'o' } } },
  })],
  run(input) {
    const json: unknown = JSON.parse(input.toString());
    try {
      resolve(json, SCOPE);
    } catch (error) {
      if (!(error instanceof ResolutionFailure)) {
        throw error;
      }
    }
    for (const { name } of references(json)) {
      String(name);
    }
    const made = prepare(readTemplate(json, 'template.json'), () => 'x');
    for (const { properties } of made.resources.values()) {
      resolve(properties, { ...SCOPE, condition: made.condition, mapping: made.mapping });
    }
  },
  isExpected: (error) => error instanceof SyntaxError || error instanceof ResolutionFailure,
};
