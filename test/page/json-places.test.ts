import * as fc from 'fast-check';
import { jsonPlaces, lineOf, spanOf } from '../../src/page/json-places';

const TEXT = '{\n  "rules": [\n    { "rulePriority": 1, "selection": { "a/b": [true, -1.5e3] } }\n  ]\n}';
const at = (pointer: string, text = TEXT) => {
  const { start, end } = spanOf(jsonPlaces(text), pointer)!;
  return text.slice(start, end);
};

test.each([['', TEXT], ['/rules/0/rulePriority', '1'], ['/rules/0/selection/a~1b/1', '-1.5e3'], ['/rules/0/selection/a~1b', '[true, -1.5e3]']])('the value at %j is found', (pointer, expected) => {
  expect(at(pointer)).toBe(expected);
});

test('what is not there is said of what it is missing from', () => {
  expect(at('/rules/0/action')).toBe('{ "rulePriority": 1, "selection": { "a/b": [true, -1.5e3] } }');
  expect(at('/nowhere')).toBe(TEXT);
  expect(at('now')).toBe(TEXT);
});

test('lines are counted from one', () => {
  expect(lineOf(TEXT, spanOf(jsonPlaces(TEXT), '/rules/0')!.start)).toBe(3);
  expect(lineOf('', 0)).toBe(1);
});

test.each([
  ['{"a": 1,}', 8, 'nothing follows the comma before this "}"'], ['{"a": 1 "b": 2}', 8, 'a comma or "}" is expected here'], ['{"a" 1}', 5, 'a colon is expected here'],
  ['{a: 1}', 1, 'a name in double quotation marks is expected here'], ['[1, 2', 5, 'the text ends, and a "]" is missing'], ['{"a": }', 6, 'a value is expected here'],
  ['"a\nb"', 0, 'this text is not closed, or holds a character that must be escaped'], ['1 2', 2, 'nothing may follow the closing bracket of the policy'], ['', 0, 'the text ends where a value is expected'],
  ['[01]', 2, 'a comma or "]" is expected here'], [`${'['.repeat(300)}`, 201, 'this is nested too deeply'],
])('%j goes wrong at %d: %s', (text, place, message) => {
  expect(jsonPlaces(text).error).toEqual({ at: place, message });
});

const parses = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('a text is JSON here exactly when it is for JSON.parse', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-', '0', '.5', 'e3', 'true', 'null', ' ', '\n', '\\', '\\u00e9', '\u0000', '\u00a0', 'é');
  const spoiled = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '0')).map(([text, place, by]) => text.slice(0, place % (text.length + 1)) + by + text.slice(place % (text.length + 1)));
  fc.assert(fc.property(fc.oneof(fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')), fc.json(), spoiled), (text) => {
    expect([text, jsonPlaces(text).error === undefined]).toEqual([text, parses(text)]);
  }), { numRuns: 2000 });
});

test('every value of a JSON text is found by its pointer', () => {
  const check = (value: unknown, pointer: string, text: string) => {
    const { start, end } = jsonPlaces(text).places.get(pointer)!;
    expect(JSON.parse(text.slice(start, end))).toEqual(value);
    if (typeof value === 'object' && value !== null) {
      Object.entries(value).forEach(([name, part]) => check(part, `${pointer}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`, text));
    }
  };
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
    const text = JSON.stringify(value, undefined, 2);
    check(JSON.parse(text), '', text);
  }));
});
