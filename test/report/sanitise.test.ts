import * as fc from 'fast-check';
import { safeJson, sanitise } from '../../src/report/sanitise';

/** What a terminal or a reader's eye could be fooled with. */
const ACTIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\u001b', '[31m', '\u202e', '\u009b', '\u061c', '\ud83d', 'a', '\u2066', '\u{e0041}', '\n') }));

test.each([
  ['a colour', '\u001b[31mred', '\\u001b[31mred'],
  ['a link', '\u001b]8;;http://x\u0007y', '\\u001b]8;;http://x\\u0007y'],
  ['the one-character form of an escape', '\u009b2J', '\\u009b2J'],
  ['a new line', 'a\nb\rc\td', 'a\\u000ab\\u000dc\\u0009d'],
  ['text from right to left', 'v1\u202egpj', 'v1\\u202egpj'],
  ['isolates and marks of direction', '\u2066a\u2069\u061c\u200f', '\\u2066a\\u2069\\u061c\\u200f'],
  ['characters without width', 'pro\u200bd\u00ad\ufeff', 'pro\\u200bd\\u00ad\\ufeff'],
  ['invisible copies of letters', 'a\u{e0041}', 'a\\udb40\\udc41'],
  ['formats that newer Unicode added', '1\u0600\u0890', '1\\u0600\\u0890'],
  ['half a character', 'a\ud83d', 'a\\ud83d'],
])('%s is shown, not obeyed', (_, raw, shown) => {
  expect(sanitise(raw)).toBe(shown);
});

test('letters of any language and emoji stay as they are', () => {
  expect(sanitise('Größe 漢字 ελ 🚀 ✔️ é')).toBe('Größe 漢字 ελ 🚀 ✔️ é');
});

test('no text leaves anything active behind', () => {
  fc.assert(fc.property(text, (raw) => !ACTIVE.test(sanitise(raw))));
});

test('JSON that is printed says the same and holds nothing active', () => {
  fc.assert(fc.property(fc.dictionary(text, text), (value) => {
    const printed = safeJson(value);
    expect(ACTIVE.test(printed)).toBe(false);
    expect(JSON.parse(printed)).toEqual(value);
    expect(JSON.parse(safeJson(value, 2))).toEqual(value);
  }));
});
