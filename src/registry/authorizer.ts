import { Reach } from './addresses';
import { Challenge } from './challenge';
import { RegistryCredentials } from './options';
import { isSameOwner, isTrusted, reachTo } from './owner';
import { discard, readBounded, Response, Transport } from './transport';
import { copyError } from '../images/codes';

const MAX_TOKEN_BYTES = 1_048_576;

interface AuthorizerOptions {
  readonly transport: Transport;
  /** For messages: the registry. */
  readonly name: string;
  readonly registry: string;
  readonly repository: string;
  readonly trustedHosts?: readonly string[];
  readonly credentials?: RegistryCredentials;
  /** Whether credentials may go to a host without TLS. */
  readonly insecure: (url: URL) => boolean;
  /** Sends with repetitions. */
  readonly persist: (attempt: () => Promise<Response>, signal: AbortSignal) => Promise<Response>;
}

/**
 * The Authorization header of one repository: none, Basic, or a token that is fetched when the registry asks for one and again when it has expired.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export class Authorizer {
  private header: string | undefined;
  private renewal: Promise<void> | undefined;

  constructor(private readonly options: AuthorizerOptions) {
    const { credentials } = options;
    this.header = credentials !== undefined && 'registryToken' in credentials ? `Bearer ${credentials.registryToken}` : undefined;
  }

  public current(): string | undefined {
    return this.header;
  }

  /** Answers a challenge to a request that was sent with `used`, by somebody who may send us as far as `reach`; requests that come meanwhile share the new token. */
  public async renew(challenge: Challenge, used: string | undefined, reach: Reach, signal: AbortSignal): Promise<void> {
    if (this.header !== used) {
      return;
    }
    this.renewal ??= this.answer(challenge, reach, signal).finally(() => {
      this.renewal = undefined;
    });
    await this.renewal;
  }

  private async answer(challenge: Challenge, reach: Reach, signal: AbortSignal): Promise<void> {
    const { credentials, name } = this.options;
    if (challenge.scheme === 'basic') {
      const header = credentials && 'username' in credentials ? basic(credentials) : undefined;
      if (header === undefined || header === this.header) {
        throw copyError('DD-COPY-021', name, credentials ? 'The registry does not accept the user name and password.' : 'The registry wants a user name and a password.',
          credentials ? 'Check them; tokens in place of passwords expire.' : 'Give credentials for it: docker login, or RegistryCredentials of the resource.');
      }
      this.header = header;
      return;
    }
    this.header = `Bearer ${await this.token(challenge, reach, signal)}`;
  }

  private async token(challenge: Challenge & { scheme: 'bearer' }, from: Reach, signal: AbortSignal): Promise<string> {
    const { transport, name, repository, credentials, persist, insecure } = this.options;
    const secret = credentials !== undefined && !('registryToken' in credentials);
    let realm: URL;
    try {
      realm = new URL(challenge.realm);
    } catch {
      throw copyError('DD-COPY-026', name, `It sends for tokens to ${JSON.stringify(challenge.realm)}, which is no URL.`);
    }
    if (realm.protocol !== 'https:' && !(realm.protocol === 'http:' && insecure(realm))) {
      throw copyError('DD-COPY-025', name, `It sends for tokens to ${realm.origin}, where credentials would travel in the clear.`);
    }
    if (secret) {
      this.checkOwner(realm);
    }
    const reach = reachTo(realm, from, this.options.trustedHosts);
    const scope = challenge.scope ?? `repository:${repository}:pull`;
    const refresh = credentials && 'identityToken' in credentials ? credentials.identityToken : undefined;
    const parameters = new URLSearchParams({ ...(challenge.service === undefined ? {} : { service: challenge.service }), scope });
    const response = await persist(() => {
      if (refresh !== undefined) {
        const body = new URLSearchParams([...parameters, ['grant_type', 'refresh_token'], ['client_id', 'cdk-drydock'], ['refresh_token', refresh]]).toString();
        return transport.send(realm, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' }, signal }, reach);
      }
      const url = new URL(realm);
      parameters.forEach((value, key) => url.searchParams.append(key, value));
      return transport.send(url, { headers: credentials && 'username' in credentials ? { authorization: basic(credentials) } : {}, signal }, reach);
    }, signal);
    if (response.status !== 200) {
      discard(response);
      throw copyError('DD-COPY-021', name, `${realm.host} gives no token for ${scope}: HTTP ${response.status}.`,
        credentials ? 'Check user name and password; tokens in place of passwords expire.' : 'The image may be private: give credentials for the registry.', { value: response.status });
    }
    const text = (await readBounded(response, MAX_TOKEN_BYTES))?.toString();
    const token = text === undefined ? undefined : tokenOf(text);
    if (token === undefined) {
      throw copyError('DD-COPY-026', name, `${realm.host} answered without a token.`);
    }
    return token;
  }

  /** Whoever answers in place of a registry must not choose where its passwords go. */
  private checkOwner({ hostname, host }: URL): void {
    const { name, registry, trustedHosts } = this.options;
    if (!isSameOwner(registry, hostname) && !isTrusted(hostname, trustedHosts)) {
      throw copyError('DD-COPY-032', name, `The registry sends for tokens to ${host}, which does not belong to ${registry} by its name. The credentials were not sent there.`,
        `If this is its token service, say so: --source-trusted-host ${hostname}, or trustedHosts of ImageSource.fromRegistry. Otherwise find out who answers in the registry's place.`, { value: host });
    }
  }
}

function tokenOf(text: string): string | undefined {
  let document: { token?: unknown; access_token?: unknown } | null;
  try {
    document = JSON.parse(text) as typeof document;
  } catch {
    return undefined;
  }
  const token = document?.token ?? document?.access_token;
  // A header must not be made of line breaks.
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
