import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { Block, root } from './documents';

/** A module made of a block, for the compiler. */
export interface Snippet {
  readonly block: Block;
  /** A whole app, with what continues it; such are run, too. */
  readonly complete: boolean;
  readonly code: string;
  /** How many lines stand before the first one of the block. */
  readonly shift: number;
}

export interface Problem {
  readonly document: string;
  readonly line: number;
  readonly message: string;
}

/** The fixture of jsii-rosetta for blocks that go on with the app above them; here they are run with it. */
const CONTINUES = 'in-app';

/** All blocks of TypeScript of a document as modules. Those of other libraries are left out. */
export function snippetsOf(blocks: readonly Block[]): Snippet[] {
  const snippets: Snippet[] = [];
  let above = '';
  for (const block of blocks.filter(({ language, notes }) => language === 'ts' && !notes.some(isForeign))) {
    const continued = block.fixture === CONTINUES;
    if (/\bnew App\(/.test(block.text) || continued) {
      const before = continued ? `${above}\n` : '';
      const text = `${before}${block.text}`;
      snippets.push({ block, complete: true, code: text, shift: before.split('\n').length - 1 });
      above = text;
    } else {
      snippets.push({ block, complete: false, ...inContext(block) });
    }
  }
  return snippets;
}

/** Marked `another library`: nothing here can compile it. */
export function isForeign(note: string): boolean {
  return note === 'another library';
}

/** Names that are there for the taking. */
const offered = new Set(exportsOf(parse(readFileSync(join(__dirname, 'context.ts'), 'utf8'))));

function inContext({ text, notes }: Block): Pick<Snippet, 'code' | 'shift'> {
  const source = parse(text);
  const declared = new Set<string>();
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if ((ts.isVariableDeclaration(node) || ts.isImportSpecifier(node) || ts.isFunctionDeclaration(node) || ts.isNamespaceImport(node)) && node.name && ts.isIdentifier(node.name)) {
      declared.add(node.name.text);
    }
    if (ts.isIdentifier(node)) {
      used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const properties = notes.map((note) => /^properties of (\w+)$/.exec(note)?.[1]).find((name) => name !== undefined);
  const taken = [...used].filter((name) => offered.has(name) && !declared.has(name));
  const imports = source.statements.filter(ts.isImportDeclaration);
  const after = imports.length === 0 ? 0 : imports[imports.length - 1].end;
  const head = `${taken.length === 0 ? '' : `import { ${taken.join(', ')} } from './context'; `}import { Construct as Scope } from 'constructs'; `;
  const rest = text.slice(after);
  if (properties !== undefined) {
    const values = source.statements.filter(ts.isLabeledStatement).map((one) => `({ ${one.label.text}: ${one.statement.getText(source).replace(/;$/, '')} }) satisfies Partial<Props>;`);
    return { code: `import { ${properties} as Props } from 'cdk-drydock'; ${head}\n${values.join('\n')}\n`, shift: 1 };
  }
  // `this` is the construct in whose constructor the snippet stands.
  return { code: `${head}${text.slice(0, after)} export class Here extends Scope { public async here(): Promise<void> {${rest.startsWith('\n') ? '' : '\n'}${rest}\n} }\n`, shift: rest.startsWith('\n') ? 0 : 1 };
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('block.ts', text, ts.ScriptTarget.ES2022, true);
}

function exportsOf(source: ts.SourceFile): string[] {
  return source.statements.flatMap((one) => {
    if (ts.isExportDeclaration(one) && one.exportClause && ts.isNamedExports(one.exportClause)) {
      return one.exportClause.elements.map(({ name }) => name.text);
    }
    if (ts.isVariableStatement(one)) {
      return one.declarationList.declarations.map(({ name }) => name.getText(source));
    }
    return ts.isFunctionDeclaration(one) && one.name ? [one.name.text] : [];
  });
}

/** What the compiler says of all snippets, by the options of the repository. */
export function typeCheck(snippets: readonly Snippet[]): Problem[] {
  const config = join(root, 'tsconfig.dev.json');
  const { options, errors } = ts.getParsedCommandLineOfConfigFile(config, {
    // A reader's snippet may show a value that it does not use.
    noUnusedLocals: false, noUnusedParameters: false, skipLibCheck: true, noEmit: true, incremental: false, composite: false, isolatedModules: false, allowUnusedLabels: false,
  }, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (one) => { throw new Error(ts.flattenDiagnosticMessageText(one.messageText, '\n')); } })!;
  if (errors.length > 0) {
    throw new Error(errors.map((one) => ts.flattenDiagnosticMessageText(one.messageText, '\n')).join('\n'));
  }
  const files = new Map(snippets.map((snippet, i) => [join(__dirname, `block-${i}.ts`), snippet]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, version, ...rest) => files.has(name) ? ts.createSourceFile(name, files.get(name)!.code, version, true) : getSourceFile(name, version, ...rest);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.code ?? readFile(name);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([name, { block, shift }]) => {
    const source = program.getSourceFile(name)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ start, messageText }) => ({
      document: block.document,
      line: block.line + source.getLineAndCharacterOfPosition(start ?? 0).line - shift,
      message: ts.flattenDiagnosticMessageText(messageText, ' '),
    }));
  });
}

/** The JavaScript of a whole app; it is synthesized where the block leaves that out. */
export function runnable({ code }: Snippet): string {
  const text = /\bapp\.synth\(/.test(code) ? code : `${code}\napp.synth();\n`;
  return ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true } }).outputText;
}
