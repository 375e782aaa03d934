import { parseDocument as parseYaml } from 'yaml';
import { Block } from './documents';
import { isForeign } from './snippets';

/** What becomes of a block: every one is one of these, or a mistake. */
export type Kind = 'ts' | 'json' | 'yaml' | 'commands' | 'output' | 'marked';

const NEEDS = /^needs (.+?)(?:: (.+))?$/s;
const NOTES = [NEEDS, /^exits with \d+(?:, \d+)*$/, /^output of (.+)$/, /^properties of \w+$/, /^a picture$/];

/** The kind of a block, or what is wrong with it. */
export function kindOf(block: Block): { readonly kind: Kind } | { readonly wrong: string } {
  const unknown = block.notes.filter((note) => !isForeign(note) && !NOTES.some((form) => form.test(note)));
  if (unknown.length > 0) {
    return { wrong: `the comment before it is no mark: ${unknown.join('; ')}` };
  }
  if (block.notes.some((note) => isForeign(note) || note === 'a picture' || NEEDS.exec(note)?.[2] === undefined && NEEDS.test(note))) {
    return { kind: 'marked' };
  }
  switch (block.language) {
    case 'ts': case 'json': case 'yaml':
      return { kind: block.language };
    case 'console':
      return /^\$ \S/.test(block.text) ? { kind: 'commands' } : { wrong: 'a block of commands begins with "$ "' };
    case 'text':
      return outputOf(block) !== undefined ? { kind: 'output' } : { wrong: 'a comment before it says what it is: <!-- output of COMMAND --> or <!-- a picture -->' };
    default:
      return { wrong: `its language is ${block.language === '' ? 'not given' : block.language}: ts, json, yaml, console or text` };
  }
}

export function outputOf({ notes }: Block): string | undefined {
  return notes.map((note) => /^output of (.+)$/.exec(note)?.[1]).find((command) => command !== undefined);
}

/** What a command of the block needs that is not here, by the marks before the block (`needs WHAT: BEGINNING OF COMMAND`) and the command's own comment. */
export function needOf({ notes }: Block, command: string): string | undefined {
  const marks = notes.flatMap((note) => NEEDS.exec(note) ?? []).length === 0 ? [] : notes.map((note) => NEEDS.exec(note)).filter((one) => one !== null);
  return marks.find(([, , beginning]) => beginning === undefined || command.includes(beginning))?.[1] ?? /\s# needs (.+)$/.exec(command)?.[1];
}

/** The exit code that the document states for a command of the block: one for the last, or one for each. */
export function exitCodeOf({ notes }: Block, index: number, count: number): number {
  const codes = notes.map((note) => /^exits with (.+)$/.exec(note)?.[1].split(', ').map(Number)).find((found) => found !== undefined);
  if (codes === undefined) {
    return 0;
  }
  return codes.length === count ? codes[index] : index === count - 1 ? codes[codes.length - 1] : 0;
}

/** What a parser says against a block of data. */
export function dataProblems({ language, text }: Block): string[] {
  if (language === 'json') {
    try {
      JSON.parse(text);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  }
  // Tags of CloudFormation (!GetAtt) are unknown to the parser, which only warns.
  return language === 'yaml' ? parseYaml(text, { logLevel: 'silent' }).errors.map(({ message }) => message) : [];
}
