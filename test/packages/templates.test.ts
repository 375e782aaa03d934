import { chosenLanguages } from '../../scripts/languages/language';
import { comparable, differences } from '../../scripts/languages/templates';

const template = (changes: object = {}, resources: object = {}) => ({
  Resources: {
    Api: { Type: 'Custom::DrydockRepository', Properties: { RepositoryName: 'shop/api', Rules: [{ maxImageCount: 100 }], ...changes }, Metadata: { 'aws:cdk:path': 'Shop/Api' } },
    ...resources,
  },
});
const compare = (one: unknown, other: unknown) => differences(comparable(one), comparable(other));

test('hashes of assets, construct paths and the list of libraries do not count', () => {
  const one = template({ Key: `${'a'.repeat(64)}.zip` }, { CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:python' } } });
  const other = { Resources: { Api: { ...template({ Key: `${'b'.repeat(64)}.zip` }).Resources.Api, Metadata: undefined } } };
  expect(compare(one, other)).toEqual([]);
});

test.each<[string, object, object | undefined, string]>([
  ['another value', { RepositoryName: 'shop/web' }, undefined, '/Resources/Api/Properties/RepositoryName: "shop/api" <> "shop/web"'],
  ['a number as text', { Rules: [{ maxImageCount: '100' }] }, undefined, '/Resources/Api/Properties/Rules/0/maxImageCount: 100 <> "100"'],
  ['a property more', { Extra: null }, undefined, '/Resources/Api/Properties/Extra: nothing <> null'],
  ['one more element', { Rules: [{ maxImageCount: 100 }, {}] }, undefined, '/Resources/Api/Properties/Rules/1: nothing <> {}'],
  ['an object for a list', { Rules: { 0: { maxImageCount: 100 } } }, undefined, '/Resources/Api/Properties/Rules: [{"maxImageCount":100}] <> {"0":{"maxImageCount":100}}'],
  ['a resource more', {}, { Other: { Type: 'AWS::IAM::Role' } }, '/Resources/Other: nothing <> {"Type":"AWS::IAM::Role"}'],
])('%s is a difference, with its place and both values', (_, changes, resources, difference) => {
  expect(compare(template(), template(changes, resources))).toEqual([difference]);
});

test('languages are chosen by name, in their order', () => {
  expect(chosenLanguages(undefined)).toHaveLength(5);
  expect(chosenLanguages('go,python')).toEqual(['python', 'go']);
  expect(() => chosenLanguages('rust')).toThrow('"rust" is none of the languages: typescript, python, java, go, csharp.');
});
