import { parseDestination, parseLocation } from '../../../src/copy/location';
import { isDrydockError } from '../../../src/errors';
import { parseEcrHost } from '../../../src/images/ecr-uri';
import { parsePlatform } from '../../../src/images/platform';
import { formatReference, isLoopbackRegistry, parseReference } from '../../../src/images/reference';
import { isReferenceTo } from '../../../src/lifecycle/in-use';
import { isRepositoryName } from '../../../src/resources';
import { FuzzTarget, mustHold } from '../target';

/** A name of an image, of a place to copy to, of a platform. */
export const imageReference: FuzzTarget = {
  name: 'image-reference',
  words: ['docker.io', 'library/', 'sha256:', 'oci:', 'oci-archive:', 'docker-archive:', 'ecr:', 'docker://', 'https://', 'localhost:5000', '[::1]:80', '.dkr.ecr.', '.amazonaws.com', ':latest', '@', '--', '__', '..', '/'],
  seeds: () => [
    'alpine', 'ghcr.io/owner/image:1.2', `docker.io/library/alpine@sha256:${'a'.repeat(64)}`, 'ecr:shop/api:1', 'oci:dir:tag', `docker-archive:C:\\x.tar:a/b:c@sha256:${'b'.repeat(64)}`, 'linux/arm64/v8',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1.2', '[::1]:5000/a/b', `${'a-'.repeat(300)}a.example/x`,
  ],
  run(input) {
    const text = input.toString();
    const read = attempt(() => parseReference(text));
    if (read !== undefined) {
      const again = parseReference(formatReference(read));
      mustHold(JSON.stringify(again) === JSON.stringify(read), 'a reference that is written out is read the same');
      mustHold(!/[\s\u0000-\u001f@?#\\]/u.test(read.registry + read.repository) && !read.repository.includes('..'), 'no part of a reference is more than a name');
      new URL(`https://${read.registry}/v2/${read.repository}/manifests/${read.digest ?? read.tag}`);
      isLoopbackRegistry(read.registry);
    }
    attempt(() => parseLocation(text));
    attempt(() => parseDestination(text));
    attempt(() => parsePlatform(text));
    parseEcrHost(text);
    isRepositoryName(text);
    isReferenceTo(text, '123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api');
  },
};

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isDrydockError(error)) {
      return undefined;
    }
    throw error;
  }
}
