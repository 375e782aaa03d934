/** A body that is not what its encoding says. */
export class MalformedChunks extends Error {}

const LINE_LIMIT = 4096;

/**
 * Takes `aws-chunked` apart: `<hex length>[;chunk-signature=...]\r\n<bytes>\r\n` again and again, a chunk of length 0, and trailers. Signatures and
 * trailing checksums are not verified.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* unchunk(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let buffered: Buffer = Buffer.alloc(0);
  /** Bytes of the present chunk that are still to come; undefined between chunks. */
  let left: number | undefined;
  let over = false;
  for await (const piece of bytes) {
    if (over) {
      continue;
    }
    buffered = buffered.length === 0 ? piece : Buffer.concat([buffered, piece]);
    for (;;) {
      if (left === undefined) {
        const end = buffered.indexOf('\r\n');
        if (end < 0) {
          if (buffered.length > LINE_LIMIT) {
            throw new MalformedChunks('A chunk begins with its length in hexadecimal digits.');
          }
          break;
        }
        const size = /^([0-9a-fA-F]{1,12})(?:;.*)?$/.exec(buffered.toString('latin1', 0, end))?.[1];
        if (size === undefined) {
          throw new MalformedChunks('A chunk begins with its length in hexadecimal digits.');
        }
        buffered = buffered.subarray(end + 2);
        left = parseInt(size, 16);
        if (left === 0) {
          over = true;
          break;
        }
      }
      if (left > 0) {
        if (buffered.length === 0) {
          break;
        }
        const part = buffered.subarray(0, left);
        buffered = buffered.subarray(part.length);
        left -= part.length;
        yield part;
      }
      if (left === 0) {
        if (buffered.length < 2) {
          break;
        }
        if (buffered.toString('latin1', 0, 2) !== '\r\n') {
          throw new MalformedChunks('A chunk is longer than it says.');
        }
        buffered = buffered.subarray(2);
        left = undefined;
      }
    }
  }
  if (!over) {
    throw new MalformedChunks('The last chunk, of length 0, is missing.');
  }
}
