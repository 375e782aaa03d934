import { CopyOptions, CopyOutcome } from './types';
import { copyError } from '../images/codes';

/**
 * Copies an image to a repository of ECR: layers first, then manifests from the leaves to the root, then referrers, tags last. What is there
 * already is left alone. When the signal aborts, what was done stays, and the state says how to go on.
 */
export async function copyImage(options: CopyOptions): Promise<CopyOutcome> {
  throw copyError('DD-COPY-049', options.source.name, 'The engine is not there yet.');
}
