import { CopyRun } from './copy-run';
import { gather } from './gather';
import { findPresent } from './presence';
import { Tally } from './tally';
import { CopyOptions, CopyOutcome, Reading } from './types';
import { ImageData } from '../ecr/images-data';
import { Budget, isTimeIsUp, RetrySettings } from '../ecr/retry';
import { copyError } from '../images/codes';
import { planCopy, sizeOf } from '../images/plan';
import { checkTag } from '../images/reference';

const RETRY: RetrySettings = { retryBaseMillis: 200, retryMaxMillis: 10_000, transientWindowMillis: 120_000, accessDeniedWindowMillis: 0 };

/**
 * Copies an image to a repository of ECR: layers first, then manifests from the leaves to the root, then referrers, tags last. What is there
 * already is left alone. When the signal aborts, what was done stays, and the state says how to go on.
 */
export async function copyImage(options: CopyOptions): Promise<CopyOutcome> {
  const { source, destination, tags, platforms, referrers, resume, signal } = options;
  if (resume !== undefined && resume.formatVersion !== 1) {
    throw copyError('DD-COPY-049', source.name, 'The state is of another version of this library.', 'Begin the copy anew: layers that are complete are not moved again.');
  }
  tags.forEach((tag) => checkTag(tag, 'tags'));
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  const retry = { ...RETRY, ...options.retry };
  // Aborts with the caller's, and when a layer fails: the others then need not go on.
  const inner = new AbortController();
  const stop = () => inner.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) {
    stop();
  }
  const log: Reading['log'] = (level, message, fields) => options.log?.(level, message, fields);
  const reading: Reading = { signal: inner.signal, elapsed, retry, log };
  const budget = new Budget(inner.signal, elapsed, retry);
  const tally = new Tally(resume);
  const progress = (event: Parameters<NonNullable<CopyOptions['onProgress']>>[0]) => options.onProgress?.(event);
  const run = new CopyRun(options, reading, budget, tally, progress, () => inner.abort());
  let sourceDigest = resume?.sourceDigest;
  try {
    const gathered = await gather(reading, { source, tags, platforms, referrers, digest: sourceDigest });
    sourceDigest = gathered.sourceDigest;
    const { content } = gathered;
    const present = await findPresent(new ImageData(destination.connection, budget, destination.address), destination.address, content);
    const plan = planCopy(content, present);
    tally.planned(plan);
    progress({
      kind: 'planned', digest: content.root, blobs: plan.blobs.length, bytes: plan.bytes, manifests: plan.manifests.length,
      presentBlobs: plan.present.blobs, presentManifests: plan.present.manifests,
    });
    await run.execute(plan, present, gathered);
    const root = content.nodes.get(content.root);
    return {
      finished: true, digest: content.root, mediaType: root?.mediaType ?? '', sizeInBytes: sizeOf(content.root, content.nodes), sourceDigest, referrers: content.referrers,
      ...tally.summary(),
    };
  } catch (error) {
    if (signal.aborted && (isTimeIsUp(error) || isAbort(error, signal))) {
      return { finished: false, state: tally.state(sourceDigest, run.uploadStates) };
    }
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
