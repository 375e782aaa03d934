import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, NestedStack, Stack, Stage, aws_lambda as lambda, aws_sns as sns } from 'aws-cdk-lib';
import { HANDLER_DIRECTORY, removeAssemblies, temporaryDirectory, writeAssembly } from './assembly-builder';
import { isDrydockError } from '../../src/errors';
import { Assembly } from '../../src/rehearsal';

afterAll(removeAssemblies);

const topic = { template: { Resources: { T: { Type: 'AWS::SNS::Topic' } } } };
const names = (directory: string, patterns?: string[]) => Assembly.read(directory).select(patterns).map((s) => s.stackName);
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isDrydockError(error) ? error.code : error;
  }
  return undefined;
};

test('stacks come in an order in which they can be deployed, whatever the order of the manifest', () => {
  expect(names(writeAssembly({ C: { ...topic, dependencies: ['B'] }, A: topic, B: { ...topic, dependencies: ['A'] } }))).toEqual(['A', 'B', 'C']);
});

test('stacks are chosen by name or pattern, and what they depend on comes along', () => {
  const directory = writeAssembly({ 'Base': topic, 'App-One': { ...topic, dependencies: ['Base'] }, 'App-Two': topic, 'Other': topic });
  expect(names(directory, ['App-One'])).toEqual(['Base', 'App-One']);
  expect(names(directory, ['App-*'])).toEqual(['Base', 'App-One', 'App-Two']);
  expect(codeOf(() => names(directory, ['App.One']))).toBe('DD-ASSEMBLY-002');
});

test('stacks that depend on each other are an error that names them', () => {
  expect(codeOf(() => names(writeAssembly({ A: { ...topic, dependencies: ['B'] }, B: { ...topic, dependencies: ['A'] } })))).toBe('DD-ASSEMBLY-007');
});

test('a synthesized app: stages, their dependencies and environments, assets of functions, templates of nested stacks', () => {
  const app = new App({ outdir: temporaryDirectory() });
  const stage = new Stage(app, 'Prod', { env: { account: '111122223333', region: 'eu-west-1' } });
  const first = new Stack(stage, 'First');
  const second = new Stack(stage, 'Second', { tags: { team: 'blue' } });
  new lambda.Function(first, 'Fn', { code: lambda.Code.fromAsset(HANDLER_DIRECTORY), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
  new sns.Topic(new NestedStack(first, 'Nested'), 'Topic');
  new sns.Topic(second, 'Topic');
  first.addDependency(second);
  new sns.Topic(new Stack(app, 'Plain'), 'Topic');

  const assembly = Assembly.read(app.synth().directory);
  expect(assembly.stacks.map((s) => s.displayName).filter((n) => n.startsWith('Prod'))).toEqual(['Prod/Second', 'Prod/First']);
  expect(assembly.select(['Prod/First']).map((s) => s.stackName)).toEqual(['Prod-Second', 'Prod-First']);
  const found = (name: string) => assembly.stacks.find((s) => s.stackName === name);
  expect(found('Prod-Second')).toMatchObject({ account: '111122223333', region: 'eu-west-1', tags: { team: 'blue' } });
  expect(found('Plain')).toMatchObject({ account: undefined, region: undefined });
  const resources = Object.values(found('Prod-First')?.template.Resources ?? {});
  const code = resources.find((r) => r.Type === 'AWS::Lambda::Function')?.Properties?.Code as { S3Key: string };
  expect(assembly.asset(code.S3Key)).toMatchObject({ packaging: 'zip' });
  expect(found('Prod-Second')?.template.Resources).toEqual({
    TopicBFC7AF6E: expect.objectContaining({ Metadata: { 'aws:cdk:path': 'Prod/Second/Topic/Resource' } }),
  });
  const url = JSON.stringify(resources.find((r) => r.Type === 'AWS::CloudFormation::Stack')?.Properties?.TemplateURL);
  const key = /([0-9a-f]{64}\.json)/.exec(url)?.[1] as string;
  expect(Object.values(assembly.nestedTemplate(`https://s3.eu-west-1.amazonaws.com/bucket/${key}`, 'here').Resources).map((r) => r.Type)).toContain('AWS::SNS::Topic');
});

test('what is no assembly is an error that names the file', () => {
  const directory = temporaryDirectory();
  expect(codeOf(() => Assembly.read(directory))).toBe('DD-ASSEMBLY-001');
  writeFileSync(join(directory, 'manifest.json'), '{');
  expect(() => Assembly.read(directory)).toThrow(/manifest\.json: This file of the cloud assembly is not JSON/);
  writeFileSync(join(directory, 'manifest.json'), '['.repeat(20_000) + ']'.repeat(20_000));
  expect(() => Assembly.read(directory)).toThrow(/nested more than 500 levels deep|not JSON/);
  writeFileSync(join(directory, 'manifest.json'), '{}');
  expect(() => Assembly.read(directory)).toThrow(/it has no artifacts/);
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ artifacts: { S: { type: 'aws:cloudformation:stack', properties: { templateFile: 'gone.json' } } } }));
  expect(() => Assembly.read(directory).stacks[0].template).toThrow(/gone\.json: This file of the cloud assembly does not exist/);
});

test('two stacks of one name cannot be rehearsed together, but one by one', () => {
  const directory = temporaryDirectory();
  const write = (name: string, json: unknown) => writeFileSync(join(directory, name), JSON.stringify(json));
  mkdirSync(directory, { recursive: true });
  write('t.json', topic.template);
  const stack = (environment: string) => ({ type: 'aws:cloudformation:stack', environment, properties: { templateFile: 't.json', stackName: 'Same' } });
  write('manifest.json', { artifacts: { One: stack('aws://111122223333/eu-west-1'), Two: stack('aws://111122223333/us-east-1') } });
  expect(codeOf(() => names(directory))).toBe('DD-ASSEMBLY-002');
  expect(names(directory, ['One'])).toEqual(['Same']);
});
