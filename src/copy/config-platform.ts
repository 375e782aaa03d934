import { resumedBlob } from './resumed-blob';
import { ImageSource, Reading } from './types';
import { sha256Hex } from '../digest';
import { copyError } from '../images/codes';
import { platformOf } from '../images/manifest';
import { formatPlatform, matchesPlatform, Platform } from '../images/platform';
import { ManifestNode } from '../images/select-platforms';

/** Configs are a few kilobytes. */
const MAX_CONFIG_BYTES = 8 * 1_048_576;

/** Refuses an image that stands alone and is for another platform than the ones that are wanted: its config says so. */
export async function checkConfigPlatform(reading: Reading, source: ImageSource, { digest, manifest }: ManifestNode, platforms: readonly Platform[]): Promise<void> {
  if (manifest.kind !== 'image') {
    return;
  }
  const wanted = platforms.map(formatPlatform).join(', ');
  const { config } = manifest;
  const chunks: Uint8Array[] = [];
  if (config.size <= MAX_CONFIG_BYTES) {
    for await (const chunk of resumedBlob(source, reading, config, 0)) {
      // What a source hands out is good until the next piece is asked for.
      chunks.push(Buffer.from(chunk));
    }
  }
  const text = Buffer.concat(chunks).toString();
  if (config.size <= MAX_CONFIG_BYTES && `sha256:${sha256Hex(text)}` !== config.digest) {
    throw copyError('DD-COPY-024', source.name, `The config ${config.digest} came with other bytes.`, 'The source is broken, or something in between changes what it serves. Nothing was tagged.');
  }
  let platform: Platform | undefined;
  try {
    platform = platformOf(JSON.parse(text));
  } catch {
    platform = undefined;
  }
  if (platform === undefined || !platforms.every((one) => matchesPlatform(one, platform as Platform))) {
    throw copyError('DD-COPY-006', digest, platform === undefined ? `The image does not say what it is for, and ${wanted} is wanted.` : `The image is for ${formatPlatform(platform)}, and ${wanted} is wanted.`,
      'Name no platforms, or another image.', { value: platform === undefined ? undefined : formatPlatform(platform) });
  }
}
