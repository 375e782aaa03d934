/** Builds the package of each language below dist/, as the release does. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { checkCSharp } from './csharp';
import { checkGo } from './go-module';
import { Language, TARGETS, toolsOf } from './language';
import { run } from './run';
import { Scratch } from './scratch';

export interface Built {
  readonly language: Language;
  /** What people download. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly seconds: number;
  /** What was not done, and why; what was done instead. */
  readonly notes: readonly string[];
}

export interface Workshop {
  readonly root: string;
  readonly scratch: Scratch;
}

/** Handlers, jsii assembly, translated examples (`.jsii.tabl.json`): what every package is made from. */
export function compile(root: string, scratch: Scratch): Workshop {
  run('npx', ['projen', 'pre-compile'], { cwd: root, env: scratch.env });
  // Warnings of jsii are names that do not fit in some language.
  run('npx', ['jsii', '--fail-on-warnings'], { cwd: root, env: scratch.env });
  run('npx', ['jsii-rosetta', 'extract', '--strict'], { cwd: root, env: scratch.env });
  return { root, scratch };
}

export function build(language: Language, workshop: Workshop): Built {
  const { root } = workshop;
  const target = TARGETS[language];
  const dist = join(root, 'dist', target);
  rmSync(dist, { recursive: true, force: true });
  const start = Date.now();
  const notes = PACK[language](workshop);
  const files = filesBelow(dist).filter(({ path }) => DOWNLOADED[language].test(path)).map((file) => ({ ...file, path: relative(root, file.path) }));
  return { language, notes, seconds: (Date.now() - start) / 1000, files };
}

/** The npm package is the only file below dist/js. */
export function npmTarball(root: string): string {
  return join(root, 'dist', 'js', readdirSync(join(root, 'dist', 'js')).find((name) => name.endsWith('.tgz'))!);
}

const DOWNLOADED: Readonly<Record<Language, RegExp>> = { typescript: /\.tgz$/, python: /\.(?:whl|tar\.gz)$/, java: /\.jar$/, go: /./, csharp: /./ };

const PACK: Readonly<Record<Language, (workshop: Workshop) => string[]>> = {
  typescript: (workshop) => {
    pacmak(workshop, 'js');
    return [];
  },
  python: (workshop) => {
    pacmak(workshop, 'python');
    return [];
  },
  java: (workshop) => {
    // Maven asks its repository whether it has this version already; that, too, stays out of the home.
    pacmak(workshop, 'java', '--maven-local-repository', workshop.scratch.mavenRepository);
    return [];
  },
  go: (workshop) => {
    pacmak(workshop, 'go', '--code-only');
    const module = join(workshop.root, 'dist', 'go', goPackage(workshop.root));
    run('gofmt', ['-w', '-s', module]);
    return checkGo(module, workshop.scratch);
  },
  csharp: (workshop) => {
    const { missing } = toolsOf('csharp');
    if (missing === undefined) {
      pacmak(workshop, 'dotnet');
      return [];
    }
    pacmak(workshop, 'dotnet', '--code-only');
    return [`${missing} is not installed: code generated, not compiled`, checkCSharp([join(workshop.root, 'dist', 'dotnet'), join(workshop.root, 'examples', 'csharp')], workshop.scratch)];
  },
};

export function goPackage(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { jsii: { targets: { go: { packageName: string } } } }).jsii.targets.go.packageName;
}

function pacmak({ root, scratch }: Workshop, target: string, ...options: string[]): void {
  run('npx', ['jsii-pacmak', '--no-npmignore', '--force', '--target', target, '--rosetta-unknown-snippets', 'fail', ...options], {
    cwd: root, env: scratch.env, minutes: 20,
  });
}

function filesBelow(folder: string): { path: string; bytes: number }[] {
  return !existsSync(folder) ? [] : readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, bytes: statSync(path).size }));
}

/** A copy of an example without what its tools have left in it. */
export function copyExample(root: string, language: Language, to: string): string {
  mkdirSync(to, { recursive: true });
  cpSync(join(root, 'examples', language, 'retention'), to, {
    recursive: true, filter: (source) => !/(?:node_modules|cdk\.out|\.venv|__pycache__|target|bin|obj)$/.test(source),
  });
  return to;
}
