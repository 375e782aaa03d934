import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root } from './documents';
import { inUse, OWN_APP, prepareFiles, registry } from './prepared';
import { Emulator, startEmulator } from '../../src/emulator';
import { bareEnvironment } from '../cli/processes';
import { RunningServices } from '../ecr/running';
import { CloudFormationStub } from '../review/cloudformation-stub';

export interface Done {
  readonly status: number | null;
  readonly output: string;
}

interface Started {
  readonly ended: Promise<number | null>;
  output(): string;
  kill(): void;
}

/** Where commands run: the reader's own project, or a clone of the repository. */
export type Place = 'project' | 'clone';

const TIMEOUT = 600_000;
const WRITTEN_PORT = '4510';

/** Scratch folders and servers for the commands of documents. Nothing is written into the working tree. */
export class Sandbox {
  private readonly work = mkdtempSync(join(tmpdir(), 'drydock-docs-'));
  private readonly servers: { kill(): Promise<void> }[] = [];
  private readonly live: { stop(): Promise<unknown> }[] = [];
  private environment: Record<string, string> = {};
  private port = '';
  private cloned = false;

  constructor(private readonly install: boolean) {
    this.tool('npx', `case "$1" in drydock) shift; exec "${process.execPath}" "${join(root, 'bin', 'drydock')}" "$@";; cdk) shift; exec "${join(root, 'node_modules', '.bin', 'cdk')}" "$@";; esac\nexec "${join(dirname(process.execPath), 'npx')}" "$@"`);
    this.tool('drydock', `exec "${process.execPath}" "${join(root, 'bin', 'drydock')}" "$@"`);
    // A cluster with one pod.
    const pods = { apiVersion: 'v1', kind: 'List', items: [{ metadata: { namespace: 'shop', name: 'api-1' }, spec: { containers: [{ name: 'api', image: inUse() }] }, status: { containerStatuses: [{ imageID: inUse(), image: inUse() }] } }] };
    this.tool('kubectl', `case "$*" in *jsonpath*) echo '${inUse()}';; *) echo '${JSON.stringify(pods)}';; esac`);
  }

