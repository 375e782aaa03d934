import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import * as fc from 'fast-check';
import type { Log } from 'sarif';
import { hostilePlan } from './hostile';
import { exampleInventory, placeOf, plan, repositoryPlan, root } from './plans';
import { Plan, PlanFinding } from '../../src/report/plan';
import { planSarif, planSarifLog, RESULTS_LIMIT } from '../../src/report/plan-sarif';

/** The schema of OASIS, where the package that ships it is installed. */
const schemaFile = join(root, 'node_modules', '@microsoft', 'jest-sarif', 'lib', 'schemas', 'sarif-2.1.0-rtm.5.json');
const haveSchema = existsSync(schemaFile);

const VERSION = { version: '1.2.3' };
const example = () => plan([repositoryPlan({ inventory: exampleInventory('retention') })]);
const log = (one: Plan, options: Partial<Parameters<typeof planSarifLog>[1]> = {}): Log => planSarifLog(one, { ...VERSION, ...options }) satisfies Log;
const results = (one: Plan, options = {}) => log(one, options).runs[0].results!;
const finding = (more: Partial<PlanFinding> = {}): PlanFinding => ({ severity: 'warning', code: 'DD-X-001', message: 'It is so.', at: placeOf('Api'), ...more });

test('a result for every finding, at its template and its construct', () => {
  const [first] = results(example());
  expect(results(example())).toHaveLength(3);
  expect(first).toMatchObject({ ruleId: 'DD-GATE-102', level: 'error' });
  expect(first.locations![0]).toMatchObject({
    physicalLocation: { artifactLocation: { uri: 'cdk.out/Shop.template.json' }, region: { startLine: 1 } },
    logicalLocations: [{ fullyQualifiedName: 'Shop/shop/api/Retention', kind: 'resource' }],
  });
});

test('rules are listed once, with their titles and where docs/errors.md explains them', () => {
  const { driver } = log(example(), { titles: { 'DD-GATE-103': 'An image with a protected tag goes' } }).runs[0].tool;
  expect(driver.rules!.map(({ id }) => id)).toEqual(['DD-GATE-102', 'DD-GATE-103', 'DD-GATE-105']);
  expect(driver.rules![1]).toMatchObject({
    shortDescription: { text: 'An image with a protected tag goes' }, helpUri: 'https://github.com/cdk-drydock/cdk-drydock/blob/main/docs/errors.md#dd-gate-103', properties: { tags: ['ecr', 'gate'] },
  });
  results(example()).forEach(({ ruleId, ruleIndex }) => expect(driver.rules![ruleIndex!].id).toBe(ruleId));
});

