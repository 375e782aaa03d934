/**
 * Tries what the documents show: npm run test:docs [-- --all] [--document README.md]. Commands run in scratch folders against the embedded ECR; blocks of code are
 * type-checked, apps synthesized, data parsed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command as Program } from 'commander';
import { Command, commandsOf, withoutComment } from './commands';
import { Document, guidedPaths, readDocument } from './documents';
import { dataProblems, exitCodeOf, kindOf, needOf, outputOf } from './kinds';
import { Done, Place, Sandbox, workingTree } from './sandbox';
import { Problem, runnable, Snippet, snippetsOf, typeCheck } from './snippets';
import { missingLines } from './transcript';

/** Commands that take minutes, each with tests or reports of its own. */
const LONG = /^(?:npm ci|npm test|npm run (?:test:|bench:|package|verify:|check:|gallery|compat)|npx projen (?:build|typecheck|package|release|compile)|npx jest|bash \.ci\/run)/;
const IN_CLONE = /^(?:npm (?:ci|run|test)|npx (?:jest|projen)|node (?:bin|scripts|test)\/|node -r|bash \.ci|cd examples|export TS_NODE_PROJECT)/;

interface Row {
  executed: number;
  long: number;
  marked: number;
  types: number;
  apps: number;
  data: number;
  outputs: number;
  markedBlocks: number;
}

const { all, document: only, verbose } = new Program('test:docs')
  .option('--all', 'run commands that take minutes, too').option('--document <path...>', 'only these').option('--verbose', 'print what commands print')
  .parse().opts<{ all?: boolean; document?: string[]; verbose?: boolean }>();

const problems: Problem[] = [];
const needs = new Map<string, number>();
const report = (document: string, line: number, message: string) => {
  problems.push({ document, line, message });
  console.log(`  WRONG   ${document}:${line} ${message}`);
};

