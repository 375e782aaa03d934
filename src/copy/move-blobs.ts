import { memoryFor } from './layer-upload';
import { Descriptor } from '../images/manifest';

/** Smaller ones are a few requests, not a stream. */
const SMALL_BYTES = 1_048_576;

interface MoveOptions {
  readonly concurrency: number;
  readonly memoryBytes: number;
  readonly move: (blob: Descriptor) => Promise<void>;
  /** Called when no large blob is left. */
  readonly onSmallOnly?: () => void;
  /** Ends what is under way after a failure. */
  readonly abort: () => void;
}

/**
 * Which blob moves next: the largest that the memory has room for, so that what takes longest begins first; but one lane is kept for small ones, which
 * would else wait behind them. With nothing under way, anything may move, however large.
 */
export function nextBlob(waiting: readonly Descriptor[], active: readonly Descriptor[], { concurrency, memoryBytes }: Pick<MoveOptions, 'concurrency' | 'memoryBytes'>): number {
  if (waiting.length === 0 || active.length >= concurrency) {
    return -1;
  }
  if (active.length === 0) {
    return 0;
  }
  const room = memoryBytes - active.reduce((sum, { size }) => sum + memoryFor(size), 0);
  const large = active.filter(({ size }) => size > SMALL_BYTES).length;
  const reserved = concurrency > 1 && large >= concurrency - 1 && waiting[waiting.length - 1].size <= SMALL_BYTES;
  return waiting.findIndex(({ size }) => (!reserved || size <= SMALL_BYTES) && memoryFor(size) <= room);
}

/** Moves blobs, given the largest first. After a failure nothing more begins; it is thrown once everything has ended. */
export async function moveBlobs(blobs: readonly Descriptor[], options: MoveOptions): Promise<void> {
  const waiting = [...blobs];
  const active = new Map<Descriptor, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  while (waiting.length > 0 || active.size > 0) {
    for (let next: number; failure === undefined && (next = nextBlob(waiting, [...active.keys()], options)) >= 0;) {
      const [blob] = waiting.splice(next, 1);
      active.set(blob, options.move(blob).catch((error: unknown) => {
        if (failure === undefined) {
          failure = { error };
          options.abort();
        }
      }).finally(() => active.delete(blob)));
    }
    if (active.size === 0) {
      break;
    }
    await Promise.race(active.values());
    if ([...waiting, ...active.keys()].every(({ size }) => size <= SMALL_BYTES)) {
      options.onSmallOnly?.();
    }
  }
  if (failure !== undefined) {
    throw (failure as { readonly error: unknown }).error;
  }
}
