/**
 * A folder for everything that is built, installed and cached on the way, and an environment that keeps the tools in it: nothing of it ends up in the
 * working tree or in the home of the user.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export class Scratch {
  public readonly root = mkdtempSync(join(tmpdir(), 'drydock-languages-'));
  /** Downloads of the tools; `DRYDOCK_LANGUAGES_CACHE` names a folder that outlives the run. */
  public readonly cache: string;
  public readonly env: NodeJS.ProcessEnv;

  constructor() {
    this.cache = process.env.DRYDOCK_LANGUAGES_CACHE ? resolve(process.env.DRYDOCK_LANGUAGES_CACHE) : join(this.root, 'cache');
    const cached = (name: string) => {
      const folder = join(this.cache, name);
      mkdirSync(folder, { recursive: true });
      return folder;
    };
    this.env = {
      npm_config_cache: cached('npm'),
      npm_config_update_notifier: 'false',
      PIP_CACHE_DIR: cached('pip'),
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      GOCACHE: cached('go-build'),
      GOMODCACHE: cached('go-mod'),
      // Read-only modules could not be removed afterwards; what `go env -w` has set for the user must not change the outcome.
      GOFLAGS: '-modcacherw',
      GOTOOLCHAIN: 'local',
      // Packages of the run are all version 0.0.0: one of an earlier run must not be taken for this one's.
      JSII_RUNTIME_PACKAGE_CACHE_ROOT: this.folder('jsii'),
      JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20',
      CDK_VALIDATION: 'false',
      // This repository's own: a project elsewhere has its own settings.
      TS_NODE_PROJECT: undefined,
    };
  }

  /** Where Maven keeps what it downloads. */
  public get mavenRepository(): string {
    return join(this.cache, 'maven');
  }

  public folder(...path: string[]): string {
    const folder = join(this.root, ...path);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  public remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
