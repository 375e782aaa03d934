/** East Asian wide and fullwidth characters and emoji, which take two columns of a terminal. */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{Mark}/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) {
    return text.length;
  }
  return [...text].reduce((sum, character) => sum + characterWidth(character), 0);
}

export function padTo(text: string, width: number, right = false): string {
  const room = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return right ? room + text : text + room;
}

/** Breaks a text into lines at its spaces, and in the middle of a word that is longer than a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') {
      lines.push(line);
    }
    const pieces = chop(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces[pieces.length - 1];
  }
  return [...lines, line];
}

function chop(word: string, width: number): string[] {
  const pieces = [''];
  for (const character of word) {
    const last = pieces[pieces.length - 1];
    if (last !== '' && displayWidth(last) + characterWidth(character) > width) {
      pieces.push(character);
    } else {
      pieces[pieces.length - 1] = last + character;
    }
  }
  return pieces;
}

function characterWidth(character: string): number {
  return COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}
