import { V2Error } from './errors';
import { Caller } from '../caller';
import { Core } from '../core';
import { registryHost } from '../registry/registry';
import { Request } from '../server';

/**
 * Lets in who has a password of GetAuthorizationToken that has not expired; the user is always AWS.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
 */
export function authorize(request: Request, core: Core, endpoint: string): Caller {
  const [, encoded] = /^Basic\s+([A-Za-z0-9+/_=-]+)\s*$/i.exec(request.headers.authorization ?? '') ?? [];
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
  const challenge = { 'www-authenticate': `Basic realm="${endpoint}/",service="ecr.amazonaws.com"` };
  if (user === undefined) {
    throw new V2Error('UNAUTHORIZED', 401, `Not Authorized: ${registryHost(core.registry)} wants the user AWS and the token of GetAuthorizationToken`, challenge);
  }
  const token = user === 'AWS' ? core.tokens.openPassword(password) : undefined;
  if (!token) {
    throw new V2Error('UNAUTHORIZED', 401, 'Your Authorization Token is invalid.', challenge);
  }
  if (token.expiresAt <= core.clock.now()) {
    throw new V2Error('DENIED', 403, 'Your authorization token has expired. Reauthenticate and try again.');
  }
  return { accountId: token.accountId, ...(token.accessKeyId !== undefined && { accessKeyId: token.accessKeyId }), ...(token.region !== undefined && { region: token.region }) };
}
