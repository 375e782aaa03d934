import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { TestName } from './model';

/** Full titles of the tests of a file, as they are written: placeholders of `each` are not filled in. */
export function titlesIn(root: string, file: string): string[] {
  const parsed = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const titles: string[] = [];
  const visit = (node: ts.Node, around: readonly string[]): void => {
    if (ts.isCallExpression(node)) {
      const kind = kindOf(node.expression);
      const [title] = node.arguments;
      if (kind !== undefined && title !== undefined && ts.isStringLiteralLike(title)) {
        const full = [...around, title.text];
        if (kind === 'test') {
          titles.push(full.join(' '));
        }
        node.arguments.slice(1).forEach((argument) => visit(argument, full));
        return;
      }
    }
    ts.forEachChild(node, (child) => visit(child, around));
  };
  visit(parsed, []);
  return titles;
}

/** `test`, `test.each(...)`, `(condition ? describe : describe.skip)` and the like. */
function kindOf(callee: ts.Expression): 'test' | 'describe' | undefined {
  if (ts.isIdentifier(callee)) {
    return callee.text === 'test' || callee.text === 'it' ? 'test' : callee.text === 'describe' ? 'describe' : undefined;
  }
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee) || ts.isParenthesizedExpression(callee)) {
    return kindOf(callee.expression);
  }
  return ts.isConditionalExpression(callee) ? kindOf(callee.whenTrue) : undefined;
}

const PLACEHOLDER = /%[sdifjop#]|\$[A-Za-z]\w*/;

/** A title with its row filled in, for people. */
export function filled({ title, row }: TestName): string {
  return row === undefined ? title : title.replace(PLACEHOLDER, () => row);
}

/** A table of `each` over the handlers, no row of which is named. */
export function isAboutAllHandlers(name: TestName): boolean {
  return filled(name).startsWith('%s: ');
}

/** Matches what jest makes of a title: the placeholders of `each` that are not filled in stand for anything. */
export function patternOf(name: TestName): string {
  return `^${filled(name).split(PLACEHOLDER).map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('.*')}$`;
}
