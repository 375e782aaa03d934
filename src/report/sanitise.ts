/**
 * Characters of a text from elsewhere (tags, descriptions, messages) that do something to a terminal or to the reader's eye instead of being seen: C0 and
 * C1 controls with the escape sequences that they begin, whatever Unicode calls a format (directions of writing among them), separators of lines, invisible
 * characters, and halves of a surrogate pair.
 *
 * @see https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\uffa0\ufff0-\ufff8\u{e0000}-\u{e0fff}]/gu;

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