  /** A registry, stacks and services of its own for each document, and a project in its first state. */
  public async begin(document: string, app: string | undefined): Promise<void> {
    await this.end();
    const emulator: Emulator = await startEmulator({ seed: registry() });
    const running = await new RunningServices({ services: { main: { api: inUse() } } }).start();
    const cloudFormation = new CloudFormationStub();
    const stacks = await cloudFormation.start();
    this.live.push(emulator, running, cloudFormation);
    this.port = String(await freePort());
    const home = join(this.work, 'home');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'config'), '[profile audit]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\nregion = us-east-1\n');
    const environment = {
      PATH: `${join(this.work, 'tools')}${delimiter}${process.env.PATH}`,
      HOME: home, AWS_CONFIG_FILE: join(home, 'config'), REGISTRY_AUTH_FILE: join(home, 'auth.json'), DOCKER_CONFIG: join(home, '.docker'), NO_COLOR: '1',
      AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x',
      AWS_ENDPOINT_URL: emulator.endpoint, AWS_ENDPOINT_URL_ECS: running.url, AWS_ENDPOINT_URL_LAMBDA: running.url,
      // The embedded CloudFormation of a document goes before ours.
      ...(document !== 'docs/cdk-deploy.md' && { AWS_ENDPOINT_URL_CLOUDFORMATION: stacks }),
      CDK_DISABLE_CLI_TELEMETRY: 'true', npm_config_cache: process.env.npm_config_cache ?? join(process.env.HOME ?? home, '.npm'), npm_config_update_notifier: 'false',
    };
    this.environment = environment;
    rmSync(this.folder('project'), { recursive: true, force: true });
    ['project', 'clone'].forEach((place) => rmSync(join(this.work, `${place}.env`), { force: true }));
    mkdirSync(this.folder('project'), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.folder('project'), 'node_modules'));
    prepareFiles(this.folder('project'), document === 'docs/emulator.md' ? 'app' : 'shop/api');
    writeFileSync(join(this.folder('project'), 'cdk.json'), JSON.stringify({
      app: `TS_NODE_PROJECT=${join(root, 'tsconfig.dev.json')} node -r ts-node/register/transpile-only -r tsconfig-paths/register app.ts`, notices: false, versionReporting: false, requireApproval: 'never',
    }));
    this.app(app ?? OWN_APP);
    this.environment = environment;
    if (app === undefined) {
      await this.synthesized();
    }
  }

  /** The app of the project is this one from now on. */
  public app(code: string): void {
    const text = /\bapp\.synth\(/.test(code) ? code : `${code}\napp.synth();\n`;
    writeFileSync(join(this.folder('project'), 'app.ts'), text);
    if (this.cloned) {
      writeFileSync(join(this.folder('clone'), 'app.ts'), text);
    }
  }

  /** Puts a file into the project, as the document shows it; undefined where it is there already. */
  public shown(name: string, content: string): void {
    if (!existsSync(join(this.folder('project'), name))) {
      writeFileSync(join(this.folder('project'), name), content);
    }
  }

  public clone(): string {
    const folder = this.folder('clone');
    if (!this.cloned) {
      const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' }).stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
      for (const file of files) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        cpSync(join(root, file), join(folder, file), { verbatimSymlinks: true });
      }
      if (!this.install) {
        symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      }
      cpSync(join(root, 'assets'), join(folder, 'assets'), { recursive: true });
      this.cloned = true;
    }
    return folder;
  }

  /** Which tool a command uses that is not on this machine. */
  public missing(command: string): string | undefined {
    const tools = command.split(/&&|\|\|?|;/).map((part) => /^\s*\(?\s*(?:\w+=\S* )*(\S+)/.exec(part)?.[1]).filter((tool) => tool !== undefined);
    return tools.find((tool) => spawnSync('bash', ['-c', 'command -v -- "$0"', tool], { env: bareEnvironment(this.environment) }).status !== 0);
  }

  /** With variables and folder as the commands before it have left them. */
  public async run(place: Place, command: string): Promise<Done> {
    const folder = place === 'clone' ? this.clone() : this.folder('project');
    const state = join(this.work, `${place}.env`);
    const text = command.replaceAll(WRITTEN_PORT, this.port);
    if (/drydock emulator\b/.test(text) && !/--help/.test(text)) {
      return this.serve(folder, text.replace(/\s*&\s*$/, ''));
    }
    const script = `[ -f "${state}" ] && . "${state}"\n${text}\ncode=$?\nexport -p > "${state}"\necho "cd '$PWD'" >> "${state}"\nexit $code\n`;
    const { output, ended } = this.spawn(folder, script);
    return { status: await ended, output: output().replaceAll(this.port, WRITTEN_PORT) };
  }

  public async end(): Promise<void> {
    await Promise.all(this.servers.splice(0).map((server) => server.kill()));
    await Promise.all(this.live.splice(0).map((server) => server.stop()));
  }

  public async remove(): Promise<void> {
    await this.end();
    rmSync(this.work, { recursive: true, force: true });
  }

  private folder(place: Place): string {
    return join(this.work, place);
  }

  /** `cdk.out` of an app that the document does not show. It is the same each time. */
  private async synthesized(): Promise<void> {
    const kept = join(this.work, 'own.out');
    if (!existsSync(kept)) {
      const { status, output } = await this.run('project', `npx cdk synth --quiet --output '${kept}'`);
      if (status !== 0) {
        throw new Error(output);
      }
    }
    ['cdk.out', 'cdk.out.main'].forEach((name) => cpSync(kept, join(this.folder('project'), name), { recursive: true }));
  }

  private async serve(folder: string, command: string): Promise<Done> {
    await Promise.all(this.servers.splice(0).map((server) => server.kill()));
    const state = join(this.work, 'project.env');
    const { output, ended, kill } = this.spawn(folder, `[ -f "${state}" ] && . "${state}"\nexec ${command}`);
    this.servers.push({ kill: async () => { kill(); await ended; } });
    let status: number | null | undefined;
    void ended.then((code) => { status = code; });
    // It says where it listens, or ends.
    while (status === undefined && !output().includes('"endpoint":"http://127.0.0.1:')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { status: status ?? 0, output: output().replaceAll(this.port, WRITTEN_PORT) };
  }

  private spawn(cwd: string, script: string): Started {
    // A group of its own, so that what it has started ends with it.
    const child = spawn('bash', ['--noprofile', '--norc', '-o', 'pipefail', '-c', script], { cwd, env: bareEnvironment(this.environment), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    [child.stdout, child.stderr].forEach((stream) => stream.on('data', (chunk) => { output += chunk; }));
    const kill = () => {
      try {
        process.kill(-child.pid!, 'SIGTERM');
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(kill, TIMEOUT);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status));
    }).finally(() => clearTimeout(timer));
    return { output: () => output, ended, kill };
  }

  private tool(name: string, body: string): void {
    const file = join(this.work, 'tools', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/bash\n${body}\n`);
    chmodSync(file, 0o755);
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** What `git status` says: the same before and after, or something was written where nothing may be. */
export function workingTree(): string {
  return spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }).stdout + readFileSync(join(root, 'package.json'), 'utf8');
}
