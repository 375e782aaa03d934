import { isDrydockError } from '../../../src/errors';
import { parseManifest } from '../../../src/images/manifest';
import { MANIFEST_TYPES } from '../../../src/images/media-types';
import { putOrder } from '../../../src/images/plan';
import { parsePlatform } from '../../../src/images/platform';
import { ManifestNode, platformsOf, selectPlatforms } from '../../../src/images/select-platforms';
import { Content } from '../../copy/images';
import { FuzzTarget, mustHold } from '../target';

/** A manifest with the type that it came with, a line before it. */
export const manifest: FuzzTarget = {
  name: 'manifest',
  words: [
    ...MANIFEST_TYPES, 'schemaVersion', 'mediaType', 'config', 'layers', 'manifests', 'digest', 'size', 'platform', 'os', 'architecture', 'variant', 'os.version', 'annotations', 'subject', 'artifactType',
    'urls', 'vnd.docker.reference.digest', 'vnd.docker.reference.type', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', `sha256:${'a'.repeat(64)}`,
  ],
  seeds: () => {
    const content = new Content();
    content.multi('app', [10, 20], 'latest');
    content.image('docker', [5], { docker: true });
    return [...content.manifests.values()].flatMap(({ text, mediaType }) => [text, `${mediaType}; charset=utf-8\n${text}`]);
  },
  run(input) {
    const text = input.toString();
    const line = /^([^\n{]*)\n/.exec(text);
    const body = line === null ? text : text.slice(line[0].length);
    const parsed = parseManifest(body, line?.[1], 'image');
    const document = JSON.parse(body) as Record<string, unknown>;
    mustHold(!('manifests' in document && 'layers' in document), 'what could be read in two ways is refused');
    const node: ManifestNode = { digest: `sha256:${'0'.repeat(64)}`, mediaType: parsed.mediaType, text: body, manifest: parsed };
    const nodes = new Map([[node.digest, node]]);
    platformsOf(node, nodes);
    putOrder({ root: node.digest, referrers: [], nodes: withChildren(nodes, node) });
    if (parsed.kind === 'index') {
      try {
        selectPlatforms(node, nodes, [parsePlatform('linux/amd64')], () => `sha256:${'1'.repeat(64)}`);
      } catch (error) {
        if (!isDrydockError(error)) {
          throw error;
        }
      }
    }
  },
};

function withChildren(nodes: ReadonlyMap<string, ManifestNode>, { manifest: parsed }: ManifestNode): Map<string, ManifestNode> {
  const leaf = (digest: string, mediaType: string): ManifestNode => ({
    digest, mediaType, text: '', manifest: { kind: 'image', mediaType, artifactType: '', config: { mediaType: '', digest, size: 0, foreign: false }, layers: [] },
  });
  return new Map([...(parsed.kind === 'index' ? parsed.manifests.map(({ digest, mediaType }) => [digest, leaf(digest, mediaType)] as const) : []), ...nodes]);
}
