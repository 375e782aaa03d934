import { Operation } from './context';
import { registryHost } from '../registry/registry';

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html : valid for 12 hours. */
const VALID_MS = 12 * 60 * 60 * 1000;

export const getAuthorizationToken: Operation<'GetAuthorizationToken'> = (input, { registry, tokens, caller, now }) => {
  const expiresAt = now + VALID_MS;
  const registryIds = input.registryIds ?? [registry.accountId];
  return {
    authorizationData: registryIds.map((accountId) => ({
      authorizationToken: Buffer.from(`AWS:${tokens.password({ accountId: caller.accountId, accessKeyId: caller.accessKeyId, region: caller.region, expiresAt })}`).toString('base64'),
      expiresAt: expiresAt / 1000,
      proxyEndpoint: `https://${registryHost({ accountId, region: registry.region })}`,
    })),
  };
};
