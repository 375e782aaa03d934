import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './documents';
import { STORY_NOW } from '../../scripts/generate-inventories';
import { readInventory } from '../../src/lifecycle/inventory';
import { ImageDetail, Inventory, Timestamp } from '../../src/lifecycle/model';
import { epochMillis } from '../../src/lifecycle/time';
import { Content } from '../copy/images';

const TIMES = ['imagePushedAt', 'lastRecordedPullTime', 'lastArchivedAt', 'lastActivatedAt'] as const;

const REGISTRY = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

/**
 * What the live registry holds: the repositories that the documents name. The stories of the examples play at one moment; here that is now, so that ages are the
 * same whenever this runs.
 */
export function registry(): Inventory {
  const { imageDetails, ...rest } = story();
  const shift = Date.now() - Date.parse(STORY_NOW);
  const moved = (time: Timestamp | undefined) => time === undefined ? undefined : new Date(epochMillis(time) + shift).toISOString();
  return {
    ...rest, imageDetails: imageDetails.map((image) => ({
      ...image, ...Object.fromEntries(TIMES.filter((name) => image[name] !== undefined).map((name) => [name, moved(image[name])])),
    })),
  };
}

function story(): Inventory {
  const [shop, assets] = ['retention', 'bootstrap-repository'].map((name) => readInventory(JSON.parse(readFileSync(join(root, 'examples', name, 'inventory.json'), 'utf8'))));
  const web = [...Array(3).keys()].map((i): ImageDetail => ({
    repositoryName: 'shop/web', imageDigest: `sha256:${String(i).repeat(64)}`, imageTags: [['live'], ['candidate'], ['build-1']][i], imagePushedAt: '2026-01-01T00:00:00Z', imageSizeInBytes: 1_000_000,
  }));
  return { ...shop, imageDetails: [...shop.imageDetails, ...assets.imageDetails, ...web], manifestChildren: { ...shop.manifestChildren, ...assets.manifestChildren } };
}

/** The policy of nobody in particular, which takes little. */
const POLICY = { rules: [{ rulePriority: 1, description: 'keep 600', selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 600 }, action: { type: 'expire' } }] };

/** An app for documents that speak of the reader's own. */
export const OWN_APP = `import { App, Stack } from 'aws-cdk-lib';
import { ExistingRepository, Repository } from 'cdk-drydock';

const app = new App();
const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
new Repository(stack, 'Api', { repositoryName: 'shop/api', existing: ExistingRepository.ADOPT, lifecycleRules: [{ description: 'keep 600', maxImageCount: 600 }] });
app.synth();
`;

/** Files that readers have: an inventory of one repository, a policy, an image that was built. */
export function prepareFiles(folder: string, repositoryName: string): void {
  const inventory = registry();
  // Documents that name the moment of the story have its times.
  const { imageDetails: all } = repositoryName === 'app' ? story() : inventory;
  const imageDetails = all.filter((image) => image.repositoryName === 'shop/api').map((image) => ({ ...image, repositoryName }));
  writeFileSync(join(folder, 'images.json'), JSON.stringify({ ...inventory, imageDetails }));
  writeFileSync(join(folder, 'registry.json'), JSON.stringify(inventory));
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(POLICY, undefined, 2));
  writeFileSync(join(folder, 'running.txt'), `${inUse()}\n`);
  writeLayout(join(folder, 'build'), '1.2');
}

/** An image of the registry that a cluster runs. */
export function inUse(): string {
  const image = registry().imageDetails.find(({ imageTags }) => imageTags?.includes('production'))!;
  return `${REGISTRY}/${image.repositoryName}@${image.imageDigest}`;
}

/** An OCI layout with an image for two platforms. */
function writeLayout(folder: string, tag: string): void {
  const content = new Content();
  const { index } = content.multi('documents', [200_000, 30_000], tag);
  const put = (digest: string, bytes: Buffer | string) => {
    const [algorithm, hex] = digest.split(':');
    mkdirSync(join(folder, 'blobs', algorithm), { recursive: true });
    writeFileSync(join(folder, 'blobs', algorithm, hex), bytes);
  };
  content.blobs.forEach((bytes, digest) => put(digest, bytes));
  content.manifests.forEach(({ digest, text }) => put(digest, text));
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...index, annotations: { 'org.opencontainers.image.ref.name': tag } }] }));
}
