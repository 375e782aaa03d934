import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const MIB = 1_048_576;
/** The longest stored block of deflate. */
const STORED = 65_535;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Writes an OCI layout with one image whose layers have these sizes. The bytes are pseudo-random and the same for one seed; each layer is a gzip file that stores them. */
export function writeLayout(directory: string, layers: readonly number[], seed: string): Descriptor[] {
  const blobs = join(directory, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const described = layers.map((size, i) => writeLayer(blobs, size, `${seed} ${i}`));
  const blob = (mediaType: string, text: string): Descriptor => {
    const hex = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(blobs, hex), text);
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
  };
  const config = blob('application/vnd.oci.image.config.v1+json', JSON.stringify({
    os: 'linux', architecture: 'amd64', config: {}, rootfs: { type: 'layers', diff_ids: described.map(({ diffId }) => diffId) },
  }));
  const manifest = blob('application/vnd.oci.image.manifest.v1+json', JSON.stringify({
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: described.map(({ descriptor }) => descriptor),
  }));
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(directory, 'index.json'), JSON.stringify({
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [{ ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'bench' } }],
  }));
  return described.map(({ descriptor }) => descriptor);
}

function writeLayer(blobs: string, size: number, seed: string): { descriptor: Descriptor; diffId: string } {
  const cipher = createCipheriv('aes-128-ctr', createHash('md5').update(seed).digest(), Buffer.alloc(16));
  const temporary = join(blobs, `.${createHash('md5').update(seed).digest('hex')}`);
  const file = openSync(temporary, 'w');
  const whole = createHash('sha256');
  const plain = createHash('sha256');
  let written = 0;
  const write = (bytes: Buffer) => {
    whole.update(bytes);
    written += writeSync(file, bytes);
  };
  write(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]));
  let crc = 0;
  const zeros = Buffer.alloc(MIB);
  for (let left = size; left > 0; left -= MIB) {
    const bytes = cipher.update(zeros.subarray(0, Math.min(MIB, left)));
    plain.update(bytes);
    crc = checksum(bytes, crc);
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += STORED) {
      const piece = bytes.subarray(at, at + STORED);
      const head = Buffer.alloc(5);
      head[0] = left <= MIB && at + STORED >= bytes.length ? 1 : 0;
      head.writeUInt16LE(piece.length, 1);
      head.writeUInt16LE(0xffff - piece.length, 3);
      pieces.push(head, piece);
    }
    write(Buffer.concat(pieces));
  }
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc, 0);
  tail.writeUInt32LE(size % 2 ** 32, 4);
  write(tail);
  closeSync(file);
  const hex = whole.digest('hex');
  renameSync(temporary, join(blobs, hex));
  return { descriptor: { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: `sha256:${hex}`, size: written }, diffId: `sha256:${plain.digest('hex')}` };
}

/** Node has it from 20.15 on. */
function checksum(bytes: Buffer, before: number): number {
  return typeof crc32 === 'function' ? crc32(bytes, before) : 0;
}
