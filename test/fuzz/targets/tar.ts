import { dockerArchiveSource } from '../../../src/copy/docker-archive-source';
import { gather } from '../../../src/copy/gather';
import { layoutSource } from '../../../src/copy/layout-source';
import { RandomAccess } from '../../../src/copy/random-access';
import { TarIndex } from '../../../src/copy/tar-index';
import { Reading } from '../../../src/copy/types';
import { isDrydockError } from '../../../src/errors';
import { Content, sha256 } from '../../copy/images';
import { Entry, pax, repaired, tarOf } from '../tar-bytes';
import { FuzzTarget, mustHold } from '../target';

export const reading: Reading = {
  signal: new AbortController().signal, elapsed: () => 0, log: () => undefined,
  retry: { retryBaseMillis: 1, retryMaxMillis: 2, transientWindowMillis: 10, accessDeniedWindowMillis: 0 },
};

export function memoryFile(bytes: Buffer): RandomAccess {
  return {
    name: 'archive.tar',
    size: async () => bytes.length,
    read: async (offset, length) => {
      mustHold(Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= bytes.length, `only what is there is read: ${offset} ${length}`);
      return bytes.subarray(offset, offset + length);
    },
    async* stream(offset, length) {
      mustHold(offset >= 0 && length >= 0 && offset + length <= bytes.length, 'only what is there is streamed');
      yield bytes.subarray(offset, offset + length);
    },
    close: async () => undefined,
  };
}

/** A tar archive with an image in it. Checksums of headers are made right again, so that more than they are tried. */
export const tar: FuzzTarget = {
  name: 'tar',
  words: ['ustar\x0000', 'index.json', 'manifest.json', 'oci-layout', 'blobs/sha256/', '../', './', '/etc/passwd', '19 path=../../x.json\n', '12 size=99\n', '9 size=-1\n', '\x00\x00\x00\x00'],
  maxBytes: 262_144,
  seeds: () => {
    const layer = Buffer.from('layer');
    const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [sha256(layer)] } }));
    const content = new Content();
    content.image('app', [100], { tag: 'latest' });
    const [image] = [...content.manifests.values()];
    const blobs = [...content.blobs, [image.digest, Buffer.from(image.text)] as const].map(([digest, bytes]): Entry => ({ name: `blobs/sha256/${digest.slice(7)}`, bytes }));
    return [
      tarOf([{ name: 'manifest.json', bytes: Buffer.from(JSON.stringify([{ Config: 'c.json', RepoTags: ['a:b'], Layers: ['l/layer.tar'] }])) }, { name: 'c.json', bytes: config }, { name: 'l/layer.tar', bytes: layer }]),
      tarOf([
        { name: 'oci-layout', bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
        { name: 'index.json', bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: image.mediaType, digest: image.digest, size: image.text.length }] })) }, ...blobs,
      ]),
      tarOf([{ name: 'pax', type: 'x', bytes: pax({ path: 'manifest.json', size: '2' }) }, { name: 'x', bytes: Buffer.from('[]') }, { name: 'long', type: 'L', bytes: Buffer.from('a/b/c\0') }, { name: 'y', type: '2', link: '../../../etc/passwd' }]),
    ];
  },
  async run(input) {
    const bytes = repaired(input);
    const index = await settled(TarIndex.read(memoryFile(bytes), reading.signal));
    for (const name of index?.names.slice(0, 200) ?? []) {
      const span = index!.find(name);
      mustHold(span === undefined || (span.offset >= 0 && span.size >= 0 && span.offset + span.size <= bytes.length), `a file lies inside of the archive: ${JSON.stringify(span)}`);
    }
    for (const source of [dockerArchiveSource(memoryFile(bytes)), layoutSource(memoryFile(bytes))]) {
      await settled(gather(reading, { source, tags: ['latest'], referrers: true }));
      await source.close();
    }
  },
};

async function settled<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isDrydockError(error)) {
      return undefined;
    }
    throw error;
  }
}
