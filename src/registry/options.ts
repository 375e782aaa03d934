/** Who reads. Without any, anonymously. */
export type RegistryCredentials =
  | { readonly username: string; readonly password: string }
  /** What `docker login` keeps for some registries in place of a password; a bearer token is given for it. */
  | { readonly identityToken: string }
  /** A bearer token as it is. */
  | { readonly registryToken: string };

export interface RegistryRetry {
  readonly retryBaseMillis: number;
  readonly retryMaxMillis: number;
  /** How long a request is repeated that fails for reasons of the registry or the network. */
  readonly transientWindowMillis: number;
}

export interface RegistryOptions {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly registry: string;
  readonly repository: string;
  readonly credentials?: RegistryCredentials;
  /** HTTP without TLS; credentials are then sent to this machine only. */
  readonly plainHttp?: boolean;
  /** Hosts of the same owner besides the registry: its token service may have the credentials, and what is there may be in a private network. */
  readonly trustedHosts?: readonly string[];
  /** Certificates to trust besides those of Node, in PEM. */
  readonly ca?: string;
  readonly userAgent?: string;
  readonly retry: RegistryRetry;
  readonly connectTimeoutMillis?: number;
  readonly idleTimeoutMillis?: number;
  readonly log?: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}
