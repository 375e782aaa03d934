/**
 * Makes the inventories of the examples: publication histories with the shape of real ones (moving tags, multi-architecture indexes with untagged children,
 * signatures, an old image that production still runs). The same in every run.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { random } from './random';
import { ImageDetail, Inventory } from '../src/lifecycle/model';

/** The moment at which the stories of the examples play. */
export const STORY_NOW = '2026-01-31T12:00:00Z';

const DAY = 86_400_000;
const NOW = Date.parse(STORY_NOW);
/** From here on releases have an Alpine variant. */
const ALPINE_SINCE = Date.parse('2024-09-01T00:00:00Z');
const ACCOUNT = '123456789012';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

const hex = (text: string) => createHash('sha256').update(text).digest('hex');
const iso = (millis: number) => new Date(Math.floor(millis / 1000) * 1000).toISOString().replace('.000Z', 'Z');

interface Draft {
  details: ImageDetail;
  tags: string[];
}

class Repository {
  public readonly drafts: Draft[] = [];
  public readonly children: Record<string, string[]> = {};

  constructor(private readonly name: string) {}

  public push(key: string, at: number, tags: string[], details: Partial<ImageDetail>): string {
    const digest = `sha256:${hex(`${this.name} ${key}`)}`;
    // A tag that moves leaves the image that had it.
    for (const draft of this.drafts) {
      draft.tags = draft.tags.filter((tag) => !tags.includes(tag));
    }
    this.drafts.push({
      details: {
        registryId: ACCOUNT, repositoryName: this.name, imageDigest: digest, imagePushedAt: iso(at), imageManifestMediaType: MANIFEST, imageStatus: 'ACTIVE', ...details,
      },
      tags,
    });
    return digest;
  }

  public inventory(): Inventory {
    return {
      repositories: [{ repositoryName: this.name, registryId: ACCOUNT }],
      imageDetails: this.drafts.map(({ details, tags }) => tags.length > 0 ? { ...details, imageTags: [...tags].sort() } : details),
      manifestChildren: this.children,
    };
  }
}

/** The second variant of a release: hardly anybody pulls it. */
function pushAlpine(repository: Repository, { at, version }: { at: number; version: string }, size: number): void {
  const [major, minor] = version.split('.');
  const children = ['amd64', 'arm64'].map((architecture, i) => repository.push(`${version}-alpine ${architecture}`, at + 240_000, [], { imageSizeInBytes: size - i * 900_000 }));
  const index = repository.push(`${version}-alpine`, at + 244_000, [`${version}-alpine`, `${major}.${minor}-alpine`, `${major}-alpine`, 'alpine'], {
    imageSizeInBytes: size, imageManifestMediaType: INDEX,
  });
  repository.children[index] = children;
}

/** A service with a release every other week, builds in between, and production on an old release. */
export function shopApi(): Inventory {
  const next = random(20_260_131);
  const repository = new Repository('shop/api');
  const releases: { at: number; version: string }[] = [];
  let at = Date.parse('2023-03-07T09:00:00Z');
  for (let minor = 0, patch = 0; at < NOW - 2 * DAY; at += (10 + next() * 8) * DAY) {
    const major = minor >= 24 ? 2 : 1;
    releases.push({ at: at + next() * 8 * 3_600_000, version: `${major}.${major === 2 ? minor - 24 : minor}.${patch}` });
    [minor, patch] = next() < 0.45 ? [minor, patch + 1] : [minor + 1, 0];
  }
  const builds = Array.from({ length: 230 }, (_, i) => ({ at: NOW - (i * 1.9 + next()) * DAY, build: i })).reverse()
    // The team is away in the first days of August; so no build turns 180 days old in the day after the story's moment.
    .filter((build) => build.at < Date.parse('2025-08-03T00:00:00Z') || build.at > Date.parse('2025-08-06T00:00:00Z'));
  const production = releases.filter((release) => release.at < NOW - 300 * DAY).pop()!;
  const events = [...releases, ...builds].sort((a, b) => a.at - b.at);
  // Prototypes, put into the archive once and forgotten.
  for (let i = 0; i < 7; i++) {
    repository.push(`prototype ${i}`, Date.parse('2022-11-08T10:00:00Z') + i * 11 * DAY, [`prototype-${i + 1}`], {
      imageSizeInBytes: 31_000_000 + i * 420_000, imageStatus: 'ARCHIVED', lastArchivedAt: iso(Date.parse('2025-06-11T08:00:00Z') + i * 20_000),
    });
  }
  for (const event of events) {
    const size = 38_000_000 + Math.floor(next() * 9_000_000);
    if ('build' in event) {
      repository.push(`build ${event.build}`, event.at, [`build-${hex(`build ${event.build}`).slice(0, 7)}`], {
        imageSizeInBytes: size, lastRecordedPullTime: iso(event.at + next() * DAY / 4),
      });
      continue;
    }
    const running = event === production;
    const pulled = running ? NOW - 20 * 3_600_000 : Math.min(event.at + (2 + next() * 20) * DAY, NOW - DAY);
    const children = ['amd64', 'arm64'].map((architecture, i) => repository.push(`${event.version} ${architecture}`, event.at, [], {
      imageSizeInBytes: size - i * 1_700_000, lastRecordedPullTime: iso(pulled - i * 3_600_000),
    }));
    const [major, minor] = event.version.split('.');
    const tags = [event.version, `${major}.${minor}`, major, 'latest', ...(running ? ['production'] : [])];
    const index = repository.push(event.version, event.at + 4_000, tags, {
      imageSizeInBytes: size, imageManifestMediaType: INDEX, lastRecordedPullTime: iso(pulled),
    });
    repository.children[index] = children;
    if (event.at > ALPINE_SINCE) {
      pushAlpine(repository, event, Math.floor(size * 0.6));
    }
    if (event.at > NOW - 400 * DAY) {
      repository.push(`${event.version} signature`, event.at + 30_000, [], {
        imageSizeInBytes: 2_300, artifactMediaType: 'application/vnd.dev.cosign.artifact.sig.v1+json', subjectManifestDigest: index,
      });
    }
  }
  return repository.inventory();
}

