/**
 * Text from a registry (tags, descriptions) made safe to show: control characters, terminal escapes and characters that turn the
 * writing direction are shown as codes.
 */
export function sanitise(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (character) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
