import * as fs from 'fs';
import { builtinModules } from 'module';
import * as path from 'path';
import * as ts from 'typescript';

/**
 * Which room may import what. Imports run one way: constructs -> core, review; review -> core, assembly; copy -> core, ecr, registry; handlers -> core, ecr,
 * copy; cli -> all of these, emulator, rehearsal; emulator -> core; rehearsal -> core, assembly; account -> rehearsal, assembly, core. The core runs anywhere, a browser included.
 */
const ROOT = path.join(__dirname, '..');
const SRC = path.join(ROOT, 'src');

const CORE = ['lifecycle', 'access', 'iam', 'images', 'report', 'errors.ts'];
/** Belong to nobody: plain data and hashing, for all edges. */
const SHARED = ['resources.ts', 'image-resources.ts', 'digest.ts', 'lists.ts'];

interface Allowed {
  /** Rooms (first directories below src) and single files. */
  readonly rooms: readonly string[];
  /** Packages, by prefix; `node:` stands for Node's own modules. */
  readonly packages: readonly string[];
}

const RULES: Readonly<Record<string, Allowed>> = {
  core: { rooms: CORE, packages: [] },
  shared: { rooms: [...CORE, ...SHARED], packages: ['node:crypto'] },
  // The validation plugin reads the app that it validates.
  constructs: { rooms: [...CORE, ...SHARED, 'assembly', 'review', 'constructs', 'provider'], packages: ['aws-cdk-lib', 'constructs', 'node:'] },
  provider: { rooms: [...CORE, ...SHARED, 'constructs', 'provider'], packages: ['aws-cdk-lib', 'constructs', 'node:'] },
  assembly: { rooms: [...CORE, ...SHARED, 'assembly'], packages: ['node:'] },
  review: { rooms: [...CORE, ...SHARED, 'assembly', 'review'], packages: ['node:'] },
  page: { rooms: [...CORE, 'page'], packages: ['chart.js'] },
  registry: { rooms: [...CORE, ...SHARED, 'registry'], packages: ['node:'] },
  copy: { rooms: [...CORE, ...SHARED, 'ecr', 'registry', 'copy'], packages: ['node:', 'tar-stream'] },
  ecr: { rooms: [...CORE, ...SHARED, 'ecr'], packages: ['@aws-sdk/', '@smithy/', 'node:'] },
  handlers: { rooms: [...CORE, ...SHARED, 'ecr', 'registry', 'copy', 'handlers'], packages: ['node:'] },
  emulator: { rooms: [...CORE, ...SHARED, 'emulator'], packages: ['node:'] },
  rehearsal: { rooms: [...CORE, ...SHARED, 'assembly', 'rehearsal'], packages: ['node:'] },
  account: { rooms: [...CORE, ...SHARED, 'assembly', 'rehearsal', 'account'], packages: ['fflate', 'yaml', 'node:'] },
  cli: {
    rooms: [...CORE, ...SHARED, 'account', 'ecr', 'registry', 'copy', 'assembly', 'review', 'emulator', 'rehearsal', 'cli'],
    packages: ['ajv', 'commander', 'picocolors', 'cli-progress', 'node:'],
  },
};

interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  /** Erased by the compiler: `import type`, or every name in it a type. */
  readonly typeOnly: boolean;
}

function sourceFiles(directory: string): string[] {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(directory, entry.name);
    return entry.isDirectory() ? sourceFiles(full) : /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [full] : [];
  });
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
}

