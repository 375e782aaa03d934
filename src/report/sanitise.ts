/**
 * Characters of a text from elsewhere (tags, descriptions, messages) that do something to a terminal or to the reader's eye instead of being seen: C0 and
 * C1 controls with the escape sequences that they begin, directions of writing, invisible characters, and halves of a surrogate pair.
 *
 * @see https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\u{e0000}-\u{e0fff}]/gu;

/** The text with such characters shown as codes, in one line. */
export function sanitise(text: string): string {
  return text.replace(UNSAFE, code);
}

/** JSON that is safe to print: the same value to a parser. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(UNSAFE, (character) => character === '\n' && indent ? character : code(character));
}

function code(character: string): string {
  return Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
}
