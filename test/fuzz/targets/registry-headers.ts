import { checkHost, isForbidden } from '../../../src/registry/addresses';
import { parseChallenges } from '../../../src/registry/challenge';
import { decodeAuth } from '../../../src/registry/docker-login';
import { describeReset, rateLimitOf } from '../../../src/registry/rate-limit';
import { FuzzTarget } from '../target';

/** What stands in the headers of a registry's answers. Node takes 16 KiB of them. */
export const registryHeaders: FuzzTarget = {
  name: 'registry-headers',
  maxBytes: 16_384,
  words: ['Bearer', 'Basic', 'realm=', 'service=', 'scope=', 'error=', '"', '\\"', ', ', ';w=', 'Wed, 21 Oct 2026 07:28:00 GMT', '::ffff:', '169.254.169.254', '[::1]'],
  seeds: () => ['Bearer realm="https://auth.example/token",service="registry",scope="repository:a:pull"', 'Basic realm="x", Bearer realm="y"', '100;w=21600', '120', '::ffff:127.0.0.1', 'dXNlcjpwYXNz'],
  run(input) {
    const text = input.toString('latin1');
    parseChallenges(text);
    describeReset(rateLimitOf({ 'retry-after': text, 'ratelimit-limit': text, 'ratelimit-remaining': text }, 1_769_860_800_000));
    isForbidden(text, 'internet');
    checkHost(text, 'machine');
    decodeAuth(text);
  },
  isExpected: (error) => (error as Error).name === 'ForbiddenAddress',
};
