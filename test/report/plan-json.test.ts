import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { hostilePlan } from './hostile';
import { exampleInventory, LAYERED, manyImages, plan, repositoryPlan, root, throughJson } from './plans';
import { Plan } from '../../src/report/plan';
import { planJson } from '../../src/report/plan-json';

const schema = JSON.parse(readFileSync(join(root, 'schemas', 'plan.schema.json'), 'utf8')) as Record<string, unknown>;

/** The published schema lets members through that it does not know; here none may be forgotten in it. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(closed);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const members = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, closed(part)]));
  return 'properties' in members && !('additionalProperties' in members) ? { ...members, additionalProperties: false } : members;
}

const ajv = addFormats(new Ajv({ allErrors: true, allowUnionTypes: true }));
const published = ajv.compile(schema);
const strict = addFormats(new Ajv({ allErrors: true, allowUnionTypes: true })).compile({ ...(closed(schema) as object), $id: 'closed' });

function problemsOf(text: string, validate = strict): unknown {
  return validate(JSON.parse(text)) ? [] : validate.errors!.slice(0, 5).map(({ instancePath, message, params }) => ({ instancePath, message, params }));
}

const full = plan([
  repositoryPlan({ inventory: exampleInventory('retention') }),
  repositoryPlan({
    title: 'many', inventory: manyImages(500, 'many'), policy: LAYERED, policyInForce: LAYERED, inUseBy: () => ['ECS service prod/api'], more: {
      settings: [{ name: 'imageTagMutability', before: 'MUTABLE', after: 'IMMUTABLE', replaces: false }],
      access: { complete: true, changes: [{ change: 'differs', who: 'everybody', actions: ['ecr:*'], before: [], after: ['only from vpc-1'], marks: ['public'], text: 'everybody, but only from vpc-1' }] },
    },
  }),
], { against: { kind: 'registry', text: 'eu-central-1', calls: { DescribeImages: 3 } } });

test('a plan is valid by the published schema, and the schema knows each of its members', () => {
  expect(problemsOf(planJson(full))).toEqual([]);
  expect(problemsOf(planJson(full), published)).toEqual([]);
});

test('it is read back as it was', () => {
  expect(JSON.parse(planJson(full))).toEqual(throughJson(full));
  expect(JSON.parse(planJson(full, 2))).toEqual(throughJson(full));
});

test('it names the construct path, the repository and the digest of every image with what becomes of it', () => {
  const [{ repositoryName, lifecycle }] = (JSON.parse(planJson(full)) as Plan).repositories;
  expect([repositoryName, lifecycle!.at.constructPath]).toEqual(['shop/api', 'Shop/shop/api/Retention']);
  expect(lifecycle!.images).toHaveLength(605);
  expect(lifecycle!.images!.filter(({ outcome }) => outcome === 'EXPIRE')).toHaveLength(298);
});

test.each<[string, (plan: Record<string, any>) => void, string]>([
  ['another version', (one) => { one.formatVersion = 2; }, '/formatVersion'],
  ['an outcome that is none', (one) => { one.outcome = 'fine'; }, '/outcome'],
  ['a repository without findings', (one) => { delete one.repositories[0].findings; }, '/repositories/0'],
  ['an image without a sentence', (one) => { delete one.repositories[0].lifecycle.images[3].explanation; }, '/repositories/0/lifecycle/images/3'],
  ['a size that is text', (one) => { one.repositories[0].lifecycle.inventory.imageDetails[0].imageSizeInBytes = '5 MB'; }, '/repositories/0/lifecycle/inventory/imageDetails/0/imageSizeInBytes'],
])('the schema refuses %s', (_, spoil, path) => {
  const one = throughJson(full) as unknown as Record<string, any>;
  spoil(one);
  expect(published(one)).toBe(false);
  expect(published.errors!.map(({ instancePath }) => instancePath)).toContain(path);
});

test('whatever a plan holds, it is one line of JSON by the schema, with no character that acts on a terminal, and says the same', () => {
  fc.assert(fc.property(hostilePlan, (hostile) => {
    const text = planJson(hostile);
    expect(text).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*\n$/u);
    expect(problemsOf(text)).toEqual([]);
    expect(JSON.parse(text)).toEqual(throughJson(hostile));
  }), { numRuns: 30 });
});
