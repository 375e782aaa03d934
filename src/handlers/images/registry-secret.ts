import { copyError } from '../../images/codes';
import { decodeAuth, HUB_NAMES } from '../../registry/docker-login';
import { isObject } from '../properties';

/** User name and password, or the token that stands for both. */
export type SecretLogin = { readonly username: string; readonly password: string } | { readonly identityToken: string };

/**
 * What a secret says about a registry: `{"username", "password"}`, or a docker configuration in which the registry is looked up. No error quotes a value.
 * @see https://docs.docker.com/reference/cli/docker/login/#configuration-file-structure
 */
export function loginIn(text: string, host: string, secretArn: string): SecretLogin {
  const fail = (what: string) => copyError('DD-COPY-060', secretArn, `The secret holds no login for ${host}: ${what}.`, 'Store {"username": "...", "password": "..."}, or a docker configuration with this registry.');
  let secret: unknown;
  try {
    secret = JSON.parse(text);
  } catch {
    throw fail('it is not JSON');
  }
  if (!isObject(secret)) {
    throw fail('it is no JSON object');
  }
  if (!isObject(secret.auths)) {
    return plain(secret, fail);
  }
  const names = HUB_NAMES.includes(host) ? HUB_NAMES : [host];
  const entries = Object.entries(secret.auths);
  const found = entries.find(([name]) => names.includes(name) || names.includes(name.replace(/^https?:\/\//, '').split('/')[0]));
  if (found === undefined || !isObject(found[1])) {
    throw fail(entries.length === 0 ? 'its auths are empty' : `its auths are for ${entries.map(([name]) => name).join(', ')}`);
  }
  return entryOf(found[1], fail);
}

function entryOf(entry: Record<string, unknown>, fail: (what: string) => Error): SecretLogin {
  if (typeof entry.identitytoken === 'string' && entry.identitytoken !== '') {
    return { identityToken: entry.identitytoken };
  }
  if (typeof entry.auth === 'string' && entry.auth !== '') {
    const login = decodeAuth(entry.auth);
    if (login === undefined) {
      throw fail('its auth is not the base64 of NAME:PASSWORD');
    }
    return login;
  }
  return plain(entry, fail);
}

function plain({ username, password }: Record<string, unknown>, fail: (what: string) => Error): SecretLogin {
  if (typeof username !== 'string' || typeof password !== 'string' || username === '') {
    throw fail('it has no username and password');
  }
  return { username, password };
}
