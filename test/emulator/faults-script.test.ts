import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-ecr';
import Ajv2020 from 'ajv/dist/2020';
import * as fc from 'fast-check';
import { ecr, expireAny } from './support';
import { FaultScript, readFaultScript } from '../../src/emulator';
import { FAULT_OPERATIONS, operationsOf } from '../../src/emulator/faults/operations';
import { FaultKind } from '../../src/emulator/faults/script';
import { isDrydockError, Problem } from '../../src/errors';

const ROOT = join(__dirname, '..', '..');
const schema = JSON.parse(readFileSync(join(ROOT, 'schemas', 'faults.schema.json'), 'utf8'));
const valid = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(schema);

/** The problems of a script; none where it can be used. */
function problemsOf(script: unknown): readonly Problem[] {
  try {
    readFaultScript(script);
    return [];
  } catch (error) {
    if (isDrydockError(error)) {
      return error.problems;
    }
    throw error;
  }
}

const rule = (more: object) => ({ rules: [{ operation: 'SetRepositoryPolicy', fault: 'throttle', ...more }] });
const told = (script: unknown) => problemsOf(script).map(({ code, pointer }) => `${code} ${pointer}`);

test.each<[string, unknown, string[]]>([
  ['no object', [], ['DD-EMULATOR-010 /']],
  ['no rules', {}, ['DD-EMULATOR-010 /rules']],
  ['a member that says nothing', { rules: [], rule: [] }, ['DD-EMULATOR-010 /rule']],
  ['a rule that is text', { rules: ['throttle'] }, ['DD-EMULATOR-010 /rules/0']],
  ['no operation', { rules: [{ fault: 'throttle' }] }, ['DD-EMULATOR-010 /rules/0/operation']],
  ['no fault', { rules: [{ operation: '*' }] }, ['DD-EMULATOR-010 /rules/0/fault']],
  ['an unknown fault', rule({ fault: 'trottle' }), ['DD-EMULATOR-010 /rules/0/fault']],
  ['an unknown operation', rule({ operation: ['GetRepositoryPolicy', 'SetRepositoryPolcy'] }), ['DD-EMULATOR-011 /rules/0/operation/1']],
  ['a pattern that nothing matches', rule({ operation: 'set*' }), ['DD-EMULATOR-011 /rules/0/operation']],
  ['no operations', rule({ operation: [] }), ['DD-EMULATOR-010 /rules/0/operation']],
  ['a member of another fault', rule({ delayMs: 1 }), ['DD-EMULATOR-010 /rules/0/delayMs']],
  ['a slow call without a delay', rule({ fault: 'slow' }), ['DD-EMULATOR-010 /rules/0/delayMs']],
  ['a lag without an end', rule({ fault: 'stale' }), ['DD-EMULATOR-010 /rules/0']],
  ['a lag behind a read', rule({ operation: 'GetRepositoryPolicy', fault: 'stale', reads: 1 }), ['DD-EMULATOR-012 /rules/0/operation']],
  ['a preview of something else', rule({ fault: 'fails' }), ['DD-EMULATOR-012 /rules/0/operation']],
  ['failures of what is no batch', rule({ fault: 'partial' }), ['DD-EMULATOR-012 /rules/0/operation']],
  ['a time after a download', rule({ operation: 'DownloadLayer', fault: 'reset', when: 'after' }), ['DD-EMULATOR-012 /rules/0/operation']],
  ['an answer that is cut off before it is there', rule({ fault: 'malformed', content: 'cut', when: 'before' }), ['DD-EMULATOR-010 /rules/0/when']],
  ['a foreign policy that is none', rule({ operation: 'StartLifecyclePolicyPreview', fault: 'foreign', lifecyclePolicyText: '{}' }), ['DD-EMULATOR-010 /rules/0/lifecyclePolicyText']],
  ['call 0', rule({ calls: 0 }), ['DD-EMULATOR-010 /rules/0/calls']],
  ['a call number within a list that is none', rule({ calls: [1, 'two'] }), ['DD-EMULATOR-010 /rules/0/calls/1']],
  ['an empty list of calls', rule({ calls: [] }), ['DD-EMULATOR-010 /rules/0/calls']],
  ['a range that ends before it begins', rule({ calls: { from: 5, to: 4 } }), ['DD-EMULATOR-010 /rules/0/calls']],
  ['a range with a member too many', rule({ calls: { form: 1 } }), ['DD-EMULATOR-010 /rules/0/calls/form']],
  ['a probability above 1', rule({ probability: 50 }), ['DD-EMULATOR-010 /rules/0/probability']],
  ['a status that is no failure', rule({ fault: 'serverError', statusCode: 200 }), ['DD-EMULATOR-010 /rules/0/statusCode']],
  ['two rules of one name', { rules: [1, 2].map(() => ({ name: 'a', operation: '*', fault: 'throttle' })) }, ['DD-EMULATOR-010 /rules/1/name']],
  ['several mistakes, all at once', { rules: [{ operation: 'x', fault: 'throttle' }, { operation: '*', fault: 'slow', delayMs: -1 }] }, ['DD-EMULATOR-011 /rules/0/operation', 'DD-EMULATOR-010 /rules/1/delayMs']],
])('%s is refused', (_, script, expected) => {
  expect(told(script)).toEqual(expected);
});

