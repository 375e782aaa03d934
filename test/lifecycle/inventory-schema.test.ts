import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import * as fc from 'fast-check';
import { inventory as anyInventory } from './arbitraries';
import { realInventories } from './data';
import { readInventory } from '../../src/lifecycle/inventory';

const schema = JSON.parse(readFileSync(join(__dirname, '..', '..', 'schemas', 'inventory.schema.json'), 'utf8'));
const valid = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
const digest = `sha256:${'a'.repeat(64)}`;

test('schemas are in the package', () => {
  const ignored = readFileSync(join(__dirname, '..', '..', '.npmignore'), 'utf8').split('\n');
  expect(ignored.filter((line) => /schemas/.test(line) && !line.startsWith('!'))).toEqual([]);
  expect(readdirSync(join(__dirname, '..', '..', 'schemas'))).toContain('inventory.schema.json');
});

test('whatever the schema takes of an inventory, is read', () => {
  fc.assert(fc.property(anyInventory, (inventory) => {
    const json = JSON.parse(JSON.stringify(inventory));
    expect(valid(json) || valid.errors).toBe(true);
    expect(() => readInventory(json)).not.toThrow();
  }), { numRuns: 200 });
});

const real = realInventories();
(real.length > 0 ? test.each(real.map(({ name, inventory }) => [name, inventory] as const)) : test.skip.each([['no inventories are there', undefined]] as never[]))('the inventory of %s is one by the schema', (_, inventory) => {
  expect(valid(inventory) || valid.errors).toBe(true);
});

test.each<[string, unknown]>([
  ['no images', {}],
  ['a short digest', { imageDetails: [{ imageDigest: 'sha256:abc', imagePushedAt: 0 }] }],
  ['an image without a push time', { imageDetails: [{ imageDigest: digest }] }],
  ['a later format', { formatVersion: 2, imageDetails: [] }],
  ['a repository without a name', { imageDetails: [], repositories: [{}] }],
  ['a policy that is an object', { imageDetails: [], repositories: [{ repositoryName: 'a', lifecyclePolicyText: {} }] }],
  ['children that are no digests', { imageDetails: [], manifestChildren: { [digest]: ['v1'] } }],
])('schema and reader both refuse %s', (_, json) => {
  expect(valid(json)).toBe(false);
  expect(() => readInventory(json)).toThrow(/DD-INVENTORY-\d/);
});