/** Every way to reach another module: import, export from, import = require, require(), require.resolve(), import(), import('...') types. */
function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly = false) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const text = specifier && ts.isStringLiteralLike(specifier) ? specifier.text : '<computed>';
    found.push({ file: source.fileName, line, specifier: text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { importClause } = node;
      const names = importClause?.namedBindings && ts.isNamedImports(importClause.namedBindings) ? importClause.namedBindings.elements : undefined;
      add(node, node.moduleSpecifier, importClause?.isTypeOnly === true
        || (importClause !== undefined && !importClause.name && names !== undefined && names.length > 0 && names.every((name) => name.isTypeOnly)));
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node, node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node, node.moduleReference.expression, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression.getText();
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword || callee === 'require' || callee === 'require.resolve') {
        add(node, node.arguments[0]);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Wall clocks, chance and the process, none of which the core may look at. */
function impuritiesOf(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const add = (node: ts.Node, what: string) => found.push(`${where(source, node)} ${what}`);
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && ['Date.now', 'performance.now', 'Math.random'].includes(node.getText())) {
      add(node, node.getText());
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0) {
      add(node, 'new Date()');
    } else if (ts.isCallExpression(node) && node.expression.getText() === 'Date') {
      add(node, 'Date()');
    } else if (ts.isIdentifier(node) && ['process', 'globalThis', 'Buffer', '__dirname', '__filename', 'setTimeout', 'setInterval', 'fetch', 'console'].includes(node.text) && isReference(node)) {
      add(node, node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether an identifier stands for a value in scope, not for a member, a name being declared or a key. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  return !(ts.isPropertyAccessExpression(parent) && parent.name === node)
    && !(ts.isPropertyAssignment(parent) && parent.name === node)
    && !(ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent) || ts.isParameter(parent));
}

function where(source: ts.SourceFile, node: ts.Node): string {
  return `${path.relative(ROOT, source.fileName)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** The room of a file below src: its directory, `constructs` for files in src itself, or the file where a rule names it. */
function roomOf(file: string): string {
  const relative = path.relative(SRC, file).split(path.sep).join('/');
  const [first] = relative.split('/');
  return relative.includes('/') || CORE.includes(first) || SHARED.includes(first) ? first : 'constructs';
}

function ruleOf(room: string): Allowed | undefined {
  return CORE.includes(room) ? RULES.core : SHARED.includes(room) ? RULES.shared : RULES[room];
}

/** What is wrong with an import, or undefined. */
function objection({ file, specifier, typeOnly }: Import): string | undefined {
  const room = roomOf(file);
  const rule = ruleOf(room);
  if (rule === undefined) {
    return `${room} is a room without a rule`;
  }
  if (specifier === '<computed>') {
    return 'what is imported is not written down';
  }
  if (specifier.startsWith('.')) {
    const target = path.resolve(path.dirname(file), specifier);
    const resolved = [`${target}.ts`, path.join(target, 'index.ts'), target].find((candidate) => fs.existsSync(candidate) && fs.statSync(candidate).isFile()) ?? `${target}.ts`;
    if (path.relative(SRC, resolved).startsWith('..')) {
      return 'leads out of src';
    }
    const to = roomOf(resolved);
    // The rehearsal and the account may know what the emulator looks like, not how it works.
    return rule.rooms.includes(to) || (['rehearsal', 'account'].includes(room) && to === 'emulator' && typeOnly) ? undefined : `${room} may not import from ${to}`;
  }
  const name = isNodeModule(specifier) ? `node:${specifier.replace(/^node:/, '')}` : specifier;
  const allowed = rule.packages.some((prefix) => name === prefix || name.startsWith(prefix.endsWith(':') || prefix.endsWith('/') ? prefix : `${prefix}/`));
  return allowed ? undefined : `${room} may not import ${name}`;
}

function isNodeModule(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier.split('/')[0]);
}

const FILES = sourceFiles(SRC).map((file) => parse(file, fs.readFileSync(file, 'utf8')));

describe('the rooms of src', () => {
  test('every room has a rule, and every file was read', () => {
    expect(FILES.length).toBeGreaterThan(20);
    expect([...new Set(FILES.map((source) => roomOf(source.fileName)))].filter((room) => ruleOf(room) === undefined)).toEqual([]);
  });

  test('import only what their rule allows', () => {
    const objections = FILES.flatMap(importsOf).flatMap((one) => {
      const found = objection(one);
      return found === undefined ? [] : [`${path.relative(ROOT, one.file)}:${one.line} '${one.specifier}': ${found}`];
    });
    expect(objections).toEqual([]);
  });

  test('the core and what it shares look at no clock, no chance, no process and no console', () => {
    const pure = FILES.filter((source) => CORE.includes(roomOf(source.fileName)) || SHARED.includes(roomOf(source.fileName)));
    expect(pure.length).toBeGreaterThan(10);
    expect(pure.flatMap(impuritiesOf)).toEqual([]);
  });

  test('only src/ecr reaches the AWS SDK, and only constructs and provider the CDK', () => {
    const users = (prefix: string) => new Set(FILES.flatMap(importsOf).filter(({ specifier }) => specifier === prefix || specifier.startsWith(`${prefix}/`)).map(({ file }) => roomOf(file)));
    expect([...users('@aws-sdk')].filter((room) => room !== 'ecr')).toEqual([]);
    expect([...users('aws-cdk-lib')].filter((room) => room !== 'constructs' && room !== 'provider')).toEqual([]);
  });
});

test('the page, which has browser globals, imports the core, its own room and the plotting library, and nothing imports it', () => {
  const page = sourceFiles(path.join(ROOT, 'page')).map((file) => parse(file, fs.readFileSync(file, 'utf8')));
  expect(page.length).toBeGreaterThan(5);
  const allowed = new RegExp(`^(?:\\./[\\w-]+|\\.\\./src/(?:${[...CORE.filter((room) => !room.endsWith('.ts')), 'page'].join('|')})/[\\w-]+|chart\\.js)$`);
  expect(page.flatMap(importsOf).map(({ specifier }) => specifier).filter((specifier) => !allowed.test(specifier))).toEqual([]);
  expect(FILES.flatMap(importsOf).filter(({ specifier }) => /(?:^|\/)\.\.\/page\//.test(specifier) && !specifier.startsWith('../page/'))).toEqual([]);
  // No text of others becomes markup.
  expect(page.filter((source) => /innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(source.text)).map(({ fileName }) => fileName)).toEqual([]);
});

describe('this test', () => {
  const at = (file: string, text: string) => importsOf(parse(path.join(SRC, file), text)).map(objection);

  test.each<[string, string, string | undefined]>([
    ['lifecycle/x.ts', "import { App } from 'aws-cdk-lib';", 'lifecycle may not import aws-cdk-lib'],
    ['lifecycle/x.ts', "import * as fs from 'fs';", 'lifecycle may not import node:fs'],
    ['access/x.ts', "export * from 'node:path';", 'access may not import node:path'],
    ['report/x.ts', "const fs = require('fs/promises');", 'report may not import node:fs/promises'],
    ['images/x.ts', "const load = async () => import('@aws-sdk/client-ecr');", 'images may not import @aws-sdk/client-ecr'],
    ['lifecycle/x.ts', "import fs = require('fs');", 'lifecycle may not import node:fs'],
    ['lifecycle/x.ts', "type X = import('aws-cdk-lib').App;", 'lifecycle may not import aws-cdk-lib'],
    ['lifecycle/x.ts', 'const load = (name: string) => require(name);', 'what is imported is not written down'],
    ['lifecycle/x.ts', "import { policyHash } from '../digest';", 'lifecycle may not import from digest.ts'],
    ['lifecycle/x.ts', "import { evaluate } from './evaluate';", undefined],
    ['lifecycle/x.ts', "import type { Run } from '../handlers/run';", 'lifecycle may not import from handlers'],
    ['x.ts', "import { start } from './emulator/server';", 'constructs may not import from emulator'],
    ['x.ts', "import { main } from './cli/main';", 'constructs may not import from cli'],
    ['x.ts', "import { aws_ecr } from 'aws-cdk-lib';", undefined],
    ['x.ts', "import * as ecr from 'aws-cdk-lib/aws-ecr';", undefined],
    ['x.ts', "import { x } from 'aws-cdk-library';", 'constructs may not import aws-cdk-library'],
    ['provider/x.ts', "import { ECRClient } from '@aws-sdk/client-ecr';", 'provider may not import @aws-sdk/client-ecr'],
    ['handlers/x.ts', "import { Stack } from 'aws-cdk-lib/core';", 'handlers may not import aws-cdk-lib/core'],
    ['handlers/x.ts', "import { Repository } from '../repository';", 'handlers may not import from constructs'],
    ['handlers/x.ts', "import { ECRClient } from '@aws-sdk/client-ecr';", 'handlers may not import @aws-sdk/client-ecr'],
    ['ecr/x.ts', "import { ECRClient } from '@aws-sdk/client-ecr';", undefined],
    ['ecr/x.ts', "import { run } from '../handlers/run';", 'ecr may not import from handlers'],
    ['emulator/x.ts', "import { ECRClient } from '@aws-sdk/client-ecr';", 'emulator may not import @aws-sdk/client-ecr'],
    ['rehearsal/x.ts', "import type { Emulator } from '../emulator/server';", undefined],
    ['rehearsal/x.ts', "import { startEmulator } from '../emulator/server';", 'rehearsal may not import from emulator'],
    ['account/x.ts', "import type { Request } from '../emulator';", undefined],
    ['account/x.ts', "import { startEmulator } from '../emulator';", 'account may not import from emulator'],
    ['emulator/x.ts', "import { Account } from '../account';", 'emulator may not import from account'],
    ['rehearsal/x.ts', "import { Account } from '../account';", 'rehearsal may not import from account'],
    ['rehearsal/x.ts', "import { handler } from '../handlers/drydock.lambda';", 'rehearsal may not import from handlers'],
    ['cli/x.ts', "import { Command } from 'commander';", undefined],
    ['cli/x.ts', "import { Repository } from '../repository';", 'cli may not import from constructs'],
    ['cli/x.ts', "import { thing } from '../../test/thing';", 'leads out of src'],
    ['newroom/x.ts', "import './y';", 'newroom is a room without a rule'],
  ])('in src/%s takes %s for: %s', (file, text, expected) => {
    expect(at(file, text)).toEqual([expected]);
  });

  test.each([
    ['Date.now()', 1], ['new Date()', 1], ['new Date', 1], ['Date()', 1], ['process.env.X', 1], ['Math.random()', 1], ['console.log(1)', 1], ['performance.now()', 1],
    ['globalThis.process', 1], ["Buffer.from('')", 1], ['new Date(5)', 0], ['Date.parse(text)', 0], ['rule.process', 0], ['({ process: 1 })', 0],
  ])('counts %s in the core as %d offences', (text, offences) => {
    expect(impuritiesOf(parse('core.ts', text))).toHaveLength(offences);
  });
});
