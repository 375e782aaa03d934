/** Which lines that a document shows a command did not print. Dots stand for anything, white space does not count. */
export function missingLines(shown: readonly string[], printed: string): string[] {
  const text = plain(printed);
  return shown.filter((line) => !line.split('...').map(plain).filter((part) => part !== '').every((part) => text.includes(part)));
}

function plain(text: string): string {
  return text.replace(/\x1b\[[0-9;]*m/g, '').replace(/\s+/g, ' ').trim(); // eslint-disable-line no-control-regex
}