async function main(): Promise<void> {
  const before = workingTree();
  const documents = guidedPaths().filter((path) => only === undefined || only.includes(path)).map(readDocument);
  const snippets = new Map(documents.map((document) => [document.path, snippetsOf(document.blocks)]));
  typeCheck([...snippets.values()].flat()).forEach(({ document, line, message }) => report(document, line, message));

  const sandbox = new Sandbox(all === true);
  const rows = new Map<string, Row>();
  try {
    for (const document of documents.filter(({ blocks }) => blocks.length > 0)) {
      console.log(document.path);
      rows.set(document.path, await tryDocument(document, snippets.get(document.path)!, sandbox));
    }
  } finally {
    await sandbox.remove();
  }
  if (workingTree() !== before) {
    report('the working tree', 0, 'a command has changed it');
  }
  print(rows);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function tryDocument(document: Document, snippets: readonly Snippet[], sandbox: Sandbox): Promise<Row> {
  const row: Row = { executed: 0, long: 0, marked: 0, types: snippets.length, apps: 0, data: 0, outputs: 0, markedBlocks: 0 };
  const printed = new Map<string, Done>();
  const apps = snippets.filter(({ complete }) => complete);
  const hasCommands = document.blocks.some((block) => block.language === 'console');
  if (hasCommands) {
    await sandbox.begin(document.path, apps[0]?.code);
  }
  for (const block of document.blocks) {
    const kind = kindOf(block);
    if ('wrong' in kind) {
      report(document.path, block.line, kind.wrong);
      continue;
    }
    switch (kind.kind) {
      case 'marked':
        row.markedBlocks += 1;
        row.marked += block.language === 'console' ? countNeeds(commandsOf(block).map(({ command }) => needOf(block, command)!)) : 0;
        break;
      case 'json': case 'yaml':
        row.data += 1;
        dataProblems(block).forEach((problem) => report(document.path, block.line, problem));
        break;
      case 'ts': {
        const app = apps.find((one) => one.block === block);
        if (app) {
          row.apps += synthesize(app);
          // What goes on with the app above is shown, and not asked to be run.
          if (hasCommands && app.block.fixture === undefined) {
            sandbox.app(app.code);
          }
        }
        break;
      }
      case 'output': {
        const command = outputOf(block)!;
        const done = printed.get(command) ?? await sandbox.run(placeOf(command), command);
        printed.set(command, done);
        row.outputs += 1;
        missingLines(block.text.split('\n'), done.output).forEach((line) => report(document.path, block.line, `${command} does not print: ${line.trim()}`));
        break;
      }
      case 'commands': {
        const commands = commandsOf(block);
        for (const [i, command] of commands.entries()) {
          await tryCommand(command, { document, row, sandbox, need: needOf(block, command.command), expected: exitCodeOf(block, i, commands.length), printed });
        }
        break;
      }
    }
  }
  await sandbox.end();
  return row;
}

interface Trial {
  readonly document: Document;
  readonly row: Row;
  readonly sandbox: Sandbox;
  readonly need: string | undefined;
  readonly expected: number;
  readonly printed: Map<string, Done>;
}

async function tryCommand({ command: written, line, output: shown }: Command, { document, row, sandbox, need, expected, printed }: Trial): Promise<void> {
  const command = withoutComment(written);
  // A file that is shown by `cat`, and that nothing has made, is what the document says.
  const file = /^cat ([\w./-]+)$/.exec(command)?.[1];
  if (file !== undefined) {
    sandbox.shown(file, shown.join('\n'));
  }
  const missing = need ?? sandbox.missing(command);
  if (missing !== undefined) {
    row.marked += countNeeds([missing]);
    return;
  }
  // What is long stays away from the rest of its line.
  const whole = command.split(' && ');
  const parts = all ? whole : whole.filter((part) => !LONG.test(part));
  if (parts.length < whole.length) {
    row.long += 1;
    if (parts.length === 0) {
      return;
    }
  }
  const begun = Date.now();
  const done = await sandbox.run(placeOf(command), parts.join(' && '));
  printed.set(command, done);
  row.executed += 1;
  console.log(`  ${done.status === expected ? 'ok   ' : 'WRONG'} ${String(Math.round((Date.now() - begun) / 1000)).padStart(3)} s  ${command}`);
  if (verbose) {
    console.log(done.output);
  }
  if (done.status !== expected) {
    report(document.path, line, `exit code ${done.status}, not ${expected}: ${command}\n${done.output.slice(-2_000)}`);
  }
  missingLines(shown.filter((one) => one.trim() !== ''), done.output).forEach((one) => report(document.path, line, `${command} does not print: ${one.trim()}`));
}

function placeOf(command: string): Place {
  return IN_CLONE.test(command) ? 'clone' : 'project';
}

function countNeeds(found: readonly string[]): number {
  found.forEach((need) => needs.set(need, (needs.get(need) ?? 0) + 1));
  return found.length;
}

function synthesize(snippet: Snippet): number {
  const outdir = mkdtempSync(join(tmpdir(), 'drydock-docs-app-'));
  process.env.CDK_OUTDIR = outdir;
  try {
    new Function('require', 'exports', runnable(snippet))(require, {});
    return 1;
  } catch (error) {
    report(snippet.block.document, snippet.block.line, `cannot be synthesized: ${(error as Error).message}`);
    return 0;
  } finally {
    process.removeAllListeners('beforeExit');
    delete process.env.CDK_OUTDIR;
    rmSync(outdir, { recursive: true, force: true });
  }
}

function print(rows: ReadonlyMap<string, Row>): void {
  const titles: Readonly<Record<keyof Row, string>> = { executed: 'executed', long: 'long', marked: 'need something', types: 'types checked', apps: 'apps', data: 'json, yaml', outputs: 'outputs', markedBlocks: 'marked' };
  const keys = Object.keys(titles) as (keyof Row)[];
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  const line = (name: string, cells: readonly (string | number)[]) => console.log(`${name.padEnd(width)}  ${cells.map((cell, i) => String(cell).padStart(titles[keys[i]].length)).join('  ')}`);
  console.log(`\n${' '.repeat(width)}  commands                        blocks`);
  line('', keys.map((key) => titles[key]));
  rows.forEach((row, name) => line(name, keys.map((key) => row[key])));
  const sum = (key: keyof Row) => [...rows.values()].reduce((total, row) => total + row[key], 0);
  line('all', keys.map(sum));
  console.log(`\nNeeded: ${[...needs].map(([need, count]) => `${need} (${count})`).join(', ') || 'nothing'}. ${all ? '' : 'Long commands are run with -- --all.'}`);
  console.log(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
