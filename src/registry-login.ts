import { aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';

/** What a copy needs to know of a login. @internal */
export interface RegistryLoginConfig {
  readonly secretArn: string;
  /** For permissions: the same, or a pattern where the ARN's last characters are not known. */
  readonly permissionArn: string;
  readonly keyArn?: string;
}

/**
 * How a registry is logged in to. The credentials stay in AWS Secrets Manager: the template, the log and the attributes hold the secret's ARN only, and the
 * handler reads the value when it needs it.
 *
 * @example
 * const login = RegistryLogin.fromSecret(secretsmanager.Secret.fromSecretNameV2(this, 'DockerHub', 'docker-hub'));
 */
export abstract class RegistryLogin {
  /**
   * User name and password in a secret, as JSON: `{"username": "...", "password": "..."}` or the text of a docker configuration (`{"auths": {...}}`), in
   * which the registry's host is looked up.
   *
   * The function of images may read this secret and nothing else. Where the secret is encrypted with a key of yours that the secret object knows
   * (`encryptionKey`), it may decrypt with it; the key's own policy must allow that, too.
   *
   * @param secret the secret, made in the app or imported by its complete ARN
   */
  public static fromSecret(secret: secretsmanager.ISecret): RegistryLogin {
    return new SecretLogin(secret);
  }

  /** @internal */
  public abstract _bind(): RegistryLoginConfig;
}

class SecretLogin extends RegistryLogin {
  constructor(private readonly secret: secretsmanager.ISecret) {
    super();
  }

  public _bind(): RegistryLoginConfig {
    const { secretArn, secretFullArn, encryptionKey } = this.secret;
    return {
      secretArn: secretFullArn ?? secretArn,
      // Without its six last characters, an ARN stands for whatever they are.
      // https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
      permissionArn: secretFullArn ?? `${secretArn}-??????`,
      ...(encryptionKey === undefined ? {} : { keyArn: encryptionKey.keyArn }),
    };
  }
}
