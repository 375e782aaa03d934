/** A fresh project for each language: the example, the package that was built, and nothing of this repository besides. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveModules } from './go-module';
import { Language } from './language';
import { copyExample, goPackage, npmTarball } from './packages';
import { run } from './run';
import { Scratch } from './scratch';

export interface Project {
  readonly folder: string;
  readonly installSeconds: number;
  readonly notes: readonly string[];
  /** Writes the assembly and says how long it took. */
  synthesize(outdir: string, variant?: string): number;
}

export type CompiledLanguage = Exclude<Language, 'csharp'>;

export const CREATE: Readonly<Record<CompiledLanguage, (root: string, scratch: Scratch) => Project>> = { typescript, python, java, go };

function typescript(root: string, scratch: Scratch): Project {
  const folder = copyExample(root, 'typescript', scratch.folder('typescript'));
  const { seconds } = run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', npmTarball(root)], { cwd: folder, env: scratch.env });
  return project(folder, scratch, seconds, [], ['npx', 'ts-node', '--prefer-ts-exts', 'app.ts']);
}

function python(root: string, scratch: Scratch): Project {
  const folder = copyExample(root, 'python', scratch.folder('python'));
  const dist = join(root, 'dist', 'python');
  const wheel = join(dist, readdirSync(dist).find((name) => name.endsWith('.whl'))!);
  const venv = join(folder, '.venv');
  const made = run('python3', ['-m', 'venv', venv], { env: scratch.env });
  const installed = run(join(venv, 'bin', 'pip'), ['install', '--quiet', '--requirement', 'requirements.txt', wheel], { cwd: folder, env: scratch.env });
  return project(folder, scratch, made.seconds + installed.seconds, [], [join(venv, 'bin', 'python'), 'app.py']);
}

function java(root: string, scratch: Scratch): Project {
  const folder = copyExample(root, 'java', scratch.folder('java'));
  // What the package was downloaded from, to Maven, is the folder that it was built into.
  writeFileSync(join(folder, 'settings.xml'), `<settings>
  <localRepository>${scratch.mavenRepository}</localRepository>
  <profiles>
    <profile>
      <id>built</id>
      <repositories><repository><id>built</id><url>file://${join(root, 'dist', 'java')}</url></repository></repositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>built</activeProfile></activeProfiles>
</settings>
`);
  const mvn = ['mvn', '--batch-mode', '--quiet', '--settings', 'settings.xml'];
  const { seconds } = run(mvn[0], [...mvn.slice(1), '--update-snapshots', 'compile'], { cwd: folder, env: scratch.env });
  return project(folder, scratch, seconds, [], [...mvn, 'exec:java']);
}

function go(root: string, scratch: Scratch): Project {
  const folder = copyExample(root, 'go', scratch.folder('go'));
  const module = join(root, 'dist', 'go', goPackage(root));
  const path = run('go', ['list', '-m'], { cwd: module, env: scratch.env }).stdout.trim();
  const start = Date.now();
  run('go', ['mod', 'edit', `-replace=${path}=${module}`], { cwd: folder, env: scratch.env });
  const notes = resolveModules(folder, scratch);
  run('go', ['build', '-o', join(folder, 'retention'), '.'], { cwd: folder, env: scratch.env, minutes: 20 });
  return project(folder, scratch, (Date.now() - start) / 1000, notes, [join(folder, 'retention')]);
}

function project(folder: string, scratch: Scratch, installSeconds: number, notes: readonly string[], [command, ...args]: readonly string[]): Project {
  return {
    folder,
    installSeconds,
    notes,
    // As the CDK's command line tells an app where to write, and with which context.
    synthesize: (outdir, variant) => run(command, args, {
      cwd: folder, env: { ...scratch.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(variant === undefined ? {} : { variant }) },
    }).seconds,
  };
}