test.each([
  [rule({ operation: 'SetRepositoryPolcy' }), 'Did you mean SetRepositoryPolicy?'],
  [rule({ operation: 'v2:getmanifest' }), 'Did you mean v2:GetManifest?'],
  [rule({ fault: 'trottle' }), 'Did you mean throttle?'],
  [rule({ repostoryName: 'a' }), 'Did you mean repositoryName?'],
])('the name that was meant is said: %j', (script, fix) => {
  expect(problemsOf(script)[0].fix).toContain(fix);
});

test('what is nothing like a known name gets no guess', () => {
  expect(problemsOf(rule({ operation: 'FlushTheWholeCache' }))[0].fix).not.toContain('Did you mean');
});

test('an emulator does not start with a script that it cannot use, and keeps the present one when another is refused', async () => {
  await expect(ecr({ faults: rule({ fault: 'nothing' }) as never })).rejects.toThrow(/DD-EMULATOR-010 at \/rules\/0\/fault/);
  const { emulator } = await ecr({ faults: rule({}) as FaultScript });
  expect(() => emulator.faults.set(rule({ fault: 'nothing' }) as never)).toThrow(/DD-EMULATOR-010/);
  expect(emulator.faults.counts).toHaveLength(1);
});

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const positive = fc.integer({ min: 1, max: 1000 });
const when = maybe(fc.constantFrom('before', 'after'));
const members: Readonly<Record<FaultKind, Record<string, fc.Arbitrary<unknown>>>> = {
  throttle: {},
  serverError: { statusCode: maybe(fc.constantFrom(500, 502, 503, 504)), when },
  reset: { when },
  slow: { delayMs: positive, when },
  stale: { reads: positive, ms: maybe(positive) },
  accessDenied: {},
  fails: {},
  expires: { as: maybe(fc.constantFrom('EXPIRED', 'NOT_FOUND')) },
  foreign: { lifecyclePolicyText: maybe(fc.constant(expireAny(3))) },
  malformed: { content: maybe(fc.constantFrom('html', 'text')), statusCode: maybe(fc.integer({ min: 200, max: 599 })), when },
  partial: { failing: maybe(fc.integer({ min: 1, max: 100 })), failureCode: maybe(fc.constant('KmsError')) },
};
const anyRule = fc.constantFrom(...Object.keys(members) as FaultKind[]).chain((fault) => fc.record({
  fault: fc.constant(fault),
  operation: fc.oneof(fc.constantFrom(...operationsOf({ fault }).filter((name) => name !== 'DownloadLayer')), fc.constant('*')).chain((one) => fc.constantFrom(one, [one])),
  calls: maybe(fc.oneof(positive, fc.array(positive, { minLength: 1 }), positive.map((from) => ({ from, to: from + 1 })), fc.record({ every: positive }))),
  repositoryName: maybe(fc.constant('shop/*')),
  caller: maybe(fc.constant('123456789012')),
  probability: maybe(fc.constantFrom(0.1, 1)),
  seed: maybe(fc.integer()),
  ...members[fault],
}));
const anyScript = fc.record({ seed: maybe(fc.integer()), rules: fc.array(anyRule, { maxLength: 5 }) }).map((script) => JSON.parse(JSON.stringify(script)));

