import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientOptions, Connection } from './client';
import { isVersionAlreadyExists } from './errors';
import { Budget } from './retry';

/** Values of secrets, within the budget of one run. They go nowhere but to the caller: no error and no log quotes them. */
export class SecretStore {
  private readonly clients = new Map<string, SecretsManagerClient>();

  constructor(private readonly connection: Connection, private readonly budget: Budget) {}

  /** Undefined for a secret whose value is binary. */
  public async value(secretId: string): Promise<string | undefined> {
    const { SecretString } = await this.budget.call('secretsmanager:GetSecretValue', (abortSignal) =>
      this.client(secretId).send(new GetSecretValueCommand({ SecretId: secretId }), { abortSignal }));
    return SecretString;
  }

  /** `token`, 32 to 64 characters, makes the version that same one however often the call is made. */
  public async put(secretId: string, secretString: string, token?: string): Promise<void> {
    try {
      await this.budget.call('secretsmanager:PutSecretValue', (abortSignal) => this.client(secretId).send(new PutSecretValueCommand({
        SecretId: secretId, SecretString: secretString, ...(token === undefined ? {} : { ClientRequestToken: token }),
      }), { abortSignal }));
    } catch (error) {
      // The same request has put a value before, which was another one at another time.
      if (token === undefined || !isVersionAlreadyExists(error)) {
        throw error;
      }
    }
  }

  public close(): void {
    this.clients.forEach((client) => client.destroy());
    this.clients.clear();
  }

  /** A secret is read where its ARN says that it is. */
  private client(secretId: string): SecretsManagerClient {
    const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secretId)?.[1] ?? '';
    let client = this.clients.get(region);
    if (client === undefined) {
      client = new SecretsManagerClient({ ...clientOptions(this.connection.options, 'secretsManager'), ...(region === '' ? {} : { region }) });
      this.clients.set(region, client);
    }
    return client;
  }
}
