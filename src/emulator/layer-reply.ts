import { Readable } from 'node:stream';
import { BlobStore } from './content/blob-store';
import { Interception } from './options';
import { LayerRecord } from './registry/records';
import { BodyStream, Reply, Request } from './server';

/** A layer, or the range of it that is asked for; with a fault in it where a hook wants one. */
export function layerReply(
  blobs: BlobStore, { layerDigest, layerSize }: LayerRecord, request: Request, fault: Interception | undefined, extra: Readonly<Record<string, string>> = {},
): Reply | undefined {
  if (fault && 'disconnect' in fault && fault.afterBytes === undefined) {
    return undefined;
  }
  const headers = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes', 'etag': `"${layerDigest}"`, ...extra };
  const range = rangeOf(request.headers.range, layerSize);
  if (range === 'unsatisfiable') {
    return { statusCode: 416, headers: { ...headers, 'content-range': `bytes */${layerSize}` }, body: '' };
  }
  const [start, end] = range ?? [0, layerSize - 1];
  const stream: BodyStream = { size: end - start + 1, open: () => blobs.read(layerDigest, start, end) };
  return {
    statusCode: range ? 206 : 200,
    headers: { ...headers, ...(range && { 'content-range': `bytes ${start}-${end}/${layerSize}` }) },
    body: fault && 'corrupt' in fault ? corrupted(stream) : stream,
    ...(fault && 'disconnect' in fault && { cutAfter: fault.afterBytes }),
  };
}

/** One range; several, or what is none, are answered with the whole, as by Amazon S3. */
export function rangeOf(header: string | undefined, size: number): readonly [number, number] | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=([0-9]*)-([0-9]*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || (first === '' && last === '')) {
    return undefined;
  }
  if (first === '') {
    return Number(last) === 0 || size === 0 ? 'unsatisfiable' : [Math.max(0, size - Number(last)), size - 1];
  }
  if (last !== '' && Number(last) < Number(first)) {
    return undefined;
  }
  return Number(first) >= size ? 'unsatisfiable' : [Number(first), Math.min(last === '' ? Infinity : Number(last), size - 1)];
}

/** As long as it should be, and wrong from the first byte on. */
function corrupted({ size, open }: BodyStream): BodyStream {
  return {
    size,
    open: async () => {
      const body = await open();
      return Readable.from((async function* () {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          yield chunk.map((byte) => 255 - byte);
        }
      })());
    },
  };
}