/** Places in a script where something can be put in the place of something else. */
function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) {
    return [path];
  }
  return [path, ...Object.entries(value).flatMap(([key, member]) => placesIn(member, [...path, Array.isArray(value) ? Number(key) : key]))];
}

function replaced(value: any, [first, ...rest]: (string | number)[], by: unknown): any {
  if (first === undefined) {
    return by;
  }
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[first] = replaced(value[first], rest, by);
  return copy;
}

test('whatever the schema takes of generated scripts is read, and the other way round', () => {
  fc.assert(fc.property(anyScript, (script) => {
    expect(valid(script) || valid.errors).toBe(true);
    expect(problemsOf(script)).toEqual([]);
  }), { numRuns: 300 });
});

test('where something wrong stands in a script, schema and reader refuse it alike', () => {
  const wrong = fc.constantFrom<unknown>(null, 0, -1, 1.5, '', 'x', [], {}, true, 1e9, { from: 1 }, [1], 'before', 503);
  /** What a schema cannot say: which operations there are, and what can happen to them; which policies are some; that a range ends after it begins. */
  const beyondSchema = (problem: Problem) => ['DD-EMULATOR-011', 'DD-EMULATOR-012'].includes(problem.code)
    || /lifecyclePolicyText$/.test(problem.pointer) && typeof problem.value === 'string' && problem.value !== '' || /^No call has/.test(problem.message) || /^Another rule/.test(problem.message);
  let refused = 0;
  fc.assert(fc.property(anyScript, fc.nat(), wrong, (script, at, value) => {
    const places = placesIn(script);
    const spoilt = replaced(script, places[at % places.length], value);
    const problems = problemsOf(spoilt);
    if (problems.length > 0 && problems.every(beyondSchema)) {
      return;
    }
    refused += problems.length > 0 ? 1 : 0;
    expect({ spoilt, schema: valid(spoilt) }).toEqual({ spoilt, schema: problems.length === 0 });
  }), { numRuns: 1500 });
  expect(refused).toBeGreaterThan(300);
});

test('the schema names every fault', () => {
  expect(schema.$defs.rule.properties.fault.enum).toEqual(Object.keys(members));
  expect(schema.$defs.rule.oneOf.map(({ properties }: any) => properties.fault.const)).toEqual(Object.keys(members));
});

test('operations that are known to faults are those of the service model, of the registry protocol, and downloads', () => {
  const ofTheApi = FAULT_OPERATIONS.filter((name) => !name.startsWith('v2:') && name !== 'DownloadLayer');
  expect(ofTheApi.filter((name) => !(`${name}Command` in sdk))).toEqual([]);
  expect(Object.keys(sdk).filter((name) => /^[A-Z].*Command$/.test(name) && !ofTheApi.includes(name.slice(0, -'Command'.length)))).toEqual([]);
});

const examples = readdirSync(join(ROOT, 'docs', 'faults')).filter((name) => name.endsWith('.json'));
test.each(examples)('docs/faults/%s is a script that can be used', (name) => {
  const script = JSON.parse(readFileSync(join(ROOT, 'docs', 'faults', name), 'utf8'));
  expect(problemsOf(script)).toEqual([]);
  expect(valid(script) || valid.errors).toBe(true);
});
