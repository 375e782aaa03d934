import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { Edit, Protection } from './model';

/** The sources without a protection, by file. Throws where an edit no longer fits: then nobody knows what it would take out. */
export function without(root: string, { edits }: Protection): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const edit of edits) {
    const text = changed.get(edit.file) ?? readFileSync(join(root, edit.file), 'utf8');
    const at = placeOf(edit, text);
    changed.set(edit.file, text.slice(0, at) + edit.replace + text.slice(at + edit.find.length));
  }
  for (const [file, text] of changed) {
    const wrong = syntaxErrors(file, text);
    if (wrong.length > 0) {
      throw new Error(`${file} cannot be read any more without it: ${wrong.join('; ')}`);
    }
  }
  return changed;
}

function placeOf({ file, find }: Edit, text: string): number {
  const count = text.split(find).length - 1;
  if (count !== 1) {
    throw new Error(`${file} has ${JSON.stringify(find.length > 60 ? `${find.slice(0, 60)}…` : find)} ${count} times, not once`);
  }
  return text.indexOf(find);
}

function syntaxErrors(fileName: string, text: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(text, { fileName, reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

const PARSED = new Map<string, ts.SourceFile>();

/** Many protections are in the same few files. */
function parsed(name: string, text: string): ts.SourceFile {
  const known = PARSED.get(name);
  const file = known?.text === text ? known : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  PARSED.set(name, file);
  return file;
}

/** Where a protection is: its file, and the function, method or table around its (first) edit. */
export function placeIn(root: string, { edits: [edit] }: Protection): { readonly file: string; readonly name: string } {
  const text = readFileSync(join(root, edit.file), 'utf8');
  const at = placeOf(edit, text);
  const file = parsed(edit.file, text);
  // What an edit begins with may be the blank before a statement.
  const position = at + edit.find.search(/\S/);
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (position < node.getStart(file) || position >= node.end) {
      return;
    }
    const isNamed = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isClassDeclaration(node) || ts.isGetAccessorDeclaration(node)
      || (ts.isPropertyAssignment(node) && ts.isArrowFunction(node.initializer)) || (ts.isVariableDeclaration(node) && node.parent.parent.parent === file);
    if (isNamed && node.name !== undefined) {
      names.push(node.name.getText(file));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { file: edit.file, name: names.slice(0, 2).join('.') };
}
