import { ImageSource, Reading } from './types';
import { isDrydockError } from '../errors';
import { copyError } from '../images/codes';
import { Descriptor } from '../images/manifest';
import { backoff, pause } from '../registry/persist';

/** Attempts one after another that bring no byte. */
const MAX_FRUITLESS = 6;

/** Bytes of a blob from an offset to its end. A stream that breaks is opened again where it broke; one with more bytes than it should have is refused. */
export async function* resumedBlob(source: ImageSource, reading: Reading, blob: Descriptor, offset: number): AsyncGenerator<Uint8Array> {
  let at = offset;
  let fruitless = 0;
  while (at < blob.size) {
    const began = at;
    let reason: unknown;
    try {
      for await (const chunk of await source.blob(reading, blob, at)) {
        if (at + chunk.length > blob.size) {
          throw copyError('DD-COPY-024', source.name, `The layer ${blob.digest} has ${blob.size} bytes by its manifest, and the source sends more.`, 'The source is broken, or something in between is. Nothing was tagged.', { value: blob.digest });
        }
        at += chunk.length;
        yield chunk;
      }
    } catch (error) {
      reading.signal.throwIfAborted();
      if (isDrydockError(error)) {
        throw error;
      }
      reason = error;
    }
    if (at >= blob.size) {
      return;
    }
    fruitless = at > began ? 1 : fruitless + 1;
    const why = reason instanceof Error ? reason.message : 'it ends too early';
    if (fruitless > MAX_FRUITLESS) {
      throw copyError('DD-COPY-023', source.name, `The layer ${blob.digest} breaks off at byte ${at} of ${blob.size}, however often it is asked for: ${why}.`, 'Copy again later: what has arrived is not sent twice.', { cause: reason });
    }
    reading.log('info', 'A layer is read on from where it broke off.', { digest: blob.digest, at, reason: why });
    await pause(backoff(reading.retry, fruitless), reading.signal);
  }
}
