import { Block } from './documents';

export interface Command {
  /** Of its `$`. */
  readonly line: number;
  /** In one piece, with its comment. */
  readonly command: string;
  /** The lines below it, up to the next one. */
  readonly output: readonly string[];
}

/** The commands of a transcript: lines that begin with `$ `, with what a backslash at the end of a line continues, and what they print. */
export function commandsOf({ text, line }: Block): Command[] {
  const commands: { line: number; command: string; output: string[] }[] = [];
  let open = false;
  text.replace(/\n$/, '').split('\n').forEach((row, i) => {
    const last = commands[commands.length - 1];
    if (open) {
      last.command += `\n${row}`;
    } else if (row.startsWith('$ ')) {
      commands.push({ line: line + i, command: row.slice(2), output: [] });
    } else {
      last?.output.push(row);
      return;
    }
    open = row.endsWith('\\');
  });
  return commands;
}

/** The command without the comment behind it. */
export function withoutComment(command: string): string {
  return command.replace(/(^|\s+)#\s.*$/, '');
}

export interface DrydockCall {
  readonly command?: string;
  readonly options: readonly string[];
}

/** Calls of `drydock` in a line of shell or a piece of inline code. */
export function drydockCalls(text: string): DrydockCall[] {
  return withoutComment(text).split(/&&|\|\|?|;|\$\(/).flatMap((part) => {
    const [, rest] = /^\s*(?:- run: )?(?:\w+=\S+ )*(?:npx |node bin\/)?drydock(?:$|\s+(?=[a-z-])(.*))/s.exec(part) ?? [undefined, undefined];
    if (rest === undefined) {
      return [];
    }
    const [command] = /^[a-z]+(?=\s|$)/.exec(rest) ?? [undefined];
    return [{ command, options: rest.match(/(?<=^|\s)--[a-z][a-z-]*/g) ?? [] }];
  });
}