/** Image assets of an app: hashes for tags, most of them forgotten, a few old ones running. */
export function bootstrapAssets(): Inventory {
  const next = random(7_191);
  const repository = new Repository(`cdk-hnb659fds-container-assets-${ACCOUNT}-us-east-1`);
  let at = Date.parse('2022-10-04T14:00:00Z');
  for (let i = 0; at < NOW - DAY; i++, at += (1 + next() * 7) * DAY) {
    const running = i % 41 === 17 || at > NOW - 20 * DAY;
    const archived = i < 12;
    repository.push(`asset ${i}`, at, [hex(`asset ${i}`)], {
      imageSizeInBytes: 60_000_000 + Math.floor(next() * 400_000_000),
      ...(archived
        ? { imageStatus: 'ARCHIVED' as const, lastArchivedAt: iso(NOW - (100 + i * 20) * DAY) }
        : { lastRecordedPullTime: iso(running ? NOW - next() * 2 * DAY : Math.min(at + next() * 30 * DAY, NOW - DAY)) }),
    });
  }
  return repository.inventory();
}

const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const PUSH = ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

/** What the `deployed` variant of examples/access has made, with images, and a repository of another team. */
export function accessExample(): Inventory {
  const next = random(31_337);
  const names = { 'shop/api': 46, 'shop/worker': 19, 'shop/reports': 7, 'platform/base': 12 };
  const all = Object.entries(names).map(([name, count]) => {
    const repository = new Repository(name);
    for (let i = 0; i < count; i++) {
      const at = NOW - (count - i) * (name === 'shop/api' ? 6 : 19) * DAY + next() * DAY / 2;
      const isBuild = name === 'shop/api' && i % 3 !== 0;
      const version = `1.${i}.0`;
      const tags = isBuild ? [`build-${hex(`${name} ${i}`).slice(0, 7)}`] : [version, ...(i > count - 4 ? ['latest'] : [])];
      repository.push(version, at, tags, {
        imageSizeInBytes: 24_000_000 + Math.floor(next() * 40_000_000), lastRecordedPullTime: iso(Math.min(at + next() * (isBuild ? 3 : 90) * DAY, NOW - DAY)),
      });
    }
    return repository.inventory();
  });
  const pull = (Sid: string, Principal: object, Condition?: object) => ({ Sid, Effect: 'Allow', Principal, Action: PULL, ...(Condition === undefined ? {} : { Condition }) });
  const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const settings = (repositoryName: string, more: object = {}) => ({
    repositoryName, registryId: ACCOUNT, repositoryArn: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/${repositoryName}`, imageTagMutability: 'MUTABLE',
    imageScanningConfiguration: { scanOnPush: false }, encryptionConfiguration: { encryptionType: 'AES256' }, ...more,
  });
  return {
    repositories: [
      settings('shop/api', {
        lifecyclePolicyText: '{"rules":[{"rulePriority":1,"description":"leftovers of builds","selection":{"tagStatus":"tagged","tagPatternList":["build-*"],'
          + '"countType":"sinceImagePushed","countNumber":365,"countUnit":"days"},"action":{"type":"expire"}}]}',
        repositoryPolicyText: policy(
          pull('Organization', { AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': 'o-shop12345', 'aws:SourceVpce': 'vpce-0a1b2c3d4e5f60718' } }),
          pull('Partner', { AWS: 'arn:aws:iam::210987654321:root' }),
          { ...pull('OldBuilds', { AWS: 'arn:aws:iam::222233334444:role/old-ci' }), Action: [...PULL, ...PUSH] },
        ),
      }),
      settings('shop/worker'),
      settings('shop/reports'),
      settings('platform/base', {
        repositoryPolicyText: policy(
          pull('PlatformTeams', { AWS: ['arn:aws:iam::210987654321:root', 'arn:aws:iam::444455556666:root'] }),
          pull('ShopLambda', { Service: 'lambda.amazonaws.com' }, { StringEquals: { 'aws:SourceAccount': ACCOUNT } }),
        ),
      }),
    ],
    imageDetails: all.flatMap(({ imageDetails }) => imageDetails),
    manifestChildren: Object.assign({}, ...all.map(({ manifestChildren }) => manifestChildren)),
  };
}

/** File below examples/ -> its content. */
export function inventories(): Record<string, Inventory> {
  const shop = shopApi();
  return { 'retention/inventory.json': shop, 'gate-native/inventory.json': shop, 'bootstrap-repository/inventory.json': bootstrapAssets(), 'access/inventory.json': accessExample() };
}

/** One image a line: small, and readable in a diff. */
export function inventoryText({ repositories, imageDetails, manifestChildren }: Inventory): string {
  const lines = imageDetails.map((image) => JSON.stringify(image)).join(',\n');
  const children = Object.entries(manifestChildren ?? {}).map(([index, digests]) => `${JSON.stringify(index)}:${JSON.stringify(digests)}`).join(',\n');
  return `{"repositories":${JSON.stringify(repositories)},\n"imageDetails":[\n${lines}\n],\n"manifestChildren":{\n${children}\n}}\n`;
}

if (require.main === module) {
  for (const [file, inventory] of Object.entries(inventories())) {
    writeFileSync(join(__dirname, '..', 'examples', file), inventoryText(inventory));
  }
}
