import { random } from '../scripts/random';
import { ImageDetail, Inventory, PolicyDocument, Rule, Selection } from '../src/lifecycle/model';

/**
 * Three years of a busy repository: branch builds tagged with git hashes, releases with semantic versions and moving tags, most of them
 * multi-architecture with untagged children, signatures, untagged leftovers of moved tags, some archived and some restored images.
 */
export function benchInventory(count: number, now: string): Inventory {
  const next = random(count);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)];
  const hex = (length: number) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('');
  const imageDetails: ImageDetail[] = [];
  const manifestChildren: Record<string, string[]> = {};
  const start = Date.parse(now) - 3 * 365 * 86_400_000;
  const step = (3 * 365 * 86_400_000) / count;
  const iso = (millis: number) => new Date(Math.floor(millis / 1000) * 1000).toISOString().replace('.000Z', 'Z');

  const push = (time: number, tags: readonly string[], more: Partial<ImageDetail> = {}): string => {
    const imageDigest = `sha256:${hex(64)}`;
    const pulled = next() < 0.4 ? { lastRecordedPullTime: iso(time + next() * (Date.parse(now) - time)) } : {};
    imageDetails.push({
      registryId: '123456789012',
      repositoryName: 'shop/checkout',
      imageDigest,
      ...(tags.length > 0 && { imageTags: tags }),
      imageSizeInBytes: 20_000_000 + Math.floor(next() * 400_000_000),
      imagePushedAt: iso(time),
      imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactMediaType: 'application/vnd.oci.image.config.v1+json',
      ...pulled,
      imageStatus: 'ACTIVE',
      ...more,
    } as ImageDetail);
    return imageDigest;
  };
  const pushIndex = (time: number, tags: readonly string[]) => {
    const platforms = 2 + Math.floor(next() * 3);
    const children = Array.from({ length: platforms }, () => push(time, []));
    // What buildx adds: one attestation manifest a platform.
    children.push(...Array.from({ length: next() < 0.3 ? platforms : 0 }, () => push(time, [])));
    const index = push(time, tags, { imageManifestMediaType: 'application/vnd.oci.image.index.v1+json' });
    manifestChildren[index] = children;
    if (next() < 0.15) {
      push(time + 30_000, [], { subjectManifestDigest: index, artifactMediaType: 'application/vnd.cncf.notary.signature' });
    }
  };

  const version = [1, 0, 0];
  while (imageDetails.length < count) {
    const time = start + imageDetails.length * step;
    const kind = next();
    if (kind < 0.25) {
      const part = next();
      if (part < 0.05) {
        version.splice(0, 3, version[0] + 1, 0, 0);
      } else if (part < 0.3) {
        version.splice(1, 2, version[1] + 1, 0);
      } else {
        version[2]++;
      }
      const full = version.join('.');
      pushIndex(time, next() < 0.3 ? [`v${full}-rc.${1 + Math.floor(next() * 4)}`] : [`v${full}`, `release-${full}`, `prod-${iso(time).slice(0, 10)}-${hex(7)}`]);
    } else if (kind < 0.5) {
      push(time, [hex(40)]);
    } else if (kind < 0.8) {
      const branch = pick(['main', 'develop', 'feature-login', 'feature-cart', 'fix-tax', 'renovate-node', 'dependabot-npm']);
      push(time, [`${branch}-${hex(7)}`, `build-${imageDetails.length}`]);
    } else if (kind < 0.9) {
      push(time, [`pr-${Math.floor(next() * 9000)}-${hex(7)}`]);
    } else if (kind < 0.93) {
      push(time, [`v0.${Math.floor(next() * 90)}.${Math.floor(next() * 20)}`], { imageStatus: 'ARCHIVED', lastArchivedAt: iso(time + 40 * 86_400_000) });
    } else if (kind < 0.95) {
      push(time, [`hotfix-${hex(7)}`], { lastArchivedAt: iso(time + 40 * 86_400_000), lastActivatedAt: iso(time + 90 * 86_400_000) });
    } else {
      push(time, []);
    }
  }
  // DescribeImages promises no order.
  for (let i = imageDetails.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [imageDetails[i], imageDetails[j]] = [imageDetails[j], imageDetails[i]];
  }
  return { imageDetails, manifestChildren };
}

/** Fifty rules as a platform team would write them: by environment, branch, version line, and a rest. */
export function benchPolicy(): PolicyDocument {
  const rules: Rule[] = [];
  const rule = (selection: Selection, archive = false) => rules.push({
    rulePriority: (rules.length + 1) * 10,
    selection,
    action: archive ? { type: 'transition', targetStorageClass: 'archive' } : { type: 'expire' },
  });
  const count = (tagPatternList: string[], countNumber: number) => rule({ tagStatus: 'tagged', tagPatternList, countType: 'imageCountMoreThan', countNumber });
  const age = (tagPatternList: string[], days: number, archive = false) =>
    rule({ tagStatus: 'tagged', tagPatternList, countType: 'sinceImagePushed', countUnit: 'days', countNumber: days }, archive);
  count(['latest'], 1);
  count(['prod-*', 'release-*'], 200);
  count(['prod-*'], 100);
  for (let major = 1; major <= 12; major++) {
    count([`v${major}.*`, 'release-*'], 40);
  }
  for (let major = 1; major <= 12; major++) {
    age([`v${major}.*-rc.*`], 60);
  }
  count(['*-rc.*'], 10);
  count(['release-*'], 500);
  for (const branch of ['main', 'develop', 'staging', 'qa']) {
    rule({ tagStatus: 'tagged', tagPrefixList: [`${branch}-`], countType: 'imageCountMoreThan', countNumber: 300 });
  }
  for (const branch of ['feature-', 'fix-', 'renovate-', 'dependabot-', 'pr-', 'hotfix-', 'spike-']) {
    rule({ tagStatus: 'tagged', tagPrefixList: [branch], countType: 'sinceImagePushed', countUnit: 'days', countNumber: 30 });
  }
  for (const hex of '0123456') {
    rule({ tagStatus: 'tagged', tagPatternList: [`${hex}*`], countType: 'sinceImagePushed', countUnit: 'days', countNumber: 90 });
  }
  rule({ tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 });
  rule({ tagStatus: 'any', countType: 'sinceImagePulled', countUnit: 'days', countNumber: 180 }, true);
  rule({ tagStatus: 'any', storageClass: 'archive', countType: 'sinceImageTransitioned', countUnit: 'days', countNumber: 365 });
  return { rules };
}