test('every rule\'s address is a heading of docs/errors.md', () => {
  const headings = new Set(readFileSync(join(root, 'docs', 'errors.md'), 'utf8').match(/^### DD-\S+/gm)!.map((line) => line.slice(4).toLowerCase()));
  log(example()).runs[0].tool.driver.rules!.forEach(({ helpUri }) => expect(headings).toContain(helpUri!.split('#')[1]));
});

test('a fingerprint does not change with numbers in the message, and differs by place, code and repeated finding', () => {
  const prints = (findings: PlanFinding[]) => results(plan([], { findings })).map(({ partialFingerprints }) => partialFingerprints!.primaryLocationLineHash);
  expect(prints([finding({ message: '3 images' })])).toEqual(prints([finding({ message: '4 images', fix: 'Raise it to 4.' })]));
  const all = prints([finding(), finding(), finding({ code: 'DD-X-002' }), finding({ at: placeOf('Web') }), finding({ place: '/rules/1' }), finding({ repositoryName: 'shop/api' })]);
  expect(new Set(all).size).toBe(all.length);
});

test('what decides is an error, whatever its severity', () => {
  expect(results(plan([], { findings: [finding({ effect: 'block' }), finding(), finding({ severity: 'note' })] })).map(({ level }) => level)).toEqual(['error', 'warning', 'note']);
});

test('a run that could not check everything does not say that it succeeded', () => {
  const undetermined = plan([], { findings: [finding({ effect: 'undetermined' })] });
  expect(log(undetermined).runs[0].invocations![0].executionSuccessful).toBe(false);
  expect(log(example()).runs[0].invocations![0].executionSuccessful).toBe(true);
});

test.each([
  ['cdk.out', 'cdk.out/Shop.template.json', undefined], ['./build//cdk.out/', 'build/cdk.out/Shop.template.json', undefined], ['.', 'Shop.template.json', undefined],
  ['/home/me/my app/cdk.out', 'Shop.template.json', 'file:///home/me/my%20app/cdk.out/'], ['C:\\app\\cdk.out', 'Shop.template.json', 'file:///C:/app/cdk.out/'],
])('an app in %s has its template at %s', (app, uri, base) => {
  const one = log(plan([], { findings: [finding()] }), { app });
  expect(one.runs[0].results![0].locations![0].physicalLocation!.artifactLocation!.uri).toBe(uri);
  expect(one.runs[0].originalUriBaseIds?.APP.uri).toBe(base);
});

test('a finding about the app stands at its manifest: code scanning takes no result without a place', () => {
  expect(results(plan([], { findings: [finding({ at: undefined })] }))[0].locations![0].physicalLocation!.artifactLocation!.uri).toBe('cdk.out/manifest.json');
});

test('more results than code scanning takes: what decides stays, and the rest is counted', () => {
  const findings = [...Array.from({ length: RESULTS_LIMIT + 5 }, (_, i) => finding({ place: `/${i}` })), finding({ effect: 'block', code: 'DD-X-009' })];
  const { results: kept, invocations } = log(plan([], { findings })).runs[0];
  expect(kept).toHaveLength(RESULTS_LIMIT);
  expect(kept![0].ruleId).toBe('DD-X-009');
  expect(invocations![0].toolExecutionNotifications![0].message.text).toBe(`6 of ${RESULTS_LIMIT + 6} findings are left out: code scanning takes 25000.`);
});

test('whatever a plan holds, texts are safe, addresses can be read and rules are found', () => {
  fc.assert(fc.property(hostilePlan, (hostile) => {
    const text = planSarif(hostile, VERSION);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/u);
    const { results: all, tool, originalUriBaseIds } = (JSON.parse(text) as Log).runs[0];
    for (const { ruleIndex, ruleId, locations, message, partialFingerprints } of all!) {
      expect(tool.driver.rules![ruleIndex!].id).toBe(ruleId);
      expect(message.text!.length).toBeGreaterThan(0);
      expect(partialFingerprints!.primaryLocationLineHash).toMatch(/^[0-9a-f]{16}:\d+$/);
      const { uri } = locations![0].physicalLocation!.artifactLocation!;
      expect(() => new URL(uri!, originalUriBaseIds?.APP.uri ?? 'file:///repo/')).not.toThrow();
    }
  }), { numRuns: 30 });
});

(haveSchema ? describe : describe.skip)('by the schema of OASIS (@microsoft/jest-sarif)', () => {
  // It is of draft 4, of which it uses nothing that draft 7 says in another way but its name.
  const { $schema: _draft, id: _id, ...schema } = haveSchema ? JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown> : {};
  const validate = haveSchema ? new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema) : undefined;
  const problems = (text: string) => validate!(JSON.parse(text)) ? [] : validate!.errors;

  test('an example is valid', () => {
    expect(problems(planSarif(example(), VERSION))).toEqual([]);
  });

  test('every plan is', () => {
    fc.assert(fc.property(hostilePlan, (hostile) => {
      expect(problems(planSarif(hostile, VERSION))).toEqual([]);
    }), { numRuns: 25 });
  });

  test('what is no log is not', () => {
    expect(problems(planSarif(example(), VERSION).replace('"2.1.0"', '"2.0.0"'))).not.toEqual([]);
  });
});
