import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { copyError } from '../images/codes';
import { decodeAuth, HUB_NAMES } from '../registry/docker-login';
import type { RegistryCredentials } from '../registry/options';

interface Auth {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, Auth>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

const HELPER_TIMEOUT_MILLIS = 20_000;

/**
 * What `docker login` (or podman's) has left for a registry; undefined for an anonymous pull.
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
export function dockerCredentials(registry: string, environment: NodeJS.ProcessEnv = process.env): RegistryCredentials | undefined {
  const files = [environment.REGISTRY_AUTH_FILE, join(environment.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json')];
  for (const file of files) {
    const config = file === undefined || !existsSync(file) ? undefined : readConfig(file);
    const found = config && lookUp(config, registry, file as string, environment);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function readConfig(file: string): DockerConfig {
  try {
    const config: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) {
      return config;
    }
    throw new Error('it is no JSON object');
  } catch (error) {
    throw copyError('DD-COPY-060', file, `The file with the logins cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}.`,
      'Repair it, log in anew, or set DOCKER_CONFIG to another directory.', { cause: error });
  }
}

function lookUp(config: DockerConfig, registry: string, file: string, environment: NodeJS.ProcessEnv): RegistryCredentials | undefined {
  const keys = registry === 'docker.io' ? HUB_NAMES : [registry, `https://${registry}`, `https://${registry}/`, `https://${registry}/v1/`, `https://${registry}/v2/`, `http://${registry}`];
  const helper = keys.map((key) => config.credHelpers?.[key]).find((name) => name !== undefined) ?? config.credsStore;
  if (helper !== undefined) {
    const found = askHelper(helper, registry === 'docker.io' ? HUB_NAMES[0] : registry, file, environment);
    if (found !== undefined) {
      return found;
    }
  }
  const auth = keys.map((key) => config.auths?.[key]).find((one) => one !== undefined);
  return auth === undefined ? undefined : credentialsOf(auth, registry, file);
}

function credentialsOf(auth: Auth, registry: string, file: string): RegistryCredentials | undefined {
  if (auth.identitytoken) {
    return { identityToken: auth.identitytoken };
  }
  if (auth.registrytoken) {
    return { registryToken: auth.registrytoken };
  }
  if (auth.username && auth.password) {
    return { username: auth.username, password: auth.password };
  }
  if (!auth.auth) {
    // What a credential store keeps leaves an empty entry here.
    return undefined;
  }
  const login = decodeAuth(auth.auth);
  if (login === undefined) {
    throw copyError('DD-COPY-060', file, `The login for ${registry} is not base64 of USER:PASSWORD.`, `Log in anew: docker login ${registry}.`);
  }
  return login;
}

/** @see https://github.com/docker/docker-credential-helpers#development */
function askHelper(helper: string, server: string, file: string, env: NodeJS.ProcessEnv): RegistryCredentials | undefined {
  if (!/^[A-Za-z0-9_.-]+$/.test(helper)) {
    throw copyError('DD-COPY-060', file, `${JSON.stringify(helper)} is not the name of a credential helper.`);
  }
  const program = `docker-credential-${helper}`;
  const { error, status, stdout } = spawnSync(program, ['get'], { input: server, encoding: 'utf8', env, timeout: HELPER_TIMEOUT_MILLIS, maxBuffer: 1_048_576 });
  if (error !== undefined) {
    throw copyError('DD-COPY-060', file, `${program}, which keeps the logins, cannot be run: ${(error as NodeJS.ErrnoException).code ?? error.message}.`,
      'Install it, or set DOCKER_CONFIG to a directory whose config.json does not name it.', { cause: error });
  }
  if (status !== 0) {
    // It has nothing for this registry.
    return undefined;
  }
  const answer = parse(stdout);
  if (answer?.Username === undefined || answer.Secret === undefined) {
    throw copyError('DD-COPY-060', file, `${program} gives an answer that cannot be read.`);
  }
  return answer.Username === '<token>' ? { identityToken: answer.Secret } : { username: answer.Username, password: answer.Secret };
}

function parse(text: string): { Username?: string; Secret?: string } | undefined {
  try {
    return JSON.parse(text) as { Username?: string; Secret?: string };
  } catch {
    return undefined;
  }
}
