/** What stands in API.md, in an editor and on Construct Hub is the docstring; so every public member has one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const SRC = join(__dirname, '../../src');

interface Member {
  readonly name: string;
  readonly summary: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly optional: boolean;
  /** Parameters without `@param`. */
  readonly silent: readonly string[];
}

const commentOf = (node: ts.JSDoc | ts.JSDocTag) => (ts.getTextOfJSDocComment(node.comment) ?? '').trim();

function tagsOf(node: ts.Node): Map<string, string> {
  return new Map(ts.getJSDocTags(node).map((tag) => [tag.tagName.text, commentOf(tag)]));
}

function summaryOf(node: ts.Node): string {
  return (node as { jsDoc?: ts.JSDoc[] }).jsDoc?.map(commentOf).join('\n') ?? '';
}

/** A scope and an id are the same everywhere, and props document themselves. */
function silentParameters(node: ts.Node): string[] {
  if (!ts.isMethodDeclaration(node)) {
    return [];
  }
  const documented = new Set(ts.getJSDocTags(node).filter(ts.isJSDocParameterTag).map((tag) => tag.name.getText()));
  return node.parameters.map(({ name }) => name.getText()).filter((name) => !documented.has(name));
}

function membersOf(file: string, text: string): Member[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const is = (node: ts.Node, ...kinds: ts.SyntaxKind[]) => ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kinds.includes(kind)) === true;
  const isPublic = (node: ts.Node) => !tagsOf(node).has('internal') && !is(node, ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword);
  const describe = (node: ts.Node, name: string): Member => ({
    name, summary: summaryOf(node), tags: tagsOf(node), optional: ts.isPropertySignature(node) && node.questionToken !== undefined, silent: silentParameters(node),
  });
  return source.statements.flatMap((statement) => {
    if (!is(statement, ts.SyntaxKind.ExportKeyword) || !(ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement) || ts.isEnumDeclaration(statement)) || !isPublic(statement) || /@internal/.test(summaryOf(statement))) {
      return [];
    }
    const members = [...statement.members].filter((member) => !ts.isConstructorDeclaration(member) && isPublic(member));
    return [describe(statement, statement.name!.text), ...members.map((member) => describe(member, `${statement.name!.text}.${member.name!.getText()}`))];
  });
}

const exported = [...readFileSync(join(SRC, 'index.ts'), 'utf8').matchAll(/from '\.\/(.*)'/g)].map(([, name]) => name);
const api = exported.flatMap((name) => membersOf(name, readFileSync(join(SRC, `${name}.ts`), 'utf8')));

test('the API is what index.ts exports', () => {
  expect(readdirSync(SRC)).toEqual(expect.arrayContaining(exported.map((name) => `${name}.ts`)));
  expect(api.length).toBeGreaterThan(150);
});

test('every public member has a summary: sentences, not the name once more', () => {
  expect(api.filter(({ name, summary }) => !/^\W*[A-Z*`].*[.:]/s.test(summary) || summary.replace(/\W/g, '').toLowerCase() === name.toLowerCase()).map(({ name }) => name)).toEqual([]);
});

test('every optional property says what happens without it', () => {
  expect(api.filter(({ optional, tags }) => optional && !tags.get('default')).map(({ name }) => name)).toEqual([]);
});

test('every parameter of a public method is explained', () => {
  expect(api.filter(({ silent }) => silent.length > 0).map(({ name, silent }) => `${name}: ${silent.join(', ')}`)).toEqual([]);
});

test('what a user makes or calls has an example', () => {
  const constructs = [
    'Repository', 'RepositoryPolicy', 'LifecyclePolicy', 'LifecyclePolicyPreview', 'PreviewGate', 'ImageCopy', 'ImageTag', 'ImageDigest', 'ImageCleanup', 'RegistryCredentials', 'Retention', 'DrydockValidation',
  ];
  expect(constructs.filter((name) => !api.find((member) => member.name === name)?.tags.get('example'))).toEqual([]);
});

test('the reader of docstrings finds what is missing', () => {
  const [type, documented, bare, method] = membersOf('x', `
    /** Things. */
    export interface Things {
      /**
       * One.
       * @default - none
       */
      readonly one?: string;
      readonly two?: string;
    }
    export class Maker {
      private readonly a = 1;
      /** @internal */
      public _b() {}
      /**
       * Does it.
       * @param x the x
       */
      public c(x: string, y: string) {}
    }
    class NotExported { public d = 1; }
  `).filter(({ name }) => name !== 'Maker');
  expect([type.summary, documented.tags.get('default'), bare.summary, bare.optional, method.name, method.silent]).toEqual(['Things.', '- none', '', true, 'Maker.c', ['y']]);
});
