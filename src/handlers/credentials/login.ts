import { authorization } from '../../ecr/authorization';
import { Connection } from '../../ecr/client';
import { Budget } from '../../ecr/retry';
import { SecretStore } from '../../ecr/secrets';
import { copyFailure } from '../images/copy-failure';
import { Log } from '../log';

/** Where a login goes, and which registries it is for. */
export interface LoginSettings {
  readonly secretId: string;
  /** Host names, as clients write them in front of a repository's name. */
  readonly registries: readonly string[];
}

/** Gets a login and puts it into the secret, in the form that docker, Kubernetes and most others read. Neither the log nor an error ever holds it. */
export async function writeLogin(connection: Connection, budget: Budget, log: Log, { secretId, registries }: LoginSettings, token?: string): Promise<void> {
  const login = await authorization(connection, budget);
  if (login === undefined) {
    throw copyFailure('DD-IMAGE-520', 'RegistryCredentials', 'ECR answered GetAuthorizationToken without a token.', { fix: 'Deploy again; if it stays so, ask AWS.' });
  }
  const store = new SecretStore(connection, budget);
  try {
    await store.put(secretId, dockerConfig(login.token, registries), token);
  } finally {
    store.close();
  }
  log.info('The login has been made anew.', { secretArn: secretId, registries, expiresAt: login.expiresAt?.toISOString() });
}

/**
 * One token serves every registry of the Region that its principal may reach.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
 */
export function dockerConfig(token: string, registries: readonly string[]): string {
  return JSON.stringify({ auths: Object.fromEntries(registries.map((host) => [host, { auth: token }])) });
}
